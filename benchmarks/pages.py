"""Which pages are asked for, of our site and of stock Datasette, each time another of its kind."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from benchmarks.libraries import FLAT, LIST_FACETS, PLAIN_FACETS
from harvester.library.schema import FTS_TABLE

__all__ = ["Kind", "kinds", "words"]

PAGE = 20
_FOUR = ("drug", "design", "type", "access")
Path_ = Callable[[int], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of page: the path of the n-th of it at ours and at stock Datasette.

    With `many` it is also asked for by two at once.
    """

    name: str
    ours: Path_
    stock: Path_
    many: bool = False


def kinds(library: Path) -> tuple[Kind, ...]:
    """What is asked for; words, values and records are the library's own."""
    random = Random(20_261_125)  # noqa: S311 (the same on each run)
    with closing(sqlite3.connect(f"{library.as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            f"SELECT pmid, published FROM {FLAT} ORDER BY published DESC, pmid DESC"  # noqa: S608
        ).fetchall()
        rare, common = words(connection, len(rows), random)
        chosen = _choices(connection, random)
    misspelled = [f"{word[:2]}{word[3]}{word[2]}{word[4:]}q" for word in rare]
    table = f"/{library.stem}/{FLAT}"
    pages = list(range(len(rows) // PAGE // 2, len(rows) // PAGE))
    random.shuffle(pages)
    pmids = [random.choice(rows)[0] for _ in range(500)]

    def facets(**query: str) -> str:
        asked = [("_facet", name) for name in PLAIN_FACETS]
        asked += [("_facet_array", name) for name in LIST_FACETS]
        asked += [("_size", str(PAGE)), ("_nosuggest", "1"), *query.items()]
        return urlencode(asked)

    def word(words: list[str], n: int) -> tuple[str, str]:
        found = words[n % len(words)]
        return f"/search?q={found}", f"{table}?{facets(_search=found)}"

    def four(n: int) -> tuple[str, str]:
        values = chosen[n % len(chosen)]
        plain = {name: value for name, value in values.items() if name in PLAIN_FACETS}
        lists = {f"{n}__arraycontains": v for n, v in values.items() if n in LIST_FACETS}
        return f"/search?{urlencode(values)}", f"{table}?{facets(**plain, **lists)}"

    def deep(n: int) -> tuple[str, str]:
        page = pages[n % len(pages)]
        pmid, published = rows[(page - 1) * PAGE - 1]
        there = facets(_sort_desc="published", _next=f"{published},{pmid}")
        return f"/search?page={page}", f"{table}?{there}"

    def data(n: int) -> tuple[str, str]:
        found = common[1::2][n % len(common[1::2])]
        return f"/search.json?q={found}", f"{table}.json?{facets(_search=found)}"

    def article(n: int) -> tuple[str, str]:
        pmid = pmids[n % len(pmids)]
        return f"/article/{pmid}", f"{table}/{pmid}"

    def both(name: str, page: Callable[[int], tuple[str, str]], *, many: bool = False) -> Kind:
        return Kind(name=name, ours=lambda n: page(n)[0], stock=lambda n: page(n)[1], many=many)

    return (
        both("home", lambda _: ("/", "/"), many=True),
        both("search, no words", lambda _: ("/search", f"{table}?{facets()}"), many=True),
        both("search, a rare word", lambda n: word(rare, n)),
        both("search, a word in a third of all", lambda n: word(common[::2], n), many=True),
        both("search, a misspelled word", lambda n: word(misspelled, n)),
        both("the same word asked again", lambda _: word(common[2:3], 0)),
        both("search, four facets chosen", four, many=True),
        both("a page deep in the list", deep),
        both("search.json, a word in a third", data),
        both("article", article, many=True),
    )


def words(
    connection: sqlite3.Connection, articles: int, random: Random
) -> tuple[list[str], list[str]]:
    """Words of few articles, and words of about a third of them."""
    connection.execute(f"CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, {FTS_TABLE}, row)")
    stems = [
        (stem, count)
        for stem, count in connection.execute("SELECT term, doc FROM temp.words WHERE doc > 2")
        if stem.isascii() and stem.isalpha() and len(stem) > 4
    ]
    rare = sorted(stem for stem, count in stems if count < articles / 1_000)
    random.shuffle(rare)
    third = articles / 3
    common = [stem for stem, count in sorted(stems, key=lambda it: (abs(it[1] - third), it[0]))]
    return _found(connection, rare, 200), _found(connection, common, 80)


def _found(connection: sqlite3.Connection, stems: list[str], most: int) -> list[str]:
    """Those of the first stems that are words themselves, with the same stem."""
    count = f"SELECT EXISTS (SELECT 1 FROM {FTS_TABLE} WHERE {FTS_TABLE} MATCH ?)"  # noqa: S608
    return [stem for stem in stems[:most] if connection.execute(count, (stem,)).fetchone()[0]]


def _choices(connection: sqlite3.Connection, random: Random) -> list[dict[str, str]]:
    """One value of each of four facets: many different choices, all of which find something."""
    found: dict[tuple[str, ...], None] = {}
    rows = connection.execute(f"SELECT {', '.join(_FOUR)} FROM {FLAT} LIMIT 20000")  # noqa: S608
    for row in rows:
        values = [
            json.loads(held) if name in LIST_FACETS else [held]
            for name, held in zip(_FOUR, row, strict=True)
        ]
        found.update(dict.fromkeys(product(*values)))
    choices = [choice for choice in found if all(choice)]
    random.shuffle(choices)
    return [dict(zip(_FOUR, choice, strict=True)) for choice in choices[:500]]
