"""A hundred topics in one library: each record is fetched once, and every topic is complete."""

import asyncio
import sqlite3
import time
from contextlib import closing
from datetime import UTC, date, datetime
from datetime import time as clock_time
from pathlib import Path

import pytest

from harvester.harvest import harvest
from harvester.pubmed.eutils import Eutils
from harvester.reports import Report
from harvester.settings import Settings
from harvester.topics import Topics, load_topics
from tests.eutils_server import Corpus, EutilsServer
from tests.eutils_server.synthetic import Kind
from tests.reliability.libraries import faults
from tests.site.conftest import serve

pytestmark = pytest.mark.slow

TOPICS, OF_EACH = 100, 60
TODAY = date(2026, 11, 20)
# What a night without news may need: a search for each topic, and some for all of them.
REQUESTS = TOPICS + 16
# CPU milliseconds of a page, on a machine with other things to do.
SLOWEST = {"/": 50, "/search?q=ketamine": 50, "/search?topic=t17": 50, "/methods": 100}


def word(number: int) -> str:
    return f"sphere{number % TOPICS:02d}"


@pytest.fixture
def topics(tmp_path: Path) -> Topics:
    """Every topic shares half its records with the one before, and half with the next."""
    path = tmp_path / "topics.toml"
    text = "".join(
        f"[blocks.B{n}]\nterm = '({word(n)}[tiab] OR {word(n + 1)}[tiab])'\n"
        "rationale = 'Made up.'\n"
        f"[topics.t{n}]\ntitle = 'Topic {n}'\nquery = 'B{n}'\nrationale = 'Made up.'\n"
        for n in range(TOPICS)
    )
    path.write_text(text)
    return load_topics(path)


@pytest.fixture
def corpus() -> Corpus:
    corpus = Corpus(today=TODAY)
    for n in range(TOPICS):
        kind = Kind(
            title=f"Ketamine in {word(n)}, study {{n}}",
            abstract="Made-up record {n}. Adults with depression were given ketamine.",
            mesh=("Ketamine", f"Sample Heading {n}"),
        )
        for _ in range(OF_EACH // 2):
            corpus.add(kind)
    return corpus


def night(path: Path, corpus: Corpus, topics: Topics) -> tuple[Report, float]:
    """The report of a harvest, and its CPU seconds, those of the server among them."""
    now = datetime.combine(corpus.today, clock_time(3), UTC)
    with EutilsServer(corpus=corpus) as server:
        settings = Settings(db=path, eutils_url=server.url)
        with Eutils(settings, sleep=lambda seconds: None) as client:
            started = time.process_time()
            report = harvest(path, client, list(topics), label="all", clock=lambda: now)
            return report, time.process_time() - started


def test_a_hundred_topics_are_one_library(
    tmp_path: Path, topics: Topics, corpus: Corpus, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "literature.db"
    first, seconds = night(path, corpus, topics)
    held = TOPICS * OF_EACH // 2
    assert (first.status, first.counts.held, first.counts.added) == ("new", held, held)
    assert first.topics
    assert {(c.reported, c.held) for c in first.topics.values()} == {(OF_EACH, OF_EACH)}
    with closing(sqlite3.connect(path)) as connection:
        (memberships,) = connection.execute("SELECT count(*) FROM article_topics").fetchone()
    assert memberships == TOPICS * OF_EACH

    corpus.pass_days()
    quiet, quiet_seconds = night(path, corpus, topics)
    assert quiet.status == "unchanged"
    assert quiet.requests <= REQUESTS
    assert faults(path) == []

    pages = measured(path)
    assert {path for path, spent in pages.items() if spent > SLOWEST[path]} == set()
    with capsys.disabled():
        print(
            f"\n{TOPICS} topics, {held:,} records, {memberships:,} memberships: first harvest "
            f"{first.requests} requests, {seconds:.1f} s of CPU; a night without news "
            f"{quiet.requests} requests, {quiet_seconds:.1f} s; pages (CPU): "
            + ", ".join(f"{path} {spent:.0f} ms" for path, spent in pages.items())
        )


def measured(library: Path) -> dict[str, float]:
    """CPU milliseconds of each page, the best of five; the first of all reads the catalogue."""
    site = serve(library)

    async def ask() -> dict[str, float]:
        assert (await site.client.get("/")).status_code == 200
        found = {}
        for path in SLOWEST:
            times = []
            for n in range(5):
                started = time.process_time()
                answer = await site.client.get(path, headers={"x-time": str(n)})
                times.append((time.process_time() - started) * 1000)
                assert answer.status_code == 200, path
            found[path] = min(times)
        return found

    return asyncio.run(ask())
