"""Kinds of publication that the home page counts, by what NLM says of a record and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass

from harvester.site.catalogue import Articles, Catalogue
from harvester.site.charts import Series
from harvester.site.publication import REVIEW_TYPES, TRIAL_TYPES
from harvester.site.urls import Search

__all__ = ["ANIMALS", "GROUPS", "RANDOMISED", "SYNTHESES", "Group", "layers", "of_types"]

_OBSERVED = ("Observational Study", "Case Reports")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A search that people often want, with its sign (`kind`) and its names in the list."""

    kind: str
    one: str
    many: str
    search: Search


def of_types(*names: str) -> Search:
    """Articles of any of these publication types."""
    return Search(chosen=tuple(("type", name) for name in names))


RANDOMISED = Group(
    kind="trial",
    one="randomised trial",
    many="randomised trials",
    search=of_types("Randomized Controlled Trial"),
)
SYNTHESES = Group(
    kind="review",
    one="systematic review or meta-analysis",
    many="systematic reviews and meta-analyses",
    search=of_types("Systematic Review", "Meta-Analysis", "Network Meta-Analysis"),
)
# NLM marks each record with the check tags Animals and Humans when it is indexed.
ANIMALS = Group(
    kind="lab",
    one="study in animals alone",
    many="studies in animals alone",
    search=Search(q="mesh:animals -mesh:humans"),
)
# One article can be in several of these.
GROUPS = (
    RANDOMISED,
    SYNTHESES,
    Group(kind="review", one="review", many="reviews of any kind", search=of_types(*REVIEW_TYPES)),
    Group(
        kind="observe",
        one="observational study",
        many="observational studies and case reports",
        search=of_types(*_OBSERVED),
    ),
    ANIMALS,
    Group(
        kind="review",
        one="guideline",
        many="guidelines",
        search=of_types(
            "Practice Guideline",
            "Guideline",
            "Consensus Development Conference",
            "Consensus Statement",
        ),
    ),
)


def layers(catalogue: Catalogue, animals: Articles) -> tuple[Series, ...]:
    """All articles by year, each in the first layer that it belongs to: trials go before reviews.

    `animals` are the articles that `ANIMALS` finds.
    """
    trial = catalogue.having("type", TRIAL_TYPES)
    review = catalogue.having("type", REVIEW_TYPES) & ~trial
    observe = catalogue.having("type", _OBSERVED) & ~(trial | review)
    lab = animals & ~(trial | review | observe)
    other = catalogue.all & ~(trial | review | observe | lab)

    def years(articles: Articles) -> Mapping[int, int]:
        return catalogue.count_years(articles)

    return (
        Series(kind="review", label="Reviews", counts=years(review)),
        Series(kind="trial", label="Clinical trials", counts=years(trial)),
        Series(kind="observe", label="Observational studies, case reports", counts=years(observe)),
        Series(kind="lab", label="Animals alone", counts=years(lab)),
        Series(kind="other", label="All other", counts=years(other)),
    )
