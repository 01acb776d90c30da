"""The command line by which Datasette serves the library: one place for all settings."""

import errno
import os
import socket
import sys
from pathlib import Path

from harvester.errors import SettingsError
from harvester.settings import packaged_file

__all__ = ["ALLOW_SQL", "TOPICS", "check_port", "datasette_command", "serve"]

# How the plugin learns that the operator has opened SQL (`harvester serve --allow-sql`).
ALLOW_SQL = "HARVESTER_ALLOW_SQL"
# And which file explains the searches (`harvester --topics FILE serve`).
TOPICS = "HARVESTER_TOPICS"

# metadata.yml cannot hold these (Datasette 0.65 reads them from the command line only).
SETTINGS = {
    "suggest_facets": "off",
    "allow_facet": "off",
    "facet_time_limit_ms": "500",
    "default_page_size": "50",
    "max_returned_rows": "1000",
    "sql_time_limit_ms": "1000",
    "default_cache_ttl": "300",
    "truncate_cells_html": "400",
    "num_sql_threads": "4",
}


def datasette_command(library: Path, *, host: str, port: int, allow_sql: bool = False) -> list[str]:
    """The program and arguments that serve `library`."""
    metadata = packaged_file("metadata.yml", checkout="metadata.yml")
    settings = {**SETTINGS, "default_allow_sql": "on" if allow_sql else "off"}
    command = [sys.executable, "-m", "datasette", "serve", str(library), "-m", str(metadata)]
    command += ["--host", host, "--port", str(port), "--cors"]
    for name, value in settings.items():
        command += ["--setting", name, value]
    return command


def serve(
    library: Path, *, host: str, port: int, allow_sql: bool = False, topics: Path | None = None
) -> None:
    """Become the server: this process is replaced, so signals reach it."""
    environment = {**os.environ, ALLOW_SQL: "1" if allow_sql else ""}
    if topics:
        environment[TOPICS] = str(topics.resolve())
    command = datasette_command(library, host=host, port=port, allow_sql=allow_sql)
    os.execve(command[0], command, environment)  # noqa: S606 (no shell, our own arguments)


def check_port(host: str, port: int) -> None:
    """Raises SettingsError, where the server would give a traceback, when the port is taken."""
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        reason = "it is in use" if error.errno == errno.EADDRINUSE else error.strerror
        raise SettingsError(
            f"The site cannot be served at {host}, port {port}: {reason}; "
            "choose another with --port."
        ) from error
