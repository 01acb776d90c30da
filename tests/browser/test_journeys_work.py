"""People whose work it is: each must be able to show, line by line, why the answer is right.
With JavaScript and without."""

import csv
import json
import re

import pytest
from playwright.sync_api import Page, expect

from harvester.topics import load_topics
from tests.browser.conftest import Visit
from tests.browser.libraries import REVISED
from tests.browser.screen import (
    choose,
    facet,
    look_for,
    number,
    results,
    section,
    title,
    total,
    years,
)

pytestmark = pytest.mark.browser

DESK = 1280
FOCUS = """() => {
  const e = document.activeElement, box = e.getBoundingClientRect();
  const seen = document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {
    name: e.tagName, text: (e.ariaLabel || e.innerText || e.name || '').trim().split('\\n')[0],
    outline: getComputedStyle(e).outlineStyle,
    width: parseFloat(getComputedStyle(e).outlineWidth),
    inside: box.top < innerHeight && box.bottom > 0 && box.left < innerWidth && box.right > 0,
    bare: seen.length === 0 || seen.some(s => s === e || e.contains(s) || s.contains(e)),
  };
}"""


def to_the(page: Page, area: str, link: str) -> None:
    page.get_by_role("navigation", name=area).get_by_role("link", name=link, exact=True).click()


def test_a_reviewer_counts_the_randomised_trials_since_2020(arrive: Visit) -> None:
    """The count is the list: over all pages, each article once, at an address that stays.

    Files for a reference manager and the reasons of exclusion are still to come.
    """
    page = arrive(width=DESK)
    page.get_by_role("link", name=re.compile(r"^All \d+ randomised trials$")).click()
    years_form = facet(page, "Year")
    years_form.get_by_role("textbox", name="From").fill("2020")
    years_form.get_by_role("button", name="Apply").click()
    count, address = total(page), page.url
    assert count > 40
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"\d of them (is|are) retracted"))
    seen: list[str] = []
    while True:
        assert min(years(page)) >= 2020
        assert all(
            "randomi" in text.lower() for text in results(page).locator(".facts").all_inner_texts()
        )
        seen += results(page).locator(".shelfmark span").all_inner_texts()
        following = page.get_by_role("link", name="Next", exact=True)
        if not following.count():
            break
        following.click()
    assert len(seen) == len(set(seen)) == count
    assert page.request.get(address.replace("/search?", "/search.json?")).json()["total"] == count
    page.goto(address)
    assert total(page) == count


def test_a_librarian_audits_the_strategy(arrive: Visit) -> None:
    """Every search as it was sent, word for word; what PubMed counted; every run; an appendix."""
    page = arrive(width=DESK)
    page.get_by_role("link", name="Writing a systematic review").click()
    page.get_by_role("link", name="Is anything missing?").click()
    rows = section(page, "Is anything missing?").get_by_role("row").all()[1:]
    assert len(rows) >= 4
    for row in rows:
        says, held, differ = row.get_by_role("cell").all_inner_texts()[:3]
        assert (number(says), number(differ)) == (number(held), 0)
    strategy = section(page, "What is searched for")
    for disclosure in strategy.locator("summary:visible").all():
        disclosure.click()
    words = re.sub(r"\s+", " ", strategy.inner_text())
    for topic in load_topics():
        assert topic.title in words
        assert re.sub(r"\s+", " ", topic.term) in words
    ledger = section(page, "The ledger of runs")
    expect(ledger.get_by_role("link", name=re.compile(r"^(Run )?[123]$"))).to_have_count(3)
    appendix = page.get_by_role("link", name=re.compile("PRISMA-S")).first.get_attribute("href")
    text = page.request.get(appendix or "").text()
    assert all(topic.term in text for topic in load_topics())


