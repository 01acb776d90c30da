"""One record, told twice in the same words: by Biopython's Entrez.read, and by our Article.

Both are brought into the same plain facts, so that a test can compare them by name. What we do
otherwise than Biopython, on purpose, is allowed for here, and nothing else:

- Runs of white space are one blank in our texts; texts are compared with their markup, without it.
- Elements without text (a Keyword, an ArticleId, an AbstractText) make no entry; an attribute
  without one (UI, in old records) is none.
- An ORCID is written 0000-0000-0000-0000; one of another shape stays as it is.
- Months are numbers in dates, and names in what is printed; a day has no leading zero there.
- MathML has no prefix, other tags than the inline ones of PubMed are gone.
- The Affiliation beside the authors, in files of 2012 and before, is the first author's.
- A reference's title is that of its list after those of the lists around it.
"""

import io
import re
from collections.abc import Iterable, Sequence
from html import unescape
from typing import Any

from Bio import Entrez
from Bio.Entrez.Parser import ValidationError

from harvester.pubmed.records import Article, Author, HistoryDate, PubDate, Text

Facts = dict[str, Any]

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD'
    ' PubMedArticle//EN" "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_{}.dtd">\n'
    "<PubmedArticleSet>"
)
# Of those that come with Biopython, newest first: an old file has elements that are gone by now.
DTDS = ("250101", "180601", "150101", "140101", "130501", "120101")
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
PAGES = ("MedlinePgn", "StartPage", "EndPage")
NAMES = ("LastName", "ForeName", "Initials", "Suffix")
MATHML = re.compile(r"<(/?)(?:mml:)?(m\w+|none)[^>]*>")
TAGS = re.compile(r"<(?!/?(?:b|i|u|sub|sup|m\w+|none)>)/?\w[^<>]*>")


def biopython(pieces: Sequence[bytes]) -> list[Facts]:
    """What Entrez.read says about these records, each read by the newest DTD that fits it."""
    read = entrez_read(pieces, DTDS[0])
    if read is None and len(pieces) > 1:
        half = len(pieces) // 2
        return biopython(pieces[:half]) + biopython(pieces[half:])
    for dtd in DTDS[1:]:
        read = read or entrez_read(pieces, dtd)
    if read is None:
        return [{}]
    if isinstance(read, list):  # so it is with an old DTD
        return [article_facts(record) for record in read]
    articles = [article_facts(record) for record in read.get("PubmedArticle", ())]
    return articles + [book_facts(record) for record in read.get("PubmedBookArticle", ())]


def entrez_read(pieces: Sequence[bytes], dtd: str) -> Any:
    body = HEAD.format(dtd).encode() + b"".join(pieces) + b"</PubmedArticleSet>"
    try:
        return Entrez.read(io.BytesIO(body), validate=True, escape=True)
    except (ValidationError, ValueError):
        return None


