"""The records that the loopback server serves, and a clock: what happens to them, day by day."""

import gzip
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from .synthetic import FIRST_PMID, Kind, Made, kinds

__all__ = ["Corpus", "Record"]

PIECE = re.compile(rb"<(PubmedArticle|PubmedBookArticle)\b.*?</\1>", re.DOTALL)
PMID = re.compile(rb"<PMID[^>]*>\s*(\d+)")
HISTORY = re.compile(rb'<PubMedPubDate PubStatus="(\w+)">(.*?)</PubMedPubDate>', re.DOTALL)
REVISED = re.compile(rb"<DateRevised>(.*?)</DateRevised>", re.DOTALL)
PUBLISHED = re.compile(rb"<PubDate>(.*?)</PubDate>", re.DOTALL)
PART = re.compile(rb"<(Year|Month|Day|MedlineDate)>\s*([^<]+?)\s*<")
MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}


def _iso(inner: bytes) -> str:
    """The first day that a date element may mean; PubMed files a lone year under 1 January."""
    parts = {name.decode(): value.decode() for name, value in PART.findall(inner)}
    year = parts.get("Year") or parts.get("MedlineDate", "")[:4]
    if not year.isdigit():
        return "1900-01-01"
    month = parts.get("Month", "1")
    number = MONTHS.get(month[:3], int(month) if month.isdigit() else 1)
    day = parts.get("Day", "1")
    return f"{year}-{number:02}-{int(day) if day.isdigit() else 1:02}"


@dataclass(slots=True, kw_only=True)
class Record:
    """One record: its PMID, its dates as PubMed indexes them (ISO days), and its XML on demand."""

    pmid: int
    created: str
    entered: str
    revised: str
    published: str
    book: bool = False
    made: Made | None = None
    source: bytes | None = None

    @classmethod
    def read(cls, source: bytes) -> "Record":
        """Index one record without parsing it: 20,000 of them must start at once."""
        found = PMID.search(source)
        if found is None:
            raise ValueError("a record without a PMID")
        published = PUBLISHED.search(source)
        day = _iso(published[1]) if published else "1900-01-01"
        history = {kind.decode(): _iso(inner) for kind, inner in HISTORY.findall(source)}
        entered = history.get("pubmed") or history.get("entrez") or day
        revised = REVISED.search(source)
        return cls(
            pmid=int(found[1]),
            created=history.get("entrez") or entered,
            entered=entered,
            revised=_iso(revised[1]) if revised else entered,
            published=day,
            book=source.startswith(b"<PubmedBookArticle"),
            source=source,
        )

    @classmethod
    def make(cls, made: Made) -> "Record":
        return cls(
            pmid=made.pmid,
            created=made.created,
            entered=made.entered,
            revised=made.revised,
            published=made.published,
            made=made,
        )

    @property
    def xml(self) -> bytes:
        if self.source is not None:
            return self.source
        assert self.made is not None
        return self.made.xml()


@dataclass(slots=True)
class Corpus:
    """All records by PMID; `today` is the server's day, `version` counts the changes."""

    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    records: dict[int, Record] = field(default_factory=dict)
    version: int = 0
    _pmids: list[int] = field(default_factory=list, repr=False)
    _sorted_at: int = field(default=-1, repr=False)

    @classmethod
    def from_files(cls, paths: Iterable[Path], *, today: date | None = None) -> "Corpus":
        corpus = cls(today=today) if today else cls()
        for path in paths:
            data = path.read_bytes()
            if path.suffix == ".gz":
                data = gzip.decompress(data)
            for piece in PIECE.finditer(data):
                corpus.put(Record.read(piece[0]))
        return corpus

    @classmethod
    def bulk(cls, count: int, *, kind: str = "trial", today: date | None = None) -> "Corpus":
        """`count` made-up records of one kind, one PMID after the other."""
        corpus = cls(today=today) if today else cls()
        corpus.add_many(count, kind=kind)
        return corpus

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records.values())

    @property
    def pmids(self) -> list[int]:
        """All PMIDs, ascending."""
        if self._sorted_at != self.version:
            self._pmids = sorted(self.records)
            self._sorted_at = self.version
        return self._pmids

    def between(self, low: int, high: int) -> list[int]:
        """The PMIDs from `low` to `high`, both included."""
        pmids = self.pmids
        return pmids[bisect_left(pmids, low) : bisect_right(pmids, high)]

    def put(self, record: Record) -> None:
        self.records[record.pmid] = record
        self.version += 1

    # What happens to records -------------------------------------------------------------------

    def pass_days(self, days: int = 1) -> None:
        self.today += timedelta(days=days)

    def add(
        self,
        kind: str | Kind = "trial",
        *,
        pmid: int | None = None,
        entered: date | None = None,
        published: date | None = None,
    ) -> int:
        """PubMed adds a record today (CRDT); with `entered` in the past its EDAT is back-dated,
        as PubMed does with an article that is older than a year."""
        number = pmid if pmid is not None else max(self.records, default=FIRST_PMID - 1) + 1
        entry = (entered or self.today).isoformat()
        self.put(
            Record.make(
                Made(
                    pmid=number,
                    kind=kinds[kind] if isinstance(kind, str) else kind,
                    created=self.today.isoformat(),
                    entered=entry,
                    revised=self.today.isoformat(),
                    published=published.isoformat() if published else entry,
                )
            )
        )
        return number

    def add_many(self, count: int, *, kind: str = "trial") -> range:
        """Add `count` records today, all on one day."""
        first = max(self.records, default=FIRST_PMID - 1) + 1
        for pmid in range(first, first + count):
            self.add(kind, pmid=pmid)
        return range(first, first + count)

    def delete(self, pmid: int) -> None:
        """Take a record out; PubMed then says nothing of it, wherever it is asked for."""
        del self.records[pmid]
        self.version += 1

    def merge(self, pmid: int, into: int) -> None:
        """Two records were one: `pmid` goes, without a pointer to the one that stays."""
        if into not in self.records:
            raise KeyError(into)
        self.delete(pmid)
