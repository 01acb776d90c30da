"""The whole sample: every line of plan.toml as a record, signed, dated, linked and numbered."""

import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from sample.bench import animal, vitro
from sample.clinical import acronym, biomarker, harm, other_treatment, study, trial
from sample.compose import Kit
from sample.dates import date_all
from sample.draw import Draw, capital, in_words
from sample.links import Desk, cite, finish_notices, update
from sample.people import Cast
from sample.record import Record, Section
from sample.reviews import (
    economic,
    meta,
    network,
    opinion,
    qualitative,
    recreational,
    vigilance,
)

__all__ = ["make_records"]

_HERE = Path(__file__).parent
_REGISTRIES = {
    "cn": ("ChiCTR", "ChiCTR90000{0:05}"),
    "jp": ("JPRN-jRCT", "jRCT9000{0:06}"),
    "gb": ("ISRCTN", "ISRCTN9{0:07}"),
    "au": ("ANZCTR", "ACTRN9{0:013}"),
    "de": ("DRKS", "DRKS9{0:07}"),
}
_HOMES = {
    "spa": "es", "fre": "fr", "ger": "de", "por": "br", "chi": "cn", "jpn": "jp", "ita": "it",
    "pol": "pl",
}  # fmt: skip

Row = dict[str, str]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / f"{name}.toml").read_text(encoding="utf-8"))


def make_records() -> tuple[list[Record], dict[str, Any]]:
    """All records, ordered by PMID, and the vocabulary to render them with."""
    words, plan, special = _read("vocabulary"), _read("plan"), _read("special")
    kit = Kit(words=words, texts=_read("texts"), laboratory=_read("laboratory"))
    desk = Desk(cast=Cast(words), texts=kit.texts, notices=special["notices"])

    for key, row in _rows("trial", plan["trials"]):
        _trial(kit, desk, key, row)
    for key, row in _rows("planned", plan["protocols"]):
        record = desk.add(trial(kit, key, row, "protocol"), row["place"])
        record.registry = _registry(key, row)
    for key, row in _rows("study", plan["studies"]):
        record = desk.add(study(kit, key, row), row["place"])
        desk.extras(record, row, partial(_again, kit, key, row))
    tables: list[tuple[str, dict[str, str], Callable[[Kit, str, Row], Record]]] = [
        ("harms", plan, harm),
        ("animals", plan, animal),
        ("vitro", plan, vitro),
        ("biomarkers", plan, biomarker),
        ("metas", plan, meta),
        ("networks", plan, network),
        ("qualitative", plan["smaller"], qualitative),
        ("vigilance", plan["smaller"], vigilance),
        ("economic", plan["smaller"], economic),
        ("recreational", plan["smaller"], recreational),
        ("trdalone", plan["smaller"], other_treatment),
    ]
    for name, source, make in tables:
        for key, row in _rows(name, source[name]):
            record = desk.add(make(kit, key, row), row["place"])
            desk.extras(record, row, None)
    for design, table in plan["opinions"].items():
        for key, row in _rows(design, table):
            desk.add(opinion(kit, key, design, row), row["place"])
    tongues = _read("tongues")
    for key, row in _rows("tongue", plan["smaller"]["languages"]):
        desk.add(_foreign(kit, tongues, key, row), _HOMES[row["language"]])
    for number, near in enumerate(special["near"], 1):
        desk.add(_near(words, near, number), "se")
    for number, book in enumerate(special["book"], 1):
        desk.add(_book(words, book, number), "us")

    update(desk.records)
    date_all(desk.records, words)
    cite(desk.records)
    finish_notices(desk.records, words["text"]["mark"])
    return sorted(desk.records, key=lambda record: record.pmid), words


def _rows(kind: str, table: str) -> Iterator[tuple[str, Row]]:
    """Key and columns of each line; columns that a line leaves out are missing."""
    names, *lines = table.strip().splitlines()
    for number, line in enumerate(lines, 1):
        yield f"{kind}-{number:03}", dict(zip(names.split(), line.split(), strict=False))


def _again(kit: Kit, key: str, row: Row, turn: str) -> Record:
    return study(kit, key, row, turn=turn)


