"""Three libraries served by `harvester serve`, and one real Chromium to look at them."""

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.browser import libraries
from tests.browser.libraries import RELEASES
from tests.served import Served, clean_environment, free_port, served

pytest.importorskip("pytest_playwright")
pytest.importorskip("axe_playwright_python")

from playwright.sync_api import Browser, Page

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
MAKERS = {
    "living": libraries.make_living,
    "odd": libraries.make_odd,
    "empty": libraries.make_empty,
}

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Served]]:
    """The three libraries, each at an address of its own."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(_serve(make, tmp_path_factory.mktemp(name)))
            for name, make in MAKERS.items()
        }


def _serve(make: Callable[[Path], None], folder: Path) -> AbstractContextManager[Served]:
    library = folder / "literature.db"
    make(library)
    port = free_port()
    return served(
        [sys.executable, "-m", "harvester", "--db", library, "serve", "--port", str(port)],
        port=port,
        cwd=folder,
        environment={**clean_environment(), "HARVESTER_RELEASES": str(folder / RELEASES)},
        output=folder / "output.txt",
        patience=30,
    )


@pytest.fixture(scope="session")
def base_url(sites: Mapping[str, Served]) -> str:
    """So that `page.goto("/about")` is of the living library."""
    return sites["living"].url


@pytest.fixture
def visit(browser: Browser, sites: Mapping[str, Served]) -> Iterator[Visit]:
    """A function that opens a window of this width on a library, at its home page or elsewhere."""
    with ExitStack() as stack:

        def open_window(
            path: str = "/", *, library: str = "living", width: int = 1280, **options: Any
        ) -> Page:
            context = stack.enter_context(
                browser.new_context(
                    base_url=sites[library].url,
                    viewport={"width": width, "height": 800},
                    **options,
                )
            )
            context.set_default_timeout(10_000)
            page = context.new_page()
            page.goto(path)
            return page

        yield open_window


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def arrive(request: pytest.FixtureRequest, visit: Visit) -> Visit:
    """As `visit`, once with JavaScript and once without: nobody may need it."""
    return partial(visit, java_script_enabled=request.param)
