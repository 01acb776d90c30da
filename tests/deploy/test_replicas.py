"""Many readers: two processes on one release that never changes, behind nginx that keeps pages."""

import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from harvester.release.making import release
from harvester.settings import packaged_file
from tests.deploy.conftest import BARE, BIN, DEPLOY
from tests.deploy.proxy import Proxy, proxied
from tests.served import Served, free_port, served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("nginx"), reason="there is no nginx on this machine"),
]

PMIDS = range(70_000_000, 70_000_007)
ADDRESSES = (
    *("/", "/evidence", "/map", "/trials", "/changes", "/about", "/search.json?q=ketamine"),
    *("/search", "/search?q=ketamine", "/search?q=bladder", "/search?type=Review"),
    *(f"/article/{pmid}" for pmid in PMIDS),
    *("/evidence/e1", "/evidence/e16"),
)
READERS = 1_000


@dataclass(frozen=True, slots=True)
class Running:
    proxy: Proxy
    replicas: tuple[Served, Served]
    end_one: ExitStack


@pytest.fixture
def running(library: Path, tmp_path: Path) -> Iterator[Running]:
    """One of the replicas can be ended by `end_one`."""
    made = release(library, tmp_path / "releases", now=datetime(2026, 11, 20, tzinfo=UTC))
    snapshot = made.folder / "literature.db"
    snapshot.chmod(0o444)
    with replica(snapshot, tmp_path / "1.txt") as first, ExitStack() as end_one:
        second = end_one.enter_context(replica(snapshot, tmp_path / "2.txt"))
        upstream = (DEPLOY / "nginx/replicas.conf").read_text()
        for there, here in (("127.0.0.1:8001", first.url), ("127.0.0.1:8002", second.url)):
            assert upstream.count(there) == 1
            upstream = upstream.replace(there, here.removeprefix("http://"))
        changes = {
            "http://127.0.0.1:8001": "http://harvester_replicas",
            # Here one address stands for a thousand readers.
            "limit_req zone=harvester_visitors burst=40 nodelay;": "",
            "$status $body_bytes_sent": "$status $body_bytes_sent $upstream_addr",
        }
        with proxied(tmp_path, changes, before=upstream) as proxy:
            yield Running(proxy, (first, second), end_one)
    names = {path.name for path in made.folder.iterdir()}
    assert not {name for name in names if name.startswith("literature.db-")}


def replica(snapshot: Path, output: Path) -> AbstractContextManager[Served]:
    """Plain Datasette on the snapshot, immutable."""
    port = free_port()
    metadata = packaged_file("metadata.yml", checkout="metadata.yml")
    command = [BIN / "datasette", "serve", "--immutable", snapshot, "--metadata", metadata]
    options = ["--host", "127.0.0.1", "--port", port, "--cors"]
    return served(
        [str(word) for word in (*command, *options)],
        port=port,
        cwd=snapshot.parent,
        environment=BARE,
        output=output,
        patience=60,
    )


def test_a_thousand_readers_cost_what_twenty_pages_cost(running: Running) -> None:
    asked = random.Random(1).choices(ADDRESSES, k=READERS)  # noqa: S311 (no secret)
    with ThreadPoolExecutor(8) as readers:
        answers = list(readers.map(running.proxy.get, asked))
    assert {answer.status_code for answer in answers} == {200}
    kept = Counter(answer.headers["x-cache"] for answer in answers)
    assert kept == {"MISS": len(ADDRESSES), "HIT": READERS - len(ADDRESSES)}
    running.proxy.get("/robots.txt")
    logged = running.proxy.logged('"GET /robots.txt"')
    asked_of = Counter(re.findall(r" (127\.0\.0\.1:\d+)$", logged, re.MULTILINE))
    ours = {replica.url.removeprefix("http://") for replica in running.replicas}
    assert set(asked_of) == ours, "both replicas have been asked"
    # Beside the pages: `/health.json`, by which the start was awaited, and the last one.
    assert sum(asked_of.values()) == len(ADDRESSES) + 2
    first = {path: answer.headers["etag"] for path, answer in zip(asked, answers, strict=True)}
    again = [running.proxy.get(path, if_none_match=tag) for path, tag in first.items()]
    assert {(answer.status_code, len(answer.content)) for answer in again} == {(304, 0)}


def test_it_is_the_same_whichever_replica_answers(running: Running) -> None:
    for path in ADDRESSES:
        one, other = (
            httpx.get(replica.url + path, headers={"host": "library.example.org"})
            for replica in running.replicas
        )
        assert one.headers["etag"] == other.headers["etag"], path
        assert one.content == other.content, path
        tag = {"host": "library.example.org", "if-none-match": one.headers["etag"]}
        assert httpx.get(running.replicas[1].url + path, headers=tag).status_code == 304


def test_one_replica_is_enough(running: Running) -> None:
    running.end_one.close()
    assert {running.proxy.get(path).status_code for path in ADDRESSES} == {200}
