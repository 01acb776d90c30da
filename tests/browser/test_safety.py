"""What a record cannot do to a reader, and whom a page talks to."""

import pytest
from playwright.sync_api import ConsoleMessage, Dialog, Page, Request

from tests.browser.conftest import PAGES
from tests.served import Served
from tests.site import shelf

pytestmark = pytest.mark.browser


def test_no_request_leaves_the_origin_and_nothing_is_blocked(page: Page, site: Served) -> None:
    elsewhere: list[str] = []
    said: list[str] = []

    def note_request(request: Request) -> None:
        if not request.url.startswith(site.url):
            elsewhere.append(request.url)

    def note_message(message: ConsoleMessage) -> None:
        if "404 (Not Found)" not in message.text:
            said.append(message.text)

    page.on("request", note_request)
    page.on("console", note_message)
    for path in PAGES.values():
        page.goto(path)
    assert elsewhere == []
    assert said == []


def test_a_hostile_record_does_nothing(page: Page) -> None:
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    base = f"/article/{shelf.HOSTILE}"
    for path in (base, "/search?q=alert&sort=newest", f"{base}.xml", f"{base}.json", "/"):
        page.goto(path)
        page.wait_for_timeout(50)
    page.goto(base)
    assert dialogs == []
    assert (
        page.locator("main script, main img, main iframe, main [onclick], main [onerror]").count()
        == 0
    )
    assert page.locator("main a[href^='javascript']").count() == 0
    assert "alert(1)" in page.locator("h1").inner_text()


def test_the_original_is_text_and_no_page(page: Page) -> None:
    page.goto(f"/article/{shelf.PLAIN}.xml")
    assert page.evaluate("document.contentType") == "text/plain"
    assert "as received" in page.locator("body").inner_text()


def test_pages_are_light(page: Page, site: Served) -> None:
    """Under 100 kB without the stylesheet, and one stylesheet (20 articles to a page)."""
    sizes = {
        path: len(site.get(path).encode()) for path in PAGES.values() if site.status(path) == 200
    }
    sizes.pop(PAGES["hostile"])
    assert {path: size for path, size in sizes.items() if size > 100_000} == {}
    page.goto("/")
    assert page.locator("link[rel=stylesheet]").count() == 1
    assert page.locator("script").count() == 0
