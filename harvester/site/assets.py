"""Stylesheet and other files of the site, each under an address that changes with its content."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["Asset", "assets"]

FOLDER = Path(__file__).parent
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ico": "image/x-icon",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    content: bytes
    content_type: str
    path: str


@cache
def assets() -> Mapping[str, Asset]:
    """All files by name, read once; what is not in here cannot be asked for."""
    found = {}
    for file in sorted((FOLDER / "static").iterdir()):
        if file.suffix in _TYPES:
            content = file.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:12]
            found[file.name] = Asset(
                content=content,
                content_type=_TYPES[file.suffix],
                path=f"/static/{digest}/{file.name}",
            )
    return found
