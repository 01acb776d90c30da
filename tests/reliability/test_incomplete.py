"""A run that did not see everything: whatever fails, and wherever it begins to fail in the run."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from harvester.errors import HarvesterError
from harvester.pubmed.fetch import fetch
from tests.eutils_server import Corpus, EutilsServer, Fault, cut, damage, miscount, replay, reset
from tests.eutils_server.replies import Reply
from tests.reliability.matrix import _lost
from tests.test_harvest import Night

FIRST = 70_000_000
# einfo, four searches, the window, the batches, and the record that is gone, asked for twice.
REQUESTS = 13

FAULTS: dict[str, Fault] = {
    "unavailable": replay("http503_unavailable"),
    "outage in a good answer": replay("http200_esearch_db_not_supported"),
    "page": replay("http200_html_page"),
    "key refused": replay("http400_api_key_invalid"),
    "too many requests": replay("http429_rate_limit"),
    "time-out": replay("http400_efetch_external_viewer_timeout"),
    "nothing": replay("http200_empty_body"),
    "cut": cut(200),
    "cut, as if whole": cut(200, clean=True),
    "reset": reset(),
    "empty set": Fault(reply=Reply(body=b"<PubmedArticleSet></PubmedArticleSet>")),
    "miscount": miscount(),
    "record malformed": damage(FIRST + 40),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Yesterday:
    """A library of yesterday and PubMed of today: with new, revised, departed, deleted records."""

    path: Path
    server: EutilsServer

    def night(self, folder: Path) -> Night:
        """The same library in a folder of its own, and a service without failures."""
        self.server.heal()
        shutil.copy(self.path, folder / "literature.db")
        return Night(folder / "literature.db", self.server)


@pytest.fixture(scope="module")
def yesterday(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yesterday]:
    corpus = Corpus(today=date(2025, 11, 26))
    corpus.add_many(30, kind="trial")
    corpus.add_many(10, kind="bladder")
    with EutilsServer(corpus=corpus) as server:
        night = Night(tmp_path_factory.mktemp("yesterday") / "literature.db", server)
        corpus.pass_days(40)
        night.harvest()
        corpus.pass_days(40)
        corpus.add_many(9, kind="trial")
        corpus.revise(FIRST + 3, title="Ketamine in treatment-resistant depression, revised")
        corpus.revise(FIRST + 31, title="Cystitis in people who smoke")
        night.revise(FIRST + 5, b"etamine", b"idazolam")
        corpus.delete(FIRST + 7)
        corpus.merge(FIRST + 8, into=FIRST + 9)
        yield Yesterday(path=night.path, server=server)


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several batches, one after the other, so that a failure can begin between them."""
    monkeypatch.setattr("harvester.harvest.fetch", partial(fetch, batch_size=4, workers=1))


def harvest(night: Night) -> str:
    try:
        return night.harvest().status
    except HarvesterError:
        return "failed"


def check_failed_from(number: int, fault: Fault, night: Night) -> bool:
    """Let all requests fail from that one on, look, mend, look; whether the run was complete."""
    before = night.rows("SELECT pmid, content_hash FROM articles ORDER BY pmid")
    night.server.fail(fault, at=number, times=None)
    status = harvest(night)
    ((complete,),) = night.rows("SELECT complete FROM runs WHERE id = 2")
    if complete:
        assert status in ("new", "partial")
    else:
        assert status in ("failed", "partial")
        ((said,),) = night.rows("SELECT error FROM runs WHERE id = 2")
        assert (status == "failed") == (said or "").endswith("."), "a whole sentence says why"
        assert night.rows("SELECT * FROM changes WHERE kind IN ('left', 'withdrawn')") == []
        assert night.rows("SELECT * FROM article_topics WHERE left_run IS NOT NULL") == []
        assert night.rows("SELECT * FROM articles WHERE withdrawn IS NOT NULL") == []
    held = {pmid for (pmid,) in night.rows("SELECT pmid FROM articles")}
    assert {pmid for pmid, _ in before} <= held

    night.server.heal()
    assert night.harvest().status in ("new", "unchanged")
    assert _lost(night) == 0
    assert night.rows("SELECT * FROM problems WHERE solved_run IS NULL") == []
    window = night.rows("SELECT DISTINCT since FROM run_topics WHERE run_id IN (2, 3)")
    if not complete:
        assert window in ([("2025-12-06",)], [(None,), ("2025-12-06",)]), "it starts where it did"
    gone = night.rows("SELECT pmid FROM articles WHERE withdrawn IS NOT NULL ORDER BY pmid")
    assert gone == [(FIRST + 7,), (FIRST + 8,)]
    assert night.harvest().status == "unchanged"
    return bool(complete)


def test_without_failures(yesterday: Yesterday, tmp_path: Path) -> None:
    night = yesterday.night(tmp_path)
    assert harvest(night) == "new"
    assert _lost(night) == 0
    assert len(night.server.requests) == REQUESTS
    kinds = night.rows(
        "SELECT kind, count(DISTINCT pmid) FROM changes WHERE run_id = 2 GROUP BY kind"
    )
    assert dict(kinds) == {"added": 9, "revised": 3, "left": 1, "withdrawn": 2}


@pytest.mark.parametrize("number", range(1, REQUESTS + 1))
def test_an_outage_that_begins_anywhere(number: int, yesterday: Yesterday, tmp_path: Path) -> None:
    night = yesterday.night(tmp_path)
    assert not check_failed_from(number, FAULTS["unavailable"], night)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(1, REQUESTS + 1))
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_any_failure_that_begins_anywhere(
    fault: Fault, number: int, yesterday: Yesterday, tmp_path: Path
) -> None:
    check_failed_from(number, fault, yesterday.night(tmp_path))
