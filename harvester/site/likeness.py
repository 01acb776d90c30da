"""What two articles have in common, and how much that says: rare things say more.

Pure: what is known of each goes in, reasons with their weights come out. A shared thing weighs
ln(N / n), where n of the library's N articles have it (inverse document frequency, Sparck Jones
1972), times a factor of its kind. Links between two articles have fixed weights.
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

__all__ = [
    "KINDS",
    "Key",
    "Reason",
    "Traits",
    "Weights",
    "is_near",
    "likeness",
    "rarity",
    "score_of",
]

# Each kind of reason, the strongest first: the order in which they are told.
KINDS = (
    *("trial", "comments", "commented_by", "cites", "cited_by", "references", "cited_together"),
    *("mesh", "substances", "keywords"),
)
_TRIAL = 16.0
_COMMENT = 12.0
_CITATION = 9.0
_TOGETHER = 2.0  # for each article here that cites both
_REFERENCE = 0.7  # times the rarity of the cited paper
# A heading is a main point of neither article, of one of them, of both.
_MAIN = (1.0, 1.4, 2.0)
# The least that is told, as a part of the most that one thing can weigh: one thing alone must be
# rare (in 14,000 articles at most 45 have it), several may be a little less so.
_ALONE = 0.6
_SEVERAL = 0.4

Key = str | int
# Rarity of a thing by its kind (mesh, substances, keywords, references) and key.
Weights = Mapping[tuple[str, Key], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What is compared. `mesh` says of each heading whether it is a main point.

    Substances and keywords are as printed, by their name in small letters.
    """

    pmid: int
    mesh: Mapping[str, bool] = field(default_factory=dict)
    substances: Mapping[str, str] = field(default_factory=dict)
    keywords: Mapping[str, str] = field(default_factory=dict)
    trials: frozenset[str] = frozenset()
    cites: frozenset[int] = frozenset()
    cited_by: frozenset[int] = frozenset()
    comments_on: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """`kind` is one of KINDS; `keys` are the shared things, those that weigh most first."""

    kind: str
    weight: float
    keys: tuple[str | int, ...] = ()


def rarity(held: int, having: int) -> float:
    """How much it says that two share what `having` of `held` articles have."""
    return math.log(max(held, 1) / having) if 0 < having < held else 0.0


def likeness(here: Traits, other: Traits, weights: Weights) -> tuple[Reason, ...]:
    """Why the other article may interest who reads this one."""
    found = (*_links(here, other), *_shared(here, other, weights))
    return tuple(reason for reason in found if reason.weight > 0)


def score_of(reasons: Iterable[Reason]) -> float:
    """What orders related articles; it means nothing else."""
    return sum(reason.weight for reason in reasons)


def is_near(reasons: Collection[Reason], held: int) -> bool:
    """Whether it is more than chance that the two have this in common, among `held` articles."""
    linked = any(not reason.keys for reason in reasons)
    several = sum(len(reason.keys) for reason in reasons) > 1
    least = (_SEVERAL if several else _ALONE) * math.log(max(held, 2))
    return linked or score_of(reasons) >= least


def _links(here: Traits, other: Traits) -> Iterator[Reason]:
    trials = tuple(sorted(here.trials & other.trials))
    if trials:
        yield Reason(kind="trial", weight=_TRIAL, keys=trials)
    for kind, weight, holds in (
        ("comments", _COMMENT, here.pmid in other.comments_on),
        ("commented_by", _COMMENT, other.pmid in here.comments_on),
        ("cites", _CITATION, here.pmid in other.cites),
        ("cited_by", _CITATION, other.pmid in here.cites),
    ):
        if holds:
            yield Reason(kind=kind, weight=weight)


def _shared(here: Traits, other: Traits, weights: Weights) -> Iterator[Reason]:
    def weigh(kind: str, factor: Callable[[Key], float] = lambda _: 1) -> Callable[[Key], float]:
        return lambda key: weights.get((kind, key), 0) * factor(key)

    if cited := here.cites & other.cites:
        yield _reason("references", cited, weigh("references", lambda _: _REFERENCE))
    if together := here.cited_by & other.cited_by:
        yield _reason("cited_together", together, lambda _: _TOGETHER)
    headings = here.mesh.keys() & other.mesh.keys()
    main = {name: _MAIN[here.mesh[name] + other.mesh[name]] for name in headings}
    if headings:
        yield _reason("mesh", headings, weigh("mesh", lambda name: main[str(name)]))
    # NLM repeats a heading as a substance, and authors as a keyword: a thing counts once.
    told = {name.casefold() for name in headings}
    substances = here.substances.keys() & other.substances.keys() - told
    if substances:
        yield _reason("substances", substances, weigh("substances"))
    keywords = here.keywords.keys() & other.keywords.keys() - told - substances
    if keywords:
        yield _reason("keywords", keywords, weigh("keywords"))


def _reason(kind: str, keys: Iterable[Key], weigh: Callable[[Key], float]) -> Reason:
    weights = {key: weigh(key) for key in keys}
    order = sorted((k for k in weights if weights[k] > 0), key=lambda k: (-weights[k], str(k)))
    # Sets of names have no order that stays; the exact sum does not depend on one.
    return Reason(kind=kind, weight=math.fsum(weights.values()), keys=tuple(order))
