"""The whole sample: every record of plan.toml with its people, links, dates and numbers."""

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sample.calendar import Calendar
from sample.draw import Draw, capital, in_words
from sample.people import Cast
from sample.record import Record, Section
from sample.studies import Maker

__all__ = ["make_records"]

_HERE = Path(__file__).parent
_REGISTRIES = {
    "cn": ("ChiCTR", "ChiCTR90000{0:05}"),
    "jp": ("JPRN-jRCT", "jRCT9000{0:06}"),
    "gb": ("ISRCTN", "ISRCTN9{0:07}"),
    "au": ("ANZCTR", "ACTRN9{0:013}"),
    "de": ("DRKS", "DRKS9{0:07}"),
    "nl": ("NTR", "NL9{0:04}"),
}
_BANKS = {"ChiCTR": "ChiCTR", "ISRCTN": "ISRCTN", "ANZCTR": "ANZCTR", "DRKS": "DRKS"}


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / f"{name}.toml").read_text(encoding="utf-8"))


def make_records() -> tuple[list[Record], dict[str, Any]]:
    """All records, ordered by PMID, and the vocabulary to render them with."""
    words, plan = read("vocabulary"), read("plan")
    maker = Maker(words=words, texts=read("texts"), laboratory=read("laboratory"))
    special = read("special")
    records: list[Record] = []
    cast = Cast(words)
    calendar = Calendar(words)

    def add(record: Record, place: str, **people: bool) -> Record:
        cast.sign(record, place, **people)
        records.append(record)
        return record

    for key, line in _lines("trial", plan["trials"]):
        _trial(maker, add, calendar, special, key, line)
    for key, line in _lines("planned", plan["protocols"]):
        record = add(maker.trial(key, line, "protocol"), line.split()[1])
        record.registry = _registry(key, line)
    tables: list[tuple[str, str, Callable[[str, str], Record]]] = [
        ("study", plan["studies"], maker.study),
        ("harm", plan["harms"], maker.harm),
        ("animal", plan["animals"], maker.animal),
        ("vitro", plan["vitro"], maker.vitro),
        ("biomarker", plan["biomarkers"], maker.biomarker),
        ("meta", plan["metas"], maker.meta),
        ("network", plan["networks"], maker.network),
        *(
            (name, plan["smaller"][name], getattr(maker, name))
            for name in ("qualitative", "vigilance", "economic", "recreational", "trdalone")
        ),
    ]
    for kind, table, make in tables:
        for key, line in _lines(kind, table):
            place = line.split()[1]
            record = add(make(key, line), place)
            _extras(add, special, record, line.split()[-1], place)
    for design, table in plan["opinions"].items():
        for key, line in _lines(design, table):
            add(maker.opinion(key, design, line), line.split()[1])
    tongues = read("tongues")
    for key, line in _lines("tongue", plan["smaller"]["languages"]):
        add(_foreign(maker, tongues, key, line), {"spa": "es", "fre": "fr", "ger": "de",
            "por": "br", "chi": "cn", "jpn": "jp", "ita": "it", "pol": "pl"}[line.split()[1]])  # fmt: skip
    for number, near in enumerate(special["near"], 1):
        add(_near(words, near, number), "se")
    for number, book in enumerate(special["book"], 1):
        add(_book(words, book, number), "us")

    calendar.date(records)
    _updates(records)
    _cite(records)
    return sorted(records, key=lambda record: record.pmid), words