def _trial(kit: Kit, desk: Desk, key: str, row: Row) -> None:
    """A trial with all that belongs to it; its registration number is the same in all of it."""
    place, extras = row["place"], row.get("extras", "").split(",")
    registry = _registry(key, row) if int(row["year"]) >= 2007 else None
    printed = ""
    if registry:
        name, number = registry
        printed = f"{name} {number}" if name == "ClinicalTrials.gov" else number

    def make(design: str, turn: str = "") -> Record:
        record = trial(kit, key, row, design, turn=turn, registry=printed)
        record.registry = registry
        return record

    result = make("rct")
    large = int(row["n"]) >= 150
    if large:
        result.collective = f"{acronym(key)} Study Group"
    family = [desk.add(result, place, group=large)]
    if "protocol" in extras:
        family.append(desk.add(make("protocol"), place))
    for turn in range(extras.count("secondary")):
        family.append(desk.add(make("secondary", str(turn or "")), place))
    for record in family[1:]:
        record.cites.append(result)
        result.cites += [record] if record.kind == "protocol" else []
    desk.extras(result, row, lambda turn: make("rct", turn))


def _registry(key: str, row: Row) -> tuple[str, str]:
    base = 100 if key.startswith("planned") else 0
    name, pattern = _REGISTRIES.get(row["place"], ("ClinicalTrials.gov", "NCT9{0:07}"))
    return name, pattern.format((base + int(key[-3:])) * 37)


def _foreign(kit: Kit, tongues: dict[str, Any], key: str, row: Row) -> Record:
    """An article in another language: title in brackets, vernacular title, abstract in both."""
    draw = Draw(f"{key}/tongue")
    language, kind, mark = row["language"], row["kind"], kit.words["text"]["mark"]
    words = tongues[language]
    facts: dict[str, Any]
    if kind == "narrative":
        topic = {"year": row["year"], "place": "us", "topic": row["what"]}
        record = opinion(kit, key, "narrative", topic)
        vernacular, says = words[row["what"]]
        facts = {"t": vernacular, "s": says}
    else:
        n = int(row["what"])
        facts = {"n": n, "m": draw.whole(2, 5), "r": round(n * draw.between(0.35, 0.55))}
        columns = {
            "year": row["year"], "place": "us", "treatment": "ket-iv", "course": "six",
            "condition": "trd", "population": "outpatients", "n": row["what"],
            "result": "positive", "design": "retrospective" if kind == "cohort" else "case",
        }  # fmt: skip
        record = study(kit, key, columns)
        facts["r_words"] = capital(in_words(facts["r"]))
        record.title = f"{draw.say(tongues['eng'][kind][:1], facts)}."
        record.sections = [Section(f"{draw.say(tongues['eng'][kind][1:], facts)} {mark}")]
    stop, gap = ("", "") if language in ("chi", "jpn") else (".", " ")
    record.journal = record.language = language
    record.title = f"[{record.title.rstrip('.')}]."
    record.vernacular = f"{draw.say(words[kind][:1], facts)}{stop}"
    if int(row["year"]) >= 2009:
        abstract = f"{draw.say(words[kind][1:], facts)}{gap}{words['mark']}"
        record.other_abstracts = [("Publisher", language, abstract)]
    if draw.chance(0.2):
        record.sections = []
    else:
        record.types.insert(0, "English Abstract")
    return record


def _near(words: dict[str, Any], near: dict[str, Any], number: int) -> Record:
    return Record(
        key=f"near-{number:03}",
        kind="near",
        year=near["year"],
        journal=near["journal"],
        title=f"{near['title']}.",
        sections=[Section(f"{near['abstract']} {words['text']['mark']}")],
        types=["Journal Article"],
        mesh=sorted(near["mesh"], key=str.lower),
        substances=["Ketamine"] if "Ketamine" in near["mesh"] else [],
        tags=frozenset({"near"}),
    )


def _book(words: dict[str, Any], book: dict[str, Any], number: int) -> Record:
    return Record(
        key=f"book-{number:03}",
        kind="book",
        year=book["year"],
        journal="general",
        title=book["title"],
        sections=[Section(f"{book['abstract']} {words['text']['mark']}")],
        keywords=["ketamine", "treatment-resistant depression"],
        tags=frozenset({"trd", "ketamine"}),
        book=book["book"],
        bookshelf=book["id"],
        chapters=book["sections"],
    )