def article_facts(record: Any) -> Facts:
    citation, data = record["MedlineCitation"], record.get("PubmedData", {})
    article, info = citation["Article"], citation["MedlineJournalInfo"]
    journal, issue = article["Journal"], article["Journal"]["JournalIssue"]
    return common_facts(citation, article, data) | {
        "status": citation.attributes.get("Status"),
        "owner": citation.attributes.get("Owner", "NLM"),
        "indexing_method": citation.attributes.get("IndexingMethod"),
        "publication_model": article.attributes.get("PubModel"),
        "title": text(article["ArticleTitle"]),
        "journal": {
            "title": plain(journal.get("Title")),
            "abbreviation": plain(journal.get("ISOAbbreviation")),
            "issn": plain(journal.get("ISSN")),
            "issn_type": attribute(journal.get("ISSN"), "IssnType"),
            "medline_ta": plain(info.get("MedlineTA")),
            "nlm_id": plain(info.get("NlmUniqueID")),
            "issn_linking": plain(info.get("ISSNLinking")),
            "country": plain(info.get("Country")),
        },
        "volume": plain(issue.get("Volume")),
        "issue": plain(issue.get("Issue")),
        "cited_medium": issue.attributes.get("CitedMedium"),
        "published": printed(issue["PubDate"]),
        "publication_types": [
            (plain(p), attribute(p, "UI")) for p in article.get("PublicationTypeList", ())
        ],
        "dates": [
            *(day(kind, citation[name]) for kind, name in DATES.items() if name in citation),
            *(
                day(f"article-{d.attributes.get('DateType', 'Electronic')}", d)
                for d in article.get("ArticleDate", ())
            ),
            *history(data),
        ],
        "mesh": [
            (
                plain(heading["DescriptorName"]),
                attribute(heading["DescriptorName"], "UI"),
                attribute(heading["DescriptorName"], "MajorTopicYN") == "Y",
                attribute(heading["DescriptorName"], "Type"),
                [
                    (plain(q), attribute(q, "UI"), attribute(q, "MajorTopicYN") == "Y")
                    for q in heading["QualifierName"]
                ],
            )
            for heading in citation.get("MeshHeadingList", ())
        ],
        "supplementary": [
            (plain(name), attribute(name, "UI"), attribute(name, "Type"))
            for name in citation.get("SupplMeshList", ())
        ],
        "substances": [
            (
                plain(chemical["NameOfSubstance"]),
                attribute(chemical["NameOfSubstance"], "UI"),
                plain(chemical["RegistryNumber"]),
            )
            for chemical in citation.get("ChemicalList", ())
        ],
        "data_banks": [
            (plain(bank["DataBankName"]), plain(number))
            for bank in article.get("DataBankList", ())
            for number in bank.get("AccessionNumberList", ())
        ],
        "corrections": [
            (
                link.attributes.get("RefType"),
                plain(link.get("PMID")),
                plain(link.get("RefSource")),
                plain(link.get("Note")),
            )
            for link in citation.get("CommentsCorrectionsList", ())
        ],
        "ids": [
            *(
                (attribute(i, "IdType"), plain(i), True)
                for i in data.get("ArticleIdList", ())
                if plain(i)
            ),
            *(
                (attribute(i, "EIdType"), plain(i), attribute(i, "ValidYN") != "N")
                for i in article.get("ELocationID", ())
            ),
        ],
        "references": references(data.get("ReferenceList", ())),
        "coi_statement": text(citation.get("CoiStatement")),
        "citation_subsets": [plain(subset) for subset in citation.get("CitationSubset", ())],
        "genes": [plain(gene) for gene in citation.get("GeneSymbolList", ())],
        "missions": [plain(name) for name in citation.get("SpaceFlightMission", ())],
        "number_of_references": plain(citation.get("NumberOfReferences")),
        "notes": [(attribute(n, "Owner"), plain(n)) for n in citation.get("GeneralNote", ())],
        "other_ids": [(attribute(i, "Source"), plain(i)) for i in citation.get("OtherID", ())],
        "subjects": [
            tuple(plain(person.get(name)) for name in NAMES)
            for person in citation.get("PersonalNameSubjectList", ())
        ],
    }


def book_facts(record: Any) -> Facts:
    document, data = record["BookDocument"], record["PubmedBookData"]
    book = document["Book"]
    own = list(document.get("AuthorList", ()))
    both = (*own, *book.get("AuthorList", ()))
    title = document.get("ArticleTitle")
    article = {name: document[name] for name in document if name != "AuthorList"}
    return common_facts(document, article, data) | {
        "title": text(book["BookTitle"] if title is None else title),
        "book": {
            "title": text(book["BookTitle"]),
            "bookshelf_id": attribute(book["BookTitle"], "book"),
            "part": attribute(title, "part"),
            "publisher": plain(book["Publisher"].get("PublisherName")),
            "publisher_location": plain(book["Publisher"].get("PublisherLocation")),
            "published": printed(book["PubDate"]),
            "beginning": printed(book.get("BeginningDate")),
            "ending": printed(book.get("EndingDate")),
            "contribution": printed(document.get("ContributionDate")),
            "edition": plain(book.get("Edition")),
            "volume": plain(book.get("Volume")),
            "volume_title": text(book.get("VolumeTitle")),
            "collection_title": text(book.get("CollectionTitle")),
            "isbns": [plain(isbn) for isbn in book.get("Isbn", ())],
            "medium": plain(book.get("Medium")),
            "sections": list(sections(document.get("Sections", ()), 1)),
        },
        "authors": sorted(
            person(author, "editor" if group.attributes.get("Type") == "editors" else "author")
            for group in both
            for author in group
        ),
        "publication_types": [
            (plain(p), attribute(p, "UI")) for p in document.get("PublicationType", ())
        ],
        "dates": [
            *([day("revised", document["DateRevised"])] if "DateRevised" in document else ()),
            *history(data),
        ],
        "ids": [
            (attribute(i, "IdType"), plain(i), True)
            for i in (*document.get("ArticleIdList", ()), *data.get("ArticleIdList", ()))
        ],
        "references": references(document.get("ReferenceList", ())),
        "items": [
            (items.attributes.get("ListType"), plain(item))
            for items in document.get("ItemList", ())
            for item in items
        ],
    }


