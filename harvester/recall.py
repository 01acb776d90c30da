"""Known-item recall: are the landmark publications of the field where they must be? Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from harvester.topics import Landmarks

__all__ = ["Recall", "absent", "recall"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """For one topic: how many of the landmarks that it must contain it does, and which not."""

    topic: str
    expected: int
    missing: tuple[int, ...]

    @property
    def found(self) -> int:
        return self.expected - len(self.missing)


def recall(
    landmarks: Iterable[Landmarks], members: Mapping[str, Collection[int]]
) -> Iterator[Recall]:
    """The recall of each topic of `members` (its PMIDs) that has landmarks."""
    groups = tuple(landmarks)
    for topic, pmids in members.items():
        expected = {pmid for group in groups if topic in group.topics for pmid in group.pmids}
        if expected:
            missing = tuple(sorted(expected.difference(pmids)))
            yield Recall(topic=topic, expected=len(expected), missing=missing)


def absent(results: Iterable[Recall], held: Collection[int]) -> tuple[int, ...]:
    """Landmarks that a topic lacks and that the library does not hold at all."""
    return tuple(sorted({pmid for result in results for pmid in result.missing} - set(held)))
