"""The loopback HTTP server: threads, headers, chunks, limits and a log of the requests."""

import gzip
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from .corpus import Corpus
from .replies import Reply
from .utilities import Params, Service

__all__ = ["EutilsServer", "Request"]

PATH = "/entrez/eutils/"
CHUNK = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as the server saw it; `seconds` since the server started; no secret is kept."""

    utility: str
    method: str
    params: Mapping[str, str]
    seconds: float
    status: int


@dataclass(slots=True, kw_only=True)
class EutilsServer:
    """E-utilities over `corpus` at `url`, while the `with` block runs."""

    corpus: Corpus
    port: int = 0
    latency: float = 0.0
    requests: list[Request] = field(default_factory=list)
    service: Service = field(init=False)
    _http: ThreadingHTTPServer = field(init=False, repr=False)
    _thread: threading.Thread = field(init=False, repr=False)
    _started: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.service = Service(self.corpus)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}{PATH}"

    def __enter__(self) -> "EutilsServer":
        owner = self

        class BoundHandler(Handler):
            server_of = owner

        self._started = time.monotonic()
        self._http = ThreadingHTTPServer(("127.0.0.1", self.port), BoundHandler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class Handler(BaseHTTPRequestHandler):
    server_of: EutilsServer
    protocol_version = "HTTP/1.1"
    server_version = "Finatra"
    sys_version = ""
    wbufsize = -1  # one packet for head and body: no delayed acknowledgement in between
    disable_nagle_algorithm = True
    timeout = 4  # NCBI says Keep-Alive: timeout=4

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _serve(self, form: bytes) -> None:
        owner = self.server_of
        seconds = time.monotonic() - owner._started
        parts = urlsplit(self.path)
        params = Params(parse_qs(parts.query, keep_blank_values=True))
        for name, values in parse_qs(form.decode(), keep_blank_values=True).items():
            params.setdefault(name, []).extend(values)
        utility = parts.path.removeprefix(PATH).removesuffix(".fcgi")
        reply = owner.service.answer(utility, params)
        logged = {
            name: "***" if name in ("api_key", "email") else ",".join(values)
            for name, values in params.items()
        }
        owner.requests.append(
            Request(
                utility=utility,
                method=self.command,
                params=logged,
                seconds=seconds,
                status=reply.status,
            )
        )
        if owner.latency:
            time.sleep(owner.latency)
        self._send(reply)

    def _send(self, reply: Reply) -> None:
        body = reply.body
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.type)
        self.send_header("Transfer-Encoding", "chunked")
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 1)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Cache-Control", "private")
        self.send_header("Keep-Alive", "timeout=4, max=40")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        for at in range(0, len(body), CHUNK):
            part = body[at : at + CHUNK]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """The log of requests is `EutilsServer.requests`."""
