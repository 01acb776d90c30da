"""Making a release: written aside, checked, and put in its place in one step."""

import fcntl
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from harvester import __version__
from harvester.errors import LibraryBusy, LibraryError
from harvester.library.database import connect_read_only, explained
from harvester.library.lock import exclusive
from harvester.library.notices import retracted_pmids
from harvester.library.runs import last_good_of_all, run_rows, utc
from harvester.library.snapshot import reading_snapshot, sums, take_snapshot
from harvester.library.store import held_pmids
from harvester.release.citation import citation_file
from harvester.release.manifest import (
    MANIFEST,
    Release,
    ReleasedFile,
    described,
    find_releases,
    next_version,
)
from harvester.release.news import Before, as_markdown, read_news
from harvester.release.package import data_package
from harvester.release.terms import load_terms, readme

__all__ = ["release"]

_UNFINISHED = ".unfinished-"
_LIBRARY, _PMIDS, _RETRACTED, _NEWS = "literature.db", "pmids.txt", "retracted.txt", "CHANGELOG.md"


def release(library: Path, folder: Path, *, now: datetime, abstracts: bool = True) -> Release:
    """Put a release of the library into a new folder below `folder`, named for the day.

    A second release of a day is `2026-11-25.2`. The folder is written under another name and
    renamed when all of it is on the disk, so there is never half a release; what a broken run left
    is removed by the next one. No harvest runs meanwhile. Raises LibraryBusy while a harvest, or
    another release into the folder, is at work; LibraryError when there is no library, it is the
    built-in sample, or the snapshot is not whole.
    """
    with explained(library):
        connection = connect_read_only(library)
        kind = connection.execute("SELECT value FROM settings WHERE name = 'kind'").fetchone()
        connection.close()
    if kind == ("sample",):
        raise LibraryError(f"{library} holds the built-in sample, whose records are invented.")
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        for left in folder.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left)
        draft = Path(mkdtemp(prefix=_UNFINISHED, dir=folder))
        try:
            with exclusive(library, now=now):
                take_snapshot(library, draft / _LIBRARY, abstracts=abstracts)
            version = next_version(folder, f"{now:%Y-%m-%d}")
            before = next(iter(find_releases(folder)), None)
            _write(draft, version=version, now=now, abstracts=abstracts, before=before)
            _to_disk(draft)
            draft.chmod(0o755)
            draft.rename(folder / version)
            _sync(folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        return next(made for made in find_releases(folder) if made.version == version)


def _write(
    draft: Path, *, version: str, now: datetime, abstracts: bool, before: Release | None
) -> None:
    """All files beside the snapshot; the manifest last."""
    with reading_snapshot(draft / _LIBRARY) as connection:
        pmids = sorted(held_pmids(connection))
        retracted = retracted_pmids(connection)
        news = read_news(connection, _known(before)) if before else None
        about = _about(connection)
    _save(draft / _PMIDS, _lines(pmids))
    _save(draft / _RETRACTED, _lines(retracted))
    earlier = (before.folder / _NEWS).read_text(encoding="utf-8") if before else ""
    count = len(pmids)
    _save(draft / _NEWS, as_markdown(news, version=version, records=count, earlier=earlier))
    good = about["last_good_run"]
    harvested = good is not None
    _save(
        draft / "README.md",
        readme(version=version, records=count, abstracts=abstracts, harvested=harvested),
    )

    library = described(
        draft / _LIBRARY,
        mediatype="application/vnd.sqlite3",
        about="The library, one SQLite file, to be opened immutable",
    )
    lists = (
        _text(draft, _PMIDS, "PMIDs of all records but those that PubMed has withdrawn, sorted"),
        _text(draft, _RETRACTED, "Those of them that are retracted"),
    )
    package = data_package(
        version=version,
        created=utc(now),
        as_of=good["finished"] if good else None,
        library=library,
        lists=lists,
    )
    _save_json(draft / "datapackage.json", package)
    citation = citation_file(
        version=version,
        day=f"{now:%Y-%m-%d}",
        records=count,
        pmids_sha256=lists[0].sha256,
        harvested=harvested,
    )
    _save(draft / "CITATION.cff", citation)
    files = (
        library,
        *lists,
        _text(draft, _NEWS, "Which records came, changed or went since the release before"),
        _text(draft, "README.md", "What this is, its terms, how to check and to use it"),
        _text(draft, "CITATION.cff", "How to cite this release (Citation File Format)"),
        described(
            draft / "datapackage.json",
            mediatype="application/json",
            about="Every table and column, described (Data Package v2)",
        ),
    )
    terms = load_terms()
    manifest = {
        "title": terms.title,
        "version": version,
        "created": utc(now),
        "software": __version__,
        "records": count,
        "retracted": len(retracted),
        "abstracts": abstracts,
        "pmids_sha256": lists[0].sha256,
        "license": terms.license,
        "license_url": terms.license_url,
        "previous": before.version if before else None,
        **about,
        "files": [file.as_json() for file in files],
    }
    _save_json(draft / MANIFEST, manifest)


def _about(connection: sqlite3.Connection) -> dict[str, Any]:
    """Of the library itself: its last runs, its searches, and the sums of its tables."""
    last = run_rows(connection, limit=1)
    topics = connection.execute(
        "SELECT t.name, t.title, t.term, count(a.pmid) FROM topics AS t "
        "LEFT JOIN article_topics AS a ON a.topic = t.name AND a.left_run IS NULL "
        "GROUP BY t.name ORDER BY t.name"
    )
    return {
        "last_run": _run(last[0]) if last else None,
        "last_good_run": _run(last_good_of_all(connection)),
        "topics": [
            {"name": name, "title": title, "term": term, "records": records}
            for name, title, term, records in topics
        ],
        "tables": {name: asdict(found) for name, found in sums(connection).items()},
    }


def _run(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What a release says of a run: enough to find it again, and what PubMed counted."""
    names = ("id", "command", "started", "finished", "reported", "held", "database_updated")
    return {name: row[name] for name in names} if row else None


def _known(before: Release) -> Before:
    run = before.manifest.get("last_run")
    return Before(
        version=before.version,
        run=(run["id"], run["started"]) if run else None,
        pmids=_numbers(before.folder / _PMIDS),
        retracted=_numbers(before.folder / _RETRACTED),
    )


def _numbers(path: Path) -> frozenset[int]:
    return frozenset(map(int, path.read_text(encoding="utf-8").split()))


def _lines(pmids: Sequence[int]) -> str:
    return "".join(f"{pmid}\n" for pmid in pmids)


def _text(folder: Path, name: str, about: str) -> ReleasedFile:
    kinds = {".md": "text/markdown", ".cff": "application/yaml"}
    mediatype = kinds.get(Path(name).suffix, "text/plain")
    return described(folder / name, mediatype=mediatype, about=about)


def _save(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _save_json(path: Path, value: Mapping[str, Any]) -> None:
    _save(path, f"{json.dumps(value, ensure_ascii=False, indent=2)}\n")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One release into a folder at a time; the system lets go when the process ends."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LibraryBusy(
                f"Another release is being written to {folder}; try again later."
            ) from error
        yield
    finally:
        os.close(handle)


def _to_disk(folder: Path) -> None:
    """Wait until every file is on the disk, so that a power cut leaves all or nothing."""
    for path in folder.iterdir():
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
