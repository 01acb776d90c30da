"""Commands that change the library, and those that serve it."""

import signal
import types
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click

from harvester.commands.context import (
    Context,
    echo,
    exit_for,
    finish,
    host_option,
    json_option,
    port_option,
    progress_shown,
    reading,
    silent_option,
    summary,
    told_as_json,
    topic_option,
    wanted_topics,
)
from harvester.errors import LibraryBusy, LibraryError, ServiceDown, SettingsError
from harvester.evidence.overrides import overrides_in_force
from harvester.reports import Report
from harvester.settings import Settings, packaged_file
from harvester.topics import Topic, load_topics

if TYPE_CHECKING:
    from harvester.load import Spread

__all__ = ["derive", "harvest", "load", "serve", "up"]

SAMPLE_DB = "sample.db"


@click.command()
@host_option
@port_option
@click.option("--sample", is_flag=True, help="Serve the built-in sample; PubMed is not asked.")
@silent_option
@click.pass_obj
def up(context: Context, host: str, port: int, sample: bool, silent: bool) -> None:
    """Harvest if needed, then serve the site.

    PubMed is asked when the library is missing or older than a day. When PubMed is out of reach,
    what is there is served; when nothing is there yet, the built-in sample.

    \b
    Example:
        harvester up --port 8001
    """
    from harvester.serve import check_port
    from harvester.serve import serve as serve_library

    check_port(host, port)  # before a harvest of minutes
    settings = context.settings
    library = settings.db
    if sample:
        library = _load_sample(settings, silent=silent)
    elif not _is_fresh(settings.db, load_topics(context.topics_file)):
        try:
            echo(summary(_harvest(context, None, silent=silent, probe=True)))
        except (ServiceDown, LibraryBusy) as error:
            echo(str(error))
            if _has_articles(settings.db):
                echo("Serving the library as it is; it will be brought up to date next time.")
            else:
                library = _load_sample(settings, silent=silent)
                echo("Serving the built-in sample instead: every record of it is invented.")
                echo("To fill the real library, run: harvester harvest")
    echo(f"The site is at http://{host}:{port}/ (stop it with Ctrl-C).")
    serve_library(library, host=host, port=port, topics=context.topics_file)


@click.command()
@topic_option
@click.option("--full", is_flag=True, help="Fetch every record again, not only new and revised.")
@click.option("--limit", type=click.IntRange(min=1), help="Fetch at most this many records.")
@json_option
@silent_option
@click.pass_obj
def harvest(
    context: Context,
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
    with told_as_json(as_json):
        report = _harvest(context, topic, full=full, limit=limit, silent=silent)
    finish(report, as_json)


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@topic_option
@click.option("--all", "keep_all", is_flag=True, help="Keep every record, whatever its words.")
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Let a Dask cluster read them; the address of its scheduler, tcp://HOST:PORT.",
)
@json_option
@silent_option
@click.pass_obj
def load(
    context: Context,
    files: tuple[Path, ...],
    topic: str | None,
    keep_all: bool,
    cluster: str | None,
    as_json: bool,
    silent: bool,
) -> None:
    """Load PubMed files: XML, gzipped or not, and MEDLINE text (.nbib, .txt).

    Records that match a topic's words are kept, and marked with each topic they match. With
    --cluster the workers of a Dask cluster read the records, and this process writes them; the
    library is the same. It must be a cluster that only people you trust can reach.

    \b
    Examples:
        harvester load pubmed26n0001.xml.gz
        harvester load export.nbib --all
        harvester load pubmed26n*.xml.gz --all --cluster tcp://127.0.0.1:8786
    """
    from harvester.load import load as load_files

    label, topics, known = wanted_topics(context, topic)
    overrides_in_force()  # a mistake in it is told before anything begins
    with (
        told_as_json(as_json),
        progress_shown(silent) as progress,
        _spread(cluster) as spread,
    ):
        report = load_files(
            context.settings.db,
            files,
            [(item, known.parsed(item)) for item in topics],
            label=label,
            keep_all=keep_all,
            progress=progress,
            spread=spread,
        )
    finish(report, as_json)


