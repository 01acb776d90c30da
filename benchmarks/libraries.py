"""Libraries to measure on: real records where there are any, as many as are asked for.

Copies of a record have numbers of their own and were published earlier; all that hangs on a record
is copied with it. What the records at hand lack and a library has (headings that indexers have not
given yet, findings that no rule has made yet, the searches that found it) is invented, and said so.
"""

import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.library.schema import TABLES
from harvester.library.store import optimize
from harvester.site.facets import FACETS

__all__ = ["FLAT", "LIST_FACETS", "PLAIN_FACETS", "Made", "make"]

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT / "../shared/data/pubmed/bulk-modern.xml.gz"
INVENTED = ROOT / "data/sample.xml.gz"

# The table that stock Datasette shows: what a result shows, each list in one column as JSON.
FLAT = "flat_articles"
PLAIN_FACETS = ("journal", "year", "language", "country", "access", "status", "design", "record")
_FINDINGS = {
    "drug": 6,
    "design": 14,
    "route": 7,
    "condition": 16,
    "population": 11,
    "comparator": 9,
    "safety": 24,
    "scale": 18,
    "mechanism": 15,
    "relevance": 4,
    "outcome": 12,
    "schedule": 6,
    "combination": 5,
    "design_flag": 8,
    "funding": 6,
}
LIST_FACETS = (
    "type",
    "mesh",
    "topic",
    "safety_absent",
    *(name for name in _FINDINGS if name != "design"),
)

# Copies get numbers above any that PubMed has given out, and are older by so many years each.
_SHIFT = 50_000_000
_YEARS = 5
_HEADINGS = 9  # of an article, on average over MEDLINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A library; `about` says what its records are, in sentences."""

    path: Path
    articles: int
    size: int
    about: str


def make(folder: Path, articles: int | None = None) -> Made:
    """A library of so many articles (None: the records at hand), kept in `folder` for next time.

    The time that it takes is not measured.
    """
    different = set(FACETS) ^ ({*PLAIN_FACETS, *LIST_FACETS} - {"year"})
    if different:
        raise SystemExit(f"The site and the flat table have different facets: {different}")
    real = REAL.exists()
    source = REAL if real else INVENTED
    name = "at-hand" if articles is None else str(articles)
    path = folder / f"{name}-{_version(source)}.db"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{name}-*.db*"):
            old.unlink()
        half = path.with_suffix(".half")
        half.unlink(missing_ok=True)
        print(f"Making {path.name} from {source.name} ...", file=sys.stderr)
        _load(half, source)
        with closing(open_library(half).conn) as connection:
            with transaction(connection):
                _invent(connection)
            _copy(connection, articles if real or articles else 14_000)
            with transaction(connection):
                _flatten(connection)
            optimize(connection, text_index=True)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        half.rename(path)
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        (held,) = connection.execute("SELECT count(*) FROM articles").fetchone()
        invented = [row[0] for row in connection.execute("SELECT what FROM bench_invented")]
    kind = "real PubMed records" if real else "invented records (the real ones are not here)"
    about = f"{held:,} articles: {kind}"
    if articles is not None or not real:
        about += ", copied with numbers and years of their own"
    about += f". Invented: {', '.join(invented)}." if invented else "."
    return Made(path=path, articles=held, size=path.stat().st_size, about=about)


def _version(source: Path) -> str:
    """Changes with the tables, the rules, and the way in which both are filled here."""
    rules = sorted((ROOT / "harvester/evidence").rglob("*.[pt]*"))
    files = [file for file in (*rules, Path(__file__)) if file.suffix in (".py", ".toml")]
    parts = [str(source.stat().st_size), repr(TABLES), *(file.read_text() for file in files)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:10]


def _load(path: Path, source: Path) -> None:
    command = [sys.executable, "-m", "harvester", "--db", str(path), "load", str(source), "--all"]
    subprocess.run([*command, "--silent"], check=True, stdout=subprocess.DEVNULL)


