"""What a harvest has found so far, and the sums of it: per search, and over all. No I/O.

`members` everywhere is what the library holds of each search: its name and the PMIDs.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from harvester.intake import Outcome
from harvester.library.runs import Problem, SliceRow, TopicCounts
from harvester.pubmed.parse import pmid_of
from harvester.pubmed.search import SearchResult
from harvester.pubmed.split import Piece

__all__ = ["Accounts", "Members", "stray", "undelivered"]

Members = Mapping[str, Collection[int]]


@dataclass(slots=True, kw_only=True)
class Accounts:
    """PubMed's sets, what became of the records, and whether anything was missed.

    `unknown` are the held records that PubMed knows no more, `withdrawn` those of them that a
    search found until now. Only a `complete` run, in which every set was read whole and everything
    asked for came, may say that a record left, and moves the window for revised records.
    """

    results: dict[str, SearchResult] = field(default_factory=dict)
    sets: dict[str, frozenset[int]] = field(default_factory=dict)
    reported: frozenset[int] = frozenset()
    window: SearchResult | None = None
    since: date | None = None
    outcome: Outcome = field(default_factory=Outcome)
    notes: list[str] = field(default_factory=list)
    left: dict[str, set[int]] = field(default_factory=dict)
    withdrawn: dict[str, set[int]] = field(default_factory=dict)
    unknown: set[int] = field(default_factory=set)
    complete: bool = True
    unfetched: int = 0

    def add_set(self, topic: str, result: SearchResult) -> None:
        """Take in what PubMed reports for a search."""
        self.results[topic] = result
        self.sets[topic] = frozenset(result.pmids)
        self.reported |= self.sets[topic]
        self._judge(result, topic)

    def add_window(self, label: str, result: SearchResult) -> None:
        """Take in what PubMed revised since the last good run."""
        self.window = result
        self._judge(result, label)

    def topics_of(self, pmid: int) -> tuple[str, ...]:
        """The searches that find the record."""
        return tuple(name for name, found in self.sets.items() if pmid in found)

    def missed(self, stage: str, reason: str, *, topic: str) -> None:
        """Note that something was not read or fetched: the run is not complete."""
        self.complete = False
        self.outcome.problems.append(Problem(stage=stage, reason=reason, topic=topic))

    def status(self) -> str:
        """new, unchanged or partial."""
        gone = self.unknown or any(self.left.values())
        if self.outcome.problems or not self.complete:
            return "partial"
        return "new" if self.outcome.added or self.outcome.revised or gone else "unchanged"

    def reconcile(self, members: Members) -> None:
        """Name each record that PubMed reports and the library does not hold."""
        if not self.complete:
            return
        named = {problem.pmid for problem in self.outcome.problems}
        missing = {pmid for name, found in self.sets.items() for pmid in found - set(members[name])}
        self.outcome.problems += [undelivered(pmid) for pmid in sorted(missing - named)]

    def counts(self, name: str, members: Collection[int]) -> TopicCounts:
        """The sums of one search."""
        found, left = self.sets.get(name, frozenset()), self.left.get(name, set())
        of = found | left | set(members)
        return TopicCounts(
            reported=self.results[name].count if name in self.results else 0,
            held=len(members),
            added=len(self.outcome.added & of),
            revised=len(self.outcome.revised & of),
            unchanged=len(self.outcome.unchanged & of),
            left=len(left),
            withdrawn=len(self.withdrawn.get(name, ())),
            problems=sum(p.topic == name or p.pmid in found for p in self.outcome.problems),
        )

    def totals(self, members: Members) -> TopicCounts:
        """Over the union: a record of two searches counts once, and left only when both lost it."""
        if len(members) == 1:
            ((name, pmids),) = members.items()
            return replace(
                self.counts(name, pmids),
                withdrawn=len(self.unknown),
                problems=len(self.outcome.problems),
            )
        return TopicCounts(
            reported=len(self.reported),
            held=len(set().union(*members.values())),
            added=len(self.outcome.added),
            revised=len(self.outcome.revised),
            unchanged=len(self.outcome.unchanged),
            left=len(set().union(*self.left.values()) - self.reported),
            withdrawn=len(self.unknown),
            problems=len(self.outcome.problems),
        )

    def slices(self, label: str, members: Members) -> Iterator[SliceRow]:
        """The parts in which the sets were read, with what is held of each."""
        for topic, result in self.results.items():
            for part in result.slices:
                low, high = part.low or 0, part.high or 1 << 62
                yield SliceRow(
                    topic=topic,
                    kind="set",
                    low=part.low,
                    high=part.high,
                    reported=part.reported,
                    received=part.received,
                    stored=sum(low <= pmid <= high for pmid in members[topic]),
                )
        for part in self.window.slices if self.window else ():
            yield SliceRow(
                topic=label,
                kind="revised",
                low=part.low,
                high=part.high,
                reported=part.reported,
                received=part.received,
            )

    def _judge(self, result: SearchResult, topic: str) -> None:
        if not result.complete:
            self.missed("search", result.reason, topic=topic)


def stray(piece: Piece, topic: str) -> Problem:
    """A record that PubMed sent and nobody had asked for; without a PMID it is the topic's."""
    pmid = pmid_of(piece.data)
    return Problem(
        stage="fetch",
        reason="PubMed sent a record that was not asked for.",
        pmid=pmid,
        topic=None if pmid else topic,
        raw=piece.data,
    )


def undelivered(pmid: int) -> Problem:
    """A record that PubMed lists and does not send."""
    return Problem(
        stage="fetch",
        reason="PubMed's search lists this record, but PubMed does not deliver it.",
        pmid=pmid,
    )
