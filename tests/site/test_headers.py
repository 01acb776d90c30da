"""The headers of every kind of answer: safety, caches, other sites, crawlers."""

import re
import shutil
import sqlite3
import time
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import httpx
import pytest

from harvester.serve import SETTINGS
from harvester.site.security import host_is_one, is_data, secured
from harvester.site.sitemap import sitemap, sitemap_part
from tests.site import shelf, stacks
from tests.site.conftest import Get, getter, serve
from tests.site.crawl import Document, crawl, kind_of, log_searches

FIRST = stacks.FIRST
DATA = ("/search.json", f"/article/{FIRST}.json", f"/article/{shelf.PLAIN}.xml", "/openapi.json")
PAGES = ("/", "/search", f"/article/{FIRST}", "/about", "/search/mesh")
ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    library: Path = tmp_path_factory.mktemp("headers") / "literature.db"
    stacks.make_library(library)
    shelf.add_records(library)
    log_searches(library)
    return library


@pytest.fixture(scope="module")
def ask(both: Path) -> Get:
    """As `harvester serve` serves it."""
    settings = {name: {"off": False, "on": True}.get(v, v) for name, v in SETTINGS.items()}
    numbers = {name: int(v) if str(v).isdigit() else v for name, v in settings.items()}
    return getter(serve(both, settings={**numbers, "default_allow_sql": False}))


@pytest.fixture(scope="module")
def seen(ask: Get) -> dict[str, httpx.Response]:
    """A few of each kind of page, and of what is linked from there."""
    return crawl(ask, ["/", "/search", f"/article/{shelf.PLAIN}", "/nothing"], of_a_kind=4)


def assert_safe(answer: httpx.Response, path: str) -> None:
    for name, value in ALWAYS.items():
        assert answer.headers.get_list(name) == [value], (path, name)
    (policy,) = answer.headers.get_list("content-security-policy")
    assert "default-src 'none'" in policy, path
    assert "camera=()" in answer.headers["permissions-policy"], path


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/search", 200),
        ("OPTIONS", "/search", 204),
        ("OPTIONS", "/search.json", 204),
        ("POST", "/search", 405),
        ("GET", "/nothing", 404),
        ("GET", "/article/1.json", 404),
        ("HEAD", "/article/1", 404),
        ("GET", "/-/threads", 404),
        ("GET", "/literature/articles?_sort=x", 400),
        ("GET", "/literature/settings", 403),
        ("GET", f"/search?q={FIRST}", 302),
        ("GET", "/about/", 302),
        ("GET", "/search%2e", 302),
        ("GET", "/static/000000000000/site.css", 200),
        ("GET", "/-/static/app.css", 200),
        ("GET", "/health.json", 200),
        ("GET", "/robots.txt", 200),
        ("GET", "/sitemap.xml", 200),
        ("GET", "/sitemap-9.xml", 404),
        ("GET", f"/article/{shelf.PLAIN}.txt", 404),
        ("GET", "/literature/articles.csv?_stream=on", 200),
        ("GET", f"/literature/articles/{FIRST}.json", 200),
    ],
)
def test_every_kind_of_answer_is_safe(ask: Get, method: str, path: str, status: int) -> None:
    answer = ask(path, method=method)
    assert answer.status_code == status
    assert_safe(answer, path)
    if not path.startswith(("/literature", "/-/static")):
        assert "unsafe" not in answer.headers["content-security-policy"]
    if method == "HEAD":
        assert answer.content == b""


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("literature-2026-11-25.2", "/literature-2026-11-25~2E2"),
        ("my lib.v2", "/my+lib~2Ev2"),
        ("search", "/search-tables"),
        ("journal", "/journal-tables"),
        ("article", "/article"),
        ("static", "/static"),
    ],
)
def test_a_library_may_have_any_name(library: Path, tmp_path: Path, name: str, data: str) -> None:
    path = shutil.copy(library, tmp_path / f"{name}.db")
    get = getter(serve(Path(path)))
    for ours in ("/", "/search?q=ketamine", f"/article/{FIRST}", "/search.json", "/search/mesh"):
        answer = get(ours)
        assert answer.status_code == 200
        assert "unsafe" not in answer.headers["content-security-policy"], ours
    table = get(f"{data}/articles")
    assert table.status_code == 200
    assert "unsafe-inline" in table.headers["content-security-policy"]
    linked = {attributes.get("href") for _, attributes in Document(get("/about").text).elements}
    assert data in linked
    assert get(data).status_code == 200


