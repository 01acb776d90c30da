"""The failure matrix: what can go wrong between PubMed and the library, as data, and how to try it.

Each row is tried on a library that was harvested the night before, while PubMed has new, revised
and deleted records for it: a night with the failure, then a night without.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from unittest import mock

from harvester.cli import _exit_code
from harvester.errors import HarvesterError
from harvester.pubmed.parse import read_record
from harvester.topics import load_topics
from tests.eutils_server import Corpus, EutilsServer
from tests.eutils_server.faults import (
    Fault,
    cut,
    cut_at_record,
    cut_in_entity,
    damage,
    leave_out,
    miscount,
    names,
    replay,
    reset,
    slow,
    stall,
)
from tests.eutils_server.replies import Reply
from tests.test_harvest import Night

TOPICS = load_topics()
FIRST = 70_000_000
NEW = FIRST + 40
SEVERAL, ALWAYS = 2, None
UTILITIES = ("einfo", "esearch", "efetch")

# Replies that nobody recorded whole, and where they are known from.
REPORTED = {
    "http200_rate_limit": "reported by clients",
    "http200_esearch_address_table_empty": "seen in an outage of 2026",
    "http200_esearch_no_connection": "reported by clients",
    "http200_efetch_cannot_retrieve_history": "reported by clients",
    "http200_html_page": "ReCiter-PubMed-Retrieval-Tool#166",
    "http400_cannot_get_document_summary": "reported by a client",
    "http400_api_key_not_wellformed": "measured in 2026",
    "http500_unable_to_route": "reported by clients",
    "http502_bad_gateway": "usual of gateways",
    "http503_unavailable": "usual of gateways",
    "http504_timeout": "usual of gateways",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """A failure: which utility answers so, how often, and where it is known from."""

    name: str
    source: str
    fault: Fault
    utility: str
    times: int | None
    settings: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it: the night's status and exit code, what the user reads, and what is lost.

    `lost` counts records that differ from PubMed's after the next night; `marked` those that the
    failed night took for left or withdrawn though it had not seen everything.
    """

    status: str
    exit_code: int
    said: str
    marked: int
    lost: int


def matrix() -> Iterator[Row]:
    """All rows."""
    for name in names():
        for utility in _where(name):
            for times in (SEVERAL, ALWAYS):
                yield Row(
                    name=name.replace("_", " "),
                    source=_evidence(name),
                    fault=replay(name),
                    utility=utility,
                    times=times,
                )
    yield from _transport()
    yield from _content()


def _where(name: str) -> tuple[str, ...]:
    named = [utility for utility in UTILITIES if f"_{utility}_" in f"_{name}_"]
    if any(other in name for other in ("esummary", "elink")):
        return ()  # these utilities are not used
    return tuple(named) or UTILITIES


def _evidence(name: str) -> str:
    return REPORTED.get(name, "recorded reply")


def _transport() -> Iterator[Row]:
    quick = (("_TIMEOUT", (2.0, 0.15)),)
    faults: list[tuple[str, str, Fault, tuple[tuple[str, object], ...]]] = [
        ("first byte too late", "biopython#1944", slow(0.4), quick),
        ("silence in mid-body", "biopython#1944", stall(0.4), quick),
        ("cut after 200 bytes", "biopython#3940", cut(200), ()),
        ("cut at a record's end", "biopython#1944", cut_at_record(1), ()),
        ("cut at a record's end, as if whole", "seen in files", cut_at_record(1, clean=True), ()),
        ("cut inside a character", "biopython#3940", cut_in_entity(), ()),
        ("cut inside a character, as if whole", "seen in files", cut_in_entity(clean=True), ()),
        ("connection reset", "collabovid#34", reset(), ()),
    ]
    for name, source, fault, settings in faults:
        for times in (SEVERAL, ALWAYS):
            yield Row(
                name=name,
                source=source,
                fault=fault,
                utility="efetch",
                times=times,
                settings=settings,
            )
    yield Row(
        name="kept-alive connection reset",
        source="Keep-Alive: timeout=4",
        fault=reset(reused=True),
        utility="efetch",
        times=SEVERAL,
    )


