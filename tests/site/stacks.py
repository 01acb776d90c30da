"""A library of sixty records whose facets and words are known, for searching."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from harvester.library import membership, runs, store
from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.pubmed.records import (
    AbstractSection,
    Article,
    ArticleId,
    Author,
    Correction,
    DataBank,
    Journal,
    Keyword,
    MeshHeading,
    PubDate,
    PublicationType,
    Reference,
    Text,
)
from tests.library.articles import NOW, article, stored

FIRST = 91_000_001
COUNT = 60

JOURNALS = (
    Journal(title="Journal of Samples", abbreviation="J Samples", nlm_id="9900001"),
    Journal(title="Revue d'échantillons", abbreviation="Rev Echant", nlm_id="9900002"),
    Journal(title="The Sample Lancet", abbreviation="Sample Lancet", nlm_id="9900003"),
)
LANGUAGES = (("eng",), ("fre",), ("eng", "ger"))
TYPES = (("Journal Article",), ("Journal Article", "Randomized Controlled Trial"), ("Review",))
HEADINGS = (
    "Ketamine",
    "Depressive Disorder, Treatment-Resistant",
    "Humans",
    "Mice",
    "Urinary Bladder",
)
DRUGS = ("ketamine", "esketamine")

DISSOCIATION = FIRST
BRACKETS = FIRST + 1
RETRACTED = FIRST + 2
NO_ABSTRACT = FIRST + 3
ONE_TRIAL = "NCT90000777"
TWO_TRIALS = "NCT90000888"
# How many records cite each of these. One does so twice; what they cite elsewhere does not count.
CITED = {FIRST + 20: 4, FIRST + 30: 2, FIRST + 21: 1}


@dataclass(frozen=True, slots=True)
class Expected:
    """What a record was made with."""

    pmid: int
    year: int | None
    journal: str
    languages: tuple[str, ...]
    types: tuple[str, ...]
    mesh: tuple[str, ...]
    free: bool
    drugs: tuple[str, ...]


def expected() -> list[Expected]:
    """The records by their number `n`, so that a test can count them in another way."""
    return [
        Expected(
            pmid=FIRST + n,
            year=None if n == 59 else 2000 + n % 25,
            journal=JOURNALS[n % 3].title,
            languages=LANGUAGES[n % 3 if n % 2 else 0],
            types=TYPES[n % 3] if n != 2 else ("Journal Article", "Retracted Publication"),
            mesh=tuple(h for k, h in enumerate(HEADINGS) if (n + k) % (k + 2) == 0),
            free=n % 4 == 0,
            drugs=tuple(d for k, d in enumerate(DRUGS) if n % (k + 2) == 0),
        )
        for n in range(COUNT)
    ]


_TEXTS = {
    DISSOCIATION: ("Dissociation after infusion", "Dissociative symptoms and hypotension."),
    BRACKETS: ("[Esketamine and 5 < 6 in depression]", "Patients remitted; blood pressure rose."),
    RETRACTED: ("A trial of ketamine that was taken back", "Nobody should rely on it."),
}


def _references(n: int) -> tuple[int, ...]:
    own = {10: (20, 30, 30), 11: (20, 30), 12: (20,), 13: (20, 21)}.get(n, ())
    return tuple(FIRST + cited for cited in own) + (FIRST + 900,) * (n < 20)


def _record(known: Expected) -> Article:
    n = known.pmid - FIRST
    title, abstract = _TEXTS.get(
        known.pmid,
        (f"Ketamine and depression, report {n}", f"Cohort {n} of people with psychosis."),
    )
    trials = {4: (ONE_TRIAL,), 5: (TWO_TRIALS,), 6: (TWO_TRIALS,)}.get(n, ())
    return article(
        known.pmid,
        title=Text(plain=title),
        abstract=() if known.pmid == NO_ABSTRACT else (AbstractSection(text=Text(plain=abstract)),),
        authors=(Author(last_name="Müller" if n % 5 == 0 else "Quill", initials=chr(65 + n % 26)),),
        journal=JOURNALS[n % 3],
        published=PubDate(iso=f"{known.year}-{n % 12 + 1:02d}", printed=str(known.year))
        if known.year
        else None,
        languages=known.languages,
        publication_types=tuple(PublicationType(name=name) for name in known.types),
        mesh=tuple(MeshHeading(name=name) for name in known.mesh),
        substances=(),
        keywords=(Keyword(text=Text(plain="suicidality" if n % 7 == 0 else "mood")),),
        data_banks=tuple(DataBank(name="ClinicalTrials.gov", accession=t) for t in trials),
        references=tuple(Reference(pmid=cited) for cited in _references(n)),
        corrections=(Correction(kind="RetractionIn", pmid=FIRST + 500, source="J Samples. 2025"),)
        if known.pmid == RETRACTED
        else (),
        ids=(
            ArticleId(kind="doi", value=f"10.5555/Sample.{known.pmid}"),
            *((ArticleId(kind="pmc", value=f"PMC{known.pmid}"),) if known.free else ()),
        ),
    )


def make_library(path: Path, *, kind: str = "real", findings: bool = True) -> None:
    """All sixty, stored by one run; findings as a rule would make them."""
    connection = open_library(path).conn
    known = expected()
    with transaction(connection):
        store.claim(connection, kind, path)
        runs.save_topic_definition(
            connection, name="trd", title="Treatment-resistant depression", term="x", rationale=""
        )
        run_id = _run(connection)
        store.store(connection, [stored(_record(k)) for k in known], run_id=run_id, now=NOW)
        membership.join_topic(connection, "trd", [k.pmid for k in known[:40]], run_id=run_id)
        if findings:
            add_findings(connection, known)
    connection.close()


def _run(connection: sqlite3.Connection) -> int:
    now = datetime(2026, 11, 1, 3, tzinfo=UTC)
    run_id = runs.start(
        connection, command="harvest", topic="all", now=now, version="0", source="loopback"
    )
    counts = runs.TopicCounts(reported=COUNT, held=COUNT, added=COUNT)
    runs.save_topic(connection, run_id, "trd", counts, term="x")
    runs.finish(
        connection, run_id, status="new", now=now, seconds=1.0, counts=counts, complete=True
    )
    return run_id


def add_findings(connection: sqlite3.Connection, known: list[Expected]) -> None:
    connection.executemany(
        "INSERT INTO findings (pmid, position, facet, value, rule, source) "
        "VALUES (?, ?, 'drug', ?, 'test/1', 'title')",
        [(k.pmid, place, drug) for k in known for place, drug in enumerate(k.drugs * 2, 1)],
    )
