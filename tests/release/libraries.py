"""A library that changes between two releases, and what a test does to it by hand."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

from harvester.harvest import harvest
from harvester.pubmed.eutils import Eutils
from harvester.release.making import release
from harvester.release.manifest import Release
from harvester.settings import Settings
from harvester.topics import load_topics
from tests.eutils_server import Corpus, EutilsServer
from tests.eutils_server.record import Record

__all__ = ["OF_ABSTRACTS", "TODAY", "change", "harvested", "make_corpus", "released", "rewrite"]

TODAY = date(2026, 11, 20)
# In every abstract of the corpus, and nowhere else.
OF_ABSTRACTS = "Made-up record"


def make_corpus() -> Corpus:
    corpus = Corpus(today=TODAY)
    corpus.add_many(6, kind="trial")
    corpus.add_many(2, kind="bladder")
    return corpus


def rewrite(corpus: Corpus, pmid: int, record: Record, **parts: object) -> None:
    """PubMed's record becomes that one today, with other parts."""
    assert record.made
    kind = replace(record.made.kind, **parts)  # type: ignore[arg-type]
    day = corpus.today.isoformat()
    corpus.put(Record.make(replace(record.made, pmid=pmid, kind=kind, revised=day)))


def harvested(path: Path, corpus: Corpus) -> Path:
    """The library as it is after this night's harvest."""
    with EutilsServer(corpus=corpus) as server:
        settings = Settings(db=path, eutils_url=server.url)
        with Eutils(settings, sleep=lambda seconds: None) as client:
            now = datetime.combine(corpus.today, time(3), UTC)
            harvest(path, client, list(load_topics()), label="all", clock=lambda: now)
    return path


def released(path: Path, folder: Path, day: date = TODAY, *, abstracts: bool = True) -> Release:
    """A release at noon of that day."""
    now = datetime.combine(day, time(12), UTC)
    return release(path, folder, now=now, abstracts=abstracts)


def change(path: Path, statement: str, *values: object) -> None:
    """Change a library by hand."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)
