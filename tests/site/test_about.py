"""The about page: what it promises about searching and about visitors is so."""

import re
import sqlite3
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest

from harvester.library.migrations import open_library
from harvester.site.about import load_about
from harvester.site.cache import Cache
from tests.site import stacks
from tests.site.conftest import Get, getter, serve


def test_each_example_of_a_search_can_be_followed(get: Get) -> None:
    html = get("/about").text
    examples = re.findall(r'<a href="(/search\?q=[^"]+)"><code>([^<]+)</code>', html)
    assert len(examples) >= 10
    for href, typed in examples:
        assert get(unescape(href)).status_code == 200, typed


@pytest.mark.parametrize("url", ["/", "/about", "/methods", "/search?q=suicide", "/changes"])
def test_nobody_is_followed(get: Get, url: str) -> None:
    """As the page says: no cookie, no script, nothing from elsewhere, and no one is told."""
    answer = get(url)
    assert "set-cookie" not in answer.headers
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    assert not re.search(r'<link rel="stylesheet" href="https?:', answer.text)


def test_facts_of_a_licence_have_their_place_and_their_time(get: Get) -> None:
    html = get("/about").text
    part = html[html.index('<h2 id="approval"') : html.index('<h2 id="mistakes"')]
    for fact in re.findall(r"<dd>(.*?)</dd>", part, re.S):
        for sentence in re.findall(r"[^.]*\b(?:approved|recommended)\b[^.]*", fact):
            assert re.search(r"In (?:the United States|the European Union|England)", sentence)
            assert re.search(r"\b20\d\d\b", sentence), sentence


def test_numbers_of_an_empty_library(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    open_library(path).conn.close()
    html = " ".join(getter(serve(path))("/about").text.split())
    assert "Nothing has been harvested yet. 0 articles." in html
    with closing(sqlite3.connect(path)) as connection:
        cache = Cache()
        about = load_about(connection, cache.catalogue(connection))
    assert (about.first_year, about.last_year, about.topics) == (None, None, ())


def test_the_sample_says_how_to_make_the_real_library(tmp_path: Path) -> None:
    path = tmp_path / "sample.db"
    stacks.make_library(path, kind="sample")
    assert "This is the built-in sample" in getter(serve(path))("/about").text
