"""A file of any size is read in the memory that its largest record needs."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

# Prints the number of records, and the peak of memory after the first 2,000 and after all, in KB.
# (What getrusage says includes the memory of the process that started this one.)
PROGRAM = """
import re, sys
from pathlib import Path
from harvester.pubmed.parse import read_record
from harvester.pubmed.split import split_stream

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

count = early = 0
with open(sys.argv[1], "rb") as stream:
    for piece in split_stream(stream):
        if piece.kind != "delete":
            read_record(piece.data)
            count += 1
            early = peak() if count == 2000 else early
print(count, early, peak())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
def test_156_megabytes_in_constant_memory(shared_data: Path) -> None:
    path = shared_data / "pubmed/bulk-modern.xml.gz"
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM, path], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    count, early, late = map(int, told.split())
    assert count == 13921
    assert late - early < 10_000, f"{late - early:,} KB more at the end than at the beginning"
    assert late < 60_000, f"{late:,} KB"
