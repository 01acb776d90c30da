"""From facts and grammar to a record: title, abstract and indexing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sample.draw import Draw
from sample.record import Record, Section

__all__ = ["Kit", "Story", "compose", "headings", "illness_headings", "layout", "substances"]

_PARTS = "background objective design intervention outcome results safety conclusion".split()
_ABBREVIATIONS = {
    "treatment-resistant depression": "TRD",
    "treatment-resistant major depression": "TRD",
    "major depressive disorder": "MDD",
}
_TYPES = {
    "rct": ["Randomized Controlled Trial"],
    "protocol": ["Clinical Trial Protocol"],
    "secondary": ["Randomized Controlled Trial"],
    "open": ["Clinical Trial"],
    "prospective": ["Observational Study"],
    "case": ["Case Reports"],
    "series": ["Case Reports"],
    "systematic": ["Systematic Review"],
    "meta": ["Meta-Analysis", "Systematic Review"],
    "network": ["Network Meta-Analysis", "Systematic Review"],
    "narrative": ["Review"],
    "guideline": ["Practice Guideline"],
    "biomarker": ["Research Support, Non-U.S. Gov't"],
    "animal": ["Research Support, Non-U.S. Gov't"],
    "trdalone": ["Randomized Controlled Trial"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """The words of the sample, and the titles that are taken."""

    words: dict[str, Any]
    texts: dict[str, Any]
    laboratory: dict[str, Any]
    titles: set[str] = field(default_factory=set)

    def spelling(self, journal: str) -> str:
        """`z` where the journal prints randomized, `s` where it prints randomised."""
        return str(self.words["journals"][journal][3])


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a record tells, before it is put into words."""

    key: str
    kind: str
    year: int
    journal: str
    draw: Draw
    facts: dict[str, Any]
    result: str = ""
    human: bool = True
    tags: frozenset[str] = frozenset()


def compose(
    kit: Kit, story: Story, texts: Mapping[str, Sequence[str]], shape: str = "plain"
) -> Record:
    """A record with title, types and abstract; an empty shape leaves the abstract out."""
    draw, facts = story.draw, story.facts
    title = draw.say(texts["title"], facts)
    for _ in range(12):
        if title not in kit.titles:
            break
        title = draw.say(texts["title"], facts)
    kit.titles.add(title)
    parts = {}
    for part in _PARTS:
        choice = texts.get(f"{part}_{story.result}") or texts.get(part)
        if part == "background" and choice is None and "people" in facts:
            choice = kit.texts["clinical"]["background"]
        if choice:
            parts[part] = draw.say(choice, facts)
        elif part in facts:
            parts[part] = str(facts[part])
    return Record(
        key=story.key,
        kind=story.kind,
        year=story.year,
        journal=story.journal,
        title=title if title.endswith("?") else f"{title}.",
        sections=_sections(kit, story, shape, parts) if shape else [],
        types=[*_TYPES.get(story.kind, []), "Journal Article"],
        tags=story.tags,
    )


def _sections(kit: Kit, story: Story, shape: str, parts: dict[str, str]) -> list[Section]:
    sections = []
    for label, category, names in kit.texts["layouts"][shape]:
        text = " ".join(parts[name] for name in names.split() if parts.get(name))
        if text:
            sections.append(Section(text, label, category))
    if story.human and story.draw.chance(0.6):
        sections = _abbreviated(sections)
    *first, last = sections
    registration = story.facts.get("registration", "")
    text = " ".join(filter(None, (last.text, registration, kit.words["text"]["mark"])))
    return [*first, Section(text, last.label, last.category)]


def _abbreviated(sections: list[Section]) -> list[Section]:
    """A long name of an illness written out once and then shortened, as authors do."""
    for words, short in _ABBREVIATIONS.items():
        if sum(section.text.count(words) for section in sections) < 3:
            continue
        done = False
        renewed = []
        for section in sections:
            head, found, tail = section.text.partition(words)
            if found and not done:
                text = f"{head}{words} ({short}){tail.replace(words, short)}"
                done = True
            else:
                text = section.text.replace(words, short)
            renewed.append(Section(text, section.label, section.category))
        return renewed
    return sections


def layout(draw: Draw, kind: str, journal: str) -> str:
    """The layout of an abstract, as the journal or chance has it."""
    match journal:
        case "northern":
            return "british"
        case "general":
            return "long" if kind in ("rct", "secondary") else "classic"
    return draw.pick(["plain", "classic", "classic", "objective", "plain", "short"])


def headings(kit: Kit, *terms: str) -> list[str]:
    """MeSH terms that the vocabulary knows, each once, in NLM's alphabetical order."""
    chosen: dict[str, str] = {}
    for term in terms:
        name = term.lstrip("*").split("/")[0]
        if name in kit.words["mesh"]:
            chosen.setdefault(name, term)
    return [chosen[name] for name in sorted(chosen, key=str.lower)]


def illness_headings(
    kit: Kit, treatment: str, condition: str, population: str, *more: str
) -> list[str]:
    """MeSH of a study that treats people."""
    people = kit.words["populations"][population][4] if population else []
    illness = kit.words["conditions"].get(condition, {"mesh": ["Depression"]})["mesh"]
    return headings(
        kit,
        "Humans",
        *people,
        f"{illness[0]}/*drug therapy",
        *illness[1:],
        "Ketamine/*therapeutic use/administration & dosage",
        *kit.words["treatments"][treatment]["mesh"],
        "Psychiatric Status Rating Scales",
        *more,
    )


def substances(drug: str) -> list[str]:
    form = ["Esketamine"] if drug == "esketamine" else []
    return ["Antidepressive Agents", *form, "Ketamine"]
