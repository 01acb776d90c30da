"""A record in the making: what the grammar fills in and `render` turns into PubMed's XML."""

from dataclasses import dataclass, field
from datetime import date

__all__ = ["Person", "Record", "Section"]


@dataclass(frozen=True, slots=True)
class Person:
    last: str
    fore: str
    suffix: str = ""
    orcid: str = ""
    affiliations: tuple[str, ...] = ()
    equal: bool = False

    @property
    def initials(self) -> str:
        return "".join(part[0] for part in self.fore.replace("-", " ").split())


@dataclass(frozen=True, slots=True)
class Section:
    text: str
    label: str = ""
    category: str = ""


@dataclass(slots=True, kw_only=True)
class Record:
    """Texts may hold `<i> <b> <u> <sub> <sup>`; everything else is escaped when rendered."""

    key: str
    kind: str
    year: int
    journal: str
    title: str
    sections: list[Section] = field(default_factory=list)
    language: str = "eng"
    vernacular: str = ""
    other_abstracts: list[tuple[str, str, str]] = field(default_factory=list)  # type, language
    types: list[str] = field(default_factory=list)
    mesh: list[str] = field(default_factory=list)  # "Ketamine/*therapeutic use", "*Cystitis"
    substances: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    authors: list[Person] = field(default_factory=list)
    collective: str = ""
    investigators: list[Person] = field(default_factory=list)
    registry: tuple[str, str] | None = None
    grants: list[tuple[str, str, str]] = field(default_factory=list)  # id, agency, country
    coi: str = ""
    tags: frozenset[str] = frozenset()
    links: list[tuple[str, "Record"]] = field(default_factory=list)  # RefType, other
    cites: list["Record"] = field(default_factory=list)
    citations: list[str] = field(default_factory=list)  # works outside PubMed
    book: str = ""
    bookshelf: str = ""
    chapters: list[str] = field(default_factory=list)
    version: int = 1

    # filled in by the calendar
    pmid: int = 0
    printed: date = date.min
    online: date | None = None
    created: date = date.min
    entered: date = date.min
    revised: date = date.min
    status: str = "MEDLINE"
    indexing: str = ""
    date_style: str = "month"
    volume: str = ""
    issue: str = ""
    pages: tuple[str, str] = ("", "")
    pmc: bool = False
