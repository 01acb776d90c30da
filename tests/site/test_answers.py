"""An answer is of one moment, also while a harvest writes and other threads read."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from datasette.app import Datasette
from datasette.utils.asgi import Request

from harvester.library.database import connect
from harvester.site import version
from harvester.site.answers import Site
from harvester.site.catalogue import Stamp, read_stamp
from harvester.site.plugin import site_of
from harvester.topics import BUILT_IN
from tests.site import stacks
from tests.site.conftest import getter, serve


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "literature.db"
    stacks.make_library(path)
    return path


@pytest.fixture
def site(path: Path) -> Site:
    site = site_of(serve(path))
    assert site
    return site


@pytest.fixture
def harvest(path: Path) -> Callable[[], None]:
    """A batch of a harvest: something changed, and the ledger says so."""

    def batch() -> None:
        with closing(connect(path)) as writer:
            writer.execute(
                "INSERT INTO changes (run_id, pmid, kind) SELECT 1, max(pmid), 'revised' "
                "FROM articles"
            )

    return batch


def tag(datasette: Datasette) -> str:
    answer = getter(datasette)("/methods")
    assert answer.status_code == 200
    return answer.headers["etag"]


def test_a_page_is_another_when_what_it_shows_is_set_otherwise(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics = tmp_path / "topics.toml"
    topics.write_bytes(BUILT_IN.read_bytes())
    email = {"plugins": {"harvester": {"report_email": "desk@example.org"}}}
    tags = [
        tag(serve(path)),
        tag(serve(path, metadata=email)),
        tag(serve(path, metadata={"title": "Another"})),
        tag(serve(path, settings={"base_url": "/below/"})),
    ]
    monkeypatch.setenv("HARVESTER_TOPICS", str(topics))
    tags.append(tag(serve(path)))
    topics.write_text(topics.read_text("utf-8") + "\n# more\n", "utf-8")
    tags.append(tag(serve(path)))
    monkeypatch.setenv("HARVESTER_ALLOW_SQL", "1")
    tags.append(tag(serve(path)))
    assert len(set(tags)) == len(tags)
    assert tag(serve(path)) == tags[-1]


@pytest.mark.parametrize(
    "file", ["exports/ris.py", "evidence/questions.toml", "library/wording.py", "topics.toml"]
)
def test_a_page_is_another_when_any_part_of_the_program_is(file: str, tmp_path: Path) -> None:
    package = tmp_path / "harvester"
    shutil.copytree(BUILT_IN.parent, package)
    before = version.code_version(package)
    assert before == version.code_version()
    with (package / file).open("a") as changed:
        changed.write("# more\n")
    version.code_version.cache_clear()
    assert version.code_version(package) != before


def ask(
    site: Site, load: Callable[[sqlite3.Connection], object], stamp: object
) -> tuple[str, object]:
    """The tag and what was loaded."""
    request = Request.fake("/search?q=depression")
    headers, loaded = asyncio.run(site.load(request, load, stamp))  # type: ignore[arg-type]
    return headers["etag"], loaded


def changes(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM changes").fetchone()[0])


def test_what_is_written_meanwhile_is_not_in_the_answer(
    site: Site, harvest: Callable[[], None]
) -> None:
    def load(connection: sqlite3.Connection) -> tuple[int, int]:
        before = changes(connection)
        harvest()
        return before, changes(connection)

    tag, loaded = ask(site, load, read_stamp)
    assert loaded[0] == loaded[1]
    again, later = ask(site, changes, read_stamp)
    assert later == loaded[0] + 1
    assert again != tag


def test_a_tag_stands_for_one_page(site: Site, harvest: Callable[[], None]) -> None:
    """While the page is made, another thread reads the catalogue of a later moment."""
    seen: list[Stamp] = []

    def load(connection: sqlite3.Connection) -> Stamp:
        if not seen:
            harvest()
            with closing(sqlite3.connect(site.database.path)) as other:
                site.cache.catalogue(other)
        seen.append(site.cache.held.stamp)
        return seen[-1]

    tag, loaded = ask(site, load, site.catalogue_stamp)
    assert len(seen) == 2, "made again, from the new catalogue"
    assert loaded == site.cache.held.stamp
    assert ask(site, load, site.catalogue_stamp) == (tag, loaded)