def common_facts(citation: Any, article: Any, data: Any) -> Facts:
    """What articles and books have alike."""
    pagination = article.get("Pagination", {})
    abstract = article.get("Abstract")
    others = citation.get("OtherAbstract", ())
    return {
        "pmid": int(citation["PMID"]),
        "version": int(attribute(citation["PMID"], "Version") or 1),
        "vernacular_title": text(article.get("VernacularTitle")),
        "abstract": abstract_facts(abstract, None, None) if abstract else [],
        "other_abstracts": [
            section
            for other in others
            for section in abstract_facts(
                other, other.attributes["Type"], other.attributes.get("Language", "eng")
            )
        ],
        "authors": authors(article),
        "investigators": [
            (
                *(plain(member.get(name)) for name in NAMES),
                [text(a["Affiliation"]) for a in member.get("AffiliationInfo", ())],
            )
            for member in members(citation.get("InvestigatorList", ()))
        ],
        "languages": [plain(language) for language in article.get("Language", ())],
        "pages": [plain(pagination.get(name)) for name in PAGES],
        "complete": [
            attribute(article.get(name), "CompleteYN") != "N"
            for name in ("AuthorList", "GrantList", "DataBankList")
        ],
        "grants": [
            tuple(plain(grant.get(n)) for n in ("GrantID", "Acronym", "Agency", "Country"))
            for grant in article.get("GrantList", ())
        ],
        "keywords": [
            (text(keyword), attribute(keyword, "MajorTopicYN") == "Y", group.attributes["Owner"])
            for group in citation.get("KeywordList", ())
            for keyword in group
            if text(keyword)
        ],
        "publication_status": plain(data.get("PublicationStatus")),
    }


def members(lists: Any) -> Iterable[Any]:
    """Investigators; with an old DTD there is one list, not a list of lists."""
    for part in lists:
        yield from [part] if isinstance(part, dict) else part


DATES = {"created": "DateCreated", "completed": "DateCompleted", "revised": "DateRevised"}


def plain(value: Any) -> str | None:
    """A text without markup, and None for an empty one."""
    return " ".join(unescape(str(value)).split()) or None if value is not None else None


def text(value: Any) -> str | None:
    """A text with its inline markup, without any white space."""
    if value is None:
        return None
    kept = MATHML.sub(r"<\1\2>", str(value))
    return "".join(TAGS.sub("", kept).split()) or None


def attribute(value: Any, name: str) -> str | None:
    found = getattr(value, "attributes", {}).get(name)
    return str(found) if found else None


def day(kind: str, date: Any) -> tuple[str, ...]:
    parts = [str(date.get(name, "")).lstrip("0") for name in ("Year", "Month", "Day")]
    if parts[1] in MONTHS:
        parts[1] = str(MONTHS.index(parts[1]) + 1)
    time = [str(date.get(name, "")) for name in ("Hour", "Minute")]
    return (kind, *parts, ":".join(f"{int(part):02}" for part in time if part))


def history(data: Any) -> list[tuple[str, ...]]:
    kinds = {"revised": "manuscript-revised"}  # "revised" is by NLM
    return [
        day(kinds.get(status, status), date)
        for date in data.get("History", ())
        for status in [str(date.attributes["PubStatus"])]
    ]


def printed(date: Any) -> list[str | None]:
    """A PubDate in words, months by name, and its ISO date when it has parts."""
    if not date:
        return [None, None]
    year, month, day = (str(date.get(name, "")) for name in ("Year", "Month", "Day"))
    number = int(month) if month.isdecimal() else [*MONTHS, month].index(month) + 1
    name = MONTHS[number - 1] if month else ""
    words = (year, date.get("Season"), name, day.lstrip("0"))
    said = str(date.get("MedlineDate", "")) or " ".join(str(word) for word in words if word)
    if "Season" in date or "MedlineDate" in date:
        return [said, None]
    parts = (year, f"{number:02}" if month else "", day.zfill(2) if day else "")
    return [said, "-".join(part for part in parts if part)]


def abstract_facts(abstract: Any, type_: str | None, language: str | None) -> list[Any]:
    told = [
        [
            text(part),
            attribute(part, "Label"),
            attribute(part, "NlmCategory"),
            type_,
            language,
            None,
        ]
        for part in abstract["AbstractText"]
        if text(part) or attribute(part, "Label")
    ]
    copyright_ = plain(abstract.get("CopyrightInformation"))
    if copyright_ and not told:
        told.append([None, None, None, type_, language, None])
    if copyright_:
        told[-1][-1] = copyright_
    return told


