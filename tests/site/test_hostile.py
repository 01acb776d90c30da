"""What records and addresses cannot do, on every kind of page and in all data."""

import json
import re
import time
from pathlib import Path
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import httpx
import pytest

from harvester.library import store
from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.pubmed.records import AbstractSection, Text
from harvester.site.links import (
    author_path,
    journal_path,
    mesh_path,
    substance_path,
    trial_path,
)
from harvester.site.routes import ROUTES
from tests.library.articles import NOW, article, stored
from tests.site import hostile, shelf, stacks
from tests.site.conftest import Get, getter, serve
from tests.site.crawl import Document, crawl, kind_of, log_searches

# Elements that load, run, embed or send; ours has one kind of form, and styles in one file.
HARMFUL = frozenset(
    "applet audio base embed frame frameset iframe img math object portal script source style "
    "template track video".split()
)
PLACES = (author_path, journal_path, mesh_path, substance_path, trial_path)
ADDRESSES = ("href", "src", "action", "formaction", "cite", "data", "poster", "ping", "srcset")
# Control characters, noncharacters, and the marks that turn the direction of what follows.
UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)


@pytest.fixture(scope="module")
def get_hostile(tmp_path_factory: pytest.TempPathFactory) -> Get:
    library = tmp_path_factory.mktemp("hostile") / "literature.db"
    hostile.make_library(library)
    log_searches(library)
    return getter(serve(library))


@pytest.fixture(scope="module")
def pages(get_hostile: Get) -> dict[str, httpx.Response]:
    """Every hostile record, and a few of every kind of page that links lead to from there."""
    records = [hostile.FIRST + n for n in range(len(hostile.PAYLOADS))]
    begin = [
        *(
            "/",
            "/search",
            "/search?q=alert",
            "/search?q=mark",
            "/search?sort=newest",
            "/nothing",
            "/mesh/D007649",
        ),
        *(f"/search/{facet}" for facet in ("journal", "mesh", "type", "drug", "country")),
        *(f"/search?q={quote(text[:300])}" for text in hostile.PAYLOADS),
        *(f"/search?drug={quote(text[:400])}" for text in hostile.PAYLOADS),
        *(path(text[:300]) for path in PLACES for text in hostile.PAYLOADS),
        *(f"/article/{pmid}{form}" for pmid in (shelf.HOSTILE, *records) for form in ("", ".json")),
    ]
    return crawl(get_hostile, begin, of_a_kind=8)


@pytest.fixture(scope="module")
def documents(pages: dict[str, httpx.Response]) -> dict[str, Document]:
    found = {
        address: Document(answer.text)
        for address, answer in pages.items()
        if answer.headers.get("content-type", "").startswith("text/html")
    }
    assert len(found) > 60
    return found


def test_no_page_fails(pages: dict[str, httpx.Response]) -> None:
    failed = {a: answer.status_code for a, answer in pages.items() if answer.status_code >= 500}
    assert failed == {}
    assert pages["/article/91100001"].status_code == 200


def test_no_record_becomes_an_element(documents: dict[str, Document]) -> None:
    for address, document in documents.items():
        names = {name for name, _ in document.elements}
        assert not names & HARMFUL, address
        assert document.comments == [], address
        for name, attributes in document.elements:
            assert not [a for a in attributes if a.startswith("on") or a == "style"], (
                address,
                name,
            )
            assert "srcdoc" not in attributes


def test_every_element_is_closed(documents: dict[str, Document]) -> None:
    """A record that closed an element of ours would leave another open."""
    optional = {"p", "li", "dt", "dd", "tr", "td", "th", "tbody", "thead", "option"}
    for address, document in documents.items():
        assert set(document.unclosed) <= optional, address
        assert document.open == [], address


def test_links_lead_to_pages_only(documents: dict[str, Document]) -> None:
    for address, document in documents.items():
        for name, attributes in document.elements:
            for attribute in ADDRESSES:
                if attribute not in attributes:
                    continue
                target = urlsplit(attributes[attribute])
                assert target.scheme in {"", "http", "https", "mailto", "tel"}, (address, name)
                assert "elsewhere.example" not in target.netloc, (address, name)
                if name in {"form", "button"} or attribute == "src":
                    assert not target.netloc, (address, name)


