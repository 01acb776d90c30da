"""The page of changes: everything that happened, by day, and every number as good as its word."""

import re
import sqlite3
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.library.migrations import open_library
from harvester.library.wording import KINDS
from harvester.site.changes_address import Asked, read, write
from tests.site import nights
from tests.site.conftest import Get, getter, serve
from tests.site.test_pages import Inspector, words


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("nights") / "literature.db"
    nights.make_library(path)
    return path


@pytest.fixture(scope="module")
def get(library: Path) -> Get:
    return getter(serve(library))


def page(get: Get, url: str = "/changes") -> str:
    response = get(url)
    assert response.status_code == 200, response.text
    return response.text


def days(html: str) -> dict[str, str]:
    """The HTML of each day."""
    found = re.findall(r'<section class="day.*?</section>', html, re.DOTALL)
    return {re.search(r'datetime="([^"]+)"', day)[1]: day for day in found}  # type: ignore[index]


def day(get: Get, iso: str) -> str:
    return days(page(get, f"/changes?from={iso}&to={iso}"))[iso]


def pmids(html: str) -> list[int]:
    """The articles of the list, in order; each is linked once as a heading."""
    return [int(n) for n in re.findall(r'<h3><a href="/article/(\d+)"', html)]


def links(html: str) -> list[tuple[str, str]]:
    """Address and words of each link."""
    found = re.findall(r'<a href="([^"]+)"[^>]*>(.*?)</a>', html, re.DOTALL)
    return [(unescape(href), words(text)) for href, text in found]


def listed(get: Get, url: str) -> Iterator[tuple[str, int]]:
    """Day and PMID of every change that an address leads to, over all of its pages."""
    while True:
        html = page(get, url)
        for iso, part in days(html).items():
            more = re.search(r'class="more-link"><a href="([^"]+)"', part)
            first = re.search(r'class="first-harvest"><a href="([^"]+)"', part)
            if more:
                yield from listed(get, unescape(more[1]))
                continue
            if first:
                yield from listed(get, unescape(first[1]))
            yield from ((iso, pmid) for pmid in pmids(part))
        following = re.search(r'<a href="([^"]+)" rel="next"', html)
        if not following:
            return
        url = unescape(following[1])


def number(text: str) -> int:
    return int(re.search(r"[\d,]+", text)[0].replace(",", ""))  # type: ignore[index]


def test_every_kind_is_told_in_plain_words(get: Get) -> None:
    said = words(day(get, nights.BUSY))
    for expected in (
        "Retracted: PubMed now marks it so. Revised: links to corrections and comments.",
        f"Retraction notice: PMID {nights.NOT_HELD}",
        "PubMed no longer has it.",
        f"Expression of concern: PMID {nights.NOT_HELD}",
        f"Correction: PMID {nights.NEW_PLAIN}",
        "Found again by the search “The first search”.",
        "No longer found by the search “The first search”.",
        "Revised: MeSH headings, PubMed’s processing status. MeSH headings were assigned.",
        "Touched by PubMed; only its dates differ.",
        "Found by the search “The first search” and “The &lt;b&gt;second&lt;/b&gt; search”.",
        "1 retracted, 1 no longer in PubMed, 2 corrections or concerns, 4 new, 1 found again, "
        "1 no longer found, 6 revised, 1 indexed",
    ):
        assert expected in said


def test_what_must_be_known_comes_first_then_trials_and_reviews(get: Get) -> None:
    order = pmids(day(get, nights.BUSY))
    assert order[:2] == [nights.RETRACTED, nights.WITHDRAWN]
    assert set(order[2:4]) == {nights.DOUBTED, nights.CORRECTED}
    assert order[4:8] == [
        nights.NEW_RETRACTED,
        nights.NEW_TRIAL,
        nights.NEW_REVIEW,
        nights.NEW_PLAIN,
    ]
    assert order[-1] == nights.TOUCHED


def test_a_correction_is_not_a_concern(get: Get) -> None:
    labels = {
        int(re.search(r'href="/article/(\d+)"', item)[1]): words(  # type: ignore[index]
            item[item.index('<p class="standing">') : item.index("<article>")]
        )
        for item in day(get, nights.BUSY).split('<li class="result"')[1:]
    }
    assert labels[nights.DOUBTED] == "Expression of concern"
    assert labels[nights.CORRECTED] == "Corrected"
    assert labels[nights.NEW_RETRACTED] == "New"


def test_a_new_record_that_is_retracted_says_both(get: Get) -> None:
    item = next(
        item
        for item in day(get, nights.BUSY).split('<li class="result"')
        if f"/article/{nights.NEW_RETRACTED}" in item
    )
    assert 'class="status" data-status="retracted"' in item


