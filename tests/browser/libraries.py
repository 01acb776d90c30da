"""The libraries that the browser sees: one that is alive, one of odd records, an empty one."""

from datetime import UTC, date, datetime, time
from pathlib import Path

from harvester.harvest import harvest
from harvester.library import store
from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.load import load
from harvester.pubmed.eutils import Eutils
from harvester.pubmed.records import (
    Article,
    Author,
    HistoryDate,
    MeshHeading,
    PubDate,
    Reference,
    Text,
)
from harvester.release.making import release
from harvester.settings import Settings, packaged_file
from harvester.topics import load_topics
from tests.eutils_server import Corpus, EutilsServer
from tests.library.articles import NOW, article, stored
from tests.site import shelf

__all__ = [
    "DELETED",
    "HUGE",
    "RELEASES",
    "RETRACTED",
    "REVISED",
    "make_empty",
    "make_living",
    "make_odd",
]

FIRST_NIGHT = date(2026, 11, 20)

# Of the sample: what PubMed does to it between the first night and the second.
RETRACTED = 90_001_829  # "primary results of the FERNLIGHT-6 trial"
REVISED = 90_002_036
DELETED = 90_000_939

HUGE = 91_000_120

# Beside a library, where it has been released.
RELEASES = "releases"


def sample() -> Path:
    return packaged_file("sample.xml.gz", checkout="data/sample.xml.gz")


def make_living(path: Path) -> None:
    """The sample as if it were PubMed's, harvested on three nights: all, some changes, nothing.

    On the first day, and after the third night, it was released.
    """
    corpus = Corpus.from_files([sample()], today=FIRST_NIGHT)
    _harvest(path, corpus)
    _release(path, corpus)
    corpus.pass_days()
    corpus.add_many(3)
    corpus.revise(REVISED, title="Esketamine infusion or midazolam: a trial with a new title.")
    corpus.retract(RETRACTED)
    corpus.delete(DELETED)
    _harvest(path, corpus)
    corpus.pass_days()
    _harvest(path, corpus)
    _release(path, corpus)


def make_odd(path: Path) -> None:
    """The sample, which says that it is one, and a record for each odd thing."""
    topics = load_topics()
    searches = [(topic, topics.parsed(topic)) for topic in topics]
    load(path, [sample()], searches, label="all", kind="sample")
    shelf.add_records(path)
    connection = open_library(path).conn
    with transaction(connection):
        store.store(connection, [stored(_huge())], run_id=1, now=NOW)
    connection.close()


def make_empty(path: Path) -> None:
    """What a newcomer sees who serves before the first harvest."""
    open_library(path).conn.close()


def _harvest(path: Path, corpus: Corpus) -> None:
    """At three in the morning of the corpus's day."""
    now = datetime.combine(corpus.today, time(3), UTC)
    with EutilsServer(corpus=corpus) as server:
        settings = Settings(db=path, eutils_url=server.url)
        with Eutils(settings, sleep=lambda seconds: None) as client:
            harvest(path, client, list(load_topics()), label="all", clock=lambda: now)


def _release(path: Path, corpus: Corpus) -> None:
    noon = datetime.combine(corpus.today, time(12), UTC)
    release(path, path.with_name(RELEASES), now=noon)


def _huge() -> Article:
    """As long as the longest records of PubMed, with words as long as they get."""
    return article(
        HUGE,
        title=Text(plain=f"A consortium on {'electroconvulsiveketaminetherapy' * 4} and more"),
        authors=tuple(
            Author(
                last_name=f"Person{n}",
                fore_name="Pat",
                initials="P",
                orcid="0000-0002-1825-0097",
                affiliations=(Text(plain=f"Department {n}, {'Institute' * 12}, Nowhere."),),
            )
            for n in range(120)
        ),
        mesh=tuple(MeshHeading(name=f"Sample Heading {n}") for n in range(60)),
        references=tuple(
            Reference(citation=Text(plain=f"Reference {n}. https://example.org/{'long' * 30}"))
            for n in range(120)
        ),
        published=PubDate(iso="2020", printed="2020"),
        dates=(HistoryDate(kind="entrez", iso="2020-01-02"),),
    )
