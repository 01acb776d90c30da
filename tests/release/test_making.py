"""A release is whole or not there, the same for the same library, and has nothing in excess."""

import hashlib
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.cli import main
from harvester.errors import LibraryBusy, LibraryError
from harvester.library.lock import exclusive
from harvester.load import load
from harvester.release import making
from harvester.release.manifest import find_releases
from harvester.settings import packaged_file
from tests.eutils_server import Corpus
from tests.release.libraries import OF_ABSTRACTS, TODAY, change, harvested, released
from tests.reliability.libraries import run
from tests.site.conftest import getter, serve
from tests.site.crawl import crawl

FILES = {
    "CHANGELOG.md",
    "CITATION.cff",
    "README.md",
    "datapackage.json",
    "literature.db",
    "manifest.json",
    "pmids.txt",
    "retracted.txt",
}


def test_every_file_is_there_and_as_the_manifest_says(library: Path, folder: Path) -> None:
    made = released(library, folder)
    assert made.folder == folder / "2026-11-20"
    assert {path.name for path in made.folder.iterdir()} == FILES
    assert {path.name for path in folder.iterdir()} == {"2026-11-20"}
    manifest = json.loads((made.folder / "manifest.json").read_text())
    assert {file["path"] for file in manifest["files"]} == FILES - {"manifest.json"}
    for file in manifest["files"]:
        content = (made.folder / file["path"]).read_bytes()
        assert len(content) == file["bytes"]
        assert hashlib.sha256(content).hexdigest() == file["sha256"], file["path"]
    pmids = (made.folder / "pmids.txt").read_bytes()
    assert hashlib.sha256(pmids).hexdigest() == manifest["pmids_sha256"]
    assert pmids == b"".join(b"%d\n" % (70_000_000 + n) for n in range(8))
    assert (manifest["records"], manifest["version"]) == (8, "2026-11-20")
    assert manifest["last_good_run"]["id"] == 1
    assert manifest["tables"]["articles"]["rows"] == 8
    assert made.folder.stat().st_mode & 0o777 == 0o755


def test_the_snapshot_is_the_library(library: Path, folder: Path) -> None:
    made = released(library, folder)
    uri = f"file:{made.folder / 'literature.db'}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as copy, closing(sqlite3.connect(library)) as own:
        for table in ("articles", "raw_records", "findings", "changes", "runs"):
            rows = f"SELECT * FROM {table} ORDER BY 1, 2"
            assert copy.execute(rows).fetchall() == own.execute(rows).fetchall(), table
        (mode,) = copy.execute("PRAGMA journal_mode").fetchone()
        assert mode == "delete"
        found = "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'dissociation'"
        assert copy.execute(found).fetchone() == (6,)
        assert copy.execute("SELECT count(*) FROM sqlite_stat1").fetchone()[0] > 0


def test_a_table_has_the_hash_that_its_readme_tells_how_to_make(
    library: Path, folder: Path
) -> None:
    made = released(library, folder)
    with closing(sqlite3.connect(made.folder / "literature.db")) as connection:
        rows = connection.execute(
            "SELECT json_array(name, title, term, rationale) FROM topics ORDER BY name"
        )
        lines = "".join(f"{line}\n" for (line,) in rows)
    expected = hashlib.sha256(lines.encode()).hexdigest()
    assert made.manifest["tables"]["topics"] == {"rows": 4, "sha256": expected}


def test_the_same_library_has_the_same_hashes(library: Path, folder: Path) -> None:
    first, second = released(library, folder), released(library, folder)
    assert second.version == "2026-11-20.2"
    for key in ("pmids_sha256", "tables"):
        assert first.manifest[key] == second.manifest[key]
    change(library, "UPDATE articles SET title = 'Another' WHERE pmid = 70000000")
    tables = released(library, folder).manifest["tables"]
    assert [name for name in tables if tables[name] != first.manifest["tables"][name]] == [
        "articles"
    ]


def test_what_could_not_be_read_is_not_passed_on(library: Path, folder: Path) -> None:
    change(
        library,
        "INSERT INTO problems (run_id, stage, reason, raw) VALUES (1, 'parse', 'Broken.', ?)",
        b"NEVER PASS THIS ON " * 500,
    )
    made = released(library, folder)
    assert b"NEVER PASS THIS ON" not in (made.folder / "literature.db").read_bytes()
    with closing(sqlite3.connect(made.folder / "literature.db")) as connection:
        assert connection.execute("SELECT reason, raw FROM problems").fetchall() == [
            ("Broken.", None)
        ]


def test_abstracts_can_be_left_out_everywhere(library: Path, folder: Path) -> None:
    whole = released(library, folder)
    assert OF_ABSTRACTS.encode() in (whole.folder / "literature.db").read_bytes()
    bare = released(library, folder, abstracts=False)
    for path in bare.folder.iterdir():
        assert OF_ABSTRACTS.encode() not in path.read_bytes(), path.name
    assert not bare.manifest["abstracts"]
    assert "left out" in (bare.folder / "README.md").read_text()
    with closing(sqlite3.connect(bare.folder / "literature.db")) as connection:

        def one(query: str) -> object:
            return connection.execute(query).fetchone()[0]

        match = "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH "
        assert one(f"{match} 'dissociation'") == 0
        assert one(f"{match} 'infusion'") == 6  # of the titles
        assert one("SELECT count(*) FROM raw_records") == 0
        assert one("SELECT min(has_abstract) FROM articles") == 1
        assert one("SELECT count(*) FROM findings WHERE source = 'abstract'") > 0
        quotes = "SELECT count(quote) FROM findings WHERE source"
        assert one(f"{quotes} = 'abstract'") == 0
        assert one(f"{quotes} <> 'abstract'") > 0
    assert len(find_releases(folder)) == 2