def test_no_page_carries_invisible_characters(documents: dict[str, Document]) -> None:
    for address, document in documents.items():
        # What a hidden field sends is what the record says.
        seen = (found for _, found in document.elements if found.get("type") != "hidden")
        for text in (*document.texts, *(value for found in seen for value in found.values())):
            assert not UNWANTED.search(text), (address, UNWANTED.search(text), text[:80])


def test_what_was_escaped_twice_would_be_seen(documents: dict[str, Document]) -> None:
    """Entity-looking text is shown as it stands in the record, neither read nor escaped twice."""
    shown = " ".join(documents["/article/91100007"].texts)
    assert "&lt;script&gt;alert(7)&lt;/script&gt;" in shown
    assert "&amp;lt;" not in shown


def test_data_are_json_and_say_what_the_record_says(pages: dict[str, httpx.Response]) -> None:
    found = [
        answer.json()
        for address, answer in pages.items()
        if address.partition("?")[0].endswith(".json")
    ]
    assert len(found) > 20
    whole = json.dumps(found, ensure_ascii=False)
    for payload in hostile.PAYLOADS:
        assert json.dumps(payload, ensure_ascii=False)[1:-1] in whole


def test_the_snippet_of_the_data_is_escaped(get_hostile: Get) -> None:
    for q in ("", "alert", "script", "onerror", "mark"):
        for result in get_hostile(f"/search.json?q={q}").json()["results"]:
            names = {name for name, _ in Document(result["snippet"] or "").elements}
            assert names <= {"mark"}


def test_feeds_and_lists_for_machines_are_xml(
    pages: dict[str, httpx.Response], get_hostile: Get
) -> None:
    found = {a: r for a, r in pages.items() if "xml" in r.headers.get("content-type", "")}
    found["/sitemap.xml"] = get_hostile("/sitemap.xml")
    for address, answer in found.items():
        root = ElementTree.fromstring(answer.content)  # noqa: S314 (ours)
        for element in root.iter():
            for value in (element.text or "", *element.attrib.values()):
                assert not UNWANTED.search(value), address


def test_a_record_as_received_is_text(pages: dict[str, httpx.Response], get_hostile: Get) -> None:
    answer = get_hostile(f"/article/{hostile.FIRST}.xml")
    assert answer.text == hostile.PAYLOADS[0]
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "articles",
        "authors",
        "problems",
        "runs",
        "findings",
        "mesh_terms",
        "journals",
        "article_fields",
    ],
)
def test_stock_pages_show_records_as_text(get_hostile: Get, path: str) -> None:
    for suffix in ("?_size=max", "?_sort_desc=rowid"):
        document = Document(get_hostile(f"/literature/{path}{suffix}").text)
        scripts = [text for text in document.texts if "alert(" in text]
        assert "iframe" not in {name for name, _ in document.elements}
        for name, attributes in document.elements:
            assert not [a for a in attributes if a.startswith("on")], name
            assert (
                not attributes.get("href", "").strip().lower().startswith(("javascript:", "data:"))
            )
        assert all(not text.lstrip().startswith("alert(") for text in scripts)


def test_every_page_of_ours_was_seen(pages: dict[str, httpx.Response]) -> None:
    """So that a new page is tested here too: something links to it."""
    machines = re.compile(r"health|robots|sitemap|openapi|download/")
    routes = {route for route, _ in ROUTES if not machines.search(route)}
    assert routes <= {kind_of(address).rstrip("?") for address in pages}


def test_an_abstract_without_end_is_not_searched_for_a_snippet(tmp_path: Path) -> None:
    """FTS5 would take half a minute for seventy thousand matches, and cannot be stopped."""
    path = tmp_path / "literature.db"
    stacks.make_library(path)
    connection = open_library(path).conn
    long = AbstractSection(text=Text(plain="endless " * 40_000))
    with transaction(connection):
        record = stored(article(hostile.FIRST, abstract=(long,)))
        store.store(connection, [record], run_id=1, now=NOW)
    connection.close()
    started = time.monotonic()
    (result,) = getter(serve(path))("/search.json?q=endless").json()["results"]
    assert result["snippet"].startswith("endless endless")
    assert time.monotonic() - started < 3
