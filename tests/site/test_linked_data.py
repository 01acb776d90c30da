"""Pages for machines: JSON-LD, microdata, citation tags, OpenSearch; a retraction is in each."""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from harvester.library.migrations import open_library
from harvester.site.article import article_view
from harvester.site.citation import citation_tags
from harvester.site.linked_data import article_data
from harvester.site.microdata import microdata
from harvester.site.record import load_record
from tests.site import shelf, stacks
from tests.site.conftest import Get, getter, serve

ROOT = "http://localhost"


@pytest.fixture(scope="module")
def shelves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("linked") / "literature.db"
    shelf.make_library(path)
    return path


@pytest.fixture(scope="module")
def ask(shelves: Path) -> Get:
    return getter(serve(shelves))


PMIDS = [record.pmid for record in shelf.records()]


def linked(get: Get, path: str) -> dict[str, Any]:
    response = get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/ld+json; charset=utf-8"
    assert response.headers["access-control-allow-origin"] == "*"
    data: dict[str, Any] = response.json()
    assert data["@context"] == "https://schema.org"
    return data


class Microdata(HTMLParser):
    """A reader of microdata (HTML, 5.4), for elements nested as ours are."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.items: list[dict[str, Any]] = []
        self._open: list[dict[str, Any] | None] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name = found.get("itemprop")
        if "itemscope" in found:
            item: dict[str, Any] = {"@type": (found["itemtype"] or "").rpartition("/")[2]}
            if "itemid" in found:
                item["@id"] = found["itemid"]
            self._add(name, item) if name else self.items.append(item)
            self._open.append(item)
        elif tag == "div":
            self._open.append(None)
        elif name:
            self._add(name, found["href" if tag == "link" else "content"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "div":
            self._open.pop()

    def _add(self, name: str, value: Any) -> None:
        item = next(item for item in reversed(self._open) if item is not None)
        item.setdefault(name, []).append(value)


def as_lists(data: Any, *, top: bool = True) -> Any:
    """JSON-LD as microdata has it: every property a list, every value a text."""
    if isinstance(data, Mapping):
        return {
            name: value
            if name.startswith("@")
            else [as_lists(v) for v in (value if isinstance(value, list) else [value])]
            for name, value in data.items()
            if name != "@context"
        }
    return str(data).lower() if isinstance(data, bool) else str(data)


@pytest.mark.parametrize("pmid", PMIDS)
def test_the_page_says_the_same_as_the_document_beside_it(ask: Get, pmid: int) -> None:
    html = ask(f"/article/{pmid}").text
    path = f"/article/{pmid}.jsonld"
    assert f'<link rel="alternate" type="application/ld+json" href="{path}">' in html
    data = linked(ask, path)
    assert Microdata(html).items == [as_lists(data)]
    assert data["@id"] == data["url"] == f"{ROOT}/article/{pmid}"


def test_an_article_in_the_words_of_schema_org(ask: Get) -> None:
    data = linked(ask, f"/article/{shelf.PLAIN}.jsonld")
    assert data["@type"] == "ScholarlyArticle"
    assert data["headline"] == data["name"] == "Ketamine (R,S) in people, H2O and 5 < 6"
    assert data["author"] == [
        {
            "@type": "Person",
            "name": "Ada B Quill Jr",
            "familyName": "Quill",
            "givenName": "Ada B",
            "honorificSuffix": "Jr",
            "sameAs": "https://orcid.org/0000-0002-1825-0097",
        },
        {"@type": "Organization", "name": "Sample Study Group"},
    ]
    issue = data["isPartOf"]
    assert (issue["@type"], issue["issueNumber"]) == ("PublicationIssue", "3")
    assert issue["isPartOf"]["volumeNumber"] == "12"
    assert issue["isPartOf"]["isPartOf"]["@type"] == "Periodical"
    known = {i["propertyID"]: i["value"] for i in data["identifier"]}
    assert known == {"PMID": "91000101", "DOI": "10.5555/sample(1)<a>", "PMCID": "PMC9000101"}
    assert data["sameAs"] == [
        "https://pubmed.ncbi.nlm.nih.gov/91000101/",
        "https://doi.org/10.5555/sample(1)%3Ca%3E",
        "https://pmc.ncbi.nlm.nih.gov/articles/PMC9000101/",
    ]
    assert data["isAccessibleForFree"] is True
    assert "publisher" not in data  # that we are not
    assert "creativeWorkStatus" not in data


@pytest.mark.parametrize(
    ("pmid", "state", "notice"),
    [
        (shelf.RETRACTED, "Retracted", "Retraction notice"),
        (shelf.UNMARKED, "Retracted", None),  # only the notice says so
        (shelf.CORRECTED, "Corrected", "Correction"),
        (shelf.WITHDRAWN, "No longer in PubMed", None),
    ],
)
def test_what_became_of_it_is_said(ask: Get, pmid: int, state: str, notice: str | None) -> None:
    data = linked(ask, f"/article/{pmid}.jsonld")
    assert state in data["creativeWorkStatus"]
    assert not notice or notice in [c["text"] for c in data["correction"]]
    title = dict(tags(ask(f"/article/{pmid}").text))["citation_title"]
    assert title == data["name"]
    assert ("retracted" in title.lower()) == (state == "Retracted")


def test_a_chapter_is_of_a_book(ask: Get) -> None:
    data = linked(ask, f"/article/{shelf.CHAPTER}.jsonld")
    assert data["@type"] == "Chapter"
    assert data["isPartOf"]["@type"] == "Book"


def test_a_hostile_record_stays_text(ask: Get) -> None:
    """No element is made of it, and no address that it gives is followed."""
    data = linked(ask, f"/article/{shelf.HOSTILE}.jsonld")
    assert shelf.SCRIPT in json.dumps(data, ensure_ascii=False)
    html = ask(f"/article/{shelf.HOSTILE}").text
    assert "<script" not in html
    assert set("\x00\u202e") & set(html + ask(f"/article/{shelf.HOSTILE}.jsonld").text) == set()
    for href in re.findall(r'<link itemprop="\w+" href="(.*?)">', html):
        assert re.match(r"https://(?:pubmed|pmc|doi|orcid|www\.nlm)\.|http://localhost/", href)


def test_no_character_that_turns_the_text_around_is_in_any_part(shelves: Path) -> None:
    with closing(sqlite3.connect(shelves)) as connection:
        record = load_record(connection, shelf.PLAIN)
    assert record
    bad = "a\u202e\x00\ufeffb"
    authors = tuple({**row, "name": bad, "last_name": bad} for row in record.authors)
    keywords = ({"keyword": bad},)
    mesh = ({"name": bad, "ui": None, "major": 1},)
    record = replace(
        record,
        article={**record.article, "title": bad, "journal": bad, "volume": bad},
        authors=authors,
        keywords=keywords,
        mesh=mesh,
    )
    data = article_data(record, ROOT, ())
    assert set(bad) & set(json.dumps(data, ensure_ascii=False)) <= {"a", "b"}
    assert data["keywords"] == ["ab"]


def test_text_that_looks_like_an_address_is_no_link() -> None:
    bad = "https://elsewhere.example/"
    html = microdata({"@type": "Thing", "keywords": [bad], "name": '"><script>x</script>'})
    assert f'<meta itemprop="keywords" content="{bad}">' in html
    assert "<script" not in html


def tags(html: str) -> Iterator[tuple[str, str]]:
    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found = dict(attrs)
            if tag == "meta" and (found.get("name") or "").startswith("citation_"):
                read.append((found["name"] or "", found["content"] or ""))

    read: list[tuple[str, str]] = []
    Reader().feed(html)
    return iter(read)


def test_a_reference_manager_finds_every_field(ask: Get) -> None:
    found = list(tags(ask(f"/article/{shelf.PLAIN}").text))
    assert [value for name, value in found if name == "citation_author"] == [
        "Quill, Ada B Jr",
        "Sample Study Group",
    ]
    known = dict(found)
    assert known["citation_pmid"] == str(shelf.PLAIN)
    assert known["citation_doi"] == "10.5555/sample(1)<a>"
    assert re.fullmatch(r"\d{4}(/\d\d){0,2}", known["citation_publication_date"])
    assert known["citation_fulltext_html_url"].startswith("https://pmc.ncbi.nlm.nih.gov/")
    assert {"citation_journal_title", "citation_abstract", "citation_language"} <= set(known)
    assert "citation_pdf_url" not in known  # that a file is free we do not know


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([("van der Berg", "Anna Maria", "AM")], ["van der Berg, AM"]),
        (
            [("de Vos", "Anna Maria", "AM"), ("Li", "", "")],
            ["de Vos, Anna Maria", "Li"],
        ),
        ([("Quill", None, "A B")], ["Quill, A B"]),
        ([(None, "A, B; and C Group", None)], ["A B and C Group"]),
    ],
)
def test_names_are_as_zotero_takes_them_apart(
    shelves: Path, names: list[tuple[Any, ...]], told: list[str]
) -> None:
    with closing(sqlite3.connect(shelves)) as connection:
        record = load_record(connection, shelf.PLAIN)
    assert record
    authors = tuple(
        {
            "role": "author",
            "valid": 1,
            "suffix": None,
            "last_name": family,
            "fore_name": given,
            "initials": initials,
            "collective": not family,
            "name": family or given,
        }
        for family, given, initials in names
    )
    found = citation_tags(replace(record, authors=authors), retracted=False)
    assert [value for name, value in found if name == "citation_author"] == told


@pytest.mark.parametrize("title", ["RETRACTED: A trial", "[Retracted] A trial"])
def test_a_title_that_says_it_already_is_left_alone(shelves: Path, title: str) -> None:
    with closing(sqlite3.connect(shelves)) as connection:
        record = load_record(connection, shelf.PLAIN)
        retracted = load_record(connection, shelf.RETRACTED)
    assert record
    assert retracted
    named = replace(record, article={**record.article, "title": title})
    assert dict(citation_tags(named, retracted=True))["citation_title"] == title
    assert dict(article_view(retracted).meta)["citation_title"].startswith("Retracted: ")


def test_the_library_is_a_dataset(get: Get) -> None:
    html = get("/").text
    assert '<link rel="alternate" type="application/ld+json" href="/dataset.jsonld">' in html
    data = linked(get, "/dataset.jsonld")
    assert Microdata(html).items == [as_lists(data)]
    assert data["@type"] == "Dataset"
    assert 50 <= len(data["description"]) <= 5000
    assert data["description"].startswith(f"{stacks.COUNT} records")
    assert {"name", "license", "creator", "measurementTechnique"} <= set(data)
    assert {"isBasedOn", "includedInDataCatalog", "temporalCoverage"} <= set(data)
    assert data["version"] == "2026-11-01"
    assert data["dateModified"] == "2026-11-01T03:00:00Z"
    assert re.fullmatch(r"\d{4}/\d{4}", data["temporalCoverage"])
    for download in data["distribution"]:
        response = get(download["contentUrl"].removeprefix(ROOT))
        assert response.status_code == 200
        assert response.headers["content-type"].startswith(download["encodingFormat"])


def test_nobody_is_led_to_the_sample_or_to_nothing(tmp_path: Path) -> None:
    sample, empty = tmp_path / "sample.db", tmp_path / "empty.db"
    stacks.make_library(sample, kind="sample")
    open_library(empty).conn.close()
    for library in (sample, empty):
        ask = getter(serve(library))
        assert ask("/dataset.jsonld").status_code == 404
        html = ask("/").text
        assert "ld+json" not in html
        assert "itemscope" not in html


@pytest.mark.parametrize("page", ["/", "/search?q=x", "/about", "/literature", "/nothing"])
def test_every_page_tells_browsers_how_to_search(get: Get, page: str) -> None:
    html = get(page).text
    (link,) = re.findall(r'<link rel="search"[^>]*>', html)
    assert 'type="application/opensearchdescription+xml"' in link
    assert 'href="/opensearch.xml"' in link


def test_browsers_can_search_from_their_address_bar(get: Get) -> None:
    response = get("/opensearch.xml", headers={"host": "library.example"})
    assert response.headers["content-type"].startswith("application/opensearchdescription+xml")
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    root = ET.fromstring(response.text)  # noqa: S314 (ours)
    assert root.tag == f"{space}OpenSearchDescription"
    # OpenSearch 1.1: how long these may be, and no markup in them.
    for name, most in (("ShortName", 16), ("LongName", 48), ("Description", 1024)):
        assert 0 < len(root.findtext(space + name) or "") <= most
    urls = {url.get("rel") or "results": url for url in root.findall(f"{space}Url")}
    assert urls["self"].get("template") == "http://library.example/opensearch.xml"
    for url in root.findall(f"{space}Url"):
        template = url.get("template") or ""
        path = template.removeprefix("http://library.example").replace(
            "{searchTerms}", "ketamine+%22blood+pressure%22"
        )
        answer = get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(url.get("type") or "-")
