"""The command line: options for all commands, error messages, exit codes. Nobody imports it."""

import logging
import sys
from pathlib import Path
from typing import Any

import click

from harvester import __version__
from harvester.commands import ledger, update
from harvester.commands.context import FAILED, Context, echo
from harvester.commands.digest import digest
from harvester.commands.export import export
from harvester.commands.release import release
from harvester.commands.report import report
from harvester.errors import (
    ClusterDown,
    HarvesterError,
    HistoryGone,
    Interrupted,
    LibraryBusy,
    ServiceDown,
    SettingsError,
)
from harvester.settings import DEFAULT_DB, Settings

USAGE, TEMPORARY = 2, 75


class Commands(click.Group):
    """Turns errors of ours into one sentence on stderr; a traceback only with --debug."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except HarvesterError as error:
            if ctx.params.get("debug"):
                raise
            echo(f"Error: {error}")
            raise click.exceptions.Exit(_exit_code(error)) from error
        except UnicodeEncodeError as error:
            if ctx.params.get("debug"):
                raise
            raise click.UsageError("A name or an option is not text in UTF-8.") from error
        except OSError as error:
            if ctx.params.get("debug") or isinstance(error, BrokenPipeError):
                raise
            where = f" ({error.filename})" if error.filename else ""
            raise click.ClickException(f"{error.strerror or error}{where}.") from error


def _exit_code(error: HarvesterError) -> int:
    if isinstance(error, ServiceDown | HistoryGone | LibraryBusy | ClusterDown | Interrupted):
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
    ctx.obj = Context(settings=Settings.from_environment(db=db), topics_file=topics_file)


for command in (
    update.up,
    update.harvest,
    update.load,
    update.derive,
    update.serve,
    ledger.status,
    ledger.runs,
    ledger.changes,
    ledger.topics,
    ledger.check,
    export,
    report,
    digest,
    release,
):
    main.add_command(command)
