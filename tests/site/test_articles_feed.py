"""The feed of a search, of an evidence question: valid, stable, and no retraction unsaid."""

import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any

import feedparser
import pytest

from harvester.evidence.questions import load_questions
from harvester.library import store
from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.pubmed.records import Correction, Text
from tests.exports import test_atom, test_json_feed
from tests.exports.test_atom import A
from tests.library.articles import NOW, article, stored
from tests.site import nights, stacks
from tests.site.conftest import Get, getter, serve

TAG = "tag:ketamine-library.invalid,2026:"


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("feeds") / "literature.db"
    nights.make_library(path)
    return path


@pytest.fixture(scope="module")
def nightly(month: Path) -> Get:
    return getter(serve(month))


def items(get: Get, path: str) -> list[Mapping[str, Any]]:
    """The entries, after both forms were found to be valid and to say the same."""
    response = get(path.replace(".atom", ".feed.json"))
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/feed+json; charset=utf-8"
    read = test_json_feed.assert_valid(response.content)
    document = get(path).content
    root = test_atom.assert_valid(document)
    parsed = feedparser.parse(document)
    assert parsed.feed.title == read["title"]
    for entry, item in zip(root.findall(f"{A}entry"), read["items"], strict=True):
        assert entry.findtext(f"{A}id") == item["id"]
        assert entry.findtext(f"{A}title") == item["title"]
        assert entry.findtext(f"{A}summary") == item["content_text"]
        assert entry.findtext(f"{A}updated") == item["date_modified"]
    return list(read["items"])


def pmids(found: list[Mapping[str, Any]]) -> list[int]:
    return [int(item["url"].rpartition("/")[2]) for item in found]


