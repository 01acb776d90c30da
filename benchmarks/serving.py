"""How long the site takes for a page, beside stock Datasette on the same file."""

import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.libraries import LIST_FACETS, PLAIN_FACETS, Made, make
from benchmarks.pages import Kind, kinds
from benchmarks.results import Result
from benchmarks.servers import Client, Server, ours, stock

__all__ = ["measure", "measure_large"]

_ROUNDS = 5
# The kinds of page that the goals speak of.
_NAMED = {"plain": "search, no words", "word": "search, a word in a third of all"}
_CLIENTS = 2
_BURST = 3.0  # s
_TIMED_OUT = re.compile(rb"These facets timed out: ([^<]*)")


@dataclass(slots=True)
class Timed:
    """What one server took for one kind of page; seconds."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One library served by both; `timed` by kind of page and server."""

    library: Made
    timed: dict[tuple[str, str], Timed]
    kinds: tuple[Kind, ...]
    servers: dict[str, Server]
    memory: dict[str, int]
    load: tuple[float, float]


def measure(folder: Path) -> Result:
    """The records at hand served by both servers, and by ours while a harvest writes."""
    found = _served(make(folder), _ROUNDS)
    lines = [*_HOW, *_tables(found), *_written(folder, found.library), *_NOT_COMPARABLE]
    return Result(figures=_figures(found), lines=lines)


def measure_large(folder: Path) -> Result:
    """100,000 articles served by both servers."""
    found = _served(make(folder, 100_000), _ROUNDS)
    return Result(figures=_figures(found), lines=list(_tables(found)))


def _figures(found: Measured) -> dict[str, float]:
    figures = {}
    for key, kind in _NAMED.items():
        our, other = found.timed[kind, "ours"], found.timed[kind, "stock"]
        figures[key] = statistics.median(our.cpu) * 1000
        if our.rate and other.rate:
            figures[f"{key}_rate"] = our.rate / other.rate
    return figures


def _written(folder: Path, library: Made) -> Iterator[str]:
    """Our pages while another process writes every record again."""
    copy = folder / "written.db"
    shutil.copy(library.path, copy)
    asked = [kind for kind in kinds(copy) if kind.name in _NAMED.values()]
    command = [sys.executable, "-m", "harvester", "--db", str(copy), "derive", "--silent"]
    cpu: dict[str, list[float]] = {kind.name: [] for kind in asked}
    wall: dict[str, list[float]] = {kind.name: [] for kind in asked}
    with ours(copy) as server:
        writer = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        client = Client(server)
        n = 0
        while writer.poll() is None:
            for kind in asked:
                answer = client.get(kind.ours(n))
                cpu[kind.name].append(answer.cpu)
                wall[kind.name].append(answer.seconds)
            n += 1
        client.close()
    yield from (
        "",
        "### While a harvest writes",
        "",
        f"Another process writes all {library.articles:,} records again (`harvester derive`), 200 "
        "in a transaction, while the pages are asked for, without a pause; every answer was whole.",
        "",
        "| page | requests | CPU ms | time ms |",
        "|---|---|---|---|",
    )
    for name, values in cpu.items():
        yield f"| {name} | {len(values)} | {_both(values)} | {_both(wall[name])} |"


def _served(library: Made, rounds: int) -> Measured:
    """Ask both servers for the same pages in turn, and then each for as many as it can."""
    asked = kinds(library.path)
    timed = {(kind.name, name): Timed() for kind in asked for name in ("ours", "stock")}
    before = os.getloadavg()[0]
    with ours(library.path) as our, stock(library.path) as other:
        servers = {"ours": our, "stock": other}
        clients = {name: Client(server) for name, server in servers.items()}
        tag = clients["ours"].get("/search?q=ketamine").etag
        timed[_UNCHANGED, "ours"] = Timed()
        for n in range(-1, rounds):  # the first round is not counted: files are read, code warms up
            print(f"\r{library.articles:,}: round {n + 1} of {rounds} ", end="", file=sys.stderr)
            for kind in asked:
                for name in ("ours", "stock") if n % 2 else ("stock", "ours"):
                    path = (kind.ours if name == "ours" else kind.stock)(n + 1)
                    answer = clients[name].get(path)
                    if n >= 0:
                        _note(timed[kind.name, name], answer.cpu, answer.seconds, answer.body)
            if n >= 0:
                answer = clients["ours"].get("/search?q=ketamine", etag=tag)
                _note(timed[_UNCHANGED, "ours"], answer.cpu, answer.seconds, answer.body)
        for client in clients.values():
            client.close()
        for kind in (kind for kind in asked if kind.many):
            for name, server in servers.items():
                print(f"\r{kind.name}, {_CLIENTS} at once  ", end="", file=sys.stderr)
                path_of = kind.ours if name == "ours" else kind.stock
                timed[kind.name, name].rate = _rate(
                    server, [path_of(rounds + n) for n in range(400)]
                )
        print(file=sys.stderr)
        return Measured(
            library=library,
            timed=timed,
            kinds=asked,
            servers=servers,
            memory={name: server.memory() for name, server in servers.items()},
            load=(before, os.getloadavg()[0]),
        )