def test_no_filter_hides_a_retraction(get: Get) -> None:
    part = days(page(get, "/changes?kind=revised&page=2"))[nights.BUSY]
    assert pmids(part)[0] == nights.RETRACTED
    assert 'data-status="retracted"' in part


def test_the_first_harvest_is_a_number_not_a_list(get: Get) -> None:
    html = page(get, "/changes?page=2")
    part = days(html)["2026-11-01"]
    assert ("/changes?kind=added&run=1", "First harvest: 120 records") in links(part)
    assert pmids(part) == []
    assert len(pmids(page(get, "/changes?kind=added&run=1"))) == 50


def test_days_without_news_are_said(get: Get) -> None:
    parts = {iso: words(html) for iso, html in days(page(get, "/changes?page=2")).items()}
    assert (
        "2 November 2026 Checked, nothing new. Run 2, 03:14 UTC, 41 seconds."
        in (parts["2026-11-02"])
    )
    assert "PubMed counted 120 articles, we held 120." in parts["2026-11-02"]
    assert "Not checked: the harvest failed." in parts["2026-11-03"]
    assert "It failed. PubMed &lt;i&gt;is&lt;/i&gt; out of reach." in parts["2026-11-03"]
    assert "Checked in part; nothing new was found." in parts["2026-11-04"]
    assert (
        "we held 118; 2 differ. Not everything could be compared. 2 problems."
        in (parts["2026-11-04"])
    )
    assert "5 November 2026: no harvest ran." in words(page(get, "/changes?page=2"))


def test_a_day_with_two_runs_tells_both(get: Get) -> None:
    said = words(day(get, nights.TWICE))
    assert "Run 6, 03:14 UTC. It failed. PubMed is out of reach." in said
    assert "Run 7, 09:14 UTC, 41 seconds." in said
    assert "Only the search “one” was run." in said


def test_a_big_day_is_summed_up(get: Get) -> None:
    part = days(page(get, "/changes?page=2"))[nights.BIG]
    assert len(pmids(part)) == 5
    href = f"/changes?from={nights.BIG}&to={nights.BIG}"
    assert (href, "All 72 changes of 8 November 2026") in links(part)
    assert len(list(listed(get, href))) == 72


@pytest.mark.parametrize(
    "url",
    [
        "/changes",
        "/changes?page=2",
        "/changes?topic=two",
        "/changes?kind=revised&kind=indexed",
        f"/changes?from={nights.BUSY}&to={nights.BIG}",
        f"/changes?from={nights.BUSY}&to={nights.BUSY}&topic=one",
        "/changes?run=7",
    ],
)
def test_every_number_is_what_its_link_leads_to(get: Get, url: str) -> None:
    html = page(get, url)
    main = html[html.index("<main") : html.index("</main>")]
    promised = {
        (href, number(text))
        for href, text in links(main)
        if re.match(r"/changes(?!\.)", href) and re.search(r"\d", text) and "×" not in text
    }
    assert len(promised) > 1
    for href, count in promised:
        found = list(listed(get, href))
        assert len(found) == count, href
        assert len(set(found)) == len(found), href


def test_the_counts_are_those_of_the_ledger(get: Get, library: Path) -> None:
    connection = sqlite3.connect(library)
    held = dict(
        connection.execute(
            "SELECT kind, count(*) "
            "FROM (SELECT DISTINCT run_id, pmid, kind FROM changes) GROUP BY kind"
        )
    )
    connection.close()
    found = links(page(get))
    for kind, label in KINDS.items():
        assert (write(Asked(kinds=(kind,))), f"{label} {held[kind]:,}") in found


def test_filters_are_chips_that_take_themselves_back(get: Get) -> None:
    html = page(get, "/changes?kind=revised&topic=two&from=2026-11-06&to=2026-11-08")
    chips = {text: href for href, text in links(html) if "×" in text}
    assert chips == {
        "Revised × remove": "/changes?topic=two&from=2026-11-06&to=2026-11-08",
        "Search: The &lt;b&gt;second&lt;/b&gt; search × remove": (
            "/changes?kind=revised&from=2026-11-06&to=2026-11-08"
        ),
        "6 November 2026 to 8 November 2026 × remove": "/changes?kind=revised&topic=two",
    }
    assert 'name="kind" value="revised"' in html
    assert '<option value="two" selected>' in html
    assert '<meta name="robots" content="noindex">' in html


def test_a_topic_shows_its_own_records(get: Get, library: Path) -> None:
    connection = sqlite3.connect(library)
    members = {
        p for (p,) in connection.execute("SELECT pmid FROM article_topics WHERE topic='two'")
    }
    connection.close()
    assert {pmid for _, pmid in listed(get, "/changes?topic=two")} <= members


