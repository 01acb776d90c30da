"""What a monitor may ask: whether the library can be read, and how old it is."""

import shutil
from pathlib import Path

from harvester import __version__
from tests.site.conftest import Get, getter, serve


def test_what_it_says(get: Get) -> None:
    answer = get("/health.json")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    said = answer.json()
    assert (said["status"], said["version"]) == ("ok", __version__)
    assert said["articles"] == get("/search.json").json()["total"]
    assert set(said) >= {"age_seconds", "last_good", "unsolved_problems", "sample", "topics"}


def test_a_library_that_cannot_be_read_is_503_while_the_site_runs(
    library: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "literature.db"
    shutil.copy(library, copy)
    get = getter(serve(copy))
    assert get("/health.json").status_code == 200
    copy.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    answer = get("/health.json")
    assert answer.status_code == 503
    assert answer.json() == {"status": "unreadable", "version": __version__}
