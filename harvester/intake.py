"""Taking records into the library: prepare, decide, store; one transaction a batch.

A record that cannot be read or stored is kept aside with its raw text and never stops a run.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from harvester.errors import ParseError
from harvester.evidence.findings import Finding
from harvester.evidence.overrides import Overrides, corrected, overrides_in_force
from harvester.library import membership, runs
from harvester.library import store as library
from harvester.library.changes import Held, Verdict, decide
from harvester.library.database import transaction
from harvester.library.rows import Rows, article_rows
from harvester.library.runs import Problem
from harvester.library.store import Stored
from harvester.pubmed import medline, parse
from harvester.pubmed.records import Article, Text

__all__ = ["Incoming", "Outcome", "make_ready", "prepare", "read", "take", "what_it_says"]

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
    """A record that was read: its rows, its bytes (packed), and the searches that found it.

    All of it is plain values, so that another process can have read it. `problem` is what the
    rules failed on.
    """

    pmid: int
    content_hash: str
    rows: Rows
    raw: bytes
    size: int
    format: str
    topics: tuple[str, ...]
    problem: Problem | None = None


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


def prepare(
    raw: bytes,
    form: str,
    topics_of: Callable[[Article], tuple[str, ...] | None],
    overrides: Overrides | None = None,
) -> Incoming | Problem | None:
    """All that can be done with a record without the library: read, derive, make rows, pack.

    `topics_of` names the searches that find it; None for a record that is not wanted.
    Corrections as for `what_it_says`.
    """
    result = read(raw, form)
    if isinstance(result, Problem):
        return result
    article, content_hash = result
    topics = topics_of(article)
    if topics is None:
        return None
    findings, problem = what_it_says(article, overrides)
    return Incoming(
        pmid=article.pmid,
        content_hash=content_hash,
        rows=article_rows(article, findings),
        raw=library.packed(raw),
        size=len(raw),
        format=form,
        topics=topics,
        problem=problem,
    )


def make_ready() -> None:
    """Compile the rules, which the first record would wait for."""
    what_it_says(Article(pmid=0, title=Text(plain="")))


def what_it_says(article: Article, overrides: Overrides | None = None) -> Said:
    """The record's findings, as corrected by hand; a rule that fails costs these, never the record.

    The corrections are those in force here, or those given. Raises SettingsError when a file of
    corrections cannot be read.
    """
    from harvester.evidence.derivation import findings_of  # noqa: PLC0415 (a night has no news)

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
        # What was received is in the library now; thousands of them would fill the memory.
        outcome.problems = [replace(problem, raw=None) for problem in outcome.problems]
    return outcome


def _store_one(
    connection: sqlite3.Connection, record: Incoming, run_id: int, stamp: str, source: str
) -> Outcome:
    try:
        with transaction(connection):
            return _store(connection, [record], run_id=run_id, stamp=stamp, source=source)
    except _UNSTORABLE as error:
        reason = f"The record cannot be stored: {error}."
        raw = library.unpacked(record.raw)
        problem = Problem(stage="store", reason=reason, pmid=record.pmid, raw=raw)
        return Outcome(problems=[problem])


def _store(
    connection: sqlite3.Connection,
    records: Sequence[Incoming],
    *,
    run_id: int,
    stamp: str,
    source: str,
) -> Outcome:
    outcome = Outcome()
    held = library.held(connection, [record.pmid for record in records])
    to_store = []
    for record in records:
        verdict = _verdict(connection, held.get(record.pmid), record, source)
        getattr(outcome, verdict.outcome).add(record.pmid)
        if verdict.store:
            outcome.problems += [record.problem] if record.problem else []
            to_store.append(
                Stored(
                    pmid=record.pmid,
                    content_hash=record.content_hash,
                    rows=record.rows,
                    raw=record.raw,
                    size=record.size,
                    format=record.format,
                    source=source,
                    changes=verdict.changes,
                )
            )
    if to_store:
        library.store(connection, to_store, run_id=run_id, now=stamp)
    if source == "efetch":
        library.confirm_source(connection, outcome.unchanged, source)
        runs.solve_records(connection, run_id, outcome.unchanged)
    # What PubMed has withdrawn and a file still has is found by no search.
    gone = {pmid for pmid in outcome.unchanged if held[pmid].withdrawn}
    for topic in sorted({topic for record in records for topic in record.topics}):
        found = [r.pmid for r in records if topic in r.topics and r.pmid not in gone]
        membership.join_topic(connection, topic, found, run_id=run_id)
    return outcome


def _verdict(
    connection: sqlite3.Connection, held: Held | None, record: Incoming, source: str
) -> Verdict:
    """What to do with the record; both versions are read again only where they may differ."""
    new = old = None
    if held and held.content_hash != record.content_hash:
        new = _article(record.format, library.unpacked(record.raw))
        raw = library.raw_record(connection, record.pmid)
        old = _article(*raw) if raw else None
    return decide(held, new, record.content_hash, old=old, from_file=source != "efetch")


def _article(form: str, data: bytes) -> Article | None:
    result = read(data, form)
    return None if isinstance(result, Problem) else result[0]


def _distinct(records: Iterable[Incoming]) -> Iterator[list[Incoming]]:
    """Batches in which no PMID comes twice, so that of two versions the later is compared."""
    batch: dict[int, Incoming] = {}
    for record in records:
        if record.pmid in batch:
            yield list(batch.values())
            batch = {}
        batch[record.pmid] = record
    if batch:
        yield list(batch.values())
