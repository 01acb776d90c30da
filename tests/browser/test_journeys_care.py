"""People for whom it is about care: each comes to the home page with a question and leaves with
what it takes to act on the answer. With JavaScript and without."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.libraries import RETRACTED
from tests.browser.screen import choose, facet, look_for, number, results, section, total, years

pytestmark = pytest.mark.browser

DESK = 1280
PHONE = 390


def top(page: Page, text: str) -> float:
    """How far down the page a text stands, in pixels."""
    box = page.get_by_text(text).first.bounding_box()
    assert box, f"{text!r} cannot be seen"
    return box["y"]


def test_a_psychiatrist_looks_up_what_to_monitor(arrive: Visit) -> None:
    """Guidance on blood pressure, by date, the sentence itself, on paper for the clinic.

    The evidence page with typical numbers and their quotes is still to come.
    """
    page = arrive(width=DESK)
    look_for(page, '"blood pressure"')
    assert total(page) > 10
    promised = choose(page, "Publication type", "Practice Guideline")
    assert total(page) == promised > 0
    page.get_by_role("link", name="Newest", exact=True).click()
    assert years(page) == sorted(years(page), reverse=True)
    assert results(page).count() == promised
    first = results(page).first
    expect(first.locator("mark").first).to_be_visible()
    expect(first).to_contain_text(re.compile("guideline", re.IGNORECASE))
    first.get_by_role("heading").get_by_role("link").click()
    expect(page.get_by_role("link", name="Practice Guideline").first).to_be_visible()
    page.emulate_media(media="print")
    abstract = section(page, "Abstract")
    expect(abstract).to_contain_text(re.compile("blood pressure", re.IGNORECASE))
    expect(abstract).to_be_visible()
    expect(page.get_by_text("Complete to PubMed of 22 November 2026")).to_be_visible()
    expect(page.get_by_role("heading", name="Not medical advice")).to_be_visible()
    expect(page.get_by_role("navigation", name="Site")).to_be_hidden()


def test_a_patient_reads_on_a_phone_at_night(arrive: Visit) -> None:
    """Does it work, is it safe, where do I get help? Nothing may sell, promise or hide.

    The plain-language page is still to come; until then the way in is how to read what is here.
    """
    page = arrive(width=PHONE, has_touch=True)
    page.get_by_role("link", name="Help in a crisis").click()
    help_now = page.get_by_text("call your local emergency number now")
    expect(help_now.first).to_be_in_viewport()
    expect(page.get_by_role("link", name="findahelpline.com").first).to_be_visible()
    # A whole question finds nothing, but says what would.
    look_for(page, "does ketamine work for depression")
    expect(page.get_by_role("heading", level=1)).to_contain_text("No article has all of these")
    way_on = section(page, "What would find something").get_by_role("link").first
    promised = number(way_on.locator(".count").inner_text())
    way_on.click()
    assert total(page) == promised > 0
    # Whoever looks for this may need help more than papers: it comes before them.
    look_for(page, "suicidal thoughts")
    assert top(page, "call your local emergency number now") < top(page, "PMID 9")
    page.get_by_role("banner").get_by_role("link", name=re.compile("The Living Library")).click()
    page.get_by_role("link", name="Reading for yourself or someone close").click()
    reading = section(page, "How to read what is here")
    expect(reading).to_be_in_viewport()
    expect(reading).to_contain_text("One study rarely settles anything")
    expect(reading).to_contain_text("Do not start, stop or change a treatment")
    reading.get_by_role("link", name="Articles with free full text").click()
    expect(results(page).first).to_contain_text("Free full text")
    for doubtful in ("clinic near you", "book now", "miracle", "breakthrough"):
        assert doubtful not in page.locator("body").inner_text().lower()


def test_a_journalist_checks_a_trial_that_was_in_the_news(arrive: Visit) -> None:
    """It was retracted, which nobody can overlook; it had found no difference; how to cite it.

    Null trials beside positive ones, with words of certainty, need the evidence pages.
    """
    page = arrive(width=DESK)
    look_for(page, "FERNLIGHT-6")
    found = results(page).filter(has_text=str(RETRACTED))
    expect(found.get_by_text("Retracted", exact=True)).to_be_visible()
    assert top(page, "Retracted") < top(page, "primary results of the")
    found.get_by_role("heading").get_by_role("link").click()
    expect(page.get_by_role("heading", name="This article was retracted")).to_be_in_viewport()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Retracted: "))
    assert page.title().startswith("Retracted: ")
    expect(section(page, "Abstract")).to_contain_text("The primary outcome was not met")
    citation = page.locator(".citation")
    expect(citation).to_contain_text("[retracted]")
    # One click takes all of it, and nothing else.
    assert citation.evaluate("e => getComputedStyle(e).userSelect") == "all"
    page.get_by_role("link", name="Retraction notice").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Retraction")
    page.get_by_role("main").get_by_role("link", name=re.compile("FERNLIGHT-6")).first.click()
    expect(page.get_by_role("heading", name="This article was retracted")).to_be_visible()


def test_a_guideline_panel_asks_what_changed_since_it_last_met(arrive: Visit) -> None:
    """New trials, what was retracted or is gone, each with its day; and a feed for the next time.

    Trials by comparator, harms and funding need the findings.
    """
    page = arrive(width=DESK)
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Changes").click()
    page.get_by_role("textbox", name="From").fill("2026-11-21")
    page.get_by_role("button", name="Apply").click()
    kinds = page.get_by_role("list", name="Kind of change")
    expect(kinds.get_by_role("link", name="Retracted 1")).to_be_visible()
    expect(kinds.get_by_role("link", name="No longer in PubMed 1")).to_be_visible()
    day = page.get_by_role("region", name="21 November 2026")
    expect(day.get_by_role("link", name=re.compile("FERNLIGHT-6"))).to_be_visible()
    expect(day).to_contain_text("PubMed no longer has it.")
    new = kinds.get_by_role("link", name=re.compile(r"^New \d+$"))
    promised = number(new.inner_text())
    new.click()
    added = page.get_by_role("region", name="21 November 2026").get_by_role("article")
    assert added.count() == promised == 4
    randomised = re.compile(r"randomi[sz]ed", re.IGNORECASE)
    expect(added.filter(has=page.locator(".design", has_text=randomised))).to_have_count(3)
    feed = page.get_by_role("link", name="Atom feed").first.get_attribute("href") or ""
    reply = page.request.get(feed)
    assert reply.headers["content-type"].startswith("application/atom+xml")
    assert reply.text().count("<entry>") == promised


def test_a_regulator_checks_a_signal(arrive: Visit) -> None:
    """All on safety, narrowed by words that have other names; what was retracted is marked.

    Harms by direction, designs and drug forms need the findings.
    """
    page = arrive(width=DESK)
    link = section(page, "What is in here").get_by_role("link", name="Safety of ketamine")
    promised = number(link.locator(".count").inner_text())
    link.click()
    assert total(page) == promised
    retracted = choose(page, "Status", "Retracted")
    assert total(page) == retracted > 0
    expect(results(page).get_by_text("Retracted", exact=True)).to_have_count(retracted)
    page.get_by_role("list", name="Filters in force").get_by_role(
        "link", name=re.compile("^Status: Retracted")
    ).click()
    assert total(page) == promised
    harm = facet(page, r"Safety topic \d+").get_by_role("link").first
    of_it = number(harm.locator(".count").inner_text())
    harm.click()
    assert total(page) == of_it < promised
    # The words of the field have other names; what was added is said, and can be left out.
    look_for(page, "suicidal thoughts")
    wide = total(page)
    expect(page.get_by_role("main")).to_contain_text("Also searched for: suicidal ideation")
    exact = page.get_by_role("link", name=re.compile("Only the exact words"))
    promised = number(exact.inner_text())
    exact.click()
    assert total(page) == promised < wide
    results(page).first.get_by_text("Why it matched").click()
    expect(
        results(page).first.get_by_text(re.compile("abstract|title|keyword")).last
    ).to_be_visible()


def test_somebody_on_a_phone_filters_with_a_thumb(arrive: Visit) -> None:
    """On a slow network, with one hand: one column, one disclosure, targets of 24 px and more."""
    page = arrive(width=PHONE, has_touch=True, is_mobile=True)
    look_for(page, "ketamine")
    everything = total(page)
    filters = page.get_by_role("navigation", name="Filters")
    expect(filters.get_by_role("textbox", name="From")).to_be_hidden()
    filters.get_by_text("Filters", exact=True).tap()
    language = facet(page, "Language")
    promised = number(language.get_by_role("link", name=re.compile("^German")).inner_text())
    targets = filters.locator("a:visible, summary:visible, input:visible, button:visible").all()
    targets += page.get_by_role("navigation", name="Site").get_by_role("link").all()
    targets += page.get_by_role("navigation", name="Pages").get_by_role("link").all()
    boxes = [target.bounding_box() for target in targets]
    assert len(boxes) > 20
    assert [box for box in boxes if box and min(box["width"], box["height"]) < 24] == []
    language.get_by_role("link", name=re.compile("^German")).tap()
    assert total(page) == promised < everything
    expect(results(page).first).to_contain_text("In German")
    results(page).first.get_by_role("heading").get_by_role("link").tap()
    expect(section(page, "Abstract").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