# -- what the records lack ---------------------------------------------------------------------


def _invent(connection: sqlite3.Connection) -> None:
    random = Random(20_261_125)  # noqa: S311 (the same on each run)
    connection.execute("CREATE TABLE bench_invented (what TEXT NOT NULL)")
    pmids = [pmid for (pmid,) in connection.execute("SELECT pmid FROM articles ORDER BY pmid")]

    def missing(table: str, what: str) -> list[int]:
        held = {pmid for (pmid,) in connection.execute(f"SELECT DISTINCT pmid FROM {table}")}  # noqa: S608
        if len(held) > len(pmids) / 2:
            return []
        connection.execute("INSERT INTO bench_invented VALUES (?)", (what,))
        return [pmid for pmid in pmids if pmid not in held]

    if lacking := missing("article_mesh", "MeSH headings of those that have none yet"):
        numbers = [number for (number,) in connection.execute("SELECT id FROM mesh_terms")]
        connection.executemany(
            "INSERT INTO article_mesh (pmid, position, mesh_id, major, descriptor_major) "
            "VALUES (?, ?, ?, 0, 0)",
            (
                (pmid, position, number)
                for pmid in lacking
                for position, number in enumerate(_some(random, numbers, _HEADINGS), 1)
            ),
        )
    _invent_findings(connection, random, pmids)
    if lacking := missing("article_topics", "the searches that found them"):
        topics = [name for (name,) in connection.execute("SELECT name FROM topics")]
        connection.executemany(
            "INSERT INTO article_topics (pmid, topic, first_run) VALUES (?, ?, 1)",
            (
                (pmid, topic)
                for pmid in lacking
                for topic in random.sample(topics, random.choice((1, 1, 2, 3)))
            ),
        )


def _some(random: Random, values: list[int], count: int) -> list[int]:
    """Different ones of the values, the first much more often than the last."""
    found: dict[int, None] = {}
    while len(found) < min(count, len(values)):
        found[values[int(len(values) ** random.random()) - 1]] = None
    return list(found)


def _invent_findings(connection: sqlite3.Connection, random: Random, pmids: list[int]) -> None:
    """Findings of the facets that less than half of the articles have any of."""
    count = "SELECT facet, count(DISTINCT pmid) FROM findings GROUP BY facet"
    held = dict(connection.execute(count).fetchall())
    lacking = {
        name: values for name, values in _FINDINGS.items() if held.get(name, 0) < len(pmids) / 2
    }
    if not lacking:
        return
    connection.execute(f"DELETE FROM findings WHERE facet IN {(*lacking, '')}")  # noqa: S608
    connection.executemany(
        "INSERT INTO findings (pmid, position, facet, value, rule, source) "
        "VALUES (?, ?, ?, ?, 'invented/1', 'abstract')",
        (
            (pmid, 1_000 + position, facet, value)
            for pmid in pmids
            for position, (facet, value) in enumerate(_findings(random, lacking))
        ),
    )
    if "design" in lacking:
        connection.execute(
            "UPDATE articles SET design = (SELECT value FROM findings f "
            "WHERE f.pmid = articles.pmid AND +facet = 'design')"
        )
    names = ", ".join(lacking)
    connection.execute("INSERT INTO bench_invented VALUES (?)", (f"findings ({names})",))


def _findings(random: Random, facets: dict[str, int]) -> Iterator[tuple[str, str]]:
    for facet, values in facets.items():
        count = 1 if facet in ("drug", "design", "relevance") else random.choice((0, 1, 1, 2))
        for number in _some(random, list(range(1, values + 1)), count):
            yield facet, f"{facet}_{number}"


# -- as many as are asked for --------------------------------------------------------------------


