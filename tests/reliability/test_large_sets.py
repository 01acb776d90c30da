"""Sets larger than PubMed lists, through a whole harvest; the limit is 50 in place of 9,999."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

import pytest

from harvester.pubmed.fetch import fetch
from tests.eutils_server import Corpus, Fault, miscount
from tests.eutils_server.record import Record
from tests.eutils_server.replies import Reply
from tests.test_harvest import LONG_AGO, TODAY, Night, night

__all__ = ["night"]

LIMIT, PART = 50, 45
TOPIC = "trd"

BOOK = (
    '<PubmedBookArticle><BookDocument><PMID Version="1">{0}</PMID><ArticleIdList>'
    '<ArticleId IdType="bookaccession">NBK{0}</ArticleId></ArticleIdList><Book><Publisher>'
    "<PublisherName>Made-up Press</PublisherName></Publisher><BookTitle>Treatment-resistant "
    "depression: review {0}</BookTitle><PubDate><Year>2026</Year></PubDate></Book>"
    "<ArticleTitle>Treatment-resistant depression, chapter {0}</ArticleTitle>"
    "<Language>eng</Language><Abstract><AbstractText>People with treatment-resistant depression."
    "</AbstractText></Abstract></BookDocument><PubmedBookData><History>"
    '<PubMedPubDate PubStatus="pubmed"><Year>2026</Year><Month>9</Month><Day>9</Day>'
    '</PubMedPubDate><PubMedPubDate PubStatus="entrez"><Year>2026</Year><Month>9</Month>'
    "<Day>9</Day></PubMedPubDate></History><PublicationStatus>ppublish</PublicationStatus>"
    '<ArticleIdList><ArticleId IdType="pubmed">{0}</ArticleId></ArticleIdList></PubmedBookData>'
    "</PubmedBookArticle>"
)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.eutils_server.utilities.LIMIT", LIMIT)
    monkeypatch.setattr("harvester.pubmed.search.MAX_IDS", LIMIT)
    monkeypatch.setattr("harvester.pubmed.search._PART", PART)


def corpus_of(count: int) -> Corpus:
    corpus = Corpus(today=LONG_AGO)
    corpus.add_many(count, kind="stimulation")
    corpus.today = TODAY
    return corpus


def in_ranges(utility: str, params: Mapping[str, list[str]]) -> bool:
    return utility == "esearch" and "[UID]" in params["term"][0]


def whole(utility: str, params: Mapping[str, list[str]]) -> bool:
    return utility == "esearch" and "[UID]" not in params["term"][0]


def slices(library: Night) -> list[tuple]:
    return library.rows(
        "SELECT reported, received, stored FROM run_slices WHERE kind = 'set' "
        "AND run_id = (SELECT max(id) FROM runs)"
    )


def held(library: Night) -> int:
    ((count,),) = library.rows(
        "SELECT count(*) FROM article_topics WHERE topic = ? AND left_run IS NULL", TOPIC
    )
    return int(count)


def check_sizes(library: Night, count: int) -> None:
    report = library.harvest(TOPIC)
    assert (report.status, report.counts.reported, report.counts.held) == ("new", count, count)
    assert all(reported == received == stored for reported, received, stored in slices(library))
    assert sum(reported for reported, _, _ in slices(library)) == count
    library.corpus.pass_days(40)
    assert library.harvest(TOPIC).status == "unchanged"


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("count", [LIMIT - 1, LIMIT, LIMIT + 1, 2 * LIMIT, 125])
def test_around_the_limit(count: int, night: Callable[..., Night]) -> None:
    library = night(corpus_of(count))
    check_sizes(library, count)
    assert (len(slices(library)) > 1) == (count > LIMIT)


@pytest.mark.slow
@pytest.mark.parametrize("count", [9_999, 10_000, 25_000])
def test_at_the_real_limit(
    count: int, night: Callable[..., Night], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harvester.harvest.fetch", partial(fetch, batch_size=1_000))
    check_sizes(night(corpus_of(count)), count)


@pytest.mark.usefixtures("small")
def test_books_stand_at_the_front(night: Callable[..., Night]) -> None:
    """Their PMIDs are low and PubMed lists them first."""
    corpus = corpus_of(120)
    for pmid in range(20_300_000, 20_300_007):
        corpus.put(Record.read(BOOK.format(pmid).encode()))
    library = night(corpus)
    check_sizes(library, 127)
    assert library.rows("SELECT count(*) FROM articles WHERE kind = 'book'") == [(7,)]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("which", [in_ranges, whole])
def test_parts_that_never_add_up_are_a_problem(
    which: Callable[..., bool], night: Callable[..., Night]
) -> None:
    """Counts that are off by one for ever, in the parts or in the whole."""
    library = night(corpus_of(120))
    library.harvest(TOPIC)
    library.corpus.pass_days(40)
    library.corpus.delete(70_000_005)
    library.corpus.add("stimulation")
    library.server.fail(miscount(), when=which, times=None)
    report = library.harvest(TOPIC)
    assert report.status == "partial"
    assert any("PubMed counts" in problem.reason for problem in report.problems)
    assert library.rows("SELECT complete FROM runs WHERE id = 2") == [(0,)]
    assert library.rows("SELECT * FROM changes WHERE kind IN ('left', 'withdrawn')") == []
    library.server.heal()
    assert library.harvest(TOPIC).counts.withdrawn == 1
    assert held(library) == 120
    assert library.rows("SELECT * FROM problems WHERE solved_run IS NULL") == []


@pytest.mark.usefixtures("small")
def test_a_set_that_changes_once_while_it_is_read_is_read_again(
    night: Callable[..., Night],
) -> None:
    library = night(corpus_of(120))
    seen = []

    def add_one(utility: str, params: Mapping[str, list[str]]) -> bool:
        seen.extend([1] if in_ranges(utility, params) else [])
        if len(seen) == 2:
            seen.append(1)
            library.corpus.add("stimulation", entered=date(2020, 1, 1))
        return False

    library.server.fail(Fault(), when=add_one)
    report = library.harvest(TOPIC)
    assert (report.status, report.counts.reported, report.counts.held) == ("new", 121, 121)


@pytest.mark.usefixtures("small")
def test_a_set_that_never_stands_still_is_a_problem(night: Callable[..., Night]) -> None:
    library = night(corpus_of(120))

    def add_one(utility: str, params: Mapping[str, list[str]]) -> bool:
        if whole(utility, params):
            library.corpus.add("stimulation", pmid=60_000_000 + library.corpus.version)
        return False

    library.server.fail(Fault(), when=add_one, times=None)
    report = library.harvest(TOPIC)
    complete = library.rows("SELECT complete FROM runs")
    assert complete == [(int(report.status == "new"),)]
    library.server.heal()
    library.harvest(TOPIC)
    assert held(library) == len(library.corpus)
    assert library.rows("SELECT * FROM problems WHERE solved_run IS NULL") == []


@pytest.mark.usefixtures("small")
def test_ids_outside_the_range_are_a_problem(night: Callable[..., Night]) -> None:
    library = night(corpus_of(120))

    def alter(reply: Reply) -> Reply:
        return reply.with_body(reply.body.replace(b"<Id>7000010", b"<Id>5000010"))

    library.server.fail(Fault(alter=alter), when=in_ranges, times=None)
    report = library.harvest(TOPIC)
    assert report.status == "partial"
    assert any("outside the range" in problem.reason for problem in report.problems)
    library.server.heal()
    assert library.harvest(TOPIC).counts.held == 120


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("count", [30, 120])
def test_an_id_listed_twice_is_no_second_record(count: int, night: Callable[..., Night]) -> None:
    """One id in the place of another: the count is right, the list is not."""
    library = night(corpus_of(count))

    def alter(reply: Reply) -> Reply:
        return reply.with_body(reply.body.replace(b"<Id>70000003<", b"<Id>70000002<"))

    library.server.fail(Fault(alter=alter), utility="esearch", times=None)
    report = library.harvest(TOPIC)
    assert (report.status, report.counts.held) == ("partial", count - 1)
    library.server.heal()
    assert library.harvest(TOPIC).counts.held == count
