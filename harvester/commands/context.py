"""What the commands share: their options, the library they read, how they report."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click

from harvester.errors import HarvesterError, SettingsError
from harvester.library.database import connect_read_only, explained
from harvester.progress import progress_for
from harvester.reports import Progress, Report
from harvester.settings import Settings
from harvester.topics import Topic, Topics, load_topics

__all__ = [
    "PARTIAL",
    "Context",
    "check_day",
    "counted",
    "echo",
    "exit_for",
    "finish",
    "host_option",
    "json_option",
    "port_option",
    "print_json",
    "progress_shown",
    "reading",
    "silent_option",
    "summary",
    "told_as_json",
    "topic_option",
    "wanted_topics",
]

# Exit codes beside 0 and click's own 2; see the README.
FAILED, PARTIAL = 1, 3

silent_option = click.option("-s", "--silent", is_flag=True, help="No progress on stderr.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
topic_option = click.option("--topic", metavar="NAME", help="Only this topic (default: all).")
host_option = click.option("--host", default="127.0.0.1", show_default=True, help="Address.")
port_option = click.option(
    "--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="Port."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the options before the command say."""

    settings: Settings
    topics_file: Path | None


def wanted_topics(context: Context, name: str | None) -> tuple[str, list[Topic], Topics]:
    """The label of a run over the topics asked for, those topics, and all of the file.

    Raises SettingsError when there is no such topic.
    """
    topics = load_topics(context.topics_file)
    if name is None:
        return "all", list(topics), topics
    return name, [topics.topic(name)], topics


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """The library, read only, with SQLite's errors explained."""
    with explained(path):
        connection = connect_read_only(path)
        try:
            yield connection
        finally:
            connection.close()


@contextmanager
def progress_shown(silent: bool) -> Iterator[Progress]:
    """Where to say how far the work is; closed at the end, however it ends."""
    show, close = progress_for(silent=silent)
    try:
        yield show
    finally:
        close()


def finish(report: Report, as_json: bool) -> None:
    """Print a run's report, name its problems, and exit with its code."""
    if as_json:
        print_json(report.as_json())
    else:
        click.echo(summary(report))
    for note in report.notes:
        echo(f"Note: {note}")
    for problem in report.problems[:10]:
        where = f"PMID {problem.pmid}: " if problem.pmid else ""
        echo(f"Problem: {where}{problem.reason}")
    if len(report.problems) > 10:
        echo(f"... and {len(report.problems) - 10:,} more; see the problems table.")
    exit_for(report)


@contextmanager
def told_as_json(as_json: bool) -> Iterator[None]:
    """Print the report of a run that fails, too, where one has begun."""
    try:
        yield
    except HarvesterError as error:
        if as_json and error.report is not None:
            print_json(error.report)
        raise


def exit_for(report: Report) -> None:
    """Exit 3 when some records are in problems."""
    if report.status == "partial":
        click.get_current_context().exit(PARTIAL)


def summary(report: Report) -> str:
    """A run in one line."""
    counts = report.counts
    what = counted(asdict(counts)) or "nothing new"
    if report.requests:
        held = f"{counts.held:,} held of {counts.reported:,} reported, {report.requests:,} requests"
    else:  # files do not tell how many records there should be
        held = f"{counts.reported:,} in the files, {counts.held:,} held"
    return f"Run {report.run_id}: {what}; {held}, {report.seconds:.1f} s."


def check_day(text: str) -> None:
    """Raises SettingsError when the text is no day as the library writes it."""
    try:
        valid = date.fromisoformat(text).isoformat() == text
    except ValueError:
        valid = False
    if not valid:
        raise SettingsError(f"{text} is not a day; write it like 2026-01-31.")


def counted(counts: Mapping[str, Any]) -> str:
    """What a run did, in words: 7 added, 1 problem."""
    parts = [
        f"{counts[name]:,} {name}"
        for name in ("added", "revised", "left", "withdrawn")
        if counts[name]
    ]
    if problems := counts["problems"]:
        parts.append(f"{problems:,} {'problem' if problems == 1 else 'problems'}")
    return ", ".join(parts)


def print_json(value: Any) -> None:
    """One JSON object on stdout."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def echo(message: str) -> None:
    """A message, on stderr."""
    click.echo(message, err=True)
