"""The small control replies of esearch and einfo, read with Biopython."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harvester.errors import ServiceDown

__all__ = ["DatabaseInfo", "SearchReply", "read_info", "read_search"]

# DTDs that Biopython brings with it.
_DTDS = {"eSearchResult": "20060628/esearch.dtd", "eInfoResult": "20190110/einfo.dtd"}
# Told by esearch when there is nothing to tell.
_SAYING_NOTHING = ("No items found.", "Restrictions achieved.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchReply:
    """One esearch answer: PubMed's count of the whole set, and at most 9,999 of its ids.

    `translation` is the term as PubMed understood it; `warnings` are its own words about the
    term, those about a phrase after the name of their kind (`QuotedPhraseNotFound: "..."`).
    """

    count: int
    ids: tuple[int, ...]
    translation: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseInfo:
    """PubMed as einfo describes it: DbBuild, LastUpdate (US Eastern time), number of records."""

    build: str
    last_update: str
    count: int


def read_search(body: bytes) -> SearchReply:
    """Read an eSearchResult; raises ServiceDown if it cannot be understood."""
    reply = _read(body, "eSearchResult")
    try:
        return SearchReply(
            count=int(reply["Count"]),
            ids=tuple(int(pmid) for pmid in reply["IdList"]),
            translation=str(reply.get("QueryTranslation", "")),
            warnings=tuple(_warnings(reply)),
        )
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        raise ServiceDown("PubMed's esearch answer lacks what it should hold.") from error


def read_info(body: bytes) -> DatabaseInfo:
    """Read an eInfoResult; raises ServiceDown if it cannot be understood."""
    reply = _read(body, "eInfoResult")
    try:
        (info,) = reply["DbInfo"]
        return DatabaseInfo(
            build=str(info["DbBuild"]),
            last_update=str(info["LastUpdate"]),
            count=int(info["Count"]),
        )
    except (LookupError, ValueError, TypeError) as error:
        raise ServiceDown("PubMed's einfo answer lacks what it should hold.") from error


def _warnings(reply: Mapping[str, Any]) -> Iterator[str]:
    for part in ("ErrorList", "WarningList"):
        kinds = reply.get(part, {})
        for kind in sorted(kinds):  # Biopython's own order is by chance
            for text in kinds[kind]:
                if kind != "OutputMessage":
                    yield f"{kind}: {text}"
                elif not str(text).startswith(_SAYING_NOTHING):
                    yield str(text)


def _read(body: bytes, root: str) -> Mapping[str, Any]:
    """Give the root element to `Bio.Entrez.read`, behind a prolog of our own.

    The reply's own DOCTYPE never reaches Biopython, which would fetch a DTD that is new; for the
    same reason its cache is where its DTDs are, instead of a new directory in the user's home.
    """
    from Bio import Entrez  # noqa: PLC0415 (35 ms that only a harvest needs)

    entrez: Any = Entrez
    entrez.local_cache = str(Path(entrez.__file__).parents[2])
    prolog = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE {root} SYSTEM '
        f'"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/{_DTDS[root]}">\n'
    )
    try:
        document = prolog.encode() + body[body.index(f"<{root}".encode()) :]
        reply: Mapping[str, Any] = entrez.read(io.BytesIO(document), validate=False)
    except (ValueError, RuntimeError, LookupError, TypeError) as error:
        raise ServiceDown(f"PubMed's {root} cannot be read ({type(error).__name__}).") from error
    return reply
