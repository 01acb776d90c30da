"""What ties records together: notices, comments, preprints, updates and reference lists."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sample.draw import Draw
from sample.people import Cast
from sample.record import Record, Section
from sample.render import doi

__all__ = ["Desk", "cite", "finish_notices", "update"]

# kind: publication type, words before the title, RefType there and back, verb of the notice
_NOTICES = {
    "retracted": ("Retraction of Publication", "Retraction", "Retraction", "retracts"),
    "concern": ("Expression of Concern", "Expression of concern", "ExpressionOfConcern", ""),
    "erratum": ("Published Erratum", "Erratum", "Erratum", "corrects"),
}
_BACK = {"Retraction": "Of", "ExpressionOfConcern": "For", "Erratum": "For"}
_PLAIN_SUMMARY = (
    "In this invented study, adults whose depression had not improved with at least two medicines "
    "used a nasal spray with or without esketamine for four weeks. More people felt better with "
    "esketamine, and more had side effects such as feeling unreal for a short time."
)
_CITED = {
    "meta": 9, "network": 9, "systematic": 6, "narrative": 4, "guideline": 5, "rct": 2,
    "protocol": 2, "secondary": 1, "prospective": 2, "retrospective": 2, "animal": 2,
    "biomarker": 2, "economic": 2, "editorial": 2,
}  # fmt: skip
_CITABLE = {"rct", "open", "meta", "animal", "systematic", "prospective", "narrative"}
_BOOK = "Quillmarsh T. Depression in plain words. 2nd ed. Lantern Bay: Sample Press; 2003."


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Collects the records, and adds to each what was published because of it."""

    cast: Cast
    texts: dict[str, Any]
    notices: dict[str, Any]
    records: list[Record] = field(default_factory=list)

    def add(self, record: Record, place: str, *, group: bool = False) -> Record:
        self.cast.sign(record, place, group=group)
        self.records.append(record)
        return record

    def extras(
        self, record: Record, row: Mapping[str, str], again: Callable[[str], Record] | None
    ) -> None:
        """Notices, comments, replies, preprints and summaries; `again` words the study anew."""
        place, extras = row["place"], row.get("extras", "").split(",")
        draw = Draw(f"{record.key}/extras")
        for extra in extras:
            if extra in _NOTICES:
                self._notice(record, extra, draw, place)
            elif extra == "preprint" and again:
                first = again("/preprint")
                first.year, first.journal = record.year - 1, "preprint"
                first.types = ["Preprint", "Journal Article"]
                first.authors, first.version = list(record.authors), draw.whole(1, 3)
                _join(self.add(first, place), record, "UpdateIn", "UpdateOf")
            elif extra == "republished" and again:
                second = again("/republished")
                second.year, second.journal = record.year + 1, record.journal
                second.types.insert(0, "Corrected and Republished Article")
                second.authors = list(record.authors)
                _join(
                    record,
                    self.add(second, place),
                    "CorrectedandRepublishedIn",
                    "CorrectedandRepublishedFrom",
                )
            elif extra == "comment":
                self._comment(record, draw, place, answered="reply" in extras)
            elif extra == "patients":
                self._summary(record, place)

    def _notice(self, record: Record, extra: str, draw: Draw, place: str) -> None:
        name, words, link, _ = _NOTICES[extra]
        later = draw.whole(1, 4) if extra == "retracted" else draw.whole(0, 2)
        if extra == "retracted" and record.year + later >= 2022:
            name = "Retraction Notice"
        notice = _short(record, extra, later, f"{words}: {record.title}", [name])
        said = "retraction" if extra == "retracted" else extra
        notice.sections = [Section(draw.say(self.notices[said], {}))]
        _join(record, self.add(notice, place), f"{link}In", f"{link}{_BACK[link]}")
        if extra == "retracted":
            record.types.append("Retracted Publication")
            record.title = f"RETRACTED: {record.title}" if draw.chance(0.5) else record.title

    def _comment(self, record: Record, draw: Draw, place: str, *, answered: bool) -> None:
        title = record.title.rstrip(".")
        words = {"target": title}
        said = f"{draw.say(self.texts['comment']['title'], words)}."
        kind = draw.pick(["Letter", "Editorial"])
        comment = _short(record, "comment", 0, said, [kind, "Comment"])
        elsewhere = [other for other in ("us", "gb", "ca", "au", "nl", "se") if other != place]
        _join(record, self.add(comment, draw.pick(elsewhere)), "CommentIn", "CommentOn")
        if answered:
            words = {"target": title.split(":", maxsplit=1)[0].rstrip("?")}
            said = f"{draw.say(self.texts['reply']['title'], words)}."
            reply = _short(comment, "reply", 0, said, ["Letter", "Comment"])
            reply.authors = record.authors[:3]
            _join(comment, self.add(reply, place), "CommentIn", "CommentOn")

    def _summary(self, record: Record, place: str) -> None:
        title = (
            "Summaries for patients. Esketamine nasal spray for depression that other medicines "
            "have not helped."
        )
        summary = _short(record, "summary", 0, title, ["Journal Article"])
        _join(record, self.add(summary, place), "SummaryForPatientsIn", "OriginalReportIn")
        record.other_abstracts.append(("plain-language-summary", "eng", _PLAIN_SUMMARY))


