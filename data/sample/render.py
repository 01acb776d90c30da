"""Records as PubMed's XML, in the order of elements of NLM's DTD (pubmed_250101)."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from html import escape
from typing import Any

from sample.record import Person, Record

__all__ = ["DOCTYPE", "doi", "render", "source"]

DOCTYPE = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n'
)
_MARKUP = re.compile(r"&lt;(/?(?:i|b|u|sub|sup))&gt;")
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_SEASONS = "Winter Winter Spring Spring Spring Summer Summer Summer Autumn Autumn Autumn Winter"


def leaf(tag: str, text: object, **attributes: str) -> str:
    """An element with text."""
    content = _MARKUP.sub(r"<\1>", escape(str(text), quote=False))
    return f"<{tag}{_attributes(attributes)}>{content}</{tag}>"


def node(tag: str, *children: str | Iterable[str], **attributes: str) -> str:
    """An element of elements; empty children are left out, and so is a node without any."""
    lines = [
        line
        for child in children
        for line in ([child] if isinstance(child, str) else child)
        if line
    ]
    if not lines:
        return ""
    return "\n".join([f"<{tag}{_attributes(attributes)}>", *lines, f"</{tag}>"])


def maybe(tag: str, text: object, **attributes: str) -> str:
    return leaf(tag, text, **attributes) if text else ""


def _attributes(attributes: dict[str, str]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in attributes.items() if value)


def _day(tag: str, day: date, *, zeros: bool = True, **attributes: str) -> str:
    parts = (f"{day.month:02}", f"{day.day:02}") if zeros else (str(day.month), str(day.day))
    return node(
        tag, leaf("Year", day.year), leaf("Month", parts[0]), leaf("Day", parts[1]), **attributes
    )


def doi(record: Record) -> str:
    return "" if record.year < 2000 else f"10.5555/sample.{record.pmid}"


def source(record: Record, words: dict[str, Any]) -> str:
    """The record as other records cite it (RefSource)."""
    if record.book:
        return f"{record.book}. {record.year}"
    abbreviation = words["journals"][record.journal][1]
    printed = record.printed
    where = f"{record.volume}({record.issue})" if record.issue else record.volume
    pages = record.pages[0] + (f"-{record.pages[1]}" if record.pages[1] else "")
    text = f"{abbreviation}. {printed.year} {_MONTHS[printed.month - 1]}"
    text += f";{where}:{pages}." if where else "."
    return f"{text} doi: {doi(record)}." if doi(record) else text


def _where(record: Record, words: dict[str, Any]) -> str:
    """The shorter form of reference lists."""
    if record.book:
        return f"{record.book}. {record.year}."
    start = f"{record.volume}:{record.pages[0]}" if record.volume else "online first"
    return f"{words['journals'][record.journal][1]}. {record.year};{start}."


def render(record: Record, words: dict[str, Any]) -> str:
    return _book(record) if record.book else _article(record, words)


def _article(record: Record, words: dict[str, Any]) -> str:
    title, abbreviation, country, _, model, subsets = words["journals"][record.journal]
    serial = list(words["journals"]).index(record.journal) + 1
    electronic = model.startswith("Electronic")
    citation = node(
        "MedlineCitation",
        leaf("PMID", record.pmid, Version=str(record.version)),
        _day("DateCompleted", _completed(record)) if record.status != "Publisher" else "",
        _day("DateRevised", record.revised),
        node(
            "Article",
            node(
                "Journal",
                leaf("ISSN", _issn(serial), IssnType="Electronic" if electronic else "Print"),
                node(
                    "JournalIssue",
                    maybe("Volume", record.volume),
                    maybe("Issue", record.issue),
                    _pub_date(record),
                    CitedMedium="Internet" if record.online or electronic else "Print",
                ),
                leaf("Title", title),
                leaf("ISOAbbreviation", abbreviation),
            ),
            leaf("ArticleTitle", record.title),
            _pagination(record),
            maybe("ELocationID", doi(record), EIdType="doi", ValidYN="Y"),
            _abstract(record, words),
            _authors(record),
            leaf("Language", record.language),
            _data_banks(record),
            node("GrantList", map(_grant, record.grants), CompleteYN="Y"),
            node(
                "PublicationTypeList",
                [leaf("PublicationType", name, UI=words["types"][name]) for name in record.types],
            ),
            maybe("VernacularTitle", record.vernacular),
            _day("ArticleDate", record.online, DateType="Electronic") if record.online else "",
            PubModel=model,
        ),
        node(
            "MedlineJournalInfo",
            leaf("Country", country),
            leaf("MedlineTA", abbreviation),
            leaf("NlmUniqueID", f"9000000{serial:02}"),
            leaf("ISSNLinking", _issn(serial)),
        ),
        node("ChemicalList", [_chemical(name, words) for name in _substances(record)]),
        [leaf("CitationSubset", subset) for subset in subsets.split()],
        node(
            "CommentsCorrectionsList", [_link(kind, other, words) for kind, other in record.links]
        ),
        node("MeshHeadingList", [_mesh(term, words) for term in _indexed(record)]),
        [
            node("OtherAbstract", leaf("AbstractText", text), Type=kind, Language=language)
            for kind, language, text in record.other_abstracts
        ],
        node(
            "KeywordList",
            [leaf("Keyword", word, MajorTopicYN="N") for word in record.keywords],
            Owner="NOTNLM",
        ),
        maybe("CoiStatement", record.coi),
        node("InvestigatorList", [_person("Investigator", who) for who in record.investigators]),
        Status=record.status,
        Owner="NLM",
        IndexingMethod=record.indexing,
    )
    ahead = record.status == "Publisher" and not electronic
    data = node(
        "PubmedData",
        _history(record),
        leaf(
            "PublicationStatus",
            "aheadofprint" if ahead else "epublish" if electronic else "ppublish",
        ),
        node("ArticleIdList", _ids(record)),
        _references(record, words),
    )
    return node("PubmedArticle", citation, data)


def _book(record: Record) -> str:
    document = node(
        "BookDocument",
        leaf("PMID", record.pmid, Version="1"),
        node("ArticleIdList", leaf("ArticleId", record.bookshelf, IdType="bookaccession")),
        node(
            "Book",
            node(
                "Publisher",
                leaf("PublisherName", "The Sample Press"),
                leaf("PublisherLocation", "Lantern Bay (US)"),
            ),
            leaf("BookTitle", record.book, book="sample"),
            node(
                "PubDate",
                leaf("Year", record.year),
                leaf("Month", _MONTHS[record.printed.month - 1]),
            ),
            node("BeginningDate", leaf("Year", record.year)),
            leaf("Medium", "Internet"),
        ),
        leaf("ArticleTitle", record.title, book="sample", part=record.bookshelf.lower()),
        leaf("Language", record.language),
        _authors(record, kind="authors"),
        leaf("PublicationType", "Review", UI="D016454"),
        node("Abstract", [leaf("AbstractText", section.text) for section in record.sections]),
        node(
            "Sections",
            [
                node("Section", leaf("SectionTitle", chapter, book="sample", sec=f"s{place}"))
                for place, chapter in enumerate(record.chapters, 1)
            ],
        ),
        node(
            "KeywordList",
            [leaf("Keyword", word, MajorTopicYN="N") for word in record.keywords],
            Owner="NOTNLM",
        ),
        _day("ContributionDate", record.printed, zeros=False),
        _day("DateRevised", record.revised, zeros=False),
    )
    data = node(
        "PubmedBookData",
        _history(record),
        leaf("PublicationStatus", "ppublish"),
        node("ArticleIdList", leaf("ArticleId", record.pmid, IdType="pubmed")),
    )
    return node("PubmedBookArticle", document, data)


def _issn(serial: int) -> str:
    """An ISSN with a wrong check digit, so that it can be no journal's."""
    digits = f"9999{serial:03}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(8, 1, -1), strict=True))
    right = -total % 11
    return f"{digits[:4]}-{digits[4:]}{(right + 1) % 10}"


