"""A record while it is read: what `parse` and `medline` fill in, piece by piece."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from harvester.errors import ParseError
from harvester.pubmed.records import (
    AbstractSection,
    Article,
    ArticleId,
    Author,
    Book,
    Correction,
    DataBank,
    Grant,
    HistoryDate,
    Investigator,
    Journal,
    Keyword,
    MeshHeading,
    OtherField,
    PubDate,
    PublicationType,
    Reference,
    Substance,
    Text,
)

__all__ = ["Draft"]


_NO_TEXT = Text(plain="")


@dataclass(slots=True)
class Draft:
    """The fields of an Article, with lists where it has tuples.

    `journal` and `book` have the fields of a Journal and a Book; `groups` tells the position
    among the authors of each group that has a list of investigators, by the ID of that list.
    """

    pmid: int | None = None
    version: int = 1
    title: Text = _NO_TEXT
    vernacular_title: Text | None = None
    abstract: list[AbstractSection] = field(default_factory=list)
    authors: list[Author] = field(default_factory=list)
    authors_complete: bool = True
    investigators: list[Investigator] = field(default_factory=list)
    journal: dict[str, str] = field(default_factory=dict)
    book: dict[str, Any] = field(default_factory=dict)
    volume: str | None = None
    issue: str | None = None
    cited_medium: str | None = None
    pages: str | None = None
    published: PubDate | None = None
    dates: list[HistoryDate] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    publication_types: list[PublicationType] = field(default_factory=list)
    mesh: list[MeshHeading] = field(default_factory=list)
    substances: list[Substance] = field(default_factory=list)
    keywords: list[Keyword] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    grants_complete: bool = True
    data_banks: list[DataBank] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    ids: list[ArticleId] = field(default_factory=list)
    coi_statement: Text | None = None
    citation_subsets: list[str] = field(default_factory=list)
    status: str | None = None
    owner: str | None = None
    indexing_method: str | None = None
    publication_model: str | None = None
    publication_status: str | None = None
    other: list[OtherField] = field(default_factory=list)
    groups: dict[str, str] = field(default_factory=dict)

    def add_other(
        self, name: str, value: str | None, attributes: Iterable[tuple[str, str | None]] = ()
    ) -> None:
        """Keep what has no field of its own; without a value and attributes it is nothing."""
        kept = tuple((key, text) for key, text in attributes if text)
        if value or kept:
            self.other.append(OtherField(name=name, value=value or "", attributes=kept))

    def article(self) -> Article:
        """The finished record; raises ParseError when it has no PMID."""
        if self.pmid is None:
            raise ParseError("The record has no PMID.")
        return Article(
            pmid=self.pmid,
            version=self.version,
            title=self.title,
            vernacular_title=self.vernacular_title,
            abstract=tuple(self.abstract),
            authors=tuple(self.authors),
            authors_complete=self.authors_complete,
            investigators=tuple(self.investigators),
            journal=self._journal(),
            book=Book(**{"title": _NO_TEXT, **self.book}) if self.book else None,
            volume=self.volume,
            issue=self.issue,
            cited_medium=self.cited_medium,
            pages=self.pages,
            published=self.published,
            dates=tuple(self.dates),
            languages=tuple(self.languages),
            publication_types=tuple(self.publication_types),
            mesh=tuple(self.mesh),
            substances=tuple(self.substances),
            keywords=tuple(self.keywords),
            grants=tuple(self.grants),
            grants_complete=self.grants_complete,
            data_banks=tuple(self.data_banks),
            corrections=tuple(self.corrections),
            references=tuple(self.references),
            ids=tuple(self.ids),
            coi_statement=self.coi_statement,
            citation_subsets=tuple(self.citation_subsets),
            status=self.status,
            owner=self.owner,
            indexing_method=self.indexing_method,
            publication_model=self.publication_model,
            publication_status=self.publication_status,
            other=tuple(self.other),
        )

    def _journal(self) -> Journal | None:
        if not self.journal:
            return None
        title = self.journal.get("abbreviation") or self.journal.get("medline_ta") or ""
        return Journal(**{"title": title, **self.journal})
