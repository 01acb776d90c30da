"""Abstracts as the article page shows them: in sections, with the words of the findings marked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harvester.site.languages import language_name, language_tag
from harvester.site.marks import Mark, MarkedText, readable
from harvester.site.markup import clean, inline
from harvester.site.record import Record, Row

__all__ = ["Abstract", "Part", "Section", "abstract", "label_of", "other_abstracts", "parts_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of an abstract; without a label the one before goes on."""

    label: str | None
    text: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstract:
    """An abstract with what is said about it: `heading` for people, `lang` for browsers."""

    heading: str
    lang: str | None
    sections: tuple[Section, ...]
    copyright: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A section's text at its place in the whole abstract, as the library holds it."""

    start: int
    text: str
    marked: MarkedText | None


def parts_of(sections: Iterable[Row]) -> tuple[Part, ...]:
    """The sections that have text, where they stand in `articles.abstract`."""
    parts, place = [], 0
    for section in sections:
        if not section["text"]:
            continue
        place += len(section["label"]) + 2 if section["label"] else 0
        text = section["text"]
        parts.append(Part(start=place, text=text, marked=readable(text, section["markup"])))
        place += len(text) + 1
    return tuple(parts)


def abstract(
    sections: Sequence[Row],
    heading: str,
    language: str | None,
    *,
    parts: Sequence[Part] = (),
    marks: Mapping[int, Sequence[Mark]] | None = None,
) -> Abstract | None:
    """The abstract, or None without text; `marks` by the number of the part, within its text."""
    shown = [s for s in sections if s["text"]]
    if not shown:
        return None
    owner = next((s["copyright"] for s in sections if s["copyright"]), None)
    marked = marks or {}
    return Abstract(
        heading=heading,
        lang=None if language == "eng" else language_tag(language),
        sections=tuple(
            Section(
                label=label_of(s["label"]),
                text=text.html(marked[n])
                if n in marked and (text := parts[n].marked)
                else inline(s["text"], s["markup"]),
            )
            for n, s in enumerate(shown)
        ),
        copyright=clean(owner) if owner else None,
    )


def label_of(label: str | None) -> str | None:
    """`MATERIALS AND METHODS` as `Materials and methods`; other capitals stay."""
    if not label or label == "UNLABELLED":
        return None
    text = clean(label)
    return text.capitalize() if text.isupper() and len(text) > 4 else text


def other_abstracts(record: Record) -> Iterator[Abstract]:
    """Abstracts in other languages, and those that others than the authors made."""
    groups: dict[tuple[str, str | None], list[Row]] = {}
    for row in record.sections:
        if row["type"] is not None:
            groups.setdefault((row["type"], row["language"]), []).append(row)
    for (kind, language), sections in groups.items():
        if kind == "plain-language-summary":
            heading = "Plain-language summary"
        elif language and language != "eng":
            heading = f"Abstract in {language_name(language)}"
        else:
            heading = f"Another abstract ({clean(kind)})"
        found = abstract(sections, heading, language)
        if found:
            yield found
