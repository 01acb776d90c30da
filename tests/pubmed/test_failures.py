"""Every failure of the service that is known, met once by a search and once by a fetch."""

import time

import pytest

from harvester.errors import BadRequest, ParseError, ReplyTimeout
from harvester.pubmed import eutils
from harvester.pubmed.eutils import Eutils
from harvester.pubmed.fetch import Batch, fetch
from harvester.pubmed.parse import pmid_of, read_record
from harvester.pubmed.search import search
from harvester.settings import Settings
from tests.eutils_server import (
    Corpus,
    EutilsServer,
    Fault,
    cut,
    cut_at_record,
    cut_in_entity,
    damage,
    leave_out,
    miscount,
    replay,
    reset,
    stall,
)
from tests.eutils_server.faults import names

from .stub import client

TERM = "1:99999999[UID]"
REFUSED = {
    "http200_esearch_json_retstart_9999_INVALID_JSON",
    "http200_esummary_json_too_many_uids",
    "http400_api_key_invalid",
    "http400_api_key_not_wellformed",
    "http400_efetch_history_retstart_too_large",
    "http400_efetch_no_correct_ids",
    "http400_mandatory_db_omitted",
    "http414_uri_too_large",
}
PASSING = {name: replay(name) for name in names() if name not in REFUSED}
BROKEN = {
    "reset": reset(),
    "reset of a kept connection": reset(reused=True),
    "cut at once": cut(0),
    "cut": cut(400),
    "cut, and HTTP says whole": cut(400, clean=True),
    "cut in an entity": cut_in_entity(clean=True),
}


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus.bulk(50)


def delivered(batches: list[Batch]) -> list[int | None]:
    return [pmid_of(piece.data) for batch in batches for piece in batch.pieces]


@pytest.mark.parametrize("fault", [*PASSING.values(), *BROKEN.values()], ids=[*PASSING, *BROKEN])
@pytest.mark.parametrize("times", [1, 2])
def test_what_passes_is_ridden_out(fault: Fault, times: int, corpus: Corpus) -> None:
    with EutilsServer(corpus=corpus) as server:
        server.fail(fault, utility="esearch", times=times)
        server.fail(fault, utility="efetch", at=2, times=times)
        asked = client(server.url)
        result = search(asked, TERM)
        batches = list(fetch(asked, result.pmids, batch_size=20))
    assert result.complete
    assert result.count == len(corpus)
    assert delivered(batches) == list(corpus.pmids)
    assert not any(batch.missing or batch.failed or batch.strays for batch in batches)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_is_refused_is_said_at_once(name: str, corpus: Corpus) -> None:
    with EutilsServer(corpus=corpus) as server:
        server.fail(replay(name), times=None)
        for ask in (lambda c: search(c, TERM), lambda c: list(fetch(c, [1, 2, 3]))):
            with pytest.raises(BadRequest) as raised:
                ask(client(server.url))
            assert str(raised.value).endswith(".")
            assert "0123456789" not in str(raised.value)
        assert len(server.requests) == 2


def test_a_cut_between_two_records_is_no_smaller_set(corpus: Corpus) -> None:
    with EutilsServer(corpus=corpus) as server:
        server.fail(cut_at_record(7, clean=True), utility="efetch")
        batches = list(fetch(client(server.url), corpus.pmids))
    assert delivered(batches) == list(corpus.pmids)


def test_records_left_out_are_asked_for_again(corpus: Corpus) -> None:
    gone = tuple(corpus.pmids)[10:13]
    with EutilsServer(corpus=corpus) as server:
        server.fail(leave_out(*gone), utility="efetch")
        batches = list(fetch(client(server.url), corpus.pmids))
        assert delivered(batches) == list(corpus.pmids)
        assert len(server.requests) == 2


def test_a_record_that_is_always_left_out_is_missing(corpus: Corpus) -> None:
    pmids = tuple(corpus.pmids)
    with EutilsServer(corpus=corpus) as server:
        server.fail(leave_out(pmids[4], pmids[9]), utility="efetch", times=None)
        (batch,) = fetch(client(server.url), pmids)
    assert batch.missing == (pmids[4], pmids[9])
    assert len(batch.pieces) == 48


def test_a_malformed_record_comes_as_it_is_with_its_number(corpus: Corpus) -> None:
    pmids = tuple(corpus.pmids)
    with EutilsServer(corpus=corpus) as server:
        server.fail(damage(pmids[4]), utility="efetch", times=None)
        (batch,) = fetch(client(server.url), pmids)
    assert delivered([batch]) == list(pmids)
    with pytest.raises(ParseError) as raised:
        read_record(batch.pieces[4].data)
    assert raised.value.pmid == pmids[4]


@pytest.mark.parametrize("count", [50, 10_000])
def test_a_count_off_by_one(count: int) -> None:
    with EutilsServer(corpus=Corpus.bulk(count)) as server:
        server.fail(miscount(), utility="esearch")
        assert search(client(server.url), TERM).complete
        server.fail(miscount(), utility="esearch", times=None)
        result = search(client(server.url), TERM)
    assert not result.complete
    assert len(result.pmids) == count


def test_silence_in_the_middle_of_an_answer(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eutils, "_TIMEOUT", (5.0, 0.1))
    with EutilsServer(corpus=corpus) as server:
        server.fail(stall(0.5), utility="efetch", times=3)
        asked = client(server.url)
        with pytest.raises(ReplyTimeout):
            asked.efetch(corpus.pmids)
        assert asked.efetch(corpus.pmids).count(b"<PubmedArticle>") == 50


@pytest.mark.slow
@pytest.mark.parametrize("key", [None, "0123456789abcdef0123456789abcdef0000"])
def test_the_real_pace_is_never_refused(key: str | None, corpus: Corpus) -> None:
    """By the real clock, against a server that counts as NCBI does."""
    with EutilsServer(corpus=corpus, rate_limit=3) as server:
        settings = Settings(eutils_url=server.url, api_key=key)
        with Eutils(settings) as asked:
            begun = time.monotonic()
            for _ in fetch(asked, tuple(corpus.pmids), batch_size=3 if key else 5):
                pass
            seconds = time.monotonic() - begun
        statuses = {request.status for request in server.requests}
        count = len(server.requests)
    assert statuses == {200}
    assert seconds >= (count - 1) * (0.12 if key else 0.37)
