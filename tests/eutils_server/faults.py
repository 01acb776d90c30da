"""What goes wrong with E-utilities, to be switched on for chosen requests.

    server.fail(replay("http200_prolog_only"), utility="efetch", at=3, times=2)
    server.fail(cut_at_record(7, clean=True), when=lambda utility, params: "7" in params.ids)

`replay` sends a recorded body from ../shared/data/eutils/errors, or, where that folder is missing,
an own body that says the same.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .replies import HTML, JSON, TEXT, WALL, XML, Reply, document, error

__all__ = [
    "RECORDED",
    "Fault",
    "Plan",
    "cut",
    "cut_at_record",
    "cut_in_entity",
    "damage",
    "leave_out",
    "miscount",
    "names",
    "replay",
    "reset",
    "slow",
    "stall",
]

RECORDED = Path(__file__).resolve().parents[2] / "../shared/data/eutils/errors"
PLAIN_JSON = "application/json"
PIECE = re.compile(rb"<(PubmedArticle|PubmedBookArticle)\b.*?</\1>\s*", re.DOTALL)
COUNT = re.compile(rb'(<Count>|"count":")(\d+)')
ENTITY = re.compile(rb"&#?\w+;")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way to fail. All that is not set goes as usual.

    `reply` is sent in place of the answer, `alter` changes the answer. `wait` are seconds before
    the first byte, `stall` seconds of silence in the middle of the body. `end` gives the number of
    bytes of the body after which the connection is closed; with `clean` the transfer ends there as
    if it were whole. `reset` breaks the connection without any answer, `reused` only one that has
    carried a request before.
    """

    reply: Reply | None = None
    alter: Callable[[Reply], Reply] | None = None
    wait: float = 0.0
    stall: float = 0.0
    end: Callable[[bytes], int] | None = None
    clean: bool = False
    reset: bool = False
    reused: bool = False


@dataclass(slots=True, kw_only=True)
class Plan:
    """A fault and the requests it is meant for: `times` of those that fit, from the `at`-th."""

    fault: Fault
    utility: str | None = None
    at: int = 1
    times: int | None = 1
    when: Callable[[str, Mapping[str, list[str]]], bool] | None = None
    seen: int = 0

    def meets(self, utility: str, params: Mapping[str, list[str]], *, reused: bool) -> bool:
        """Whether this request fails; counts it when it is one of those that fit."""
        fits = (
            self.utility in (None, utility)
            and (self.when is None or self.when(utility, params))
            and (reused or not self.fault.reused)
        )
        self.seen += fits
        if not fits or self.seen < self.at:
            return False
        return self.times is None or self.seen < self.at + self.times


def _html(title: str, text: str = "") -> bytes:
    return (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>"
    ).encode()


def _error(root: str, text: str) -> bytes:
    return error(root, text).body


_KEY = "0123456789abcdef0123456789abcdef0000"
# By the names of the recorded files; those without a file follow after the empty line.
BODIES: dict[str, tuple[str, bytes]] = {
    "http200_efetch_unable_to_obtain_query": (
        XML,
        _error("eFetchResult", "Unable to obtain query #1"),
    ),
    "http200_elink_txclient_eof": (
        XML,
        _error("eLinkResult", "NCBI C++ Exception: Error: TXCLIENT --- Read failed: EOF"),
    ),
    "http200_empty_body": (TEXT, b""),
    "http200_esearch_backend_timeout": (
        XML,
        _error("eSearchResult", "Search Backend failed: read request has timed out. peer: x:7011"),
    ),
    "http200_esearch_db_not_supported": (
        XML,
        _error("eSearchResult", "Search Backend failed: Database is not supported: pubmed"),
    ),
    "http200_esearch_json_retstart_9999_INVALID_JSON": (
        JSON,
        (
            '{"header":{"type":"esearch","version":"0.3"},"esearchresult":'
            f'{{"ERROR":"Search Backend failed: Exception:\n{WALL}"}}}}\n'
        ).encode(),
    ),
    "http200_esummary_json_too_many_uids": (
        JSON,
        b'{"header":{"type":"esummary","version":"0.3"},"error":"Too many UIDs in request. '
        b'Maximum number of UIDs is 500 for JSON format output."}',
    ),
    "http200_prolog_only": (XML, document("eFetchResult", "").partition(b"<eFetchResult>")[0]),
    "http400_api_key_invalid": (
        PLAIN_JSON,
        f'{{"error":"API key invalid","api-key":"{_KEY}","type":"invalid",\n'
        '"status":"unknown"}'.encode(),
    ),
    "http400_efetch_external_viewer_timeout": (
        XML,
        _error(
            "eFetchResult",
            " Error: External viewer error: Empty Response. Bytes read: 0 Status: Timeout",
        ),
    ),
    "http400_efetch_history_retstart_too_large": (
        XML,
        _error(
            "eFetchResult",
            f"Search backend cannot retrieve history data. Reason: Exception: {WALL}",
        ),
    ),
    "http400_efetch_no_correct_ids": (
        XML,
        _error("eFetchResult", "ID list is empty! Possibly it has no correct IDs."),
    ),
    "http400_mandatory_db_omitted": (TEXT, b"Mandatory parameter: db - is omitted"),
    "http414_uri_too_large": (HTML, _html("Submitted URI too large!", "Error 414")),
    "http429_rate_limit": (
        PLAIN_JSON,
        b'{"error":"API rate limit exceeded","api-key":"127.0.0.1","count":"4","limit":"3"}',
    ),
    "http500_error_forwarding_request": (
        PLAIN_JSON,
        b'{"error":"error forwarding request","api-key":"127.0.0.1","type":"ip",\n"status":"ok"}',
    ),
    "http500_www_error_diagnostic": (
        HTML,
        b'<?xml version="1.0" encoding="iso-8859-1" standalone="yes"?>\n'
        + _html("NCBI/eutils - WWW Error 500 Diagnostic", "Your request could not be processed"),
    ),
    "": (TEXT, b""),
    "http200_rate_limit": (
        PLAIN_JSON,
        b'{"error":"API rate limit exceeded","api-key":"127.0.0.1","count":"4","limit":"3"}',
    ),
    "http200_esearch_address_table_empty": (
        XML,
        _error(
            "eSearchResult",
            "Search Backend failed: Couldn't resolve #pmquerysrv-mz?dbaf=pubmed, "
            "the address table is empty",
        ),
    ),
    "http200_esearch_no_connection": (
        XML,
        _error(
            "eSearchResult",
            "Search Backend failed: Unable to open connection to #PMQuerySrv?dbaf=pubmed",
        ),
    ),
    "http200_efetch_cannot_retrieve_history": (
        XML,
        _error(
            "eFetchResult",
            "Cannot retrieve history data. query_key: 1, WebEnv: MCID_1, retstart: 0, retmax: 500",
        ),
    ),
    "http200_html_page": (HTML, _html("NCBI - Blocked", "Your access is blocked for a while.")),
    "http400_cannot_get_document_summary": (
        XML,
        _error("eSummaryResult", "Error occurred: cannot get document summary"),
    ),
    "http400_api_key_not_wellformed": (
        PLAIN_JSON,
        b'{"error":"API key not wellformed","api-key":"ABC","type":"api-key-fake",\n'
        b'"status":"unknown"}',
    ),
    "http500_unable_to_route": (
        TEXT,
        b"Unable to route request! service name: /http/service/ratecontrol",
    ),
    "http502_bad_gateway": (HTML, _html("502 Bad Gateway")),
    "http503_unavailable": (HTML, _html("503 Service Temporarily Unavailable")),
    "http504_timeout": (HTML, _html("504 Gateway Time-out")),
}
del BODIES[""]


