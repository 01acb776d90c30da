"""From a number in the abstract to the finding, back to the words, and on to a report."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

ARTICLE = "/article/90001823"


@pytest.mark.parametrize("width", [1280, 390])
def test_a_number_opens_the_words_of_its_finding(arrive: Visit, width: int) -> None:
    page = arrive(ARTICLE, width=width)
    number = page.locator("mark a").first
    words = number.locator("xpath=..").inner_text()
    place = number.get_attribute("href") or ""
    finding = page.locator(place)
    expect(finding.locator("blockquote")).to_be_hidden()
    number.click()
    expect(finding.locator("blockquote mark")).to_be_visible()
    expect(finding.locator("blockquote mark")).to_be_in_viewport()
    assert finding.locator("blockquote mark").inner_text() in re.sub(r"\d+$", "", words)
    finding.get_by_role("link", name="In the text").click()
    expect(number).to_be_in_viewport()
    assert page.url.endswith(f"#{number.get_attribute('id')}")


def test_the_keyboard_opens_a_finding_and_reports_it(arrive: Visit) -> None:
    page = arrive(ARTICLE, width=1280)
    finding = page.locator(".findings > li").first
    label = finding.locator("summary b").inner_text()
    finding.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(finding.locator("blockquote")).to_be_visible()
    finding.get_by_role("link", name=re.compile("^Wrong")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Report a mistake")
    expect(page.locator(".lead")).to_contain_text(label)
    expect(page.get_by_text("It is labelled:")).to_be_visible()
