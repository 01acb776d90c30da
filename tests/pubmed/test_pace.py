"""The pace at which PubMed is asked."""

import threading
import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from harvester.pubmed.pace import Pace

from .stub import Clock


def test_requests_start_one_spacing_apart() -> None:
    clock = Clock()
    pace = Pace(0.37, clock=clock, sleep=clock.sleep)
    starts = []
    for _ in range(4):
        pace.wait()
        starts.append(clock.now)
        clock.now += 0.3  # the answer takes its time, which counts
    assert [round(b - a, 6) for a, b in pairwise(starts)] == [0.37, 0.37, 0.37]


def test_nobody_waits_after_a_longer_rest() -> None:
    clock = Clock()
    pace = Pace(0.37, clock=clock, sleep=clock.sleep)
    pace.wait()
    clock.now += 5
    pace.wait()
    assert clock.naps == []


def test_a_thread_that_wakes_late_moves_the_next_one() -> None:
    clock = Clock()
    pace = Pace(0.37, clock=clock, sleep=lambda seconds: clock.sleep(seconds + 0.2))
    pace.wait()
    pace.wait()
    late = clock.now
    pace.wait()
    assert clock.now - late >= 0.37


def test_a_pause_holds_those_who_wait_already() -> None:
    clock = Clock()

    def sleep(seconds: float) -> None:
        if not clock.naps:  # while the first one sleeps, an answer asks all to wait
            pace.hold(5)
        clock.sleep(seconds)

    pace = Pace(0.37, clock=clock, sleep=sleep)
    pace.wait()
    begun = clock.now
    pace.wait()
    assert clock.now == begun + 5


def test_a_sleep_that_takes_no_time_does_not_spin() -> None:
    naps = []
    pace = Pace(0.37, clock=lambda: 0.0, sleep=naps.append)
    for _ in range(3):
        pace.wait()
    assert naps == [0.37, 0.74]


def test_threads_share_one_pace() -> None:
    pace = Pace(0.01)
    starts = []

    def run() -> None:
        for _ in range(5):
            pace.wait()
            starts.append(time.monotonic())

    threads = [threading.Thread(target=run) for _ in range(6)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # What `wait` promises is measured under its lock; here a thread may be set aside after it.
    assert len(starts) == 30
    assert max(starts) - begun >= 29 * 0.01


def test_who_came_first_goes_first() -> None:
    pace = Pace(0.02)
    pace.wait()
    went: list[int] = []

    def run(number: int) -> None:
        pace.wait()
        went.append(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
        time.sleep(0.001)  # it has come to its place
    for thread in threads:
        thread.join()
    assert went == list(range(8))


@given(
    st.lists(
        st.tuples(st.floats(0, 2), st.sampled_from(["wait", "hold"]), st.floats(0, 3)), max_size=30
    )
)
def test_no_two_starts_are_too_near_and_none_is_in_a_pause(
    steps: list[tuple[float, str, float]],
) -> None:
    clock = Clock()
    pace = Pace(0.37, clock=clock, sleep=clock.sleep)
    last, held = float("-inf"), float("-inf")
    for passes, what, seconds in steps:
        clock.now += passes
        if what == "hold":
            pace.hold(seconds)
            held = max(held, clock.now + seconds)
        else:
            pace.wait()
            assert clock.now >= last + 0.37 - 1e-9
            assert clock.now >= held - 1e-9
            last = clock.now
