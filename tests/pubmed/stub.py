"""A small HTTP server that answers as a test says, also in ways that no server should."""

import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

from harvester.pubmed.eutils import Eutils
from harvester.settings import Settings

__all__ = [
    "FAILURE",
    "KEY",
    "MAIL",
    "OUTAGE",
    "RATE_LIMIT",
    "VIEWER_TIMEOUT",
    "Answer",
    "Call",
    "Clock",
    "Stub",
    "article",
    "article_set",
    "client",
    "info",
    "search_reply",
]

KEY = "c0ffee11" * 4 + "c0ff"
MAIL = "who+asks@example.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request as it came in."""

    number: int
    utility: str
    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]

    @property
    def ids(self) -> list[int]:
        return [int(pmid) for pmid in self.params["id"].split(",")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What to send: `cut` ends the connection after so many bytes, `drop` before the first."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    drop: bool = False
    delay: float = 0.0
    close: bool = False


class Stub:
    """The server, at `url` while the `with` block runs; `answer` decides for each call."""

    def __init__(self, answer: Callable[[Call], Answer]) -> None:
        self.calls: list[Call] = []
        self.connections = 0
        self._lock = threading.Lock()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1
            disable_nagle_algorithm = True
            timeout = 10

            def setup(self) -> None:
                super().setup()
                stub.connections += 1

            def do_GET(self) -> None:
                self._serve({})

            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self._serve(dict(parse_qsl(form.decode(), keep_blank_values=True)))

            def _serve(self, params: Mapping[str, str]) -> None:
                with stub._lock:
                    call = Call(
                        number=len(stub.calls),
                        utility=self.path.rsplit("/", 1)[-1].removesuffix(".fcgi"),
                        method=self.command,
                        path=self.path,
                        params=params,
                        headers=dict(self.headers),
                    )
                    stub.calls.append(call)
                given = answer(call)
                time.sleep(given.delay)
                if given.drop:
                    self._reset()
                    return
                self._send(given)

            def _send(self, given: Answer) -> None:
                body = given.body
                self.send_response(given.status)
                self.send_header("Content-Type", "text/xml; charset=UTF-8")
                self.send_header("Transfer-Encoding", "chunked")
                if "gzip" in self.headers.get("Accept-Encoding", ""):
                    self.send_header("Content-Encoding", "gzip")
                    body = gzip.compress(body, 1)
                for name, value in given.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                sent = body if given.cut is None else body[: given.cut]
                for at in range(0, len(sent), 5_000):
                    part = sent[at : at + 5_000]
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
                if given.cut is not None:
                    self.wfile.flush()
                    self.close_connection = True
                    return
                self.wfile.write(b"0\r\n\r\n")
                self.wfile.flush()
                # Without a word: the client believes that the connection is alive.
                self.close_connection = given.close

            def _reset(self) -> None:
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Tests read `calls`."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._http.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/entrez/eutils/"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
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


class Clock:
    """Time that passes only by sleeping, and the naps that were taken."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.naps: list[float] = []
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds
            if seconds:
                self.naps.append(round(seconds, 3))


def client(
    url: str,
    clock: Clock | None = None,
    *,
    email: str | None = None,
    api_key: str | None = None,
    stop: threading.Event | None = None,
    deadline: float | None = None,
) -> Eutils:
    """A client that never really sleeps, without chance in its waits."""
    clock = clock or Clock()
    return Eutils(
        Settings(eutils_url=url, email=email, api_key=api_key),
        clock=clock,
        sleep=clock.sleep,
        random=lambda: 0.5,
        stop=stop,
        deadline=deadline,
    )


DOCTYPE = '<!DOCTYPE {0} PUBLIC "-//NLM//DTD {0}//EN" "https://eutils.ncbi.nlm.nih.gov/{0}.dtd">'


def document(root: str, inner: str) -> bytes:
    prolog = f'<?xml version="1.0" encoding="UTF-8" ?>\n{DOCTYPE.format(root)}\n'
    return f"{prolog}<{root}>{inner}</{root}>\n".encode()


def article(pmid: int, title: str = "A trial") -> str:
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{pmid}'
        f"</PMID><Article><ArticleTitle>{title}</ArticleTitle></Article></MedlineCitation>"
        "</PubmedArticle>"
    )


def article_set(*pmids: int, title: str = "A trial") -> bytes:
    return document("PubmedArticleSet", "\n" + "".join(article(p, title) for p in pmids))


def search_reply(count: int, ids: list[int], extra: str = "") -> bytes:
    listed = "\n".join(f"<Id>{pmid}</Id>" for pmid in ids)
    inner = (
        f"<Count>{count}</Count><RetMax>{len(ids)}</RetMax><RetStart>0</RetStart>"
        f"<IdList>{listed}</IdList><TranslationSet/>"
        f'<QueryTranslation>"ketamine"[MeSH Terms]</QueryTranslation>{extra}'
    )
    return document("eSearchResult", inner)


def info(build: str = "Build-2026.11.20.06.33") -> bytes:
    inner = (
        f"<DbInfo><DbName>pubmed</DbName><DbBuild>{build}</DbBuild><Count>39730388</Count>"
        "<LastUpdate>2026/11/20 06:33</LastUpdate><FieldList></FieldList></DbInfo>"
    )
    return document("eInfoResult", inner)


def error_reply(root: str, text: str) -> bytes:
    return document(root, f"\n\t<ERROR>{text}</ERROR>\n")


RATE_LIMIT = Answer(
    status=429,
    body=json.dumps(
        {"error": "API rate limit exceeded", "api-key": "192.0.2.1", "count": "4", "limit": "3"}
    ).encode(),
)
VIEWER_TIMEOUT = Answer(
    status=400,
    body=error_reply(
        "eFetchResult",
        " Error: External viewer error: Empty Response. Bytes read: 0 Status: Timeout",
    ),
)
OUTAGE = Answer(
    body=error_reply("eSearchResult", "Search Backend failed: Database is not supported: pubmed")
)
FAILURE = Answer(
    status=502, body=b"<html><head><title>502 Bad Gateway</title></head><body></body></html>"
)
