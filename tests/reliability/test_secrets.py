"""The key and the address go to PubMed and nowhere else, even when PubMed sends them back."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.cli import main
from tests.eutils_server import Corpus, EutilsServer
from tests.eutils_server.faults import Fault, damage, replay, reset, slow
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


def one_trial() -> Corpus:
    corpus = Corpus()
    corpus.add("trial")
    return corpus


def written(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return "\n".join(connection.iterdump())


def test_a_password_in_the_address_is_sent_and_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    with EutilsServer(corpus=one_trial()) as server:
        url = server.url.replace("http://", "http://reader:pa55word@")
        done = CliRunner().invoke(
            main, ["--db", str(path), "-vv", "harvest"], env={"HARVESTER_EUTILS_URL": url}
        )
        assert done.exit_code == 0, done.output
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT source FROM runs").fetchall() == [(server.url,)]
    for text in (done.output, written(path)):
        assert "pa55word" not in text
        assert "reader:" not in text


def test_a_key_in_the_address_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    with EutilsServer(corpus=one_trial()) as server:
        done = CliRunner().invoke(
            main,
            ["--db", str(path), "-vv", "harvest"],
            env={"HARVESTER_EUTILS_URL": f"{server.url}?api_key={KEY}"},
        )
        assert server.requests == []
    assert done.exit_code == 2
    assert "a key belongs in NCBI_API_KEY." in done.stderr
    assert KEY not in done.output
    assert not path.exists()


def test_what_pubmed_says_of_the_request_is_kept_without_it(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    with EutilsServer(corpus=one_trial()) as server:
        server.service.index.messages.append(f"The api_key {KEY} of {EMAIL} is new to us")
        environment = {
            "HARVESTER_EUTILS_URL": server.url,
            "NCBI_API_KEY": KEY,
            "NCBI_EMAIL": EMAIL,
        }
        done = CliRunner().invoke(main, ["--db", str(path), "-vv", "harvest"], env=environment)
    assert "The api_key [redacted] of [redacted] is new to us" in done.output
    for text in (done.output, written(path)):
        assert KEY not in text
        assert EMAIL not in text


def test_an_empty_key_is_not_sent(tmp_path: Path) -> None:
    """NCBI refuses `api_key=` like a wrong one."""
    with EutilsServer(corpus=one_trial()) as server:
        environment = {"HARVESTER_EUTILS_URL": server.url, "NCBI_API_KEY": " ", "NCBI_EMAIL": ""}
        path = tmp_path / "literature.db"
        done = CliRunner().invoke(main, ["--db", str(path), "harvest", "-s"], env=environment)
        assert done.exit_code == 0, done.output
        assert not any({"api_key", "email"} & set(r.params) for r in server.requests)


@pytest.mark.slow
@pytest.mark.parametrize("killed", [False, True])
def test_a_process_behind_a_proxy_leaves_no_secret(killed: bool, tmp_path: Path) -> None:
    """All that it writes, files and streams, also when it is killed while PubMed is waited for."""
    environment = {
        "PATH": os.environ["PATH"],
        "NCBI_API_KEY": KEY,
        "NCBI_EMAIL": EMAIL,
        "HARVESTER_EUTILS_URL": "http://eutils.example/entrez/eutils/",
    }
    library = tmp_path / "library"
    command = [sys.executable, "-m", "harvester", "--db", str(library / "literature.db"), "-vv"]
    with EutilsServer(corpus=one_trial()) as server:
        proxy = server.url.replace("http://", "http://reader:pa55word@").split("/entrez")[0]
        if killed:
            server.fail(slow(60), utility="efetch")
        with (tmp_path / "said").open("wb") as said:
            process = subprocess.Popen(
                [*command, "harvest"],
                env=environment | {"http_proxy": proxy},
                stdout=said,
                stderr=said,
            )
            if killed:
                deadline = time.monotonic() + 30
                while not any(r.utility == "efetch" for r in server.requests):
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
                process.send_signal(signal.SIGKILL)
            assert process.wait(60) == (-signal.SIGKILL if killed else 0)
        assert len(server.requests) >= 6
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) >= 3
    for file in files:
        for secret in (KEY, EMAIL, EMAIL.replace("@", "%40"), "pa55word"):
            assert secret.encode() not in file.read_bytes(), file.name
