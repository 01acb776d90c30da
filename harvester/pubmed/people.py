"""Authors, editors and investigators, with their affiliations and identifiers."""

import re
from xml.etree.ElementTree import Element

from harvester.pubmed.draft import Draft
from harvester.pubmed.elements import keep, leaf, text_of
from harvester.pubmed.records import Author, Investigator, Text

__all__ = ["normal_orcid", "read_authors", "read_investigators", "read_person"]

_ORCID = re.compile(
    r"(?:(?:https?:)?//)?(?:www\.)?(?:orcid\.org[/:])?"
    r"(\d{4})[- ]?(\d{4})[- ]?(\d{4})[- ]?(\d{3}[\dXx])/?"
)


def normal_orcid(text: str) -> str | None:
    """An ORCID as 0000-0000-0000-0000, from a URL or with its hyphens missing; else None."""
    if found := _ORCID.fullmatch(text.strip()):
        return "-".join(found.groups()).upper()
    return None


def read_authors(draft: Draft, element: Element, path: str, role: str = "author") -> None:
    """AuthorList."""
    path = f"{path}/AuthorList"
    if element.get("CompleteYN") == "N":
        draft.authors_complete = False
    for child in element:
        if child.tag == "Author":
            draft.authors.append(read_person(draft, child, path, role))
        else:
            keep(draft, path, child)


def read_person(draft: Draft, element: Element, path: str, role: str = "author") -> Author:
    """Author, Investigator or PersonalNameSubject."""
    last_name = fore_name = initials = suffix = collective = orcid = None
    identifiers: list[tuple[str, str]] = []
    affiliations: list[Text] = []
    affiliation_identifiers: list[tuple[str, str]] = []
    for child in element:
        tag = child.tag
        if tag == "LastName":
            last_name = leaf(child)
        elif tag == "ForeName":
            fore_name = leaf(child)
        elif tag == "Initials":
            initials = leaf(child)
        elif tag == "AffiliationInfo":
            for part in child:
                if part.tag == "Affiliation":
                    text = text_of(part)
                    if text.plain:
                        affiliations.append(text)
                elif part.tag != "Identifier":
                    keep(draft, f"{path}/{element.tag}/{tag}", part)
                elif value := leaf(part):
                    affiliation_identifiers.append((part.get("Source", ""), value))
        elif tag == "Identifier":
            value = leaf(child) or ""
            source = child.get("Source", "")
            normal = normal_orcid(value) if source == "ORCID" and orcid is None else None
            if normal:
                orcid = normal
            elif value:
                identifiers.append((source, value))
        elif tag == "Suffix":
            suffix = leaf(child)
        elif tag == "CollectiveName":
            collective = text_of(child) if leaf(child) else None
            if list_id := child.get("Investigators"):
                draft.groups[list_id] = str(len(draft.authors) + 1)
        elif tag == "Affiliation" and leaf(child):  # in 2014 and before, without AffiliationInfo
            affiliations.append(text_of(child))
        else:
            keep(draft, f"{path}/{element.tag}", child)
    return Author(
        last_name=last_name,
        fore_name=fore_name,
        initials=initials,
        suffix=suffix,
        collective=collective,
        orcid=orcid,
        identifiers=tuple(identifiers),
        affiliations=tuple(affiliations),
        affiliation_identifiers=tuple(affiliation_identifiers),
        role=role,
        valid=element.get("ValidYN") != "N",
        equal_contribution=element.get("EqualContrib") == "Y",
    )


def read_investigators(draft: Draft, element: Element, path: str) -> None:
    """InvestigatorList; `group` is the position of the author whose members it lists."""
    path = f"{path}/InvestigatorList"
    list_id = element.get("ID")
    group = draft.groups.get(list_id, list_id) if list_id else None
    for child in element:
        if child.tag != "Investigator":
            keep(draft, path, child)
            continue
        person = read_person(draft, child, path)
        for source, value in (*person.identifiers, *person.affiliation_identifiers):
            draft.add_other(f"{path}/Investigator/Identifier", value, [("Source", source)])
        draft.investigators.append(
            Investigator(
                last_name=person.last_name,
                fore_name=person.fore_name,
                initials=person.initials,
                suffix=person.suffix,
                orcid=person.orcid,
                affiliations=person.affiliations,
                group=group,
                valid=person.valid,
            )
        )
