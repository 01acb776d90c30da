"""Batches of records, reconciled with what was asked."""

import itertools
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import (
    BadRequest,
    EutilsError,
    Interrupted,
    RateLimited,
    ReplyTimeout,
    ServiceDown,
    TruncatedReply,
)
from harvester.pubmed.eutils import Eutils
from harvester.pubmed.fetch import Batch, fetch
from harvester.pubmed.parse import pmid_of
from tests.eutils_server import Corpus, EutilsServer

from .stub import (
    FAILURE,
    RATE_LIMIT,
    VIEWER_TIMEOUT,
    Answer,
    Call,
    Stub,
    article,
    article_set,
    client,
    document,
)


class PubMed:
    """Answers efetch for all PMIDs but `unknown`; `fails` may raise an error for a request."""

    def __init__(
        self,
        unknown: Collection[int] = (),
        fails: Callable[[Sequence[int]], None] = lambda pmids: None,
    ) -> None:
        self.unknown = unknown
        self.fails = fails
        self.asked: list[tuple[int, ...]] = []

    def efetch(self, pmids: Sequence[int]) -> bytes:
        self.asked.append(tuple(pmids))
        self.fails(pmids)
        return article_set(*(pmid for pmid in dict.fromkeys(pmids) if pmid not in self.unknown))

    def fetch(self, pmids: Iterable[int], **options: int) -> list[Batch]:
        return list(fetch(cast("Eutils", self), pmids, **options))


def poison(bad: Collection[int], error: type[EutilsError] = ReplyTimeout) -> PubMed:
    def fails(pmids: Sequence[int]) -> None:
        if set(bad) & set(pmids):
            raise error("The record is to blame.")

    return PubMed(fails=fails)


def got(batches: Iterable[Batch]) -> list[int | None]:
    return [pmid_of(piece.data) for batch in batches for piece in batch.pieces]


def test_batches_come_in_the_order_asked() -> None:
    pubmed = PubMed()
    wanted = [5, 3, 9, 1, 7, 8, 2]
    batches = pubmed.fetch(wanted, batch_size=3)
    assert [batch.asked for batch in batches] == [(5, 3, 9), (1, 7, 8), (2,)]
    assert got(batches) == wanted
    assert sorted(pubmed.asked) == [(1, 7, 8), (2,), (5, 3, 9)]


def test_the_order_holds_when_answers_overtake_each_other() -> None:
    def slow_first(pmids: Sequence[int]) -> None:
        time.sleep(0.05 / pmids[0])

    wanted = list(range(1, 13))
    assert got(PubMed(fails=slow_first).fetch(wanted, batch_size=1)) == wanted


def test_a_pmid_is_asked_for_once() -> None:
    pubmed = PubMed()
    assert got(pubmed.fetch([4, 4, 2, 4])) == [4, 2]
    assert pubmed.asked == [(4, 2)]


def test_nothing_to_fetch() -> None:
    assert PubMed().fetch([]) == []


@pytest.mark.parametrize("pmid", [0, -1])
def test_what_is_no_pmid_is_never_sent(pmid: int) -> None:
    pubmed = PubMed()
    with pytest.raises(ValueError, match="above 0"):
        pubmed.fetch([1, pmid])
    assert pubmed.asked == []


def test_unknown_records_are_asked_for_again_and_alone() -> None:
    pubmed = PubMed(unknown={2, 4})
    (batch,) = pubmed.fetch([1, 2, 3, 4])
    assert got([batch]) == [1, 3]
    assert batch.missing == (2, 4)
    assert batch.failed == ()
    assert pubmed.asked == [(1, 2, 3, 4), (2, 4), (2,), (4,)]


def test_one_unknown_record_takes_one_request_more() -> None:
    pubmed = PubMed(unknown={2})
    assert pubmed.fetch([1, 2])[0].missing == (2,)
    assert pubmed.fetch([2])[0].missing == (2,)
    assert pubmed.asked == [(1, 2), (2,), (2,), (2,)]


def test_a_record_left_out_once_is_not_missing() -> None:
    """As from a window that PubMed silently made one record smaller."""

    class Forgetful(PubMed):
        def efetch(self, pmids: Sequence[int]) -> bytes:
            self.asked.append(tuple(pmids))
            return article_set(*(pmids if len(self.asked) > 1 else pmids[:-1]))

    (batch,) = Forgetful().fetch([1, 2, 3])
    assert got([batch]) == [1, 2, 3]
    assert batch.missing == ()