def _copy(connection: sqlite3.Connection, wanted: int | None) -> None:
    pmids = [pmid for (pmid,) in connection.execute("SELECT pmid FROM articles ORDER BY pmid")]
    left, number = (wanted or 0) - len(pmids), 0
    while left > 0:
        number += 1
        last = pmids[min(left, len(pmids)) - 1]
        print(f"  copy {number}, {max(left, 0):,} to go", file=sys.stderr)
        with transaction(connection):
            for table, spec in TABLES.items():
                if spec.per_article or table in _COPIED:
                    connection.execute(
                        _copying(table),
                        {"shift": number * _SHIFT, "years": number * _YEARS, "last": last},
                    )
        left -= len(pmids)


_COPIED = ("articles", "article_topics", "raw_records", "changes")


def _copying(table: str) -> str:
    columns = {
        name: _copied(table, name)
        for name in TABLES[table].columns
        if name != "id"  # numbered anew
    }
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608 (names of ours)
        f"SELECT {', '.join(columns.values())} FROM {table} WHERE pmid <= :last"
    )


def _copied(table: str, column: str) -> str:
    if column == "pmid":
        return "pmid + :shift"
    if column in ("other_pmid", "cited_pmid"):  # of the same copy, when the library holds it
        held = "(SELECT pmid FROM articles WHERE pmid <= :last)"
        return f"iif({column} IN {held}, {column} + :shift, {column})"
    if (table, column) == ("articles", "year"):
        return "year - :years"
    if (table, column) == ("articles", "published"):
        return "printf('%04d', substr(published, 1, 4) - :years) || substr(published, 5)"
    return column


# -- for stock Datasette -------------------------------------------------------------------------


def _flatten(connection: sqlite3.Connection) -> None:
    """The table of lists, as one makes it for Datasette's facets; the text index serves both."""
    lists = ", ".join(
        f"(SELECT json_group_array(value) FROM ({_of_article(name)})) AS {name}"  # noqa: S608
        for name in LIST_FACETS
    )
    connection.execute(
        f"CREATE TABLE {FLAT} (pmid INTEGER PRIMARY KEY, title TEXT, abstract TEXT, "
        "authors TEXT, journal TEXT, year INTEGER, published TEXT, language TEXT, country TEXT, "
        f"access TEXT, status TEXT, design TEXT, record TEXT, sample_size INTEGER, "
        f"{', '.join(LIST_FACETS)})"
    )
    connection.execute(
        f"WITH kinds (record, of) AS ({FACETS['record'].sql}) "  # noqa: S608 (names of ours)
        f"INSERT INTO {FLAT} SELECT pmid, title, abstract, authors, journal, year, published, "
        "language, country, iif(pmcid IS NULL, 'subscription', 'free'), "
        "iif(retracted, 'retracted', iif(concern, 'concern', iif(corrected, 'corrected', NULL))), "
        f"design, record, sample_size, {lists} FROM articles a JOIN kinds ON of = a.pmid"
    )
    for column in (*PLAIN_FACETS, "published"):
        connection.execute(f"CREATE INDEX idx_{FLAT}_{column} ON {FLAT} ({column})")


def _of_article(facet: str) -> str:
    """The SELECT of one article's values, made from the one that the site reads."""
    return {
        "type": "SELECT t.name AS value FROM article_publication_types l JOIN publication_types t "
        "ON t.id = l.publication_type_id WHERE l.pmid = a.pmid",
        "mesh": "SELECT t.name AS value FROM article_mesh l JOIN mesh_terms t "
        "ON t.id = l.mesh_id WHERE l.pmid = a.pmid",
        "topic": "SELECT topic AS value FROM article_topics l WHERE l.pmid = a.pmid",
        "safety_absent": "SELECT value FROM findings f WHERE f.pmid = a.pmid "
        "AND +facet = 'safety' AND json_extract(detail, '$.polarity') = 'absent'",
    }.get(facet, f"SELECT value FROM findings f WHERE f.pmid = a.pmid AND +facet = '{facet}'")  # noqa: S608
