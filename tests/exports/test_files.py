"""Exports as files: what else may have the name, and what is beside it."""

import os
from pathlib import Path
from threading import Thread

import pytest

from harvester.errors import LibraryError
from harvester.exports import files
from harvester.exports.formats import FORMATS
from tests.exports.nasty import holding

RIS = FORMATS["ris"]
RECORDS = [holding(90_000_001 + n) for n in range(5)]
WHOLE = b"".join(files.encoded(RIS, RECORDS))


def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    files.write_file(RIS, RECORDS, pipe)
    reader.join(timeout=10)
    assert read == [WHOLE]
    assert pipe.is_fifo()


def test_of_a_link_the_file_is_written(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder/target.ris", tmp_path / "link.ris"
    target.write_text("old")
    link.symlink_to(target)
    files.write_file(RIS, RECORDS, link)
    assert link.is_symlink()
    assert target.read_bytes() == WHOLE


def test_nothing_is_left_beside_it(tmp_path: Path) -> None:
    def broken():  # type: ignore[no-untyped-def]
        yield RECORDS[0]
        raise OSError("the library is gone")

    path = tmp_path / "x.ris"
    path.write_bytes(b"whole")
    with pytest.raises(OSError, match="gone"):
        files.write_file(RIS, broken(), path)
    assert path.read_bytes() == b"whole"
    files.write_file(RIS, RECORDS, path)
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("x.ris", WHOLE)]


def test_parts_of_a_larger_export_do_not_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PART", 2)
    path = tmp_path / "x.ris"
    assert [p.name for p in files.write_parts(RIS, RECORDS, path, count=5)] == [
        "x_1.ris",
        "x_2.ris",
        "x_3.ris",
    ]
    assert [p.name for p in files.write_parts(RIS, RECORDS[:2], path, count=2)] == ["x_1.ris"]
    assert sorted(p.name for p in tmp_path.iterdir()) == [".x.ris.parts", "x_1.ris"]


@pytest.mark.parametrize("other", ["x_2.ris", "x_4.ris"])
def test_a_file_that_no_export_wrote_stays(
    other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PART", 2)
    mine = tmp_path / other
    mine.write_text("years of work")
    with pytest.raises(LibraryError, match=f"{other} is of no earlier export"):
        files.write_parts(RIS, RECORDS, tmp_path / "x.ris", count=5)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [(other, "years of work")]


def test_parts_may_stand_beside_what_is_none_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PART", 2)
    (tmp_path / "x_2020.ris").write_text("years of work")
    for records in (RECORDS, RECORDS[:3], RECORDS):
        files.write_parts(RIS, records, tmp_path / "x.ris", count=len(records))
    assert (tmp_path / "x_2020.ris").read_text() == "years of work"


def test_parts_of_an_export_that_was_ended_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken():  # type: ignore[no-untyped-def]
        yield from RECORDS[:4]
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "PART", 2)
    path = tmp_path / "x.ris"
    with pytest.raises(KeyboardInterrupt):
        files.write_parts(RIS, broken(), path, count=5)
    assert (tmp_path / "x_2.ris").exists()
    files.write_parts(RIS, RECORDS[:1], path, count=1)
    assert sorted(p.name for p in tmp_path.iterdir()) == [".x.ris.parts", "x_1.ris"]
