"""Commands that read the library: how it is, what happened, what is searched for."""

import json
import re
import shutil
import sqlite3
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import click

from harvester.commands.context import (
    FAILED,
    Context,
    check_day,
    counted,
    echo,
    json_option,
    print_json,
    reading,
    wanted_topics,
)
from harvester.errors import SettingsError
from harvester.library.database import connect_read_only, connect_to_check, explained
from harvester.recall import Recall, absent, recall
from harvester.topics import load_topics

__all__ = ["changes", "check", "runs", "status", "topics"]


@click.command()
@json_option
@click.option(
    "--max-age", metavar="AGE", help="Exit 1 if the last good run is older: 36h, 2d, 90m."
)
@click.pass_obj
def status(context: Context, as_json: bool, max_age: str | None) -> None:
    """Say how many records are held, how fresh they are, and what is wrong.

    \b
    Examples:
        harvester status
        harvester status --json --max-age 36h
    """
    from harvester.library.status import read_status

    limit = _duration(max_age) if max_age else None
    with reading(context.settings.db) as connection:
        found = read_status(connection, now=datetime.now(UTC))
        recalls, _ = _recall(context, connection)
    if as_json:
        print_json({**found.as_json(), "landmarks": [_recall_json(r) for r in recalls]})
    else:
        years = f", {found.first_year} to {found.last_year}" if found.first_year else ""
        click.echo(f"Articles      {found.articles:,}{years}")
        click.echo(f"Retracted     {found.retracted:,}")
        click.echo(f"Withdrawn     {found.withdrawn:,}")
        for name, count in found.topics.items():
            click.echo(f"  {name:<22}{count:>9,}")
        click.echo(f"Last run      {_run_words(found.last_run) if found.last_run else 'none'}")
        if found.last_run and (counts := counted(found.last_run)):
            click.echo(f"              {counts}")
        click.echo(f"Last good     {found.last_good or 'none: not yet harvested from PubMed'}")
        click.echo(f"Problems      {found.unsolved_problems:,} unsolved")
        for result in recalls:
            click.echo(f"Landmarks     {result.topic}: {result.found} of {result.expected}")
        if found.sample:
            click.echo("This is the built-in sample: every record is invented.")
    if limit is not None and not found.fresh(limit):
        echo(
            f"The last good run is older than {max_age}."
            if found.last_good
            else "There has been no good run yet."
        )
        click.get_current_context().exit(FAILED)


@click.command()
@json_option
@click.pass_obj
def runs(context: Context, as_json: bool) -> None:
    """List the runs, newest first.

    With --json each run also has its searches as sent, with PubMed's translation and counts, and
    each change of a search has both counts and the PMIDs gained and lost.

    \b
    Example:
        harvester runs --json
    """
    from harvester.library.runs import run_rows, topic_rows
    from harvester.library.search_log import strategy_changes

    with reading(context.settings.db) as connection:
        rows = run_rows(connection)
        searches = topic_rows(connection) if as_json else {}
        changed = strategy_changes(connection)
    if as_json:
        listed = [{**row, "topics": searches.get(row["id"], [])} for row in rows]
        print_json({"runs": listed, "strategy_changes": [asdict(change) for change in changed]})
        return
    for row in rows:
        click.echo(_run_line(row))
        for change in changed:
            if change.run_id == row["id"]:
                click.echo(
                    f"       The search {change.topic} changed: {change.reported:,} records, "
                    f"{change.former_reported:,} before; {len(change.gained):,} gained, "
                    f"{len(change.lost):,} lost."
                )


