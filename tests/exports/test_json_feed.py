"""The feed against JSON Feed 1.1, by a schema of its rules."""

import json
import re
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.exports import json_feed
from tests.exports.test_atom import WHEN, entry, feed

ADDRESS = {"type": "string", "pattern": r"^https?://\S+$"}
TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}
AUTHORS = {
    "type": "array",
    "items": {
        "type": "object",
        "minProperties": 1,  # one of these at least
        "properties": {"name": {"type": "string"}, "url": ADDRESS, "avatar": ADDRESS},
    },
}
# https://www.jsonfeed.org/version/1.1/; what is not named there may only begin with "_".
SCHEMA = {
    "type": "object",
    "required": ["version", "title", "items"],
    "additionalProperties": False,
    "patternProperties": {"^_": {"type": "object"}},
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": {"type": "string"},
        "home_page_url": ADDRESS,
        "feed_url": ADDRESS,
        "description": {"type": "string"},
        "authors": AUTHORS,
        "language": {"type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]+)*$"},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id"],
                "anyOf": [{"required": ["content_text"]}, {"required": ["content_html"]}],
                "additionalProperties": False,
                "patternProperties": {"^_": {"type": "object"}},
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "url": ADDRESS,
                    "external_url": ADDRESS,
                    "title": {"type": "string"},
                    "content_html": {"type": "string"},
                    "content_text": {"type": "string"},
                    "date_published": TIME,
                    "date_modified": TIME,
                    "authors": AUTHORS,
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    },
}


def assert_valid(document: bytes) -> dict[str, Any]:
    """The rules of JSON Feed 1.1 that a document of this shape can break."""
    read: dict[str, Any] = json.loads(document.decode("utf-8"))
    jsonschema.Draft202012Validator(SCHEMA).validate(read)
    ids = [item["id"] for item in read["items"]]
    assert len(ids) == len(set(ids))
    return read


def test_it_says_what_the_feed_says() -> None:
    made = feed(entry(published="2026-11-01T00:00:00Z", elsewhere="http://127.0.0.1/pubmed"))
    read = assert_valid(json_feed.write(made))
    assert (read["title"], read["description"]) == ("Changes", "What changed.")
    assert read["feed_url"] == "http://127.0.0.1/changes.atom?kind=added&topic=x"
    assert read["home_page_url"] == "http://127.0.0.1/changes"
    assert read["authors"] == [{"name": "The Living Library"}]
    assert read["items"] == [
        {
            "id": "tag:ketamine-library.invalid,2026:change/91000101/added",
            "url": "http://127.0.0.1/article/91000101",
            "external_url": "http://127.0.0.1/pubmed",
            "title": "New: 5 < 6 & more",
            "content_text": "First seen.",
            "date_published": "2026-11-01T00:00:00Z",
            "date_modified": WHEN,
            "tags": ["New"],
        }
    ]


def test_what_has_one_time_has_it_twice() -> None:
    (item,) = assert_valid(json_feed.write(feed(entry())))["items"]
    assert (item["date_published"], item["date_modified"]) == (WHEN, WHEN)
    assert "external_url" not in item


def test_an_empty_feed_is_valid() -> None:
    assert assert_valid(json_feed.write(feed()))["items"] == []


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\x85b", "a\u202eb", "a\ud800b", "a\ufeffb"])
def test_what_turns_the_text_around_is_left_out(text: str) -> None:
    made = json_feed.write(feed(entry(title=text, summary=text, categories=((text, text),))))
    (item,) = assert_valid(made)["items"]
    assert (item["title"], item["content_text"], item["tags"]) == ("ab", "ab", ["ab"])


@given(st.text(st.characters(codec=None)), st.text())
def test_any_text_makes_a_document_that_can_be_read(title: str, summary: str) -> None:
    read = assert_valid(json_feed.write(feed(entry(title=title, summary=summary), title=title)))
    assert not re.search("[\x00-\x1f\u202a-\u202e]", read["items"][0]["title"] + read["title"])
