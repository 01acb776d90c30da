"""Articles as files for other programs."""

import signal
import sqlite3
import sys
import types
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import click

from harvester.commands.context import Context, echo, progress_shown, reading, silent_option
from harvester.errors import Interrupted, SettingsError
from harvester.reports import Progress

if TYPE_CHECKING:
    from harvester.exports.formats import Format
    from harvester.library.holdings import Holding
    from harvester.site.urls import Search

__all__ = ["export"]

# What `exports.formats` has; named here, as no other command needs it.
FORMATS = ("ris", "nbib", "bibtex", "csl-json", "csv", "jsonl", "parquet")
_LABEL = "Writing"
_TOLD = 500  # records between two reports of progress


@click.command()
@click.argument("form", metavar="FORMAT", type=click.Choice(FORMATS))
@click.option("--search", "q", default="", metavar="Q", help="Words, as on the search page.")
@click.option(
    "--filter",
    "filters",
    multiple=True,
    metavar="NAME=VALUE",
    help="As in the search page's address: design=rct, from=2019. Repeat a name for either value.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, allow_dash=True),
    default="-",
    metavar="FILE",
    help="A file, or a folder in which one is named for the search and the day. Else stdout.",
)
@click.option(
    "--parts",
    "in_parts",
    is_flag=True,
    help="Numbered files of 15,000 records, for programs that take no more (ris, nbib).",
)
@silent_option
@click.pass_obj
def export(
    context: Context,
    form: str,
    q: str,
    filters: tuple[str, ...],
    output: Path,
    in_parts: bool,
    silent: bool,
) -> None:
    """Write all that a search finds as ris, nbib, bibtex, csl-json, csv, jsonl or parquet.

    What the search page shows is exported, in its order. Without --search and --filter that is the
    whole library. Parquet is a folder with a file for each year; on stdout it is a single file.

    \b
    Examples:
        harvester export ris --search "esketamine relapse" -o relapse.ris
        harvester export csv --filter design=rct --filter from=2019 -o trials.csv
        harvester export nbib --parts -o .
    """
    from harvester.exports import formats
    from harvester.exports.files import encoded
    from harvester.exports.parquet import is_ours
    from harvester.site.cache import Cache
    from harvester.site.selection import file_stem, select
    from harvester.site.unknown import unknown_values

    chosen = formats.FORMATS[form]
    _check(chosen, output, in_parts)
    asked = _search(q, filters)
    with (
        _ended_by_sigterm(),
        reading(context.settings.db) as connection,
        progress_shown(silent) as show,
    ):
        connection.row_factory = sqlite3.Row
        cache = Cache()
        catalogue = cache.catalogue(connection)
        for slip in unknown_values(connection, catalogue, asked):
            raise SettingsError(
                f"There is no {slip.facet.name} {slip.value}. There are: {', '.join(slip.values)}."
            )
        pmids = select(connection, cache, asked)
        show(_LABEL, 0, len(pmids))
        if str(output) == "-":
            stream = sys.stdout.buffer
            for data in encoded(chosen, _records(connection, pmids, show)):
                stream.write(data)
            stream.flush()
            written = []
        else:
            if output.is_dir() and not (form == "parquet" and is_ours(output)):
                output /= f"{file_stem(connection, asked)}.{chosen.suffix}"
            written = _write(connection, chosen, pmids, output, in_parts, show)
        show(_LABEL, len(pmids), len(pmids))
    for path in written:
        echo(str(path))
    if not silent:
        echo(f"{len(pmids):,} {'record' if len(pmids) == 1 else 'records'} written.")


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends the command as Ctrl-C does, so that nothing unfinished stays behind."""

    def end(number: int, frame: types.FrameType | None) -> None:
        raise Interrupted("The export was stopped.")

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _check(form: "Format", output: Path, in_parts: bool) -> None:
    """Raises SettingsError for what cannot be written so."""
    from harvester.exports.parquet import MISSING

    to_stdout = str(output) == "-"
    if not (to_stdout or output.parent.is_dir()):
        raise SettingsError(f"There is no folder {output.parent}.")
    if not form.available:
        raise SettingsError(MISSING)
    if in_parts and not form.in_parts:
        raise SettingsError(f"--parts is for ris and nbib; {form.name} is always whole.")
    if in_parts and to_stdout:
        raise SettingsError("--parts needs -o and the name of a file or a folder.")
    if form.name == "parquet" and to_stdout and sys.stdout.isatty():
        raise SettingsError("Parquet is nothing to read on a terminal; name a folder with -o.")


def _search(q: str, filters: Iterable[str]) -> "Search":
    """The search, with each filter read as the page reads it; none is passed over."""
    from harvester.site import urls
    from harvester.site.facets import FACETS
    from harvester.site.measures import MEASURES

    ranges = [f"{name}_{end}" for name in MEASURES for end in ("from", "to")]
    known = [*FACETS, "from", "to", *ranges, "sort", "exact"]
    given: list[tuple[str, str]] = [("q", q)]
    for text in filters:
        name, _, value = (part.strip() for part in text.partition("="))
        if name not in known:
            raise SettingsError(f"There is no filter {name}. There are: {', '.join(known)}.")
        if name not in FACETS and name in (other for other, _ in given):
            raise SettingsError(f"The filter {name} takes one value; it was given twice.")
        alone = urls.read(urlencode([("q", "words"), (name, value)]))
        if len(urls.pairs(alone)) < 2 and value != alone.order:
            raise SettingsError(f"The filter {name} cannot be {value or 'empty'}.")
        given.append((name, value))
    return urls.read(urlencode(given))


def _records(
    connection: sqlite3.Connection, pmids: list[int], show: Progress
) -> Iterator["Holding"]:
    from harvester.library.holdings import read_holdings

    for done, holding in enumerate(read_holdings(connection, pmids)):
        if done % _TOLD == 0 and done:
            show(_LABEL, done, len(pmids))
        yield holding


def _write(
    connection: sqlite3.Connection,
    form: "Format",
    pmids: list[int],
    output: Path,
    in_parts: bool,
    show: Progress,
) -> list[Path]:
    """Write the file, its parts, or the folder; gives their names."""
    from harvester.exports import parquet
    from harvester.exports.files import write_file, write_parts
    from harvester.library.holdings import by_year

    if form.name == "parquet":
        parquet.write_folder(_records(connection, by_year(connection, pmids), show), output)
    elif in_parts:
        return write_parts(form, _records(connection, pmids, show), output, count=len(pmids))
    else:
        write_file(form, _records(connection, pmids, show), output)
    return [output]
