"""Exports as files: what else may have the name, and what is beside it."""

import os
from pathlib import Path
from threading import Thread

import pytest

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
    assert [p.name for p in files.write_parts(RIS, RECORDS, path)] == [
        "x_1.ris",
        "x_2.ris",
        "x_3.ris",
    ]
    assert [p.name for p in files.write_parts(RIS, RECORDS[:2], path)] == ["x_1.ris"]
    assert [p.name for p in tmp_path.iterdir()] == ["x_1.ris"]
