"""The manifest of a release, and the releases that lie in a folder."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

__all__ = [
    "MANIFEST",
    "Release",
    "ReleasedFile",
    "described",
    "find_release",
    "find_releases",
    "is_version",
    "newest_release",
    "next_version",
]

MANIFEST = "manifest.json"
_VERSION = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:\.([1-9][0-9]{0,3}))?", re.ASCII)
_FILE = re.compile(r"[A-Za-z0-9][\w-]{0,60}(?:\.[\w-]{1,20}){1,3}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
# What the next release and the site read of a release; a folder without them is none.
_KEYS = {"created", "records", "retracted", "abstracts", "previous"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedFile:
    """A file of a release; `path` is a plain name, `size` in bytes."""

    path: str
    size: int
    sha256: str
    mediatype: str
    about: str

    def as_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "bytes": self.size,
            "sha256": self.sha256,
            "mediatype": self.mediatype,
            "about": self.about,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release as its manifest tells it."""

    folder: Path
    version: str
    manifest: Mapping[str, Any]
    files: tuple[ReleasedFile, ...]

    def file(self, name: str) -> ReleasedFile | None:
        """The file of that name, if the manifest has it."""
        return next((file for file in self.files if file.path == name), None)


def described(path: Path, *, mediatype: str, about: str) -> ReleasedFile:
    """A file that was just written, with its hash."""
    with path.open("rb") as stream:
        digest = file_digest(stream, "sha256").hexdigest()
    return ReleasedFile(
        path=path.name,
        size=path.stat().st_size,
        sha256=digest,
        mediatype=mediatype,
        about=about,
    )


def is_version(text: str) -> bool:
    """Whether a folder of that name could be a release: a day, and a number from the second on."""
    return bool(_VERSION.fullmatch(text))


def next_version(folder: Path, day: str) -> str:
    """The version of a release made on that day: `2026-11-25`, then `2026-11-25.2` and so on."""
    taken = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    number = 1
    while (version := day if number == 1 else f"{day}.{number}") in taken:
        number += 1
    return version


def find_releases(folder: Path) -> list[Release]:
    """The releases in the folder, newest first; what is no whole release is passed over."""
    return list(_releases(folder))


def find_release(folder: Path, version: str) -> Release | None:
    """The release of that version, if it is there as a whole."""
    return _read(folder / version) if is_version(version) else None


def newest_release(folder: Path) -> Release | None:
    """The newest whole release in the folder, if there is one."""
    return next(_releases(folder), None)


def _releases(folder: Path) -> Iterator[Release]:
    try:
        names = [path.name for path in folder.iterdir() if is_version(path.name)]
    except OSError:
        return
    found = (_read(folder / name) for name in sorted(names, key=_order, reverse=True))
    yield from (release for release in found if release)


def _order(version: str) -> tuple[str, int]:
    day, _, number = version.partition(".")
    return day, int(number or 1)


def _read(folder: Path) -> Release | None:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = tuple(_file(entry) for entry in manifest["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if manifest.get("version") != folder.name or not manifest.keys() >= _KEYS:
        return None
    if not all((folder / file.path).is_file() for file in files):
        return None
    return Release(folder=folder, version=folder.name, manifest=manifest, files=files)


def _file(entry: Mapping[str, Any]) -> ReleasedFile:
    """An entry of the manifest; ValueError where it names anything but a file beside it."""
    name, size, digest = entry["path"], entry["bytes"], entry["sha256"]
    if not _FILE.fullmatch(name) or not _SHA256.fullmatch(digest) or size < 0:
        raise ValueError(name)
    return ReleasedFile(
        path=name,
        size=int(size),
        sha256=digest,
        mediatype=str(entry["mediatype"]),
        about=str(entry["about"]),
    )
