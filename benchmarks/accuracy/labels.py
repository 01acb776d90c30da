"""The label sets: abstracts that people read, with what they found, each in one of two parts.

The rules may be written while looking at the `open` part. The `sealed` part is only ever scored:
its abstracts and its errors are not looked at. Which part an abstract is in depends on nothing
but its title, so that an abstract of several sets is in the same part everywhere.
"""

import csv
import gzip
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, cast

from harvester.evidence.numbers import find_numbers
from harvester.pubmed.parse import read_record
from harvester.pubmed.records import AbstractSection, Article, Text
from harvester.pubmed.split import split_stream

__all__ = [
    "SHARED",
    "Case",
    "gold",
    "part_of",
    "psynamic",
    "sample_sizes",
    "study_types",
    "vocabulary",
]

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An abstract with its labels, as the set names them: task to value or values."""

    id: str
    part: str
    article: Article
    labels: Mapping[str, Any]


def part_of(title: str) -> str:
    """`open` or `sealed`, by the last bit of the SHA-256 of the title's letters and digits."""
    letters = re.sub(r"[^a-z0-9]+", "", title.lower())
    return "sealed" if hashlib.sha256(letters.encode()).digest()[-1] % 2 else "open"


def _case(id_: str, title: str, abstract: Sequence[str], labels: Mapping[str, Any]) -> Case:
    article = Article(
        pmid=int(id_) if id_.isdigit() and int(id_) else 1,
        title=Text(plain=title),
        abstract=tuple(AbstractSection(text=Text(plain=part)) for part in abstract if part),
    )
    return Case(id=id_, part=part_of(title), article=article, labels=labels)


def psynamic() -> Iterator[Case]:
    """961 abstracts on psychedelics and ketamine, seven tasks (PsyNamic)."""
    for line in (SHARED / "psynamic/labelled.jsonl").read_text().splitlines():
        row = json.loads(line)
        yield _case(str(row["id"]), row["title"], [row["abstract"]], row["labels"])


def study_types() -> Iterator[Case]:
    """1,783 abstracts of neurology and psychiatry with one of 14 study types (StudyTypeTeller)."""
    for row in _rows("study-type.csv.gz"):
        sections = row["abstract"].split("\t")
        yield _case(row["record_id"], row["title"], sections, {"study_type": row["label"]})


def sample_sizes() -> Iterator[Case]:
    """553 abstracts of randomised trials in breast cancer that give a total (PICO corpus).

    Where its readers marked several totals (enrolled and analysed, say), each of them is right;
    their sum is not.
    """
    for row in _rows("sample-size-pico-corpus.csv.gz"):
        title, _, abstract = row["text"].partition(". ")
        totals = {n for told in row["total-participants"].split("|") if (n := _total(told))}
        if totals:
            yield _case(row["pmid"], title, [abstract], {"n": frozenset(totals)})


def _total(told: str) -> int | None:
    """The number at the beginning of what a reader marked, in figures or in words."""
    numbers = sorted(find_numbers(told.strip().lower()))
    return numbers[0].value if numbers else None


def gold() -> Iterator[Case]:
    """102 records on ketamine and look-alikes, read for this project, all facets."""
    held = dict(_records("pubmed/ketamine.xml.gz"))
    texts = dict(_abstracts())
    by_id = {case.id: case for case in psynamic()}
    for row in json.loads((SHARED / "gold.json").read_text())["records"]:
        pmid, title = int(row["pmid"]), row["title"]
        article = held.get(pmid)
        if article is None and (known := by_id.get(str(row.get("psynamic_id")))):
            article = known.article
        if article is None:
            text = row.get("abstract_text") or texts.get(pmid)
            article = _case(row["pmid"], title, [text or ""], {}).article
        if article.own_abstract:
            yield Case(id=row["pmid"], part=part_of(title), article=article, labels=row["labels"])


@cache
def vocabulary() -> Mapping[str, frozenset[str]]:
    """The values that the gold set's readers could choose from, by label."""
    data = json.loads((SHARED / "gold.json").read_text())
    return {label: frozenset(values) for label, values in data["vocabulary"].items()}


def _rows(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(SHARED / "pubmed/labels" / name, "rt", encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def _records(name: str) -> Iterator[tuple[int, Article]]:
    with gzip.open(SHARED / name) as stream:
        for piece in split_stream(cast(BinaryIO, stream)):
            article, _ = read_record(piece.data)
            yield article.pmid, article


def _abstracts() -> Iterator[tuple[int, str]]:
    path = SHARED / "pubmed/psychedelic-ketamine-abstracts.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row.get("pmid", "").isdigit() and row.get("abstract"):
                yield int(row["pmid"]), row["abstract"]
