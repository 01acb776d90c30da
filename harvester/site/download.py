"""The newest release: what the page says of it, and its files, streamed from the disk."""

import asyncio
import os
import re
import stat
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from harvester.release.manifest import MANIFEST, Release, ReleasedFile, find_release
from harvester.site.dates import moment
from harvester.site.security import unchanged

__all__ = ["FileAnswer", "Offer", "OfferedFile", "offer", "open_file", "releases_folder"]

_CHUNK = 262_144  # bytes
_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})", re.ASCII)
_EARLIER = 20
_DAY = 86_400  # seconds
# Whatever is in a file, it is no page of ours and runs nothing.
_ALWAYS = {
    "accept-ranges": "bytes",
    "cache-control": f"public, max-age={_DAY}",
    "content-security-policy": "default-src 'none'; sandbox",
}

Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedFile:
    """A file as the page shows it; `size` in words, for people."""

    name: str
    about: str
    href: str
    size: str
    size_in_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The newest release; `earlier` pairs versions with the addresses of their manifests."""

    version: str
    made: str
    records: int
    retracted: int
    abstracts: bool
    previous: str | None
    files: tuple[OfferedFile, ...]
    earlier: tuple[tuple[str, str], ...]


def releases_folder(config: Mapping[str, Any]) -> Path | None:
    """The folder that whoever runs this copy has set (`releases` in metadata.yml), if any."""
    folder = config.get("releases")
    return Path(folder) if isinstance(folder, str) and folder.strip() else None


def offer(releases: list[Release]) -> Offer | None:
    """What the page shows of the newest of these; None where there is none."""
    if not releases:
        return None
    newest, manifest = releases[0], releases[0].manifest
    return Offer(
        version=newest.version,
        made=moment(str(manifest["created"])),
        records=int(manifest["records"]),
        retracted=int(manifest["retracted"]),
        abstracts=bool(manifest["abstracts"]),
        previous=manifest["previous"],
        files=tuple(_offered(newest.version, file) for file in newest.files),
        earlier=tuple(
            (release.version, _href(release.version, MANIFEST))
            for release in releases[1 : _EARLIER + 1]
        ),
    )


def _offered(version: str, file: ReleasedFile) -> OfferedFile:
    return OfferedFile(
        name=file.path,
        about=file.about,
        href=_href(version, file.path),
        size=_in_words(file.size),
        size_in_bytes=file.size,
        sha256=file.sha256,
    )


def _href(version: str, name: str) -> str:
    return f"/download/{version}/{name}"


def _in_words(size: int) -> str:
    """Bytes as people say them: `217 MB`, `1.2 kB`."""
    number, units = float(size), ["GB", "MB", "kB", "bytes"]
    while number >= 999.5 and len(units) > 1:
        number /= 1000
        units.pop()
    whole = number >= 10 or units[-1] == "bytes"
    return f"{number:.{0 if whole else 1}f} {units[-1]}"


def open_file(folder: Path, version: str, name: str) -> "FileAnswer | None":
    """A file of a release, or its manifest; None where no manifest names it.

    Only names that a manifest has are ever opened, and no symbolic link; so no address leads out
    of the folder.
    """
    release = find_release(folder, version)
    file = release.file(name) if release else None
    if release is None or (file is None and name != MANIFEST):
        return None
    try:
        handle = os.open(
            release.folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        )
    except OSError:
        return None
    stream = os.fdopen(handle, "rb")
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or (file and found.st_size != file.size):
        stream.close()
        return None
    tag = file.sha256 if file else f"{version}-{release.manifest['created']}"
    return FileAnswer(stream=stream, name=name, version=version, size=found.st_size, tag=f'"{tag}"')


@dataclass(slots=True, kw_only=True)
class FileAnswer:
    """A file as an answer: whole or one range of it (RFC 9110, 14), never all in memory."""

    stream: BinaryIO
    name: str
    version: str
    size: int
    tag: str
    head: bool = False
    first: int = 0
    last: int = -1
    status: int = 200

    def to(self, method: str, headers: Mapping[str, str]) -> "FileAnswer":
        """The answer to this request: nothing but headers, a part, or all of it."""
        self.head, self.last = method == "HEAD", self.size - 1
        if unchanged(self.tag, headers.get("if-none-match")):
            self.status = 304
            return self
        asked = _RANGE.fullmatch(headers.get("range", ""))
        if not asked or not any(asked.groups()) or headers.get("if-range", self.tag) != self.tag:
            return self
        begin, end = asked.groups()
        first = int(begin) if begin else max(0, self.size - int(end))
        last = min(int(end), self.size - 1) if begin and end else self.size - 1
        if begin and end and int(end) < first:
            return self  # no range at all, which is passed over
        if first >= self.size:
            self.status = 416
        else:
            self.first, self.last, self.status = first, last, 206
        return self

    async def asgi_send(self, send: Send) -> None:
        """Send it; the file is read in a thread, a piece at a time."""
        with self.stream as stream:
            headers = [(name.encode(), value.encode()) for name, value in self._headers().items()]
            await send({"type": "http.response.start", "status": self.status, "headers": headers})
            left = 0 if self.head or self.status in (304, 416) else self.last - self.first + 1
            stream.seek(self.first)
            while left:
                piece = await asyncio.to_thread(stream.read, min(left, _CHUNK))
                if not piece:  # the file was cut off meanwhile: the reader sees too few bytes
                    break
                left -= len(piece)
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

    def _headers(self) -> dict[str, str]:
        headers = {**_ALWAYS, "etag": self.tag}
        if self.status == 304:
            return headers
        if self.status == 416:
            return headers | {"content-range": f"bytes */{self.size}", "content-length": "0"}
        if self.status == 206:
            headers["content-range"] = f"bytes {self.first}-{self.last}/{self.size}"
        headers["content-length"] = str(self.last - self.first + 1)
        return headers | _shown(self.name, self.version)


def _shown(name: str, version: str) -> dict[str, str]:
    """Texts are shown as plain text; the library is saved, under a name that tells its version."""
    if name.endswith(".json"):
        return {"content-type": "application/json; charset=utf-8"}
    if name.endswith(".db"):
        as_name = f"{name.removesuffix('.db')}-{version}.db"
        return {
            "content-type": "application/vnd.sqlite3",
            "content-disposition": f'attachment; filename="{as_name}"',
        }
    return {"content-type": "text/plain; charset=utf-8"}
