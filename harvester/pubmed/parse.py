"""One record of PubMed's XML, made into an Article.

The piece of bytes comes from `split`, so that no DTD is ever near the parser. The standard
library's ElementTree is used: for records of this size it is faster than lxml, whose proxy
objects cost more than its parser saves.
"""

import re
from dataclasses import replace
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from harvester.errors import ParseError
from harvester.pubmed.draft import Draft
from harvester.pubmed.elements import (
    Reader,
    content_hash,
    keep,
    keep_attributes,
    leaf,
    read_children,
    text_of,
)
from harvester.pubmed.parse_book import read_book_document
from harvester.pubmed.parts import (
    PMID,
    read_abstract,
    read_authors,
    read_date,
    read_grants,
    read_history,
    read_ids,
    read_investigators,
    read_keywords,
    read_language,
    read_location_id,
    read_other,
    read_pages,
    read_person,
    read_pmid,
    read_pub_date,
    read_publication_status,
    read_publication_type,
    read_references,
    read_revised,
    read_title,
    read_vernacular_title,
)
from harvester.pubmed.records import (
    Article,
    Correction,
    DataBank,
    MeshHeading,
    Qualifier,
    Substance,
)

__all__ = ["pmid_of", "read_record"]

_BEGINNING = re.compile(rb"\s*<Pubmed(?:Book)?Article[\s/>]")
_PMID = re.compile(
    rb"<(?:MedlineCitation|BookDocument)(?:\s[^>]*)?>\s*<PMID(?:\s[^>]*)?>\s*(\d{1,9})\s*<"
)
# Line breaks before a tag that is no inline one (those begin with a small letter): without them
# the tree of an indented record is made, and hashed, in two thirds of the time.
_INDENTATION = re.compile(rb"\n[ \t\r\n]*(?=</?[A-Z])")
# Namespaces that a set may have declared for all of its records.
_WRAPPER = (
    b'<x xmlns:mml="http://www.w3.org/1998/Math/MathML"'
    b' xmlns:xlink="http://www.w3.org/1999/xlink"'
    b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">%b</x>'
)
# What odd XML may do to code that expects PubMed's.
_ODD = (AttributeError, LookupError, OverflowError, RecursionError, TypeError, ValueError)


def read_record(data: bytes) -> tuple[Article, str]:
    """The article, or book, that a PubmedArticle or PubmedBookArticle element describes.

    Also a hash of the content: formatting and character references do not change it, any change
    of an element, attribute or text does. Raises ParseError, with the PMID when it is known.
    """
    try:
        root = _tree(data)
        draft = Draft()
        read_children(draft, root, root.tag, _RECORDS[root.tag])
        hashed, attributes = content_hash(root)
        if new := attributes - _ATTRIBUTES:
            keep_attributes(draft, "", root, new)
        return draft.article(), hashed
    except ParseError as error:
        raise ParseError(str(error), pmid=pmid_of(data)) from error
    except ElementTree.ParseError as error:
        reason = f"The record is not well-formed XML: {error}."
        raise ParseError(reason, pmid=pmid_of(data)) from error
    except _ODD as error:
        reason = f"The record cannot be read ({type(error).__name__}: {error})."
        raise ParseError(reason, pmid=pmid_of(data)) from error


def pmid_of(data: bytes) -> int | None:
    """The record's own PMID, by its place in the bytes: works on a broken record too."""
    found = _PMID.search(data)
    return int(found[1]) if found else None


def _tree(data: bytes) -> Element:
    if not _BEGINNING.match(data):
        raise ParseError("This is no PubmedArticle and no PubmedBookArticle.")
    if b"\n" in data:
        data = b"".join(_INDENTATION.split(data))
    try:
        return ElementTree.fromstring(data)  # noqa: S314 (a piece holds no DTD)
    except ElementTree.ParseError as error:
        if "unbound prefix" not in str(error):
            raise
    return ElementTree.fromstring(_WRAPPER % data)[0]  # noqa: S314


def _citation(draft: Draft, element: Element, _path: str) -> None:
    draft.status = element.get("Status")
    draft.owner = element.get("Owner", "NLM")
    draft.indexing_method = element.get("IndexingMethod")
    read_children(draft, element, "MedlineCitation", _CITATION)


def _pubmed_data(draft: Draft, element: Element, _path: str) -> None:
    read_children(draft, element, "PubmedData", _PUBMED_DATA)


def _article(draft: Draft, element: Element, path: str) -> None:
    draft.publication_model = element.get("PubModel")
    read_children(draft, element, f"{path}/Article", _ARTICLE)
    # Files older than 2014 have one affiliation beside the authors: the first author's.
    if (affiliation := element.find("Affiliation")) is not None:
        if draft.authors and not draft.authors[0].affiliations:
            text = text_of(affiliation)
            draft.authors[0] = replace(draft.authors[0], affiliations=(text,))
        else:
            keep(draft, f"{path}/Article", affiliation)


