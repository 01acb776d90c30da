"""Biopython, which loses nothing either, reads every real record and says the same as we do."""

import itertools
from collections import Counter
from pathlib import Path

import pytest

from harvester.pubmed.parse import read_record
from harvester.pubmed.split import split_stream
from tests.pubmed.second_opinion import biopython, our_facts, same

AT_A_TIME = 200  # Entrez.read holds all that it reads in memory
FILES = {
    "oddities.xml": 144,
    "ketamine.xml.gz": 41,
    "depression.xml.gz": 394,
    "bulk-mixed.xml.gz": 3176,
    "bulk-modern.xml.gz": 13921,
    "bulk-1970s.xml.gz": 19993,
}


def differences(path: Path) -> tuple[int, list[str]]:
    """How many records were compared, and each difference as `PMID field: ours, theirs`."""
    compared = 0
    told: list[str] = []
    with path.open("rb") as stream:
        pieces = (piece.data for piece in split_stream(stream) if piece.kind != "delete")
        while some := list(itertools.islice(pieces, AT_A_TIME)):
            some.sort(key=lambda data: data.startswith(b"<PubmedBook"))  # as Biopython does
            for data, theirs in zip(some, biopython(some), strict=True):
                ours = our_facts(read_record(data)[0])
                compared += 1
                assert theirs, f"Biopython cannot read PMID {ours['pmid']}"
                told += (
                    f"{ours['pmid']} {name}: {ours.get(name)}, {theirs.get(name)}"
                    for name in ours.keys() | theirs.keys()
                    if not same(ours.get(name), theirs.get(name))
                )
    return compared, told


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_biopython_says_the_same(name: str, shared_data: Path) -> None:
    compared, told = differences(shared_data / "pubmed" / name)
    assert told == []
    assert compared == FILES[name]


def test_biopython_says_the_same_of_recorded_replies(shared_data: Path) -> None:
    counts: Counter[str] = Counter()
    for path in sorted(shared_data.glob("eutils/efetch_xml*/*.xml")):
        if path.name == "uilist.xml":
            continue
        compared, told = differences(path)
        assert told == [], path.name
        counts[path.parent.name] += compared
    assert min(counts.values()) >= 30
