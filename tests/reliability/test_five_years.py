"""Five years, month by month: after each good run the library says what the service says.

What the run should have done is worked out here from the service's records alone, with none of
the pipeline's code but the parser and the query language.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from harvester.library.database import connect_read_only
from harvester.library.search_log import StrategyChange, strategy_changes
from harvester.pubmed.parse import read_record
from harvester.topics import BUILT_IN, Topics, load_topics
from tests.eutils_server import Corpus, EutilsServer
from tests.eutils_server.faults import damage, replay
from tests.eutils_server.record import Record
from tests.eutils_server.synthetic import Kind, kinds
from tests.test_harvest import Night

MONTHS = 61  # five years, and a month in which the last trouble is made good
EXTENDED_AT = 30
KINDS = ("trial", "mouse", "stimulation", "bladder", "other")
# Kinds of change that the service's records tell; `revised` and `added` among them.
Change = tuple[int, str, str | None]


@dataclass
class Truth:
    """A record as the service has it now."""

    content_hash: str
    topics: frozenset[str]
    retracted: bool
    corrections: int
    indexed: bool


@dataclass
class Shelf:
    """What the library must hold, by the service's records at the last good run."""

    held: dict[int, Truth] = field(default_factory=dict)
    withdrawn: set[int] = field(default_factory=set)
    ever: dict[int, set[str]] = field(default_factory=dict)

    def follow(self, now: dict[int, Truth]) -> Counter[Change]:
        """Take in the service's records, and return the changes that the ledger must show."""
        changes: Counter[Change] = Counter()
        for pmid, truth in now.items():
            before = self.held.get(pmid)
            seen = truth.topics or (before and pmid not in self.withdrawn)
            if not seen:
                continue
            if before is None:
                changes[pmid, "added", None] += 1
            else:
                changes.update(self._revisions(pmid, before, truth))
            self._move(pmid, before, truth.topics, changes)
            self.held[pmid] = truth
        for pmid, before in self.held.items():
            if pmid not in now and pmid not in self.withdrawn:
                changes[pmid, "withdrawn", None] += 1
                self.withdrawn.add(pmid)
                self.held[pmid] = replace(before, topics=frozenset())
        return changes

    def _revisions(self, pmid: int, before: Truth, truth: Truth) -> Iterator[Change]:
        if before.content_hash != truth.content_hash:
            yield pmid, "revised", None
            if truth.retracted and not before.retracted:
                yield pmid, "retracted", None
            if truth.corrections > before.corrections:
                yield pmid, "corrected", None
            if truth.indexed and not before.indexed:
                yield pmid, "indexed", None
        if pmid in self.withdrawn:
            self.withdrawn.discard(pmid)
            yield pmid, "returned", None

    def _move(
        self, pmid: int, before: Truth | None, topics: frozenset[str], changes: Counter[Change]
    ) -> None:
        was = before.topics if before else frozenset()
        ever = self.ever.setdefault(pmid, set())
        for topic in was - topics:
            changes[pmid, "left", topic] += 1
        for topic in (topics - was) & ever:
            changes[pmid, "returned", topic] += 1
        ever |= topics