def names() -> tuple[str, ...]:
    """All that `replay` knows."""
    return tuple(BODIES)


def replay(name: str, *, recorded: bool = True) -> Fault:
    """Send a failure by its name, `http<status>_...`, as it was recorded if the record is here."""
    content_type, body = BODIES[name]
    status = int(name[4:7])
    found = next(RECORDED.glob(f"{name}.*"), None) if recorded and RECORDED.is_dir() else None
    return Fault(
        reply=Reply(
            body=found.read_bytes() if found else body,
            type=content_type,
            status=status,
            headers={"Retry-After": "2"} if status == 429 else {},
            gateway=content_type == HTML,
            close=status >= 400,
        )
    )


def slow(seconds: float) -> Fault:
    """The first byte comes late."""
    return Fault(wait=seconds)


def stall(seconds: float) -> Fault:
    """Half of the body, then silence, then the rest."""
    return Fault(stall=seconds)


def cut(after: int, *, clean: bool = False) -> Fault:
    """Nothing comes after so many bytes of the body."""
    return Fault(end=lambda body: min(after, len(body)), clean=clean)


def cut_at_record(number: int, *, clean: bool = False) -> Fault:
    """The body ends between two records, after `number` whole ones."""

    def end(body: bytes) -> int:
        pieces = list(PIECE.finditer(body))[:number]
        return pieces[-1].end() if pieces else len(body) // 2

    return Fault(end=end, clean=clean)


def cut_in_entity(*, clean: bool = False) -> Fault:
    """The body ends inside a character reference, such as `&#x20`; in the middle without one."""

    def end(body: bytes) -> int:
        entities = list(ENTITY.finditer(body))
        return entities[len(entities) // 2].end() - 1 if entities else len(body) // 2

    return Fault(end=end, clean=clean)


def reset(*, reused: bool = False) -> Fault:
    """The connection breaks without an answer; with `reused`, one that was kept alive."""
    return Fault(reset=True, reused=reused)


def miscount(by: int = 1) -> Fault:
    """esearch's Count differs from what it delivers."""

    def alter(reply: Reply) -> Reply:
        body = COUNT.sub(lambda found: found[1] + b"%d" % (int(found[2]) + by), reply.body, count=1)
        return reply.with_body(body)

    return Fault(alter=alter)


def _pieces(change: Callable[[bytes], bytes], pmids: tuple[int, ...]) -> Fault:
    marks = [re.compile(rb"<PMID\b[^>]*>%d</PMID>" % pmid) for pmid in pmids]

    def one(piece: re.Match[bytes]) -> bytes:
        first = re.search(rb"<PMID\b[^>]*>\d+</PMID>", piece[0])
        meant = first is not None and any(mark.fullmatch(first[0]) for mark in marks)
        return change(piece[0]) if meant else piece[0]

    return Fault(alter=lambda reply: reply.with_body(PIECE.sub(one, reply.body)))


def leave_out(*pmids: int) -> Fault:
    """efetch delivers all but these, without a word."""
    return _pieces(lambda _piece: b"", pmids)


def damage(*pmids: int) -> Fault:
    """These records come malformed: a tag is never closed."""
    return _pieces(lambda piece: piece.replace(b"</ArticleTitle>", b"", 1), pmids)
