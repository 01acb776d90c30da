"""The site in process: a small library served by Datasette, without a socket."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from datasette.app import Datasette

from harvester.site.catalogue import Catalogue, read_catalogue
from tests.site import stacks

ROOT = Path(__file__).resolve().parents[2]

Get = Callable[..., httpx.Response]


def serve(*libraries: Path, metadata: Any = None, **options: Any) -> Datasette:
    """A Datasette as `harvester serve` would start it."""
    return Datasette([str(path) for path in libraries], metadata=metadata, cors=True, **options)


def getter(datasette: Datasette) -> Get:
    """A function that asks for a path and gives the answer; redirects are not followed."""

    def get(path: str, *, method: str = "GET", **options: Any) -> httpx.Response:
        return asyncio.run(datasette.client.request(method, path, **options))

    return get


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("stacks") / "literature.db"
    stacks.make_library(path)
    return path


@pytest.fixture
def connection(library: Path) -> Iterator[sqlite3.Connection]:
    """As Datasette opens it: for reading only."""
    connection = sqlite3.connect(f"file:{library}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


@pytest.fixture
def catalogue(connection: sqlite3.Connection) -> Catalogue:
    return read_catalogue(connection)


@pytest.fixture(scope="session")
def get(library: Path) -> Get:
    return getter(serve(library))
