"""How fast PubMed may be asked: one pace for all threads of the program."""

import threading
import time
from collections.abc import Callable

__all__ = ["SPACING", "SPACING_WITH_KEY", "Pace"]

# NCBI allows 3 requests a second, 10 with a key (E-utilities manual, NBK25497). Exactly 1/3 s
# still trips it, because requests do not travel equally fast: Biopython and EDirect keep the
# same distances as these.
SPACING = 0.37
SPACING_WITH_KEY = 0.12


class Pace:
    """Keeps `spacing` seconds between the starts of any two requests.

    Who came first goes first: the records asked for first are those that the program waits for.
    """

    def __init__(
        self,
        spacing: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._spacing = spacing
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._free = float("-inf")

    def wait(self) -> None:
        """Return when the next request may start.

        A place is taken when it is reached and not before: a thread that wakes late moves those
        behind it, and a pause that was called meanwhile holds it too.
        """
        reached = float("-inf")
        with self._turn:  # the others wait here, in line
            while True:
                with self._lock:
                    now = max(self._clock(), reached)
                    if now >= self._free:
                        self._free = now + self._spacing
                        return
                    ahead, reached = self._free - now, self._free
                self._sleep(ahead)

    def hold(self, seconds: float) -> None:
        """Let no request start for `seconds` from now, whichever thread it belongs to."""
        with self._lock:
            self._free = max(self._free, self._clock() + seconds)
