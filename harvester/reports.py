"""What a harvest or a load tells its caller: totals, and the same for each topic."""

from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from harvester.library.runs import Problem, TopicCounts

__all__ = ["Progress", "Report", "no_progress"]


class Progress(Protocol):
    """Called as work goes on: what is being done, how much of how much."""

    def __call__(self, label: str, done: int, total: int, /) -> None: ...


def no_progress(label: str, done: int, total: int, /) -> None:
    """Say nothing."""


@dataclass(slots=True, kw_only=True)
class Report:
    """The outcome of a run; `topics` is None when only one topic ran."""

    run_id: int
    topic: str
    status: str
    counts: TopicCounts
    requests: int = 0
    seconds: float = 0.0
    topics: dict[str, TopicCounts] | None = None
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        totals: dict[str, Any] = {
            "run_id": self.run_id,
            "topic": self.topic,
            "status": self.status,
            **asdict(self.counts),
            "requests": self.requests,
            "seconds": round(self.seconds, 3),
        }
        if self.topics is not None:
            totals["topics"] = {
                name: {
                    **totals,
                    "topic": name,
                    "status": self._status_of(counts),
                    **asdict(counts),
                }
                for name, counts in self.topics.items()
            }
        return totals

    def _status_of(self, counts: TopicCounts) -> str:
        """The status of one topic: of a run that did not end well, that of the run."""
        if self.status not in ("new", "unchanged"):
            return self.status
        news = counts.added or counts.revised or counts.left or counts.withdrawn
        return "new" if news else "unchanged"
