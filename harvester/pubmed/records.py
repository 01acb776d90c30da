"""A PubMed record as frozen data: what `parse` and `medline` make, and everybody else reads.

Names are PubMed's own (NLM's DTD and the MEDLINE/PubMed data element descriptions). Nothing here
knows XML, SQL or the network. Tuples keep PubMed's order; a position in a tuple is the position
in the record.
"""

from dataclasses import dataclass

__all__ = [
    "AbstractSection",
    "Article",
    "ArticleId",
    "Author",
    "Book",
    "BookSection",
    "Correction",
    "DataBank",
    "Grant",
    "HistoryDate",
    "Investigator",
    "Journal",
    "Keyword",
    "MeshHeading",
    "OtherField",
    "PubDate",
    "PublicationType",
    "Qualifier",
    "Reference",
    "Substance",
    "Text",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text of the record.

    `plain` has no tags; `markup` is the same text with PubMed's inline elements (`i b u sub sup`
    and MathML without its prefix), every other character escaped for XML, and None when the text
    has no such element.
    """

    plain: str
    markup: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AbstractSection:
    """One part of the abstract, or of an abstract in another language or by another maker.

    `type` is None for PubMed's own abstract, otherwise OtherAbstract's Type ("Publisher",
    "plain-language-summary", "AIDS", ...), whose `language` is an ISO 639-2 code.
    """

    text: Text
    label: str | None = None
    category: str | None = None
    type: str | None = None
    language: str | None = None
    copyright: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """A person (last name, fore name, initials, suffix) or a group (`collective`)."""

    last_name: str | None = None
    fore_name: str | None = None
    initials: str | None = None
    suffix: str | None = None
    collective: Text | None = None
    orcid: str | None = None
    identifiers: tuple[tuple[str, str], ...] = ()
    affiliations: tuple[Text, ...] = ()
    affiliation_identifiers: tuple[tuple[str, str], ...] = ()
    role: str = "author"
    valid: bool = True
    equal_contribution: bool = False

    @property
    def name(self) -> str:
        """The name as PubMed prints it: `Zarate CA Jr`, or the name of the group."""
        if self.collective is not None:
            return self.collective.plain
        parts = (self.last_name, self.initials or self.fore_name, self.suffix)
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Investigator:
    """A member of a study group; `group` is the 1-based position of that group's author list."""

    last_name: str | None = None
    fore_name: str | None = None
    initials: str | None = None
    suffix: str | None = None
    orcid: str | None = None
    affiliations: tuple[Text, ...] = ()
    group: str | None = None
    valid: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """The journal: `title` in full, `abbreviation` as cited (ISO), `medline_ta` as NLM cites it."""

    title: str
    abbreviation: str | None = None
    medline_ta: str | None = None
    nlm_id: str | None = None
    issn: str | None = None
    issn_type: str | None = None
    issn_linking: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PubDate:
    """A date of publication: `iso` is `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; `printed` as printed."""

    iso: str | None
    printed: str

    @property
    def year(self) -> int | None:
        return int(self.iso[:4]) if self.iso else None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryDate:
    """A dated step; `time` is `HH:MM`.

    `kind` is PubMed's PubStatus, or `completed`, `revised`, `created`, `article-Electronic` and
    the like for dates that stand elsewhere. `revised` is NLM's revision of the record; the
    PubStatus of that name, a revision by the authors, is `manuscript-revised`.
    """

    kind: str
    iso: str
    time: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationType:
    name: str
    ui: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualifier:
    name: str
    ui: str | None = None
    major: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshHeading:
    """A MeSH descriptor with its qualifiers, or a supplementary concept.

    `kind` is `descriptor` or `supplementary`; `type` is the DTD's Type ("Geographic", "Disease",
    "Protocol", ...). `major` is true when the descriptor or one of its qualifiers has the star.
    """

    name: str
    ui: str | None = None
    major: bool = False
    descriptor_major: bool = False
    kind: str = "descriptor"
    type: str | None = None
    qualifiers: tuple[Qualifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Substance:
    name: str
    ui: str | None = None
    registry_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    text: Text
    major: bool = False
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    grant_id: str | None = None
    acronym: str | None = None
    agency: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataBank:
    """One accession number: a trial's registration or an entry of a sequence data bank."""

    name: str
    accession: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A link to another record; `kind` is CommentsCorrections' RefType ("RetractionIn", ...)."""

    kind: str
    pmid: int | None = None
    source: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One entry of the reference list, `section` being the title of a part of that list."""

    citation: Text | None = None
    pmid: int | None = None
    ids: tuple[tuple[str, str], ...] = ()
    section: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleId:
    """An identifier; `kind` is IdType or EIdType (`doi`, `pii`, `pmc`, `pubmed`, ...)."""

    kind: str
    value: str
    source: str = "ArticleIdList"
    valid: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherField:
    """What has no place of its own: GeneralNote, OtherID, GeneSymbol, SpaceFlightMission,
    PersonalNameSubject, NumberOfReferences, ..., and any element that is new to us."""

    name: str
    value: str
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSection:
    """A heading of the book; Bookshelf finds it by the name of its `part` and the `anchor`."""

    title: Text
    label: str | None = None
    level: int = 1
    part: str | None = None
    anchor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The book that a Bookshelf record is, or is part of; `part` is Bookshelf's name of that part.

    The address of the part is `https://www.ncbi.nlm.nih.gov/books/n/<bookshelf_id>/<part>/`.
    """

    title: Text
    bookshelf_id: str | None = None
    part: str | None = None
    publisher: str | None = None
    publisher_location: str | None = None
    published: PubDate | None = None
    beginning: PubDate | None = None
    ending: PubDate | None = None
    contribution: PubDate | None = None
    edition: str | None = None
    volume: str | None = None
    volume_title: Text | None = None
    collection_title: Text | None = None
    isbns: tuple[str, ...] = ()
    medium: str | None = None
    report_numbers: tuple[str, ...] = ()
    location_labels: tuple[tuple[str, str], ...] = ()
    sections: tuple[BookSection, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One PubMed record, an article or a book (`book` is set)."""

    pmid: int
    version: int = 1
    title: Text
    vernacular_title: Text | None = None
    abstract: tuple[AbstractSection, ...] = ()
    authors: tuple[Author, ...] = ()
    authors_complete: bool = True
    investigators: tuple[Investigator, ...] = ()
    journal: Journal | None = None
    book: Book | None = None
    volume: str | None = None
    issue: str | None = None
    cited_medium: str | None = None
    pages: str | None = None
    published: PubDate | None = None
    dates: tuple[HistoryDate, ...] = ()
    languages: tuple[str, ...] = ()
    publication_types: tuple[PublicationType, ...] = ()
    mesh: tuple[MeshHeading, ...] = ()
    substances: tuple[Substance, ...] = ()
    keywords: tuple[Keyword, ...] = ()
    grants: tuple[Grant, ...] = ()
    grants_complete: bool = True
    data_banks: tuple[DataBank, ...] = ()
    corrections: tuple[Correction, ...] = ()
    references: tuple[Reference, ...] = ()
    ids: tuple[ArticleId, ...] = ()
    coi_statement: Text | None = None
    citation_subsets: tuple[str, ...] = ()
    status: str | None = None
    owner: str | None = None
    indexing_method: str | None = None
    publication_model: str | None = None
    publication_status: str | None = None
    other: tuple[OtherField, ...] = ()

    def id(self, kind: str) -> str | None:
        """The record's first valid identifier of that kind."""
        return next((i.value for i in self.ids if i.kind == kind and i.valid), None)

    @property
    def doi(self) -> str | None:
        """The first valid DOI; some records call another number so (PMID 36820854)."""
        found = (i.value for i in self.ids if i.kind == "doi" and i.valid)
        return next((value for value in found if value.startswith("10.")), None)

    def date(self, kind: str) -> str | None:
        """The first date of that kind, ISO."""
        return next((d.iso for d in self.dates if d.kind == kind), None)

    @property
    def own_abstract(self) -> tuple[AbstractSection, ...]:
        """PubMed's own abstract, without those in other languages or by other makers."""
        return tuple(section for section in self.abstract if section.type is None)

    @property
    def abstract_text(self) -> str | None:
        """The abstract as one plain text, `LABEL: text` a line for labelled sections."""
        lines = [
            f"{s.label}: {s.text.plain}" if s.label else s.text.plain
            for s in self.own_abstract
            if s.text.plain
        ]
        return "\n".join(lines) or None

    @property
    def retracted(self) -> bool:
        """True for a retracted article, never for the notice that retracts it.

        PubMed says so by the publication type or by a link; either may come first, and the
        link's own PMID may be missing.
        """
        links = ("RetractionIn", "RetractedandRepublishedIn")
        return any(t.name == "Retracted Publication" for t in self.publication_types) or any(
            c.kind in links for c in self.corrections
        )

    @property
    def concern(self) -> bool:
        """True when an expression of concern about this article was published."""
        return any(c.kind == "ExpressionOfConcernIn" for c in self.corrections)

    @property
    def corrected(self) -> bool:
        """True when an erratum or a corrected version exists, or a part was retracted."""
        kinds = ("ErratumIn", "CorrectedandRepublishedIn", "PartialRetractionIn")
        return any(c.kind in kinds for c in self.corrections)

    @property
    def retraction_notice(self) -> bool:
        """True for the notice itself: it is no study and must never be shown as one."""
        names = {"Retraction of Publication", "Retraction Notice"}
        return any(t.name in names for t in self.publication_types) or any(
            c.kind == "RetractionOf" for c in self.corrections
        )