def of_articles(found: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [item for item in found if item["id"].startswith(f"{TAG}article/")]


def test_it_has_what_the_search_finds_and_nothing_else(get: Get) -> None:
    expected = {known.pmid for known in stacks.expected() if "Review" in known.types}
    found = of_articles(items(get, "/search.atom?type=Review&sort=oldest&page=3"))
    assert set(pmids(found)) == expected
    assert expected


def test_it_has_the_newest_hundred_by_when_they_came(nightly: Get, month: Path) -> None:
    found = items(nightly, "/search.atom")
    assert len(found) == 100
    times = [item["date_published"] for item in found]
    assert times == sorted(times, reverse=True)
    assert pmids(found)[0] == nights.LATE  # that night's; what was revised later is no news
    assert {nights.NEW_PLAIN, nights.NEW_TRIAL} < set(pmids(of_articles(found)))
    with closing(sqlite3.connect(month)) as connection:
        started = dict(
            connection.execute(
                "SELECT a.pmid, r.started FROM articles a JOIN runs r ON r.id = a.first_run"
            )
        )
    assert all(
        item["date_published"] == started[pmid]
        for item, pmid in zip(of_articles(found), pmids(of_articles(found)), strict=True)
    )


def test_an_article_keeps_its_id_whatever_the_search_and_the_host(nightly: Get) -> None:
    one = {f"{TAG}article/{nights.NEW_TRIAL}"}
    every = {item["id"] for item in items(nightly, "/search.atom")}
    searched = {item["id"] for item in items(nightly, "/search.atom?topic=one")}
    moved = nightly("/search.feed.json", headers={"host": "library.example"}).json()
    assert one <= every & searched & {item["id"] for item in moved["items"]}
    assert moved["items"][0]["url"] == f"http://library.example/article/{nights.LATE}"
    assert moved["items"][0]["external_url"] == f"https://pubmed.ncbi.nlm.nih.gov/{nights.LATE}/"


@pytest.mark.parametrize("query", ["", "?topic=one", "?record=research", "?status=retracted"])
def test_what_was_taken_back_since_is_an_entry_of_its_own(nightly: Get, query: str) -> None:
    """Also where the search itself no longer finds a retracted article."""
    told = {
        pmid: item
        for item in items(nightly, f"/search.atom{query}")
        if "/change/" not in item["url"] and f"{TAG}change/" in item["id"]
        for pmid in pmids([item])
    }
    gone = set() if "topic" in query else {nights.WITHDRAWN}  # no search of ours finds it
    assert set(told) == {nights.RETRACTED, nights.DOUBTED, nights.CORRECTED} | gone
    retracted = told[nights.RETRACTED]
    assert retracted["title"].startswith("Retracted: ")
    assert retracted["date_published"] == retracted["date_modified"] == "2026-11-06T03:14:00Z"
    assert f"Retraction notice: PMID {nights.NOT_HELD}." in retracted["content_text"]
    assert retracted["id"] in {
        item["id"] for item in items(nightly, "/changes.atom?kind=retracted")
    }


def test_a_retracted_article_says_so_in_its_title_and_first(nightly: Get) -> None:
    (item,) = (
        item
        for item in items(nightly, "/search.atom?type=Retracted+Publication")
        if item["id"] == f"{TAG}article/{nights.NEW_RETRACTED}"
    )
    assert item["title"].startswith("Retracted: ")
    assert item["content_text"].startswith("Retracted. ")
    assert "Retracted" in item["tags"]


def test_a_retraction_makes_the_article_newer(month: Path, tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    with closing(sqlite3.connect(month)) as connection:
        connection.execute("VACUUM INTO ?", (str(path),))
    with closing(open_library(path).conn) as connection, transaction(connection):
        run = nights.night(connection, 22, status="new")
        connection.execute("UPDATE articles SET retracted = 1 WHERE pmid = ?", (nights.LATE,))
        connection.execute(
            "INSERT INTO changes (run_id, pmid, kind) VALUES (?, ?, 'retracted')",
            (run, nights.LATE),
        )
    found = items(getter(serve(path)), "/search.atom?q=late")
    assert [(item["id"], item["title"]) for item in found] == [
        (f"{TAG}change/{nights.LATE}/retracted/2026-11-22T03%3A14%3A00Z", "Retracted: A late one"),
        (f"{TAG}article/{nights.LATE}", "Retracted: A late one"),
    ]
    assert [item["date_modified"] for item in found] == ["2026-11-22T03:14:00Z"] * 2
    assert found[1]["date_published"] == "2026-11-07T09:14:00Z"


@pytest.mark.parametrize(
    ("link", "marked", "title"),
    [
        ("RetractionOf", "retracted", "Retracted: A late one"),
        ("ExpressionOfConcernFor", "concern", "Expression of concern: A late one"),
        ("ErratumFor", "corrected", "Corrected: A late one"),
    ],
)
def test_what_a_notice_alone_tells_is_an_entry_until_pubmed_marks_the_article(
    month: Path, tmp_path: Path, link: str, marked: str, title: str
) -> None:
    path = tmp_path / "literature.db"
    notice = nights.NOT_HELD + 1
    with closing(sqlite3.connect(month)) as connection:
        connection.execute("VACUUM INTO ?", (str(path),))
    with closing(open_library(path).conn) as connection, transaction(connection):
        run = nights.night(connection, 22, status="new")
        links = (Correction(kind=link, pmid=nights.LATE), Correction(kind=link, pmid=5))
        plain = article(notice, title=Text(plain="A notice"), corrections=links)
        store.store(connection, [stored(plain)], run_id=run, now=NOW)
    found = items(getter(serve(path)), "/search.atom?q=late&record=research")
    told = found[0]
    assert told["id"] == f"{TAG}notice/{notice}/{nights.LATE}/{marked}"
    assert told["title"] == title
    assert told["url"].endswith(f"/article/{nights.LATE}")
    assert told["date_modified"] == "2026-11-22T03:14:00Z"
    assert f"PMID {notice}. PubMed has not marked the article itself yet." in told["content_text"]
    assert [item["date_modified"] for item in of_articles(found)] in ([told["date_modified"]], [])
    with closing(open_library(path).conn) as connection, transaction(connection):
        run = nights.night(connection, 23, status="new")
        connection.execute(f"UPDATE articles SET {marked} = 1 WHERE pmid = ?", (nights.LATE,))
    found = items(getter(serve(path)), "/search.atom?q=late")
    assert [item["id"] for item in found] == [f"{TAG}article/{nights.LATE}"]


def test_a_notice_that_came_with_its_article_is_no_news(month: Path, tmp_path: Path) -> None:
    """The article's own entry says so."""
    path = tmp_path / "literature.db"
    late, notice = nights.NOT_HELD + 1, nights.NOT_HELD + 2
    with closing(sqlite3.connect(month)) as connection:
        connection.execute("VACUUM INTO ?", (str(path),))
    with closing(open_library(path).conn) as connection, transaction(connection):
        run = nights.night(connection, 22, status="new")
        links = (Correction(kind="RetractionOf", pmid=late),)
        both = [
            article(late, title=Text(plain="RETRACTED: Zzyzx")),
            article(notice, title=Text(plain="A notice"), corrections=links),
        ]
        store.store(connection, [stored(a) for a in both], run_id=run, now=NOW)
    (found,) = items(getter(serve(path)), "/search.atom?q=zzyzx")
    assert found["id"] == f"{TAG}article/{late}"
    assert found["title"] == "RETRACTED: Zzyzx"  # said once


def test_a_change_is_not_told_twice_in_one_title(month: Path, tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    with closing(sqlite3.connect(month)) as connection:
        connection.execute("VACUUM INTO ?", (str(path),))
    with closing(open_library(path).conn) as connection, transaction(connection):
        connection.execute(
            "UPDATE articles SET title = 'RETRACTED ARTICLE: ' || title WHERE pmid = ?",
            (nights.RETRACTED,),
        )
    for address in ("/changes.atom?kind=retracted", "/search.atom?status=retracted"):
        titles = [item["title"] for item in items(getter(serve(path)), address)]
        assert any(title.startswith("RETRACTED ARTICLE: ") for title in titles)
        assert not any(title.startswith("Retracted: RETRACTED") for title in titles)


def test_what_is_not_known_is_said(get: Get) -> None:
    (found,) = of_articles(items(get, f"/search.atom?q={stacks.NO_ABSTRACT}"))
    assert "Design not found." in found["content_text"] or found["tags"]
    assert found["content_text"].endswith(f"PMID {stacks.NO_ABSTRACT}. No abstract in PubMed.")


def test_a_hostile_record_is_only_text(nightly: Get) -> None:
    found = items(nightly, f"/search.atom?q={nights.HOSTILE}")
    assert found[0]["title"].startswith("<script>alert(1)</script>gpj.exe")
    for form in ("atom", "feed.json"):
        text = nightly(f"/search.{form}?q={nights.HOSTILE}").text
        assert not re.search("[\x00\x1b\u202e]", text)
    parsed = feedparser.parse(nightly(f"/search.atom?q={nights.HOSTILE}").content)
    assert all(entry.title_detail.type == "text/plain" for entry in parsed.entries)


@pytest.mark.parametrize("question", list(load_questions()))
def test_every_question_has_feeds(get: Get, question: str) -> None:
    items(get, f"/evidence/{question}.atom")


def test_a_question_that_is_not_has_none(get: Get) -> None:
    assert get("/evidence/e999.atom").status_code == 404
    assert get("/evidence/e999.feed.json").json()["status"] == 404


def test_nothing_found_is_a_valid_feed_with_the_time_of_the_last_look(get: Get) -> None:
    assert items(get, "/search.atom?q=xyzzyx") == []
    assert feedparser.parse(get("/search.atom?q=xyzzyx").content).feed.updated


def test_feeds_of_an_empty_library_are_valid(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    open_library(path).conn.close()
    empty = getter(serve(path))
    for address in ("/search.atom", "/evidence/e1.atom", "/changes.atom"):
        assert items(empty, address) == []


def test_the_sample_says_so_in_every_title(tmp_path: Path) -> None:
    path = tmp_path / "sample.db"
    stacks.make_library(path, kind="sample")
    sample = getter(serve(path))
    assert sample("/search.feed.json").json()["title"].startswith("Sample data: ")
    assert all(item["title"].startswith("Sample data: ") for item in items(sample, "/search.atom"))


FOLLOWED = (
    "/search?q=ketamine&sort=oldest&page=2",
    "/search?q=xyzzyx",
    "/changes",
    "/changes?kind=retracted",
    "/evidence/e1",
    "/trials",
    f"/trial/{stacks.ONE_TRIAL}",
)


@pytest.mark.parametrize("address", ["/", *FOLLOWED])
def test_browsers_and_people_find_the_feeds_of_a_page(get: Get, address: str) -> None:
    head, body = get(address).text.split("</head>")
    link = r'<link rel="alternate" type="(application/(?:atom|feed)\S+)" title=".+?" href="(.+?)">'
    offered = re.findall(link, head)
    assert {kind for kind, _ in offered} == {"application/atom+xml", "application/feed+json"}
    for kind, href in offered:
        assert get(unescape(href)).headers["content-type"].startswith(kind)
        assert address == "/" or f'href="{href}"' in body
    assert ("A feed is an address for a feed reader" in body) == (address in FOLLOWED)


@pytest.mark.parametrize("address", ["/search?q=ketamine&type=Review", "/evidence/e1"])
def test_a_feed_is_called_what_the_page_calls_it(get: Get, address: str) -> None:
    html = get(address).text
    title, href = re.findall(
        r'<link rel="alternate" type="application/atom\S+ title="(.+?)" href="(.+?)">', html
    )[0]
    assert feedparser.parse(get(unescape(href)).content).feed.title == unescape(title)


def test_a_trial_is_followed_by_its_number(get: Get, library: Path) -> None:
    (href,) = re.findall(
        r'atom\+xml" title=".+?" href="(.+?)">', get(f"/trial/{stacks.TWO_TRIALS}").text
    )
    with closing(sqlite3.connect(library)) as connection:
        asked = "SELECT pmid FROM article_trials WHERE trial_id = ?"
        its = {pmid for (pmid,) in connection.execute(asked, (stacks.TWO_TRIALS,))}
    assert set(pmids(of_articles(items(get, unescape(href))))) == its
    assert its


def test_programs_of_other_sites_may_read_them_and_ask_again(get: Get) -> None:
    for path in ("/search.feed.json?q=ketamine", "/search.atom", "/evidence/e1.feed.json"):
        response = get(path)
        assert response.headers["access-control-allow-origin"] == "*"
        assert response.headers["x-robots-tag"] == "noindex"
        again = get(path, headers={"if-none-match": response.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
