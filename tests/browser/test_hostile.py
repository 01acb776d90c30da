"""Harmful records in a real browser: nothing runs, nothing is fetched elsewhere."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Dialog, Frame, Page, Request

from harvester.serve import datasette_command
from harvester.site.links import author_path, journal_path, mesh_path, trial_path
from tests.served import Served, clean_environment, free_port, served
from tests.site import hostile

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def harmful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("harmful")
    library = folder / "literature.db"
    hostile.make_library(library)
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


ARTICLES = [f"/article/{hostile.FIRST + n}" for n in range(len(hostile.PAYLOADS))]
LISTS = ["/", "/search?q=alert", "/search?q=script+onerror", "/search?sort=newest", "/changes"]
LISTS += ["/methods", "/search/drug", "/search/journal?q=alert", "/search?q=%3Cscript%3E"]
PLACES = [
    path(text)
    for path in (author_path, journal_path, mesh_path, trial_path)
    for text in hostile.PAYLOADS[:3]
]
# Their policy lets scripts in the page run, so all depends on escaping there.
STOCK = ["/literature", *(f"/literature/{table}?_size=max" for table in ("articles", "authors"))]
STOCK += [f"/literature/{table}" for table in ("findings", "problems", "runs", "journals")]
STOCK += [f"/literature/articles/{hostile.FIRST + n}" for n in range(0, 24, 4)]
DATA = [f"{ARTICLES[0]}.json", f"{ARTICLES[0]}.xml", "/search.json?q=alert", "/changes.atom"]


@pytest.mark.parametrize(
    "paths", [ARTICLES, LISTS, PLACES, STOCK, DATA], ids="articles lists places stock data".split()
)
def test_a_harmful_record_does_nothing(page: Page, harmful: Served, paths: list[str]) -> None:
    ran: list[str] = []
    asked: list[str] = []

    def note_dialog(dialog: Dialog) -> None:
        ran.append(f"{page.url}: {dialog.message}")
        dialog.dismiss()

    def note_request(request: Request) -> None:
        if not request.url.startswith((harmful.url, "data:")):
            asked.append(request.url)

    def note_frame(frame: Frame) -> None:
        if frame.parent_frame:
            ran.append(f"{page.url}: a frame")

    page.on("dialog", note_dialog)
    page.on("request", note_request)
    page.on("frameattached", note_frame)
    page.add_init_script("window.alert = text => { window.harmed = text; }")
    for path in paths:
        page.goto(harmful.url + path)
        # A pointer over everything, for what waits for one.
        for found in page.locator("main h1, main h2 + *").all()[:3]:
            found.hover(timeout=2_000, force=True)
        assert page.evaluate("window.harmed") is None, path
        assert page.locator("iframe, object, embed, base").count() == 0, path
        bad = "a[href^='javascript' i], a[href^='data:' i], [onerror], [onload], [srcdoc]"
        assert page.locator(bad).count() == 0, path
        assert page.url.startswith(harmful.url), path
    assert ran == []
    assert asked == []
