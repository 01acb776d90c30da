"""The pipeline against a real HTTP server: what is fetched, stored, noted, and left alone."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from click.testing import CliRunner

from harvester.cli import main
from harvester.errors import Interrupted, LibraryBusy, LibraryError, ServiceDown
from harvester.harvest import harvest
from harvester.library.lock import exclusive
from harvester.pubmed.eutils import Eutils
from harvester.reports import Report
from harvester.settings import Settings
from harvester.topics import BUILT_IN, Topics, load_topics
from tests.eutils_server import Corpus, EutilsServer
from tests.eutils_server.faults import damage, leave_out, replay
from tests.eutils_server.record import Record

TODAY = date(2026, 11, 2)
LONG_AGO = date(2026, 1, 5)
TOPICS = load_topics()


class Night:
    """One library, one server, and the nights on which the library is brought up to date."""

    def __init__(self, path: Path, server: EutilsServer) -> None:
        self.path = path
        self.server = server
        self.corpus = server.corpus

    def harvest(
        self, topic: str | None = None, topics: Topics = TOPICS, **options: object
    ) -> Report:
        """Harvest at three in the morning of the server's day, without waiting for the pace."""
        self.server.requests.clear()
        wanted = list(topics) if topic is None else [topics.topic(topic)]
        settings = Settings(db=self.path, eutils_url=self.server.url)
        today = datetime.combine(self.corpus.today, datetime.min.time(), UTC)
        options.setdefault("clock", lambda: today + timedelta(hours=3))
        with Eutils(settings, sleep=lambda seconds: None) as client:
            return harvest(
                self.path,
                client,
                wanted,
                label=topic or "all",
                **options,  # type: ignore[arg-type]
            )

    def rows(self, sql: str, *values: object) -> list[tuple]:
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(sql, values).fetchall()

    def asked(self, utility: str) -> int:
        return sum(request.utility == utility for request in self.server.requests)

    def revise(self, pmid: int, old: bytes, new: bytes) -> None:
        """PubMed revises a record today."""
        xml = self.corpus.records[pmid].xml.replace(old, new)
        day = self.corpus.today
        before, rest = xml.split(b"<DateRevised>", 1)
        after = rest.split(b"</DateRevised>", 1)[1]
        revised = f"<Year>{day.year}</Year><Month>{day.month:02}</Month><Day>{day.day:02}</Day>"
        self.corpus.put(
            Record.read(before + b"<DateRevised>" + revised.encode() + b"</DateRevised>" + after)
        )


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Callable[..., Night]]:
    servers = []

    def start(corpus: Corpus) -> Night:
        server = EutilsServer(corpus=corpus)
        server.__enter__()
        servers.append(server)
        return Night(tmp_path / "literature.db", server)

    yield start
    for server in servers:
        server.__exit__(None, None, None)


def old_corpus() -> Corpus:
    """Records of long ago: seven trials, three mice, two on stimulation, two on the bladder."""
    corpus = Corpus(today=LONG_AGO)
    for kind, count in (
        ("trial", 7),
        ("mouse", 3),
        ("stimulation", 2),
        ("bladder", 2),
        ("other", 3),
    ):
        corpus.add_many(count, kind=kind)
    corpus.today = TODAY
    return corpus


