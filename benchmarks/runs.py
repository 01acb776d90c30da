"""Programs measured from outside: processor time and memory, of all their processes."""

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

__all__ = ["Run", "middle", "run"]

_EVERY = 0.1  # s


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Seconds of the processors (`cpu`), of the clock on the wall, and bytes of memory at most.

    `memory` is that of all processes together, `largest` of the one that has most.

    `least` is what the wall clock would show on a machine with nothing else to do: the busiest
    process's own time, but no less than an even share of all time for each processor.
    """

    cpu: float
    seconds: float
    least: float
    memory: int
    largest: int
    output: str


def run(command: Sequence[str], *, environment: dict[str, str] | None = None) -> Run:
    """Run a program to its end; one that fails ends this program."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    watch = _Watch(process.pid)
    watch.start()
    output = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    watch.end.set()
    watch.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed ({process.returncode})")
    cpu = usage.ru_utime + usage.ru_stime
    busiest = max(watch.used.values(), default=cpu) if len(watch.used) > 1 else cpu
    return Run(
        cpu=cpu,
        seconds=time.perf_counter() - began,
        least=max(busiest, cpu / (os.cpu_count() or 1)) if len(watch.used) > 1 else cpu,
        memory=watch.most or usage.ru_maxrss * 1024,
        largest=usage.ru_maxrss * 1024,
        output=output,
    )


def middle(runs: Sequence[Run]) -> Run:
    """Medians of each figure."""
    return Run(
        cpu=median(one.cpu for one in runs),
        seconds=median(one.seconds for one in runs),
        least=median(one.least for one in runs),
        memory=int(median(one.memory for one in runs)),
        largest=max(one.largest for one in runs),
        output=runs[-1].output,
    )


class _Watch(threading.Thread):
    """Looks at a program and its processes: memory of all (PSS), and time of each (Linux)."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.end = threading.Event()
        self.used: dict[int, float] = {}
        self.most = 0

    def run(self) -> None:
        while not self.end.wait(_EVERY):
            found = [self.pid, *_children(self.pid)]
            self.most = max(self.most, sum(_memory(pid) for pid in found))
            for pid in found:
                self.used[pid] = max(self.used.get(pid, 0.0), _used(pid))


def _children(pid: int) -> list[int]:
    try:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _memory(pid: int) -> int:
    """Proportional set size: what processes share is counted once."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def _used(pid: int) -> float:
    try:
        return time.clock_gettime(((~pid) << 3) | 2)
    except OSError:
        return 0.0
