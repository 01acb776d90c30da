"""axe-core on a page that is open: brought into it once, run as often as it changes."""

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

__all__ = ["BY_COLOUR", "violations"]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The rules that look at colours.
BY_COLOUR = ("color-contrast", "link-in-text-block")

RUN = "options => axe.run(document, options)"


def violations(
    page: Page, *, rules: tuple[str, ...] = (), without: tuple[str, ...] = ()
) -> dict[str, str]:
    """What axe reports, each rule's words by its name; of all rules, or of some."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = {
        "runOnly": {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS},
        "rules": {name: {"enabled": False} for name in without},
        "resultTypes": ["violations"],
    }
    results = AxeResults(page.evaluate(RUN, options))
    return {
        found["id"]: results.generate_report(found["id"])
        for found in results.response["violations"]
    }
