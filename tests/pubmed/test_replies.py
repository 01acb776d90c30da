"""Answers told apart by their bodies."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import (
    BadRequest,
    EutilsError,
    HistoryGone,
    RateLimited,
    ReplyTimeout,
    ServiceDown,
    TruncatedReply,
)
from harvester.pubmed.replies import classify, redact

from .stub import KEY, MAIL, article_set, document, error_reply, search_reply

PROLOG = b'<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eSearchResult PUBLIC "a" "b.dtd">\n'
PAGE = b"<!DOCTYPE html>\n<html><head><title>502 Bad\n Gateway</title></head><body>x</body></html>"
WALL = (
    "'retstart' cannot be larger than 9998. For PubMed, ESearch can only retrieve the first 9,999 "
    "records matching the query."
)
WALL_JSON = (
    b'{"header":{"type":"esearch","version":"0.3"},"esearchresult":{"ERROR":"Search Backend '
    b"failed: Exception:\n" + WALL.encode() + b'"}}'
)
NOT_WELL_FORMED = b'{"error":"API key not wellformed","api-key":"X","type":"api-key-fake"}'


def search_error(text: str) -> bytes:
    return error_reply("eSearchResult", text)


def fetch_error(text: str) -> bytes:
    return error_reply("eFetchResult", text)


# What arrives, and what it means: the failures that people who use the service have reported.
ROWS: list[tuple[str, int, bytes, type[EutilsError]]] = [
    ("nothing", 200, b"", TruncatedReply),
    ("white space", 200, b" \n", TruncatedReply),
    ("prolog only", 200, PROLOG, TruncatedReply),
    ("prolog cut", 200, PROLOG[:70], TruncatedReply),
    ("cut root tag", 200, PROLOG + b"<eSearchRe", TruncatedReply),
    ("cut body", 200, search_reply(3, [3, 2, 1])[:-20], TruncatedReply),
    ("cut at a record", 200, article_set(1, 2)[: -len("</PubmedArticleSet>\n")], TruncatedReply),
    ("cut JSON", 200, b'{"header":{"type":"esearch"', TruncatedReply),
    (
        "outage",
        200,
        search_error("Search Backend failed: Database is not supported: pubmed"),
        ServiceDown,
    ),
    (
        "address table",
        200,
        search_error("Couldn't resolve #pmquerysrv-mz, the address table is empty."),
        ServiceDown,
    ),
    (
        "no connection",
        200,
        search_error("Unable to open connection to #PMQuerySrv?dbaf=pubmed"),
        ServiceDown,
    ),
    (
        "end of file",
        200,
        fetch_error("NCBI C++ Exception:\n Error: TXCLIENT --- Read failed: EOF"),
        ServiceDown,
    ),
    (
        "backend timeout",
        200,
        search_error("Search Backend failed: read request has timed out."),
        ReplyTimeout,
    ),
    (
        "viewer timeout",
        400,
        fetch_error(" Error: External viewer error: Empty Response. Status: Timeout"),
        ReplyTimeout,
    ),
    ("summary", 400, fetch_error("Error occurred: cannot get document summary"), ServiceDown),
    ("history", 200, fetch_error("Unable to obtain query #1"), HistoryGone),
    (
        "history data",
        400,
        fetch_error("Cannot retrieve history data. query_key: 1, WebEnv: MCID_0"),
        HistoryGone,
    ),
    ("wall", 200, search_error(f"Search Backend failed: Exception:\n{WALL}"), BadRequest),
    ("wall in JSON", 200, WALL_JSON, BadRequest),
    (
        "wall of history",
        400,
        fetch_error(f"Search backend cannot retrieve history data. Reason: {WALL}"),
        BadRequest,
    ),
    (
        "wall of 2022",
        200,
        search_error("Position 15000 is out of acceptable range [9999,9998]"),
        BadRequest,
    ),
    ("no ids", 400, fetch_error("ID list is empty! Possibly it has no correct IDs."), BadRequest),
    ("empty id", 200, fetch_error("Supplied id parameter is empty."), BadRequest),
    ("no db", 400, b"Mandatory parameter: db - is omitted", BadRequest),
    ("wrong db", 200, search_error("Invalid db name specified: fleegle"), BadRequest),
    (
        "wrong key",
        400,
        json.dumps({"error": "API key invalid", "api-key": KEY}).encode(),
        BadRequest,
    ),
    ("malformed key", 400, NOT_WELL_FORMED, BadRequest),
    (
        "rate",
        429,
        b'{"error":"API rate limit exceeded","api-key":"192.0.2.1","count":"4"}',
        RateLimited,
    ),
    ("rate as 200", 200, b'{"error":"API rate limit exceeded","api-key":"192.0.2.1"}', RateLimited),
    ("rate as a page", 429, PAGE, RateLimited),
    ("rate, empty", 429, b"", RateLimited),
    (
        "gateway",
        500,
        b'{"error":"error forwarding request","api-key":"192.0.2.1","type":"ip"}',
        ServiceDown,
    ),
    ("balancer", 500, b'{"error":"/lbsm/eutils_lb -> Neg"}', ServiceDown),
    (
        "route",
        500,
        b"Unable to route request! service name: /http/service/ratecontrol",
        ServiceDown,
    ),
    ("page", 200, PAGE, ServiceDown),
    ("page 502", 502, PAGE, ServiceDown),
    (
        "page with XML declaration",
        500,
        b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x" "y">\n' + PAGE[16:],
        ServiceDown,
    ),
    ("blocked", 403, PAGE, ServiceDown),
    ("too long", 414, PAGE, BadRequest),
    ("wrong address", 404, PAGE, BadRequest),
    ("other root", 200, document("eLinkResult", "<LinkSet/>"), ServiceDown),
    ("JSON, not XML", 200, b'{"header":{"type":"einfo"},"einforesult":{}}', ServiceDown),
    ("words, not XML", 200, b"Welcome to the hotel", ServiceDown),
    ("good, but 503", 503, search_reply(1, [1]), ServiceDown),
]


@pytest.mark.parametrize(
    ("status", "body", "error"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS]
)
def test_each_failure_has_its_error(status: int, body: bytes, error: type[EutilsError]) -> None:
    root = "PubmedArticleSet" if b"PubmedArticleSet" in body else "eSearchResult"
    found = classify("esearch", status, {}, body, root=root)
    assert type(found) is error
    said = str(found)
    assert said[0].isupper()
    assert said.endswith(".")
    assert said.isprintable()
    assert len(said) < 400
    assert "192.0.2.1" not in said  # the caller's address, given back


def test_ncbis_own_words_are_told() -> None:
    body = search_error("Search Backend failed: Database is not supported: pubmed")
    assert str(classify("esearch", 200, {}, body)) == (
        "PubMed's esearch is failing for now "
        "(Search Backend failed: Database is not supported: pubmed)."
    )
    assert "502 Bad Gateway" in str(classify("esearch", 502, {}, PAGE))


def test_a_bad_key_never_shows() -> None:
    body = json.dumps({"error": f"API key invalid: {KEY}", "api-key": KEY}).encode()
    found = str(classify("esearch", 400, {}, body))
    assert "NCBI_API_KEY" in found
    assert KEY[:8] not in found


def test_a_terminal_is_not_written_to_by_the_answer() -> None:
    body = search_error("a\x1b[2Jb\u202ec")
    assert str(classify("esearch", 200, {}, body)).isprintable()


def test_a_redirect_is_named_and_not_followed() -> None:
    found = classify("esearch", 302, {"Location": "https://login.example.net/?u=1"}, b"")
    assert isinstance(found, ServiceDown)
    assert "login.example.net" in str(found)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": " 7 "}, 7.0),
        (
            {
                "Retry-After": "Wed, 25 Nov 2026 10:00:30 GMT",
                "Date": "Wed, 25 Nov 2026 10:00:00 GMT",
            },
            30.0,
        ),
        (
            {
                "Retry-After": "Wed, 25 Nov 2026 09:00:00 GMT",
                "Date": "Wed, 25 Nov 2026 10:00:00 GMT",
            },
            0.0,
        ),
        ({"Retry-After": "Wed, 25 Nov 2026 10:00:30 GMT"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], wait: float | None) -> None:
    for status, body in ((429, b"{}"), (503, PAGE)):
        found = classify("esearch", status, headers, body)
        assert isinstance(found, ServiceDown)
        assert found.wait == wait


GOOD = [
    article_set(),
    article_set(1, 2, 3),
    article_set(1, title="An &lt;ERROR&gt; in API rate limit exceeded: error, timed out"),
    article_set(1, title="<![CDATA[<ERROR>API key invalid</ERROR>]]>"),
    article_set(1) + b"<!-- served by 7 -->\n",
    b"\xef\xbb\xbf" + article_set(1),
    document("PubmedArticleSet", "").replace(b"></PubmedArticleSet>", b"/>"),
]


@pytest.mark.parametrize("body", GOOD)
def test_no_words_of_a_record_are_an_error(body: bytes) -> None:
    assert classify("efetch", 200, {}, body, root="PubmedArticleSet") is None


def test_an_error_between_records_is_one() -> None:
    body = article_set(1, 2).replace(b"</PubmedArticle><", b"</PubmedArticle><ERROR>down</ERROR><")
    assert isinstance(classify("efetch", 200, {}, body, root="PubmedArticleSet"), ServiceDown)


@given(st.integers(0, len(article_set(11, 12)) - len(b">\n") - 1))
def test_no_beginning_of_an_answer_passes_for_the_whole(length: int) -> None:
    body = article_set(11, 12)[:length]
    assert classify("efetch", 200, {}, body, root="PubmedArticleSet") is not None


@given(st.binary(max_size=400), st.integers(200, 599))
def test_anything_may_come(body: bytes, status: int) -> None:
    found = classify("efetch", status, {}, body, root="PubmedArticleSet")
    assert isinstance(found, EutilsError)
    assert str(found).isprintable()


@given(
    st.text(max_size=60),
    st.text(max_size=60),
    st.sampled_from(["API key invalid", "error", "ERROR", "Search Backend failed"]),
    st.sampled_from(["json", "xml", "html", "text"]),
    st.sampled_from([KEY, KEY.upper(), MAIL, MAIL.replace("@", "%40").replace("+", "%2B")]),
)
def test_no_secret_shows_wherever_it_stands(
    before: str, after: str, word: str, form: str, secret: str
) -> None:
    text = f"{word} {before}{secret}{after}"
    body = {
        "json": json.dumps({"error": text, "api-key": secret}),
        "xml": f"<eSearchResult><ERROR>{text}</ERROR></eSearchResult>",
        "html": f"<html><title>{text}</title></html>",
        "text": text,
    }[form].encode("utf-8", "replace")
    found = str(classify("esearch", 400, {}, body, root="eSearchResult", secrets=(KEY, MAIL)))
    assert secret.casefold() not in found.casefold()


def test_what_looks_like_a_key_is_hidden_even_when_it_is_not_ours() -> None:
    other = "0123456789abcdef0123456789abcdef0000"
    assert redact(f"api_key={other}&db=pubmed, {other}", ()) == (
        "api_key=[redacted]&db=pubmed, [redacted]"
    )
    assert redact("WebEnv MCID_6934533c4c5abba8c303da1d", ()).endswith("da1d")


# -- real answers -----------------------------------------------------------------------------

RECORDED: dict[str, tuple[int, type[EutilsError]]] = {
    "errors/http200_efetch_unable_to_obtain_query.xml": (200, HistoryGone),
    "errors/http200_elink_txclient_eof.xml": (200, ServiceDown),
    "errors/http200_empty_body.txt": (200, TruncatedReply),
    "errors/http200_esearch_backend_timeout.xml": (200, ReplyTimeout),
    "errors/http200_esearch_db_not_supported.xml": (200, ServiceDown),
    "errors/http200_esearch_json_retstart_9999_INVALID_JSON.json": (200, BadRequest),
    "errors/http200_esummary_json_too_many_uids.json": (200, BadRequest),
    "errors/http200_prolog_only.xml": (200, TruncatedReply),
    "errors/http400_api_key_invalid.json": (400, BadRequest),
    "errors/http400_efetch_external_viewer_timeout.xml": (400, ReplyTimeout),
    "errors/http400_efetch_history_retstart_too_large.xml": (400, BadRequest),
    "errors/http400_efetch_no_correct_ids.xml": (400, BadRequest),
    "errors/http400_mandatory_db_omitted.txt": (400, BadRequest),
    "errors/http414_uri_too_large.html": (414, BadRequest),
    "errors/http429_rate_limit.json": (429, RateLimited),
    "errors/http500_error_forwarding_request.json": (500, ServiceDown),
    "errors/http500_www_error_diagnostic.html": (500, ServiceDown),
    "esearch/error_invalid_db_2012.json": (200, BadRequest),
    "esearch/error_invalid_db_2012.xml": (200, BadRequest),
    "einfo/error_2012.json": (200, BadRequest),
    "epost/error_invalid_id.xml": (200, BadRequest),
}


def test_every_recorded_failure_is_told(shared_data: Path) -> None:
    folder = shared_data / "eutils"
    recorded = {f"errors/{path.name}" for path in (folder / "errors").iterdir()}
    assert recorded <= RECORDED.keys()
    for name, (status, error) in RECORDED.items():
        body = (folder / name).read_bytes()
        utility = name.split("_")[1] if name.startswith("errors/") else name.split("/")[0]
        found = classify(utility, status, {}, body)
        assert type(found) is error, name
        assert str(found).endswith("."), name


def test_no_good_recording_is_an_error(shared_data: Path) -> None:
    folder = shared_data / "eutils"
    index = json.loads((folder / "index.json").read_text())
    good = [f for f in index["files"] if f["file"] not in RECORDED and f["utility"] != "web export"]
    assert len(good) > 100
    for entry in good:
        body = (folder / entry["file"]).read_bytes()
        utility = entry["utility"].removesuffix(".fcgi")
        headers = entry["headers"]
        assert classify(utility, 200, headers, body) is None, entry["file"]
        roots = {
            "esearch": "eSearchResult",
            "einfo": "eInfoResult",
            "efetch": "PubmedArticleSet",
        }
        root = roots.get(utility)
        if root and f"<{root}>".encode() in body:
            assert classify(utility, 200, headers, body, root=root) is None, entry["file"]


def test_records_of_all_kinds_are_no_errors(shared_data: Path) -> None:
    body = (shared_data / "pubmed" / "oddities.xml").read_bytes()
    assert classify("efetch", 200, {}, body, root="PubmedArticleSet") is None
