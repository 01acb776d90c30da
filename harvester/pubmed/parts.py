"""What articles and books have in common: abstract, people, identifiers, dates, references.

Each function reads one element, which stands at a path, into the draft of a record, in one pass
over its children. An element that is new to us goes to the record's `other`, named by its path.
Source of the names: NLM's DTD, https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/250101/.
"""

import re
from functools import lru_cache
from xml.etree.ElementTree import Element

from harvester.errors import ParseError
from harvester.pubmed.dates import clock_time, iso_date, pub_date
from harvester.pubmed.draft import Draft
from harvester.pubmed.elements import keep, leaf, text_of
from harvester.pubmed.records import (
    AbstractSection,
    ArticleId,
    Grant,
    HistoryDate,
    Keyword,
    PubDate,
    PublicationType,
    Reference,
    Text,
)

PMID = re.compile(r"0*[1-9][0-9]{0,8}")
_GRANT = {"GrantID": "grant_id", "Acronym": "acronym", "Agency": "agency", "Country": "country"}


def read_pmid(draft: Draft, element: Element, _path: str) -> None:
    """The record's own PMID and its version."""
    pmid = leaf(element) or ""
    version = element.get("Version", "1")
    if not PMID.fullmatch(pmid):
        raise ParseError(f"'{pmid[:40]}' is no PMID.")
    draft.pmid = int(pmid)
    draft.version = int(version) if re.fullmatch(r"[0-9]{1,4}", version) else 1


def read_title(draft: Draft, element: Element, _path: str) -> None:
    """ArticleTitle."""
    draft.title = text_of(element)


def read_vernacular_title(draft: Draft, element: Element, _path: str) -> None:
    """VernacularTitle: the title in the language of the article."""
    draft.vernacular_title = text_of(element) if leaf(element) else None


def read_abstract(draft: Draft, element: Element, path: str) -> None:
    """Abstract, or OtherAbstract; the copyright stands with the last of its sections."""
    other = element.tag == "OtherAbstract"
    type_ = element.get("Type", "unknown") if other else None
    language = element.get("Language", "eng") if other else None
    sections: list[tuple[Text, str | None, str | None]] = []
    copyright_ = None
    for child in element:
        if child.tag == "AbstractText":
            text = text_of(child)
            label = child.get("Label")
            if text.plain or label:
                sections.append((text, label, child.get("NlmCategory")))
        elif child.tag == "CopyrightInformation":
            copyright_ = leaf(child)
        else:
            keep(draft, f"{path}/{element.tag}", child)
    if copyright_ and not sections:
        sections.append((Text(plain=""), None, None))
    for text, label, category in sections:
        draft.abstract.append(
            AbstractSection(
                text=text,
                label=label,
                category=category,
                type=type_,
                language=language,
                copyright=copyright_ if text is sections[-1][0] else None,
            )
        )


def read_ids(draft: Draft, element: Element, path: str) -> None:
    """ArticleIdList of the record itself (never the one of a reference)."""
    for child in element:
        if child.tag != "ArticleId":
            keep(draft, f"{path}/ArticleIdList", child)
        elif value := leaf(child):
            draft.ids.append(ArticleId(kind=child.get("IdType", "pubmed"), value=value))


def read_location_id(draft: Draft, element: Element, _path: str) -> None:
    """ELocationID: a DOI or the publisher's own identifier."""
    if value := leaf(element):
        kind = element.get("EIdType", "doi")
        valid = element.get("ValidYN") != "N"
        draft.ids.append(ArticleId(kind=kind, value=value, source="ELocationID", valid=valid))


def read_keywords(draft: Draft, element: Element, path: str) -> None:
    """KeywordList."""
    owner = element.get("Owner", "NLM")
    for child in element:
        if child.tag != "Keyword":
            keep(draft, f"{path}/KeywordList", child)
            continue
        text = text_of(child)
        if text.plain:
            major = child.get("MajorTopicYN") == "Y"
            draft.keywords.append(Keyword(text=text, major=major, owner=owner))


def read_grants(draft: Draft, element: Element, path: str) -> None:
    """GrantList."""
    path = f"{path}/GrantList"
    if element.get("CompleteYN") == "N":
        draft.grants_complete = False
    for child in element:
        if child.tag != "Grant":
            keep(draft, path, child)
            continue
        parts: dict[str, str | None] = {}
        for part in child:
            if part.tag in _GRANT:
                parts[_GRANT[part.tag]] = leaf(part)
            else:
                keep(draft, f"{path}/Grant", part)
        draft.grants.append(Grant(**parts))


def read_publication_type(draft: Draft, element: Element, _path: str) -> None:
    """PublicationType."""
    if name := leaf(element):
        draft.publication_types.append(PublicationType(name=name, ui=element.get("UI") or None))


def read_language(draft: Draft, element: Element, _path: str) -> None:
    """Language."""
    if language := leaf(element):
        draft.languages.append(language)