def _content() -> Iterator[Row]:
    def body(text: bytes) -> Fault:
        return Fault(reply=Reply(body=text, type="text/xml; charset=UTF-8"))

    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE PubmedArticleSet [<!ENTITY a "aaaaaaaaaa">'
        b'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><PubmedArticleSet><PubmedArticle>'
        b"<MedlineCitation><PMID>%d</PMID>&b;</MedlineCitation></PubmedArticle></PubmedArticleSet>"
    )
    outside = bomb.replace(b'"&a;&a;&a;&a;&a;&a;&a;&a;"', b'SYSTEM "file:///etc/hostname"')
    page = (
        b'<?xml version="1.0"?><html><head><title>Welcome</title></head><body>PubMed</body></html>'
    )
    small = (("_LARGEST_BODY", 30_000),)
    large = b"<PubmedArticleSet>" + b" " * 200_000 + b"</PubmedArticleSet>"
    rows: list[tuple[str, str, Fault, int | None, tuple[tuple[str, object], ...]]] = [
        ("well-formed HTML page", "rentrez#74", body(page), ALWAYS, ()),
        ("another root element", "by design", body(b"<eSummaryResult/>"), ALWAYS, ()),
        ("empty set", "pubmed2db#30", body(b"<PubmedArticleSet></PubmedArticleSet>"), SEVERAL, ()),
        ("answer over the size limit", "by design", body(large), SEVERAL, small),
        ("entity bomb", "by design", body(bomb % NEW), SEVERAL, ()),
        ("external entity", "by design", body(outside % NEW), SEVERAL, ()),
        ("record malformed", "metapub#47", damage(NEW), ALWAYS, ()),
        ("record left out", "measured: unknown ids are dropped", leave_out(NEW), ALWAYS, ()),
        ("record left out at first", "measured", leave_out(NEW), 1, ()),
    ]
    for name, source, fault, times, settings in rows:
        yield Row(
            name=name, source=source, fault=fault, utility="efetch", times=times, settings=settings
        )
    yield Row(
        name="count and list differ",
        source="EDirect's own check",
        fault=miscount(),
        utility="esearch",
        times=ALWAYS,
    )
    yield Row(
        name="count and list differ once",
        source="EDirect's own check",
        fault=miscount(),
        utility="esearch",
        times=1,
    )


def attempt(row: Row, folder: Path) -> Outcome:
    """A night before, the night with the failure, and the night after."""
    corpus = Corpus(today=date(2026, 1, 5))
    corpus.add_many(30, kind="trial")
    corpus.add_many(10, kind="bladder")
    with EutilsServer(corpus=corpus) as server, _settings(row):
        night = Night(folder / "literature.db", server)
        night.harvest()
        corpus.pass_days(40)
        corpus.add_many(3, kind="trial")
        corpus.revise(FIRST + 3, title="Ketamine in treatment-resistant depression, revised")
        corpus.delete(FIRST + 7)
        server.fail(row.fault, utility=row.utility, times=row.times)
        try:
            report = night.harvest()
            status, exit_code = report.status, 3 if report.status == "partial" else 0
            said = report.problems[0].reason if report.problems else ""
        except HarvesterError as error:
            status, exit_code, said = "failed", _exit_code(error), str(error)
        marked = _marked(night)
        server.heal()
        corpus.pass_days(1)
        night.harvest()
        return Outcome(
            status=status, exit_code=exit_code, said=said, marked=marked, lost=_lost(night)
        )


@contextmanager
def _settings(row: Row) -> Iterator[None]:
    patches: list[Callable[[], object]] = []
    try:
        for name, value in row.settings:
            patch = mock.patch(f"harvester.pubmed.eutils.{name}", value)
            patch.start()
            patches.append(patch.stop)
        yield
    finally:
        for stop in patches:
            stop()


def _marked(night: Night) -> int:
    """Records that an incomplete run says have left or are gone."""
    ((complete,),) = night.rows("SELECT complete FROM runs ORDER BY id DESC LIMIT 1")
    if complete:
        return 0
    ((number,),) = night.rows(
        "SELECT count(*) FROM changes WHERE kind IN ('left', 'withdrawn') "
        "AND run_id = (SELECT max(id) FROM runs)"
    )
    return int(number)


def _lost(night: Night) -> int:
    """Records of the searches that the library lacks, holds otherwise, or holds too many."""
    truth: dict[int, str] = {}
    topics: set[tuple[int, str]] = set()
    queries = {topic.name: TOPICS.parsed(topic) for topic in TOPICS}
    for record in night.corpus:
        article, content_hash = read_record(record.xml)
        found = {(article.pmid, name) for name, query in queries.items() if query.matches(article)}
        if found:
            truth[article.pmid] = content_hash
            topics |= found
    with closing(sqlite3.connect(night.path)) as connection:
        held = dict(
            connection.execute("SELECT pmid, content_hash FROM articles WHERE withdrawn IS NULL")
        )
        joined = set(
            connection.execute("SELECT pmid, topic FROM article_topics WHERE left_run IS NULL")
        )
    wrong = {pmid for pmid in truth.keys() | held.keys() if truth.get(pmid) != held.get(pmid)}
    return len(wrong | {pmid for pmid, _ in topics ^ joined})
