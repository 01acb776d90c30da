"""The loopback HTTP server: threads, headers, chunks, failures and a log of the requests."""

import contextlib
import gzip
import itertools
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from . import replies
from .corpus import Corpus
from .faults import Fault, Plan
from .gateway import Gateway
from .replies import Reply
from .utilities import Params, Service

__all__ = ["EutilsServer", "Request"]

PATH = "/entrez/eutils/"
CHUNK = 16_384
REQUESTS_A_CONNECTION = 40
SECRETS = ("api_key", "email")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as the server saw it; `seconds` since the server started, no secret in it.

    `status` is 0 when the connection was broken without an answer.
    """

    utility: str
    method: str
    params: Mapping[str, str]
    seconds: float
    status: int

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(int(i) for i in self.params.get("id", "").split(",") if i.isdigit())


@dataclass(slots=True, kw_only=True)
class EutilsServer:
    """E-utilities over `corpus` at `url`, while the `with` block runs.

    `rate_limit` is the number of requests a second without a key (NCBI: 3), None for no limit;
    `latency` the seconds that every answer takes. `requests` is the log.
    """

    corpus: Corpus
    port: int = 0
    latency: float = 0.0
    rate_limit: int | None = None
    valid_keys: Collection[str] | None = None
    get_limit: int = 4_000
    history_seconds: float | None = None
    clock: Callable[[], float] = time.monotonic
    requests: list[Request] = field(default_factory=list)
    service: Service = field(init=False)
    gateway: Gateway = field(init=False)
    _plans: list[Plan] = field(default_factory=list, repr=False)
    _http: "_Http" = field(init=False, repr=False)
    _thread: threading.Thread = field(init=False, repr=False)
    _started: float = field(init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _closing: threading.Event = field(default_factory=threading.Event, repr=False)

    def __post_init__(self) -> None:
        self.service = Service(self.corpus, history_seconds=self.history_seconds, clock=self.clock)
        self.gateway = Gateway(
            clock=self.clock,
            rate_limit=self.rate_limit,
            valid_keys=self.valid_keys,
            get_limit=self.get_limit,
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}{PATH}"

    def fail(
        self,
        fault: Fault,
        *,
        utility: str | None = None,
        at: int = 1,
        times: int | None = 1,
        when: Callable[[str, Mapping[str, list[str]]], bool] | None = None,
    ) -> None:
        """Let requests fail from now on: `times` (None: all) of those that fit, from the `at`-th.

        Those fit that go to `utility` and for which `when(utility, params)` is true.
        """
        self._plans.append(Plan(fault=fault, utility=utility, at=at, times=times, when=when))

    def heal(self) -> None:
        """No request fails any more."""
        self._plans.clear()

    def forget(self) -> None:
        """Empty the log of requests."""
        self.requests.clear()

    def __enter__(self) -> Self:
        self._started = self.clock()
        self._closing.clear()
        self._http = _Http(("127.0.0.1", self.port), self)
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.close_connections()
        self._http.server_close()
        self._thread.join()

    # Called by the handlers --------------------------------------------------------------------

    def fault(self, utility: str, params: Params, *, reused: bool) -> Fault:
        with self._lock:
            met = [plan for plan in self._plans if plan.meets(utility, params, reused=reused)]
        return met[0].fault if met else Fault()

    def answer(self, utility: str, params: Params) -> Reply:
        with self._lock:
            return self.service.answer(utility, params)

    def wait(self, seconds: float) -> None:
        """Wait, but not longer than the server runs."""
        if seconds:
            self._closing.wait(seconds)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], owner: EutilsServer) -> None:
        super().__init__(address, _Handler)
        self.owner = owner
        self.connections: set[socket.socket] = set()

    def close_connections(self) -> None:
        """A server that is gone does not answer on connections that were kept alive."""
        for connection in tuple(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    connection: socket.socket
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: no delayed acknowledgement in between
    disable_nagle_algorithm = True
    timeout = 4  # NCBI says Keep-Alive: timeout=4

    def setup(self) -> None:
        super().setup()
        self.carried = 0
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _serve(self, form: bytes) -> None:
        owner = self.server.owner
        arrived = owner.clock() - owner._started
        parts = urlsplit(self.path)
        params = Params(parse_qs(parts.query, keep_blank_values=True))
        for name, values in parse_qs(form.decode(), keep_blank_values=True).items():
            params.setdefault(name, []).extend(values)
        utility = parts.path.removeprefix(PATH).removesuffix(".fcgi")
        fault = owner.fault(utility, params, reused=self.carried > 0)
        self.carried += 1
        if fault.reset:
            self._log(owner, utility, params, arrived, 0)
            self._break()
            return
        reply = fault.reply or self._reply(owner, parts.path, utility, params)
        if fault.alter:
            reply = fault.alter(reply)
        self._log(owner, utility, params, arrived, reply.status)
        owner.wait(owner.latency + fault.wait)
        with contextlib.suppress(OSError):
            self._send(reply, fault)

    def _reply(self, owner: EutilsServer, path: str, utility: str, params: Params) -> Reply:
        gateway = owner.gateway
        self.limit = self.remaining = None
        if not path.startswith(PATH):
            return replies.page(404, "Not Found")
        refusal = gateway.too_long(self.path) if self.command == "GET" else None
        if refusal:
            return refusal
        key = params.one("api_key") if "api_key" in params else None
        refusal = gateway.wrong_key(key)
        if refusal:
            return refusal
        self.limit = gateway.limit(key)
        self.remaining, refusal = gateway.count(key or self.client_address[0], self.limit)
        return refusal or owner.answer(utility, params)

    def _log(
        self, owner: EutilsServer, utility: str, params: Params, seconds: float, status: int
    ) -> None:
        shown = {n: "***" if n in SECRETS else ",".join(values) for n, values in params.items()}
        owner.requests.append(
            Request(
                utility=utility,
                method=self.command,
                params=shown,
                seconds=seconds,
                status=status,
            )
        )

    def _break(self) -> None:
        """Close with a reset, not with a goodbye."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    # The answer on the wire --------------------------------------------------------------------

    def version_string(self) -> str:
        return "Finatra"

    def _send(self, reply: Reply, fault: Fault) -> None:
        end = fault.end(reply.body) if fault.end else None
        packed = "gzip" in self.headers.get("Accept-Encoding", "") and not reply.gateway
        body = _body(reply.body, end=end, packed=packed, clean=fault.clean)
        chunked = self.request_version != "HTTP/1.0"
        self._head(reply, packed=packed, chunked=chunked)
        middle = len(body) // 2 if fault.stall else len(body)
        self._write(body[:middle], chunked=chunked)
        if fault.stall:
            self.wfile.flush()
            self.server.owner.wait(fault.stall)
            self._write(body[middle:], chunked=chunked)
        if end is not None and not fault.clean:
            self.close_connection = True
        elif chunked:
            self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def _head(self, reply: Reply, *, packed: bool, chunked: bool) -> None:
        self.send_response_only(reply.status)
        self.send_header("Date", self.date_time_string())
        self.send_header("Server", "Apache" if reply.gateway else "Finatra")
        self.send_header("Content-Type", reply.type)
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        if not reply.gateway:
            for name, value in self._service_headers().items():
                self.send_header(name, value)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.close or not chunked or self.carried >= REQUESTS_A_CONNECTION:
            self.send_header("Connection", "close")  # which the base class obeys too
        else:
            self.send_header("Connection", "Keep-Alive")
            self.send_header("Keep-Alive", f"timeout={self.timeout}, max={REQUESTS_A_CONNECTION}")
        self.end_headers()

    def _service_headers(self) -> dict[str, str]:
        number = next(_NUMBERS)
        headers = {
            "Cache-Control": "private",
            "NCBI-PHID": f"{number:032X}.1.1.m_1",
            "NCBI-SID": f"{number:016X}_0000SID",
            "Set-Cookie": f"ncbi_sid={number:016X}_0000SID; domain=.nih.gov; path=/",
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "X-RateLimit-Limit,X-RateLimit-Remaining",
        }
        if getattr(self, "limit", None) is not None:
            headers["X-RateLimit-Limit"] = str(self.limit)
            headers["X-RateLimit-Remaining"] = str(self.remaining)
        return headers

    def _write(self, body: bytes, *, chunked: bool) -> None:
        if not chunked:
            self.wfile.write(body)
            return
        for at in range(0, len(body), CHUNK):
            part = body[at : at + CHUNK]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """The log of requests is `EutilsServer.requests`."""


_NUMBERS = itertools.count(1)


def _body(body: bytes, *, end: int | None, packed: bool, clean: bool) -> bytes:
    """The bytes to transfer; a gzip stream that is cut short has no end of its own."""
    if end is not None:
        body = body[:end]
    if not packed:
        return body
    if end is None or clean:
        return gzip.compress(body, 1)
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush(zlib.Z_SYNC_FLUSH)
