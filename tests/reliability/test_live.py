"""The site under load while a harvest writes: every answer whole, and nobody waits for anybody.

One night is played once: `harvester serve` on one library, visitors in threads, and beside them
`harvester harvest`, which brings ten times what the library held. Each visitor judges each answer
as it comes; the tests ask what they saw.
"""

import hashlib
import json
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from harvester.library.database import LONGEST_LOG
from tests.conftest import ROOT
from tests.eutils_server import Corpus, EutilsServer
from tests.reliability.libraries import faults, run
from tests.served import Served, clean_environment, free_port, served

pytestmark = pytest.mark.slow

HELD = {"trial": 300, "mouse": 60, "bladder": 40}
COMING = {"trial": 2_700, "mouse": 900, "bladder": 400}
HELD_COUNT, COMING_COUNT = sum(HELD.values()), sum(COMING.values())
REVISED = 30
PAGE = 20
MEGABYTE = 1_000_000
BLADDER = "/search.json?q=cystitis+bladder+OR+cystitis"


@dataclass
class Seen:
    """What the visitors saw; appended to by several threads."""

    answers: list[tuple[str, int, float]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    counts: dict[tuple[str, int], list[int]] = field(default_factory=lambda: defaultdict(list))
    bodies: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    tags: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    whole_lists: int = 0
    longest_log: int = 0

    def during(self, kind: str) -> set[int]:
        """The different numbers of articles that pages of the kind gave."""
        return {
            count for (name, _), counts in self.counts.items() if name == kind for count in counts
        }


class Visitor:
    """Asks for one page after the other on a connection that is kept, until told to go."""

    def __init__(self, number: int, site: Served, seen: Seen, go: threading.Event) -> None:
        self.number = number
        self.address = urlsplit(site.url)
        self.seen = seen
        self.go = go
        self.tags: dict[str, str] = {}
        self.held: list[int] = []
        self.connection = self._connection()

    def _connection(self) -> HTTPConnection:
        return HTTPConnection(str(self.address.hostname), self.address.port, timeout=60)

    def visit(self) -> None:
        try:
            while not self.go.is_set():
                for ask in (
                    self.home,
                    self.search,
                    self.data,
                    self.article,
                    self.machines,
                    self.all,
                ):
                    if self.go.is_set():
                        break
                    ask()
        except Exception as error:  # it must reach the tests
            self.seen.wrong.append(f"visitor {self.number}: {error!r}")
        finally:
            self.connection.close()

    def get(self, path: str, *, again: bool = True) -> str | None:
        """The body, or None when the visitor has the page already."""
        headers = {"If-None-Match": self.tags[path]} if again and path in self.tags else {}
        began = time.monotonic()
        self.connection.request("GET", path, headers=headers)
        response = self.connection.getresponse()
        body = response.read().decode()
        self.seen.answers.append((path, response.status, time.monotonic() - began))
        if response.status == 304 and headers:
            return None
        if response.status != 200:
            self.seen.wrong.append(f"{path}: {response.status} {body[:200]}")
            return None
        if tag := response.getheader("ETag"):
            self.tags[path] = tag
            self.seen.tags[path].add(tag)
            self.seen.bodies[path, tag].add(hashlib.sha256(body.encode()).hexdigest())
        return body

    def check(self, holds: bool, path: str, what: object) -> None:
        if not holds:
            self.seen.wrong.append(f"{path}: {what}")

    def count(self, kind: str, count: int) -> None:
        self.seen.counts[kind, self.number].append(count)

    # -- pages -----------------------------------------------------------------------------

    def home(self) -> None:
        if body := self.get("/"):
            count = number(r"Search ([\d,]+) articles", body)
            self.count("home", count)
            self.check(
                sum(of_years(body)) == count, "/", f"{count} articles, years {of_years(body)}"
            )

    def search(self) -> None:
        words = ("ketamine", "ketamine+or+midazolam", "immobility", "")[self.number % 4]
        path = f"/search?q={words}&type=Journal+Article"
        if not (body := self.get(path)):
            return
        total = number(r"<h1>([\d,]+) articles?", body)
        self.count(f"search {words}", total)
        access = re.findall(r"access=(?:free|subscription)\b.*?class=\"count\">([\d,]+)", body)
        self.check(sum(map(as_number, access)) == total, path, f"{total}, by access {access}")
        self.check(sum(of_years(body)) == total, path, f"{total}, years {of_years(body)}")
        shown = len(re.findall(r'<li class="result"', body))
        self.check(shown == min(PAGE, total), path, f"{total}, shown {shown}")

    def data(self) -> None:
        path = "/search.json?q=ketamine+-urinary&sort=newest"
        if body := self.get(path):
            found = json.loads(body)
            self.count("search.json", found["total"])
            self.judge(path, found)
            self.held = [result["pmid"] for result in found["results"]]

    def judge(self, path: str, found: dict) -> None:
        total = found["total"]
        self.check(sum(year["count"] for year in found["years"]) == total, path, found["years"])
        for facet in ("access", "country", "journal", "language"):  # each article has one of each
            counted = sum(value["count"] for value in found["facets"].get(facet, []))
            self.check(counted == total, path, f"{total}, {facet} {found['facets'].get(facet)}")
        self.check(found["pages"] == -(-total // PAGE), path, f"{total}, pages {found['pages']}")

    def article(self) -> None:
        for pmid in self.held[:3]:
            path = f"/article/{pmid}"
            if body := self.get(path):
                self.check(f"record {pmid}" in body, path, "another article")

    def machines(self) -> None:
        if body := self.get("/health.json"):
            health = json.loads(body)
            self.count("health", health["articles"])
            self.check(health["articles"] == health["with_abstract"], "/health.json", health)
        if body := self.get("/sitemap.xml"):
            articles = re.findall(r"<loc>[^<]*/article/([0-9]+)</loc>", body)
            self.count("sitemap", len(articles))
            self.check(len(set(articles)) == len(articles), "/sitemap.xml", "an article twice")

    def all(self) -> None:
        """Every page of one list; when nothing came meanwhile, together they are the list."""
        totals, pmids, page, pages = set(), [], 1, 1
        while page <= pages and not self.go.is_set():
            path = f"{BLADDER}&page={page}"
            body = self.get(path, again=False)
            if body is None:
                return
            found = json.loads(body)
            self.judge(path, found)
            shown = len(found["results"])
            left = min(PAGE, found["total"] - (page - 1) * PAGE)
            self.check(shown == left, path, f"{found['total']}, shown {shown}")
            totals.add(found["total"])
            pmids += [result["pmid"] for result in found["results"]]
            page, pages = page + 1, found["pages"]
        if len(totals) == 1 and page > pages:
            self.seen.whole_lists += 1
            (total,) = totals
            self.check(
                len(pmids) == len(set(pmids)) == total, BLADDER, f"{total}, {len(pmids)} listed"
            )


def as_number(text: str) -> int:
    return int(text.replace(",", ""))


def number(pattern: str, body: str) -> int:
    found = re.search(pattern, body)
    assert found, f"no {pattern} in {body[:500]}"
    return as_number(found[1])


def of_years(body: str) -> list[int]:
    """The numbers of articles in the table of years, the first of the page."""
    table = body.partition("<table")[2].partition("</table>")[0]
    return [as_number(text) for text in re.findall(r">([\d,]+)</a></td></tr>", table)]


@dataclass(kw_only=True)
class Site:
    served: Served
    path: Path
    url: str  # of the E-utilities

    def total(self, query: str) -> int:
        return int(json.loads(self.served.get(f"/search.json?q={query}"))["total"])


@dataclass(kw_only=True)
class Night:
    """The night after it is over; the site still serves."""

    site: Site
    seen: Seen
    report: dict
    path: Path


def corpus_of_long_ago() -> Corpus:
    corpus = Corpus(today=datetime.now(UTC).date() - timedelta(days=200))
    for kind, count in HELD.items():
        corpus.add_many(count, kind=kind)
    return corpus


def much_comes(corpus: Corpus) -> None:
    """Months later: records of all kinds in turn, and some of the held ones revised."""
    corpus.pass_days(199)
    for pmid in corpus.pmids[:REVISED]:
        corpus.revise(pmid, title="Single ketamine infusion, revised {n}")
    left = dict(COMING)
    while any(left.values()):
        kind = max(left, key=lambda name: left[name] / COMING[name])
        corpus.add(kind)
        left[kind] -= 1


@contextmanager
def visitors(site: Served, seen: Seen, library: Path, count: int = 4) -> Iterator[None]:
    """So many visitors, and one who watches how long the write-ahead log is."""
    go = threading.Event()
    threads = [threading.Thread(target=Visitor(n, site, seen, go).visit) for n in range(count)]

    def watch() -> None:
        log = Path(f"{library}-wal")
        while not go.wait(0.02):
            seen.longest_log = max(seen.longest_log, log.stat().st_size if log.exists() else 0)

    threads.append(threading.Thread(target=watch))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        go.set()
        for thread in threads:
            thread.join()


def harvest(library: Path, url: str) -> dict:
    """`harvester harvest` in a process of its own; its report."""
    done = subprocess.run(
        [sys.executable, "-m", "harvester", "--db", library, "harvest", "--json", "--silent"],
        cwd=ROOT,
        env=clean_environment(HARVESTER_EUTILS_URL=url),
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("live")
    path = folder / "literature.db"
    corpus = corpus_of_long_ago()
    port = free_port()
    with EutilsServer(corpus=corpus) as pubmed:
        assert run(path, "harvest", "--silent", url=pubmed.url).exit_code == 0
        much_comes(corpus)
        with served(
            [sys.executable, "-m", "harvester", "--db", str(path), "serve", "--port", str(port)],
            port=port,
            cwd=ROOT,
            environment=clean_environment(),
            output=folder / "output.txt",
            patience=30,
        ) as running:
            yield Site(served=running, path=path, url=pubmed.url)


@pytest.fixture(scope="module")
def night(site: Site) -> Night:
    seen = Seen()
    assert site.total("") == HELD_COUNT
    with visitors(site.served, seen, site.path):
        report = harvest(site.path, site.url)
    return Night(site=site, seen=seen, report=report, path=site.path)


def test_every_answer_is_whole(night: Night) -> None:
    assert night.seen.wrong == []
    assert {status for _, status, _ in night.seen.answers} <= {200, 304}
    asked = {path.partition("?")[0] for path, _, _ in night.seen.answers}
    assert asked >= {"/", "/search", "/search.json", "/health.json", "/sitemap.xml"}
    assert len(night.seen.answers) > 200, "too little load to show anything"
    assert night.seen.whole_lists > 1


def test_what_is_stored_is_seen_while_the_harvest_goes_on(night: Night) -> None:
    for kind in ("home", "search ketamine", "search.json", "health", "sitemap"):
        numbers = night.seen.during(kind)
        assert len(numbers) > 2, f"{kind} stood still: {numbers}"
    back = {key: seen for key, seen in night.seen.counts.items() if seen != sorted(seen)}
    assert back == {}, "a number that was seen to grow does not shrink again"


def test_a_page_that_changed_has_another_tag(night: Night) -> None:
    for path in ("/", "/sitemap.xml"):
        assert len(night.seen.tags[path]) > 2
    several = {key: len(found) for key, found in night.seen.bodies.items() if len(found) > 1}
    assert several == {}, "one tag for different pages"


def test_the_harvest_is_not_held_up(night: Night) -> None:
    report = night.report
    assert (report["added"], report["revised"], report["problems"]) == (COMING_COUNT, REVISED, 0)
    assert report["reported"] == report["held"] == HELD_COUNT + COMING_COUNT
    assert faults(night.path) == []


def test_everything_is_found_afterwards_without_a_restart(night: Night) -> None:
    site, newest = night.site, 70_000_000 + HELD_COUNT + COMING_COUNT - 1
    assert_soon(lambda: site.total("") == HELD_COUNT + COMING_COUNT)
    assert site.total(f"pmid:{newest}") == 1
    assert site.total("revised") == REVISED
    assert f"record {newest}" in site.served.get(f"/article/{newest}")
    assert number(r"Search ([\d,]+) articles", site.served.get("/")) == HELD_COUNT + COMING_COUNT
    assert "Traceback" not in site.served.said


def test_the_log_is_kept_short(night: Night) -> None:
    # One transaction of a harvest may come on top.
    assert 0 < night.seen.longest_log < LONGEST_LOG + 8 * MEGABYTE


def test_a_reader_who_stays_holds_up_nothing(night: Night) -> None:
    """Somebody has a page of the library open all along: the log grows, and is emptied after."""
    with closing(sqlite3.connect(f"file:{night.path}?mode=ro", uri=True)) as reader:
        reader.isolation_level = None
        reader.execute("BEGIN")
        (before,) = reader.execute("SELECT count(*) FROM runs").fetchone()
        report = harvest(night.path, night.site.url)
        assert report["status"] == "unchanged"
        assert reader.execute("SELECT count(*) FROM runs").fetchone() == (before,)
        reader.execute("ROLLBACK")
        assert reader.execute("SELECT count(*) FROM runs").fetchone() == (before + 1,)


def assert_soon(holds: Callable[[], bool], *, seconds: float = 20) -> None:
    """The catalogue of a search may be some seconds old while, and just after, a harvest writes."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)
