"""Programs that serve on the loopback interface: a free port, waiting until they answer, ending."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def clean_environment(**more: str) -> dict[str, str]:
    """This environment without what would tie a program to this checkout or to NCBI."""
    ours = ("HARVESTER_", "NCBI_", "PYTHON", "VIRTUAL_ENV", "MAKE", "MFLAGS", "PYTEST_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, **more}


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A program that answers at `url`; what it said so far is in the file `output`."""

    url: str
    seconds: float
    output: Path

    def get(self, path: str) -> str:
        with urlopen(self.url + path, timeout=30) as response:  # noqa: S310 (loopback)
            return str(response.read().decode())

    def status(self, path: str) -> int:
        try:
            with urlopen(self.url + path, timeout=30) as response:  # noqa: S310 (loopback)
                return int(response.status)
        except HTTPError as error:
            return error.code

    @property
    def said(self) -> str:
        return self.output.read_text()


@contextmanager
def served(
    command: Sequence[str],
    *,
    port: int,
    cwd: Path,
    environment: Mapping[str, str],
    output: Path,
    patience: float,
) -> Iterator[Served]:
    """Run a program until its home page answers, and end it by its own process id afterwards."""
    url = f"http://127.0.0.1:{port}"
    started = time.monotonic()
    with output.open("w") as stream:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdout=stream,
            stderr=stream,
            stdin=subprocess.DEVNULL,
        )
    try:
        while not answers(url):
            seconds = time.monotonic() - started
            assert process.poll() is None, f"it ended: {output.read_text()}"
            assert seconds < patience, f"no answer in {seconds:.0f} s: {output.read_text()}"
            time.sleep(0.2)
        yield Served(url=url, seconds=time.monotonic() - started, output=output)
    finally:
        process.terminate()
        process.wait(timeout=30)
    assert not answers(url), "it goes on serving after it was told to stop"


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=30) as response:  # noqa: S310 (loopback)
            return bool(response.status == 200)
    except HTTPError as error:
        raise AssertionError(f"{url} answers {error.code}: {error.read().decode()}") from error
    except (URLError, ConnectionError):
        return False
