"""The feed of changes: valid, the same wherever it is served, and never more than it says."""

import re
import sqlite3
from pathlib import Path
from xml.etree import ElementTree as ET

import feedparser
import pytest

from harvester.library.migrations import open_library
from tests.exports.test_atom import A, assert_valid
from tests.site import nights
from tests.site.conftest import Get, getter, serve


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("nights") / "literature.db"
    nights.make_library(path)
    return path


@pytest.fixture(scope="module")
def get(library: Path) -> Get:
    return getter(serve(library))


def entries(get: Get, query: str = "", **options: object) -> list[ET.Element]:
    response = get(f"/changes.atom{query}", **options)
    assert response.status_code == 200
    return assert_valid(response.content).findall(f"{A}entry")


def texts(elements: list[ET.Element], name: str) -> list[str]:
    return [element.findtext(A + name) or "" for element in elements]


@pytest.mark.parametrize(
    "query",
    ["", "?kind=retracted", "?kind=revised&kind=left", "?topic=two", "?run=5", "?from=2030-01-01"],
)
def test_every_feed_is_valid_and_has_an_id_for_each_entry(get: Get, query: str) -> None:
    ids = texts(entries(get, query), "id")
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"tag:[a-z.-]+,\d{4}:change/\d+/[a-z]+(/\S+)?", one) for one in ids)


def test_it_has_the_newest_hundred(get: Get, library: Path) -> None:
    found = entries(get)
    assert len(found) == 100
    when = texts(found, "updated")
    assert when == sorted(when, reverse=True)
    assert when[0] == "2026-11-21T03:14:00Z"
    connection = sqlite3.connect(library)
    changed = connection.execute(
        "SELECT count(DISTINCT run_id * 1000000000 + pmid) FROM changes WHERE run_id > 1"
    ).fetchone()[0]
    connection.close()
    assert sum(moment > "2026-11-02" for moment in when) == min(changed, 100)


def test_an_entry_says_what_happened_and_where_it_is(get: Get) -> None:
    (entry,) = entries(get, "?kind=retracted")
    assert entry.findtext(f"{A}title") == f"Retracted: Ketamine in sample {nights.RETRACTED}"
    assert entry.findtext(f"{A}updated") == "2026-11-06T03:14:00Z"
    assert entry.find(f"{A}link").get("href") == (  # type: ignore[union-attr]
        f"http://localhost/article/{nights.RETRACTED}"
    )
    summary = entry.findtext(f"{A}summary") or ""
    assert "Retracted: PubMed now marks it so. Revised: links to corrections" in summary
    assert f"Retraction notice: PMID {nights.NOT_HELD}." in summary
    assert summary.endswith(f"PMID {nights.RETRACTED}.")
    terms = [category.get("term") for category in entry.findall(f"{A}category")]
    assert terms == ["retracted", "revised"]


def test_a_retraction_is_told_whatever_the_entry_is_about(get: Get) -> None:
    new = next(
        entry
        for entry in entries(get, "?kind=added&from=2026-11-06")
        if str(nights.NEW_RETRACTED) in (entry.findtext(f"{A}id") or "")
    )
    assert (new.findtext(f"{A}title") or "").startswith("New: ")
    assert (new.findtext(f"{A}summary") or "").startswith("Retracted. ")


def test_its_head_is_that_of_the_page(get: Get) -> None:
    response = get("/changes.atom?kind=retracted&kind=withdrawn")
    feed = feedparser.parse(response.content).feed
    assert feed.title == "Changes: Retracted, No longer in PubMed"
    own = [link.href for link in feed.links if link.rel == "self"]
    assert own == ["http://localhost/changes.atom?kind=retracted&kind=withdrawn"]
    assert get(own[0].removeprefix("http://localhost")).content == response.content
    assert get(feed.link.removeprefix("http://localhost")).status_code == 200
    assert feed.updated == "2026-11-06T03:14:00Z"


def test_ids_survive_a_move_and_a_library_that_is_built_again(get: Get, tmp_path: Path) -> None:
    again = tmp_path / "other.db"
    nights.make_library(again)
    elsewhere = getter(serve(again))
    moved = entries(elsewhere, headers={"host": "example.org"})
    assert texts(moved, "id") == texts(entries(get), "id")
    assert (
        moved[0]
        .find(f"{A}link")
        .get("href", "")
        .startswith(  # type: ignore[union-attr]
            "http://example.org/article/"
        )
    )


def test_a_hostile_title_is_only_text(get: Get) -> None:
    (entry,) = (
        entry
        for entry in entries(get, "?kind=revised&from=2026-11-06&to=2026-11-06")
        if str(nights.HOSTILE) in (entry.findtext(f"{A}id") or "")
    )
    title = entry.findtext(f"{A}title") or ""
    assert title.startswith("Revised: <script>alert(1)</script>gpj.exe")
    assert not re.search("[\x00\x1b\u202e]", get("/changes.atom").text)
    parsed = feedparser.parse(get("/changes.atom?kind=revised").content)
    assert all(e.title_detail.type == "text/plain" for e in parsed.entries)


def test_programs_of_other_sites_may_read_it_and_ask_again(get: Get) -> None:
    response = get("/changes.atom")
    assert response.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert response.headers["access-control-allow-origin"] == "*"
    tag = response.headers["etag"]
    again = get("/changes.atom", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_the_feed_of_an_empty_library_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    open_library(path).conn.close()
    assert entries(getter(serve(path))) == []
