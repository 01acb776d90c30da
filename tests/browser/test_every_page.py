"""What holds for every kind of page: WCAG 2.2 AA, any width and theme, nobody else asked."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from harvester.site.routes import ROUTES
from tests.browser.axe import BY_COLOUR, violations
from tests.browser.kinds import KNOWN, MACHINES, OURS, STOCK, Kind
from tests.served import Served

pytestmark = pytest.mark.browser

WIDTHS = (1280, 390)
OPEN_ALL = "open => document.querySelectorAll('details').forEach(d => d.open = open)"
SCROLLS = "document.documentElement.scrollWidth - window.innerWidth"
OUTLINE = """[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')]
  .filter(h => h.checkVisibility()).map(h => +h.tagName[1])"""
# WCAG 1.4.12: what a reader may set for every text.
SPACE_TEXT = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important } p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
}"""
# What may weigh more than 100 kB: records as large as records get, and the measured accuracy of
# every value that a rule can find.
HEAVY = ("hostile", "huge", "accuracy", "whole map")


@dataclass(slots=True)
class Opened:
    """A page as it came, whom it asked, and what the console said."""

    kind: Kind
    site: Served
    page: Page
    status: int = 0
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@pytest.fixture(scope="module", params=[*OURS, *STOCK], ids=lambda kind: kind.name)
def opened(
    request: pytest.FixtureRequest, browser: Browser, sites: Mapping[str, Served]
) -> Iterator[Opened]:
    kind: Kind = request.param
    site = sites[kind.library]
    context = browser.new_context(base_url=site.url)
    found = Opened(kind=kind, site=site, page=context.new_page())

    def note_request(request: Request) -> None:
        found.asked.append(request.url)

    def note_message(message: ConsoleMessage) -> None:
        found.said.append(message.text)

    found.page.on("request", note_request)
    found.page.on("console", note_message)
    found.page.on("pageerror", lambda error: found.said.append(str(error)))
    response = found.page.goto(kind.path)
    found.status = response.status if response else 0
    yield found
    context.close()


def test_it_comes_as_it_should_from_here_alone(opened: Opened) -> None:
    """No request leaves the origin; nothing is blocked, and no script fails."""
    assert opened.status == opened.kind.status
    assert [url for url in opened.asked if not url.startswith(opened.site.url)] == []
    # Chromium notes the status of an error page itself.
    own = f"the server responded with a status of {opened.status}"
    assert [text for text in opened.said if own not in text or opened.status == 200] == []


def test_it_has_a_language_an_outline_and_the_notes(opened: Opened) -> None:
    page = opened.page
    page.evaluate(OPEN_ALL, True)
    levels = page.evaluate(OUTLINE)
    page.evaluate(OPEN_ALL, False)
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.title().endswith(" · The Living Library")
    assert page.get_by_role("main").count() == 1
    assert levels.count(1) == 1
    if "heading-order" not in KNOWN.get(opened.kind.name, {}):
        assert [(a, b) for a, b in pairwise(levels) if b > a + 1] == []
    expect(page.get_by_role("contentinfo")).to_contain_text("It is not medical advice")
    expect(page.locator("#crisis")).to_contain_text("call your local emergency number now")


def test_axe_finds_nothing(opened: Opened) -> None:
    """At both widths, in both themes, with all that can be closed closed and open.

    What is seen when all is closed has the same colours when all is open, and in another theme
    nothing but colours is another: so half of the time is saved.
    """
    page = opened.page
    # A title of a million letters fills thousands of lines, and axe compares colours in each.
    colours = opened.kind.name != "hostile"
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(OPEN_ALL, False)
        found |= violations(page, without=BY_COLOUR)
        page.evaluate(OPEN_ALL, True)
        found |= violations(page, without=() if colours else BY_COLOUR)
        if colours:
            page.emulate_media(color_scheme="dark")
            found |= violations(page, rules=BY_COLOUR)
            page.emulate_media(color_scheme="light")
    known = KNOWN.get(opened.kind.name, {}).keys()
    assert found.keys() - known == set(), "\n".join(found.values())
    assert known - found.keys() == set(), "mended: take it off the list of what is known"


def test_it_never_scrolls_sideways(opened: Opened) -> None:
    """320 px is also a window of 1280 px at 400 % (WCAG 1.4.10), 640 px at 200 % (1.4.4)."""
    page = opened.page
    wide = []
    for width in (640, 320):
        page.set_viewport_size({"width": width, "height": 800})
        for is_open in (False, True):
            page.evaluate(OPEN_ALL, is_open)
            if page.evaluate(SCROLLS) > 0:
                wide.append((width, is_open, "as it is"))
    page.evaluate(SPACE_TEXT)
    if page.evaluate(SCROLLS) > 0:
        wide.append((320, True, "with the reader's spacing"))
    page.evaluate("document.adoptedStyleSheets = []")
    assert wide == []


def test_it_is_light(opened: Opened) -> None:
    """Under 100 kB, one stylesheet and no script; Datasette's own pages have theirs."""
    if opened.kind not in STOCK:
        assert opened.page.locator("link[rel=stylesheet]").count() == 1
        assert opened.page.locator("script, style, [style]").count() == 0
    if opened.kind.name not in HEAVY and opened.kind.status == 200:
        assert len(opened.site.get(opened.kind.path).encode()) < 100_000


def test_every_route_is_a_page_seen_here_or_answers_programs(
    sites: Mapping[str, Served],
) -> None:
    """A new page cannot be forgotten: it has a line in `kinds.py`, or no person sees it."""
    paths = [kind.path.partition("?")[0] for kind in OURS]
    unseen = [pattern for pattern, _ in ROUTES if not any(re.match(pattern, p) for p in paths)]
    for pattern in unseen:
        examples = [path for path in MACHINES if re.match(pattern, path.partition("?")[0])]
        assert examples, f"nothing here is at {pattern}"
        with urlopen(sites["living"].url + examples[0], timeout=30) as reply:  # noqa: S310 (loopback)
            assert reply.headers.get_content_type() != "text/html", pattern
