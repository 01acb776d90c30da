"""How fast files are loaded, beside the peers and what the machine allows, and in what memory."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.peers import PARSERS, environment, program
from benchmarks.records import ABOUT, file_of
from benchmarks.results import Result
from benchmarks.runs import Run, middle, run

__all__ = ["clear", "load_command", "measure"]

_BESIDE = 4_000  # records
_ROUNDS = 2
_M2M = 1_000  # records of the record by record idiom, which is so much slower


def measure(folder: Path) -> Result:
    """All tables of the part."""
    python, versions = environment(folder)
    before = os.getloadavg()[0]
    beside = file_of(folder, _BESIDE)
    few = file_of(folder, _M2M)
    library, theirs = folder / "loaded.db", folder / "theirs.db"
    commands: dict[str, list[str]] = {
        "floor: unpack (gzip)": _own("gunzip", beside),
        "floor: expat, no handlers": _own("expat_alone", beside),
        "floor: iterparse, nothing taken": _own("iterparse", beside),
        "ours: cut, read whole, hash": _own("parse", beside),
        **{name: program(python, task, beside) for name, task in PARSERS.items()},
        "nothing but starting Python": [sys.executable, "-c", "pass"],
        "load: ours": load_command(library, beside),
        "load: Entrez.read, upsert_all": program(python, "entrez_load", beside, theirs),
        "load: Entrez.read, m2m": program(python, "entrez_m2m", few, theirs),
        "load: floor, with reading its rows": _own("floor", beside, library),
        "reading the floor's rows": _own("read_rows", beside, library),
    }
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(_ROUNDS):
        for name, command in commands.items():
            print(f"\r{number + 1} of {_ROUNDS}: {name:50}", end="", file=sys.stderr)
            clear(library if name == "load: ours" else None, theirs)
            if "Entrez.read," in name:
                run(_own("empty", beside, theirs))
            runs[name].append(run(command))
    print(file=sys.stderr)
    found = {name: middle(several) for name, several in runs.items()}
    stages = json.loads(run(_own("stages", beside, library)).output)
    figures = _figures(found)
    load = (before, os.getloadavg()[0])
    lines = list(_lines(found, stages, figures, versions, load))
    return Result(figures=figures, lines=lines)


def _own(task: str, *arguments: object) -> list[str]:
    return [sys.executable, "-m", "benchmarks.tasks", task, *map(str, arguments)]


def load_command(library: Path, file: Path) -> list[str]:
    command = [sys.executable, "-m", "harvester", "--db", str(library), "load", str(file)]
    return [*command, "--all", "--silent"]


def clear(*libraries: Path | None) -> None:
    for library in libraries:
        if library:
            for path in library.parent.glob(f"{library.name}*"):
                path.unlink()


def _figures(found: dict[str, Run]) -> dict[str, float]:
    ours, peer = found["load: ours"], found["load: Entrez.read, upsert_all"]
    floor = found["load: floor, with reading its rows"].cpu - found["reading the floor's rows"].cpu
    m2m = found["load: Entrez.read, m2m"].cpu / _M2M
    return {
        "peer": peer.cpu / ours.least,
        "peer_cpu": peer.cpu / ours.cpu,
        "m2m": m2m / (ours.least / _BESIDE),
        "floor": floor / ours.least,
        "floor_cpu": floor / ours.cpu,
        "floor_seconds": floor,
    }


def _lines(
    found: dict[str, Run],
    stages: dict[str, object],
    figures: dict[str, float],
    versions: tuple[str, ...],
    load: tuple[float, float],
) -> Iterator[str]:
    start = found["nothing but starting Python"].cpu
    yield from (
        f"{_BESIDE:,} {ABOUT}. Medians of {_ROUNDS} runs, one of each in turn; load average of the "
        f"machine {load[0]:.1f} before, {load[1]:.1f} after. Peers: {', '.join(versions)}. CPU is "
        "the processor time of all processes, with the start of Python. *Least* is what the clock "
        "would show with both processors to ourselves: the busiest process's own time, or half of "
        "all time if that is more. The clock itself says little on a machine that others use.",
        "",
        "### Reading records, nothing written",
        "",
        "| what | CPU s | records/s of CPU | times ours | memory MB |",
        "|---|---|---|---|---|",
    )
    ours = found["ours: cut, read whole, hash"].cpu - start
    for name in (n for n in found if not n.startswith(("load", "nothing", "reading"))):
        one = found[name]
        cpu = max(one.cpu - start, 0.001)
        yield (
            f"| {name} | {cpu:.2f} | {_BESIDE / cpu:,.0f} | {cpu / ours:.2f} "
            f"| {one.memory / 1e6:,.0f} |"
        )
    yield from (
        "",
        "Ours and `Entrez.read` give every field; the other peers leave out much (corrections, "
        "qualifiers, registrations, all but one date).",
        "",
        "### From a file to a finished library",
        "",
        "| what | CPU s | least s | records/s at least | memory MB |",
        "|---|---|---|---|---|",
    )
    rows = (
        ("ours: read, derive, all tables, raw records, text index", "load: ours", _BESIDE),
        (
            "`Entrez.read`, `upsert_all` into the same tables, text index; nothing derived",
            "load: Entrez.read, upsert_all",
            _BESIDE,
        ),
        (
            f"`Entrez.read`, `upsert` and `.m2m` of three lists, in memory ({_M2M:,} records)",
            "load: Entrez.read, m2m",
            _M2M,
        ),
    )
    for text, name, records in rows:
        one = found[name]
        yield (
            f"| {text} | {one.cpu:.2f} | {one.least:.2f} | {records / one.least:,.0f} "
            f"| {one.memory / 1e6:,.0f} |"
        )
    floor = figures["floor_seconds"]
    yield from (
        f"| floor: iterparse, all rows of ours in one `executemany` transaction, text index "
        f"| {floor:.2f} | {floor:.2f} | {_BESIDE / floor:,.0f} | |",
        "",
        f"Ours is {figures['peer']:.2f} times as fast as `Entrez.read` with `upsert_all` (by CPU "
        f"alone {figures['peer_cpu']:.2f}), {figures['m2m']:.2f} times as fast as the `.m2m` "
        f"idiom, and reaches {figures['floor']:.2f} of the floor's speed (by CPU alone "
        f"{figures['floor_cpu']:.2f}).",
    )
    yield from (
        "",
        "### Where the time goes",
        "",
        "Each stage of a load alone, in one process, one after the other.",
        "",
        "| stage | ms a record |",
        "|---|---|",
    )
    took, records = stages["seconds"], stages["records"]
    assert isinstance(took, dict)  # noqa: S101
    assert isinstance(records, int)  # noqa: S101
    for stage, seconds in took.items():
        yield f"| {stage} | {seconds / records * 1000:.3f} |"