def _completed(record: Record) -> date:
    return min(record.created + timedelta(days=90), record.revised)


def _pub_date(record: Record) -> str:
    day, month = record.printed, _MONTHS[record.printed.month - 1]
    following = day.replace(day=28) + timedelta(days=7)
    match record.date_style:
        case "year":
            parts = [leaf("Year", day.year)]
        case "season":
            parts = [leaf("Year", day.year), leaf("Season", _SEASONS.split()[day.month - 1])]
        case "months":
            end = _MONTHS[following.month - 1]
            span = f"{end}" if following.year == day.year else f"{following.year} {end}"
            parts = [leaf("MedlineDate", f"{day.year} {month}-{span}")]
        case "day":
            parts = [leaf("Year", day.year), leaf("Month", month), leaf("Day", f"{day.day:02}")]
        case _:
            parts = [leaf("Year", day.year), leaf("Month", month)]
    return node("PubDate", parts)


def _pagination(record: Record) -> str:
    start, end = record.pages
    if not start:
        return ""
    short = end
    if start.isdigit() and end and len(start) == len(end):
        same = next((n for n, (a, b) in enumerate(zip(start, end, strict=True)) if a != b), 0)
        short = end[same:]
    medline = leaf("MedlinePgn", f"{start}-{short}" if end else start)
    split = [leaf("StartPage", start), maybe("EndPage", end)] if record.year >= 2018 else []
    return node("Pagination", split, medline)


