"""How a run went, and what a day without news was like, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from harvester.site.dates import long_date
from harvester.site.ledger import Run
from harvester.site.links import Link
from harvester.site.markup import clean

__all__ = ["RunNote", "gap", "run_link", "run_note", "verdict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNote:
    """A run of the day and how it went; `link` leads to its row in the ledger."""

    link: Link
    says: str
    problems: Link | None


def run_link(run: int, data: str) -> Link:
    return Link(label=f"Run {run}", href=f"{data}/runs/{run}")


def run_note(run: Run, data: str) -> RunNote:
    problems = None
    if run.problems:
        label = "1 problem" if run.problems == 1 else f"{run.problems:,} problems"
        problems = Link(label=label, href=f"{data}/problems?run_id__exact={run.id}")
    return RunNote(link=run_link(run.id, data), says=clean(_says(run)), problems=problems)


def _says(run: Run) -> str:
    took = f", {_duration(run.seconds)}" if run.seconds and run.status != "failed" else ""
    when = f"{run.started[11:16]} UTC{took}"
    scope = f" Only the search “{run.topic}” was run." if run.topic != "all" else ""
    if run.status == "running":
        return f"{when}. It is still running, or was ended before it was done.{scope}"
    if run.status == "failed":
        return f"{when}. It failed. {run.error or 'Why is not known.'}{scope}"
    if run.command == "load":
        return f"{when}. Records were loaded from PubMed files."
    if run.reported is None or run.held is None:
        return f"{when}.{scope}"
    differ = abs(run.reported - run.held)
    verb = "differs" if differ == 1 else "differ"
    hold = f"{when}. PubMed counted {run.reported:,} articles, we held {run.held:,}"
    partly = "" if run.complete else " Not everything could be compared."
    return f"{hold}{f'; {differ:,} {verb}' if differ else ''}.{partly}{scope}"


def _duration(seconds: float) -> str:
    if seconds < 1:
        return "under a second"
    if seconds < 120:
        return f"{seconds:.0f} second{'' if round(seconds) == 1 else 's'}"
    if seconds < 7_200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3_600:.0f} hours"


def verdict(runs: Sequence[Run]) -> str:
    """What is to be said of a day without changes."""
    harvests = [run for run in runs if run.command == "harvest"]
    done = [run for run in harvests if run.status not in ("failed", "running")]
    if any(run.complete for run in done):
        return "Checked, nothing new."
    if done:
        return "Checked in part; nothing new was found."
    if any(run.status == "running" for run in runs):
        return "A run has not ended yet."
    if harvests:
        return "Not checked: the harvest failed."
    if all(run.status == "failed" for run in runs):
        return "Nothing was loaded."
    return "Files were loaded; they brought nothing new."


def gap(before: str, day: str) -> str:
    """The days between these two, on which nothing ran."""
    try:
        first = date.fromisoformat(before) + timedelta(days=1)
        last = date.fromisoformat(day) - timedelta(days=1)
    except ValueError:  # a clock that was set wrong
        return ""
    if first > last:
        return ""
    days = long_date(first.isoformat())
    if first < last:
        days = f"{days} to {long_date(last.isoformat())}"
    return f"{days}: no harvest ran."
