"""Everything that is measured, one command.

    python -m benchmarks [PART ...] [--folder build/benchmarks]

The parts are loading, serving, serving-100000, nightly, size, growth and growth-1000000; without a
name all run but the last, which needs 20 GB of room and half an hour. What a part found is kept,
and docs/performance.md is written from what is kept of all parts. Needs Linux (processor time and
memory are read from the system).
"""

import argparse
from pathlib import Path

from benchmarks import growth, loading, nightly, serving, size
from benchmarks.libraries import ROOT
from benchmarks.report import write
from benchmarks.results import keep

PARTS = {
    "loading": loading.measure,
    "serving": serving.measure,
    "serving-100000": serving.measure_large,
    "nightly": nightly.measure,
    "size": size.measure,
    "growth": growth.measure,
    "growth-1000000": growth.measure_million,
}
USUAL = [part for part in PARTS if part != "growth-1000000"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--folder", type=Path, default=ROOT / "build/benchmarks")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part is named {', '.join(sorted(unknown))}")
    options.folder.mkdir(parents=True, exist_ok=True)
    for part in options.parts or USUAL:
        keep(options.folder, part, PARTS[part](options.folder))
    print(write(options.folder, tuple(PARTS)))


if __name__ == "__main__":
    main()
