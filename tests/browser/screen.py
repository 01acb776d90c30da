"""What a person does on a page and reads from it: by the words on the screen, never by its code."""

import re

from playwright.sync_api import Locator, Page

__all__ = ["choose", "facet", "look_for", "number", "results", "section", "title", "total", "years"]


def number(text: str) -> int:
    """The first number of a text: `1,234 articles` is 1234."""
    found = re.search(r"\d[\d,]*", text)
    assert found, f"there is no number in {text!r}"
    return int(found[0].replace(",", ""))


def look_for(page: Page, words: str) -> None:
    """Type into the search box and press Enter."""
    box = page.get_by_role("search").get_by_role("searchbox").first
    box.fill(words)
    box.press("Enter")


def total(page: Page) -> int:
    """How many articles the list says it has."""
    return number(page.get_by_role("heading", level=1).inner_text())


def section(page: Page, heading: str) -> Locator:
    return page.get_by_role("region", name=heading, exact=True)


def title(page: Page) -> str:
    """The heading of a record, without the numbers of the findings in it."""
    numbered = page.get_by_role("heading", level=1)
    return str(
        numbered.evaluate("""heading => {
        const copy = heading.cloneNode(true);
        copy.querySelectorAll('a').forEach(link => link.remove());
        return copy.textContent.trim();
    }""")
    )


def results(page: Page) -> Locator:
    """The articles on this page of a list."""
    return (
        page.get_by_role("region", name="Results")
        .get_by_role("listitem")
        .filter(has=page.get_by_role("heading", level=3))
    )


def years(page: Page) -> list[int]:
    return [number(text) for text in results(page).locator(".shelfmark").all_inner_texts()]


def facet(page: Page, name: str) -> Locator:
    """A filter, opened when it is closed."""
    found = page.get_by_role("navigation", name="Filters").locator("details.facet")
    found = found.filter(has=page.locator("summary", has_text=re.compile(rf"^{name}\b")))
    if found.get_attribute("open") is None:
        found.locator("summary").first.click()
    return found


def choose(page: Page, name: str, value: str) -> int:
    """Choose a value of a filter; the number that it promised."""
    link = facet(page, name).get_by_role("link", name=re.compile(rf"^{re.escape(value)} [\d,]+$"))
    promised = number(link.locator(".count").inner_text())
    link.click()
    return promised
