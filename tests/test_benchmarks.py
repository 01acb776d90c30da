"""The measurements themselves: what is kept comes back, and every goal has its row."""

import sys
from pathlib import Path

import pytest

from benchmarks import growth, records, report
from benchmarks.results import Result, keep, kept
from benchmarks.runs import run
from harvester.pubmed.parse import read_record
from harvester.pubmed.split import split_stream

BUSY = "import time\nwhile time.process_time() < 0.3: pass\nprint('done')"


def test_what_a_part_found_is_kept(tmp_path: Path) -> None:
    assert kept(tmp_path, "size") is None
    keep(tmp_path, "size", Result(figures={"record": 1.5}, lines=["A line."]))
    found = kept(tmp_path, "size")
    assert found
    assert (found.figures, found.lines) == ({"record": 1.5}, ["A line."])
    assert found.date.endswith("UTC")


def test_the_document_says_what_was_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "PAGE", tmp_path / "performance.md")
    keep(tmp_path, "loading", Result(figures={"peer": 4.9, "floor": 0.71}, lines=["Loaded."]))
    text = report.write(tmp_path, ("loading", "nightly"))
    assert text == (tmp_path / "performance.md").read_text()
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")]
    by_goal = {goal: (measured, reached) for _, goal, measured, reached in rows}
    assert by_goal["5 times"] == ("4.90 times", "**no** |")
    assert by_goal["0.7 of its speed"] == ("0.71", "yes |")
    assert by_goal["6 / 16"] == ("not measured / not measured", " |")
    assert "## Loading files" in text
    assert "## A night" not in text


@pytest.mark.skipif(sys.platform != "linux", reason="time and memory are read from the system")
def test_a_program_is_measured_with_all_its_processes() -> None:
    alone = run([sys.executable, "-c", BUSY])
    assert (alone.output, alone.cpu >= 0.3, alone.least) == ("done\n", True, alone.cpu)
    two = f"import os\nos.fork()\n{BUSY}\nos.wait() if os.getppid() != {{}} else None"
    both = run([sys.executable, "-c", two.replace("os.wait() if os.getppid() != {} else None", "")])
    assert both.seconds > 0


def test_copies_have_numbers_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "REAL_HERE", False)
    originals = sum(1 for _ in records._originals())
    wanted = 3 * originals + 1
    with records.file_of(tmp_path, wanted).open("rb") as file:
        articles = [read_record(piece.data)[0] for piece in split_stream(file)]
    pmids = [article.pmid for article in articles]
    assert len(set(pmids)) == wanted
    assert pmids[originals:] == list(range(100_000_000, 100_000_000 + 2 * originals + 1))
    assert [a.title for a in articles[:originals]] == [
        a.title for a in articles[originals:][:originals]
    ]


def test_memory_is_judged_of_all_processes_of_the_largest_and_as_it_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "PAGE", tmp_path / "performance.md")
    monkeypatch.setattr(growth, "CHART", tmp_path / "growth.svg")
    memory = {1_000: (95.0, 60.0), 13_921: (99.0, 61.0), 100_000: (114.0, 62.0)}

    def point(folder: Path, records: int) -> dict[str, float]:
        of_all, of_one = memory[records]
        others = {"load": 1.0, "cpu": 2.0, "search": 1.0, "plain": 1.0, "size": 9.0}
        return {"records": records, "memory": of_all, "largest": of_one, **others}

    monkeypatch.setattr(growth, "_point", point)
    keep(tmp_path, "growth", growth.measure(tmp_path))
    text = report.write(tmp_path, ("growth",))
    assert "| 95 MB / 99 MB / 114 MB | **no** |" in text
    assert "| 60 MB / 61 MB / 62 MB | yes |" in text
    assert "| 1.20 times / 1.03 times | **no** |" in text


def test_the_chart_has_a_curve_for_each_figure() -> None:
    points = [
        {"records": 10.0**n, "load": 0.9**n, "search": 5 + n, "plain": 5, "size": 10.0**n}
        for n in range(3, 6)
    ]
    chart = "\n".join(growth._chart(points))
    assert chart.count("<path") >= 4
    assert "100,000" in chart


def test_a_million_records_are_a_point_of_the_same_chart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def point(folder: Path, records: int) -> dict[str, float]:
        named = ("load", "cpu", "memory", "largest", "search", "plain", "size")
        return {"records": records, **dict.fromkeys(named, records / 1000)}

    monkeypatch.setattr(growth, "_point", point)
    monkeypatch.setattr(growth, "CHART", tmp_path / "growth.svg")
    keep(tmp_path, "growth-1000000", growth.measure_million(tmp_path))
    assert not (tmp_path / "growth.svg").exists()
    keep(tmp_path, "growth", growth.measure(tmp_path))
    assert "1,000,000" in (tmp_path / "growth.svg").read_text()
    (tmp_path / "growth.svg").unlink()
    million = growth.measure_million(tmp_path)
    assert (tmp_path / "growth.svg").read_text().count("100,000") == 1
    assert [line.split(" ")[1] for line in million.lines if line.startswith("| 1")] == [
        "100,000",
        "1,000,000",
    ]