def test_what_nobody_asked_for_is_reported_and_not_a_piece() -> None:
    class Generous(PubMed):
        def efetch(self, pmids: Sequence[int]) -> bytes:
            return article_set(*pmids, 77, *pmids, 77)

    (batch,) = Generous().fetch([1, 2])
    assert got([batch]) == [1, 2]
    assert [pmid_of(piece.data) for piece in batch.strays] == [77]


def test_a_record_without_a_pmid_is_a_failure_of_the_one_asked_for() -> None:
    class Nameless(PubMed):
        def efetch(self, pmids: Sequence[int]) -> bytes:
            nameless = "<PubmedArticle><MedlineCitation/></PubmedArticle>"
            inner = "".join(nameless if pmid == 2 else article(pmid) for pmid in pmids)
            return document("PubmedArticleSet", inner)

    (batch,) = Nameless().fetch([1, 2, 3])
    assert got([batch]) == [1, 3]
    assert [pmid for pmid, _ in batch.failed] == [2]
    assert batch.missing == ()
    assert len(batch.strays) == 1


# -- records and batches that cannot be had ---------------------------------------------------


@pytest.mark.parametrize("error", [ReplyTimeout, TruncatedReply, ServiceDown, EutilsError])
def test_a_poisonous_record_never_costs_its_neighbours(error: type[EutilsError]) -> None:
    pubmed = poison({313}, error)
    batches = pubmed.fetch(range(1, 501), batch_size=100)
    assert got(batches) == [pmid for pmid in range(1, 501) if pmid != 313]
    assert [batch.failed for batch in batches if batch.failed] == [
        ((313, "The record is to blame."),)
    ]
    assert len(pubmed.asked) <= 5 + 2 * 7


def test_a_garbled_record_among_good_ones_is_isolated() -> None:
    class Garbled(PubMed):
        def efetch(self, pmids: Sequence[int]) -> bytes:
            inner = "".join("rubbish" if pmid == 3 else article(pmid) for pmid in pmids)
            return document("PubmedArticleSet", inner)

    (batch,) = Garbled().fetch(range(1, 9))
    assert got([batch]) == [1, 2, 4, 5, 6, 7, 8]
    assert [pmid for pmid, _ in batch.failed] == [3]


def test_a_batch_that_is_too_large_is_halved_until_it_passes() -> None:
    def fails(pmids: Sequence[int]) -> None:
        if len(pmids) > 100:
            raise ReplyTimeout("Too many.")

    pubmed = PubMed(fails=fails)
    (batch,) = pubmed.fetch(range(1, 401), batch_size=400)
    assert got([batch]) == list(range(1, 401))
    assert [len(asked) for asked in pubmed.asked] == [400, 200, 200, 100, 100, 100, 100]


def test_one_new_record_that_times_out_is_a_failure_and_no_outage() -> None:
    (batch,) = poison({7}).fetch([7])
    assert batch.failed == ((7, "The record is to blame."),)


@pytest.mark.parametrize(
    ("error", "requests"), [(ServiceDown, 3), (EutilsError, 3), (ReplyTimeout, 9)]
)
def test_when_all_fails_pubmed_is_out_of_reach(error: type[EutilsError], requests: int) -> None:
    pubmed = poison(range(1, 1_000), error)
    with pytest.raises(error):
        pubmed.fetch(range(1, 400), batch_size=400)
    assert len(pubmed.asked) == requests


def test_a_lone_record_that_is_refused_tells_of_an_outage() -> None:
    with pytest.raises(ServiceDown):
        poison({7}, ServiceDown).fetch([7])


@pytest.mark.parametrize("error", [BadRequest, RateLimited])
def test_what_concerns_all_records_is_not_blamed_on_one(error: type[EutilsError]) -> None:
    pubmed = poison({7}, error)
    with pytest.raises(error):
        pubmed.fetch(range(1, 100))
    assert len(pubmed.asked) == 1


def test_batches_before_an_outage_are_good() -> None:
    pubmed = poison(range(7, 100), ServiceDown)
    batches = fetch(cast("Eutils", pubmed), range(1, 100), batch_size=3)
    assert got(itertools.islice(batches, 2)) == [1, 2, 3, 4, 5, 6]
    with pytest.raises(ServiceDown):
        next(batches)


