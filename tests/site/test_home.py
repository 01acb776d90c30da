"""The home page: what it counts is what is behind its links, and it is made once."""

import re
import sqlite3
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest

from harvester.evidence.derivation import findings_of
from harvester.library import runs, store
from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.pubmed.records import Article, Text
from harvester.site.cache import Cache
from harvester.site.designs import parted
from harvester.site.home import layers, load_home
from harvester.site.strips import year_strip
from tests.library.articles import article, stored
from tests.site import evidence_stacks, shelf, stacks
from tests.site.conftest import Get, getter, serve

NEW = 92_000_001


def links(html: str) -> list[tuple[str, str]]:
    """Address and text of each link; in a chart the text is its name."""
    found = re.findall(r'<a href="([^"]*)"(?: aria-label="([^"]*)")?[^>]*>(.*?)</a>', html, re.S)
    plain = [(href, name or re.sub(r"<[^>]+>", " ", text)) for href, name, text in found]
    return [(unescape(href), " ".join(unescape(text).split())) for href, text in plain]


def promises(html: str) -> list[tuple[str, int]]:
    """Searches that a link says the number of: after a name, or first in its text."""
    found = []
    for href, text in links(html):
        number = (
            re.search(r"(?:: | )([\d,]+)(?: articles?)?$", text)
            or re.search(r"^(?:All )?([\d,]+)(?: [a-z]|$)", text)
        )  # fmt: skip
        if href.startswith("/search?") and number:
            found.append((href, int(number[1].replace(",", ""))))
    return found


