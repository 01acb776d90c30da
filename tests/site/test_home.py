"""The home page: what it counts is what is behind its links, and it is made once."""

import re
import sqlite3
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest
from markupsafe import Markup

from harvester.library import runs, store
from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.pubmed.records import Article, MeshHeading
from harvester.site.cache import Cache
from harvester.site.home import load_home
from harvester.site.kinds import ANIMALS, layers
from harvester.site.strips import year_strip, years_table
from harvester.site.terms import parse
from tests.library.articles import article, stored
from tests.site import shelf, stacks
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


@pytest.mark.parametrize("make", [stacks.make_library, shelf.make_library])
def test_every_number_is_that_of_the_page_behind_its_link(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "literature.db"
    make(path)
    get = getter(serve(path))
    promised = promises(get("/").text)
    assert len(promised) > 12
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


def test_an_article_of_many_kinds_is_counted_once(tmp_path: Path) -> None:
    """As a trial before a review, as a review before an observation, by its animals last."""
    kinds = {
        "trial": ("Randomized Controlled Trial", "Review", "Case Reports"),
        "review": ("Systematic Review", "Case Reports"),
        "observe": ("Case Reports",),
        "lab": ("Journal Article",),
        "other": ("Letter",),
    }
    path = tmp_path / "literature.db"
    open_library(path).conn.close()
    records = (
        article(
            NEW + n,
            publication_types=shelf.types(*names),
            mesh=(MeshHeading(name="Humans" if kind == "other" else "Animals"),),
            corrections=(),
        )
        for n, (kind, names) in enumerate(kinds.items())
    )
    add(path, *records)
    with closing(sqlite3.connect(path)) as connection:
        cache = Cache()
        catalogue = cache.catalogue(connection)
        animals = cache.search(connection, catalogue, parse(ANIMALS.search.q), ANIMALS.search)[1]
        found = layers(catalogue, animals.articles)
    assert animals.total == 4
    assert {layer.kind: sum(layer.counts.values()) for layer in found} == dict.fromkeys(kinds, 1)


def test_the_newest_of_a_kind_come_first(get: Get) -> None:
    html = get("/").text
    part = html[html.index('id="trials"') : html.index('id="reviews"')]
    shown = [int(pmid) for pmid in re.findall(r'href="/article/(\d+)"', part)]
    trials = [k for k in stacks.expected() if "Randomized Controlled Trial" in k.types]
    years = {k.pmid: k.year for k in trials}
    assert len(shown) == 3
    assert [years[pmid] for pmid in shown] == sorted(
        (year for year in years.values() if year), reverse=True
    )[:3]


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
        store.store(connection, [stored(one) for one in articles], run_id=run_id, now=runs.utc(now))
        counts = runs.TopicCounts(reported=62, held=61, added=len(articles))
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


def test_the_numbers_of_strips_are_in_a_table_too() -> None:
    table = years_table([("A & B", {2020: 1_200}), ("C", {})], (2020, 2021))
    assert isinstance(table, Markup)
    assert table.count("<tr>") == 3
    assert 'data-label="A &amp; B">1,200</td>' in table
    assert table.index("2021") < table.index("2020")