def _affiliation(_draft: Draft, _element: Element, _path: str) -> None:
    """Read by `_article`, when the authors are known."""


def _journal_info(draft: Draft, element: Element, path: str) -> None:
    for child in element:
        if name := _JOURNAL.get(child.tag):
            if value := leaf(child):
                draft.journal[name] = value
        else:
            keep(draft, f"{path}/MedlineJournalInfo", child)


def _journal(draft: Draft, element: Element, path: str) -> None:
    for child in element:
        tag = child.tag
        if tag == "JournalIssue":
            _issue(draft, child, f"{path}/Journal")
        elif tag in _JOURNAL:
            if value := leaf(child):
                draft.journal[_JOURNAL[tag]] = value
            if type_ := child.get("IssnType"):
                draft.journal["issn_type"] = type_
        else:
            keep(draft, f"{path}/{element.tag}", child)


def _issue(draft: Draft, element: Element, path: str) -> None:
    draft.cited_medium = element.get("CitedMedium")
    for child in element:
        tag = child.tag
        if tag == "PubDate":
            draft.published = read_pub_date(draft, child, f"{path}/JournalIssue")
        elif tag == "Volume":
            draft.volume = leaf(child)
        elif tag == "Issue":
            draft.issue = leaf(child)
        else:
            keep(draft, f"{path}/JournalIssue", child)


def _data_banks(draft: Draft, element: Element, path: str) -> None:
    path = f"{path}/DataBankList"
    if element.get("CompleteYN") == "N":
        draft.add_other("DataBankList", None, CompleteYN="N")
    for child in element:
        if child.tag != "DataBank":
            keep(draft, path, child)
            continue
        name = ""
        accessions: list[str] = []
        for part in child:
            if part.tag == "DataBankName":
                name = leaf(part) or ""
            elif part.tag == "AccessionNumberList":
                accessions += filter(None, map(leaf, part))
            else:
                keep(draft, f"{path}/DataBank", part)
        draft.data_banks += (DataBank(name=name, accession=value) for value in accessions)
        if not accessions:
            draft.add_other("DataBank", name)


def _chemicals(draft: Draft, element: Element, path: str) -> None:
    path = f"{path}/ChemicalList"
    for child in element:
        if child.tag != "Chemical":
            keep(draft, path, child)
            continue
        name = number = ui = None
        for part in child:
            if part.tag == "RegistryNumber":
                number = leaf(part)
            elif part.tag == "NameOfSubstance":
                name = leaf(part)
                ui = part.get("UI")
            else:
                keep(draft, f"{path}/Chemical", part)
        draft.substances.append(Substance(name=name or "", ui=ui, registry_number=number))


def _mesh(draft: Draft, element: Element, path: str) -> None:
    path = f"{path}/MeshHeadingList"
    for child in element:
        if child.tag != "MeshHeading":
            keep(draft, path, child)
            continue
        name = ui = type_ = None
        star = False
        qualifiers: list[Qualifier] = []
        for part in child:
            if part.tag == "QualifierName":
                qualifier = leaf(part) or ""
                major = part.get("MajorTopicYN") == "Y"
                qualifiers.append(Qualifier(name=qualifier, ui=part.get("UI"), major=major))
            elif part.tag == "DescriptorName":
                name = leaf(part)
                ui = part.get("UI")
                type_ = part.get("Type")
                star = part.get("MajorTopicYN") == "Y"
            else:
                keep(draft, f"{path}/MeshHeading", part)
        draft.mesh.append(
            MeshHeading(
                name=name or "",
                ui=ui,
                major=star or any(qualifier.major for qualifier in qualifiers),
                descriptor_major=star,
                type=type_,
                qualifiers=tuple(qualifiers),
            )
        )


def _supplementary_mesh(draft: Draft, element: Element, path: str) -> None:
    for child in element:
        if child.tag != "SupplMeshName":
            keep(draft, f"{path}/SupplMeshList", child)
        elif name := leaf(child):
            ui, type_ = child.get("UI"), child.get("Type")
            draft.mesh.append(MeshHeading(name=name, ui=ui, kind="supplementary", type=type_))


def _corrections(draft: Draft, element: Element, path: str) -> None:
    path = f"{path}/CommentsCorrectionsList"
    for child in element:
        if child.tag != "CommentsCorrections":
            keep(draft, path, child)
            continue
        kind = child.get("RefType", "")
        pmid = source = note = None
        for part in child:
            if part.tag == "RefSource":
                source = leaf(part)
            elif part.tag == "Note":
                note = leaf(part)
            elif part.tag == "PMID" and pmid is None and PMID.fullmatch(number := leaf(part) or ""):
                pmid = int(number)
                if (version := part.get("Version", "1")) != "1":
                    draft.add_other(f"{path}/CommentsCorrections/PMID", number, Version=version)
            else:
                keep(draft, f"{path}/CommentsCorrections", part)
        draft.corrections.append(Correction(kind=kind, pmid=pmid, source=source, note=note))