def test_an_operator_looks_in_after_the_night(arrive: Visit) -> None:
    """One address for the monitor; the last run, what it brought, and that nothing is missing."""
    page = arrive(width=DESK)
    held = number(
        page.get_by_role("main").get_by_text("PubMed counted").locator("b").first.inner_text()
    )
    page.goto("/health.json")
    health = json.loads(page.locator("body").inner_text())
    assert (health["status"], health["articles"] - health["withdrawn"]) == ("ok", held)
    assert health["last_run"]["status"] == "unchanged"
    assert health["last_good"] == "2026-11-22T03:00:00Z"
    assert health["unsolved_problems"] == 0
    page.go_back()
    to_the(page, "Site", "Changes")
    last = page.get_by_role("region", name="22 November 2026")
    expect(last).to_contain_text("Checked, nothing new.")
    expect(last).to_contain_text(f"PubMed counted {held} articles, we held {held}.")
    last.get_by_role("link", name="Run 3").click()
    expect(page.get_by_role("cell", name="unchanged").first).to_be_visible()


def test_a_neuroscientist_narrows_by_headings_and_journals(arrive: Visit) -> None:
    """Animals alone, then a heading that is not among the first, then a journal.

    Mechanisms, and pairs for and against one, need the findings.
    """
    page = arrive(width=DESK)
    link = page.get_by_role("link", name=re.compile("^Animal and laboratory studies: "))
    promised = number(link.inner_text())
    link.click()
    assert total(page) == promised
    facet(page, "MeSH heading").get_by_role("link", name=re.compile("more of MeSH")).click()
    page.get_by_role("main").get_by_role("searchbox", name="Find").fill("mice")
    page.get_by_role("button", name="Find").click()
    value = page.get_by_role("main").get_by_role("listitem").first.get_by_role("link")
    expect(value).to_contain_text("Mice")
    promised = number(value.locator(".count").inner_text())
    value.click()
    assert total(page) == promised > 0
    promised = choose(page, "Journal", "Sample Neuroscience (sample data)")
    assert total(page) == promised > 0
    assert page.get_by_role("list", name="Filters in force").get_by_role("listitem").count() >= 2
    results(page).first.get_by_role("heading").get_by_role("link").click()
    page.locator("cite").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sample Neuroscience (sample data)")
    page.go_back()
    expect(section(page, "Related, and why")).to_contain_text("shares")
    heading = (
        page.get_by_role("region", name=re.compile("^MeSH headings")).get_by_role("link").first
    )
    name = heading.inner_text()
    heading.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"\d articles? here"))


def test_a_trial_designer_follows_a_registered_trial(arrive: Visit) -> None:
    """From a protocol to what became of it, by the number of the registry.

    Doses, scales and comparators side by side need the findings.
    """
    page = arrive(width=DESK)
    look_for(page, "HARBOURS-4 protocol")
    results(page).first.get_by_role("heading").get_by_role("link").click()
    trial = section(page, "Trial registration")
    trial.get_by_role("link", name=re.compile("^NCT9000")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^NCT9000"))
    promised = number(page.get_by_text("articles here give this number").inner_text())
    protocol, reports = section(page, "Protocol"), section(page, "Reports of results")
    expect(protocol.get_by_role("heading", level=3)).to_have_count(1)
    expect(reports.get_by_role("heading", level=3).first).to_be_visible()
    expect(page.get_by_text("Number found in")).to_have_count(promised)
    expect(page.get_by_role("link", name="See it at ClinicalTrials.gov")).to_be_visible()
    person = reports.get_by_role("heading", level=3).get_by_role("link").first
    person.click()
    author = page.locator("p.authors").get_by_role("link").first
    name = author.inner_text()
    author.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name.split(" ")[0])
    listed = page.get_by_role("region", name=re.compile(r"^\d+ articles?$"))
    promised = number(listed.get_by_role("heading", level=2).inner_text())
    assert listed.get_by_role("heading", level=3).count() == min(promised, 20)


