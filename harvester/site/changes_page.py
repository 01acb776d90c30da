"""The page of changes, by day: what each harvest saw, and the days on which it saw nothing."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from harvester.library import wording
from harvester.site.cache import Cache
from harvester.site.change_counts import Counts, Told, count, told
from harvester.site.change_view import ChangeView, change_view
from harvester.site.changes_address import Asked, write
from harvester.site.dates import long_date
from harvester.site.follow import Follow, follow_changes
from harvester.site.ledger import (
    Change,
    Key,
    Run,
    first_filled,
    pick,
    read_changes,
    read_runs,
)
from harvester.site.links import Link
from harvester.site.markup import clean
from harvester.site.record import rows
from harvester.site.run_words import RunNote, gap, run_link, run_note, verdict

__all__ = ["ChangesPage", "Day", "feed_title", "load_changes"]

_DAYS = 10  # of a page
_SHOWN = 5  # changes of a day, on a page of several days, besides those that nobody may miss
_GRAVE = ("retracted", "withdrawn")
_WARNINGS = ("retracted", "withdrawn", "corrected")
_PAGE = 50  # changes of a page that lists all of one day or run


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """`verdict` is said of a day without changes, `first` of the harvest that filled the library,
    `gap` of the days before it on which nothing ran."""

    iso: str
    title: str
    verdict: str
    runs: tuple[RunNote, ...]
    counts: tuple[Link, ...]
    first: Link | None
    changes: tuple[ChangeView, ...]
    more: Link | None
    gap: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPage:
    """Everything that the template shows, in the order of the page."""

    asked: Asked
    total: int
    days_total: int
    every: tuple[Link, bool]
    kinds: tuple[tuple[str, int, Link, bool], ...]
    chips: tuple[Link, ...]
    clear: str
    topics: tuple[tuple[str, str], ...]
    follows: tuple[Follow, ...]
    table: str
    days: tuple[Day, ...]
    pages: int
    later: str | None
    earlier: str | None
    last_page: str
    started: bool


def load_changes(
    connection: sqlite3.Connection, cache: Cache, asked: Asked, *, data: str
) -> ChangesPage:
    """The page that is asked for; `data` is the path of the tables' own pages."""
    runs = read_runs(connection)
    counts = count(connection, cache, asked)
    by_day = _by_day(runs, asked, counts)
    if asked.whole:
        most = max((sum(counts.chosen.get(r.id, 0) for r in d) for d in by_day.values()), default=0)
        pages = max(1, -(-most // _PAGE))
        shown = list(by_day) if asked.page <= pages else []
    else:
        pages = max(1, -(-len(by_day) // _DAYS))
        shown = list(by_day)[(asked.page - 1) * _DAYS : asked.page * _DAYS]
    topics = tuple((row["name"], row["title"]) for row in rows(connection, _TOPICS))
    maker = _Maker(
        connection=connection, asked=asked, counts=counts, told=told(connection, cache), data=data
    )
    days = tuple(maker.day(day, by_day[day], before) for day, before in _with_before(shown, by_day))
    here = asked.page
    return ChangesPage(
        asked=asked,
        total=sum(counts.chosen.values()),
        days_total=sum(any(counts.chosen.get(r.id) for r in of_day) for of_day in by_day.values()),
        every=(
            Link(label=f"All {sum(counts.every.values()):,}", href=write(asked.of())),
            not asked.kinds,
        ),
        kinds=tuple(
            (
                kind,
                n := counts.kind(kind),
                Link(label=f"{label} {n:,}", href=write(asked.of(kind))),
                kind in asked.kinds,
            )
            for kind, label in wording.KINDS.items()
        ),
        chips=tuple(_chips(asked, dict(topics))),
        clear=write(Asked()),
        topics=topics,
        follows=tuple(_follows(asked, dict(topics))),
        table=f"{data}/changes?_sort_desc=id",
        days=days,
        pages=pages,
        later=write(asked.at(min(here - 1, pages))) if here > 1 else None,
        earlier=write(asked.at(here + 1)) if here < pages else None,
        last_page=write(asked.at(pages)),
        started=bool(runs),
    )


_TOPICS = "SELECT name, title FROM topics ORDER BY rowid"


def _by_day(runs: Sequence[Run], asked: Asked, counts: Counts) -> dict[str, list[Run]]:
    """The days that the page is about, newest first, each with its runs.

    Days without news among them, unless only some records or kinds are asked for.
    """
    found: dict[str, list[Run]] = {}
    for run in runs:
        if asked.run is not None and run.id != asked.run:
            continue
        if not (asked.first or "") <= run.day <= (asked.last or "9999-99-99"):
            continue
        found.setdefault(run.day, []).append(run)
    if asked.of_all_records or asked.run is not None:
        return found
    return {day: of for day, of in found.items() if any(counts.chosen.get(r.id) for r in of)}


def _with_before(
    shown: Sequence[str], by_day: dict[str, list[Run]]
) -> Iterator[tuple[str, str | None]]:
    """Each day with the one before it in the ledger."""
    every = list(by_day)
    before = dict(pairwise(every))
    return ((day, before.get(day)) for day in shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Maker:
    """Makes days, with what they all need at hand."""

    connection: sqlite3.Connection
    asked: Asked
    counts: Counts
    told: Told
    data: str

    def day(self, day: str, runs: Sequence[Run], before: str | None) -> Day:
        asked, counts = self.asked, self.counts
        total = sum(counts.chosen.get(run.id, 0) for run in runs)
        first = self._first(runs)
        listed = [run.id for run in runs if counts.chosen.get(run.id) and first != run.id]
        if asked.whole:
            limit, offset = _PAGE, (asked.page - 1) * _PAGE
        else:
            grave = sum(counts.kind(kind, listed) for kind in _GRAVE)
            limit, offset = min(_SHOWN + grave, _PAGE), 0
        keys = self._pick(listed, limit, offset) if listed else []
        several = len(listed) > 1
        changes = tuple(self._view(change, several) for change in self._read(keys))
        here = asked if asked.run is not None else asked.on(day)
        filled = counts.chosen.get(first, 0) if first else 0
        return Day(
            iso=day,
            title=long_date(day),
            verdict="" if total or not asked.of_all_records else verdict(runs),
            runs=tuple(run_note(run, self.data) for run in runs),
            counts=tuple(
                Link(label=wording.counted(kind, n), href=write(here.of(kind)))
                for kind in wording.KINDS
                if (n := counts.kind(kind, [run.id for run in runs]))
                and (not asked.kinds or kind in asked.kinds)
            ),
            first=self._first_link(runs, first) if first else None,
            changes=changes,
            more=Link(label=f"All {total:,} changes of {long_date(day)}", href=write(here.at(1)))
            if not asked.whole and listed and total - filled > len(changes)
            else None,
            gap=gap(before, day) if asked.of_all_records and not asked.whole and before else "",
        )

    def _pick(self, runs: Sequence[int], limit: int, offset: int) -> list[Key]:
        return pick(self.connection, self.asked, runs, told=self.told, limit=limit, offset=offset)

    def _read(self, keys: list[Key]) -> tuple[Change, ...]:
        return read_changes(self.connection, keys, self.told) if keys else ()

    def _view(self, change: Change, several: bool) -> ChangeView:
        view = change_view(change)
        return replace(view, run=run_link(change.run, self.data)) if several else view

    def _first(self, runs: Sequence[Run]) -> int | None:
        """The run that filled the library, where the page only says how many it brought."""
        if self.asked.whole or (self.asked.kinds and "added" not in self.asked.kinds):
            return None
        first = first_filled(self.connection)
        return first if any(run.id == first for run in runs) else None

    def _first_link(self, runs: Sequence[Run], first: int) -> Link | None:
        n = self.counts.kind("added", [first])
        if not n:
            return None
        command = next(run.command for run in runs if run.id == first)
        what = "First harvest" if command == "harvest" else "First load of files"
        records = "record" if n == 1 else "records"
        href = write(replace(self.asked.of("added"), run=first))
        return Link(label=f"{what}: {n:,} {records}", href=href)


def _chips(asked: Asked, topics: dict[str, str]) -> Iterator[Link]:
    """What is asked for, each part as a link to the same page without it."""
    for kind in asked.kinds:
        others = (other for other in asked.kinds if other != kind)
        yield Link(label=wording.label(kind), href=write(asked.of(*others)))
    if asked.topic:
        label = f"Search: {clean(topics.get(asked.topic, asked.topic))}"
        yield Link(label=label, href=write(replace(asked, topic=None, page=1)))
    if asked.first or asked.last:
        href = write(replace(asked, first=None, last=None, page=1))
        yield Link(label=_days(asked.first, asked.last), href=href)
    if asked.run is not None:
        yield Link(label=f"Run {asked.run}", href=write(replace(asked, run=None, page=1)))


def _follows(asked: Asked, topics: dict[str, str]) -> Iterator[Follow]:
    """The feed of the page; of all changes, also those that people ask for alone."""
    yield follow_changes(asked, feed_title(asked, topics))
    if asked.at(1) == Asked(topic=asked.topic):
        for kinds in (_WARNINGS, ("added",)):
            yield follow_changes(asked.of(*kinds), feed_title(asked.of(*kinds), topics))


def feed_title(asked: Asked, topics: dict[str, str]) -> str:
    """What the feed is of, in words."""
    parts = [chip.label for chip in _chips(asked, topics)]
    return f"Changes: {', '.join(parts)}" if parts else "Changes"


def _days(first: str | None, last: str | None) -> str:
    if first and last:
        return long_date(first) if first == last else f"{long_date(first)} to {long_date(last)}"
    return f"Since {long_date(first)}" if first else f"Until {long_date(last or '')}"
