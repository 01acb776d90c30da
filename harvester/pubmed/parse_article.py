"""The elements that journal articles alone have: journal, MeSH, substances, links to records."""

from dataclasses import replace
from xml.etree.ElementTree import Element

from harvester.pubmed.draft import Draft
from harvester.pubmed.elements import Reader, keep, leaf, read_children, text_of
from harvester.pubmed.parts import (
    PMID,
    read_abstract,
    read_date,
    read_grants,
    read_history,
    read_ids,
    read_keywords,
    read_language,
    read_location_id,
    read_other,
    read_pages,
    read_pmid,
    read_pub_date,
    read_publication_status,
    read_publication_type,
    read_references,
    read_revised,
    read_title,
    read_vernacular_title,
)
from harvester.pubmed.people import read_authors, read_investigators, read_person
from harvester.pubmed.records import Correction, DataBank, MeshHeading, Qualifier, Substance

__all__ = ["read_citation", "read_pubmed_data"]


def read_citation(draft: Draft, element: Element, _path: str) -> None:
    """MedlineCitation: what NLM knows of the article."""
    draft.status = element.get("Status")
    draft.owner = element.get("Owner", "NLM")
    draft.indexing_method = element.get("IndexingMethod")
    read_children(draft, element, "MedlineCitation", _CITATION)


def read_pubmed_data(draft: Draft, element: Element, _path: str) -> None:
    """PubmedData, or PubmedBookData: history, identifiers, references."""
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
        draft.add_other("DataBankList", None, [("CompleteYN", "N")])
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
                ui = part.get("UI") or None
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
                qualifiers.append(Qualifier(name=qualifier, ui=part.get("UI") or None, major=major))
            elif part.tag == "DescriptorName":
                name = leaf(part)
                ui = part.get("UI") or None
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
            ui, type_ = child.get("UI") or None, child.get("Type")
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
                    draft.add_other(
                        f"{path}/CommentsCorrections/PMID", number, [("Version", version)]
                    )
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
        names = (person.last_name, person.fore_name, person.initials, person.suffix)
        draft.add_other(child.tag, person.name, zip(_NAMES, names, strict=True))


def _objects(draft: Draft, element: Element, path: str) -> None:
    path = f"{path}/ObjectList"
    for child in element:
        if child.tag != "Object":
            keep(draft, path, child)
            continue
        parameters: list[tuple[str, str | None]] = []
        for part in child:
            if part.tag == "Param":
                parameters.append((part.get("Name", ""), leaf(part)))
            else:
                keep(draft, f"{path}/Object", part)
        draft.add_other("Object", child.get("Type"), parameters)


_NAMES = ("LastName", "ForeName", "Initials", "Suffix")
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
