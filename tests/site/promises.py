"""Links of a page that say how many articles are behind them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
# Places where a number in a link is no number of articles.
_OTHER = frozenset({"pages", "chips", "sort"})
_NUMBER = r"([0-9][0-9,]*)"


@dataclass(frozen=True, slots=True)
class Promise:
    """`kind`: `articles`, `values` (more of a facet), `cited`, `choice` (beside a chosen value)."""

    href: str
    count: int
    kind: str
    text: str


@dataclass(slots=True)
class _Link:
    href: str
    label: str
    chosen: bool
    facet: int
    text: str = ""
    count: str = ""


@dataclass(slots=True)
class _Facet:
    chosen: bool = False


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, frozenset[str]]] = []
        self.links: list[_Link] = []
        self.facets: list[_Facet] = []
        self.link: _Link | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        classes = frozenset(given.get("class", "").split())
        if tag not in _VOID:
            self.open.append((tag, classes))
        if "facet" in classes:
            self.facets.append(_Facet())
        if tag == "a" and "href" in given and not self._inside(_OTHER):
            chosen = given.get("aria-current") == "true"
            inside = len(self.facets) - 1 if self._inside({"values"}) else -1
            if chosen and inside >= 0:
                self.facets[inside].chosen = True
            self.link = _Link(given["href"], given.get("aria-label", ""), chosen, inside)
            self.links.append(self.link)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass  # of SVG

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place][0] == tag:
                del self.open[place:]
                break
        if tag == "a":
            self.link = None

    def handle_data(self, data: str) -> None:
        if self.link and not self._inside({"hidden-text"}):
            self.link.text += data
            if self._inside({"count"}):
                self.link.count += data

    def _inside(self, classes: frozenset[str] | set[str]) -> bool:
        return any(own & classes for _, own in self.open)


def promises(page: str) -> Iterator[Promise]:
    """What the links of a page promise, those to searches and to who cites an article."""
    reader = _Reader()
    reader.feed(page)
    for link in reader.links:
        text = " ".join(link.text.split())
        path = urlsplit(link.href).path
        if path.startswith("/article/"):
            if cited := re.fullmatch(rf"Cited by {_NUMBER} here", text):
                yield Promise(link.href, _number(cited[1]), "cited", text)
        elif re.fullmatch(r"/search/[a-z]+", path):
            if more := re.match(rf"{_NUMBER} more", text):
                yield Promise(link.href, _number(more[1]), "values", text)
        elif path == "/search":
            said = (
                re.search(rf"^\s*{_NUMBER}\s*$", link.count)
                or re.search(rf"{_NUMBER} articles?\b", link.label)
                or re.match(rf"(?:All )?{_NUMBER}(?!\S)", text)
            )
            if said:
                beside = link.facet >= 0 and reader.facets[link.facet].chosen
                yield Promise(link.href, _number(said[1]), "choice" if beside else "articles", text)


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def address(href: str) -> set[tuple[str, str]]:
    """The parameters of a link."""
    return set(parse_qsl(urlsplit(href).query))


def value_of(href: str, page: str) -> tuple[str, str]:
    """The facet and value that a link adds to its page's address, or takes away."""
    (pair,) = (address(href) ^ address(page)) - {("page", "2")}
    return pair
