"""Exports as files: what has its name is whole, however the writing ended."""

import os
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from math import ceil
from pathlib import Path

from harvester.errors import LibraryError
from harvester.exports.formats import PART, Format
from harvester.library.holdings import Holding

__all__ = ["encoded", "write_file", "write_parts"]


def encoded(form: Format, records: Iterable[Holding]) -> Iterator[bytes]:
    """The bytes of the file, text as UTF-8."""
    return (data.encode() if isinstance(data, str) else data for data in form.write(records))


def write_file(form: Format, records: Iterable[Holding], path: Path) -> None:
    """Write the file aside, then give it its name; into a device or a pipe write at once."""
    if path.exists() and not path.is_file():
        with path.open("wb") as device:
            device.writelines(encoded(form, records))
        return
    path = path.resolve()  # of a link, what it leads to
    aside = path.with_name(f".{os.getpid()}.new")  # two programs may write one file
    try:
        with aside.open("wb") as file:
            file.writelines(encoded(form, records))
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def write_parts(form: Format, records: Iterable[Holding], path: Path, *, count: int) -> list[Path]:
    """Write `name_1.ris`, `name_2.ris`, ... of `PART` records each; gives the paths.

    `count` is how many records there are. The number of parts is kept beside them, in
    `.name.ris.parts`: those that an earlier, larger export left behind are taken away, as they
    would be read with these. What no export has written is neither replaced nor taken away; raises
    LibraryError where it is in the way.
    """
    noted = path.with_name(f".{path.name}.parts")
    earlier, needed = _number(noted), max(1, ceil(count / PART))
    for number in range(earlier + 1, needed + 2):
        if (part := _part(path, number)).exists():
            raise LibraryError(
                f"{part} is of no earlier export, and would be taken for a part of this one; "
                "move it away, or name another file."
            )
    rest, written = iter(records), [_part(path, n) for n in range(1, needed + 1)]
    noted.write_text(f"{max(earlier, needed)}\n")  # an end before its time leaves parts of both
    for part in written:
        write_file(form, islice(rest, PART), part)
    for number in range(needed + 1, earlier + 1):
        _part(path, number).unlink(missing_ok=True)
    noted.write_text(f"{needed}\n")
    return written


def _part(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}_{number}{path.suffix}")


def _number(noted: Path) -> int:
    """How many parts the last export wrote; none where that cannot be read."""
    text = noted.read_text(errors="replace").strip() if noted.is_file() else ""
    return int(text) if re.fullmatch("[0-9]{1,4}", text) else 0