@dataclass
class Service:
    """PubMed over the years: what happens to its records, by chance but always the same."""

    corpus: Corpus
    chance: Random
    events: Counter[str] = field(default_factory=Counter)
    gone: list[Record] = field(default_factory=list)
    unindexed: dict[int, Kind] = field(default_factory=dict)

    def month(self, number: int) -> None:
        self.corpus.today += timedelta(days=30)
        for _ in range(self.chance.randint(2, 6)):
            self._add()
        for action in (self._revise, self._revise, self._leave, self._come, self._index):
            if self.chance.random() < 0.7:
                action()
        for action in (self._retract, self._correct, self._delete, self._merge, self._restore):
            if self.chance.random() < 0.3:
                action()
        if self.chance.random() < 0.3:
            self._redate()
        if number % 12 == 11:
            self.events["year end: all revised"] += 1
            for pmid in self.corpus.pmids:
                self.corpus.revise(pmid)

    def truth(self, topics: Topics) -> dict[int, Truth]:
        queries = {topic.name: topics.parsed(topic) for topic in topics}
        found = {}
        for record in self.corpus:
            article, content_hash = read_record(record.xml)
            found[article.pmid] = Truth(
                content_hash=content_hash,
                topics=frozenset(name for name, query in queries.items() if query.matches(article)),
                retracted=article.retracted,
                corrections=sum(link.kind == "ErratumIn" for link in article.corrections),
                indexed=bool(article.mesh),
            )
        return found

    def _add(self) -> None:
        kind = kinds[self.chance.choice(KINDS)]
        late = self.chance.random() < 0.2
        entered = self.corpus.today - timedelta(days=self.chance.randint(400, 4000))
        bare = self.chance.random() < 0.3
        given = replace(kind, mesh=()) if bare else kind
        pmid = self.corpus.add(given, entered=entered if late else None)
        if bare:
            self.unindexed[pmid] = kind
        self.events["added, back-dated" if late else "added"] += 1

    def _change(self, pmid: int, kind: Kind) -> None:
        made = self.corpus.records[pmid].made
        assert made is not None
        day = self.corpus.today.isoformat()
        self.corpus.put(Record.make(replace(made, kind=kind, revised=day)))

    def _some(self) -> tuple[int, Kind]:
        pmid = self.chance.choice(self.corpus.pmids)
        made = self.corpus.records[pmid].made
        assert made is not None
        return pmid, made.kind

    def _revise(self) -> None:
        pmid, kind = self._some()
        self._change(
            pmid, replace(kind, title=f"{kind.title}, corrected in month {len(self.events)}")
        )
        self.events["title revised"] += 1

    def _leave(self) -> None:
        pmid, kind = self._some()
        birds = kinds["other"]
        self._change(
            pmid,
            replace(
                kind,
                title=birds.title,
                abstract=birds.abstract,
                mesh=birds.mesh,
                substances=(),
                keywords=(),
            ),
        )
        self.events["rewritten to other matters"] += 1

    def _come(self) -> None:
        pmid, kind = self._some()
        trial = kinds["trial"]
        self._change(pmid, replace(kind, title=trial.title, abstract=trial.abstract))
        self.events["rewritten to our matters"] += 1

    def _index(self) -> None:
        for pmid, kind in list(self.unindexed.items())[:2]:
            del self.unindexed[pmid]
            record = self.corpus.records.get(pmid)
            if record and record.made:
                self._change(pmid, replace(record.made.kind, mesh=kind.mesh))
                self.events["indexed"] += 1

    def _retract(self) -> None:
        pmid, kind = self._some()
        if not kind.corrections and "Retract" not in str(kind.types):
            self.corpus.retract(pmid)
            self.events["retracted"] += 1

    def _correct(self) -> None:
        pmid, kind = self._some()
        self._change(pmid, replace(kind, corrections=(*kind.corrections, ("ErratumIn", 1))))
        self.events["corrected"] += 1

    def _redate(self) -> None:
        """The day of entry is set back by years, as when an old issue is published late."""
        pmid = self.chance.choice(self.corpus.pmids)
        made = self.corpus.records[pmid].made
        assert made is not None
        entered = date.fromisoformat(made.entered) - timedelta(days=self.chance.randint(400, 4000))
        day = self.corpus.today.isoformat()
        self.corpus.put(Record.make(replace(made, entered=entered.isoformat(), revised=day)))
        self.events["re-dated"] += 1

    def _delete(self) -> None:
        pmid, _ = self._some()
        self.gone.append(self.corpus.records[pmid])
        self.corpus.delete(pmid)
        self.events["deleted"] += 1

    def _merge(self) -> None:
        one, _ = self._some()
        other, _ = self._some()
        if one != other:
            self.gone.append(self.corpus.records[one])
            self.corpus.merge(one, other)
            self.events["merged"] += 1

    def _restore(self) -> None:
        if self.gone:
            self.corpus.put(self.gone.pop(0))
            self.events["restored"] += 1


def extended(path: Path) -> Topics:
    """The same topics with one more word in one block."""
    text = BUILT_IN.read_text("utf-8")
    first = '("Depressive Disorder, Treatment-Resistant"[mh] OR'
    assert text.count(first) == 1
    path.write_text(text.replace(first, first + ' "garden birds"[tiab] OR'), "utf-8")
    return load_topics(path)


def ledger(night: Night, after: int) -> Counter[Change]:
    rows = night.rows("SELECT pmid, kind, topic FROM changes WHERE run_id > ?", after)
    return Counter((pmid, kind, topic) for pmid, kind, topic in rows)