def authors(article: Any) -> list[tuple[Any, ...]]:
    told = [person(author, "author") for author in article.get("AuthorList", ())]
    if told and "Affiliation" in article:  # in old files it is the first author's
        told[0] = (*told[0][:7], [text(article["Affiliation"])], *told[0][8:])
    return told


def person(author: Any, role: str) -> tuple[Any, ...]:
    identifiers = [(attribute(i, "Source"), bare(i)) for i in author.get("Identifier", ())]
    affiliations = [a["Affiliation"] for a in author.get("AffiliationInfo", ())]
    affiliations += [author["Affiliation"]] if "Affiliation" in author else []
    return (
        role,
        *(plain(author.get(name)) for name in NAMES),
        text(author.get("CollectiveName")),
        sorted(identifiers),
        [told for affiliation in affiliations if (told := text(affiliation))],
        [
            (attribute(i, "Source"), plain(i))
            for a in author.get("AffiliationInfo", ())
            for i in a.get("Identifier", ())
        ],
        author.attributes.get("ValidYN", "Y") == "Y",
        author.attributes.get("EqualContrib") == "Y",
    )


def bare(identifier: Any) -> str | None:
    """An ORCID without its address and hyphens; any other identifier as it is."""
    if attribute(identifier, "Source") == "ORCID":
        return re.sub(r"https?://orcid\.org/|[-/ ]", "", str(identifier)).upper()
    return plain(identifier)


def references(lists: Sequence[Any], path: tuple[str, ...] = ()) -> list[Any]:
    told = []
    for part in lists:
        title = plain(part.get("Title"))
        here = (*path, title) if title else path
        for reference in part.get("Reference", ()):
            ids = [(attribute(i, "IdType"), plain(i)) for i in reference.get("ArticleIdList", ())]
            told.append((text(reference["Citation"]), sorted(ids), ": ".join(here) or None))
        told += references(part.get("ReferenceList", ()), here)
    return told


def sections(parts: Sequence[Any], level: int) -> Iterable[Any]:
    for part in parts:
        title = part["SectionTitle"]
        label = plain(part.get("LocationLabel"))
        yield text(title), label, level, attribute(title, "part"), attribute(title, "sec")
        yield from sections(part.get("Section", ()), level + 1)


def same(ours: Any, theirs: Any) -> bool:
    """Equal apart from kinds of white space and of sequence."""
    return bool(plain_spaces(ours) == plain_spaces(theirs))


def plain_spaces(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, dict):
        return {key: plain_spaces(part) for key, part in value.items()}
    return [plain_spaces(part) for part in value] if isinstance(value, list | tuple) else value


