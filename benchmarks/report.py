"""docs/performance.md: the goals and what was reached, and then each part's own section."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.libraries import ROOT
from benchmarks.machine import conditions
from benchmarks.results import kept

__all__ = ["write"]

PAGE = ROOT / "docs/performance.md"
STANDS_IN_THE_WAY = Path(__file__).with_name("limits.md")
_TITLES = {
    "loading": "Loading files",
    "serving": "Serving pages",
    "serving-100000": "Serving 100,000 articles",
    "nightly": "A night",
    "size": "Size",
    "growth": "Growth",
    "growth-1000000": "A million records",
}
Figures = Mapping[str, float]


def write(folder: Path, parts: Sequence[str]) -> str:
    """The document, from what is kept of each part."""
    results = {part: found for part in parts if (found := kept(folder, part))}
    figures = {f"{part}.{k}": v for part, one in results.items() for k, v in one.figures.items()}
    figures |= _grown(figures)
    lines = [
        "# Performance",
        "",
        "Written by `make bench` (`python -m benchmarks`). Peers and ours run in turn on the same "
        "machine; ratios carry over to others, seconds do not.",
        "",
        *conditions(),
        "",
        *_goals(figures),
        "",
        STANDS_IN_THE_WAY.read_text().strip(),
    ]
    for part, one in results.items():
        lines += ["", f"## {_TITLES[part]}", "", f"Measured {one.date}.", "", *one.lines]
    text = "\n".join(lines) + "\n"
    PAGE.write_text(text)
    return text


def _grown(figures: Figures) -> dict[str, float]:
    """How many times the memory of the smallest load the largest needs."""
    sizes = {key: [figures.get(f"growth.{key}_{n}") for n in (1_000, 100_000)] for key in _MEMORY}
    return {f"growth.{key}_times": b / a for key, (a, b) in sizes.items() if a and b}


# Figures of a load: all processes together, and the process that has most.
_MEMORY = ("memory", "largest")
# What, the goal in words, and its figures: name, how it is said, and whether it is reached.
_Row = tuple[str, str, Sequence[tuple[str, str, Callable[[float], bool]]]]
_ROWS: Sequence[_Row] = (
    (
        "loading beside Biopython `Entrez.read` with sqlite-utils `upsert_all` into the same "
        "tables, which derives nothing",
        "5 times",
        (("loading.peer", "{:.2f} times", lambda v: v >= 5),),
    ),
    (
        "loading beside the one-process floor",
        "0.7 of its speed",
        (("loading.floor", "{:.2f}", lambda v: v >= 0.7),),
    ),
    (
        "peak memory of a load of 1,000 / 13,921 / 100,000 records, all processes together",
        "the same, under 100 MB",
        (
            ("growth.memory_1000", "{:.0f} MB", lambda v: v < 100),
            ("growth.memory_13921", "{:.0f} MB", lambda v: v < 100),
            ("growth.memory_100000", "{:.0f} MB", lambda v: v < 100),
        ),
    ),
    (
        "the same, of the process that has most",
        "the same, under 100 MB",
        (
            ("growth.largest_1000", "{:.0f} MB", lambda v: v < 100),
            ("growth.largest_13921", "{:.0f} MB", lambda v: v < 100),
            ("growth.largest_100000", "{:.0f} MB", lambda v: v < 100),
        ),
    ),
    (
        "peak memory for 100,000 records beside that for 1,000, all processes / the largest",
        "the same",
        (
            ("growth.memory_times", "{:.2f} times", lambda v: v < 1.1),
            ("growth.largest_times", "{:.2f} times", lambda v: v < 1.1),
        ),
    ),
    (
        "first harvest at 0.3 s a reply and 3 requests a second, beside the least time",
        "1.15 times",
        (("nightly.first", "{:.2f} times", lambda v: v <= 1.15),),
    ),
    (
        "requests of a night without news, one topic / all four",
        "6 / 16",
        (
            ("nightly.requests_one", "{:.0f}", lambda v: v <= 6),
            ("nightly.requests_four", "{:.0f}", lambda v: v <= 16),
        ),
    ),
    (
        "rows written in such a night, but for the ledger of runs",
        "0",
        (("nightly.rows", "{:.0f}", lambda v: v == 0),),
    ),
    (
        "search page with all facets and no words, 14,000 / 100,000 articles, server CPU",
        "25 / 120 ms (for 10,000 / 100,000)",
        (
            ("serving.plain", "{:.1f} ms", lambda v: v <= 25),
            ("serving-100000.plain", "{:.1f} ms", lambda v: v <= 120),
        ),
    ),
    (
        "the same for a word in a third of all, never asked before",
        "25 / 120 ms (for 10,000 / 100,000)",
        (
            ("serving.word", "{:.1f} ms", lambda v: v <= 25),
            ("serving-100000.word", "{:.1f} ms", lambda v: v <= 120),
        ),
    ),
    (
        "requests a second of the page without words / of the word, 14,000 articles, beside stock "
        "Datasette with the same facets",
        "30 times",
        (
            ("serving.plain_rate", "{:.0f} times", lambda v: v >= 30),
            ("serving.word_rate", "{:.0f} times", lambda v: v >= 30),
        ),
    ),
)


def _goals(figures: Figures) -> Iterator[str]:
    yield from ("| what | goal | measured | reached |", "|---|---|---|---|")
    for what, goal, parts in _ROWS:
        found = [(figures.get(name), how, reached) for name, how, reached in parts]
        said = " / ".join("not measured" if v is None else how.format(v) for v, how, _ in found)
        verdicts = [reached(value) for value, _, reached in found if value is not None]
        good = "yes" if all(verdicts) else "**no**"
        yield f"| {what} | {goal} | {said} | {good if verdicts else ''} |"
