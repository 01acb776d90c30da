"""What is closed, and the headers on every kind of page."""

import asyncio
import re
import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from datasette.app import Datasette
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from harvester.serve import ALLOW_SQL as SET_BY_SERVE
from harvester.site.security import ALLOW_SQL, closed_page, closed_table, etag, unchanged
from tests.site import stacks
from tests.site.conftest import ROOT, Get, getter, serve
from tests.site.stacks import FIRST

OURS = (
    "/",
    "/search",
    "/search?q=depression",
    "/search/mesh",
    "/search.json",
    f"/article/{FIRST}",
    f"/article/{FIRST}.json",
    f"/article/{FIRST}.xml",
    "/about",
    "/health.json",
    "/robots.txt",
    "/article/1",
    "/article/1.json",
    "/nothing/here",
)
STOCK = (
    "/literature",
    "/literature.json",
    "/literature/articles",
    "/literature/articles?_search=depression",
    "/literature/articles.json",
    "/literature/articles.csv",
    f"/literature/articles/{FIRST}",
    "/literature/articles?_sort=nonsense",
)
METADATA = yaml.safe_load((ROOT / "metadata.yml").read_text())


@pytest.fixture(params=["plain", "metadata.yml"], scope="module")
def either(request: pytest.FixtureRequest, library: Path) -> Get:
    """Without any metadata, and with ours: it holds both ways."""
    return getter(serve(library, metadata=METADATA if request.param != "plain" else None))


@pytest.mark.parametrize("path", [*OURS, *STOCK])
def test_headers_of_every_page(either: Get, path: str) -> None:
    answer = either(path)
    assert answer.status_code < 500
    for name, value in {
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
    }.items():
        assert answer.headers.get_list(name) == [value]
    (policy,) = answer.headers.get_list("content-security-policy")
    assert "default-src 'none'" in policy
    assert "camera=()" in answer.headers["permissions-policy"]
    if path in OURS:
        assert "unsafe" not in policy
        assert "script-src" not in policy
    if not path.endswith(".xml"):
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy


@pytest.mark.parametrize("path", [path for path in OURS if "." not in path])
def test_our_pages_need_no_exception_from_the_policy(get: Get, path: str) -> None:
    page = get(path).text
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", page)
    loaded = re.findall(r'<(?:img|link rel="(?:stylesheet|icon)")[^>]*(?:src|href)="([^"]*)"', page)
    assert all(re.match("/(?!/)", address) for address in loaded)
    assert "src=" not in page


@pytest.mark.parametrize(
    "path", ["/search.json", f"/article/{FIRST}.json", "/health.json", "/literature.json"]
)
def test_data_may_be_read_from_other_sites(get: Get, path: str) -> None:
    assert get(path).headers["access-control-allow-origin"] == "*"


def test_pages_may_not_be_read_from_other_sites(library: Path) -> None:
    get = getter(Datasette([str(library)]))
    assert "access-control-allow-origin" not in get("/search").headers


SQL = (
    "/literature?sql=select+1",
    "/literature.json?sql=select+1",
    "/literature.csv?sql=select+1",
    "/literature/-/query?sql=select+1",
    "/literature/-/query.json?sql=select+1",
    "/literature/articles?_where=1%3D1",
    "/literature/articles.json?_where=1%3D1",
    "/_memory?sql=select+1",
    "/_memory.json?sql=select+1",
    "/_internal?sql=select+1",
    "/LITERATURE?sql=select+1",
)


@pytest.mark.parametrize("path", SQL)
def test_sql_is_closed_in_every_form(either: Get, path: str) -> None:
    answer = either(path)
    if answer.status_code == 302:  # on the way to a page without it
        answer = either(answer.headers["location"])
    assert answer.status_code in (400, 403, 404), answer.text[:200]


def test_sql_is_open_only_when_the_operator_says_so(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ALLOW_SQL == SET_BY_SERVE
    path = "/literature.json?sql=select+41%2B1+as+n&_shape=array"
    for value, status in (("", 403), ("0", 403), ("yes", 403), ("1", 200)):
        monkeypatch.setenv(ALLOW_SQL, value)
        assert getter(serve(library, metadata=METADATA))(path).status_code == status
    assert getter(serve(library))(path).json() == [{"n": 42}]
    assert getter(serve(library))("/literature/settings").status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        *("/-/threads", "/-/threads.json", "/-/settings", "/-/config", "/-/plugins.json"),
        *("/-/databases.json", "/-/metadata.json", "/-/permissions", "/-/messages", "/-/actor"),
        *("/-/allow-debug", "/-/patterns", "/-/logout", "/-/auth-token", "/-/", "//-/threads"),
        *("/-/static-plugins/ketamine-library/site.css", "/_memory", "/_internal", "/:memory:"),
        *("/-/versions", "/-/static", "/%2D/threads", "/~2D/threads", "/-/versions.json.json"),
    ],
)
def test_internal_pages_are_not_there(either: Get, path: str) -> None:
    answer = either(path)
    while answer.status_code in (301, 302):
        answer = either(answer.headers["location"])
    assert answer.status_code == 404