def _abstract(record: Record, words: dict[str, Any]) -> str:
    return node(
        "Abstract",
        [
            leaf("AbstractText", part.text, Label=part.label, NlmCategory=part.category)
            for part in record.sections
        ],
        leaf("CopyrightInformation", words["text"]["copyright"])
        if record.sections and record.year >= 2005
        else "",
    )


def _authors(record: Record, kind: str = "") -> str:
    people = [_person("Author", person) for person in record.authors]
    group = node("Author", leaf("CollectiveName", record.collective), ValidYN="Y")
    return node("AuthorList", people, group if record.collective else "", CompleteYN="Y", Type=kind)


def _person(tag: str, who: Person) -> str:
    return node(
        tag,
        leaf("LastName", who.last),
        leaf("ForeName", who.fore),
        leaf("Initials", who.initials),
        maybe("Suffix", who.suffix),
        maybe("Identifier", who.orcid, Source="ORCID"),
        [node("AffiliationInfo", leaf("Affiliation", place)) for place in who.affiliations],
        ValidYN="Y",
        EqualContrib="Y" if who.equal else "",
    )


def _data_banks(record: Record) -> str:
    if record.registry is None:
        return ""
    name, number = record.registry
    numbers = node("AccessionNumberList", leaf("AccessionNumber", number))
    bank = node("DataBank", leaf("DataBankName", name), numbers)
    return node("DataBankList", bank, CompleteYN="Y")


def _grant(grant: tuple[str, str, str]) -> str:
    number, agency, country = grant
    return node("Grant", leaf("GrantID", number), leaf("Agency", agency), leaf("Country", country))


def _chemical(name: str, words: dict[str, Any]) -> str:
    number, ui = words["substances"][name]
    return node("Chemical", leaf("RegistryNumber", number), leaf("NameOfSubstance", name, UI=ui))


def _indexed(record: Record) -> list[str]:
    return record.mesh if record.status == "MEDLINE" else []


def _substances(record: Record) -> list[str]:
    return record.substances if record.status == "MEDLINE" else []


def _mesh(term: str, words: dict[str, Any]) -> str:
    """A heading written as librarians do: `Ketamine/*therapeutic use`, `*Cystitis`."""
    name, *qualifiers = term.split("/")
    return node(
        "MeshHeading",
        leaf(
            "DescriptorName",
            name.lstrip("*"),
            UI=words["mesh"][name.lstrip("*")],
            MajorTopicYN="Y" if name.startswith("*") else "N",
        ),
        [
            leaf(
                "QualifierName",
                qualifier.lstrip("*"),
                UI=words["qualifiers"][qualifier.lstrip("*")],
                MajorTopicYN="Y" if qualifier.startswith("*") else "N",
            )
            for qualifier in qualifiers
        ],
    )


def _link(kind: str, other: Record, words: dict[str, Any]) -> str:
    return node(
        "CommentsCorrections",
        leaf("RefSource", source(other, words)),
        leaf("PMID", other.pmid, Version=str(other.version)),
        RefType=kind,
    )


def _history(record: Record) -> str:
    steps: list[tuple[str, date]] = []
    if record.online and record.year >= 2005 and record.sections:
        steps.append(("received", record.online - timedelta(days=170 + record.pmid % 60)))
        if record.pmid % 3 == 0:
            steps.append(("revised", record.online - timedelta(days=60 + record.pmid % 25)))
        steps.append(("accepted", record.online - timedelta(days=20 + record.pmid % 15)))
    steps += [("entrez", record.entered), ("pubmed", record.created)]
    if record.status == "MEDLINE":
        steps.append(("medline", _completed(record)))
    if record.pmc:
        steps.append(("pmc-release", record.created + timedelta(days=record.pmid % 2 * 180)))
    return node(
        "History", [_day("PubMedPubDate", day, zeros=False, PubStatus=kind) for kind, day in steps]
    )


def _ids(record: Record) -> list[str]:
    pmc = f"PMC{record.pmid}" if record.pmc else ""
    return [
        leaf("ArticleId", record.pmid, IdType="pubmed"),
        maybe("ArticleId", pmc, IdType="pmc"),
        maybe("ArticleId", doi(record), IdType="doi"),
        leaf("ArticleId", f"sample-{record.pmid}", IdType="pii")
        if record.pages == ("", "")
        else "",
    ]


def _references(record: Record, words: dict[str, Any]) -> str:
    entries = [
        node(
            "Reference",
            leaf("Citation", f"{_first_author(other)}{_where(other, words)}"),
            node("ArticleIdList", leaf("ArticleId", other.pmid, IdType="pubmed")),
        )
        for other in record.cites
    ]
    entries += [node("Reference", leaf("Citation", citation)) for citation in record.citations]
    return node("ReferenceList", entries)


def _first_author(record: Record) -> str:
    if not record.authors:
        return ""
    first = record.authors[0]
    return f"{first.last} {first.initials}{', et al' if len(record.authors) > 1 else ''}. "
