"""Everything that can go wrong, in one tree.

    HarvesterError                what a user may be told, in one sentence
    ├── SettingsError             an option, a topic file or the environment is wrong (exit 2)
    ├── EutilsError               PubMed's service did not give what was asked
    │   ├── ServiceDown           out of reach or failing for now; try later (exit 75)
    │   │   ├── RateLimited       too many requests for now
    │   │   ├── ReplyTimeout      no answer in time; a smaller batch may pass
    │   │   └── TruncatedReply    the answer ended early
    │   ├── HistoryGone           a result set kept on the server has expired: search again
    │   └── BadRequest            refused for good: our request is wrong (exit 1)
    ├── ParseError                one record, or one file, cannot be read
    ├── LibraryError              the SQLite file cannot be read or written (exit 1)
    │   └── LibraryBusy           another harvest holds the library (exit 75)
    ├── ClusterDown               the cluster that reads for us was lost (exit 75)
    └── Interrupted               asked to stop; what was finished is stored (exit 75)

They are caught only where something is decided: `pubmed.eutils` (try again), `harvest` (keep a
broken record aside, go on), `cli` (message and exit code).
"""

from collections.abc import Mapping
from typing import Any

__all__ = [
    "BadRequest",
    "ClusterDown",
    "EutilsError",
    "HarvesterError",
    "HistoryGone",
    "Interrupted",
    "LibraryBusy",
    "LibraryError",
    "ParseError",
    "RateLimited",
    "ReplyTimeout",
    "ServiceDown",
    "SettingsError",
    "TruncatedReply",
]


class HarvesterError(Exception):
    """Base of all errors that a user may see; `str()` is one whole sentence.

    `report` is what a run tells that this ended, as `--json` prints it; None where none had begun.
    """

    report: Mapping[str, Any] | None = None


class SettingsError(HarvesterError):
    """An option, a topic file or the environment is wrong."""


class EutilsError(HarvesterError):
    """PubMed's service did not give what was asked."""


class ServiceDown(EutilsError):
    """PubMed is out of reach, or failing for now.

    `wait` is the number of seconds after which PubMed asks us to come back, if it named one.
    """

    def __init__(self, message: str, *, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class RateLimited(ServiceDown):
    """PubMed asks us to slow down."""


class ReplyTimeout(ServiceDown):
    """No answer in time, or PubMed says that its own backend timed out."""


class TruncatedReply(ServiceDown):
    """The answer ended before it was complete."""


class HistoryGone(EutilsError):
    """A result set kept on PubMed's history server has expired."""


class BadRequest(EutilsError):
    """PubMed refused the request for good."""


class ParseError(HarvesterError):
    """One record, or one file, cannot be read; `pmid` when it is known."""

    def __init__(self, reason: str, *, pmid: int | None = None) -> None:
        super().__init__(reason)
        self.pmid = pmid


class LibraryError(HarvesterError):
    """The SQLite file cannot be read or written."""


class LibraryBusy(LibraryError):
    """Another process holds the library."""


class ClusterDown(HarvesterError):
    """The cluster that reads for us was lost on the way; what was finished is stored."""


class Interrupted(HarvesterError):
    """The user, or the system, asked us to stop."""
