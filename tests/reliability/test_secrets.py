"""The key and the address go to PubMed and nowhere else, even when PubMed sends them back."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.cli import main
from tests.eutils_server import Corpus, EutilsServer
from tests.eutils_server.faults import Fault, damage, replay, reset
from tests.eutils_server.replies import Reply

KEY = "0a1b2c3d4e5f60718293a4b5c6d7e8f90123"
EMAIL = "night.librarian@sample.example"


def echo(status: int, text: str) -> Fault:
    body = text.replace("KEY", KEY).replace("EMAIL", EMAIL).encode()
    return Fault(reply=Reply(body=body, type="application/json", status=status))


FAULTS = {
    "none": None,
    "key refused": echo(400, '{"error":"API key invalid","api-key":"KEY","type":"invalid"}'),
    "too many requests": echo(429, '{"error":"API rate limit exceeded","api-key":"KEY"}'),
    "error with both": echo(500, '{"error":"no route for KEY of EMAIL"}'),
    "error text with both": Fault(
        reply=Reply(body=f"<eSearchResult><ERROR>{KEY} {EMAIL}</ERROR></eSearchResult>".encode())
    ),
    "page with both": Fault(
        reply=Reply(body=f"<html><title>{EMAIL} {KEY}</title></html>".encode(), type="text/html")
    ),
    "connection reset": reset(),
    "record malformed": damage(70_000_002),
    "outage": replay("http503_unavailable"),
}


@pytest.fixture(params=FAULTS)
def server(request: pytest.FixtureRequest) -> Iterator[EutilsServer]:
    corpus = Corpus()
    corpus.add_many(5, kind="trial")
    with EutilsServer(corpus=corpus) as running:
        if fault := FAULTS[request.param]:
            running.fail(fault, times=None)
        yield running


def test_no_secret_is_written_or_said(
    server: EutilsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harvester.pubmed.eutils._WAITS", (0,) * 6)
    monkeypatch.setattr("harvester.pubmed.eutils._LEAST_PAUSE", 0.0)
    monkeypatch.setattr("harvester.pubmed.eutils.SPACING_WITH_KEY", 0.0)
    path = tmp_path / "literature.db"
    environment = {
        "HARVESTER_EUTILS_URL": server.url,
        "NCBI_API_KEY": KEY,
        "NCBI_EMAIL": EMAIL,
    }
    said = ""
    for words in (["-vv", "harvest", "--json"], ["runs", "--json"], ["status", "--json"]):
        result = CliRunner().invoke(main, ["--db", str(path), *words], env=environment)
        assert "Traceback" not in result.output
        said += result.output
    assert server.requests, "the service was asked"
    with closing(sqlite3.connect(path)) as connection:
        written = "\n".join(connection.iterdump())
        connection.execute("PRAGMA wal_checkpoint(truncate)")
    for secret in (KEY, EMAIL, KEY.upper()):
        assert secret not in said
        assert secret not in written
        assert secret.encode() not in path.read_bytes()


def test_both_are_sent_to_pubmed(tmp_path: Path) -> None:
    corpus = Corpus()
    corpus.add("trial")
    with EutilsServer(corpus=corpus) as server:
        environment = {
            "HARVESTER_EUTILS_URL": server.url,
            "NCBI_API_KEY": KEY,
            "NCBI_EMAIL": EMAIL,
        }
        path = tmp_path / "literature.db"
        done = CliRunner().invoke(main, ["--db", str(path), "harvest", "-s"], env=environment)
        assert done.exit_code == 0, done.output
        assert all({"api_key", "email", "tool"} <= set(r.params) for r in server.requests)