def _lines(kind: str, table: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(table.strip().splitlines(), 1):
        yield f"{kind}-{number:03}", line


# ---------------------------------------------------------------- trials and what belongs to them


def _trial(
    maker: Maker, add: Callable[..., Record], calendar: Calendar, special: dict[str, Any],
    key: str, line: str,
) -> None:  # fmt: skip
    place, number = line.split()[1], int(line.split()[9])
    extras = line.split()[11].split(",") if len(line.split()) > 11 else []
    result = add(maker.trial(key, line), place, group=number >= 150)
    if number >= 150:
        result.collective = f"{maker._acronym(key)} Study Group"
    registry = _registry(key, line) if result.year >= 2007 else None
    family = [result]
    if "protocol" in extras:
        family.append(add(maker.trial(key, line, "protocol"), place))
    for turn in range(extras.count("secondary")):
        second = maker.trial(f"{key[:5]}{turn or ''}-{key[6:]}", line, "secondary") if turn else (
            maker.trial(key, line, "secondary")
        )
        family.append(add(second, place))
    for record in family:
        record.registry = registry
        record.cites.extend(other for other in family if other is not record)
    _extras(add, special, result, ",".join(extras), place)


def _registry(key: str, line: str) -> tuple[str, str]:
    number = sum(ord(letter) for letter in key[:3]) * 100 + int(key[-3:])
    name, pattern = _REGISTRIES.get(line.split()[1], ("ClinicalTrials.gov", "NCT9{0:07}"))
    return name, pattern.format(number)


def _extras(
    add: Callable[..., Record], special: dict[str, Any], record: Record, extras: str, place: str
) -> None:
    """Notices, comments, replies, preprints and summaries, linked both ways."""
    draw = Draw(f"{record.key}/extras")
    notices = special["notices"]
    title = record.title.rstrip(".")
    for extra in extras.split(","):
        match extra:
            case "retracted":
                since = draw.whole(1, 4)
                kind = "Retraction Notice" if record.year + since >= 2024 else (
                    "Retraction of Publication"
                )
                notice = _short(record, "retraction", since, f"Retraction: {title}.", kind)
                notice.sections = [Section(draw.say(notices["retraction"], {}))]
                _join(record, add(notice, place, alone=True), "RetractionIn", "RetractionOf")
                record.types.append("Retracted Publication")
            case "concern":
                notice = _short(
                    record, "concern", 2, f"Expression of concern: {title}.", "Expression of Concern"
                )
                notice.sections = [Section(draw.say(notices["concern"], {}))]
                _join(
                    record, add(notice, place, alone=True),
                    "ExpressionOfConcernIn", "ExpressionOfConcernFor",
                )  # fmt: skip
            case "erratum":
                notice = _short(
                    record, "erratum", draw.whole(0, 1), f"Erratum: {title}.", "Published Erratum"
                )
                notice.sections = [Section(draw.say(notices["erratum"], {}))]
                _join(record, add(notice, place, alone=True), "ErratumIn", "ErratumFor")
            case "republished":
                again = _copy(record, "republished", 1)
                again.types = ["Corrected and Republished Article", *record.types]
                _join(
                    record, add(again, place),
                    "CorrectedandRepublishedIn", "CorrectedandRepublishedFrom",
                )  # fmt: skip
            case "preprint":
                first = _copy(record, "preprint", -1)
                first.journal, first.types = "preprint", ["Preprint", "Journal Article"]
                first.version = 2 if draw.chance(0.5) else 1
                add(first, place)
                _join(first, record, "UpdateIn", "UpdateOf")
            case "comment":
                comment = _short(record, "comment", 0, f"Comment on “{title}”.", "Comment")
                comment.types = ["Letter" if draw.chance(0.5) else "Editorial", "Comment"]
                _join(record, add(comment, _elsewhere(draw, place)), "CommentIn", "CommentOn")
                if "reply" in extras.split(","):
                    reply = _short(
                        comment, "reply", 0, f"{_start(title)}: authors' reply.", "Comment"
                    )
                    reply.types = ["Letter", "Comment"]
                    reply.authors = record.authors[:3]
                    _join(comment, add(reply, place), "CommentIn", "CommentOn")
            case "patients":
                summary = _short(
                    record, "summary", 0, "Summaries for patients. Esketamine nasal spray for "
                    "depression that other medicines have not helped.", "Journal Article",
                )  # fmt: skip
                _join(
                    record, add(summary, place, alone=True),
                    "SummaryForPatientsIn", "OriginalReportIn",
                )  # fmt: skip
                record.other_abstracts.append((
                    "plain-language-summary", "eng",
                    "In this invented study, adults whose depression had not improved with at least "
                    "two medicines used a nasal spray with or without esketamine for four weeks. "
                    "More people felt better with esketamine, and more had side effects such as "
                    "feeling unreal for a short time.",
                ))  # fmt: skip


def _short(record: Record, kind: str, later: int, title: str, name: str) -> Record:
    return Record(
        key=f"{record.key}-{kind}", kind=kind, year=min(2026, record.year + later),
        journal=record.journal, title=title, types=[name] if name != "Comment" else [],
        tags=record.tags,
    )  # fmt: skip


def _copy(record: Record, kind: str, later: int) -> Record:
    """The same study printed again: preprint or corrected version."""
    return Record(
        key=f"{record.key}-{kind}", kind=record.kind, year=min(2026, record.year + later),
        journal=record.journal, title=record.title, sections=list(record.sections),
        types=list(record.types), mesh=list(record.mesh), substances=list(record.substances),
        authors=list(record.authors), registry=record.registry, tags=record.tags,
    )  # fmt: skip


def _join(first: Record, second: Record, forth: str, back: str) -> None:
    first.links.append((forth, second, ""))
    second.links.append((back, first, ""))


def _elsewhere(draw: Draw, place: str) -> str:
    return draw.pick([other for other in ("us", "gb", "ca", "au", "nl", "se") if other != place])


def _start(title: str) -> str:
    return title.split(":")[0].rstrip("?")


# ---------------------------------------------------------------- other languages, near misses, books


def _foreign(maker: Maker, tongues: dict[str, Any], key: str, line: str) -> Record:
    year, language, kind, what = line.split()
    draw = Draw(key)
    words = tongues[language]
    if kind == "narrative":
        record = maker.opinion(key, "narrative", f"{year} us {what}")
        topic, says = words[what]
        facts: dict[str, Any] = {"t": topic, "s": says}
    else:
        number = int(what)
        design = "retrospective" if kind == "cohort" else "case"
        spec = f"{year} us ket-iv six trd outpatients hamd 4w {number} positive {design}"
        record = maker.study(key, spec)
        hits = round(number * draw.between(0.35, 0.55))
        facts = {"n": number, "r": hits, "m": draw.whole(2, 5)}
        record.title = draw.say([tongues["eng"][kind]], facts) + "."
        record.sections = (
            [Section(_english(kind, number, hits, facts["m"]) + " " + maker.words["text"]["mark"])]
        )
    vernacular = draw.say([words[kind][0]], facts)
    record.journal, record.language = language, language
    record.title = f"[{record.title.rstrip('.')}]."
    record.vernacular = vernacular if language in ("chi", "jpn") else f"{vernacular}."
    abstract = draw.say([words[kind][1]], facts)
    gap = "" if language in ("chi", "jpn") else " "
    if int(year) >= 2009:
        record.other_abstracts = [("Publisher", language, f"{abstract}{gap}{words['mark']}")]
    if draw.chance(0.2):
        record.sections = []
    else:
        record.types.insert(0, "English Abstract")
    return record


def _english(kind: str, number: int, hits: int, months: int) -> str:
    if kind == "case":
        return (
            "We report a case of treatment-resistant depression that improved within 24 hours of "
            f"ketamine and relapsed after {months} months. A single case allows no conclusion."
        )
    return (
        f"The records of {number} people with treatment-resistant depression who had six infusions "
        f"of ketamine (0.5 mg/kg over 40 minutes) were reviewed. {capital(in_words(hits))} "
        "responded. Blood pressure rose for a short time and no cystitis was seen. There was no "
        "control group."
    )


def _near(words: dict[str, Any], near: dict[str, Any], number: int) -> Record:
    return Record(
        key=f"near-{number:03}", kind="near", year=near["year"], journal=near["journal"],
        title=f"{near['title']}.",
        sections=[Section(f"{near['abstract']} {words['text']['mark']}")],
        types=["Journal Article"], mesh=sorted(near["mesh"], key=str.lower),
        substances=["Ketamine"] if "Ketamine" in near["mesh"] else [],
        tags=frozenset({"near"}), human="Humans" in near["mesh"],
    )  # fmt: skip


def _book(words: dict[str, Any], book: dict[str, Any], number: int) -> Record:
    return Record(
        key=f"book-{number:03}", kind="book", year=book["year"], journal="general",
        title=book["title"], sections=[Section(f"{book['abstract']} {words['text']['mark']}")],
        keywords=["ketamine", "treatment-resistant depression"], tags=frozenset({"trd", "ketamine"}),
        book=book["book"], bookshelf=book["id"], chapters=book["sections"],
    )  # fmt: skip


# ---------------------------------------------------------------- links across the sample


def _updates(records: list[Record]) -> None:
    """A review and its update, as a database of reviews prints them."""
    metas = [record for record in records if record.kind == "meta"]
    for old, new in (("meta-004", "meta-009"), ("meta-009", "meta-020")):
        first = next(record for record in metas if record.key == old)
        second = next(record for record in metas if record.key == new)
        _join(first, second, "UpdateIn", "UpdateOf")


def _cite(records: list[Record]) -> None:
    """Reference lists: reviews cite trials (retracted ones too), studies cite what is like them."""
    wanted = {"meta": 9, "network": 9, "systematic": 6, "narrative": 4, "guideline": 5, "rct": 2,
              "protocol": 2, "secondary": 1, "prospective": 2, "retrospective": 2, "animal": 2,
              "biomarker": 2, "economic": 2, "editorial": 2}  # fmt: skip
    solid = {"rct", "open", "meta", "animal", "systematic", "prospective", "narrative"}
    for record in records:
        if record.year < 2004 or record.book or record.language != "eng":
            continue
        draw = Draw(f"{record.key}/cites")
        older = [
            other
            for other in records
            if other.kind in solid
            and other.created < record.created
            and other.journal != "preprint"
            and other not in record.cites
        ]
        by_kind = {"meta": {"rct"}, "network": {"rct"}, "animal": {"animal"}}
        like = [
            other
            for other in older
            if len(other.tags & record.tags) >= (1 if record.kind in by_kind else 2)
            and other.kind in by_kind.get(record.kind, solid)
        ]
        number = wanted.get(record.kind, 0)
        chosen = draw.some(like, number)
        rest = [other for other in older if other.kind in ("rct", "meta") and other not in chosen]
        chosen += draw.some(rest, max(0, number // 2 - len(chosen)))
        record.cites += sorted(chosen, key=lambda other: other.created)
        if record.cites and draw.chance(0.2):
            record.citations.append(
                "Quillmarsh T. Depression in plain words. 2nd ed. Lantern Bay: Sample Press; 2003."
            )
