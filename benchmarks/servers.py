"""The servers that are compared: ours, and stock Datasette on the same file."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.libraries import FLAT
from harvester.library.schema import FTS_TABLE
from harvester.serve import datasette_command

__all__ = ["Answer", "Client", "Server", "ours", "stock"]

_PATIENCE = 60  # s
_KEPT = 2  # s; uvicorn closes a connection that has been idle for 5 s


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`seconds` are of the clock on the wall, `cpu` of the server's processor."""

    status: int
    body: bytes
    seconds: float
    cpu: float
    etag: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that runs; `first` is what it answered after its start."""

    name: str
    port: int
    pid: int
    first: Answer

    def cpu(self) -> float:
        """Processor seconds of all its threads so far."""
        return time.clock_gettime(((~self.pid) << 3) | 2)  # the clock of another process (Linux)

    def memory(self) -> int:
        """Bytes in memory now."""
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        return int(found[1]) * 1024 if found else 0


class Client:
    """One connection that is kept."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.connection = HTTPConnection("127.0.0.1", server.port, timeout=_PATIENCE)
        self.used = 0.0

    def get(self, path: str, *, etag: str | None = None) -> Answer:
        """The answer to a path; anything but 200 and 304 ends the program."""
        if time.monotonic() - self.used > _KEPT:
            self.connection.close()
            self.connection.connect()
        before, began = self.server.cpu(), time.perf_counter()
        self.connection.request("GET", path, headers={"If-None-Match": etag} if etag else {})
        response = self.connection.getresponse()
        body = response.read()
        seconds = time.perf_counter() - began
        self.used = time.monotonic()
        if response.status not in (200, 304):
            raise SystemExit(f"{self.server.name} answers {response.status} to {path}")
        return Answer(
            status=response.status,
            body=body,
            seconds=seconds,
            cpu=self.server.cpu() - before,
            etag=response.getheader("ETag"),
        )

    def close(self) -> None:
        self.connection.close()


@contextmanager
def ours(library: Path) -> Iterator[Server]:
    """The site as `harvester serve` starts it."""
    port = _free_port()
    command = datasette_command(library, host="127.0.0.1", port=port)
    with _running("ours", command, port, "/search", dict(os.environ)) as server:
        yield server


@contextmanager
def stock(library: Path) -> Iterator[Server]:
    """Datasette without plugins and with its own settings, told of the table of lists."""
    port = _free_port()
    metadata = library.with_suffix(".stock.json")
    table = {"fts_table": FTS_TABLE, "fts_pk": "pmid", "label_column": "title"}
    metadata.write_text(json.dumps({"databases": {library.stem: {"tables": {FLAT: table}}}}))
    command = [sys.executable, "-m", "datasette", "serve", str(library), "-m", str(metadata)]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "DATASETTE_LOAD_PLUGINS": ""}
    with _running("stock", command, port, "/", environment) as server:
        yield server


@contextmanager
def _running(
    name: str, command: list[str], port: int, path: str, environment: dict[str, str]
) -> Iterator[Server]:
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(process, port)
        none = Answer(status=0, body=b"", seconds=0, cpu=0, etag=None)
        server = Server(name=name, port=port, pid=process.pid, first=none)
        client = Client(server)
        first = client.get(path)
        client.close()
        yield Server(name=name, port=port, pid=process.pid, first=first)
    finally:
        process.terminate()
        process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"A server did not start: {process.args!r}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