def test_what_left_or_returned_to_another_search_is_not_of_this_one(get: Get) -> None:
    assert [pmid for _, pmid in listed(get, "/changes?topic=one&kind=returned")] == [
        nights.RETURNED
    ]
    assert list(listed(get, "/changes?topic=two&kind=returned")) == []


def test_the_newest_records_come_first(get: Get) -> None:
    order = [pmid for _, pmid in listed(get, f"/changes?from={nights.BIG}&to={nights.BIG}")]
    assert order == sorted(order, reverse=True)


def test_no_retraction_is_cut_off_from_a_day(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    nights.make_library(path)
    connection = open_library(path).conn
    run = nights.night(connection, 25, status="new")
    many = [(run, nights.FIRST + n, "retracted" if n < 50 else "revised") for n in range(40, 70)]
    connection.executemany("INSERT INTO changes (run_id, pmid, kind) VALUES (?, ?, ?)", many)
    connection.commit()
    connection.close()
    part = days(page(getter(serve(path))))["2026-11-25"]
    assert part.count('<span class="change" data-status="retracted">') == 10
    assert part.count('<span class="change"') == 15
    assert "All 30 changes of 25 November 2026" in part


def test_days_that_are_named_backwards_are_turned_round() -> None:
    assert read("from=2026-11-08&to=2026-11-06") == read("from=2026-11-06&to=2026-11-08")
    assert read("from=2026-11-06&to=2026-11-08").first == "2026-11-06"


def test_nothing_hostile_gets_through(get: Get) -> None:
    for url in ("/changes?page=2", f"/changes?from={nights.BUSY}&to={nights.BUSY}"):
        inspector = Inspector()
        html = page(get, url)
        inspector.feed(html)
        assert inspector.found == []
        assert not re.search("[\x00\x1b\u202e]", html)


def test_what_is_not_there_is_said(get: Get) -> None:
    assert "There is no page 99" in page(get, "/changes?page=99")
    assert "No such change so far" in page(get, "/changes?topic=nowhere")
    assert "No such change so far" in page(get, "/changes?from=1999-01-01&to=1999-01-01")


def test_an_empty_library_has_no_changes(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    open_library(path).conn.close()
    html = page(getter(serve(path)))
    assert "Nothing has been harvested yet" in html


def test_the_sample_says_so(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    nights.make_library(path, kind="sample")
    get = getter(serve(path))
    assert "Sample data." in page(get)
    assert "<title>Sample data: Changes</title>" in get("/changes.atom").text


def test_a_running_harvest_is_not_called_done(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    nights.make_library(path)
    connection = open_library(path).conn
    nights.night(connection, 25, status="running")
    connection.commit()
    connection.close()
    parts = days(page(getter(serve(path))))
    assert "A run has not ended yet." in words(parts["2026-11-25"])


def test_pages_are_kept_by_browsers(get: Get) -> None:
    tag = get("/changes").headers["etag"]
    assert get("/changes", headers={"if-none-match": tag}).status_code == 304
    assert get("/changes?page=2", headers={"if-none-match": tag}).status_code == 200


def test_the_feed_is_found_from_the_page(get: Get) -> None:
    html = page(get, "/changes?kind=retracted")
    assert (
        '<link rel="alternate" type="application/atom+xml" title="Changes: Retracted" '
        'href="/changes.atom?kind=retracted">' in html
    )
    assert '<a href="/changes" aria-current="page">Changes</a>' in page(get)


def test_crawlers_find_the_page_and_not_the_maze(get: Get) -> None:
    assert "/changes</loc>" in get("/sitemap.xml").text
    assert "Disallow: /changes?" in get("/robots.txt").text


parameters = st.lists(
    st.tuples(
        st.sampled_from(["kind", "topic", "from", "to", "run", "page", "x"]) | st.text(max_size=4),
        st.sampled_from([*KINDS, "one", "2026-11-06", "2026-02-30", "0", "7", "-1", "9" * 30])
        | st.text(max_size=12),
    ),
    max_size=8,
)


@given(parameters)
def test_an_address_says_the_same_when_it_is_read_again(pairs: list[tuple[str, str]]) -> None:
    from urllib.parse import urlencode

    asked = read(urlencode(pairs, errors="surrogatepass"))
    assert read(write(asked).partition("?")[2]) == asked
    assert read(write(asked, "/changes.atom").partition("?")[2]) == asked.at(1)


@given(parameters | st.text(max_size=40))
@settings(max_examples=60, deadline=None)
def test_no_address_is_an_error(get: Get, asked: list[tuple[str, str]] | str) -> None:
    from urllib.parse import quote, urlencode

    if isinstance(asked, str):
        query = quote(asked, safe="=&%;+", errors="surrogatepass")
    else:
        query = urlencode(asked, errors="surrogatepass")
    for path in ("/changes", "/changes.atom"):
        assert get(f"{path}?{query}").status_code == 200
