"""A clock that is years ahead, or put back: nothing is missed, and no date contradicts another."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from harvester.library.status import Status
from tests.eutils_server import Corpus, EutilsServer
from tests.reliability.libraries import faults
from tests.test_harvest import Night

RIGHT = date(2026, 3, 1)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    corpus = Corpus(today=RIGHT - timedelta(days=300))
    corpus.add_many(20, kind="trial")
    corpus.today = RIGHT
    with EutilsServer(corpus=corpus) as server:
        yield Night(tmp_path / "literature.db", server)


def at(year: int) -> dict[str, object]:
    return {"clock": lambda: datetime(year, 3, 1, 3, tzinfo=UTC)}


@pytest.mark.parametrize(
    "years",
    [(2031, 2026), (2026, 2031, 2026), (2019, 2026), (2026, 2019, 2026), (2031, 2019, 2031)],
)
def test_nothing_is_missed(night: Night, years: tuple[int, ...]) -> None:
    for number, year in enumerate(years):
        night.harvest(**at(year))
        # Long before the next run, and long after this one.
        night.corpus.pass_days(45)
        night.corpus.revise(70_000_000 + number, title=f"Ketamine in depression, again {number}")
        night.corpus.pass_days(100)
    night.harvest(**at(years[-1]))
    titles = night.rows("SELECT title FROM articles WHERE title LIKE '%again%' ORDER BY pmid")
    assert titles == [(f"Ketamine in depression, again {n}",) for n in range(len(years))]
    assert night.rows("SELECT pmid FROM articles WHERE last_changed < first_seen") == []
    assert faults(night.path) == []


def test_the_window_never_starts_in_the_future(night: Night) -> None:
    night.harvest(**at(2031))
    night.harvest(**at(2026))
    ((since,),) = night.rows("SELECT DISTINCT since FROM run_topics WHERE run_id = 2")
    assert since == (RIGHT - timedelta(days=30)).isoformat()


def test_a_record_withdrawn_after_the_clock_was_put_back(night: Night) -> None:
    night.harvest(**at(2031))
    night.corpus.delete(70_000_005)
    assert night.harvest(**at(2026)).counts.withdrawn == 1
    assert faults(night.path) == []


def test_a_run_of_the_future_is_not_fresh() -> None:
    empty = dict.fromkeys(Status.__dataclass_fields__)
    ahead = Status(**(empty | {"age_seconds": -3 * 86_400}))  # type: ignore[arg-type]
    assert not ahead.fresh(timedelta(hours=36))
    assert Status(**(empty | {"age_seconds": -60})).fresh(timedelta(hours=36))  # type: ignore[arg-type]
    assert Status(**(empty | {"age_seconds": 3600})).fresh(timedelta(hours=36))  # type: ignore[arg-type]
