"""Complete sets of PMIDs, read in parts that add up."""

import random
import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.pubmed import search as module
from harvester.pubmed.control import SearchReply
from harvester.pubmed.eutils import Eutils
from harvester.pubmed.search import SearchResult, search, search_window
from tests.eutils_server import Corpus, EutilsServer

from .stub import client

WALL = 9_999
RANGE = re.compile(r"\((.*)\) AND (\d+):(\d+)\[UID\]", re.DOTALL)


class PubMed:
    """A set of PMIDs that is searched as PubMed does it; `before` runs before each answer."""

    def __init__(self, pmids: Iterable[int]) -> None:
        self.pmids = set(pmids)
        self.terms: list[str] = []
        self.order: Callable[[list[int]], list[int]] = lambda ids: sorted(ids, reverse=True)
        self.before: Callable[[int], None] = lambda number: None
        self.count: Callable[[int, str], int] = lambda count, term: count

    def esearch(self, term: str, *, retmax: int = WALL) -> SearchReply:
        self.before(len(self.terms))
        self.terms.append(term)
        found = RANGE.fullmatch(term)
        low, high = (int(found[2]), int(found[3])) if found else (0, 10**9)
        ids = [pmid for pmid in self.pmids if low <= pmid <= high]
        return SearchReply(
            count=self.count(len(ids), term),
            ids=tuple(self.order(ids)[: module.MAX_IDS]),
            translation=f"translated {term}",
            warnings=("QuotedPhraseNotFound: x",),
        )

    def search(self, known: Iterable[int] = ()) -> SearchResult:
        return search(cast("Eutils", self), "ketamine", known=known)


def made(count: int, seed: int = 1) -> list[int]:
    """So many PMIDs, denser towards today, as those of a growing field are."""
    chance = random.Random(seed)  # noqa: S311
    pmids: set[int] = set()
    while len(pmids) < count:
        pmids.add(1 + int(41_000_000 * chance.random() ** 0.4))
    return sorted(pmids)


def check_parts(result: SearchResult) -> None:
    """The parts tile all PMIDs and add up."""
    assert result.complete
    assert result.reason == ""
    assert sum(part.reported for part in result.slices) == result.count == len(result.pmids)
    assert all(part.reported == part.received for part in result.slices)
    if len(result.slices) == 1:
        assert result.slices[0].low is result.slices[0].high is None
        return
    edge = 1
    for part in result.slices:
        assert part.low == edge
        assert part.high is not None
        edge = part.high + 1
    assert edge == 100_000_000


@pytest.mark.parametrize("count", [0, 1, 9_998, 9_999])
def test_a_set_that_pubmed_lists_whole_takes_one_request(count: int) -> None:
    pubmed = PubMed(made(count))
    result = pubmed.search()
    assert result.pmids == tuple(sorted(pubmed.pmids))
    assert pubmed.terms == ["ketamine"]
    assert result.translation == "translated ketamine"
    assert result.warnings == ("QuotedPhraseNotFound: x",)
    check_parts(result)


@pytest.mark.parametrize(
    ("count", "first", "nightly"),
    [(10_000, 3, 3), (12_345, 3, 3), (18_800, 3, 3), (25_000, 5, 4), (60_000, 13, 8)],
)
def test_a_larger_set_takes_few_requests(count: int, first: int, nightly: int) -> None:
    pubmed = PubMed(made(count))
    result = pubmed.search()
    assert result.pmids == tuple(sorted(pubmed.pmids))
    check_parts(result)
    assert len(pubmed.terms) == first
    pubmed.terms.clear()
    pubmed.pmids |= {41_000_000 + n for n in range(100)}  # a night's news
    result = pubmed.search(known=result.pmids)
    assert len(result.pmids) == count + 100
    check_parts(result)
    assert len(pubmed.terms) == nightly


def test_records_newer_than_any_known_are_found() -> None:
    pmids = made(12_000)
    result = PubMed([*pmids, 57_000_000]).search(known=pmids)
    assert 57_000_000 in result
    assert 57_000_001 not in result


def test_half_a_set_known_is_no_harm() -> None:
    pmids = made(30_000)
    for known in (pmids[:15_000], pmids[15_000:], pmids[::2], range(1, 40_000)):
        pubmed = PubMed(pmids)
        check_parts(pubmed.search(known=known))
        assert len(pubmed.terms) <= 10


@pytest.mark.parametrize(
    "order",
    [sorted, lambda ids: sorted(ids, key=lambda i: i % 1_000), lambda ids: sorted(ids, key=str)],
    ids=["oldest first", "any", "as text"],
)
def test_the_order_of_the_list_does_not_matter(order: Callable[[list[int]], list[int]]) -> None:
    pubmed = PubMed(made(25_000))
    pubmed.order = order
    result = pubmed.search()
    assert result.pmids == tuple(sorted(pubmed.pmids))
    check_parts(result)
    assert len(pubmed.terms) < 40


def test_books_at_the_front_and_duplicates_are_harmless() -> None:
    pubmed = PubMed(made(11_000))
    books = made(11_000)[:20]
    pubmed.order = lambda ids: [
        *(book for book in books if book in ids),
        *sorted(set(ids) - set(books), reverse=True),
        *(book for book in books if book in ids),
    ]
    result = pubmed.search()
    assert result.pmids == tuple(sorted(pubmed.pmids))
    check_parts(result)


