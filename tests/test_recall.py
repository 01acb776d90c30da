"""Landmark publications: where they must be, and when they are demanded."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from click.testing import CliRunner, Result

from harvester.cli import main
from harvester.library import membership, runs
from harvester.library import store as library
from harvester.library.migrations import open_library
from harvester.library.runs import TopicCounts
from harvester.recall import absent, recall
from harvester.topics import Landmarks, load_topics
from tests.library.articles import article, stored

GROUPS = (
    Landmarks(name="narrow", about="", pmids=(1, 2), topics=("a", "b")),
    Landmarks(name="broad", about="", pmids=(2, 3), topics=("b",)),
    Landmarks(name="block", about="", pmids=(9,), blocks=("DRUG",)),
)


def test_each_topic_must_contain_its_landmarks() -> None:
    results = list(recall(GROUPS, {"a": [1, 5], "b": [1, 2, 3], "c": []}))
    assert [(r.topic, r.found, r.expected, r.missing) for r in results] == [
        ("a", 1, 2, (2,)),
        ("b", 3, 3, ()),
    ]
    assert absent(results, [1, 2]) == ()
    assert absent(results, [1]) == (2,)


def run(path: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--db", str(path), *words])


def library_from(path: Path, source: str, pmids: tuple[int, ...]) -> None:
    """A library whose only harvest came from `source` and found these records by every topic."""
    with closing(open_library(path).conn) as connection:
        now = runs.datetime.fromisoformat("2026-11-01T03:00:00+00:00")
        number = runs.start(
            connection, command="harvest", topic="all", now=now, version="0", source=source
        )
        records = [stored(article(pmid)) for pmid in pmids]
        library.store(connection, records, run_id=number, now=runs.utc(now))
        for topic in load_topics():
            runs.save_topic_definition(
                connection, name=topic.name, title=topic.title, term=topic.term, rationale=""
            )
            membership.join_topic(connection, topic.name, pmids, run_id=number)
            runs.save_topic(connection, number, topic.name, TopicCounts(), term=topic.term)
        runs.finish(
            connection,
            number,
            status="new",
            now=now,
            seconds=1,
            counts=TopicCounts(),
            complete=True,
        )


def test_a_library_from_pubmed_is_held_to_its_landmarks(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    all_of_them = {p for group in load_topics().landmarks if group.topics for p in group.pmids}
    one, *rest = sorted(all_of_them)
    library_from(path, "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/", tuple(rest))
    checked = run(path, "check")
    assert checked.exit_code == 1
    assert f"The landmark publication PMID {one} is not in the library.\n" in checked.stdout
    assert "Landmarks of ketamine-safety: 2 of 2." in checked.stderr
    found = {r["topic"]: r for r in json.loads(run(path, "status", "--json").stdout)["landmarks"]}
    assert sum(len(result["missing"]) for result in found.values()) > 0
    assert "Landmarks     ketamine-safety: 2 of 2" in run(path, "status").stdout


def test_a_library_from_elsewhere_is_not(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    library_from(path, "http://127.0.0.1:8000/entrez/eutils/", (90_000_001,))
    checked = run(path, "check")
    assert "andmark" not in checked.output
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchone() == (1,)