def compare(night: Night, shelf: Shelf, topics: Topics) -> None:
    for topic in topics:
        held = night.rows(
            "SELECT pmid FROM article_topics WHERE topic = ? AND left_run IS NULL", topic.name
        )
        truth = {pmid for pmid, record in shelf.held.items() if topic.name in record.topics}
        assert {pmid for (pmid,) in held} == truth, topic.name
    hashes = dict(night.rows("SELECT pmid, content_hash FROM articles"))
    assert hashes == {pmid: record.content_hash for pmid, record in shelf.held.items()}
    withdrawn = night.rows("SELECT pmid FROM articles WHERE withdrawn IS NOT NULL")
    assert {pmid for (pmid,) in withdrawn} == shelf.withdrawn


def the_change(night: Night, before: dict[int, Truth], after: dict[int, Truth]) -> StrategyChange:
    """The one change of a search on record, after a look at what it brought."""
    with closing(connect_read_only(night.path)) as connection:
        changes = {change.topic: change for change in strategy_changes(connection)}
    assert set(changes) == {"ketamine-trd", "trd"}
    for name, change in changes.items():
        was = {pmid for pmid, record in before.items() if name in record.topics}
        now = {pmid for pmid, record in after.items() if name in record.topics}
        assert (change.former_reported, change.reported) == (len(was), len(now))
        assert set(change.gained) == now - was
        assert set(change.lost) <= was - now
        assert all(not after[pmid].topics for pmid in was - now - set(change.lost))
    return changes["trd"]


@pytest.mark.slow
def test_five_years(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance = Random(20261125)  # noqa: S311 (no secret)
    service = Service(corpus=Corpus(today=date(2026, 1, 1)), chance=chance)
    for kind in KINDS:
        service.corpus.add_many(30, kind=kind)
    topics, shelf = load_topics(), Shelf()
    runs: Counter[str] = Counter()
    requests = good = 0
    change: StrategyChange | None = None
    with EutilsServer(corpus=service.corpus) as server:
        night = Night(tmp_path / "literature.db", server)
        for number in range(MONTHS):
            before = set(service.corpus.pmids)
            service.month(number)
            if number == EXTENDED_AT:
                topics = extended(tmp_path / "topics.toml")
            if number % 12 == 5:
                runs["month without a run"] += 1
                continue
            if number % 9 == 4:
                where = chance.choice(("esearch", "efetch"))
                server.fail(replay("http503_unavailable"), utility=where, times=None)
                with pytest.raises(Exception, match="PubMed"):
                    night.harvest(topics=topics)
                server.heal()
                runs["outage"] += 1
                requests += len(server.requests)
                continue
            new = sorted(set(service.corpus.pmids) - before - set(shelf.held))
            truth = service.truth(topics)
            broken = next((p for p in new if truth[p].topics), None) if number % 7 == 3 else None
            if broken:
                server.fail(damage(broken), utility="efetch", times=None)
            report = night.harvest(topics=topics)
            server.heal()
            requests += report.requests
            if broken:
                assert report.status == "partial"
                assert [problem.pmid for problem in report.problems] == [broken]
                del truth[broken]
                runs["with a damaged record"] += 1
            else:
                assert report.problems == []
                assert report.counts.reported == report.counts.held
                runs["good"] += 1
            held = dict(shelf.held)
            expected = shelf.follow(truth)
            assert ledger(night, good) == expected, f"month {number}"
            compare(night, shelf, topics)
            if number >= EXTENDED_AT and change is None:
                change = the_change(night, held, shelf.held)
            good = report.run_id
        assert night.rows("SELECT count(*) FROM problems WHERE solved_run IS NULL") == [(0,)]
        ((terms,),) = night.rows("SELECT count(DISTINCT term) FROM run_topics WHERE topic = 'trd'")
        assert terms == 2, "both forms of the extended search are on record"
        kinds_seen = dict(night.rows("SELECT kind, count(*) FROM changes GROUP BY kind"))
    assert change
    assert len(change.gained) > 30, "what the new word finds"
    assert min(kinds_seen.values()) > 0
    assert set(kinds_seen) == {
        "added",
        "revised",
        "retracted",
        "corrected",
        "indexed",
        "left",
        "returned",
        "withdrawn",
    }
    with capsys.disabled():
        print(
            f"\nfive years: {dict(runs)}, {requests:,} requests, {len(shelf.held):,} records held"
        )
        print(f"  at the service: {dict(service.events)}")
        print(f"  in the ledger:  {kinds_seen}")
        print(
            f"  the search extended: {change.former_reported:,} before, {change.reported:,} after, "
            f"{len(change.gained):,} gained, {len(change.lost):,} lost"
        )
