"""Settings from options and environment, and where the packaged files are."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["DEFAULT_DB", "Settings", "packaged_file"]

DEFAULT_DB = Path("data/literature.db")
NCBI_EUTILS = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a harvest needs to know about its surroundings.

    `email` and `api_key` go to PubMed only; they are kept out of `repr()` so that no log or
    error can show them.
    """

    db: Path = DEFAULT_DB
    eutils_url: str = NCBI_EUTILS
    tool: str = "ketamine-library"
    email: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ, *, db: Path) -> "Settings":
        """Read `NCBI_EMAIL`, `NCBI_API_KEY` and `HARVESTER_EUTILS_URL`; empty means not set.

        An empty `api_key=` would be refused by NCBI with HTTP 400, so it is never passed on.
        """
        url = environ.get("HARVESTER_EUTILS_URL", "").strip() or NCBI_EUTILS
        return cls(
            db=db,
            eutils_url=url if url.endswith("/") else f"{url}/",
            email=environ.get("NCBI_EMAIL", "").strip() or None,
            api_key=environ.get("NCBI_API_KEY", "").strip() or None,
        )


def packaged_file(name: str, *, checkout: str) -> Path:
    """Path of a file that travels in the wheel as `harvester/name`.

    In a source checkout the same file is at `checkout`, relative to the top of the repository.
    """
    package = Path(__file__).parent
    installed = package / name
    return installed if installed.exists() else package.parent / checkout
