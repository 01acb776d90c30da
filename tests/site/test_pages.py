"""Pages as Datasette serves them: what must be on them, and what must never be."""

import json
import re
import sqlite3
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest

from harvester.library import runs
from harvester.library.migrations import open_library
from harvester.site.frame import load_frame
from tests.site import shelf
from tests.site.conftest import Get, getter, serve

ADVICE = (
    "This site lists research. It is not medical advice and does not recommend any treatment, dose "
    "or clinic. Do not start, stop or change a treatment because of it; talk with a health "
    "professional who knows you."
)
CRISIS = (
    "If you might harm yourself or someone else, call your local emergency number now or go to the "
    "nearest emergency department. Free, confidential helplines exist in many countries: "
    "findahelpline.com (ThroughLine) and the list of the International Association for Suicide "
    "Prevention (iasp.info) show those near you."
)


class Inspector(HTMLParser):
    """Collects what no page of ours may have."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "img", "iframe", "object", "embed", "style", "base"}:
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.found.append(f"{tag} {name}")
            if name in {"href", "src", "action"} and not re.match(r"https?://|/|#", value or ""):
                self.found.append(f"{tag} {name}={value}")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("library") / "literature.db"
    shelf.make_library(path)
    with closing(sqlite3.connect(path)) as connection, connection:  # the home page counts designs
        for pmid, design in ((shelf.PLAIN, "rct"), (shelf.CORRECTED, "systematic_review")):
            connection.execute("UPDATE articles SET design = ? WHERE pmid = ?", (design, pmid))
            connection.execute(
                "INSERT INTO findings (pmid, position, facet, value, rule, source) "
                "VALUES (?, 1, 'design', ?, 'test/1', 'title')",
                (pmid, design),
            )
    return path


@pytest.fixture(scope="module")
def get(library: Path) -> Get:
    return getter(serve(library))


def page(get: Get, url: str, status: int = 200) -> str:
    response = get(url)
    assert response.status_code == status, response.text
    return response.text


def words(html: str) -> str:
    """The text of a page in one line."""
    return " ".join(re.sub(r"</span>", " ", re.sub(r"<(?!/span)[^>]+>", "", html)).split())


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/", 200),
        ("/about", 200),
        (f"/article/{shelf.PLAIN}", 200),
        (f"/article/{shelf.ABSENT}", 404),
        ("/nowhere", 404),
        ("/search?q=ketamine", 200),
        ("/search?q=xyzzyx", 200),
        ("/literature", 200),
        ("/literature/articles", 200),
        (f"/literature/articles/{shelf.PLAIN}", 200),
        ("/literature/articles_fts", 403),
    ],
)
def test_every_page_has_the_notes_word_for_word(get: Get, url: str, status: int) -> None:
    html = page(get, url, status)
    assert ADVICE in words(html)
    assert CRISIS in words(html)
    assert '<html lang="en">' in html
    assert html.count("<main") == 1
    assert 'href="#main"' in html or 'href="#results"' in html


def test_stock_pages_keep_their_own_parts_inside_our_frame(get: Get) -> None:
    html = page(get, "/literature/articles?title__contains=trial")
    assert "Advanced export" in html
    assert "table.js" in html
    assert 'class="stock' in html
    assert 'href="/about"' in html
    assert "app.css" not in page(get, "/about")


def test_an_article_says_first_what_must_be_known(get: Get) -> None:
    html = page(get, f"/article/{shelf.RETRACTED}")
    assert html.index("This article was retracted on 4 March 2025") < html.index("<h1")
    assert f'<a href="/article/{shelf.NOTICE}">Retraction of a trial</a>' in html
    assert "<s>A trial that nobody should rely on</s>" in html
    assert "<title>Retracted: A trial that nobody should rely on" in html


def test_the_head_of_an_article_tells_programs_what_it_is(get: Get) -> None:
    html = page(get, f"/article/{shelf.PLAIN}")
    assert (
        '<meta name="citation_title" content="Ketamine (R,S) in people, H2O and 5 &lt; 6">' in html
    )
    assert '<meta name="citation_pmid" content="91000101">' in html
    assert re.search(r'<link rel="canonical" href="https?://[^"]+/article/91000101">', html)
    assert f'href="/article/{shelf.PLAIN}.json"' in html


def test_missing_things_are_said(get: Get) -> None:
    html = words(page(get, f"/article/{shelf.NOTICE}"))
    assert "PubMed has no abstract of this record." in html
    assert "No abstract in PubMed" in html
    html = words(page(get, f"/article/{shelf.BARE}"))
    assert "PubMed names no author." in html
    assert "none of our searches" in html


def test_other_languages_have_their_tag(get: Get) -> None:
    html = page(get, f"/article/{shelf.CHINESE}")
    assert '<p class="vernacular" lang="zh" dir="auto">样本标题</p>' in html
    assert '<div lang="zh" dir="auto">' in html


def test_an_unknown_record_leads_to_pubmed_and_to_the_search(get: Get) -> None:
    html = page(get, f"/article/{shelf.ABSENT}", 404)
    assert f"https://pubmed.ncbi.nlm.nih.gov/{shelf.ABSENT}/" in html
    assert 'id="q-here"' in html
    data = json.loads(page(get, f"/article/{shelf.ABSENT}.json", 404))
    assert data["ok"] is False
    assert str(shelf.ABSENT) in data["error"]


def test_the_original_is_the_bytes_as_received(get: Get) -> None:
    response = get(f"/article/{shelf.PLAIN}.xml")
    assert response.content == shelf.RAW
    assert response.headers["content-type"].startswith("text/plain")
    assert response.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert response.headers["x-content-type-options"] == "nosniff"
    page(get, f"/article/{shelf.PLAIN}.txt", 404)


@pytest.mark.parametrize("url", ["/article/{}", "/search?q=alert&sort=newest", "/"])
def test_a_hostile_record_stays_text(get: Get, url: str) -> None:
    html = page(get, url.format(shelf.HOSTILE))
    inspector = Inspector()
    inspector.feed(html)
    assert inspector.found == []
    assert set("\x00\x1b\u202e") & set(html) == set()


def test_a_failure_shows_nothing_of_the_inside(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("harvester.site.views.pages.load_about", fail)
    html = page(get, "/about", 500)
    assert "Something went wrong here" in html
    assert "secret" not in html
    assert "Traceback" not in html


def test_home_says_what_the_last_harvest_found(get: Get) -> None:
    html = words(page(get, "/"))
    assert "On 2 November 2026, 03:00 UTC PubMed counted 13 articles for our searches" in html
    assert "Search 13 articles by word" in html
    assert "Ketamine and TRD 11" in html
    assert "1 randomised trial" in html
    assert "how much was written, not how well a treatment works" in html


def test_counts_of_the_home_page_are_those_behind_their_links(get: Get) -> None:
    html = page(get, "/")
    promised = re.findall(r'href="(/search\?[^"]+)">(?:All )?([\d,]+) [a-z]', html)
    promised += re.findall(r'href="(/search\?from=[^"]+)">([\d,]+)</a>', html)
    assert len(promised) > 4
    for url, count in promised:
        path = url.replace("&amp;", "&").replace("/search?", "/search.json?")
        total = get(path).json()["total"]
        assert total == int(count.replace(",", "")), url


def test_a_page_is_about_the_sample_where_it_is_one(tmp_path: Path) -> None:
    path = tmp_path / "sample.db"
    shelf.make_library(path)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE settings SET value = 'sample'")
    connection.close()
    html = page(getter(serve(path)), "/")
    assert "Every record and number here is invented" in html
    assert "PubMed counted <b>" not in html
    assert 'href="/sample"' in html
    assert 'href="/sample/runs/1"' in page(getter(serve(path)), f"/article/{shelf.PLAIN}")


def test_an_empty_library_says_how_to_fill_it(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    open_library(path).conn.close()
    html = page(getter(serve(path)), "/")
    assert "The library is empty" in html
    assert "harvester harvest" in html
    assert "Nothing has been harvested yet." in words(html)
    assert "Nothing has been harvested yet." in words(page(getter(serve(path)), "/about"))


def test_freshness_is_never_overstated(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    shelf.make_library(path)
    connection = sqlite3.connect(path)

    def says() -> str:
        return load_frame(connection).freshness

    done = "Complete to PubMed of 2 November 2026, 03:00 UTC."
    assert says() == f"{done} 1 of 4 searches only."
    for name in ("trd", "ketamine-depression", "ketamine-safety"):
        runs.save_topic_definition(connection, name=name, title=name, term="x", rationale="")
        runs.save_topic(connection, 2, name, runs.TopicCounts(), term="x")
    assert says() == done
    connection.execute("UPDATE runs SET reported = 15 WHERE id = 2")
    assert says() == (
        "Compared with PubMed on 2 November 2026, 03:00 UTC: PubMed counts 15, "
        "this library holds 13."
    )
    connection.execute("UPDATE runs SET complete = 0")
    assert "Complete" not in says()
    connection.execute("UPDATE runs SET command = 'load'")
    assert says().endswith("not yet compared with PubMed.")
    assert runs.last_good_of_all(connection) is None
    connection.close()