def test_what_stays_open_inside(get: Get) -> None:
    assert get("/-/versions.json").status_code == 200
    assert get("/-/static/app.css").status_code == 200


@pytest.mark.parametrize(
    "table",
    [
        *("articles_fts", "articles_fts_data", "articles_fts_idx", "articles_fts_docsize"),
        *("articles_fts_config", "ARTICLES_FTS_DATA", "raw_records", "Raw_Records", "settings"),
    ],
)
def test_tables_of_the_inside_are_closed(either: Get, table: str) -> None:
    for suffix in ("", ".json", ".csv", "/1", "/1.json", "?_search=x"):
        assert either(f"/literature/{table}{suffix}").status_code in (403, 404)
    assert closed_table(table)


def test_tables_for_people_are_open(either: Get) -> None:
    for table in ("articles", "runs", "changes", "problems", "article_mesh"):
        assert either(f"/literature/{table}.json").status_code == 200
        assert not closed_table(table)


def test_another_database_keeps_its_own_rules(library: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE settings (name)")
    get = getter(serve(library, other))
    assert get("/other/settings.json").status_code == 200
    alone = getter(serve(other))
    assert alone("/search").status_code == 404
    assert alone("/other.json?sql=select+1").status_code == 200
    assert alone("/-/threads.json").status_code == 200
    assert "content-security-policy" not in alone("/other").headers


def test_the_sample_says_so_on_every_page(tmp_path: Path) -> None:
    path = tmp_path / "sample.db"
    stacks.make_library(path, kind="sample")
    get = getter(serve(path, metadata=METADATA))
    pages = ("/", "/search", "/search?q=nothing+here", f"/article/{FIRST}", "/about", "/sample")
    for page in (*pages, "/sample/articles", "/search/mesh", "/nothing/here"):
        assert "Sample data." in get(page).text, page
        assert "Not medical advice" in get(page).text, page

    assert "Disallow: /\n" in get("/robots.txt").text


def test_the_real_library_has_no_such_banner(get: Get) -> None:
    assert "Sample data." not in get("/").text


@pytest.mark.parametrize("path", [path for path in OURS if path not in OURS[9:]])
def test_a_page_that_has_not_changed_is_not_sent_again(get: Get, path: str) -> None:
    first = get(path)
    tag = first.headers["etag"]
    assert "max-age=0" in first.headers["cache-control"]
    again = get(path, headers={"if-none-match": f'"other", {tag}'})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == tag
    assert get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_tags_follow_the_library_and_the_address(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    stacks.make_library(path)
    get = getter(serve(path))
    about, search = get("/about").headers["etag"], get("/search").headers["etag"]
    assert about != search
    assert get("/search?q=x").headers["etag"] != search
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO runs (command, topic, status, started, version) "
            "VALUES ('harvest', 'all', 'running', '2026-11-03T00:00:00Z', '0')"
        )
    assert get("/about", headers={"if-none-match": about}).status_code == 200
    sample = tmp_path / "sample.db"
    stacks.make_library(sample, kind="sample")
    assert getter(serve(sample))("/about").headers["etag"] != about


def test_comparing_tags() -> None:
    tag = etag((1, "x"), "v", "/")
    assert unchanged(tag, tag)
    assert unchanged(tag, tag.removeprefix("W/"))
    assert unchanged(tag, "*")
    assert not unchanged(tag, None)
    assert not unchanged(tag, etag((2, "x"), "v", "/"))


def test_stylesheet_has_an_address_of_its_content(get: Get) -> None:
    found = re.search(
        r'<link rel="stylesheet" href="(/static/[0-9a-f]{12}/site\.css)">', get("/").text
    )
    assert found
    sheet = get(found[1])
    assert sheet.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in sheet.headers["cache-control"]
    assert "Cookie" not in sheet.headers.get("vary", "")
    old = get("/static/000000000000/site.css")
    assert old.status_code == 200
    assert "immutable" not in old.headers["cache-control"]


@pytest.mark.parametrize(
    "name",
    [
        "..%2Fplugin.py",
        "../plugin.py",
        "..",
        "%2e%2e/plugin.py",
        "site.css/",
        "nothing.css",
        ".",
        "site.css%00",
    ],
)
def test_static_files_lead_nowhere_else(get: Get, name: str) -> None:
    answer = get(f"/static/000000000000/{name}")
    assert answer.status_code in (302, 404)
    assert "hookimpl" not in answer.text


paths = st.text(max_size=40).map(lambda text: "/" + quote(text, safe="/%?&=")) | st.lists(
    st.sampled_from(
        [
            *(
                "search",
                "article",
                "literature",
                "articles",
                "..",
                "%2e%2e",
                "-",
                "static",
                ".json",
            ),
            *("%00", "%ff", "~", "'", "?sql=1", "?_sort=x", "?_facet=title", ":", "90000001", "//"),
        ]
    ),
    max_size=6,
).map(lambda parts: "/" + "/".join(parts))


@given(path=paths)
@example(path="/article/999999999999999999")
@example(path="/article/0")
@example(path="/search/%00")
@example(path="/literature/articles?_search=%22")
@example(path="/literature/articles?_search=")
@example(path="/literature/articles.json?_searchmode=raw&_search=a-b")
@example(path="/literature/articles?_sort_desc=nonsense&_next=x")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_address_is_an_error_of_ours(get: Get, path: str) -> None:
    assert get(path).status_code < 500


def test_closed_pages_by_their_path() -> None:
    assert closed_page("/-/threads")
    assert not closed_page("/-/static/app.css")
    assert not closed_page("/search")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_written(get: Get, method: str) -> None:
    for path in ("/", "/search", "/literature", f"/article/{FIRST}"):
        assert get(path, method=method).status_code in (200, 403, 404, 405)


def test_head_is_answered(get: Get) -> None:
    assert get("/search", method="HEAD").status_code == 200


def test_an_error_inside_tells_nothing(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr("harvester.site.views.pages.load_about", broken)
    answer = getter(serve(library))("/about")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Not medical advice" in answer.text


def test_datasettes_own_answer_to_an_error_is_not_made(
    get: Get, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """It would print what was asked for, and with `rich` installed fail on a page not found."""

    class Rich:
        def get_console(self) -> None:
            raise ValueError("no traceback outside of an except clause")

    monkeypatch.setattr("datasette.handle_exception.rich", Rich())
    for path, status in (("/nothing?q=private", 404), ("/literature/articles?_sort=private", 400)):
        assert get(path).status_code == status
    assert "private" not in "".join(capfd.readouterr())


def test_a_search_that_takes_too_long_is_stopped(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harvester.site.answers._SLOWEST", 0)
    get = getter(serve(library))
    answer = get("/search?q=depression")
    assert answer.status_code == 400
    assert "takes too long" in answer.text
    assert get("/search.json?q=depression").json() == {
        "ok": False,
        "status": 400,
        "error": "This takes too long. Longer words, or fewer with a star, are quicker.",
    }


def test_below_a_path_of_another_site(library: Path) -> None:
    get = getter(serve(library, settings={"base_url": "/lit/"}))
    page = get("/search?q=depression&mesh=Humans").text
    links = set(re.findall(r'(?:href|action)="(/[^"]*)"', page))
    assert len(links) > 30
    assert {link for link in links if not link.startswith("/lit/")} == set()
    assert get("/-/threads").status_code == 404
    assert get(f"/search?q={FIRST}").headers["location"] == f"/lit/article/{FIRST}"
    sheet = re.search(r'rel="stylesheet" href="/lit(/static/[^"]*)"', page)
    assert sheet
    assert get(sheet[1]).status_code == 200


def test_a_library_that_grows_is_seen_without_restart(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    stacks.make_library(path)
    datasette = serve(path)
    get = getter(datasette)
    before = get("/search.json?q=newcomer").json()["total"]
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO articles (pmid, title, kind, content_hash, source, first_seen, "
            "last_changed) VALUES (92000001, 'A newcomer', 'article', 'x', 'x', 'x', 'x')"
        )
        connection.execute("INSERT INTO changes (run_id, pmid, kind) VALUES (1, 92000001, 'added')")
    assert before == 0

    async def later() -> int:
        for _ in range(50):
            total = (await datasette.client.get("/search.json?q=newcomer")).json()["total"]
            if total:
                return int(total)
            await asyncio.sleep(0.1)
        return 0

    assert asyncio.run(later()) == 1


@pytest.fixture(autouse=True)
def sql_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ALLOW_SQL, raising=False)