def test_a_site_of_a_release_without_abstracts_shows_every_page(
    library: Path, folder: Path
) -> None:
    made = released(library, folder, abstracts=False)
    pages = ["/", "/article/70000001", "/article/70000001.xml", "/search.atom"]
    answers = crawl(getter(serve(made.folder / "literature.db")), pages, of_a_kind=3)
    assert len(answers) > 40
    assert [path for path, answer in answers.items() if answer.status_code >= 500] == []
    for answer in answers.values():
        assert "No abstract in PubMed" not in answer.text
        assert "PubMed has no abstract" not in answer.text
    record = "/article/70000001"
    assert "leaves the texts of abstracts out" in answers[record].text
    missing = answers[f"{record}.xml"]
    assert missing.status_code == 404
    assert "has no record" not in missing.text


def test_a_release_without_abstracts_is_not_harvested_into(
    corpus: Corpus, library: Path, folder: Path
) -> None:
    """Its records count as known, so that their abstracts would never come."""
    made = released(library, folder, abstracts=False)
    with pytest.raises(LibraryError, match="without abstracts"):
        harvested(made.folder / "literature.db", corpus)


@pytest.mark.parametrize("step", ["take_snapshot", "citation_file", "_to_disk"])
def test_a_broken_run_leaves_nothing(
    library: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(making, step, broken)
        with pytest.raises(OSError, match="No space"):
            released(library, folder)
    assert list(folder.iterdir()) == []
    assert released(library, folder).version == "2026-11-20"


FULL = """
import resource, signal, sys
from harvester.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
main(sys.argv[1:])
"""


def test_a_full_disk_is_told_of_the_right_file(library: Path, folder: Path) -> None:
    words = ["--db", str(library), "release", str(folder)]
    command = [sys.executable, "-c", FULL, *words]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (1, ""), result.stderr
    assert result.stderr.startswith("Error: The disk is full")
    assert str(folder) in result.stderr
    assert list(folder.iterdir()) == []


def test_what_a_killed_run_left_is_taken_away(library: Path, folder: Path) -> None:
    left = folder / ".unfinished-x"
    left.mkdir(parents=True)
    (left / "literature.db.draft").write_bytes(b"half")
    assert find_releases(folder) == []
    released(library, folder)
    assert [path.name for path in folder.iterdir()] == ["2026-11-20"]


@pytest.mark.parametrize("lost", ["CHANGELOG.md", "pmids.txt", "literature.db"])
def test_an_older_release_that_lacks_a_file_is_passed_over(
    library: Path, folder: Path, lost: str
) -> None:
    old = released(library, folder)
    (old.folder / lost).unlink()
    assert find_releases(folder) == []
    made = released(library, folder, TODAY + timedelta(days=1))
    assert find_releases(folder) == [made]
    assert made.manifest["previous"] is None


def test_the_one_that_was_made_is_reported_beside_one_of_a_later_day(
    library: Path, folder: Path
) -> None:
    later = released(library, folder, TODAY + timedelta(days=9))
    made = released(library, folder)
    assert made.version == f"{TODAY}"
    assert find_releases(folder) == [later, made]


def test_a_release_without_abstracts_is_whole(library: Path, folder: Path) -> None:
    made = released(library, folder, abstracts=False)
    checked = run(made.folder / "literature.db", "check")
    assert (checked.exit_code, checked.stdout) == (0, ""), checked.output


def test_a_fault_in_the_library_stops_the_release(library: Path, folder: Path) -> None:
    change(library, "DELETE FROM articles_fts_data WHERE id > 10")
    with pytest.raises(LibraryError, match=r"not whole|damaged"):
        released(library, folder)
    assert list(folder.iterdir()) == []


def test_no_release_while_a_harvest_is_at_work(library: Path, folder: Path) -> None:
    with exclusive(library, now=datetime.now(UTC)), pytest.raises(LibraryBusy):
        released(library, folder)


def test_the_invented_sample_is_no_release(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "sample.db"
    sample = packaged_file("sample.xml.gz", checkout="data/sample.xml.gz")
    load(path, [sample], [], label="all", keep_all=True, kind="sample")
    with pytest.raises(LibraryError, match="invented"):
        released(path, folder)


def test_the_command_prints_the_folder(library: Path, folder: Path) -> None:
    words = ["--db", str(library), "release", str(folder), "--without-abstracts"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.stderr
    (made,) = find_releases(folder)
    assert result.stdout == f"{made.folder}\n"
    assert "8 records" in result.stderr
    again = CliRunner().invoke(main, words)
    assert f"changes since {made.version}" in again.stderr


def test_without_a_library_there_is_a_sentence(tmp_path: Path, folder: Path) -> None:
    result = CliRunner().invoke(main, ["--db", str(tmp_path / "no.db"), "release", str(folder)])
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: There is no library at {tmp_path / 'no.db'}; run: harvester harvest.\n"
    )
    assert not folder.exists()


def test_the_version_is_the_day(library: Path, folder: Path) -> None:
    assert released(library, folder).manifest["created"] == f"{TODAY}T12:00:00Z"
    for n in range(2, 12):
        (folder / f"2026-11-20.{n}").mkdir()
    assert released(library, folder).version == "2026-11-20.12"
    assert [r.version for r in find_releases(folder)] == ["2026-11-20.12", "2026-11-20"]
