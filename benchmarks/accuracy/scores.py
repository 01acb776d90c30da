"""Precision, recall, F1 and confusion: pure sums over pairs of what is true and what was said."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Score", "Table", "table"]

Pair = tuple[frozenset[str], frozenset[str]]  # true, said


@dataclass(frozen=True, slots=True)
class Score:
    """Of one value: `right` was said and true, `wrong` said and not true, `missed` not said."""

    value: str
    right: int
    wrong: int
    missed: int

    @property
    def support(self) -> int:
        return self.right + self.missed

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.support if self.support else 0.0

    @property
    def f1(self) -> float:
        both = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Table:
    """All values of a task; `confusion` counts pairs of one true and one said value."""

    scores: tuple[Score, ...]
    cases: int
    exact: int
    confusion: Counter[tuple[str, str]]

    @property
    def weighted_f1(self) -> float:
        """F1 of each value, weighted by how often it is true."""
        total = sum(score.support for score in self.scores)
        return sum(s.f1 * s.support for s in self.scores) / total if total else 0.0

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the values that are true at least once."""
        true = [score.f1 for score in self.scores if score.support]
        return sum(true) / len(true) if true else 0.0

    @property
    def micro_f1(self) -> float:
        right = sum(score.right for score in self.scores)
        other = sum(score.wrong + score.missed for score in self.scores)
        return 2 * right / (2 * right + other) if right + other else 0.0

    @property
    def accuracy(self) -> float:
        return self.exact / self.cases if self.cases else 0.0


def table(pairs: Iterable[Pair]) -> Table:
    """The scores of all pairs, values with most cases first."""
    kept: Sequence[Pair] = tuple(pairs)
    names = {name for true, said in kept for name in true | said}
    scores = [
        Score(
            name,
            right=sum(name in true and name in said for true, said in kept),
            wrong=sum(name not in true and name in said for true, said in kept),
            missed=sum(name in true and name not in said for true, said in kept),
        )
        for name in names
    ]
    confusion = Counter(
        (next(iter(true)), next(iter(said)))
        for true, said in kept
        if len(true) == 1 and len(said) == 1
    )
    return Table(
        scores=tuple(sorted(scores, key=lambda score: (-score.support, score.value))),
        cases=len(kept),
        exact=sum(true == said for true, said in kept),
        confusion=confusion,
    )
