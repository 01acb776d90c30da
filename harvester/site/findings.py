"""What a record says, as its page shows it: each finding with its words, their place, its rule."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from harvester.evidence import overrides, wording
from harvester.evidence.labels import facet_label, value_label
from harvester.evidence.passages import split_sentences
from harvester.site.abstract import Part, label_of
from harvester.site.dates import long_date
from harvester.site.facets import ABSENT, FACETS
from harvester.site.links import report_path, trial_path
from harvester.site.marks import Mark, MarkedText
from harvester.site.markup import clean
from harvester.site.record import Row
from harvester.site.urls import Search, write

__all__ = [
    "SOURCES",
    "FacetFindings",
    "Findings",
    "Shown",
    "detail_of",
    "is_absent",
    "name_of",
    "show_findings",
    "standing_of",
]

# What readers ask first: what kind of study, of how many, in whom, of what; then how, and what of.
_ORDER = (
    *("design", "design_flag", "sample_size", "population", "condition", "drug", "combination"),
    *("route", "dose", "infusion_minutes", "schedule", "comparator", "scale", "outcome"),
    *("safety", "mechanism", "registration", "funding", "relevance", overrides.FACET),
)
# A conclusion from other findings, which are marked themselves.
_UNMARKED = {"relevance"}
# Where words stand that are not in the text.
SOURCES = {
    "title": "the title",
    "abstract": "the abstract",
    "keyword": "the keywords",
    "mesh": "the MeSH headings",
    "substance": "the substances",
    "publication_type": "the publication types",
    "data_bank": "the data banks",
    "affiliation": "an affiliation",
    "conflicts": "the conflicts of interest",
    "grant": "the grants",
    overrides.FACET: "a correction by hand",
}
_CHARACTERS_AROUND = 400  # of a sentence, before and after the words
_MARKS_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A finding on the page.

    `number` is that of its mark in the text, None where no words of the text are marked. `note`
    says what the value alone does not (a role, that a harm is reported as absent). `words` is the
    sentence with the finding's own words marked; `where` is where it stands. `search` leads to all
    articles with the value. `correction` tells what a person changed, and why.
    """

    place: str
    number: int | None
    label: str
    note: str
    words: Markup
    where: str
    rule: str
    search: str | None
    report: str
    correction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetFindings:
    """The findings of a facet."""

    facet: str
    label: str
    findings: tuple[Shown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that is found in a record; `title` and `parts` are the marks in its texts."""

    groups: tuple[FacetFindings, ...]
    title: tuple[Mark, ...]
    parts: Mapping[int, tuple[Mark, ...]]

    def of(self, facet: str) -> tuple[Shown, ...]:
        """The findings of one facet."""
        return next((group.findings for group in self.groups if group.facet == facet), ())


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of the record in which words can be marked; `part` is None for the title."""

    part: int | None
    start: int
    plain: str
    marked: MarkedText | None


def show_findings(
    rows: Sequence[Row],
    pmid: int,
    title: str,
    marked_title: MarkedText | None,
    parts: Iterable[Part],
) -> Findings:
    """The findings by facet.

    Words that are not where the row says (of a record read by another version) are shown without
    a mark.
    """
    texts = {
        "title": (_Text(None, 0, title, marked_title),),
        "abstract": tuple(_Text(n, p.start, p.text, p.marked) for n, p in enumerate(parts)),
    }
    marks: dict[int | None, list[Mark]] = {}
    groups: dict[str, list[Shown]] = {}
    numbers = 0
    for n, row in enumerate(sorted(rows, key=_rank), 1):
        facet = row["facet"]
        text = _text_of(row, texts)
        number = None
        if text and _is_marked(row, text) and numbers < _MARKS_MOST:
            number = numbers = numbers + 1
            start = row["start"] - text.start
            name = f"{facet_label(facet)}: {name_of(row)}"
            marks.setdefault(text.part, []).append(
                Mark(start=start, end=start + len(row["quote"]), number=number, label=clean(name))
            )
        groups.setdefault(facet, []).append(_shown(row, pmid, text, n, number))
    return Findings(
        groups=tuple(
            FacetFindings(facet=facet, label=_group(facet), findings=tuple(found))
            for facet, found in groups.items()
        ),
        title=tuple(marks.get(None, ())),
        parts={part: tuple(found) for part, found in marks.items() if part is not None},
    )


def _group(facet: str) -> str:
    return "Corrected by hand" if facet == overrides.FACET else clean(facet_label(facet))


def _rank(row: Row) -> tuple[int, str]:
    facet = row["facet"]
    return (_ORDER.index(facet) if facet in _ORDER else len(_ORDER) - 2, facet)


def _text_of(row: Row, texts: Mapping[str, Sequence[_Text]]) -> _Text | None:
    """The text in which the words really stand."""
    start, quote = row["start"], row["quote"]
    if start is None or not quote:
        return None
    for text in texts.get(row["source"], ()):
        place = start - text.start
        if place >= 0 and text.plain[place : place + len(quote)] == quote:
            return text
    return None


def _is_marked(row: Row, text: _Text) -> bool:
    """Whether marking helps: not what rests on other findings, not all of a title."""
    whole = text.part is None and len(row["quote"]) == len(text.plain)
    return text.marked is not None and row["facet"] not in _UNMARKED and not whole


def _shown(row: Row, pmid: int, text: _Text | None, n: int, number: int | None) -> Shown:
    facet, value = row["facet"], row["value"]
    if facet == "registration":
        search = trial_path(value)
    elif facet in FACETS:
        alike = ABSENT if facet == "safety" and is_absent(row) else facet
        search = write(Search().toggled(alike, value))
    else:
        search = None
    return Shown(
        # Links lead from the mark of a number to the finding with it.
        place=f"finding-{number}" if number else f"unmarked-{n}",
        number=number,
        label=clean(name_of(row)),
        note=clean(_note(row)),
        words=_sentence(row, text),
        where=_where(row),
        rule=clean(row["rule"]),
        search=search,
        report=report_path(pmid, facet, value),
        correction=clean(_correction(row)),
    )


def name_of(row: Row) -> str:
    """The value for people: `Intranasal`, `236 randomised`."""
    return wording.name_of(row["facet"], str(row["value"]), detail_of(row))


def detail_of(row: Row) -> Mapping[str, Any]:
    """The finding's numbers and the like; nothing where they cannot be read."""
    try:
        detail = json.loads(row["detail"] or "{}")
    except ValueError:
        return {}
    return detail if isinstance(detail, dict) else {}


def is_absent(row: Row) -> bool:
    """Whether it is reported as absent and nowhere as present."""
    return detail_of(row).get("polarity") == "absent"


def standing_of(row: Row) -> str:
    """That something is reported as absent, which must not read as if it had happened."""
    return wording.standing_of(detail_of(row))


def _note(row: Row) -> str:
    detail = detail_of(row)
    notes = [standing_of(row)]
    if role := detail.get("role"):
        notes.append(_small(value_label("drug_role", str(role))))
    if detail.get("unsure"):
        notes.append("unclear: other numbers are told too")
    if arms := detail.get("arms"):
        notes.append(f"groups of {arms}")
    if doses := detail.get("doses"):
        notes.append(f"{doses} doses" if doses != 1 else "")
    if drug := detail.get("drug"):
        notes.append(_small(value_label("drug", str(drug))))
    if "removed" in detail:
        notes.append("taken away")
    if detail.get("implied"):
        notes.append("implied, not said")
    if detail.get("substance") == "alcohol":
        notes.append("alcohol")
    if registry := detail.get("registry"):
        notes.append(str(registry))
    return "; ".join(note for note in notes if note)


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _where(row: Row) -> str:
    if row["source"] == "abstract":
        label = label_of(row["section"])
        return f"Abstract, {label}" if label else "Abstract"
    source: str = row["source"]
    name = SOURCES.get(source, source)
    return clean(name[:1].upper() + name[1:])


def _sentence(row: Row, text: _Text | None) -> Markup:
    """The whole sentence, its words marked; elsewhere than in a text the heading itself."""
    quote = row["quote"] or ""
    if text is None:
        return escape(clean(quote[: 2 * _CHARACTERS_AROUND]))
    start: int = row["start"] - text.start
    end = start + len(quote)
    first, last = _bounds(text.plain, start, end)
    cut_before, cut_after = start - first > _CHARACTERS_AROUND, last - end > _CHARACTERS_AROUND
    before = text.plain[start - _CHARACTERS_AROUND if cut_before else first : start]
    after = text.plain[end : end + _CHARACTERS_AROUND if cut_after else last]
    return Markup("{}{}<mark>{}</mark>{}{}").format(
        "… " * cut_before, clean(before), clean(quote), clean(after), " …" * cut_after
    )


def _bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """From the beginning of the first sentence with these words to the end of the last."""
    first, last = start, end
    for place, sentence in split_sentences(text):
        if place <= start < place + len(sentence):
            first = place
        if place < end:
            last = max(end, place + len(sentence))
    return first, last


def _correction(row: Row) -> str:
    """What a reviewer changed: the reason, who and when."""
    detail = detail_of(row)
    reason = detail.get("reason")
    if not reason:
        return ""
    date = str(detail.get("date") or "")
    by = str(detail.get("reviewer") or "")
    said = ", ".join(part for part in (by, _day(date)) if part)
    return f"{reason} ({said})" if said else str(reason)


def _day(date: str) -> str:
    try:
        return long_date(date)
    except ValueError:
        return date
