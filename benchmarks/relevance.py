"""Which weights rank best: known articles, labelled subjects and very short records.

    python -m benchmarks.relevance [FOLDER]

Reads the real records of `../shared/data`, puts them into a library in FOLDER (kept for next time)
and prints the tables of docs/decisions/0011-ranking.md. Every random choice has the same seed.
"""

import csv
import gzip
import io
import json
import math
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import mean
from typing import Any

from harvester.library.schema import FTS_COLUMNS, FTS_TABLE
from harvester.site.search import NO_ABSTRACT, WEIGHTS, expression
from harvester.site.synonyms import expand
from harvester.site.terms import parse

DATA = Path(__file__).resolve().parents[1] / "../shared/data"
RECORDS = ("ketamine.xml.gz", "depression.xml.gz", "bulk-mixed.xml.gz")
LABELLED = 990_000_000  # what is labelled has numbers of its own
SAMPLE = 400

# In the order of the index: title, abstract, authors, mesh, keywords, substances.
WEIGHTINGS: dict[str, tuple[float, ...]] = {
    "all alike": (1, 1, 1, 1, 1, 1),
    "title 2": (2, 1, 1, 1.5, 1.5, 1.5),
    "title 3": (3, 1, 1, 2, 2, 2),
    "title 4": (4, 1, 2, 2, 2, 2),
    "title 6": (6, 1, 2, 3, 3, 3),
    "title 10": (10, 1, 3, 4, 4, 4),
    "title 20": (20, 1, 4, 8, 8, 8),
    "the site's": tuple(WEIGHTS[column] for column in FTS_COLUMNS),
}
# What the score of a record without an abstract is multiplied by.
SHORT = (0.98, 0.95, 0.9, 0.8, 0.5)

# What a person types, and what readers of the abstract said it is about.
SUBJECTS = """
esketamine: S-Ketamine
ketamine: Ketamine
arketamine: R-Ketamine
psilocybin: Psilocybin
MDMA: MDMA
LSD: LSD
ayahuasca: Ayahuasca
esketamine depression: S-Ketamine + Depression
ketamine depression: Ketamine + Depression
psilocybin depression: Psilocybin + Depression
ketamine PTSD: Ketamine + Post-traumatic stress disorder (PTSD)
MDMA PTSD: MDMA + Post-traumatic stress disorder (PTSD)
ketamine pain: Ketamine + (Chronic) Pain
ketamine alcohol: Ketamine + Alcoholism
ketamine anxiety: Ketamine + Anxiety
psilocybin anxiety: Psilocybin + Anxiety
psilocybin smoking: Psilocybin + Other addictions (e.g. smoking)
recreational ketamine: Ketamine + Recreational Drug Use
recreational MDMA: MDMA + Recreational Drug Use
intranasal esketamine: S-Ketamine + Nasal
intravenous ketamine: Ketamine + Intravenous
oral ketamine: Ketamine + Oral
subcutaneous ketamine: Subcutaneous
ketamine volunteers: Ketamine + Healthy Participants
LSD volunteers: LSD + Healthy Participants
ketamine protocol: Ketamine + Study protocol
ketamine case report: Ketamine + Case report
ketamine placebo: Ketamine + Placebo
"""
# One word that many articles have, and very short records too.
COMMON = (
    "ketamine depression suicide anesthesia antidepressant pain psilocybin schizophrenia "
    "anxiety bipolar"
).split()

MEASURES = (
    "title words, MRR",
    "the same, no abstract",
    "abstract words, MRR",
    "name and a word, MRR",
    "subjects, nDCG@10",
    "no abstract in the first ten",
)

