"""No address, header or parameter that a visitor can make up is an error of ours."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlencode

import pytest
from datasette.app import Datasette
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from harvester.site.facets import FACETS
from tests.site import hostile, shelf, stacks
from tests.site.conftest import serve

FIRST = stacks.FIRST
# Small numbers of examples keep the suite quick; `--hypothesis-profile=search` looks for more.
FUZZ = settings(suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Datasette:
    library: Path = tmp_path_factory.mktemp("addresses") / "literature.db"
    stacks.make_library(library)
    shelf.add_records(library)
    return serve(library)


Answer = tuple[int, dict[bytes, bytes], bytes]


def ask(
    site: Datasette,
    path: bytes,
    query: bytes = b"",
    headers: Iterable[tuple[bytes, bytes]] = (),
    method: str = "GET",
) -> Answer:
    """Send exactly these bytes, as a server passes them on: no client makes them better."""
    start: dict[str, Any] = {}
    body: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            body.append(message.get("body", b""))

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path.decode("latin-1")),
        "raw_path": path,
        "query_string": query,
        "headers": [(b"host", b"localhost"), *headers],
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
    }

    async def run() -> None:
        await site.app()(scope, receive, send)

    asyncio.run(run())
    return start["status"], dict(start["headers"]), b"".join(body)


NASTY = st.sampled_from(
    [
        *(
            "",
            "0",
            "-1",
            "1",
            "00",
            "1e9",
            "9" * 20,
            "9" * 400,
            "٣",
            "１２",
            "²",
            "1.5",
            "NaN",
            "null",
        ),
        *(
            "%",
            "%%",
            "%zz",
            "\x00",
            "\n",
            "\r\nx: y",
            "\t",
            " ",
            "+",
            "'",
            '"',
            "`",
            "\\",
            "*",
            "(",
            "[",
        ),
        *(
            "../",
            "..;/",
            "..\\",
            "/",
            "//",
            "~",
            "~2F",
            "~7E7E",
            ".",
            "..",
            ";",
            "?",
            "#",
            "&",
            "=",
            "|",
        ),
        *(
            "<script>",
            "{}",
            "[]",
            "{",
            '{"table": "raw_records"}',
            "[[",
            "None",
            "True",
            "undefined",
        ),
        *("\ud800", "\udfff", "\U0010ffff", "\u202e", "\ufeff", "é", "e\u0301", "日本", "😀"),
        *("a" * 3_000, "a OR " * 300, "(" * 500, '"' * 501, "-" * 500, "a* " * 60, "NEAR(a b)"),
        *(
            "title:",
            "pmid:",
            "pmid:x",
            "doi:10.5555/%",
            "author:-",
            "- -",
            "OR OR",
            "mesh:(",
            ":",
            "a:b:c",
        ),
        *(
            "rowid",
            "abstract",
            "pmid",
            "sqlite_master",
            "articles_fts",
            "raw_records",
            "settings",
            "1 or 1",
        ),
        *hostile.PAYLOADS[:12],
    ]
)
TEXT = NASTY | st.text(max_size=60)
ENCODED = TEXT.map(lambda text: quote(text.encode("utf-8", "surrogatepass"), safe=""))
RAW = st.binary(max_size=40).map(lambda raw: bytes(b for b in raw if b > 32))

WORDS = ["search", "article", "author", "journal", "mesh", "substance", "trial", "changes", "about"]
WORDS += ["methods", "static", "literature", "articles", "runs", "-", "health.json", "search.json"]
WORDS += [str(FIRST), f"{FIRST}.json", f"{FIRST}.xml", "D007649", "main-point", *FACETS]
SEGMENT = st.sampled_from(WORDS) | ENCODED
PATHS = st.lists(SEGMENT, max_size=5).map(lambda parts: ("/" + "/".join(parts)).encode()) | RAW.map(
    lambda raw: b"/" + raw
)


@FUZZ
@given(path=PATHS, query=st.just(b"") | RAW)
@example(path=b"/article/" + b"9" * 5_000, query=b"")
@example(path="/article/٣".encode(), query=b"")
@example(path=b"/article/%D9%A3", query=b"")
@example(path=b"/article/1%00", query=b"")
@example(path=b"//", query=b"")
@example(path=b"/..;/", query=b"")
@example(path=b"/%2e%2e/%2e%2e/etc/passwd", query=b"")
@example(path=b"/static/0/..%2f..%2fplugin.py", query=b"")
@example(path=b"/?\x80", query=b"")
@example(path=b"/\xff\xfe", query=b"\xff=\xfe&%ff=%fe")
@example(path=b"/" + b"a" * 60_000, query=b"a" * 60_000)
@example(path=b"/search/" + b"%41" * 500, query=b"")
def test_no_path_is_an_error_of_ours(site: Datasette, path: bytes, query: bytes) -> None:
    status, headers, _ = ask(site, path, query)
    assert status < 500
    assert headers[b"x-content-type-options"] == b"nosniff"
    location = headers.get(b"location", b"/")
    assert location.startswith(b"/")
    assert not location.startswith((b"//", b"/\\")), "another site"


NAMES = ["q", "exact", "sort", "from", "to", "page", "find", "kind", "since", "day", "topic", "x"]
NAMES += list(FACETS)
OURS = ["/", "/search", "/search.json", "/search/mesh", "/changes", "/changes.atom", "/methods"]
OURS += ["/about", f"/article/{FIRST}", "/mesh/D007649", "/author/Quill_A", "/sitemap.xml"]


@FUZZ
@given(
    path=st.sampled_from(OURS),
    given_=st.lists(st.tuples(st.sampled_from(NAMES), TEXT), max_size=6),
)
@example(path="/search", given_=[("page", "9" * 20)])
@example(path="/search.json", given_=[("from", "9999"), ("to", "-1"), ("page", "٣")])
@example(path="/search", given_=[("mesh", "x")] * 900)
def test_no_parameter_is_an_error_of_ours(
    site: Datasette, path: str, given_: list[tuple[str, str]]
) -> None:
    query = urlencode(given_, errors="surrogatepass").encode()
    status, headers, body = ask(site, path.encode(), query)
    assert status in (200, 302), body[:300]
    # A PMID, a DOI or a trial alone leads to its page here.
    assert headers.get(b"location", b"/").startswith(b"/")


STOCK_NAMES = [
    "_search",
    "_searchmode",
    "_sort",
    "_sort_desc",
    "_sort_by",
    "_next",
    "_size",
    "_where",
]
STOCK_NAMES += ["_facet", "_facet_array", "_facet_date", "_facet_size", "_through", "_fts_table"]
STOCK_NAMES += ["_fts_pk", "_col", "_nocol", "_shape", "_ttl", "_timelimit", "_labels", "_label"]
STOCK_NAMES += ["_stream", "_header", "_json", "_json_infinity", "_trace", "_format", "_extras"]
STOCK_NAMES += [
    "_blob_column",
    "_blob_hash",
    "_nofacet",
    "_nocount",
    "_nosuggest",
    "sql",
    "_filter_op",
]
STOCK_NAMES += [
    "_filter_column",
    "_filter_value",
    "_search_title",
    "_extra",
    "_dl",
    "_sort_by_desc",
]
STOCK_NAMES += [
    "pmid",
    "pmid__gt",
    "pmid__in",
    "title__glob",
    "title__like",
    "year__date",
    "pmid__x",
]
STOCK_NAMES += ["authors__arraycontains", "title__isnull", "title__contains", "nothing", "__exact"]
STOCK = ["/literature", "/literature/articles", f"/literature/articles/{FIRST}", "/literature/runs"]
STOCK += ["/literature/article_mesh", "/literature/nothing", "/"]


@FUZZ
@given(
    path=st.sampled_from(STOCK),
    form=st.sampled_from(["", ".json", ".csv", ".blob", ".jsono", ".db"]),
    given_=st.lists(st.tuples(st.sampled_from(STOCK_NAMES), TEXT), max_size=4),
)
@example(path="/literature/articles", form="", given_=[("_through", "{}")])
@example(path="/literature/articles", form=".json", given_=[("_timelimit", "x")])
@example(path="/literature/articles", form=".json", given_=[("_facet_size", "x")])
@example(path="/literature/articles", form=".csv", given_=[("_stream", "on"), ("_next", "x")])
def test_no_parameter_of_a_stock_page_is_an_error_of_ours(
    site: Datasette, path: str, form: str, given_: list[tuple[str, str]]
) -> None:
    query = urlencode(given_, errors="surrogatepass").encode()
    status, _, body = ask(site, f"{path}{form}".encode(), query)
    assert status < 500, body[:300]


HEADERS = [
    "accept",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cookie",
    "content-type",
]
HEADERS += ["content-length", "expect", "if-modified-since", "if-none-match", "if-match", "origin"]
HEADERS += ["range", "referer", "transfer-encoding", "upgrade", "user-agent", "x-forwarded-for"]
HEADERS += ["x-forwarded-host", "x-forwarded-proto", "x-http-method-override", "host", "te", "via"]


@FUZZ
@given(
    path=st.sampled_from(["/", "/search?q=a", "/search.json", f"/article/{FIRST}", "/literature"]),
    given_=st.lists(
        st.tuples(
            st.sampled_from(HEADERS),
            st.binary(max_size=60)
            | st.sampled_from([b"*", b"W/", b'"', b"," * 5_000, b"a" * 9_000, b"ds_actor=x; y"]),
        ),
        max_size=4,
    ),
)
@example(path="/", given_=[("cookie", b'ds_actor="x"; ds_messages=y')])
@example(path="/", given_=[("authorization", b"Bearer dstok_x")])
@example(path="/search?q=a", given_=[("if-none-match", b'W/"\xff"')])
@example(path="/", given_=[("host", b"\xff")])
def test_no_header_is_an_error_of_ours(
    site: Datasette, path: str, given_: list[tuple[str, bytes]]
) -> None:
    place, _, query = path.partition("?")
    headers = [(name.encode(), value) for name, value in given_]
    status, _, body = ask(site, place.encode(), query.encode(), headers)
    assert status < 500, body[:300]


@pytest.mark.parametrize("number", ["٣", "１２３", "²", "1" * 20, "-1", "+1", "1.0", "0x1", "1_0"])
def test_only_digits_make_a_pmid(site: Datasette, number: str) -> None:
    for form in ("", ".json", ".xml"):
        assert ask(site, f"/article/{quote_plus(number)}{form}".encode())[0] in (302, 404)


@pytest.mark.parametrize(
    "target",
    [
        "//elsewhere.example",
        "/\\elsewhere.example",
        "/%2f%2felsewhere.example",
        "///elsewhere.example/",
    ],
)
def test_no_address_leads_to_another_site(site: Datasette, target: str) -> None:
    for path in (target, f"{target}/", f"{target}/%2e%2e", f"/search{target}"):
        _, headers, _ = ask(site, path.encode())
        assert not headers.get(b"location", b"/x").startswith((b"//", b"/\\", b"http"))
