"""Reads what is searched for: `topics.toml`, or a user's own file of the same shape."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from harvester.errors import SettingsError
from harvester.pubmed.query import Query, parse_query

__all__ = ["Block", "Citation", "Landmarks", "Topic", "Topics", "load_topics"]

BUILT_IN = Path(__file__).with_name("topics.toml")
TABLES = ("blocks", "topics", "citations", "landmarks", "narrower")
BLOCK_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
TOPIC_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
OPERATORS = ("AND", "OR", "NOT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Named terms of one idea; `term` is in parentheses, so that blocks can be joined safely."""

    name: str
    term: str
    rationale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A published strategy that a topic was checked against, and what was seen."""

    name: str
    text: str
    checked: str
    pmid: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One search; `query` is written with block names, `term` is the exact string sent."""

    name: str
    title: str
    query: str
    term: str
    rationale: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmarks:
    """Publications that each of the `topics`, and each of the `blocks`, must contain."""

    name: str
    about: str
    pmids: tuple[int, ...]
    topics: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """The topics of one file, in its order.

    `narrower` maps a MeSH heading to the headings below it; it serves matching on this machine.
    """

    path: Path
    topics: tuple[Topic, ...]
    blocks: tuple[Block, ...]
    landmarks: tuple[Landmarks, ...] = ()
    narrower: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Topic]:
        return iter(self.topics)

    def __len__(self) -> int:
        return len(self.topics)

    def topic(self, name: str) -> Topic:
        """The topic of that name; raises `SettingsError` that names those there are."""
        for topic in self.topics:
            if topic.name == name:
                return topic
        known = ", ".join(topic.name for topic in self.topics)
        raise SettingsError(f"There is no topic `{name}` in {self.path.name}; it has: {known}.")

    def parsed(self, topic: Topic) -> Query:
        """The topic's term, to be checked on records at hand."""
        return parse_query(topic.term, self.narrower)


