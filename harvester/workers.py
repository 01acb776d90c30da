"""Sharing work among the processors of this machine.

Each process is a copy of this one, so that nothing has to be sent to it but the work. What is not
yet fetched waits in it, so that no more is in memory than was asked for; and when the program ends,
however it does, the pipe breaks and ends the process too.
"""

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import cycle
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any, TypeVar

from harvester.errors import HarvesterError

__all__ = ["kept_ready", "on_all_processors"]

T = TypeVar("T")
R = TypeVar("R")

# Items that are sent to a process at once.
PART = 50

_DIED = "A process that shared in the work ended too early."


def on_all_processors(
    function: Callable[[T], R], items: Iterable[T], *, processes: int | None = None
) -> Iterator[R]:
    """As `map`, in the same order, by as many processes as there are processors.

    Each goes through all items, but works on its own share of them; it only ever sends. So the
    items must not have been begun: each process makes them for itself. What is raised on the way is
    raised here. Only Linux can copy a process safely; elsewhere this is `map`.
    """
    count = processes or _processors()
    if count < 2:
        yield from map(function, items)
        return
    with _copies(count, partial(_share, function, items, count)) as pipes:
        for pipe in cycle(pipes):
            if (received := _received(pipe)) is None:
                return
            yield from received


@contextmanager
def kept_ready(
    function: Callable[[T], R], *, begin: Callable[[], object], processes: int | None = None
) -> Iterator[Callable[[Sequence[T]], list[R]]]:
    """As many processes as there are processors, for a `map` that is called any number of times.

    Each calls `begin` at once, while this program goes on. What is raised in one of them is raised
    here, and then they are of no more use. With one process, or where threads run, this is `map`: a
    lock that a thread held at that instant would be held in the copy for ever.
    """
    count = processes or _processors()
    if count < 2 or threading.active_count() > 1:
        yield lambda items: list(map(function, items))
        return
    with _copies(count, partial(_answers, function, begin)) as pipes:
        yield partial(_ask_all, pipes)


def _processors() -> int:
    """How many processes can work at once; only Linux can copy one safely."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def _ask_all(pipes: Sequence[Connection], items: Sequence[Any]) -> list[Any]:
    """A process is sent its next part when it has answered, so that no two wait for each other."""
    parts = [items[at : at + PART] for at in range(0, len(items), PART)]
    results: list[Any] = []
    for number in range(-len(pipes), len(parts)):
        pipe = pipes[number % len(pipes)]
        if number >= 0:
            results += _received(pipe) or ()
        if number + len(pipes) < len(parts):
            _send(pipe, parts[number + len(pipes)])
    return results


def _share(
    function: Callable[[T], R], items: Iterable[T], count: int, pipe: Connection, number: int
) -> Iterator[list[R] | None]:
    del pipe
    for place, item in enumerate(items):
        if place % count == number:
            yield [function(item)]
    yield None


def _answers(
    function: Callable[[T], R], begin: Callable[[], object], pipe: Connection, number: int
) -> Iterator[list[R]]:
    del number
    # A service manager sends this to all; the program first does the work that it has in hand.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    begin()
    while True:
        try:
            items = pipe.recv()
        except (EOFError, ConnectionError):
            return
        yield [function(item) for item in items]


# What a copy does, given its end of the pipe and its number: it makes what is to be sent.
_Work = Callable[[Connection, int], Iterator[list[Any] | None]]


@contextmanager
def _copies(count: int, work: _Work) -> Iterator[list[Connection]]:
    """Copies of this process at work, and our ends of the pipes to them."""
    context = multiprocessing.get_context("fork")
    # What is there stays shared; a collection in a copy would write to all of it.
    gc.collect()
    gc.freeze()
    pipes: list[Connection] = []
    started: list[ForkProcess] = []
    try:
        for number in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(work, theirs, number), daemon=True)
            process.start()
            theirs.close()
            pipes.append(ours)
            started.append(process)
        yield pipes
    finally:
        for process in started:
            process.kill()
            process.join()
        for pipe in pipes:
            pipe.close()
        gc.unfreeze()


def _received(pipe: Connection) -> list[Any] | None:
    try:
        received = pipe.recv()
    except (EOFError, ConnectionError) as error:
        raise HarvesterError(_DIED) from error
    if isinstance(received, Exception):
        raise received
    assert received is None or isinstance(received, list)  # noqa: S101
    return received


def _send(pipe: Connection, items: Sequence[Any]) -> None:
    try:
        pipe.send(items)
    except ConnectionError as error:
        raise HarvesterError(_DIED) from error


def _work(work: _Work, pipe: Connection, number: int) -> None:
    _let_go(pipe.fileno())
    # Ctrl-C is for the program, which then ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with suppress(ConnectionError, EOFError):  # the program has ended, or needs this one no more
        try:
            for result in work(pipe, number):
                pipe.send(result)
        except ConnectionError:
            raise
        except Exception as error:
            pipe.send(error)
            while True:  # it may be about to ask, and then listens
                pipe.recv()


def _let_go(pipe: int) -> None:
    """Close whatever the program has open (the library, its lock, the others' pipes) but for this.

    The lock must not outlive the program, and a pipe breaks only when nobody holds its other end.
    """
    for file in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
        if file > 2 and file != pipe:
            with suppress(OSError):  # the one that listed them is closed already
                os.close(file)