def _short(record: Record, kind: str, later: int, title: str, types: list[str]) -> Record:
    """A short item about a record, in the same journal."""
    return Record(
        key=f"{record.key}-{kind}",
        kind=kind,
        year=min(2026, record.year + later),
        journal=record.journal,
        title=title,
        types=types,
        tags=record.tags,
    )


def _join(first: Record, second: Record, forth: str, back: str) -> None:
    first.links.append((forth, second))
    second.links.append((back, first))


def finish_notices(records: list[Record], mark: str) -> None:
    """PubMed's own sentence, `[This retracts the article DOI: ...]`, once the numbers are known."""
    for record in records:
        if record.kind in _NOTICES:
            verb = _NOTICES[record.kind][3]
            about = f"[This {verb} the article DOI: {doi(record.links[0][1])}.]" if verb else ""
            words = filter(None, (record.sections[0].text, about, mark))
            record.sections = [Section(" ".join(words))]


def update(records: list[Record]) -> None:
    """Reviews and their updates, as a database of reviews prints them."""
    by_key = {record.key: record for record in records}
    for old, new in (("metas-004", "metas-009"), ("metas-009", "metas-020")):
        _join(by_key[old], by_key[new], "UpdateIn", "UpdateOf")


def cite(records: list[Record]) -> None:
    """Reference lists: reviews cite trials, retracted ones too; studies cite what is like them."""
    for record in records:
        if record.year < 2004 or record.book or record.language != "eng":
            continue
        draw = Draw(f"{record.key}/cites")
        earlier = [
            other
            for other in records
            if other.kind in _CITABLE
            and other.created < record.created
            and other.journal != "preprint"
            and other not in record.cites
        ]
        pooled = record.kind in ("meta", "network")
        like = [
            other
            for other in earlier
            if len(other.tags & record.tags) >= (1 if pooled or record.kind == "animal" else 2)
            and (not pooled or other.kind == "rct")
            and (other.kind == "animal") == (record.kind == "animal")
        ]
        wanted = _CITED.get(record.kind, 0)
        chosen = draw.some(like, wanted)
        rest = [other for other in earlier if other.kind in ("rct", "meta")]
        rest = [other for other in rest if other not in chosen]
        chosen += draw.some(rest, max(0, wanted // 2 - len(chosen)))
        record.cites += sorted(chosen, key=lambda other: (other.created, other.key))
        if record.cites and draw.chance(0.15):
            record.citations.append(_BOOK)