def load_topics(path: Path | None = None) -> Topics:
    """Read a topic file, the one of this package by default.

    Raises `SettingsError`, one sentence that names the file and the place.
    """
    file = path or BUILT_IN
    return TopicFile(file, _parse(file)).read()


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise SettingsError(f"The topic file {path} cannot be read: {reason}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"The topic file {path} is not UTF-8 text.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The topic file {path} is not valid TOML: {error}.") from error


class TopicFile:
    """The tables of one topic file, checked while they are read."""

    def __init__(self, path: Path, tables: dict[str, Any]) -> None:
        self.path = path
        self.tables = tables

    def read(self) -> Topics:
        for name in self.tables:
            if name not in TABLES:
                self._fail(name, f"there is no such table; the tables are {', '.join(TABLES)}")
        narrower = self._narrower()
        blocks = {name: self._block(name, table) for name, table in self._tables("blocks")}
        citations = {name: self._citation(name, table) for name, table in self._tables("citations")}
        topics = tuple(
            self._topic(name, table, blocks, citations) for name, table in self._tables("topics")
        )
        if not topics:
            self._fail("topics", "there is no topic in it")
        names = {topic.name for topic in topics}
        return Topics(
            path=self.path,
            topics=topics,
            blocks=tuple(blocks.values()),
            landmarks=tuple(
                self._landmarks(name, table, names, set(blocks))
                for name, table in self._tables("landmarks")
            ),
            narrower=narrower,
        )

    # Tables ------------------------------------------------------------------------------------

    def _block(self, name: str, table: dict[str, Any]) -> Block:
        place = f"blocks.{name}"
        if not BLOCK_NAME.fullmatch(name) or name in OPERATORS:
            self._fail(place, "a block's name is one word in capitals")
        self._only(place, table, required=("term", "rationale"))
        term = self._text(place, table, "term")
        if not _enclosed(term):
            term = f"({term})"
        self._check(place, term)
        return Block(name=name, term=term, rationale=self._text(place, table, "rationale"))

    def _topic(
        self,
        name: str,
        table: dict[str, Any],
        blocks: Mapping[str, Block],
        citations: Mapping[str, Citation],
    ) -> Topic:
        place = f"topics.{name}"
        if not TOPIC_NAME.fullmatch(name) or name == "all":
            self._fail(place, "a topic's name is small letters, digits and hyphens, and not `all`")
        self._only(place, table, required=("title", "query", "rationale"), optional=("citations",))
        query = self._text(place, table, "query")
        term = self._with_blocks(place, query, blocks)
        self._check(place, term)
        cited = self._names(place, table, "citations", citations)
        return Topic(
            name=name,
            title=self._text(place, table, "title"),
            query=query,
            term=term,
            rationale=self._text(place, table, "rationale"),
            citations=tuple(citations[key] for key in cited),
        )

    def _with_blocks(self, place: str, query: str, blocks: Mapping[str, Block]) -> str:
        words = re.findall(r"[()]|[^\s()]+", query)
        for word in words:
            if word in blocks or word in OPERATORS or word in ("(", ")"):
                continue
            if word.upper() in OPERATORS:
                self._fail(place, f"write `{word}` in capitals: PubMed wants {word.upper()}")
            self._fail(place, f"there is no block `{word}`; there are {', '.join(blocks)}")
        return re.sub(
            r"[^\s()]+", lambda word: blocks[word[0]].term if word[0] in blocks else word[0], query
        )

    def _citation(self, name: str, table: dict[str, Any]) -> Citation:
        place = f"citations.{name}"
        self._only(place, table, required=("text", "checked"), optional=("pmid",))
        pmid = table.get("pmid")
        if pmid is not None and not _is_pmid(pmid):
            self._fail(place, "`pmid` is a whole number")
        return Citation(
            name=name,
            text=self._text(place, table, "text"),
            checked=self._text(place, table, "checked"),
            pmid=pmid,
        )

    def _landmarks(
        self, name: str, table: dict[str, Any], topics: set[str], blocks: set[str]
    ) -> Landmarks:
        place = f"landmarks.{name}"
        self._only(place, table, required=("about", "pmids"), optional=("topics", "blocks"))
        pmids = table["pmids"]
        if not isinstance(pmids, list) or not all(_is_pmid(pmid) for pmid in pmids):
            self._fail(place, "`pmids` is a list of whole numbers")
        return Landmarks(
            name=name,
            about=self._text(place, table, "about"),
            pmids=tuple(pmids),
            topics=self._names(place, table, "topics", topics),
            blocks=self._names(place, table, "blocks", blocks),
        )

    def _narrower(self) -> dict[str, tuple[str, ...]]:
        table = self.tables.get("narrower", {})
        if not isinstance(table, dict):
            self._fail("narrower", "this is not a table")
        return {name: self._strings("narrower", table, name) for name in table}

    # Values ------------------------------------------------------------------------------------

    def _fail(self, place: str, reason: str) -> NoReturn:
        raise SettingsError(f"In the topic file {self.path}, [{place}]: {reason}.")

    def _check(self, place: str, term: str) -> None:
        try:
            parse_query(term)
        except SettingsError as error:
            self._fail(place, str(error).rstrip("."))

    def _tables(self, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        tables = self.tables.get(name, {})
        if not isinstance(tables, dict):
            self._fail(name, "this is not a table")
        for key, table in tables.items():
            if not isinstance(table, dict):
                self._fail(f"{name}.{key}", "this is not a table")
            yield key, table

    def _only(
        self,
        place: str,
        table: Mapping[str, Any],
        *,
        required: tuple[str, ...],
        optional: tuple[str, ...] = (),
    ) -> None:
        for key in required:
            if key not in table:
                self._fail(place, f"`{key}` is missing")
        for key in table:
            if key not in required + optional:
                self._fail(place, f"`{key}` has no meaning here")

    def _text(self, place: str, table: Mapping[str, Any], key: str) -> str:
        value = table[key]
        if not isinstance(value, str) or not value.strip():
            self._fail(place, f"`{key}` is a text in quotation marks")
        return " ".join(value.split())

    def _strings(self, place: str, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._fail(place, f"`{key}` is a list of texts")
        return tuple(value)

    def _names(
        self, place: str, table: Mapping[str, Any], key: str, known: Mapping[str, Any] | set[str]
    ) -> tuple[str, ...]:
        names = self._strings(place, table, key)
        for name in names:
            if name not in known:
                self._fail(place, f"`{key}` names `{name}`, which is not in the file")
        return names


def _is_pmid(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _enclosed(term: str) -> bool:
    """Whether one pair of parentheses holds the whole term."""
    if not (term.startswith("(") and term.endswith(")")):
        return False
    depth = 0
    bare = re.sub(r'"[^"]*"', lambda quoted: "x" * len(quoted[0]), term)
    for at, character in enumerate(bare):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return at == len(term) - 1
    return False