def our_facts(article: Article) -> Facts:
    """The same facts, from our Article."""
    facts: Facts = {
        "pmid": article.pmid,
        "version": article.version,
        "title": our_text(article.title),
        "vernacular_title": our_text(article.vernacular_title),
        "abstract": [our_section(s) for s in article.abstract if s.type is None],
        "other_abstracts": [our_section(s) for s in article.abstract if s.type is not None],
        "authors": [our_author(author) for author in article.authors],
        "investigators": [
            (i.last_name, i.fore_name, i.initials, i.suffix, [our_text(a) for a in i.affiliations])
            for i in article.investigators
        ],
        "languages": list(article.languages),
        "pages": [
            article.pages,
            *(next((v for _, v in our_other(article, name)), None) for name in PAGES[1:]),
        ],
        "complete": [
            article.authors_complete,
            article.grants_complete,
            not our_other(article, "DataBankList"),
        ],
        "grants": [(g.grant_id, g.acronym, g.agency, g.country) for g in article.grants],
        "keywords": [(our_text(k.text), k.major, k.owner) for k in article.keywords],
        "publication_types": [(p.name, p.ui) for p in article.publication_types],
        "publication_status": article.publication_status,
        "dates": [our_day(date) for date in article.dates],
        "ids": [
            (i.kind, i.value, i.valid)
            for source in ("ArticleIdList", "ELocationID")
            for i in article.ids
            if i.source == source
        ],
        "references": [
            (
                our_text(r.citation),
                sorted([*r.ids, *([("pubmed", str(r.pmid))] if r.pmid else [])]),
                r.section,
            )
            for r in article.references
        ],
    }
    if article.book is not None:
        book = article.book
        facts["authors"] = sorted(
            ("editor" if told[0] == "editor" else "author", *told[1:]) for told in facts["authors"]
        )
        facts["book"] = {
            "title": our_text(book.title),
            "bookshelf_id": book.bookshelf_id,
            "part": book.part,
            "publisher": book.publisher,
            "publisher_location": book.publisher_location,
            "published": our_printed(book.published),
            "beginning": our_printed(book.beginning),
            "ending": our_printed(book.ending),
            "contribution": our_printed(book.contribution),
            "edition": book.edition,
            "volume": book.volume,
            "volume_title": our_text(book.volume_title),
            "collection_title": our_text(book.collection_title),
            "isbns": list(book.isbns),
            "medium": book.medium,
            "sections": [
                (our_text(s.title), s.label, s.level, s.part, s.anchor) for s in book.sections
            ],
        }
        facts["items"] = our_other(article, "Item", "ListType")
        return facts
    journal = article.journal
    assert journal is not None
    return facts | {
        "status": article.status,
        "owner": article.owner,
        "indexing_method": article.indexing_method,
        "publication_model": article.publication_model,
        "journal": {
            "title": journal.title or None,
            "abbreviation": journal.abbreviation,
            "issn": journal.issn,
            "issn_type": journal.issn_type,
            "medline_ta": journal.medline_ta,
            "nlm_id": journal.nlm_id,
            "issn_linking": journal.issn_linking,
            "country": journal.country,
        },
        "volume": article.volume,
        "issue": article.issue,
        "cited_medium": article.cited_medium,
        "published": our_printed(article.published),
        "mesh": [
            (
                m.name,
                m.ui,
                m.descriptor_major,
                m.type,
                [(q.name, q.ui, q.major) for q in m.qualifiers],
            )
            for m in article.mesh
            if m.kind == "descriptor"
        ],
        "supplementary": [(m.name, m.ui, m.type) for m in article.mesh if m.kind != "descriptor"],
        "substances": [(s.name, s.ui, s.registry_number) for s in article.substances],
        "data_banks": [(bank.name, bank.accession) for bank in article.data_banks],
        "corrections": [
            (c.kind, str(c.pmid) if c.pmid else None, c.source, c.note) for c in article.corrections
        ],
        "coi_statement": our_text(article.coi_statement),
        "citation_subsets": list(article.citation_subsets),
        "genes": [value for _, value in our_other(article, "GeneSymbol")],
        "missions": [value for _, value in our_other(article, "SpaceFlightMission")],
        "number_of_references": next(
            (value for _, value in our_other(article, "NumberOfReferences")), None
        ),
        "notes": our_other(article, "GeneralNote", "Owner"),
        "other_ids": our_other(article, "OtherID", "Source"),
        "subjects": [
            tuple(dict(field.attributes).get(name) for name in NAMES)
            for field in article.other
            if field.name == "PersonalNameSubject"
        ],
    }


def our_text(value: Text | None) -> str | None:
    if value is None:
        return None
    escaped = value.plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    kept = MATHML.sub(r"<\1\2>", value.markup or escaped)
    return "".join(kept.split()) or None


def our_section(section: Any) -> list[Any]:
    return [
        our_text(section.text),
        section.label,
        section.category,
        section.type,
        section.language,
        section.copyright,
    ]


def our_author(author: Author) -> tuple[Any, ...]:
    orcid = [("ORCID", author.orcid.replace("-", ""))] if author.orcid else []
    others = [
        (source, re.sub(r"https?://orcid\.org/|[-/ ]", "", value) if source == "ORCID" else value)
        for source, value in author.identifiers
    ]
    return (
        author.role,
        author.last_name,
        author.fore_name,
        author.initials,
        author.suffix,
        our_text(author.collective),
        sorted(orcid + others),
        [our_text(affiliation) for affiliation in author.affiliations],
        list(author.affiliation_identifiers),
        author.valid,
        author.equal_contribution,
    )


def our_day(date: HistoryDate) -> tuple[str, ...]:
    parts = [part.lstrip("0") for part in date.iso.split("-")]
    return (date.kind, *parts, *[""] * (3 - len(parts)), date.time or "")


def our_printed(date: PubDate | None) -> list[str | None]:
    if date is None:
        return [None, None]
    in_parts = re.fullmatch(rf"\d{{4}}( ({'|'.join(MONTHS)})( \d+)?)?", date.printed)
    return [date.printed, date.iso if in_parts else None]


def our_other(article: Article, name: str, attribute: str = "") -> list[tuple[str | None, str]]:
    return [
        (dict(field.attributes).get(attribute), field.value)
        for field in article.other
        if field.name == name
    ]
