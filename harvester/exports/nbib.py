"""NBIB, PubMed's own MEDLINE form (MEDLINE/PubMed data element descriptions), wrapped as there.

https://www.nlm.nih.gov/bsd/mms/medlineelements.html
"""

from collections.abc import Iterable, Iterator

from harvester.exports.reference import RETRACTED, doi_of, line, notes, pmcid_of, title
from harvester.library.holdings import Holding
from harvester.pubmed.records import Article, Author, Grant, HistoryDate, MeshHeading

__all__ = ["record", "write"]

Line = tuple[str, str | None]

_WIDTH = 81  # of the text; with the tag PubMed's lines have at most 87 characters
_OURS = "Written from PubMed's record by another program; not PubMed's own file."
_OFFLINE = {"Print": "Print", "Internet": "Electronic"}
_LINKS = {
    "CommentIn": "CIN",
    "CommentOn": "CON",
    "CorrectedandRepublishedFrom": "CRF",
    "CorrectedandRepublishedIn": "CRI",
    "AssociatedDataset": "DDIN",
    "AssociatedPublication": "DRIN",
    "ExpressionOfConcernFor": "ECF",
    "ExpressionOfConcernIn": "ECI",
    "ErratumFor": "EFR",
    "ErratumIn": "EIN",
    "OriginalReportIn": "ORI",
    "PartialRetractionIn": "PRIN",
    "PartialRetractionOf": "PROF",
    "RetractionIn": "RIN",
    "RetractionOf": "ROF",
    "RepublishedFrom": "RPF",
    "RepublishedIn": "RPI",
    "RetractedandRepublishedFrom": "RRF",
    "RetractedandRepublishedIn": "RRI",
    "SummaryForPatientsIn": "SPIN",
    "UpdateIn": "UIN",
    "UpdateOf": "UOF",
}
# Steps of the history that have a line of their own.
_STAMPS = {"pubmed": "EDAT", "medline": "MHDA", "entrez": "CRDT"}
# Dates that are no step of the history.
_NOT_STEPS = {"completed", "revised", "created", "article-Electronic", "article-Print"}


def write(records: Iterable[Holding]) -> Iterator[str]:
    """The file, a record at a time."""
    return map(record, records)


def record(holding: Holding) -> str:
    """One record, with an empty line after it."""
    filled = ((tag, line(text)) for tag, text in _lines(holding))
    return "".join(f"{_wrapped(tag, text)}\n" for tag, text in filled if text) + "\n"


def _wrapped(tag: str, text: str) -> str:
    """Broken at spaces only, as full as possible; what continues stands under the text."""
    lines = [""]
    for word in text.split(" "):
        last = lines[-1]
        if not last or len(last) + 1 + len(word) <= _WIDTH:
            lines[-1] = f"{last} {word}" if last else word
        else:
            lines.append(word)
    return f"{tag:<4}- " + "\n      ".join(lines)


def _lines(holding: Holding) -> Iterator[Line]:
    article = holding.article
    yield "PMID", str(article.pmid)
    yield "OWN", article.owner
    yield "STAT", article.status
    yield "DCOM", _digits(article.date("completed"))
    yield "LR", _digits(article.date("revised"))
    yield from _journal_numbers(article)
    yield "VI", article.volume
    yield "IP", article.issue
    yield "DP", article.published.printed if article.published else None
    yield "TI", title(holding)
    yield "PG", article.pages
    yield from (
        ("LID", f"{i.value} [{i.kind}]")
        for i in article.ids
        if i.source == "ELocationID" and i.valid
    )
    yield from _book(article)
    yield "AB", article.abstract_text
    yield "CI", next((s.copyright for s in article.own_abstract if s.copyright), None)
    yield from _other_abstracts(article)
    yield from _people(article)
    yield from (("LA", language) for language in article.languages)
    yield from (("SI", f"{bank.name}/{bank.accession}") for bank in article.data_banks)
    yield from (("GR", _grant(grant)) for grant in article.grants)
    yield from (("PT", kind.name) for kind in article.publication_types)
    if holding.retracted and all(
        t.name != "Retracted Publication" for t in article.publication_types
    ):
        yield "PT", "Retracted Publication"
    yield "TT", article.vernacular_title.plain if article.vernacular_title else None
    yield "DEP", _digits(article.date("article-Electronic"))
    if journal := article.journal:
        yield "PL", journal.country
        yield "TA", journal.medline_ta or journal.abbreviation
        yield "JT", journal.title
        yield "JID", journal.nlm_id
    yield from (("RN", f"{s.registry_number or 0} ({s.name})") for s in article.substances)
    yield from (("RN", m.name) for m in article.mesh if m.kind == "supplementary")
    yield from (("SB", subset) for subset in article.citation_subsets)
    yield from (
        (_LINKS[c.kind], _link(c.source, c.pmid)) for c in article.corrections if c.kind in _LINKS
    )
    yield from (("MH", _heading(m)) for m in article.mesh if m.kind == "descriptor")
    yield "PMC", pmcid_of(holding)
    yield from (("MID", i.value) for i in article.ids if i.kind == "mid")
    yield from _keywords(holding)
    yield from (("GN", note) for note in (*notes(holding), _OURS))
    yield "COIS", article.coi_statement.plain if article.coi_statement else None
    yield from _history(article)
    yield from _article_ids(holding)
    yield "PST", article.publication_status
    yield "SO", _source(holding)


