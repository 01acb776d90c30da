"""The command line: wiring, messages, exit codes. Nobody imports it."""

import json
import logging
import re
import signal
import sqlite3
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import IO, Any

import click

from harvester import __version__
from harvester.errors import (
    HarvesterError,
    Interrupted,
    LibraryBusy,
    LibraryError,
    ServiceDown,
    SettingsError,
)
from harvester.library.database import connect, connect_read_only, explained
from harvester.progress import progress_for
from harvester.reports import Report
from harvester.settings import DEFAULT_DB, Settings, packaged_file
from harvester.topics import Topic, Topics, load_topics

FAILED, USAGE, PARTIAL, TEMPORARY = 1, 2, 3, 75
SAMPLE_DB = "sample.db"


class Commands(click.Group):
    """Turns errors of ours into one sentence on stderr; a traceback only with --debug."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except HarvesterError as error:
            if ctx.params.get("debug"):
                raise
            _echo(f"Error: {error}")
            raise click.exceptions.Exit(_exit_code(error)) from error
        except OSError as error:
            if ctx.params.get("debug") or isinstance(error, BrokenPipeError):
                raise
            where = f" ({error.filename})" if error.filename else ""
            raise click.ClickException(f"{error.strerror or error}{where}.") from error


def _exit_code(error: HarvesterError) -> int:
    if isinstance(error, ServiceDown | LibraryBusy | Interrupted):
        return TEMPORARY
    return USAGE if isinstance(error, SettingsError) else FAILED


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--db",
    type=click.Path(path_type=Path, dir_okay=False),
    default=DEFAULT_DB,
    envvar="HARVESTER_DB",
    show_default=True,
    help="The library's SQLite file.",
)
@click.option(
    "--topics",
    "topics_file",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="HARVESTER_TOPICS",
    help="Another file of topics than the one that comes with the program.",
)
@click.option("-v", "--verbose", count=True, help="Log to stderr; twice for details.")
@click.option("--debug", is_flag=True, help="Show a traceback when something fails.")
@click.version_option(__version__, prog_name="harvester")
@click.pass_context
def main(ctx: click.Context, db: Path, topics_file: Path | None, verbose: int, debug: bool) -> None:
    """Keep a library of research on ketamine and treatment-resistant depression.

    \b
    Start here:
        harvester up
    """
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.basicConfig(level=level, format="%(asctime)s %(name)s: %(message)s", stream=sys.stderr)
    ctx.obj = {"settings": Settings.from_environment(db=db), "topics": topics_file, "debug": debug}


def _settings(ctx: click.Context) -> Settings:
    settings: Settings = ctx.obj["settings"]
    return settings


def _topics(ctx: click.Context, name: str | None = None) -> tuple[str, list[Topic], Topics]:
    """The topics asked for, and the label of a run over them."""
    topics = load_topics(ctx.obj["topics"])
    if name is None:
        return "all", list(topics.topics), topics
    for topic in topics.topics:
        if topic.name == name:
            return name, [topic], topics
    known = ", ".join(topic.name for topic in topics.topics)
    raise SettingsError(f"There is no topic {name}; there are: {known}.")


silent_option = click.option("-s", "--silent", is_flag=True, help="No progress on stderr.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
topic_option = click.option("--topic", metavar="NAME", help="Only this topic (default: all).")
host_option = click.option("--host", default="127.0.0.1", show_default=True, help="Address.")
port_option = click.option(
    "--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="Port."
)


@main.command()
@host_option
@port_option
@click.option("--sample", is_flag=True, help="Serve the built-in sample; PubMed is not asked.")
@silent_option
@click.pass_context
def up(ctx: click.Context, host: str, port: int, sample: bool, silent: bool) -> None:
    """Harvest if needed, then serve the site.

    PubMed is asked when the library is missing or older than a day. When PubMed is out of reach,
    what is there is served; when nothing is there yet, the built-in sample.

    \b
    Example:
        harvester up --port 8001
    """
    from harvester.serve import serve as serve_library

    settings = _settings(ctx)
    library = settings.db
    if sample:
        library = _load_sample(settings, silent=silent)
    elif not _is_fresh(settings.db):
        try:
            _echo(_summary(_harvest(ctx, None, silent=silent)))
        except (ServiceDown, LibraryBusy) as error:
            _echo(str(error))
            if _has_articles(settings.db):
                _echo("Serving the library as it is; it will be brought up to date next time.")
            else:
                library = _load_sample(settings, silent=silent)
                _echo("Serving the built-in sample instead: every record of it is invented.")
                _echo("To fill the real library, run: harvester harvest")
    _echo(f"The site is at http://{host}:{port}/ (stop it with Ctrl-C).")
    serve_library(library, host=host, port=port)


@main.command()
@topic_option
@click.option("--full", is_flag=True, help="Fetch every record again, not only new and revised.")
@click.option("--limit", type=click.IntRange(min=1), help="Fetch at most this many records.")
@json_option
@silent_option
@click.pass_context
def harvest(
    ctx: click.Context,
    topic: str | None,
    full: bool,
    limit: int | None,
    as_json: bool,
    silent: bool,
) -> None:
    """Bring the library up to date with PubMed.

    The first run fetches everything; later runs fetch what is new or revised, and note what left.

    \b
    Examples:
        harvester harvest
        harvester harvest --topic ketamine-trd --json
    """
    _finish(_harvest(ctx, topic, full=full, limit=limit, silent=silent), as_json)


@main.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@topic_option
@click.option("--all", "keep_all", is_flag=True, help="Keep every record, whatever its words.")
@json_option
@silent_option
@click.pass_context
def load(
    ctx: click.Context,
    files: tuple[Path, ...],
    topic: str | None,
    keep_all: bool,
    as_json: bool,
    silent: bool,
) -> None:
    """Load PubMed files: XML, gzipped or not, and MEDLINE text (.nbib, .txt).

    Records that match a topic's words are kept, and marked with each topic they match.

    \b
    Examples:
        harvester load pubmed26n0001.xml.gz
        harvester load export.nbib --all
    """
    from harvester.load import load as load_files

    label, topics, known = _topics(ctx, topic)
    with _progress(silent) as progress:
        report = load_files(
            _settings(ctx).db,
            files,
            [(item, known.query(item)) for item in topics],
            label=label,
            keep_all=keep_all,
            progress=progress,
        )
    _finish(report, as_json)


@main.command()
@silent_option
@click.pass_context
def derive(ctx: click.Context, silent: bool) -> None:
    """Make rows and text index again from the stored raw records.

    Needs no network. Run it after an update of the program.

    \b
    Example:
        harvester derive
    """
    from harvester.derive import derive as derive_library

    with _progress(silent) as progress:
        report = derive_library(_settings(ctx).db, progress=progress)
    _echo(f"Derived {report.counts.held:,} records in {report.seconds:.1f} s.")
    _exit_for(report)


@main.command()
@host_option
@port_option
@click.option("--allow-sql", is_flag=True, help="Let visitors run SQL of their own (read only).")
@click.pass_context
def serve(ctx: click.Context, host: str, port: int, allow_sql: bool) -> None:
    """Serve the site with Datasette.

    \b
    Example:
        harvester serve --port 8001
    """
    from harvester.serve import serve as serve_library

    library = _settings(ctx).db
    connect_read_only(library).close()
    _echo(f"The site is at http://{host}:{port}/ (stop it with Ctrl-C).")
    serve_library(library, host=host, port=port, allow_sql=allow_sql)


@main.command()
@json_option
@click.option(
    "--max-age", metavar="AGE", help="Exit 1 if the last good run is older: 36h, 2d, 90m."
)
@click.pass_context
def status(ctx: click.Context, as_json: bool, max_age: str | None) -> None:
    """Say how many records are held, how fresh they are, and what is wrong.

    \b
    Examples:
        harvester status
        harvester status --json --max-age 36h
    """
    from harvester.library.status import read_status

    limit = _duration(max_age) if max_age else None
    with _reading(ctx) as connection:
        found = read_status(connection, now=datetime.now(UTC))
    if as_json:
        _print_json(found.as_json())
    else:
        years = f", {found.first_year} to {found.last_year}" if found.first_year else ""
        click.echo(f"Articles      {found.articles:,}{years}")
        click.echo(f"Retracted     {found.retracted:,}")
        click.echo(f"Withdrawn     {found.withdrawn:,}")
        for name, count in found.topics.items():
            click.echo(f"  {name:<22}{count:>9,}")
        click.echo(f"Last run      {_run_line(found.last_run) if found.last_run else 'none'}")
        click.echo(f"Last good     {found.last_good or 'none: not yet harvested from PubMed'}")
        click.echo(f"Problems      {found.unsolved_problems:,} unsolved")
        if found.sample:
            click.echo("This is the built-in sample: every record is invented.")
    if limit is not None and not found.fresh(limit):
        _echo(f"The last good run is older than {max_age}.")
        ctx.exit(FAILED)


@main.command()
@json_option
@click.pass_context
def runs(ctx: click.Context, as_json: bool) -> None:
    """List the runs, newest first.

    \b
    Example:
        harvester runs --json
    """
    from harvester.library.runs import run_rows

    with _reading(ctx) as connection:
        rows = run_rows(connection)
    if as_json:
        _print_json({"runs": rows})
        return
    for row in rows:
        click.echo(_run_line(row))


@main.command()
@click.option("--since", metavar="DATE", help="Only changes of runs since this day, YYYY-MM-DD.")
@json_option
@click.pass_context
def changes(ctx: click.Context, since: str | None, as_json: bool) -> None:
    """List what happened to which record: added, revised, retracted, left, ...

    \b
    Example:
        harvester changes --since 2026-01-01
    """
    from harvester.library.runs import change_rows

    if since is not None and not _is_date(since):
        raise SettingsError(f"{since} is not a day; write it like 2026-01-31.")
    with _reading(ctx) as connection:
        rows = change_rows(connection, since=since)
        if as_json:
            decoded = [{**row, "fields": json.loads(row["fields"] or "[]")} for row in rows]
            _print_json({"changes": decoded})
            return
        for row in rows:
            parts = json.loads(row["fields"] or "[]")
            detail = f" ({', '.join(parts)})" if parts else ""
            topic = f" {row['topic']}" if row["topic"] else ""
            title = row["title"] or ""
            click.echo(f"{row['at'][:10]} {row['kind']:<10}{row['pmid']:>9}{topic}{detail} {title}")


@main.command()
@json_option
@click.pass_context
def topics(ctx: click.Context, as_json: bool) -> None:
    """Print the topics and the exact searches that are sent to PubMed.

    \b
    Example:
        harvester topics
    """
    _, found, _ = _topics(ctx)
    if as_json:
        keys = ("name", "title", "rationale", "term")
        _print_json({"topics": [{key: getattr(topic, key) for key in keys} for topic in found]})
        return
    for topic in found:
        click.echo(click.style(f"{topic.name}: {topic.title}", bold=True))
        click.echo(click.wrap_text(topic.rationale, width=80))
        click.echo(f"\n{topic.term}\n")


@main.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """Check that the file is whole; exit 1 and a list if something is wrong.

    \b
    Example:
        harvester check
    """
    from harvester.intake import READERS
    from harvester.library.check import check as check_library

    path = _settings(ctx).db
    connect_read_only(path).close()
    with explained(path):
        connection = connect(path)
        try:
            faults = list(check_library(connection, lambda raw, form: READERS[form](raw)[1]))
        finally:
            connection.close()
    for fault in faults:
        click.echo(fault)
    if faults:
        ctx.exit(FAILED)
    _echo("The library is whole.")


# -- shared by the commands -------------------------------------------------------------------


def _harvest(
    ctx: click.Context,
    topic: str | None,
    *,
    full: bool = False,
    limit: int | None = None,
    silent: bool = False,
) -> Report:
    from harvester.harvest import harvest as harvest_library
    from harvester.pubmed.eutils import Eutils

    label, topics, _ = _topics(ctx, topic)
    settings = _settings(ctx)
    with _stopping() as stop, _progress(silent) as progress, Eutils(settings) as client:
        return harvest_library(
            settings.db,
            client,
            topics,
            label=label,
            full=full,
            limit=limit,
            progress=progress,
            stop=stop,
        )


def _load_sample(settings: Settings, *, silent: bool) -> Path:
    """Load the built-in sample into its own file beside the library."""
    from harvester.load import load as load_files

    path = settings.db.with_name(SAMPLE_DB)
    known = load_topics()
    with _progress(silent) as progress:
        load_files(
            path,
            [packaged_file("sample.xml.gz", checkout="data/sample.xml.gz")],
            [(topic, known.query(topic)) for topic in known.topics],
            label="all",
            keep_all=True,
            progress=progress,
            kind="sample",
        )
    return path


def _is_fresh(path: Path) -> bool:
    """True when the library had a good run within a day."""
    from harvester.library.status import read_status

    if not path.exists():
        return False
    try:
        with explained(path):
            connection = connect_read_only(path)
            try:
                return read_status(connection, now=datetime.now(UTC)).fresh(timedelta(days=1))
            finally:
                connection.close()
    except LibraryError:
        # A file without our tables; the harvest will say what is wrong with it.
        return False


def _has_articles(path: Path) -> bool:
    if not path.exists():
        return False
    with explained(path):
        connection = connect_read_only(path)
        try:
            return connection.execute("SELECT 1 FROM articles LIMIT 1").fetchone() is not None
        finally:
            connection.close()


@contextmanager
def _reading(ctx: click.Context) -> Iterator[sqlite3.Connection]:
    path = _settings(ctx).db
    with explained(path):
        connection = connect_read_only(path)
        try:
            yield connection
        finally:
            connection.close()


@contextmanager
def _progress(silent: bool) -> Iterator[Any]:
    show, close = progress_for(silent=silent)
    try:
        yield show
    finally:
        close()


@contextmanager
def _stopping() -> Iterator[Event]:
    """SIGTERM and Ctrl-C ask to stop; a second Ctrl-C stops at once."""
    stop = Event()

    def ask(number: int, frame: types.FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        _echo("Stopping after the records in hand ...")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _finish(report: Report, as_json: bool) -> None:
    if as_json:
        _print_json(report.as_json())
    else:
        click.echo(_summary(report))
    for problem in report.problems[:10]:
        where = f"PMID {problem.pmid}: " if problem.pmid else ""
        _echo(f"Problem: {where}{problem.reason}")
    if len(report.problems) > 10:
        _echo(f"... and {len(report.problems) - 10:,} more; see the problems table.")
    _exit_for(report)


def _exit_for(report: Report) -> None:
    if report.status == "partial":
        click.get_current_context().exit(PARTIAL)


def _summary(report: Report) -> str:
    counts = report.counts
    parts = [
        f"{getattr(counts, name):,} {name}"
        for name in ("added", "revised", "left", "withdrawn", "problems")
        if getattr(counts, name)
    ]
    what = ", ".join(parts) or "nothing new"
    return (
        f"Run {report.run_id}: {what}; {counts.held:,} held of {counts.reported:,} reported, "
        f"{report.requests:,} requests, {report.seconds:.1f} s."
    )


def _run_line(run: Any) -> str:
    counts = ", ".join(
        f"{run[name]:,} {name}"
        for name in ("added", "revised", "left", "withdrawn", "problems")
        if run[name]
    )
    error = f" {run['error']}" if run["error"] else ""
    return (
        f"{run['id']:>5}  {run['started']}  {run['command']} {run['topic']}: {run['status']}"
        f"{f' ({counts})' if counts else ''}{error}"
    )


def _duration(text: str) -> timedelta:
    match = re.fullmatch(r"(\d+)\s*([mhd])", text.strip())
    if not match:
        raise SettingsError(f"{text} is not an age; write it like 36h, 2d or 90m.")
    unit = {"m": "minutes", "h": "hours", "d": "days"}[match[2]]
    return timedelta(**{unit: int(match[1])})


def _is_date(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return False
    return True


def _print_json(value: Any, file: IO[str] | None = None) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False), file=file)


def _echo(message: str) -> None:
    click.echo(message, err=True)