@given(
    st.lists(st.integers(1, 60), max_size=60),
    st.sets(st.integers(1, 60), max_size=10),
    st.sets(st.integers(1, 60), max_size=2),
    st.integers(4, 20),
    st.integers(1, 3),
)
def test_every_pmid_is_accounted_for_once(
    wanted: list[int], unknown: set[int], bad: set[int], size: int, workers: int
) -> None:
    pubmed = poison(bad)
    pubmed.unknown = unknown
    batches = pubmed.fetch(wanted, batch_size=size, workers=workers)
    fates = [
        *got(batches),
        *(pmid for batch in batches for pmid in batch.missing),
        *(pmid for batch in batches for pmid, _ in batch.failed),
    ]
    assert sorted(map(int, filter(None, fates))) == sorted(set(wanted))
    assert [pmid for batch in batches for pmid in batch.asked] == list(dict.fromkeys(wanted))
    assert {pmid for batch in batches for pmid, _ in batch.failed} == bad & set(wanted)


# -- threads ----------------------------------------------------------------------------------


def test_waiting_overlaps_and_memory_is_bounded() -> None:
    """Four requests are under way at once, and none is sent far ahead of the reader."""
    together = threading.Barrier(4)
    pubmed = PubMed(fails=lambda pmids: cast("None", together.wait(10)))
    batches = fetch(cast("Eutils", pubmed), range(1, 41), batch_size=1, workers=4)
    for read, _ in enumerate(batches):
        assert len(pubmed.asked) <= read + 1 + 4
    assert len(pubmed.asked) == 40


def test_stop_ends_after_the_batch_in_hand() -> None:
    stop = threading.Event()
    pubmed = PubMed()
    batches = fetch(cast("Eutils", pubmed), range(1, 1_000), batch_size=10, stop=stop)
    assert got([next(batches)]) == list(range(1, 11))
    stop.set()
    assert list(batches) == []
    assert len(pubmed.asked) <= 6


def test_stop_does_not_wait_for_an_answer_that_hangs() -> None:
    stop, hang = threading.Event(), threading.Event()
    pubmed = PubMed(fails=lambda pmids: cast("None", hang.wait(30)))
    threading.Timer(0.05, stop.set).start()
    begun = time.monotonic()
    assert list(fetch(cast("Eutils", pubmed), [1, 2, 3], stop=stop)) == []
    assert time.monotonic() - begun < 2
    hang.set()


def test_a_reader_that_goes_away_ends_the_requests() -> None:
    pubmed = poison({500})
    batches = fetch(cast("Eutils", pubmed), range(1, 10_000), batch_size=10)
    next(batches)
    begun = time.monotonic()
    batches.close()  # type: ignore[attr-defined]
    assert time.monotonic() - begun < 0.1
    time.sleep(0.05)
    sent = len(pubmed.asked)
    time.sleep(0.05)
    assert len(pubmed.asked) == sent <= 5


def test_a_client_that_is_stopped_says_so() -> None:
    stop = threading.Event()
    stop.set()
    with Stub(lambda call: Answer(body=article_set(*call.ids))) as server:
        asked = client(server.url, stop=stop)
        with pytest.raises(Interrupted):
            list(fetch(asked, [1, 2, 3]))


# -- over HTTP --------------------------------------------------------------------------------


def test_all_that_can_happen_on_the_way() -> None:
    """Each of a hundred requests meets something, in turn; not one record is lost."""
    troubles = itertools.cycle(
        [
            lambda body: Answer(body=body),
            lambda body: RATE_LIMIT,
            lambda body: Answer(body=body, cut=200),
            lambda body: Answer(drop=True),
            lambda body: Answer(body=body),
            lambda body: VIEWER_TIMEOUT,
            lambda body: FAILURE,
            lambda body: Answer(),
            lambda body: Answer(body=body[:-100]),
            lambda body: Answer(body=body, close=True),
        ]
    )
    lock = threading.Lock()

    def answer(call: Call) -> Answer:
        with lock:
            trouble = next(troubles)
        return trouble(article_set(*call.ids))

    wanted = list(range(1, 1_001))
    with Stub(answer) as server:
        batches = list(fetch(client(server.url), wanted, batch_size=20))
    assert got(batches) == wanted
    assert not any(batch.missing or batch.failed for batch in batches)


def test_over_http_with_records_that_pubmed_does_not_have() -> None:
    with EutilsServer(corpus=Corpus.bulk(950)) as server:
        known = sorted(server.corpus.pmids)
        batches = list(fetch(client(server.url), [*known, 1, 2], batch_size=400))
        assert got(batches) == known
        assert [batch.missing for batch in batches] == [(), (), (1, 2)]
        assert [r.method for r in server.requests] == ["POST"] * 6
