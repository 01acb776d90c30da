"""Every kind of page that people see, once: what holds for pages is tested on each of these."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.browser.libraries import HUGE, RETRACTED
from tests.site import shelf

__all__ = ["KNOWN", "MACHINES", "OURS", "STOCK", "Kind"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A page of one of the libraries (living, odd, empty), and the status it comes with."""

    name: str
    path: str
    library: str = "living"
    status: int = 200


def _article(name: str, pmid: int) -> Kind:
    return Kind(name, f"/article/{pmid}", "odd")


OURS = (
    Kind("home", "/"),
    Kind("search", "/search?q=ketamine"),
    Kind("filtered", "/search?q=urinary&type=Review&type=Systematic+Review&language=eng&from=2010"),
    Kind("crisis", "/search?q=suicide+prevention"),
    Kind("last page", "/search?page=99"),
    Kind("no hits", "/search?q=xyzzyx+ketamine"),
    Kind("kept back by filters", "/search?q=ketamine&type=Review&from=1900&to=1901"),
    Kind("plain question", "/search?q=does+it+help+suicidal+thoughts%2C+and+how+sure+is+that%3F"),
    Kind("a value that is not", "/search?design=RCT"),
    Kind("not held", "/search?q=12345678"),
    Kind("values", "/search/mesh?find=depress"),
    Kind("author", "/author/Songfeng_K"),
    Kind("journal", "/journal/900000006"),
    Kind("mesh", "/mesh/D007649?type=Case+Reports"),
    Kind("mesh values", "/mesh/D007649/journal"),
    Kind("main point", "/mesh/D007649/main-point?type=Case+Reports"),
    Kind("substance", "/substance/D007649?type=Case+Reports"),
    Kind("trial", "/trial/NCT90001295"),
    Kind("evidence", "/evidence"),
    Kind("question", "/evidence/e16"),
    Kind("question in parts", "/evidence/e13"),
    Kind("question with a grid", "/evidence/e8"),
    Kind("numbers chosen", "/search?n_from=20&n_to=500&dose_from=0.1"),
    Kind("map", "/map"),
    Kind("whole map", "/map?rows=outcome&columns=condition&all=1&retracted=1&from=1990"),
    Kind("map of mechanisms", "/map?rows=mechanism&columns=population"),
    Kind("numbers", "/numbers"),
    Kind("trials", "/trials"),
    Kind("trials without results", "/trials?results=without"),
    Kind("reviews and trials", "/trials/reviews"),
    Kind("changes", "/changes"),
    Kind("changes of a kind", "/changes?kind=retracted"),
    Kind("methods", "/methods"),
    Kind("accuracy", "/methods/accuracy"),
    Kind("about", "/about"),
    Kind("download", "/download"),
    Kind("findings", "/article/90001823#finding-2"),
    Kind("report", "/report?pmid=90000756&facet=design&value=rct"),
    Kind("report of anything", "/report"),
    Kind("404", "/article/91999999", status=404),
    Kind("error", "/literature/articles?_sort=nonsense", status=400),
    _article("article", shelf.PLAIN),
    _article("retracted", shelf.RETRACTED),
    _article("notice", shelf.NOTICE),
    _article("corrected", shelf.CORRECTED),
    _article("foreign", shelf.CHINESE),
    _article("book", shelf.CHAPTER),
    _article("preprint", shelf.PREPRINT),
    _article("withdrawn", shelf.WITHDRAWN),
    _article("bare", shelf.BARE),
    _article("hostile", shelf.HOSTILE),
    _article("huge", HUGE),
    Kind("sample", "/", "odd"),
    Kind("empty", "/", "empty"),
    Kind("empty search", "/search?q=ketamine", "empty"),
    Kind("empty question", "/evidence/e22", "empty"),
    Kind("empty map", "/map", "empty"),
    Kind("empty numbers", "/numbers", "empty"),
    Kind("empty trials", "/trials", "empty"),
    Kind("empty reviews", "/trials/reviews", "empty"),
    Kind("empty changes", "/changes", "empty"),
    Kind("empty about", "/about", "empty"),
    Kind("empty download", "/download", "empty"),
)

# Datasette's own pages in our frame.
STOCK = (
    Kind("database", "/literature"),
    Kind("table", "/literature/runs"),
    Kind("row", "/literature/runs/1"),
)

# What axe reports of Datasette's own templates, by the name of the page.
KNOWN: Mapping[str, Mapping[str, str]] = {
    "table": {"heading-order": "the number of rows is an h3 under the h1"},
}

# Routes that answer programs; an example of each.
MACHINES = (
    "/search.json?q=ketamine",
    "/search.atom?q=ketamine",
    "/search.feed.json?q=ketamine",
    "/evidence/e16.atom",
    "/evidence/e16.feed.json",
    "/search.ris?q=ketamine",
    f"/article/{RETRACTED}.json",
    f"/article/{RETRACTED}.jsonld",
    f"/article/{RETRACTED}.ris",
    f"/article/{RETRACTED}.xml",
    "/changes.atom",
    "/changes.feed.json",
    "/methods/prisma-s.md",
    "/dataset.jsonld",
    "/health.json",
    "/openapi.json",
    "/opensearch.xml",
    "/robots.txt",
    "/sitemap.xml",
    "/download/latest/pmids.txt",
    "/download/2026-11-22/pmids.txt",
    "/static/0/site.css",
)
