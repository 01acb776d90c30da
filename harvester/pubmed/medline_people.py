"""The people of a record in the MEDLINE format, whose lines follow each person's name.

An author is `FAU - Last, Fore` and `AU  - Last FM`; an affiliation (AD) or identifier (AUID)
belongs to the person above it. In records older than 2014 one AD stands before the first author,
whose affiliation it is. Investigators have IR before FIR, editors of books FED before ED.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from harvester.pubmed.draft import Draft
from harvester.pubmed.people import normal_orcid
from harvester.pubmed.records import Author, Investigator, Text

__all__ = ["read_people"]

_SUFFIX = r"(?:Jr|Sr|\d{1,2}(?:st|nd|rd|th|d)|I{1,3}|IV|VI{0,3})\.?"
_SHORT = re.compile(
    rf"(?P<last>.+?)(?: (?P<initials>[^\W\d_a-z]{{1,6}}))?(?: (?P<suffix>{_SUFFIX}))?"
)
_KINDS = {
    "FAU": "author",
    "AU": "author",
    "CN": "group",
    "FED": "editor",
    "ED": "editor",
    "FIR": "investigator",
    "IR": "investigator",
    "FPS": "subject",
    "PS": "subject",
}


@dataclass(slots=True)
class _Person:
    kind: str
    full: str = ""
    short: str = ""
    orcid: str | None = None
    identifiers: list[tuple[str, str]] = field(default_factory=list)
    affiliations: list[Text] = field(default_factory=list)

    def names(self) -> tuple[str | None, str | None, str | None, str | None]:
        """Last name, fore name, initials and suffix."""
        last, _, fore = (part.strip() for part in self.full.partition(","))
        initials = suffix = None
        if last and self.short.startswith(f"{last} "):
            initials, _, suffix = self.short[len(last) + 1 :].partition(" ")
        elif found := _SHORT.fullmatch(self.short):
            last = last or found["last"]
            initials, suffix = found["initials"], found["suffix"]
        if suffix and fore.endswith(f" {suffix}"):
            fore = fore[: -len(suffix) - 1]
        return last or None, fore or None, initials or None, suffix or None


def read_people(draft: Draft, lines: Sequence[tuple[str, str]]) -> None:
    """Authors, groups, editors, investigators and personal names as subject."""
    people: list[_Person] = []
    before: list[Text] = []
    for tag, value in lines:
        person = people[-1] if people else None
        if tag in _KINDS:
            full = tag.startswith("F")
            if person is None or not _completes(person, tag, full):
                person = _Person(kind=_KINDS[tag])
                people.append(person)
            if full:
                person.full = value
            else:
                person.short = value
        elif tag in ("AD", "IRAD"):
            (before if person is None else person.affiliations).append(Text(plain=value))
        elif tag == "AUID" and person is not None:
            source, _, identifier = (part.strip() for part in value.partition(":"))
            if source == "ORCID" and person.orcid is None and (orcid := normal_orcid(identifier)):
                person.orcid = orcid
            else:
                person.identifiers.append((source, identifier))
    _add(draft, people, before)


def _completes(person: _Person, tag: str, full: bool) -> bool:
    """Whether the line is the other form of the name above it."""
    return person.kind == _KINDS[tag] != "group" and not (person.full if full else person.short)


def _add(draft: Draft, people: list[_Person], before: list[Text]) -> None:
    for person in people:
        last, fore, initials, suffix = person.names()
        if person.kind == "investigator":
            draft.investigators.append(
                Investigator(
                    last_name=last,
                    fore_name=fore,
                    initials=initials,
                    suffix=suffix,
                    orcid=person.orcid,
                    affiliations=tuple(person.affiliations),
                )
            )
            for source, value in person.identifiers:
                draft.add_other("AUID", value, [("Source", source)])
        elif person.kind == "subject":
            name = " ".join(part for part in (last, initials or fore, suffix) if part)
            parts = {"LastName": last, "ForeName": fore, "Initials": initials, "Suffix": suffix}
            draft.add_other("PersonalNameSubject", name, parts.items())
        else:
            group = Text(plain=person.short) if person.kind == "group" else None
            draft.authors.append(
                Author(
                    last_name=None if group else last,
                    fore_name=None if group else fore,
                    initials=None if group else initials,
                    suffix=None if group else suffix,
                    collective=group,
                    orcid=person.orcid,
                    identifiers=tuple(person.identifiers),
                    affiliations=(*before, *person.affiliations),
                    role="editor" if person.kind == "editor" else "author",
                )
            )
            before = []
    draft.authors.sort(key=lambda author: author.role == "editor")
    for affiliation in before:
        draft.add_other("AD", affiliation.plain)
