"""Sharing work among the processors of this machine.

Each process is a copy of this one and goes through all items, but works on its own share of them.
It only ever sends, so nobody can wait for one another; what is not yet fetched waits in it, so that
no more is in memory than was asked for; and when the program ends, however it does, the pipe breaks
and ends the process too.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import cycle
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import TypeVar

from harvester.errors import HarvesterError

__all__ = ["on_all_processors"]

T = TypeVar("T")
R = TypeVar("R")


def on_all_processors(
    function: Callable[[T], R], items: Iterable[T], *, processes: int | None = None
) -> Iterator[R]:
    """As `map`, in the same order, by as many processes as there are processors.

    The items must not have been begun: each process makes them for itself. What is raised on the
    way is raised here. Only Linux can copy a process safely; elsewhere this is `map`.
    """
    count = processes or os.cpu_count() or 1
    if count < 2 or sys.platform != "linux":
        yield from map(function, items)
        return
    context = multiprocessing.get_context("fork")
    pipes: list[Connection] = []
    started: list[ForkProcess] = []
    try:
        for part in range(count):
            receiver, sender = context.Pipe(duplex=False)
            process = context.Process(
                target=_send_all, args=(sender, function, items, part, count), daemon=True
            )
            process.start()
            sender.close()
            pipes.append(receiver)
            started.append(process)
        yield from _received(pipes)
    finally:
        for process in started:
            process.terminate()
            process.join()


def _received(pipes: list[Connection]) -> Iterator[R]:
    for pipe in cycle(pipes):
        try:
            received = pipe.recv()
        except EOFError as error:
            raise HarvesterError("A process that shared in the work ended too early.") from error
        if isinstance(received, Exception):
            raise received
        if received is None:
            return
        yield received[0]


def _send_all(
    sender: Connection, function: Callable[[T], R], items: Iterable[T], part: int, parts: int
) -> None:
    _let_go(sender.fileno())
    # Ctrl-C is for the program, which then ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with suppress(BrokenPipeError):
        try:
            for number, item in enumerate(items):
                if number % parts == part:
                    sender.send((function(item),))
            sender.send(None)
        except BrokenPipeError:
            raise
        except Exception as error:
            sender.send(error)


def _let_go(sender: int) -> None:
    """Close whatever the program has open (the library, its lock, the others' pipes) but for this.

    The lock must not outlive the program, and a pipe breaks only when nobody holds its other end.
    """
    for file in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
        if file > 2 and file != sender:
            with suppress(OSError):  # the one that listed them is closed already
                os.close(file)
