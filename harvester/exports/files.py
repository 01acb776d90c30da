"""Exports as files: what has its name is whole, however the writing ended."""

import os
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

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


def write_parts(form: Format, records: Iterable[Holding], path: Path) -> list[Path]:
    """Write `name_1.ris`, `name_2.ris`, ... of `PART` records each; gives their paths.

    Parts that an earlier, larger export left behind are taken away: they would be read with these.
    """
    rest = iter(records)
    written: list[Path] = []

    def following() -> Path:
        return path.with_name(f"{path.stem}_{len(written) + 1}{path.suffix}")

    while (first := list(islice(rest, 1))) or not written:
        part = following()
        write_file(form, chain(first, islice(rest, PART - 1)), part)
        written.append(part)
    made = list(written)
    while (left := following()).is_file():
        left.unlink()
        written.append(left)
    return made
