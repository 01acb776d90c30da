"""What is set aside in `problems` is settled by the first run that gets it whole."""

import re
from collections.abc import Callable

from tests.eutils_server import Fault, damage, leave_out
from tests.eutils_server.replies import Reply
from tests.test_harvest import Night, night, old_corpus

__all__ = ["night"]

PMID = 70_000_003
END = b"</PubmedArticleSet>"


def unsolved(library: Night) -> list[tuple]:
    return library.rows("SELECT pmid, stage FROM problems WHERE solved_run IS NULL")


def adding(record: bytes) -> Fault:
    def alter(reply: Reply) -> Reply:
        return reply.with_body(reply.body.replace(END, record + END))

    return Fault(alter=alter)


def test_a_held_record_that_comes_again_unchanged_is_solved(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.harvest()
    library.server.fail(leave_out(PMID), utility="efetch", times=None)
    assert library.harvest(full=True).status == "partial"
    assert unsolved(library) == [(PMID, "fetch")]
    library.server.heal()
    library.corpus.pass_days(60)
    assert library.harvest().status == "unchanged"
    assert unsolved(library) == []
    library.harvest()
    assert library.asked("efetch") == 0, "it is not asked for again, night after night"


def test_a_record_without_a_number_is_solved(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    nameless = b"<PubmedArticle><MedlineCitation/></PubmedArticle>"
    library.server.fail(adding(nameless), utility="efetch", times=None)
    assert library.harvest().status == "partial"
    assert library.rows("SELECT pmid, topic, raw FROM problems") == [(None, "all", nameless)]
    library.server.heal()
    library.harvest()
    assert unsolved(library) == []


def test_a_record_that_nobody_asked_for_is_not_taken_in(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    bird = library.corpus.add("other")
    xml = library.corpus.records[bird].xml
    library.server.fail(adding(xml), utility="efetch", times=None)
    report = library.harvest()
    assert (report.status, report.counts.held) == ("partial", 14)
    assert library.rows("SELECT pmid, raw FROM problems") == [(bird, xml)], "once"
    library.server.heal()
    library.harvest()
    assert unsolved(library) == []
    assert library.rows("SELECT * FROM articles WHERE pmid = ?", bird) == []


def test_a_record_delivered_twice_is_stored_once(night: Callable[..., Night]) -> None:
    library = night(old_corpus())

    def alter(reply: Reply) -> Reply:
        records = b"".join(re.findall(rb"<PubmedArticle>.*?</PubmedArticle>", reply.body))
        return reply.with_body(reply.body.replace(END, records + END))

    library.server.fail(Fault(alter=alter), utility="efetch", times=None)
    report = library.harvest()
    assert (report.status, report.counts.added, report.counts.problems) == ("new", 14, 0)


def test_next_years_dtd_is_no_matter(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.server.service.dtd = "270101"
    assert (library.harvest().status, unsolved(library)) == ("new", [])


def test_a_left_record_that_cannot_be_read_is_one_problem_until_it_can(
    night: Callable[..., Night],
) -> None:
    library = night(old_corpus())
    library.harvest()
    library.corpus.pass_days(60)
    library.revise(PMID, b"etamine", b"idazolam")
    library.revise(PMID, b"reatment-resistant", b"reatment-naive")
    library.revise(PMID, b"Depressive Disorder, Treatment-Resistant", b"Depressive Disorder")
    library.server.fail(damage(PMID), utility="efetch", times=None)
    for _ in range(3):
        library.harvest()
        library.corpus.pass_days(1)
    assert library.rows("SELECT pmid, stage, solved_run FROM problems") == [(PMID, "parse", None)]
    library.server.heal()
    assert library.harvest().counts.revised == 1
    assert unsolved(library) == []
