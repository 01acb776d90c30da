"""A full disk at any place: one sentence, a whole file, and the same library once there is room.

Two kinds of full: a file that may not grow (a size limit), and a small file system of its own.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.eutils_server import EutilsServer
from tests.reliability.libraries import contents, differences, faults, is_whole, run
from tests.reliability.test_crash import old_corpus, program

PLACES = 20


@pytest.fixture(scope="module", autouse=True)
def _at_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harvester.pubmed.eutils.SPACING", 0.0)
        yield


@pytest.fixture(scope="module")
def server() -> Iterator[EutilsServer]:
    with EutilsServer(corpus=old_corpus()) as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(server: EutilsServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made in transactions of the same size, on which the size of the file depends."""
    path = tmp_path_factory.mktemp("undisturbed") / "literature.db"
    process = program(path, server.url, "harvest", "-s")
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr.decode()
    return path


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 MB, to be filled with a file that can be taken away again."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a file system of its own cannot be mounted by this user")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def said_in_a_sentence(stderr: bytes) -> str:
    text = stderr.decode()
    assert "Traceback" not in text
    last = text.strip().splitlines()[-1]
    assert last.startswith("Error: ")
    assert last.endswith(".")
    return last


def made_good(path: Path, url: str, expected: Path) -> None:
    assert is_whole(path)
    again = run(path, "harvest", "-s", url=url)
    assert again.exit_code == 0, again.output
    assert differences(contents(path), contents(expected)) == {}
    assert faults(path) == []


@pytest.mark.slow
# Near the end SQLite gathers statistics, in a statement within a statement.
@pytest.mark.parametrize("place", [*range(PLACES), 18.2, 18.4, 18.6, 18.85])
def test_a_file_that_may_not_grow(
    server: EutilsServer, undisturbed: Path, tmp_path: Path, place: float
) -> None:
    path = tmp_path / "literature.db"
    size = int(undisturbed.stat().st_size * place / PLACES)
    process = program(path, server.url, "harvest", "-s", limit=size)
    _, stderr = process.communicate(timeout=60)
    if process.returncode == 0:
        # All was committed; the limit was met when the log was copied into the file at the end.
        assert place > PLACES - 2
        assert path.with_name(f"{path.name}-wal").stat().st_size
        assert differences(contents(path), contents(undisturbed)) == {}
    else:
        assert process.returncode == 1
        said = said_in_a_sentence(stderr)
        assert f"The disk is full, or a size limit was met, while writing {path}." in said
    made_good(path, server.url, undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize("place", range(1, 6))
def test_a_disk_that_is_full(
    server: EutilsServer, undisturbed: Path, small_disk: Path, place: int
) -> None:
    filler = small_disk / "filler"
    room = undisturbed.stat().st_size * place // 6
    filler.write_bytes(bytes(16 * 1024 * 1024 - room - 65_536))
    path = small_disk / "literature.db"
    process = program(path, server.url, "harvest", "-s")
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "The disk is full" in said_in_a_sentence(stderr)
    filler.unlink()
    made_good(path, server.url, undisturbed)