def test_a_developer_takes_the_data(arrive: Visit) -> None:
    """What the columns mean, a table as JSON and CSV, a search as JSON, and the whole API.

    The file itself, SQL examples and the accuracy of rules are still to come.
    """
    page = arrive(width=DESK)
    page.get_by_role("link", name="Working with the data").click()
    page.get_by_role("link", name="articles", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("PMID")
    expect(page.locator("dl.column-descriptions")).to_contain_text("retracted")
    rows = number(page.get_by_role("heading", level=3).first.inner_text())
    as_json = page.get_by_role("link", name="json", exact=True).first.get_attribute("href") or ""
    table = page.request.get(as_json).json()
    assert table["filtered_table_rows_count"] == rows
    as_csv = page.get_by_role("link", name="CSV", exact=True).first.get_attribute("href") or ""
    lines = list(csv.reader(page.request.get(as_csv).text().splitlines()))
    assert "pmid" in lines[0]
    look_for(page, "esketamine")
    link = page.get_by_role("link", name="JSON", exact=True).get_attribute("href") or ""
    found = page.request.get(link).json()
    assert found["total"] == total(page)
    titles = [re.sub("<[^>]+>", "", result["title"]) for result in found["results"]]
    assert titles == results(page).get_by_role("heading").all_inner_texts()
    described = page.locator("link[rel=service-desc]").get_attribute("href") or ""
    assert "/search.json" in page.request.get(described).json()["paths"]


def test_an_author_checks_how_her_paper_is_listed(arrive: Visit) -> None:
    """By her name: what is said of it, where that comes from, and whom to tell of a mistake.

    The words behind each label, and the report of a label, need the findings.
    """
    page = arrive(width=DESK)
    look_for(page, "author:Songfeng midazolam adolescents")
    found = results(page).filter(has_text=str(REVISED))
    found.get_by_role("heading").get_by_role("link").click()
    assert title(page) == "Esketamine infusion or midazolam: a trial with a new title."
    history = section(page, "History of this record here")
    expect(history).to_contain_text("Revised: title.")
    origin = section(page, "Where it comes from")
    expect(origin).to_contain_text("20 November 2026, 03:00 UTC, run 1")
    expect(origin).to_contain_text("Found by")
    raw = origin.get_by_role("link", name=re.compile("as received")).get_attribute("href") or ""
    assert f">{REVISED}</PMID>" in page.request.get(raw).text()
    to_the(page, "Site", "About")
    page.get_by_role("link", name="Mistakes and corrections").click()
    mistakes = section(page, "Mistakes and corrections")
    expect(mistakes).to_be_in_viewport()
    expect(mistakes).to_contain_text("tell whoever runs this copy")


def test_somebody_uses_nothing_but_the_keyboard(arrive: Visit) -> None:
    """Search, skip to the results, open one, walk through it: seen at each stop, never caught."""
    page = arrive(width=DESK, reduced_motion="reduce")

    def tab(until: str, most: int = 12) -> None:
        for _ in range(most):
            page.keyboard.press("Tab")
            at = page.evaluate(FOCUS)
            assert at["outline"] != "none", f"the focus cannot be seen on {at}"
            if re.search(until, at["text"]):
                return
        raise AssertionError(f"{most} stops and no {until}")

    tab("^Skip to content$", 1)
    tab("^q$")
    page.keyboard.type("blood pressure")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("articles for blood pressure")
    tab("^Skip to results$", 1)
    page.keyboard.press("Enter")
    first = results(page).first.get_by_role("heading").inner_text()
    tab(re.escape(first), 1)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/article/"))
    assert title(page) == first
    stops = []
    for _ in range(300):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        if at["name"] == "BODY":
            break
        assert at["outline"] != "none", f"the focus cannot be seen on {at}"
        assert at["width"] >= 2, at
        assert at["inside"], f"out of the window: {at}"
        assert at["bare"], f"hidden by something else: {at}"
        stops.append(at["text"])
    else:
        raise AssertionError("there is no way out")
    assert stops[0] == "Skip to content"
    assert stops[-1] == "Download the library"
    order = ["Search", "Help in a crisis", "PubMed", "Cite or export", "findahelpline.com"]
    assert [stops.index(name) for name in order] == sorted(stops.index(name) for name in order)
