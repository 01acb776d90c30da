"""What made a page besides the library: the program, and what this copy of it is set to show."""

import hashlib
import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from harvester.site.security import sql_allowed
from harvester.site.strategy import TOPICS

if TYPE_CHECKING:  # Datasette loads its plugins before it is there itself
    from datasette.app import Datasette

__all__ = ["code_version", "version"]

_PACKAGE = Path(__file__).parents[1]
_VERSIONS: "WeakKeyDictionary[Datasette, str]" = WeakKeyDictionary()


def version(datasette: "Datasette", config: Mapping[str, Any]) -> str:
    """Changes with the program, with metadata and settings of this Datasette, and with the topics.

    `config` is the plugin's part of the metadata, as it is read. All of it is read once, as the
    pages do; whether SQL is open is asked each time.
    """
    if datasette not in _VERSIONS:
        shown = (datasette.metadata(), config, datasette._settings)
        digest = hashlib.sha256(json.dumps(shown, sort_keys=True, default=str).encode())
        digest.update(_topics(os.environ.get(TOPICS, "").strip()))
        _VERSIONS[datasette] = f"{code_version()}-{digest.hexdigest()[:12]}"
    return f"{_VERSIONS[datasette]}-{sql_allowed()}"


def _topics(path: str) -> bytes:
    """The topic file that explains the searches, where it is another than the built-in one."""
    try:
        return Path(path).read_bytes() if path else b""
    except OSError:
        return b""


@cache
def code_version(package: Path = _PACKAGE) -> str:
    """Changes with any file of the package: rules, formats and templates alike make pages."""
    digest = hashlib.sha256()
    for file in sorted(package.rglob("*")):
        if file.is_file() and file.suffix != ".pyc":
            digest.update(f"{file.relative_to(package)}\n".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