@pytest.mark.parametrize(
    ("make", "least"), [(evidence_stacks.make_library, 80), (shelf.make_library, 9)]
)
def test_every_number_is_that_of_the_page_behind_its_link(make, least, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "literature.db"
    make(path)
    get = getter(serve(path))
    promised = promises(get("/").text)
    assert len(promised) >= least
    for href, count in promised:
        answer = get(href.replace("/search?", "/search.json?")).json()
        assert answer["total"] == count, href


def test_each_article_is_in_one_layer_of_the_chart(connection: sqlite3.Connection) -> None:
    cache = Cache()
    catalogue = cache.catalogue(connection)
    home = load_home(connection, cache, href=lambda first, last: f"/{first}-{last}")
    layered = re.findall(r'data-label="(?!All")[^"]+">(\d+)</td>', home.table)
    totals = re.findall(r'data-label="All"><a href="[^"]+">(\d+)</a>', home.table)
    with_year = sum(catalogue.count_years(catalogue.all).values())
    assert sum(map(int, layered)) == sum(map(int, totals)) == with_year == stacks.COUNT - 1


def test_designs_are_counted_by_what_was_found_in_the_record(tmp_path: Path) -> None:
    """Not by NLM's types alone, which newer records lack."""
    titles = {
        "trial": "Esketamine for depression: a randomised, placebo-controlled trial",
        "review": "Ketamine for depression: a systematic review and meta-analysis",
        "observe": "Ketamine in a man with depression: a case report",
        "lab": "Ketamine acts on the prefrontal cortex of mice after chronic stress",
        "other": "Thoughts on ketamine",
    }
    path = tmp_path / "literature.db"
    open_library(path).conn.close()
    add(
        path,
        *(
            article(
                NEW + n,
                title=Text(plain=title),
                abstract=(),
                publication_types=shelf.types("Journal Article"),
                mesh=(),
                corrections=(),
            )
            for n, title in enumerate(titles.values())
        ),
    )
    with closing(sqlite3.connect(path)) as connection:
        catalogue = Cache().catalogue(connection)
        found = layers(catalogue, parted(catalogue, catalogue.all))
    assert {layer.kind: sum(layer.counts.values()) for layer in found} == dict.fromkeys(titles, 1)
    html = getter(serve(path))("/").text
    assert ("/search?design=rct", "Randomised trials: 1") in links(html)
    assert "Design not found by our rules: 1" in html


def test_the_newest_of_a_kind_come_first(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    evidence_stacks.make_library(path)
    html = getter(serve(path))("/").text
    part = html[html.index('id="trials"') : html.index('id="reviews"')]
    shown = [int(pmid) for pmid in re.findall(r'href="/article/(\d+)"', part)]
    with closing(sqlite3.connect(path)) as connection:
        years = dict(connection.execute("SELECT pmid, year FROM articles WHERE design = 'rct'"))
    assert len(shown) == 3
    assert [years[pmid] for pmid in shown] == sorted(filter(None, years.values()), reverse=True)[:3]


def test_it_is_made_once_for_each_state_of_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "literature.db"
    stacks.make_library(path)
    made = []

    def counted(*given, **options):  # type: ignore[no-untyped-def]
        made.append(1)
        return load_home(*given, **options)

    monkeypatch.setattr("harvester.site.views.pages.load_home", counted)
    monkeypatch.setattr("harvester.site.cache._PATIENCE", 0)
    get = getter(serve(path))
    assert get("/").text == get("/").text
    assert len(made) == 1
    add(path, article(NEW, corrections=()))
    assert "Search 61 articles" in get("/").text
    assert len(made) == 2


def test_what_is_made_of_two_moments_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    stacks.make_library(path)
    cache = Cache()
    with closing(sqlite3.connect(path)) as connection:
        cache.catalogue(connection)
        assert cache.kept(connection, "page", lambda: "first") == "first"
        assert cache.kept(connection, "page", lambda: "second") == "first"
        add(path, article(NEW, corrections=()))
        assert cache.kept(connection, "page", lambda: "third") == "third"
        cache.catalogue(connection)
        assert cache.kept(connection, "page", lambda: "fourth") == "fourth"


def add(path: Path, *articles: Article) -> int:
    """Another night brings these articles; PubMed lists one more, which it does not deliver."""
    now = runs.datetime.fromisoformat("2026-11-02T03:00:00+00:00")
    with closing(sqlite3.connect(path)) as connection, transaction(connection):
        run_id = runs.start(
            connection, command="harvest", topic="all", now=now, version="0", source="loopback"
        )
        held = [stored(one, findings=findings_of(one)) for one in articles]
        store.store(connection, held, run_id=run_id, now=runs.utc(now))
        counts = runs.TopicCounts(reported=62, held=61, added=len(articles))
        runs.save_topic(connection, run_id, "trd", counts, term="x")
        runs.finish(
            connection, run_id, status="new", now=now, seconds=1, counts=counts, complete=True
        )
    return run_id


def test_what_the_last_harvest_brought_is_named_and_linked(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    stacks.make_library(path)
    run_id = add(path, article(NEW, corrections=()))
    html = getter(serve(path))("/").text
    assert "New on 2 November 2026" in html
    assert (f"/changes?kind=added&run={run_id}", "1 was new") in links(html)
    assert (f"/changes?kind=added&run={run_id}", "1 new article") in links(html)
    assert ("/methods#whole", "what differs is listed with the reason") in links(html)
    part = html[html.index('id="newest"') : html.index('id="questions"')]
    assert re.findall(r'href="/article/(\d+)"', part) == [str(NEW)]


def test_after_the_first_harvest_the_newest_are_simply_the_newest(get: Get) -> None:
    html = get("/").text
    assert ">Newest articles</h2>" in html
    assert "differs" not in html


def test_text_of_a_topic_is_text(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    stacks.make_library(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE topics SET title = ?", (f"{shelf.SCRIPT}\u202e",))
    html = getter(serve(path))("/").text
    assert "&lt;script&gt;" in html
    assert "<script" not in html
    assert "\u202e" not in html


def test_a_strip_has_the_scale_it_is_given() -> None:
    strip = year_strip(
        {2019: 99, 2020: 4, 2022: 2}, kind="trial", name="Trials", span=(2020, 2022), top=8
    )
    assert 'aria-label="Trials by year, 2020 to 2022: 6 in all, at most 4 in one year"' in strip
    heights = re.findall(r'<rect data-kind="trial" [^>]*height="([\d.]+)"', strip)
    assert [float(height) for height in heights] == [22.0, 11.0]
    empty = year_strip({}, kind="lab", name="None", span=(2020, 2022), top=0)
    assert "0 in all" in empty
    assert "<rect" not in empty
