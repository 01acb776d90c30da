"""What is closed, and the headers on every kind of page."""

import asyncio
import json
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
from harvester.serve import datasette_command
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
AS_SERVED = {"allow_facet": False, "max_returned_rows": 1000}
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


# Every address by which Datasette, of this line or the next, runs SQL that a visitor writes.
SQL = (
    "/literature?sql=select+1",
    "/literature.json?sql=select+1",
    "/literature.json?sql=select+1&_shape=array",
    "/literature.csv?sql=select+1",
    "/literature.csv?sql=select+1&_stream=on",
    "/literature.blob?sql=select+1&_blob_column=1",
    "/literature?sql=select+:x&x=1",
    "/literature?_sort=1&sql=select+1",
    "/literature?sql=select+*+from+settings",
    "/literature?sql=attach+database+'/etc/passwd'+as+x",
    "/literature?sql=pragma+table_info(articles)",
    "/literature?sql=",
    "/literature/-/query?sql=select+1",
    "/literature/-/query.json?sql=select+1",
    "/literature/-/execute?sql=select+1",
    "/-/query?sql=select+1",
    "/literature/query?sql=select+1",
    "/literature/articles?_where=1%3D1",
    "/literature/articles.json?_where=1%3D1",
    "/literature/articles.csv?_where=1%3D1",
    "/literature/articles.csv?_stream=on&_where=1%3D1",
    "/literature/articles.blob?_where=1%3D1&_blob_column=title",
    "/literature/articles?_where=pmid+in+(select+pmid+from+raw_records)",
    "/literature/articles?_search=x&_where=1%3D1",
    "/_memory?sql=select+1",
    "/_memory.json?sql=select+1",
    "/_memory.csv?sql=select+1",
    "/_internal?sql=select+1",
    "/:memory:?sql=select+1",
    "/LITERATURE?sql=select+1",
    "/%6Citerature?sql=select+1",
    "/~6Citerature?sql=select+1",
    "//literature?sql=select+1",
)


@pytest.mark.parametrize("path", SQL)
def test_sql_is_closed_in_every_form(either: Get, path: str) -> None:
    answer = either(path)
    if answer.status_code == 302:  # on the way to a page without it
        answer = either(answer.headers["location"])
    asked_for_nothing = path.endswith("sql=") and "sql" not in answer.headers.get("location", "")
    assert answer.status_code in (400, 403, 404) or asked_for_nothing, answer.text[:200]


@pytest.mark.parametrize("path", [path for path in SQL if path.startswith("/literature")])
@pytest.mark.parametrize("method", ["POST", "HEAD"])
def test_sql_cannot_be_sent_either(either: Get, method: str, path: str) -> None:
    answer = either(path, method=method)
    if answer.status_code == 302:
        answer = either(answer.headers["location"])
    assert answer.status_code in (400, 403, 404, 405) or path.endswith("sql=")


@pytest.mark.parametrize(
    "path",
    [
        "/literature/articles?_sort=(select+1)",
        "/literature/articles?_sort_desc=pmid,(select+1)",
        "/literature/articles?_sort_by=1;drop+table+articles",
        "/literature/articles?_col=count(*)",
        "/literature/articles?_facet=(select+1)",
        "/literature/articles?_facet_array=(select+1)",
        "/literature/articles?_facet_date=(select+1)",
        "/literature/articles?_json=(select+1)",
        "/literature/articles?_search=x&_searchmode=raw",
        "/literature/articles?_search_(select+1)=x",
        "/literature/articles?_fts_table=(select+1)&_search=x",
        "/literature/articles?_fts_table=articles_fts&_fts_pk=(select+1)&_search=x",
        "/literature/articles?pmid__exact=1)+or+(1=1",
        "/literature/articles?(select+1)__exact=1",
        "/literature/articles?_next=1)+union+select+(1",
        "/literature/articles?_size=1;select+1",
        "/literature/articles/1)+or+(1=1",
    ],
)
def test_a_parameter_is_never_sql(library: Path, path: str) -> None:
    """It names a column, or is a value: nothing is computed from it."""
    get = getter(serve(library, metadata=METADATA))
    before = get("/search.json").json()["total"]
    for asked in (path, path.replace("articles?", "articles.json?")):
        answer = get(asked)
        while answer.status_code == 302:
            answer = get(answer.headers["location"])
        assert answer.status_code in (200, 400, 404)
    assert get("/search.json").json()["total"] == before == stacks.COUNT


