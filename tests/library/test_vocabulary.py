"""The stems of the text index, read where nothing can be written."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from harvester.library import runs, store
from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.library.vocabulary import stems_beginning
from harvester.pubmed.records import Text
from tests.library.articles import NOW, article, stored


def test_stems_of_a_read_only_file(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    writer = open_library(path).conn
    record = article(title=Text(plain="Psychosis, psychoses and psychology of Généralisée"))
    now = datetime(2026, 11, 1, tzinfo=UTC)
    with transaction(writer):
        run_id = runs.start(writer, command="load", topic="all", now=now, version="0", source="x")
        store.store(writer, [stored(record)], run_id=run_id, now=NOW)
    writer.close()
    reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    assert stems_beginning(reader, "psych") == ("psycholog", "psychos", "psychosi")
    assert stems_beginning(reader, "psychos") == ("psychos", "psychosi")
    assert stems_beginning(reader, "generalise") == ("generalise",)
    assert stems_beginning(reader, "zzz") == ()
    reader.close()
