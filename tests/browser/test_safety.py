"""What a record cannot do to a reader."""

import pytest
from playwright.sync_api import Dialog

from tests.browser.conftest import Visit
from tests.site import shelf

pytestmark = pytest.mark.browser


def test_a_hostile_record_does_nothing(visit: Visit) -> None:
    page = visit("/about", library="odd")
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    base = f"/article/{shelf.HOSTILE}"
    for path in ("/search?q=alert&sort=newest", f"{base}.xml", f"{base}.json", "/", base):
        page.goto(path)
        page.wait_for_timeout(50)
    assert dialogs == []
    active = "main script, main img, main iframe, main [onclick], main [onerror]"
    assert page.locator(active).count() == 0
    assert page.locator("main a[href^='javascript']").count() == 0
    assert "alert(1)" in page.get_by_role("heading", level=1).inner_text()


def test_the_original_is_text_and_no_page(visit: Visit) -> None:
    page = visit(f"/article/{shelf.PLAIN}.xml", library="odd")
    assert page.evaluate("document.contentType") == "text/plain"
    assert "as received" in page.locator("body").inner_text()
