"""A finding: one thing that a record says, with the words that say it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

__all__ = ["Detail", "Finding", "people"]

# Numbers, units, polarity and the like: what JSON can hold without nesting.
Detail = Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A value of a facet, and why: the rule with its version, and the words it rests on.

    `source` is where the words stand: title, abstract, keyword, mesh, substance, affiliation,
    publication_type, data_bank, conflicts, grant, journal. For title and abstract, `quote` is
    verbatim and begins at character `start` of that text (`Article.title.plain`,
    `Article.abstract_text`), and `section` is the label that the abstract's part carries; elsewhere
    `quote` is the heading or the name itself.
    """

    facet: str
    value: str
    rule: str
    source: str
    quote: str
    section: str | None = None
    start: int | None = None
    detail: Detail = field(default_factory=dict)


def people(findings: Iterable[Finding]) -> int | None:
    """How many people took part; None where the rule is unsure, and where animals are counted."""
    sizes = (f for f in findings if f.facet == "sample_size")
    known = (f for f in sizes if f.value != "animals" and not f.detail.get("unsure"))
    return next((n for f in known if isinstance(n := f.detail.get("n"), int)), None)
