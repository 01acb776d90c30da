"""A library of the built-in sample and one record for each odd thing, served to a real Chromium."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from harvester.load import load
from harvester.serve import datasette_command
from harvester.settings import packaged_file
from harvester.topics import load_topics
from tests.served import Served, clean_environment, free_port, served
from tests.site import shelf

pytest.importorskip("pytest_playwright")
pytest.importorskip("axe_playwright_python")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# No sandbox in a container; the rest keeps Chromium from talking to anybody but us.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

PAGES = {
    "home": "/",
    "search": "/search?q=ketamine",
    "filtered": "/search?q=ketamine&type=Review&from=2010",
    "crisis": "/search?q=suicide",
    "no hits": "/search?q=xyzzyx+ketamine",
    "values": "/search/mesh",
    "article": f"/article/{shelf.PLAIN}",
    "retracted": f"/article/{shelf.RETRACTED}",
    "corrected": f"/article/{shelf.CORRECTED}",
    "book": f"/article/{shelf.CHAPTER}",
    "Chinese": f"/article/{shelf.CHINESE}",
    "hostile": f"/article/{shelf.HOSTILE}",
    "about": "/about",
    "404": "/article/91999999",
}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("site")
    library = folder / "literature.db"
    topics = load_topics()
    load(
        library,
        [packaged_file("sample.xml.gz", checkout="data/sample.xml.gz")],
        [(topic, topics.parsed(topic)) for topic in topics],
        label="all",
        kind="sample",
    )
    shelf.add_records(library)
    port = free_port()
    with served(
        datasette_command(library, host="127.0.0.1", port=port),
        port=port,
        cwd=folder,
        environment=clean_environment(),
        output=folder / "output.txt",
        patience=30,
    ) as running:
        yield running


@pytest.fixture(scope="session")
def base_url(site: Served) -> str:
    """So that `page.goto("/about")` works."""
    return site.url
