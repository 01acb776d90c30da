"""Dates, numbers, volumes and states of indexing: the life of a record in PubMed."""

from datetime import date, timedelta
from typing import Any

from sample.draw import Draw
from sample.record import Record

__all__ = ["FIRST_PMID", "TODAY", "date_all"]

TODAY = date(2026, 11, 20)
FIRST_PMID = 90_000_001

_ANSWERS = {"retracted", "concern", "erratum", "republished", "comment", "reply", "summary"}


def date_all(records: list[Record], words: dict[str, Any]) -> None:
    """Date the records, answers after what they answer, and number them as they came in."""
    dated: dict[str, date] = {}
    for record in records:
        _publish(record, words["journals"][record.journal][4], dated)
        dated[record.key] = record.created
    pmid = FIRST_PMID
    for record in sorted(records, key=lambda record: (record.created, record.key)):
        record.pmid = pmid
        pmid += 1 + Draw(f"{record.key}/pmid").whole(0, 8)
    for record in records:
        _index(record, words["journals"][record.journal][5])


def _publish(record: Record, model: str, dated: dict[str, date]) -> None:
    draw = Draw(f"{record.key}/dates")
    last = (TODAY - date(record.year, 1, 1)).days if record.year == TODAY.year else 364
    day = date(record.year, 1, 1) + timedelta(days=draw.whole(0, last))
    answers = record.key.replace("/", "-").rsplit("-", 1)[-1] in _ANSWERS
    if answers:
        answered = max(dated[other.key] for _, other in record.links if other.key in dated)
        if day <= answered + timedelta(days=15):
            soon = answered + timedelta(days=draw.whole(20, 120))
            day = min(soon, TODAY - timedelta(days=5))
    record.printed = day
    if model == "Print-Electronic" and record.year >= 2003:
        record.online = day - timedelta(days=5 if answers else draw.whole(5, 120))
    elif model.startswith("Electronic"):
        record.online = day
    shown = record.online or day
    record.created = min(shown + timedelta(days=draw.whole(1, 9)), TODAY)
    record.entered = record.created
    if record.year < 2012 and not record.links and draw.chance(0.15):
        # Added years later and entered under its old date, as PubMed does with older articles.
        record.created += timedelta(days=draw.whole(500, 2500))
    styles = ["month", "month", "month", "day", "month", "season", "months"]
    fixed = {"Electronic": "day", "Electronic-eCollection": "year"}
    record.date_style = fixed.get(model) or draw.pick(styles)
    record.volume = str(1 + len(record.journal) * 5 + record.year - 1990)
    page = draw.whole(101, 899)
    if model.startswith("Electronic"):
        record.pages = (f"e{page}", "")
    else:
        record.issue = str((day.month + 1) // 2)
        record.pages = (str(page), str(page + draw.whole(3, 14)) if record.sections else "")


def _index(record: Record, subsets: str) -> None:
    draw = Draw(f"{record.key}/index")
    age = (TODAY - record.created).days
    if not subsets:
        record.status = "PubMed-not-MEDLINE"
    elif age < 110:
        record.status = "Publisher" if record.online != record.printed else "In-Data-Review"
    elif age < 250:
        record.status = draw.pick(["In-Process", "In-Data-Review", "MEDLINE", "In-Process"])
    if record.status == "MEDLINE" and record.created >= date(2022, 4, 1):
        record.indexing = draw.pick(["Automated", "Automated", "Curated"])
    if record.status == "Publisher":
        record.volume = record.issue = ""
        record.pages = ("", "")
        record.printed, record.date_style = record.online or record.printed, "day"
    news = [other.created for _, other in record.links]
    touched = record.created + timedelta(days=draw.whole(10, 700))
    record.revised = min(max([touched, *news]), TODAY)
    free = 0.3 if subsets else 0.8
    record.pmc = record.year >= 2008 and bool(record.sections) and draw.chance(free)
