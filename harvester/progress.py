"""Progress on stderr: a bar on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Callable
from typing import Any

import click

from harvester.reports import Progress, no_progress

__all__ = ["Bar", "Lines", "progress_for"]

SECONDS_BETWEEN_LINES = 10.0


class Bar:
    """A bar for each step, made anew when the label changes."""

    def __init__(self) -> None:
        self._label = ""
        self._bar: Any = None
        self._done = 0

    def __call__(self, label: str, done: int, total: int, /) -> None:
        if label != self._label:
            self.close()
            self._label, self._done = label, 0
            self._bar = click.progressbar(
                length=max(total, 1), label=label, file=sys.stderr, show_pos=False, width=24
            )
            self._bar.__enter__()
        self._bar.length = max(total, 1)
        self._bar.update(done - self._done)
        self._done = done
        if done >= total:
            self.close()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar, self._label = None, ""


class Lines:
    """A line when a step begins and ends, and one now and then between."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._label = ""
        self._last = 0.0

    def __call__(self, label: str, done: int, total: int, /) -> None:
        now = self._clock()
        begins, ends = label != self._label, done >= total
        if begins or ends or now - self._last >= SECONDS_BETWEEN_LINES:
            share = f" {done * 100 // total}%" if total and not begins else ""
            click.echo(f"{label}{share}", err=True)
            self._last = now
        self._label = "" if ends else label

    def close(self) -> None:
        """Nothing is left open."""


def progress_for(*, silent: bool) -> tuple[Progress, Callable[[], None]]:
    """What to call as work goes on, and what to call at its end."""
    if silent:
        return no_progress, lambda: None
    shown = Bar() if sys.stderr.isatty() else Lines()
    return shown, shown.close