@click.command()
@click.option("--since", metavar="DATE", help="Only changes of runs since this day, YYYY-MM-DD.")
@json_option
@click.pass_obj
def changes(context: Context, since: str | None, as_json: bool) -> None:
    """List what happened to which record: added, revised, retracted, left, ...

    \b
    Example:
        harvester changes --since 2026-01-01
    """
    from harvester.library.runs import change_rows
    from harvester.library.wording import parts

    if since is not None:
        check_day(since)
    with reading(context.settings.db) as connection:
        rows = change_rows(connection, since=since)
        if as_json:
            decoded = [{**row, "fields": json.loads(row["fields"] or "[]")} for row in rows]
            print_json({"changes": decoded})
            return
        # A line each on a terminal; whole where a program reads them.
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        for row in rows:
            changed = parts(json.loads(row["fields"] or "[]"))
            detail = f" ({', '.join(changed)})" if changed else ""
            topic = f" {row['topic']}" if row["topic"] else ""
            title = row["title"] or ""
            line = f"{row['at'][:10]} {row['kind']:<10}{row['pmid']:>9}{topic}{detail} {title}"
            click.echo(line[:width] if width else line)


@click.command()
@json_option
@click.pass_obj
def topics(context: Context, as_json: bool) -> None:
    """Print the topics and the exact searches that are sent to PubMed.

    \b
    Example:
        harvester topics
    """
    _, found, _ = wanted_topics(context, None)
    if as_json:
        keys = ("name", "title", "rationale", "term")
        print_json({"topics": [{key: getattr(topic, key) for key in keys} for topic in found]})
        return
    for topic in found:
        click.echo(click.style(f"{topic.name}: {topic.title}", bold=True))
        click.echo(click.wrap_text(topic.rationale, width=80))
        click.echo(f"\n{topic.term}\n")


@click.command()
@click.pass_obj
def check(context: Context) -> None:
    """Check that the file is whole; exit 1 and a list if something is wrong.

    Landmark publications of the field are demanded of a library harvested from PubMed itself; one
    that a single search does not find is named, one that is not held at all is a fault.

    \b
    Example:
        harvester check
    """
    from harvester.intake import READERS
    from harvester.library.check import check as check_library

    path = context.settings.db
    connect_read_only(path).close()
    with explained(path):
        connection = connect_to_check(path)
        try:
            faults = list(check_library(connection, lambda raw, form: READERS[form](raw)[1]))
            recalls, missing = _recall(context, connection)
        finally:
            connection.close()
    faults += [f"The landmark publication PMID {pmid} is not in the library." for pmid in missing]
    for result in recalls:
        echo(f"Landmarks of {result.topic}: {result.found} of {result.expected}.")
        for pmid in result.missing:
            echo(f"  PMID {pmid} is not found by this search.")
    for fault in faults:
        click.echo(fault)
    if faults:
        click.get_current_context().exit(FAILED)
    echo("The library is whole.")


def _recall(
    context: Context, connection: sqlite3.Connection
) -> tuple[list[Recall], tuple[int, ...]]:
    """The recall of the topics that were harvested from NCBI's own service, and what is absent.

    A library of files, the sample, or of a service that stands in for PubMed cannot be held to it.
    """
    from harvester.library.membership import topic_members
    from harvester.library.runs import last_good_run
    from harvester.library.store import held_pmids

    known = load_topics(context.topics_file)
    members = {}
    for topic in known:
        run = last_good_run(connection, topic.name)
        host = urlsplit(run["source"] or "").hostname if run else None
        if host and host.endswith(".nih.gov"):
            members[topic.name] = topic_members(connection, topic.name)
    results = list(recall(known.landmarks, members))
    return results, absent(results, held_pmids(connection)) if results else ()


def _recall_json(result: Recall) -> dict[str, Any]:
    return {
        "topic": result.topic,
        "found": result.found,
        "expected": result.expected,
        "missing": list(result.missing),
    }


def _run_line(run: Any) -> str:
    counts = counted(run)
    error = f" {run['error']}" if run["error"] else ""
    return f"{run['id']:>5}  {_run_words(run)}{f' ({counts})' if counts else ''}{error}"


def _run_words(run: Any) -> str:
    return f"{run['started']}  {run['command']} {run['topic']}: {run['status']}"


def _duration(text: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,6})\s*([mhd])", text.strip())
    if not match:
        raise SettingsError(f"{text} is not an age; write it like 36h, 2d or 90m.")
    unit = {"m": "minutes", "h": "hours", "d": "days"}[match[2]]
    return timedelta(**{unit: int(match[1])})