def read_publication_status(draft: Draft, element: Element, _path: str) -> None:
    """PublicationStatus: ppublish, epublish, aheadofprint."""
    draft.publication_status = leaf(element)


def read_other(draft: Draft, element: Element, _path: str) -> None:
    """An element that has no field of its own, but a name that says all."""
    draft.add_other(element.tag, leaf(element), element.items())


def read_pages(draft: Draft, element: Element, path: str) -> None:
    """Pagination: MedlinePgn, or first and last page, which are kept as they stand too."""
    first = last = None
    for child in element:
        tag = child.tag
        if tag == "MedlinePgn":
            draft.pages = leaf(child)
        elif tag == "StartPage":
            first = leaf(child)
            draft.add_other(tag, first)
        elif tag == "EndPage":
            last = leaf(child)
            draft.add_other(tag, last)
        else:
            keep(draft, f"{path}/Pagination", child)
    if draft.pages is None and first:
        draft.pages = f"{first}-{last}" if last and last != first else first


def step(status: str) -> str:
    """The kind of a date of the history: that the authors revised it is no revision by NLM."""
    return "manuscript-revised" if status == "revised" else status


def read_history(draft: Draft, element: Element, path: str) -> None:
    """History: the day, and often the hour, of each step of paper and record."""
    path = f"{path}/History"
    for child in element:
        if child.tag == "PubMedPubDate":
            read_date(draft, child, path, step(child.get("PubStatus", "")))
        else:
            keep(draft, path, child)


def read_date(draft: Draft, element: Element, path: str, kind: str) -> None:
    """A date with its meaning; one that is no real date is also kept as it stands."""
    year = month = day = hour = minute = None
    for child in element:
        tag = child.tag
        if tag == "Year":
            year = child.text
        elif tag == "Month":
            month = child.text
        elif tag == "Day":
            day = child.text
        elif tag == "Hour":
            hour = child.text
        elif tag == "Minute":
            minute = child.text
        else:
            keep(draft, f"{path}/{element.tag}", child)
    date = _history_date(kind, year, month, day, hour, minute)
    if date is not None:
        draft.dates.append(date)
    if date is None or len(date.iso) < 10 or (date.time is None and hour):
        printed = " ".join(leaf(child) or "?" for child in element)
        draft.add_other(f"{path}/{element.tag}", printed, [("kind", kind)])


@lru_cache(maxsize=8192)
def _history_date(
    kind: str,
    year: str | None,
    month: str | None,
    day: str | None,
    hour: str | None,
    minute: str | None,
) -> HistoryDate | None:
    """The same few thousand steps occur in most records of a harvest."""
    iso = iso_date(year, month, day)
    return HistoryDate(kind=kind, iso=iso, time=clock_time(hour, minute)) if iso else None


def read_revised(draft: Draft, element: Element, path: str) -> None:
    """DateRevised: NLM's last change of the record."""
    read_date(draft, element, path, "revised")


def read_pub_date(draft: Draft, element: Element, path: str) -> PubDate | None:
    """PubDate, and the dates of a book, which have the same parts."""
    year = month = day = season = None
    for child in element:
        tag = child.tag
        if tag == "Year":
            year = leaf(child)
        elif tag == "Month":
            month = leaf(child)
        elif tag == "Day":
            day = leaf(child)
        elif tag in ("MedlineDate", "Season"):
            season = leaf(child)
        else:
            keep(draft, f"{path}/{element.tag}", child)
    return pub_date(year, month, day, season)


def read_references(draft: Draft, element: Element, path: str, section: str | None = None) -> None:
    """ReferenceList, which may hold others with titles of their own."""
    path = f"{path}/ReferenceList"
    count = len(draft.references)
    for child in element:
        tag = child.tag
        if tag == "Reference":
            draft.references.append(_reference(draft, child, path, section))
        elif tag == "Title":
            title = leaf(child)
            section = f"{section}: {title}" if section and title else title or section
        elif tag == "ReferenceList":
            read_references(draft, child, path, section)
        else:
            keep(draft, path, child)
    if len(draft.references) == count:
        draft.add_other(f"{path}/Title", section)


def _reference(draft: Draft, element: Element, path: str, section: str | None) -> Reference:
    citation = pmid = None
    ids: list[tuple[str, str]] = []
    for child in element:
        tag = child.tag
        if tag == "Citation":
            citation = text_of(child)
        elif tag == "ArticleIdList":
            for part in child:
                value = leaf(part)
                if part.tag != "ArticleId":
                    keep(draft, f"{path}/Reference/ArticleIdList", part)
                elif value:
                    kind = part.get("IdType", "pubmed")
                    if kind == "pubmed" and pmid is None and PMID.fullmatch(value):
                        pmid = int(value)
                    else:
                        ids.append((kind, value))
        else:
            keep(draft, f"{path}/Reference", child)
    return Reference(citation=citation, pmid=pmid, ids=tuple(ids), section=section)