@click.command()
@silent_option
@click.pass_obj
def derive(context: Context, silent: bool) -> None:
    """Make rows and text index again from the stored raw records.

    Needs no network. Run it after an update of the program.

    \b
    Example:
        harvester derive
    """
    from harvester.derive import derive as derive_library

    overrides_in_force()
    with progress_shown(silent) as progress:
        report = derive_library(context.settings.db, progress=progress)
    echo(f"Derived {report.counts.held:,} records in {report.seconds:.1f} s.")
    for note in report.notes or ["No finding is new, and none is gone."]:
        echo(note)
    exit_for(report)


@click.command()
@host_option
@port_option
@click.option("--allow-sql", is_flag=True, help="Let visitors run SQL of their own (read only).")
@click.pass_obj
def serve(context: Context, host: str, port: int, allow_sql: bool) -> None:
    """Serve the site with Datasette.

    \b
    Example:
        harvester serve --port 8001
    """
    from harvester.serve import check_port
    from harvester.serve import serve as serve_library

    library = context.settings.db
    with reading(library):
        pass
    check_port(host, port)
    echo(f"The site is at http://{host}:{port}/ (stop it with Ctrl-C).")
    serve_library(library, host=host, port=port, allow_sql=allow_sql, topics=context.topics_file)


def _harvest(
    context: Context,
    topic: str | None,
    *,
    full: bool = False,
    limit: int | None = None,
    silent: bool = False,
    probe: bool = False,
) -> Report:
    """Harvest; with `probe`, find out in seconds whether PubMed can be reached at all."""
    from harvester.harvest import harvest as harvest_library
    from harvester.pubmed.eutils import Eutils

    label, topics, _ = wanted_topics(context, topic)
    overrides_in_force()
    settings = context.settings
    with (
        _stopping() as stop,
        progress_shown(silent) as progress,
        Eutils(settings, stop=stop) as client,
    ):
        if probe:
            client.probe()
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


@contextmanager
def _spread(cluster: str | None) -> Iterator["Spread | None"]:
    """Where records are read: on a cluster, or as `load` does by itself."""
    if cluster is None:
        yield None
        return
    try:
        from harvester.cluster import spread_over
    except ImportError as error:
        raise SettingsError(
            "--cluster needs Dask; install it with: pip install 'ketamine-library[cluster]'."
        ) from error
    with spread_over(cluster) as spread:
        yield spread


def _load_sample(settings: Settings, *, silent: bool) -> Path:
    """Load the built-in sample into its own file beside the library."""
    from harvester.load import load as load_files

    path = settings.db.with_name(SAMPLE_DB)
    known = load_topics()
    with progress_shown(silent) as progress:
        load_files(
            path,
            [packaged_file("sample.xml.gz", checkout="data/sample.xml.gz")],
            [(topic, known.parsed(topic)) for topic in known],
            label="all",
            keep_all=True,
            progress=progress,
            kind="sample",
        )
    return path


def _is_fresh(path: Path, topics: Iterable[Topic]) -> bool:
    """True when each of the topics had a good run within a day."""
    from harvester.library.runs import last_good_run
    from harvester.library.status import is_fresh

    if not path.exists():
        return False
    day, now = timedelta(days=1), datetime.now(UTC)
    try:
        with reading(path) as connection:
            good = [last_good_run(connection, topic.name) for topic in topics]
        return all(
            run and is_fresh(now - datetime.fromisoformat(run["finished"]), day) for run in good
        )
    except LibraryError:
        # A file without our tables; the harvest will say what is wrong with it.
        return False


def _has_articles(path: Path) -> bool:
    if not path.exists():
        return False
    with reading(path) as connection:
        return connection.execute("SELECT 1 FROM articles LIMIT 1").fetchone() is not None


@contextmanager
def _stopping() -> Iterator[Event]:
    """SIGTERM and Ctrl-C ask to stop; a second Ctrl-C stops at once."""
    stop = Event()

    def ask(number: int, frame: types.FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        echo("Stopping after the records in hand ...")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