def _coi_statement(draft: Draft, element: Element, _path: str) -> None:
    draft.coi_statement = text_of(element) if leaf(element) else None


def _subset(draft: Draft, element: Element, _path: str) -> None:
    if subset := leaf(element):
        draft.citation_subsets.append(subset)


def _article_date(draft: Draft, element: Element, path: str) -> None:
    read_date(draft, element, path, f"article-{element.get('DateType', 'Electronic')}")


def _completed(draft: Draft, element: Element, path: str) -> None:
    read_date(draft, element, path, "completed")


def _created(draft: Draft, element: Element, path: str) -> None:
    read_date(draft, element, path, "created")


def _genes(draft: Draft, element: Element, path: str) -> None:
    read_children(draft, element, f"{path}/GeneSymbolList", {"GeneSymbol": read_other})


def _subjects(draft: Draft, element: Element, path: str) -> None:
    path = f"{path}/PersonalNameSubjectList"
    for child in element:
        if child.tag != "PersonalNameSubject":
            keep(draft, path, child)
            continue
        person = read_person(draft, child, path)
        draft.add_other(
            child.tag,
            person.name,
            LastName=person.last_name,
            ForeName=person.fore_name,
            Initials=person.initials,
            Suffix=person.suffix,
        )


def _objects(draft: Draft, element: Element, path: str) -> None:
    path = f"{path}/ObjectList"
    for child in element:
        if child.tag != "Object":
            keep(draft, path, child)
            continue
        parameters = {}
        for part in child:
            if part.tag == "Param":
                parameters[part.get("Name", "")] = leaf(part)
            else:
                keep(draft, f"{path}/Object", part)
        draft.add_other("Object", child.get("Type"), **parameters)


_JOURNAL = {
    "Title": "title",
    "ISOAbbreviation": "abbreviation",
    "ISSN": "issn",
    "MedlineTA": "medline_ta",
    "NlmUniqueID": "nlm_id",
    "ISSNLinking": "issn_linking",
    "Country": "country",
}
_ARTICLE: dict[str, Reader] = {
    "Abstract": read_abstract,
    "Affiliation": _affiliation,
    "ArticleDate": _article_date,
    "ArticleTitle": read_title,
    "AuthorList": read_authors,
    "DataBankList": _data_banks,
    "ELocationID": read_location_id,
    "GrantList": read_grants,
    "Journal": _journal,
    "Language": read_language,
    "Pagination": read_pages,
    "PublicationTypeList": lambda draft, element, path: read_children(
        draft, element, path, {"PublicationType": read_publication_type}
    ),
    "VernacularTitle": read_vernacular_title,
}
_CITATION: dict[str, Reader] = {
    "Article": _article,
    "ChemicalList": _chemicals,
    "CitationSubset": _subset,
    "CoiStatement": _coi_statement,
    "CommentsCorrectionsList": _corrections,
    "DateCompleted": _completed,
    "DateCreated": _created,
    "DateRevised": read_revised,
    "GeneSymbolList": _genes,
    "GeneralNote": read_other,
    "InvestigatorList": read_investigators,
    "KeywordList": read_keywords,
    "MedlineJournalInfo": _journal_info,
    "MeshHeadingList": _mesh,
    "NumberOfReferences": read_other,
    "OtherAbstract": read_abstract,
    "OtherID": read_other,
    "PMID": read_pmid,
    "PersonalNameSubjectList": _subjects,
    "SpaceFlightMission": read_other,
    "SupplMeshList": _supplementary_mesh,
}
_PUBMED_DATA: dict[str, Reader] = {
    "ArticleIdList": read_ids,
    "History": read_history,
    "ObjectList": _objects,
    "PublicationStatus": read_publication_status,
    "ReferenceList": read_references,
}
_RECORDS: dict[str, dict[str, Reader]] = {
    "PubmedArticle": {"MedlineCitation": _citation, "PubmedData": _pubmed_data},
    "PubmedBookArticle": {"BookDocument": read_book_document, "PubmedBookData": _pubmed_data},
}
# Attributes that have a field in the records; others are kept in `other`.
_ATTRIBUTES = frozenset(
    (
        *("Version", "Owner", "Status", "IndexingMethod", "PubModel", "IssnType", "CitedMedium"),
        *("EIdType", "ValidYN", "Label", "NlmCategory", "CompleteYN", "Type", "EqualContrib"),
        *("Source", "UI", "MajorTopicYN", "RefType", "DateType", "Language", "PubStatus"),
        *("IdType", "Investigators", "ID", "ListType", "Name", "book", "part", "sec"),
    )
)