def _journal_numbers(article: Article) -> Iterator[Line]:
    journal = article.journal
    if journal is None:
        return
    if journal.issn:
        # The number is that of the medium which the citation names.
        medium = journal.issn_type or _OFFLINE.get(article.cited_medium or "", "Print")
        yield "IS", f"{journal.issn} ({medium})"
    if journal.issn_linking:
        yield "IS", f"{journal.issn_linking} (Linking)"


def _book(article: Article) -> Iterator[Line]:
    book = article.book
    if book is None:
        return
    yield "BTI", book.title.plain
    yield "CTI", book.collection_title.plain if book.collection_title else None
    yield "VTI", book.volume_title.plain if book.volume_title else None
    yield "PB", book.publisher
    yield "PL", book.publisher_location
    yield "EN", book.edition
    yield from (("ISBN", isbn) for isbn in book.isbns)
    contribution = book.contribution.iso if book.contribution else None
    yield "CTDT", contribution.replace("-", "/") if contribution else None


def _other_abstracts(article: Article) -> Iterator[Line]:
    others = (section for section in article.abstract if section.type is not None)
    for section in others:
        yield "OAB", f"{section.type}: {section.text.plain}"
        yield "OABL", section.language


def _people(article: Article) -> Iterator[Line]:
    for author in article.authors:
        if not author.valid:
            continue
        if author.collective is not None:
            yield "CN", author.collective.plain
        else:
            editor = author.role == "editor"
            yield ("FED" if editor else "FAU"), _full(author)
            yield ("ED" if editor else "AU"), author.name
        yield "AUID", f"ORCID: {author.orcid}" if author.orcid else None
        yield from (("AD", affiliation.plain) for affiliation in author.affiliations)
    for member in article.investigators:
        person = Author(
            last_name=member.last_name,
            fore_name=member.fore_name,
            initials=member.initials,
            suffix=member.suffix,
        )
        yield "FIR", _full(person)
        yield "IR", person.name
        yield from (("IRAD", affiliation.plain) for affiliation in member.affiliations)


def _full(author: Author) -> str:
    given = " ".join(part for part in (author.fore_name or author.initials, author.suffix) if part)
    return ", ".join(part for part in (author.last_name, given) if part)


def _grant(grant: Grant) -> str:
    parts = (grant.grant_id, grant.acronym, grant.agency, grant.country)
    return "/".join(part for part in parts if part)


def _heading(heading: MeshHeading) -> str:
    name = f"*{heading.name}" if heading.descriptor_major else heading.name
    return "/".join([name, *(f"*{q.name}" if q.major else q.name for q in heading.qualifiers)])


def _link(source: str | None, pmid: int | None) -> str:
    return " ".join(part for part in (line(source), f"PMID: {pmid}" if pmid else "") if part)


def _keywords(holding: Holding) -> Iterator[Line]:
    owner = None
    for keyword in holding.article.keywords:
        if keyword.owner != owner:
            owner = keyword.owner
            yield "OTO", owner
        yield "OT", f"*{keyword.text.plain}" if keyword.major else keyword.text.plain
    ours = [RETRACTED] if holding.retracted else []
    ours += [f"Design: {design}" for design in holding.said("design")]
    if ours:
        yield "OTO", "NOTNLM"
        yield from (("OT", text) for text in ours)


def _article_ids(holding: Holding) -> Iterator[Line]:
    """The identifiers of the article; programs look for the DOI here and nowhere else."""
    if doi := doi_of(holding):
        yield "AID", f"{doi} [doi]"
    for known in holding.article.ids:
        elsewhere = known.kind in ("doi", "pubmed", "pmc", "mid")
        if known.source == "ArticleIdList" and known.valid and not elsewhere:
            yield "AID", f"{known.value} [{known.kind}]"


def _history(article: Article) -> Iterator[Line]:
    steps = [date for date in article.dates if date.kind not in _NOT_STEPS]
    for kind, tag in _STAMPS.items():
        yield tag, next((_stamp(date) for date in steps if date.kind == kind), None)
    yield from (("PHST", f"{_stamp(date)} [{date.kind}]") for date in steps)


def _stamp(date: HistoryDate) -> str:
    return " ".join(part for part in (date.iso.replace("-", "/"), date.time) if part)


def _digits(iso: str | None) -> str | None:
    return iso.replace("-", "") if iso else None


def _source(holding: Holding) -> str:
    article = holding.article
    journal = article.journal
    if journal is None:
        return ""
    issue = f"({article.issue})" if article.issue else ""
    pages = f":{article.pages}" if article.pages else ""
    place = f"{article.volume or ''}{issue}{pages}"
    date = article.published.printed if article.published else ""
    when = f"{date};{place}" if date and place else date or place
    doi = doi_of(holding)
    name = journal.medline_ta or journal.abbreviation or journal.title
    parts = (f"{name}.", f"{when}." if when else "", f"doi: {doi}." if doi else "")
    return " ".join(part for part in parts if part)