def test_the_first_harvest_fetches_each_record_once(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    report = library.harvest().as_json()
    assert report["status"] == "new"
    assert (report["reported"], report["held"], report["added"]) == (14, 14, 14)
    held = {name: topic["held"] for name, topic in report["topics"].items()}
    assert held == {
        "ketamine-trd": 7,
        "ketamine-depression": 10,
        "trd": 9,
        "ketamine-safety": 9,
    }
    assert all(t["reported"] == t["held"] for t in report["topics"].values())
    assert library.asked("efetch") == 1, "each PMID is fetched once for all four topics"
    assert library.rows("SELECT count(*) FROM articles WHERE title LIKE '%birds%'") == [(0,)]
    assert library.rows("SELECT count(*) FROM article_topics") == [(7 + 10 + 9 + 9,)]


def test_a_night_without_news_writes_only_the_run(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.harvest()
    ledger = {"runs", "run_topics", "run_slices", "sqlite_sequence"}
    tables = [
        name
        for (name,) in library.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        if name not in ledger and not name.startswith("articles_fts")
    ]
    before = {name: library.rows(f"SELECT * FROM {name}") for name in tables}
    library.corpus.pass_days(40)
    report = library.harvest()
    assert report.status == "unchanged"
    assert (report.counts.added, report.counts.revised, report.counts.unchanged) == (0, 0, 0)
    assert library.asked("efetch") == 0
    assert len(library.server.requests) <= 6
    assert {name: library.rows(f"SELECT * FROM {name}") for name in tables} == before


def test_what_is_new_or_revised_is_fetched_alone(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.harvest()
    library.corpus.pass_days(3)
    new = library.corpus.add("trial")
    library.revise(70_000_001, b"midazolam", b"saline")
    report = library.harvest()
    assert (report.counts.added, report.counts.revised, report.counts.held) == (1, 1, 15)
    (fetch,) = [r for r in library.server.requests if r.utility == "efetch"]
    assert sorted(fetch.params["id"].split(",")) == ["70000001", str(new)]
    assert library.rows(
        "SELECT kind, pmid, fields FROM changes WHERE run_id = 2 ORDER BY pmid"
    ) == [
        ("revised", 70_000_001, '["abstract", "dates"]'),
        ("added", new, None),
    ]
    assert library.rows("SELECT abstract LIKE '%saline%' FROM articles WHERE pmid = 70000001") == [
        (1,)
    ]


def test_a_back_dated_record_is_not_missed(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.harvest()
    library.corpus.pass_days(50)
    old = library.corpus.add("trial", entered=date(1999, 1, 1))
    assert library.harvest().counts.added == 1
    assert library.rows("SELECT entered, pubmed_date FROM articles WHERE pmid = ?", old) == [
        ("2026-12-22", "1999-01-01")
    ]


def test_a_record_that_leaves_a_search_stays_in_the_library(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.harvest()
    library.corpus.pass_days(1)
    library.revise(70_000_000, b"reatment-resistant", b"reatment-naive")
    xml = library.corpus.records[70_000_000].xml.replace(
        b"Depressive Disorder, Treatment-Resistant", b"Depressive Disorder"
    )
    library.corpus.put(Record.read(xml))
    report = library.harvest()
    assert report.topics is not None
    assert report.topics["ketamine-trd"].left == 1
    assert report.counts.left == 0, "it is still found by another search"
    assert report.topics["ketamine-trd"].held == 6
    assert library.rows("SELECT topic FROM article_topics WHERE left_run = 2 ORDER BY topic") == [
        ("ketamine-trd",),
        ("trd",),
    ]


def test_a_record_that_pubmed_deletes_is_kept_and_marked(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.harvest()
    library.corpus.pass_days(1)
    library.corpus.delete(70_000_003)
    report = library.harvest()
    assert (report.counts.withdrawn, report.counts.left, report.counts.held) == (1, 0, 13)
    assert library.rows("SELECT pmid, abstract <> '' FROM articles WHERE withdrawn <> ''") == [
        (70_000_003, 1)
    ]
    asked = [r.params["id"] for r in library.server.requests if r.utility == "efetch"]
    assert asked.count("70000003") >= 2, "it is asked for once more, and alone"
    assert library.harvest().status == "unchanged"


def test_more_than_the_9999_that_pubmed_lists(night: Callable[..., Night]) -> None:
    corpus = Corpus(today=LONG_AGO)
    corpus.add_many(10_400, kind="stimulation")
    corpus.today = TODAY
    library = night(corpus)
    report = library.harvest("trd")
    assert (report.counts.reported, report.counts.held) == (10_400, 10_400)
    slices = library.rows("SELECT reported, received, stored FROM run_slices")
    assert len(slices) > 1
    assert all(reported == received == stored for reported, received, stored in slices)
    assert sum(row[0] for row in slices) == 10_400
    library.corpus.pass_days(40)
    again = library.harvest("trd")
    assert again.status == "unchanged"
    assert again.requests <= 6


def test_a_broken_record_never_stops_a_run(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.server.fail(damage(70_000_002), utility="efetch", times=None)
    report = library.harvest()
    assert report.status == "partial"
    assert (report.counts.reported, report.counts.held, report.counts.problems) == (14, 13, 1)
    ((pmid, stage, raw),) = library.rows("SELECT pmid, stage, raw FROM problems")
    assert (pmid, stage) == (70_000_002, "parse")
    assert b"<ArticleTitle>" in raw
    assert b"</ArticleTitle>" not in raw
    library.server.heal()
    library.corpus.pass_days(60)
    report = library.harvest()
    assert (report.status, report.counts.added, report.counts.held) == ("new", 1, 14)
    assert library.rows("SELECT solved_run FROM problems") == [(2,)]


def test_a_revision_that_cannot_be_read_is_tried_until_it_can(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.harvest()
    library.server.fail(damage(70_000_002), utility="efetch", times=None)
    library.revise(70_000_002, b"midazolam", b"saline")
    for _ in range(2):
        assert library.harvest().status == "partial"
        library.corpus.pass_days(40)
    library.server.heal()
    report = library.harvest()
    assert (report.status, report.counts.revised) == ("new", 1), "long after the window"
    assert library.rows("SELECT solved_run FROM problems") == [(4,)]


def test_a_limit_is_named_and_moves_no_window(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    report = library.harvest(limit=5)
    assert (report.status, report.counts.held, report.counts.reported) == ("partial", 5, 14)
    assert "limit of 5" in report.problems[0].reason
    assert library.rows("SELECT complete FROM runs") == [(0,)]
    report = library.harvest()
    assert (report.status, report.counts.added, report.counts.held) == ("new", 9, 14)
    assert library.rows("SELECT count(*) FROM problems WHERE solved_run IS NULL") == [(0,)]


def test_a_topic_without_a_good_run_is_followed_from_its_first(
    night: Callable[..., Night],
) -> None:
    """Another topic's good run says nothing of what this one holds."""
    library = night(old_corpus())
    library.harvest("trd", limit=2)
    (pmid,) = library.rows("SELECT max(pmid) FROM articles")[0]
    library.revise(pmid, b"<ArticleTitle>", b"<ArticleTitle>Retold: ")
    library.corpus.today += timedelta(days=200)
    library.harvest("ketamine-safety")
    library.harvest()
    ((title,),) = library.rows("SELECT title FROM articles WHERE pmid = ?", pmid)
    assert title.startswith("Retold: ")


def test_full_fetches_everything_and_writes_nothing(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.harvest()
    report = library.harvest(full=True)
    assert (report.status, report.counts.unchanged) == ("unchanged", 14)


def test_a_widened_search_adds_what_it_finds(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.harvest("ketamine-trd")
    report = library.harvest("ketamine-depression")
    assert (report.counts.reported, report.counts.held, report.counts.added) == (10, 10, 3)
    assert library.rows("SELECT count(*) FROM articles") == [(10,)]


def test_a_service_that_is_down_fails_the_run_and_keeps_what_is_held(tmp_path: Path) -> None:
    corpus = old_corpus()
    with EutilsServer(corpus=corpus) as server:
        library = Night(tmp_path / "literature.db", server)
        library.harvest()
    server.requests.clear()
    settings = Settings(db=library.path, eutils_url="http://127.0.0.1:9/entrez/eutils/")
    with Eutils(settings, sleep=lambda seconds: None) as client, pytest.raises(ServiceDown):
        harvest(library.path, client, list(TOPICS), label="all")
    ((status, complete, error),) = library.rows(
        "SELECT status, complete, error FROM runs WHERE id = 2"
    )
    assert (status, complete) == ("failed", 0)
    assert "PubMed" in error
    assert library.rows("SELECT count(*) FROM articles WHERE withdrawn IS NULL") == [(14,)]
    assert library.rows("SELECT count(*) FROM article_topics WHERE left_run <> ''") == [(0,)]


def test_a_stop_keeps_what_is_stored(night: Callable[..., Night]) -> None:
    corpus = Corpus(today=LONG_AGO)
    corpus.add_many(3_000, kind="trial")
    library = night(corpus)
    stop = Event()

    def stop_after_a_batch(label: str, done: int, total: int, /) -> None:
        if label == "Fetching records" and done:
            stop.set()

    with pytest.raises(Interrupted, match="records are left to fetch"):
        library.harvest("ketamine-trd", stop=stop, progress=stop_after_a_batch)
    ((held,),) = library.rows("SELECT count(*) FROM articles")
    assert 0 < held < 3_000
    report = library.harvest("ketamine-trd")
    assert (report.counts.added, report.counts.held) == (3_000 - held, 3_000)


def test_a_second_harvest_is_told_who_is_first(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    with (
        exclusive(library.path, now=datetime(2026, 11, 2, 1, tzinfo=UTC)),
        pytest.raises(LibraryBusy, match="since 2026-11-02T01:00:00"),
    ):
        library.harvest()


def test_a_harvest_never_touches_the_sample(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.harvest()
    with closing(sqlite3.connect(library.path)) as connection, connection:
        connection.execute("UPDATE settings SET value = 'sample' WHERE name = 'kind'")
    with pytest.raises(LibraryError, match="built-in sample"):
        library.harvest()


def test_what_was_asked_is_on_record(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.harvest()
    ((term, translation, since),) = library.rows(
        "SELECT term, translation, since FROM run_topics WHERE topic = 'trd' AND run_id = 1"
    )
    assert term == TOPICS.topic("trd").term
    assert translation
    assert since is None
    ((build, requests),) = library.rows("SELECT database_build, requests FROM runs")
    assert build
    assert requests == len(library.server.requests)
    library.harvest()
    assert library.rows("SELECT DISTINCT since FROM run_topics WHERE run_id = 2") == [
        ("2026-10-03",)
    ]


def test_a_phrase_that_pubmed_leaves_out_marks_nothing_as_left(
    night: Callable[..., Night],
) -> None:
    library = night(old_corpus())
    library.harvest()
    library.corpus.pass_days(1)
    library.corpus.delete(70_000_003)
    library.server.service.index.unknown_phrases.add('"CI 581"[tiab]')
    report = library.harvest("ketamine-trd")
    assert (report.status, report.counts.left, report.counts.withdrawn) == ("partial", 0, 0)
    assert '"CI 581"' in report.problems[0].reason
    assert report.notes
    assert library.rows("SELECT complete FROM runs ORDER BY id") == [(1,), (0,)]
    again = library.harvest("ketamine-trd")
    assert (again.status, again.counts.withdrawn, again.notes) == ("new", 1, [])
    assert library.rows("SELECT count(*) FROM problems WHERE solved_run IS NULL") == [(0,)]


def test_a_phrase_left_out_in_a_run_that_failed_is_still_new(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.harvest()
    library.corpus.pass_days(1)
    library.corpus.add("trial")
    library.server.service.index.unknown_phrases.add('"CI 581"[tiab]')
    library.server.fail(replay("http503_unavailable"), utility="efetch", times=None)
    with pytest.raises(ServiceDown):
        library.harvest()
    library.server.heal()
    assert library.harvest().status == "partial"
    assert library.harvest().status == "unchanged"


def test_a_changed_search_has_both_counts_and_what_it_gained_and_lost(
    night: Callable[..., Night], tmp_path: Path
) -> None:
    library = night(old_corpus())
    library.harvest()
    other = tmp_path / "topics.toml"
    word = "\ncystitis[tiab] OR"
    text = BUILT_IN.read_text("utf-8").replace(word, f'{word} "stressed mice"[tiab] OR')
    other.write_text(text, "utf-8")
    library.harvest(topics=load_topics(other))
    command = ["--db", str(library.path), "runs"]
    (change,) = json.loads(CliRunner().invoke(main, [*command, "--json"]).stdout)[
        "strategy_changes"
    ]
    assert (change["topic"], change["former_run_id"], change["run_id"]) == ("ketamine-safety", 1, 2)
    assert (change["former_reported"], change["reported"]) == (9, 12)
    assert change["gained"] == [70_000_007, 70_000_008, 70_000_009]
    assert change["lost"] == []
    library.harvest()
    text = CliRunner().invoke(main, command).stdout
    assert "The search ketamine-safety changed: 9 records, 12 before; 0 gained, 3 lost." in text
    assert text.count("changed:") == 2


def test_the_search_appendix_is_filled_from_the_ledger(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.harvest()
    library.corpus.pass_days(30)
    library.corpus.delete(70_000_003)
    library.harvest()
    command = ["--db", str(library.path), "report", "prisma-s"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    text = result.stdout
    rows = [line for line in text.splitlines() if line.startswith("| ") and line[2].isdigit()]
    assert len(rows) == 16, "every item of PRISMA-S has its row"
    assert "2 complete harvests from 2026-11-02T03:00:00Z to 2026-12-02T03:00:00Z (UTC)" in text
    assert text.count("Open point") == 4
    for topic in TOPICS:
        assert f"```\n{topic.term}\n```" in text
        assert f"## {topic.title}\n" in text
    assert "Reported by PubMed: 6. Received: 6. Held: 6. Left the search since" in text
    assert "Withdrawn by PubMed: 1." in text
    one = CliRunner().invoke(main, [*command, "--topic", "trd"]).stdout
    assert one.count("As sent on") == 1


def test_no_appendix_without_a_harvest(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.harvest(limit=2)
    result = CliRunner().invoke(main, ["--db", str(library.path), "report", "prisma-s"])
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: No complete harvest is on record yet; run: harvester harvest.\n",
    )


def test_a_record_that_cannot_be_fetched_keeps_the_run_incomplete(
    night: Callable[..., Night],
) -> None:
    library = night(old_corpus())
    library.harvest()
    library.corpus.pass_days(1)
    new = library.corpus.add("trial")
    library.corpus.delete(70_000_003)
    library.server.fail(
        replay("http400_efetch_external_viewer_timeout"),
        utility="efetch",
        times=None,
        when=lambda _, params: str(new) in ",".join(params["id"]).split(","),
    )
    report = library.harvest()
    assert (report.status, report.counts.left, report.counts.withdrawn) == ("partial", 0, 0)
    assert [problem.pmid for problem in report.problems] == [new]
    assert library.rows("SELECT complete FROM runs ORDER BY id") == [(1,), (0,)]
    library.server.heal()
    report = library.harvest()
    assert (report.status, report.counts.added, report.counts.withdrawn) == ("new", 1, 1)


def test_a_record_that_left_is_still_followed(night: Callable[..., Night]) -> None:
    """It is still shown, so a retraction must be seen."""
    library = night(old_corpus())
    library.harvest()
    library.corpus.pass_days(1)
    stimulation = library.corpus.records[70_000_010].xml
    birds = stimulation.replace(b"reatment-resistant", b"reatment-naive").replace(
        b"Depressive Disorder, Treatment-Resistant", b"Birds"
    )
    library.corpus.put(Record.read(birds))
    library.revise(70_000_010, b"Magnetic", b"Electric")
    report = library.harvest()
    assert (report.counts.left, report.counts.withdrawn) == (1, 0)
    library.corpus.pass_days(40)
    library.corpus.retract(70_000_010)
    report = library.harvest()
    assert (report.status, report.counts.revised, report.counts.left) == ("new", 1, 0)
    assert library.rows("SELECT retracted FROM articles WHERE pmid = 70000010") == [(1,)]
    library.corpus.delete(70_000_010)
    assert library.harvest().counts.withdrawn == 1
    assert library.harvest().status == "unchanged"


def test_a_record_that_was_out_of_sight_returns(night: Callable[..., Night]) -> None:
    """PubMed fails for one night to deliver a record that no search finds any more."""
    library = night(old_corpus())
    library.harvest()
    library.corpus.pass_days(1)
    birds = library.corpus.records[70_000_010].xml.replace(b"reatment-resistant", b"reatment-naive")
    birds = birds.replace(b"Depressive Disorder, Treatment-Resistant", b"Birds")
    library.corpus.put(Record.read(birds))
    assert library.harvest().counts.left == 1
    library.server.fail(leave_out(70_000_010), utility="efetch", times=None)
    report = library.harvest()
    assert report.counts.withdrawn == 1
    assert library.asked("efetch") >= 2, "it was asked for once more"
    again = library.harvest()
    assert (again.status, again.counts.withdrawn) == ("unchanged", 0)
    assert library.asked("efetch") == 1, "what is known to be gone is asked for once a night"
    library.server.heal()
    report = library.harvest()
    assert (report.status, report.counts.revised) == ("new", 1)
    assert library.rows("SELECT withdrawn FROM articles WHERE pmid = 70000010") == [(None,)]
    kinds = library.rows("SELECT kind FROM changes WHERE pmid = 70000010 ORDER BY id")
    assert [kind for (kind,) in kinds] == ["added", "revised", "left", "withdrawn", "returned"]
    assert library.harvest().status == "unchanged"


def test_a_set_that_is_suddenly_empty_marks_nothing_as_left(night: Callable[..., Night]) -> None:
    corpus = old_corpus()
    corpus.add_many(20)
    library = night(corpus)
    held = library.harvest().counts.held
    members = library.rows("SELECT pmid, topic, left_run FROM article_topics")
    records = dict(corpus.records)
    for pmid in records:
        corpus.delete(pmid)
    report = library.harvest()
    assert (report.status, report.counts.left, report.counts.withdrawn) == ("partial", 0, 0)
    assert report.counts.held == held
    assert "PubMed counts 0 records" in report.problems[0].reason
    assert library.rows("SELECT pmid, topic, left_run FROM article_topics") == members
    for record in records.values():
        corpus.put(record)
    assert library.harvest().status == "unchanged"
    for pmid in records:
        corpus.delete(pmid)
    library.harvest()
    assert library.harvest().counts.withdrawn == held, "the second time it is so"
