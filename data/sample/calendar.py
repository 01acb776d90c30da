"""Dates, numbers, volumes and states of indexing: the life of a record in PubMed."""

from datetime import date, timedelta
from typing import Any

from sample.draw import Draw
from sample.record import Record

__all__ = ["FIRST_PMID", "TODAY", "Calendar"]

TODAY = date(2026, 11, 20)
FIRST_PMID = 90_000_001


class Calendar:
    """Dates all records, later ones after those they answer, and numbers them as they came in."""

    def __init__(self, words: dict[str, Any]) -> None:
        self._words = words

    def date(self, records: list[Record]) -> None:
        done: dict[str, date] = {}
        for record in records:
            self._print(record, done)
            done[record.key] = record.created
        pmid = FIRST_PMID
        for record in sorted(records, key=lambda record: (record.created, record.key)):
            record.pmid = pmid
            pmid += 1 + Draw(f"{record.key}/pmid").whole(0, 8)
        for record in records:
            self._index(record)

    def _print(self, record: Record, done: dict[str, date]) -> None:
        draw = Draw(f"{record.key}/dates")
        model = self._words["journals"][record.journal][4]
        span = 300 if record.year == TODAY.year else 364
        day = date(record.year, 1, 1) + timedelta(days=draw.whole(0, span))
        first = max(
            (done[other.key] for _, other, _ in record.links if other.key in done), default=None
        )
        answers = record.key.rsplit("-", 1)[-1] in (
            "retraction", "concern", "erratum", "republished", "comment", "reply", "summary",
        )  # fmt: skip
        if answers and first and day <= first:
            day = min(first + timedelta(days=draw.whole(30, 150)), TODAY - timedelta(days=9))
        ahead = draw.whole(20, 150) if model == "Print-Electronic" and record.year >= 2003 else 0
        record.online = day if model.startswith("Electronic") else None
        if ahead:
            record.online = day
            day = min(day + timedelta(days=ahead), date(TODAY.year, 12, 1))
        record.printed = day
        record.created = min((record.online or day) + timedelta(days=draw.whole(1, 9)), TODAY)
        record.entered = record.created
        if record.year < 2012 and draw.chance(0.15):  # added years later, entered under its old date
            record.created += timedelta(days=draw.whole(500, 2500))
        record.date_style = {
            "Electronic": "day",
            "Electronic-eCollection": "year",
        }.get(model) or draw.pick(["month", "month", "month", "day", "month", "season", "months"])
        start = 1 + sorted(self._words["journals"]).index(record.journal) * 7 % 60
        record.volume = str(start + record.year - 1990)
        record.issue = "" if model.startswith("Electronic") else str((day.month + 1) // 2)
        page = draw.whole(101, 899)
        record.pages = (str(page), str(page + draw.whole(3, 14)))
        if not record.sections:
            record.pages = (str(page), "")
        if model.startswith("Electronic"):
            record.pages = (f"e{page}", "")

    def _index(self, record: Record) -> None:
        draw = Draw(f"{record.key}/index")
        age = (TODAY - record.created).days
        subsets = self._words["journals"][record.journal][5]
        if not subsets and record.journal != "preprint":
            record.status = "PubMed-not-MEDLINE"
        elif record.journal == "preprint":
            record.status = "PubMed-not-MEDLINE"
        elif age < 75:
            record.status = "Publisher" if record.online else "In-Data-Review"
        elif age < 200:
            record.status = draw.pick(["In-Process", "In-Data-Review", "MEDLINE", "In-Process"])
        if record.status == "MEDLINE" and record.created >= date(2022, 4, 1):
            record.indexing = draw.pick(["Automated", "Automated", "Curated"])
        if record.status == "Publisher":
            record.volume = record.issue = ""
            record.pages = ("", "")
        news = [other.created for _, other, _ in record.links]
        touched = record.created + timedelta(days=draw.whole(10, 700))
        record.revised = min(max([touched, *news]), TODAY)
        record.pmc = record.year >= 2008 and bool(record.sections) and draw.chance(
            0.8 if not subsets else 0.3
        )
