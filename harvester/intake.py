"""Taking records into the library: read, decide, store; one transaction a batch.

A record that cannot be read or stored is kept aside with its raw text and never stops a run.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from harvester.errors import ParseError
from harvester.evidence.derivation import findings_of
from harvester.evidence.findings import Finding
from harvester.evidence.overrides import Overrides, corrected, overrides_in_force
from harvester.library import membership, runs
from harvester.library import store as library
from harvester.library.changes import decide
from harvester.library.database import transaction
from harvester.library.runs import Problem
from harvester.library.store import Stored
from harvester.pubmed import medline, parse
from harvester.pubmed.records import Article

__all__ = ["Incoming", "Outcome", "read", "take", "what_it_says"]

READERS: dict[str, Callable[[bytes], tuple[Article, str]]] = {
    "xml": parse.read_record,
    "medline": medline.read_medline,
}

# A record's findings, and the problem where the rules failed on it.
Said = tuple[tuple[Finding, ...], Problem | None]

# What SQLite's driver raises for one unstorable value; anything else concerns the whole file.
_UNSTORABLE = (sqlite3.IntegrityError, sqlite3.DataError, OverflowError, UnicodeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A record that was read: its content, its bytes, and the searches that found it.

    `said` is what `what_it_says` gave; None until that is wanted.
    """

    article: Article
    content_hash: str
    raw: bytes
    format: str
    topics: tuple[str, ...] = ()
    said: Said | None = None


@dataclass(slots=True)
class Outcome:
    """PMIDs by what became of them, and the problems met."""

    added: set[int] = field(default_factory=set)
    revised: set[int] = field(default_factory=set)
    unchanged: set[int] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        self.added |= other.added
        self.revised |= other.revised
        self.unchanged |= other.unchanged
        self.problems += other.problems


def read(raw: bytes, form: str) -> tuple[Article, str] | Problem:
    """The record and its content hash, or the problem that it is."""
    try:
        return READERS[form](raw)
    except ParseError as error:
        return Problem(stage="parse", reason=str(error), pmid=error.pmid, raw=raw)


def what_it_says(article: Article, overrides: Overrides | None = None) -> Said:
    """The record's findings, as corrected by hand; a rule that fails costs these, never the record.

    The corrections are those in force here, or those given. Raises SettingsError when a file of
    corrections cannot be read.
    """
    known = overrides_in_force() if overrides is None else overrides
    try:
        return corrected(article, findings_of(article), known.get(article.pmid, ())), None
    except Exception as error:  # the rules are ours: anything they raise is a fault of theirs
        reason = f"The rules failed on this record: {type(error).__name__}: {error}"
        return (), Problem(stage="derive", reason=reason, pmid=article.pmid)


def take(
    connection: sqlite3.Connection,
    records: Iterable[Incoming],
    *,
    run_id: int,
    now: datetime,
    source: str,
    problems: Sequence[Problem] = (),
) -> Outcome:
    """Store what is new or revised of these records, and the problems met on the way.

    `source` is `efetch`, or a word for a kind of file; a file's record never replaces a newer one.
    """
    outcome = Outcome(problems=list(problems))
    stamp = runs.utc(now)
    for batch in _distinct(records):
        try:
            with transaction(connection):
                done = _store(connection, batch, run_id=run_id, stamp=stamp, source=source)
        except _UNSTORABLE:
            done = Outcome()
            for record in batch:
                done.add(_store_one(connection, record, run_id, stamp, source))
        outcome.add(done)
    if outcome.problems:
        with transaction(connection):
            runs.add_problems(connection, run_id, outcome.problems)
    return outcome


def _store_one(
    connection: sqlite3.Connection, record: Incoming, run_id: int, stamp: str, source: str
) -> Outcome:
    try:
        with transaction(connection):
            return _store(connection, [record], run_id=run_id, stamp=stamp, source=source)
    except _UNSTORABLE as error:
        reason = f"The record cannot be stored: {error}."
        pmid = record.article.pmid
        return Outcome(problems=[Problem(stage="store", reason=reason, pmid=pmid, raw=record.raw)])


def _store(
    connection: sqlite3.Connection,
    records: Sequence[Incoming],
    *,
    run_id: int,
    stamp: str,
    source: str,
) -> Outcome:
    outcome = Outcome()
    held = library.held(connection, [record.article.pmid for record in records])
    to_store = []
    for record in records:
        pmid = record.article.pmid
        known = held.get(pmid)
        old = None
        if known and known.content_hash != record.content_hash:
            old = _held_article(connection, pmid)
        verdict = decide(
            known, record.article, record.content_hash, old=old, from_file=source != "efetch"
        )
        getattr(outcome, verdict.outcome).add(pmid)
        if verdict.store:
            findings, problem = record.said or what_it_says(record.article)
            outcome.problems += [problem] if problem else []
            to_store.append(
                Stored(
                    article=record.article,
                    content_hash=record.content_hash,
                    raw=record.raw,
                    format=record.format,
                    source=source,
                    changes=verdict.changes,
                    findings=findings,
                )
            )
    if to_store:
        library.store(connection, to_store, run_id=run_id, now=stamp)
    if source == "efetch":
        library.confirm_source(connection, outcome.unchanged, source)
        runs.solve_records(connection, run_id, outcome.unchanged)
    for topic in sorted({topic for record in records for topic in record.topics}):
        found = [record.article.pmid for record in records if topic in record.topics]
        membership.join_topic(connection, topic, found, run_id=run_id)
    return outcome


def _held_article(connection: sqlite3.Connection, pmid: int) -> Article | None:
    raw = library.raw_record(connection, pmid)
    if raw is None:
        return None
    form, data = raw
    result = read(data, form)
    return None if isinstance(result, Problem) else result[0]


def _distinct(records: Iterable[Incoming]) -> Iterator[list[Incoming]]:
    """Batches in which no PMID comes twice, so that of two versions the later is compared."""
    batch: dict[int, Incoming] = {}
    for record in records:
        if record.article.pmid in batch:
            yield list(batch.values())
            batch = {}
        batch[record.article.pmid] = record
    if batch:
        yield list(batch.values())