@given(
    st.sets(st.integers(1, 300), max_size=250),
    st.lists(st.integers(1, 300), max_size=250),
    st.randoms(use_true_random=False),
)
def test_any_set_is_read_whole(pmids: set[int], known: list[int], chance: random.Random) -> None:
    """The same with a wall of 9, a hundred times nearer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MAX_IDS", 9)
        patch.setattr(module, "_PART", 8)
        patch.setattr(module, "_LAST_PMID", 300)
        pubmed = PubMed(pmids)
        pubmed.order = lambda ids: chance.sample(ids, len(ids))
        result = pubmed.search(known=known)
        assert result.pmids == tuple(sorted(pmids))
        assert result.complete
        assert result.count == sum(part.received for part in result.slices) == len(pmids)


# -- what changes, and what does not add up ---------------------------------------------------


def test_a_record_that_comes_while_we_read_is_in_the_set() -> None:
    pubmed = PubMed(made(12_000))

    def before(number: int) -> None:
        if number == 2:  # after the whole was counted and the first part was read
            pubmed.pmids.add(41_500_000)

    pubmed.before = before
    result = pubmed.search()
    assert 41_500_000 in result
    check_parts(result)
    assert len(pubmed.terms) == 4  # the whole was counted again


def test_a_record_that_comes_into_a_part_already_read_is_left_to_the_next_night() -> None:
    pubmed = PubMed(made(12_000))

    def before(number: int) -> None:
        if number == 2:
            pubmed.pmids.add(2)

    pubmed.before = before
    result = pubmed.search()
    assert 2 not in result
    check_parts(result)


def test_records_that_come_and_go_make_it_read_again() -> None:
    pubmed = PubMed(made(12_000))

    def before(number: int) -> None:
        if number == 1:
            pubmed.pmids |= {41_500_000, 41_500_001}
        if number == 3:
            pubmed.pmids.discard(41_500_001)

    pubmed.before = before
    result = pubmed.search()
    assert result.pmids == tuple(sorted(pubmed.pmids))
    check_parts(result)
    assert len(pubmed.terms) == 6


def test_a_set_that_grows_over_the_wall_while_we_read() -> None:
    pubmed = PubMed(made(9_999))
    pubmed.count = lambda count, term: count + 1 if len(pubmed.terms) == 1 else count
    pubmed.before = lambda number: pubmed.pmids.add(41_500_000)
    result = pubmed.search()
    assert len(result.pmids) == 10_000
    check_parts(result)


@pytest.mark.parametrize("count", [34, 12_000])
def test_a_count_that_was_wrong_once_is_asked_again(count: int) -> None:
    pubmed = PubMed(made(count))
    pubmed.count = lambda count, term: count + (len(pubmed.terms) == 1)
    check_parts(pubmed.search())


@pytest.mark.parametrize("count", [34, 9_999, 12_000])
def test_a_count_that_never_fits_is_said(count: int) -> None:
    pubmed = PubMed(made(count))
    pubmed.count = lambda count, term: count + (term == "ketamine")
    result = pubmed.search()
    assert not result.complete
    assert result.count == count + 1
    assert len(result.pmids) == count
    assert f"{count + 1:,}" in result.reason
    assert f"{count:,}" in result.reason
    assert result.reason.endswith(".")
    assert len(pubmed.terms) <= 12


def test_a_part_that_lacks_a_record_is_read_again_and_then_said() -> None:
    pubmed = PubMed(made(12_000))
    pubmed.count = lambda count, term: count + ("AND 1:" in term)
    result = pubmed.search()
    assert not result.complete
    assert [part.reported - part.received for part in result.slices] == [1, 0]


def test_a_service_that_ignores_the_range_is_found_out() -> None:
    pubmed = PubMed(made(12_000))
    whole = SearchReply(count=12_000, ids=tuple(made(12_000)[:WALL]), translation="", warnings=())
    asked = []

    def esearch(term: str) -> SearchReply:
        asked.append(term)
        return whole

    pubmed.esearch = esearch  # type: ignore[assignment, method-assign]
    result = pubmed.search()
    assert not result.complete
    assert "range of PMIDs" in result.reason
    assert len(asked) < 40


def test_a_service_that_counts_nonsense_comes_to_an_end() -> None:
    pubmed = PubMed(made(50))
    pubmed.count = lambda count, term: 20_000
    result = pubmed.search()
    assert not result.complete
    assert len(pubmed.terms) < 400


# -- the window -------------------------------------------------------------------------------


def test_the_window_asks_for_new_and_revised_records() -> None:
    pubmed = PubMed([3, 2, 1])
    result = search_window(cast("Eutils", pubmed), "a OR b", date(2026, 3, 5))
    assert result.pmids == (1, 2, 3)
    assert pubmed.terms == [
        '(a OR b) AND (("2026/03/05"[crdt] : "3000"[crdt]) OR ("2026/03/05"[lr] : "3000"[lr]))'
    ]


# -- over HTTP --------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "requests"), [(9_999, 1), (10_000, 3), (25_000, 5)])
def test_over_http(count: int, requests: int) -> None:
    with EutilsServer(corpus=Corpus.bulk(count)) as server:
        asked = client(server.url)
        result = search(asked, '"ketamine"[tiab]')
        assert result.pmids == tuple(sorted(server.corpus.pmids))
        check_parts(result)
        assert asked.requests_sent == requests