_UNCHANGED = "a page that the reader has (304)"


def _note(timed: Timed, cpu: float, seconds: float, body: bytes) -> None:
    timed.cpu.append(cpu)
    timed.wall.append(seconds)
    missing = _TIMED_OUT.search(body)
    timed.missing.append(len(missing[1].split(b",")) if missing else 0)


def _rate(server: Server, paths: Sequence[str]) -> float:
    """Answers a second to several clients, each of whom waits for one before the next."""
    place = iter(range(1_000_000))
    until = time.perf_counter() + _BURST
    done: list[float] = []

    def ask() -> None:
        client = Client(server)
        while time.perf_counter() < until:
            client.get(paths[next(place) % len(paths)])
            done.append(time.perf_counter())
        client.close()

    began = time.perf_counter()
    threads = [threading.Thread(target=ask) for _ in range(_CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(done) / (max(done) - began)


# -- the page ----------------------------------------------------------------------------------

_HOW = (
    f"Times are medians of {_ROUNDS} requests, after the slash the 95th percentile; both servers "
    "were asked in turn, on one connection each. Each search is a new one, which no cache has "
    "seen, unless the row says otherwise. CPU is the processor time of the server, which other "
    "work on the machine hardly changes; time is what a client on the same machine waits.",
)


def _tables(one: Measured) -> Iterator[str]:
    library = one.library
    first = {name: server.first for name, server in one.servers.items()}
    yield from (
        "",
        f"### {library.articles:,} articles",
        "",
        f"{library.about} {library.size / 1e6:,.0f} MB. Load average of the machine: "
        f"{one.load[0]:.1f} before, {one.load[1]:.1f} after.",
        "",
        "| page | ours, CPU ms | stock, CPU ms | stock : ours | ours, time ms | stock, time ms "
        "| facets that stock leaves out |",
        "|---|---|---|---|---|---|---|",
    )
    for kind in one.kinds:
        our, other = one.timed[kind.name, "ours"], one.timed[kind.name, "stock"]
        ratio = statistics.median(other.cpu) / statistics.median(our.cpu)
        missing = statistics.median(other.missing)
        left_out = f"{missing:.0f} of {len(PLAIN_FACETS) + len(LIST_FACETS)}" if missing else ""
        if "json" in kind.name:
            left_out = "does not say"
        yield (
            f"| {kind.name} | {_both(our.cpu)} | {_both(other.cpu)} | {ratio:.1f} "
            f"| {_both(our.wall)} | {_both(other.wall)} | {left_out} |"
        )
    same = one.timed[_UNCHANGED, "ours"]
    yield f"| {_UNCHANGED} | {_both(same.cpu)} | has none | | {_both(same.wall)} | | |"
    yield from (
        "",
        f"Requests a second, {_CLIENTS} clients at once:",
        "",
        "| page | ours | stock | ours : stock |",
        "|---|---|---|---|",
    )
    for kind in one.kinds:
        our_rate = one.timed[kind.name, "ours"].rate
        other_rate = one.timed[kind.name, "stock"].rate
        if our_rate and other_rate:
            yield (
                f"| {kind.name} | {our_rate:.1f} | {other_rate:.1f} | {our_rate / other_rate:.1f} |"
            )
    yield from (
        "",
        f"The first page after the start, for which our site reads its catalogue, took "
        f"{first['ours'].seconds:.1f} s ({first['ours'].cpu:.1f} s of CPU). Memory afterwards: "
        f"ours {one.memory['ours'] / 1e6:,.0f} MB, stock {one.memory['stock'] / 1e6:,.0f} MB.",
    )


def _both(seconds: Sequence[float]) -> str:
    """Median and 95th percentile, in milliseconds."""
    ordered = sorted(seconds)
    high = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    return f"{statistics.median(ordered) * 1000:.1f} / {high * 1000:.1f}"


_NOT_COMPARABLE = (
    "",
    "### What is not the same",
    "",
    "- Stock Datasette has its own settings, but is not asked to suggest facets (`_nosuggest`), "
    "which would take it longer. It shows a table made for it: what a result shows, with each list "
    "as JSON in one column, and indexes on all plain columns. Our site reads the library's own "
    "tables.",
    "- A facet for which stock Datasette needs more than 0.2 s is left out of its page, so its "
    "times are those of a page that is not whole. With more time it takes more.",
    "- Stock Datasette lists what it found by number or date; ours by relevance (bm25), with the "
    "words marked, a chart of years, and why each article matched.",
    "- Our article page shows all tables that know of the article; the stock page one row of one.",
    "- Stock Datasette has no page numbers; the deep page is asked for by its token of the same "
    "place.",
    "- The home pages have little in common: the stock one lists databases.",
    "- Copies repeat the words of the records they are made from, which is kinder to a text index "
    "than as many different records would be.",
)
