"""From which day on PubMed is asked for revised records: pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

__all__ = ["OVERLAP", "window_start"]

# PubMed's dates are US Eastern days and records are indexed late or back-dated; 30 days is the
# overlap that others arrived at after losing records (wcmc-its/ReCiter#690, #697).
OVERLAP = timedelta(days=30)


def window_start(runs: Sequence[Mapping[str, Any]], *, now: datetime) -> date | None:
    """The earliest day of these runs (rows of `runs`) minus the overlap; None without a run.

    The clock of this machine may have been wrong then, or be wrong now: PubMed's own date at the
    time of the run counts too.
    """
    if not runs:
        return None
    days = [datetime.fromisoformat(run["started"]).date() for run in runs]
    days += [day for run in runs if (day := _pubmed_day(run["database_updated"]))]
    return min(*days, now.date()) - OVERLAP


def _pubmed_day(updated: str | None) -> date | None:
    """The day of einfo's LastUpdate, such as `2026/11/24 18:01`."""
    try:
        return datetime.strptime((updated or "")[:10], "%Y/%m/%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