def test_an_error_inside_is_safe_too(both: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("harvester.site.views.search.search_json", broken)
    answer = getter(serve(both))("/search.json")
    assert answer.status_code == 500
    assert_safe(answer, "/search.json")
    assert answer.headers["access-control-allow-origin"] == "*"


def test_every_page_that_links_lead_to_is_safe(seen: dict[str, httpx.Response]) -> None:
    assert len(seen) > 30
    for address, answer in seen.items():
        assert_safe(answer, address)
        assert "unsafe" not in answer.headers["content-security-policy"], address
        assert "set-cookie" not in answer.headers, address


def test_every_page_of_ours_needs_no_exception_from_the_policy(
    seen: dict[str, httpx.Response],
) -> None:
    for address, answer in seen.items():
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        for name, attributes in Document(answer.text).elements:
            assert name not in {"script", "style", "iframe", "object", "embed", "base"}, address
            assert not [a for a in attributes if a.startswith("on") or a == "style"], address
            loaded = attributes.get("src") or (
                attributes.get("href", "") if attributes.get("rel") == "stylesheet" else ""
            )
            assert not urlsplit(loaded).netloc, address


def test_every_page_is_sent_once(ask: Get, seen: dict[str, httpx.Response]) -> None:
    """While nothing has changed, an answer with an ETag is not sent again."""
    without = set()
    for address, first in seen.items():
        if first.status_code != 200:
            assert "etag" not in first.headers
            continue
        if "etag" not in first.headers:
            without.add(kind_of(address))
            continue
        again = ask(address, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), address
        assert_safe(again, address)
        assert "content-type" not in again.headers, address
        for name in ("etag", "cache-control", "content-security-policy", "vary"):
            assert again.headers[name] == first.headers[name], (address, name)
    assert not [kind for kind in without if not kind.startswith("/static/")]


def test_errors_are_not_kept(ask: Get) -> None:
    for path in ("/nothing", "/article/1", "/article/1.json", "/literature/settings", "/-/x"):
        assert ask(path).headers["cache-control"] == "no-store", path
    assert ask("/search", method="POST").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", DATA)
def test_scripts_of_other_sites_may_read_data(ask: Get, path: str) -> None:
    origin = {"origin": "https://elsewhere.example"}
    answer = ask(path, headers=origin)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "ETag" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in answer.headers
    again = ask(path, headers={**origin, "if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert again.headers["access-control-allow-origin"] == "*"
    may = ask(
        path,
        method="OPTIONS",
        headers={
            **origin,
            "access-control-request-method": "GET",
            "access-control-request-headers": "if-none-match",
        },
    )
    assert may.status_code == 204
    assert "GET" in may.headers["access-control-allow-methods"]
    assert "If-None-Match" in may.headers["access-control-allow-headers"]
    assert "POST" not in may.headers["access-control-allow-methods"]


@pytest.mark.parametrize("path", [*PAGES, "/literature", "/literature/articles", "/nothing"])
def test_scripts_of_other_sites_may_not_read_pages(ask: Get, path: str) -> None:
    for method in ("GET", "OPTIONS"):
        headers = ask(path, method=method, headers={"origin": "https://elsewhere.example"}).headers
        assert not [name for name in headers if name.startswith("access-control-")]


@pytest.mark.parametrize("path", ["/search", "/search.json", "/literature", "/literature/articles"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_nothing_can_be_sent(ask: Get, method: str, path: str) -> None:
    answer = ask(path, method=method)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    if path.endswith(".json"):
        assert answer.json()["status"] == 405


@pytest.mark.parametrize(
    ("host", "one"),
    [
        ("library.example", True),
        ("library.example:8001", True),
        ("127.0.0.1:8001", True),
        ("[::1]:8001", True),
        ("under_score.example", True),
        ("", True),
        ("[::1", False),
        ("a b", False),
        ('x"><script>alert(1)</script>', False),
        ("x/y", False),
        ("x?y", False),
        ("user@x", False),
        ("x:port", False),
        ("x:123456", False),
        ("x" * 300, False),
    ],
)
def test_addresses_are_made_with_hosts_only(ask: Get, host: str, one: bool) -> None:
    assert host_is_one(host) == one
    for path in ("/about", f"/article/{FIRST}", "/sitemap.xml", "/robots.txt", "/openapi.json"):
        answer = ask(path, headers={"host": host})
        assert answer.status_code == (200 if one else 400), path
        if not one:
            assert host not in answer.text


def test_a_proxys_host_is_not_taken_from_elsewhere(ask: Get) -> None:
    for name in ("x-forwarded-host", "x-original-url", "x-rewrite-url", "forwarded"):
        answer = ask(f"/article/{FIRST}", headers={name: "elsewhere.example"})
        assert "elsewhere.example" not in answer.text


def test_a_view_may_ask_for_more_than_the_usual_policy() -> None:
    asked = [(b"Content-Security-Policy", b"sandbox"), (b"Vary", b"a"), (b"Vary", b"b")]
    ours = secured(asked, path="/x", stock=False)
    assert (b"content-security-policy", b"sandbox") in ours
    assert [value for name, value in ours if name == b"vary"] == [b"a", b"b"]
    assert (b"content-security-policy", b"sandbox") not in secured(asked, path="/x", stock=True)


def test_what_is_data() -> None:
    assert is_data("/search.json")
    assert is_data("/changes.atom")
    assert is_data("/any", "application/json; charset=utf-8")
    assert not is_data("/search")
    assert not is_data("/search.jsonx")
    assert not is_data("/any", "text/html")


# Crawlers


def test_search_engines_list_pages_and_not_their_data(ask: Get) -> None:
    for path in (*DATA, "/literature/articles.json"):
        assert ask(path).headers["x-robots-tag"] == "noindex", path
    for path in PAGES:
        assert "x-robots-tag" not in ask(path).headers, path


def allowed(rules: list[str], address: str) -> bool:
    """As RFC 9309 has it: a star is anything, a dollar the end; there is no Allow here."""
    patterns = (re.escape(rule).replace(r"\*", ".*").replace(r"\$", "$") for rule in rules)
    return not any(re.match(pattern, address) for pattern in patterns)


def test_a_crawler_that_obeys_finds_every_article_and_no_maze(ask: Get) -> None:
    lines = ask("/robots.txt").text.splitlines()
    rules = [line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow")]
    (named,) = [line.removeprefix("Sitemap: ") for line in lines if line.startswith("Sitemap")]
    listed = re.findall("<loc>http://localhost(.*?)</loc>", ask(urlsplit(named).path).text)
    assert all(allowed(rules, address) for address in listed)
    waiting, found = ["/", *listed], set()
    while waiting:
        address = waiting.pop()
        if address in found:
            continue
        found.add(address)
        assert len(found) < 1500, "a maze"
        answer = ask(address)
        assert answer.status_code == 200, address
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        document = Document(answer.text)
        robots = [e.get("content") for name, e in document.elements if e.get("name") == "robots"]
        if robots == ["noindex"]:
            continue
        for href, rel in document.links:
            target = urlsplit(urljoin(f"http://localhost{address}", href))
            path = f"{target.path}?{target.query}" if target.query else target.path
            if target.netloc == "localhost" and "nofollow" not in rel and allowed(rules, path):
                waiting.append(path)
    articles = {f"/article/{k.pmid}" for k in stacks.expected()}
    assert articles <= found
    assert [address for address in found if "?" in address] == []
    # What else it finds are pages of journals, headings and substances, data and our files.
    other = re.compile(r"/(?:journal|mesh|substance|static)/|.*\.\w+$")
    assert [address for address in found - set(listed) if not other.match(address)] == []


def assert_sitemap(text: str, name: str, child: str) -> list[str]:
    """The rules of sitemaps.org's schema, as far as we use it; gives the addresses."""
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n')
    root = ElementTree.fromstring(text.encode())  # noqa: S314 (ours)
    assert root.tag == f"{space}{name}"
    addresses = []
    for entry in root:
        assert entry.tag == f"{space}{child}"
        names = [part.tag.removeprefix(space) for part in entry]
        assert names in (["loc"], ["loc", "lastmod"])
        address = entry[0].text or ""
        assert 12 <= len(address) <= 2048
        assert urlsplit(address).scheme in {"http", "https"}
        assert address.isascii()
        if len(names) == 2:
            assert re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", entry[1].text or "")
        addresses.append(address)
    assert len(addresses) == len(set(addresses)) <= 50_000
    return addresses


def test_the_sitemap_is_one_file_while_it_is_small(ask: Get) -> None:
    addresses = assert_sitemap(ask("/sitemap.xml").text, "urlset", "url")
    assert f"http://localhost/article/{FIRST}" in addresses
    assert "http://localhost/" in addresses


def test_the_sitemap_of_a_large_library_has_parts(both: Path) -> None:
    with sqlite3.connect(both) as connection:
        (count,) = connection.execute("SELECT count(*) FROM articles").fetchone()
        most = 10
        index = sitemap(connection, "https://x.example", most=most)
        parts = assert_sitemap(index, "sitemapindex", "sitemap")
        assert parts[0] == "https://x.example/sitemap-1.xml"
        assert len(parts) == -(-count // most)
        found: list[str] = []
        for n in range(1, len(parts) + 1):
            text = sitemap_part(connection, "https://x.example", n, most=most)
            assert text
            found += assert_sitemap(text, "urlset", "url")
        assert sitemap_part(connection, "https://x.example", len(parts) + 1, most=most) is None
    assert len(found) == len(set(found))
    assert sum("/article/" in address for address in found) == count
    assert "https://x.example/" in found


def test_a_part_has_an_address(ask: Get) -> None:
    assert ask("/sitemap-1.xml").status_code == 200
    assert ask("/sitemap-2.xml").status_code == 404
    assert ask("/sitemap-0.xml").status_code == 404


@pytest.mark.slow
def test_a_sitemap_of_a_very_large_library_stays_within_the_limits(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    stacks.make_library(path)
    with sqlite3.connect(path) as connection:
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120000) "
            "INSERT INTO articles (pmid, title, kind, content_hash, source, first_seen, "
            "last_changed) SELECT 92000000 + i, 'x', 'article', 'x', 'x', '2026', '2026-11-01' "
            "FROM n"
        )
    get = getter(serve(path))
    started = time.monotonic()
    parts = assert_sitemap(get("/sitemap.xml").text, "sitemapindex", "sitemap")
    assert len(parts) == 4
    for address in parts:
        text = get(urlsplit(address).path).text
        assert_sitemap(text, "urlset", "url")
        assert len(text) < 50_000_000
    assert time.monotonic() - started < 30