_STOP = set(
    "about after among and are between can does during effect effects for from has have in into "
    "is its may more not study than that the their this to treatment trial using was were which "
    "while with within without patients results these those".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A query; `judged` are the only articles that count, `relevant` those it should find."""

    query: str
    relevant: frozenset[int]
    judged: frozenset[int] | None = None


# --- the library ------------------------------------------------------------------------------


def make(folder: Path) -> Path:
    """The library of all records, partial ones too."""
    path = folder / "relevance.db"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / "partial.nbib"
    partial.write_text("\n".join(_partial()), "utf-8")
    files = [DATA / "pubmed" / name for name in RECORDS]
    harvester = Path(sys.executable).with_name("harvester")
    subprocess.run([harvester, "--db", path, "load", *files, partial, "--all", "-s"], check=True)
    return path


def _partial() -> Iterator[str]:
    """What has a title, an abstract and perhaps keywords and authors only, in MEDLINE's format."""
    with gzip.open(DATA / "pubmed/psychedelic-ketamine-abstracts.csv.gz") as stream:
        for row in csv.DictReader(io.TextIOWrapper(stream, "utf-8")):
            keywords = re.findall(r"'([^']+)'", row["keywords"])
            authors = [name.strip() for name in row["authors"].split(",") if name.strip()]
            yield _medline(row["pmid"], row["title"], row["abstract"], keywords, authors)
    for row in labelled():
        yield _medline(str(LABELLED + int(row["id"])), row["title"], row["abstract"], [], [])


def labelled() -> list[dict[str, Any]]:
    """Titles and abstracts with the labels of trained readers."""
    lines = (DATA / "psynamic/labelled.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _medline(
    pmid: str, title: str, abstract: str, keywords: Sequence[str], authors: Sequence[str]
) -> str:
    fields = [("PMID", pmid), ("TI", title), ("AB", abstract)]
    fields += [("FAU", _reversed(name)) for name in authors] + [("OT", word) for word in keywords]
    written = (f"{name:<4}- {' '.join(text.split())}" for name, text in fields if text.strip())
    return "\n".join(written) + "\n"


def _reversed(name: str) -> str:
    """`Smith, J. A.` for `J. A. Smith`."""
    first, _, last = name.rpartition(" ")
    return f"{last}, {first}" if first else last


# --- the questions ----------------------------------------------------------------------------


def known_items(connection: sqlite3.Connection) -> dict[str, list[Judged]]:
    """Articles that somebody remembers a little of: words of the title, of the abstract, a name."""
    random = Random(1)  # noqa: S311 (a sample, no secret)
    found: dict[str, list[Judged]] = {"title": [], "short": [], "abstract": [], "name": []}
    for pmid, title, abstract, authors in _sample(connection, random, with_abstract=True):
        of_title, of_abstract = _telling(title), _telling(abstract)
        one = frozenset({pmid})
        if len(of_title) >= 3 and len(of_abstract) >= 4:
            query = " ".join(random.sample(of_title, 3))
            found["title"].append(Judged(query=query, relevant=one))
            query = " ".join(random.sample(of_abstract, 4))
            found["abstract"].append(Judged(query=query, relevant=one))
            if name := re.match(r"[^\W\d_]{3,}", authors or ""):
                query = f"{name.group()} {random.choice(of_title)}"
                found["name"].append(Judged(query=query, relevant=one))
    for pmid, title, _, _ in _sample(connection, random, with_abstract=False):
        if len(words := _telling(title)) >= 3:
            query = " ".join(random.sample(words, 3))
            found["short"].append(Judged(query=query, relevant=frozenset({pmid})))
    return found


def _sample(
    connection: sqlite3.Connection, random: Random, *, with_abstract: bool
) -> list[tuple[int, str, str, str]]:
    about = "ketamine OR esketamine OR depression OR depressive OR psilocybin OR suicide"
    rows = connection.execute(
        "SELECT pmid, title, abstract, authors FROM articles WHERE has_abstract = ? AND pmid < ? "  # noqa: S608
        f"AND pmid IN (SELECT rowid FROM {FTS_TABLE} WHERE {FTS_TABLE} MATCH ?) ORDER BY pmid",
        (with_abstract, LABELLED, about),
    ).fetchall()
    return random.sample(rows, min(SAMPLE, len(rows)))


def _telling(text: str) -> list[str]:
    words = re.findall(r"[^\W\d_]{4,}", text)
    return list(dict.fromkeys(word for word in words if word.lower() not in _STOP))


def subjects() -> list[Judged]:
    """Of an article only those questions count that its readers were asked."""
    rows = [
        (LABELLED + int(row["id"]), {v for values in row["labels"].values() for v in values}, row)
        for row in labelled()
    ]
    tasks: dict[str, str] = {}
    for _, _, row in rows:
        for task, values in row["labels"].items():
            tasks.update(dict.fromkeys(values, task))
    found = []
    for line in SUBJECTS.split("\n"):
        query, _, wanted = line.partition(": ")
        labels = set(wanted.split(" + ")) if wanted else set()
        asked = [
            (pmid, values)
            for pmid, values, row in rows
            if all(tasks[label] in row["labels"] for label in labels)
        ]
        if labels:
            found.append(
                Judged(
                    query=query,
                    relevant=frozenset(pmid for pmid, values in asked if labels <= values),
                    judged=frozenset(pmid for pmid, _ in asked),
                )
            )
    return found


# --- the measures -----------------------------------------------------------------------------


Rank = Callable[[str], list[int]]


def ranker(
    connection: sqlite3.Connection,
    weights: Sequence[float],
    *,
    short: float = NO_ABSTRACT,
    names: str = "typed first",
) -> Rank:
    """A search: with other names of what is asked for (`none`, `typed first` or `together`)."""
    listed = ", ".join(map(str, weights))
    sql = (
        f"SELECT f.rowid FROM {FTS_TABLE} f CROSS JOIN articles a ON a.pmid = f.rowid "  # noqa: S608
        f"WHERE {FTS_TABLE} MATCH ? ORDER BY bm25({FTS_TABLE}, {listed}) * "
        f"iif(a.has_abstract, 1.0, {short}), f.rowid DESC"
    )

    def ranked(node: Any) -> list[int]:
        match = expression(node)
        return [pmid for (pmid,) in connection.execute(sql, (match,))] if match else []

    def rank(query: str) -> list[int]:
        node = parse(query).node
        wide = expand(node).node
        if names == "none" or wide == node:
            return ranked(node)
        if names == "together":
            return ranked(wide)
        return list(dict.fromkeys([*ranked(node), *ranked(wide)]))

    return rank


def reciprocal_rank(rank: Rank, questions: Sequence[Judged]) -> float:
    """The mean of 1 / place of the article that was meant."""
    places = ((rank(q.query), next(iter(q.relevant))) for q in questions)
    return mean(1 / (found.index(one) + 1) if one in found else 0.0 for found, one in places)


def gain(rank: Rank, questions: Sequence[Judged], depth: int = 10) -> float:
    """Mean nDCG of the first ten; articles that nobody judged are passed over."""
    return mean(
        _ndcg([p in q.relevant for p in rank(q.query) if p in (q.judged or ())][:depth],
              min(depth, len(q.relevant)))
        for q in questions
    )  # fmt: skip


def _ndcg(hits: Sequence[bool], most: int) -> float:
    best = sum(1 / math.log2(place + 2) for place in range(most))
    return sum(hit / math.log2(place + 2) for place, hit in enumerate(hits)) / best


def short_ones(connection: sqlite3.Connection, rank: Rank, depth: int = 10) -> float:
    """The share of records without an abstract among the first ten for a common word."""
    bare = {pmid for (pmid,) in connection.execute(
        "SELECT pmid FROM articles WHERE NOT has_abstract")}  # fmt: skip
    return mean(mean(pmid in bare for pmid in rank(word)[:depth]) for word in COMMON)


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(tempfile.gettempdir()) / "relevance")
    with closing(sqlite3.connect(f"file:{make(folder)}?mode=ro", uri=True)) as connection:
        known, asked = known_items(connection), subjects()
        sizes = ", ".join(f"{kind} {len(questions)}" for kind, questions in known.items())
        (articles,) = connection.execute("SELECT count(*) FROM articles").fetchone()
        print(f"{articles:,} articles; known articles: {sizes}; subjects: {len(asked)}\n")

        def line(label: str, rank: Rank) -> None:
            measured = [reciprocal_rank(rank, questions) for questions in known.values()]
            measured += [gain(rank, asked), short_ones(connection, rank)]
            print(f"| {label} |", " | ".join(f"{value:.3f}" for value in measured), "|", flush=True)

        print(f"| | {' | '.join(MEASURES)} |")
        print("|---|---|---|---|---|---|---|")
        for label, weights in WEIGHTINGS.items():
            line(label, ranker(connection, weights, short=1))
        for short in SHORT:
            line(f"the site's, short × {short}",
                 ranker(connection, WEIGHTINGS["the site's"], short=short))  # fmt: skip
        for names in ("none", "together"):
            line(f"the site's, names {names}",
                 ranker(connection, WEIGHTINGS["the site's"], names=names))  # fmt: skip


if __name__ == "__main__":
    main()
