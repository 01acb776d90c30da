"""A visitor who follows every link of the site, a few of each kind of page."""

import re
import sqlite3
from collections import Counter, deque
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from harvester.site.routes import ROUTES
from tests.site.conftest import Get

__all__ = ["Document", "crawl", "kind_of", "log_searches"]

_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


@dataclass
class Document(HTMLParser):
    """What a browser makes of a page: its elements with their attributes, and its text."""

    html: str
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    unclosed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        while self.open and (last := self.open.pop()) != tag:
            self.unclosed.append(last)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def links(self) -> list[tuple[str, str]]:
        """Address and `rel` of what a reader or a crawler may follow."""
        return [
            (found["href"], found.get("rel", ""))
            for tag, found in self.elements
            if tag in {"a", "link"} and "href" in found
        ]


def log_searches(library: Path) -> None:
    """What every harvest notes of its searches, so that there is an appendix to link to."""
    with closing(sqlite3.connect(library)) as connection, connection:
        connection.execute(
            "INSERT OR REPLACE INTO run_topics (run_id, topic, term, reported, held) "
            "SELECT runs.id, topics.name, topics.term, 60, 60 FROM runs, topics"
        )


def kind_of(address: str) -> str:
    """The route that answers the address, and whether it has a query string."""
    parts = urlsplit(address)
    route = next((route for route, _ in ROUTES if re.match(route, parts.path)), "stock")
    return f"{route}{'?' if parts.query else ''}"


def crawl(get: Get, begin: Iterable[str], *, of_a_kind: int) -> dict[str, httpx.Response]:
    """All pages of ours that links lead to, as many of each kind."""
    waiting = deque(begin)
    seen = set(waiting)
    kinds = Counter(map(kind_of, seen))
    found = {}
    while waiting:
        address = waiting.popleft()
        answer = found[address] = get(address)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        for href, _ in Document(answer.text).links:
            parts = urlsplit(urljoin(f"http://localhost{address}", href))
            target = f"{parts.path}?{parts.query}" if parts.query else parts.path
            kind = kind_of(target)
            ours = parts.netloc == "localhost" and not kind.startswith("stock")
            if ours and target not in seen and kinds[kind] < of_a_kind:
                kinds[kind] += 1
                seen.add(target)
                waiting.append(target)
    return found
