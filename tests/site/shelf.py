"""A small library for the site's tests: one record for each thing a page must show."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from harvester.library import membership, runs, store
from harvester.library.changes import Change
from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.pubmed.records import (
    AbstractSection,
    Article,
    ArticleId,
    Author,
    Book,
    BookSection,
    Correction,
    DataBank,
    Grant,
    HistoryDate,
    Investigator,
    Journal,
    PubDate,
    PublicationType,
    Reference,
    Text,
)
from tests.library.articles import NOW, article, stored

PLAIN = 91_000_101
RETRACTED = 91_000_102
NOTICE = 91_000_103
CHAPTER = 91_000_104
CORRECTED = 91_000_105
HOSTILE = 91_000_106
CHINESE = 91_000_107
WITHDRAWN = 91_000_108
PREPRINT = 91_000_109
CROWD = 91_000_110
UNMARKED = 91_000_111
LATE_NOTICE = 91_000_112
BARE = 91_000_113
ABSENT = 91_000_199

LATER = "2026-11-02T03:00:00Z"
SCRIPT = "<script>alert(1)</script>"
HANDLER = '"><img src=x onerror=alert(2)>'
RAW = b'<PubmedArticle note="as received"><x xmlns="http://www.w3.org/1999/xhtml"/></PubmedArticle>'


def types(*names: str) -> tuple[PublicationType, ...]:
    return tuple(PublicationType(name=name) for name in names)


def records() -> tuple[Article, ...]:
    """The shelf, in the order of the numbers above."""
    crowd = tuple(Author(last_name=f"Person{n}", initials="P") for n in range(120))
    long = (
        "A title that goes on and on about ketamine and the people who took part in it, " * 12_000
    )
    return (
        article(
            PLAIN,
            title=Text(
                plain="Ketamine (R,S) in people, H2O and 5 < 6",
                markup="<i>Ketamine</i> (<i>R,S</i>) in people, H<sub>2</sub>O and 5 &lt; 6",
            ),
            publication_types=types(
                "Journal Article", "Randomized Controlled Trial", "Research Support, Non-U.S. Gov't"
            ),
            authors=(
                Author(
                    last_name="Quill",
                    fore_name="Ada B",
                    initials="AB",
                    suffix="Jr",
                    orcid="0000-0002-1825-0097",
                    affiliations=(Text(plain="Institute of Samples, Nowhere."),),
                ),
                Author(collective=Text(plain="Sample Study Group")),
            ),
            investigators=(
                Investigator(last_name="Member", fore_name="Mia", initials="M", group="1"),
            ),
            volume="12",
            issue="3",
            pages="188-97",
            coi_statement=Text(plain="A. Quill was paid by the maker."),
            grants=(Grant(grant_id="R01 SAMPLE", agency="Sample Fund", country="Nowhere"),),
            corrections=(),
            references=(
                Reference(citation=Text(plain="The retracted one."), pmid=RETRACTED),
                Reference(citation=Text(plain="An older sample, not held."), pmid=ABSENT),
            ),
            ids=(
                ArticleId(kind="doi", value="10.5555/sample(1)<a>"),
                ArticleId(kind="pmc", value="PMC9000101"),
            ),
        ),
        article(
            RETRACTED,
            title=Text(plain="A trial that nobody should rely on"),
            publication_types=types("Journal Article", "Retracted Publication"),
            corrections=(
                Correction(
                    kind="RetractionIn", pmid=NOTICE, source="J Samples. 2025 Mar 4;13(1):9:"
                ),
            ),
            references=(),
        ),
        article(
            NOTICE,
            title=Text(plain="Retraction of a trial"),
            abstract=(),
            publication_types=types("Retraction of Publication"),
            corrections=(
                Correction(kind="RetractionOf", pmid=RETRACTED, source="J Samples. 2024 May"),
            ),
            references=(),
            data_banks=(),
        ),
        article(
            CHAPTER,
            title=Text(plain="A chapter on ketamine"),
            journal=None,
            book=Book(
                title=Text(plain="Book of Samples"),
                publisher="Sample House",
                publisher_location="Nowhere (NW)",
                beginning=PubDate(iso="1993", printed="1993"),
                ending=PubDate(iso="2025", printed="2025"),
                contribution=PubDate(iso="1998-10-01", printed="1998 Oct 1"),
                medium="Internet",
                sections=(
                    BookSection(title=Text(plain="Summary")),
                    BookSection(title=Text(plain="Doses", markup="<i>Doses</i>"), level=2),
                ),
            ),
            authors=(
                Author(last_name="Writer", initials="W"),
                Author(last_name="Keeper", initials="K", role="editor"),
            ),
            ids=(ArticleId(kind="bookaccession", value="NBK90000"),),
            references=(),
        ),
        article(
            CORRECTED,
            title=Text(plain="A trial with a wrong table"),
            corrections=(
                Correction(kind="ErratumIn", pmid=ABSENT, source="J Samples. 2025;1:2"),
                Correction(
                    kind="ExpressionOfConcernIn", source="J Samples. 2025 Jun", note="Sums differ."
                ),
                Correction(kind="UpdateIn", pmid=PLAIN, source="J Samples. 2026"),
            ),
            publication_types=types("Journal Article", "Systematic Review"),
        ),
        article(
            HOSTILE,
            title=Text(plain=f"{SCRIPT} {long}", markup=f"<b onclick='x()'>{'x' * 9}</b>{SCRIPT}"),
            vernacular_title=Text(plain=f"{SCRIPT}\u202egnp.exe\x00"),
            abstract=(
                AbstractSection(text=Text(plain=HANDLER + "\x00\x1b\u202e"), label=SCRIPT),
                AbstractSection(
                    text=Text(plain="x"), type=SCRIPT, language='"><svg onload=alert(3)>'
                ),
            ),
            authors=(
                Author(
                    last_name=HANDLER,
                    initials="X",
                    orcid="javascript:alert(4)",
                    affiliations=(Text(plain=SCRIPT),),
                ),
            ),
            journal=Journal(title=SCRIPT, abbreviation=HANDLER, nlm_id="9900666"),
            publication_types=types(SCRIPT),
            data_banks=(DataBank(name="ClinicalTrials.gov", accession="NCT1/../../?x=<b>"),),
            corrections=(Correction(kind=SCRIPT, pmid=ABSENT, source=HANDLER, note=SCRIPT),),
            references=(
                Reference(citation=Text(plain=SCRIPT), ids=(("doi", 'javascript:alert(5)"'),)),
            ),
            ids=(ArticleId(kind="doi", value='10.5555/"><script>alert(6)</script>'),),
            coi_statement=Text(plain=HANDLER),
        ),
        article(
            CHINESE,
            title=Text(plain="[A sample in Chinese]."),
            vernacular_title=Text(plain="样本标题"),
            languages=("chi",),
            abstract=(
                AbstractSection(text=Text(plain="样本摘要"), type="Publisher", language="chi"),
            ),
            mesh=(),
            substances=(),
            publication_types=types("Journal Article", "English Abstract"),
        ),
        article(WITHDRAWN, title=Text(plain="A record that PubMed took out")),
        article(
            PREPRINT,
            title=Text(plain="A preprint"),
            publication_types=types("Preprint"),
            published=PubDate(iso="2026", printed="2026"),
        ),
        article(CROWD, title=Text(plain="A work of many"), authors=crowd, authors_complete=False),
        article(
            UNMARKED, title=Text(plain="Retracted, but PubMed does not say so yet"), corrections=()
        ),
        article(
            LATE_NOTICE,
            title=Text(plain="Notice that PubMed linked on one side only"),
            publication_types=types("Retraction of Publication"),
            corrections=(Correction(kind="RetractionOf", pmid=UNMARKED, source="J Samples. 2026"),),
        ),
        Article(
            pmid=BARE,
            title=Text(plain=""),
            dates=(HistoryDate(kind="entrez", iso="2020-01-02"),),
        ),
    )


def make_library(path: Path) -> None:
    """The shelf as a library that was harvested twice: the second run revised one record."""
    connection = open_library(path).conn
    with transaction(connection):
        store.claim(connection, "real", path)
        runs.save_topic_definition(
            connection,
            name="ketamine-trd",
            title="Ketamine and TRD",
            term="ketamin*[tiab]",
            rationale="The core.",
        )
    connection.close()
    add_records(path)


def add_records(path: Path) -> None:
    """The shelf's records in a library that is there, found by its first search."""
    connection = open_library(path).conn
    shelf = records()
    with transaction(connection):
        first = _run(connection, added=len(shelf), day=1)
        store.store(connection, [stored(a, raw=RAW) for a in shelf], run_id=first, now=NOW)
        members = [a.pmid for a in shelf if a.pmid != BARE]
        membership.join_topic(connection, "ketamine-trd", members, run_id=first)
        second = _run(connection, added=0, day=2)
        plain = stored(shelf[0], "h2", Change(kind="revised", fields=("dates", "mesh")), raw=RAW)
        store.store(connection, [plain], run_id=second, now=LATER)
        membership.mark_withdrawn(connection, [WITHDRAWN], run_id=second, now=LATER)
    connection.close()


def _run(connection: sqlite3.Connection, *, added: int, day: int) -> int:
    now = datetime(2026, 11, day, 3, tzinfo=UTC)
    run_id = runs.start(
        connection, command="harvest", topic="all", now=now, version="0", source="loopback"
    )
    runs.save_topic(connection, run_id, "ketamine-trd", runs.TopicCounts(), term="x")
    runs.finish(
        connection,
        run_id,
        status="new",
        now=now,
        seconds=1.0,
        counts=runs.TopicCounts(reported=13, held=13, added=added),
        complete=True,
    )
    return run_id