@pytest.mark.parametrize("name", ["_facet", "_facet_array", "_facet_date"])
@pytest.mark.parametrize("column", ["abstract", "title", "authors"])
def test_facets_of_long_columns_are_closed(library: Path, name: str, column: str) -> None:
    """As served: whoever asks for them gets no page of a hundred kilobytes."""
    get = getter(serve(library, metadata=METADATA, settings=AS_SERVED))
    for form in ("", ".json"):
        assert get(f"/literature/articles{form}?{name}={column}").status_code == 400


def test_the_server_is_started_with_facets_and_sql_closed(library: Path) -> None:
    command = datasette_command(library, host="127.0.0.1", port=8001)
    for name in ("allow_facet", "suggest_facets", "default_allow_sql"):
        assert command[command.index(name) + 1] == "off"
    opened = datasette_command(library, host="127.0.0.1", port=8001, allow_sql=True)
    assert opened[opened.index("default_allow_sql") + 1] == "on"


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
        *("/-/databases", "/-/plugins", "/-/config.json", "/-/metadata", "/-/settings.json"),
        *("/-/actor.json", "/-/allow-debug.json", "/-/permissions.json", "/-/messages.json"),
        *("/-/rules", "/-/check", "/-/api", "/-/jump", "/-/tables", "/-/create-token", "/-/login"),
        *("/_internal.json", "/_internal/databases", "/_internal/catalog_tables.json", "/-"),
        *("/_memory.csv", "/_memory/x", "/_schemas", "/-/static-plugins/", "/-/threads.csv"),
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
    closed = f"/literature/{table}"
    for suffix in (
        *("", ".json", ".csv", ".blob", ".csv?_stream=on", ".json?_shape=array", ".json?_size=max"),
        *("/1", "/1.json", "/1.blob?_blob_column=data", "/kind", "/kind.json"),
        *("?_search=x", ".json?_search=x", "?_facet=pmid", "?_nofacet=1", "?_labels=on"),
    ):
        answer = either(closed + suffix)
        assert answer.status_code in (400, 403, 404), suffix
    # Nor by way of a table that is open.
    through = json.dumps({"table": table, "column": "rowid", "value": "1"})
    answer = either(f"/literature/articles.json?_through={quote(through)}")
    assert answer.status_code in (400, 403, 404)
    listed = json.dumps([either("/literature.json").json(), either("/.json").json()])
    assert f'"name": "{table.lower()}"' not in listed
    assert closed_table(table)


def test_a_row_has_no_link_to_a_closed_table(either: Get) -> None:
    page = either(f"/literature/articles/{FIRST}").text
    links = re.findall(r'<a href="(/literature/[^"]*)">\s*[\d,]+ rows?</a>', page)
    assert any("article_mesh" in link for link in links)
    for link in links:
        assert either(link).status_code == 200, link


def test_what_a_connection_has_beside_the_library_is_not_shown(library: Path) -> None:
    get = getter(serve(library, settings={"num_sql_threads": 1}))
    get("/search?q=ketamine")  # the words found are marked in a table of the connection's own
    page = get("/literature").text
    assert "<strong>temp</strong>" not in page
    assert "sqlite_master" not in page


@pytest.mark.parametrize("size", ["5000", "x", "-1"])
def test_a_size_that_is_refused_is_told_the_limit(library: Path, size: str) -> None:
    get = getter(serve(library, settings=AS_SERVED))
    said = "at most 1,000 rows: _size is a number from 0 to 1000, or max"
    assert said in get(f"/literature/articles.json?_size={size}").json()["error"]
    assert said in get(f"/literature/articles?_size={size}").text
    assert get("/literature/articles.json?_size=1000").status_code == 200
    assert get("/literature/articles.json?_size=max").status_code == 200


def test_a_column_that_cannot_be_counted_is_told_why(library: Path) -> None:
    get = getter(serve(library, settings=AS_SERVED))
    said = "counted by the columns that its page shows, and by no others"
    assert said in get("/literature/articles.json?_facet=title").json()["error"]
    assert said in get("/literature/articles?_facet=title").text
    # Other refusals are Datasette's own, whole sentences too.
    answer = get("/literature/articles.csv?_stream=on&_next=1")
    assert "_next not allowed for CSV streaming." in answer.text
    assert "<b>x" not in get("/literature/articles.blob?_blob_column=<b>x").text


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
