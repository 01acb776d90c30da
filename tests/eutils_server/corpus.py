"""The records that the loopback server serves, and a clock: what happens to them, day by day."""

import gzip
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from harvester.pubmed.split import deleted_pmids, split_stream

from . import edit
from .record import Record
from .synthetic import FIRST_PMID, Kind, Made, kinds

__all__ = ["Corpus"]


@dataclass(slots=True)
class Corpus:
    """All records by PMID; `today` is the server's day, `version` counts the changes."""

    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    records: dict[int, Record] = field(default_factory=dict, repr=False)
    version: int = 0
    _pmids: list[int] = field(default_factory=list, repr=False)
    _sorted_at: int = field(default=-1, repr=False)

    @classmethod
    def from_files(cls, paths: Iterable[Path], *, today: date | None = None) -> "Corpus":
        """PubMed XML, gzipped or not; a later record replaces an earlier one of its PMID."""
        corpus = cls(today=today) if today else cls()
        for path in paths:
            with path.open("rb") as stream:
                for piece in split_stream(stream):
                    if piece.kind == "delete":
                        for pmid in deleted_pmids(piece.data):
                            corpus.records.pop(pmid, None)
                    else:
                        corpus.put(Record.read(piece.data))
        return corpus

    @classmethod
    def bulk(cls, count: int, *, kind: str = "trial", today: date | None = None) -> "Corpus":
        """`count` made-up records of one kind, one PMID after the other, all added today."""
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

    def save(self, path: Path) -> None:
        """Write all records as one PubMed file, gzipped if the name says so."""
        body = b"".join(record.xml + b"\n" for record in self)
        body = b'<?xml version="1.0"?>\n<PubmedArticleSet>\n' + body + b"</PubmedArticleSet>\n"
        path.write_bytes(gzip.compress(body, 1) if path.suffix == ".gz" else body)

    # What happens to records, day by day -------------------------------------------------------

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
        made = Made(
            pmid=number,
            kind=kinds[kind] if isinstance(kind, str) else kind,
            created=self.today.isoformat(),
            entered=entry,
            revised=self.today.isoformat(),
            published=published.isoformat() if published else entry,
        )
        self.put(Record.make(made))
        return number

    def add_many(self, count: int, *, kind: str = "trial") -> range:
        """Add `count` records today, all on one day."""
        first = max(self.records, default=FIRST_PMID - 1) + 1
        for pmid in range(first, first + count):
            self.add(kind, pmid=pmid)
        return range(first, first + count)

    def revise(self, pmid: int, *, title: str | None = None) -> None:
        """NLM edits a record today (DateRevised); with `title` the edit shows."""
        record = self.records[pmid]
        day = self.today.isoformat()
        if record.made:
            kind = replace(record.made.kind, title=title) if title else record.made.kind
            self.put(Record.make(replace(record.made, kind=kind, revised=day)))
            return
        xml = edit.set_title(record.source, title) if title else record.source
        self.put(Record.read(edit.set_revised(xml, day)))

    def retract(self, pmid: int) -> int:
        """A notice appears today, and the record says that it is retracted; the notice's PMID."""
        notice = self.add(replace(kinds["notice"], corrections=(("RetractionOf", pmid),)))
        record = self.records[pmid]
        day = self.today.isoformat()
        if record.made:
            old = record.made.kind
            kind = replace(
                old,
                types=(*old.types, "Retracted Publication"),
                corrections=(*old.corrections, ("RetractionIn", notice)),
            )
            self.put(Record.make(replace(record.made, kind=kind, revised=day)))
        else:
            xml = edit.add_type(record.source, "Retracted Publication", "D016441")
            xml = edit.add_correction(xml, "RetractionIn", notice)
            self.put(Record.read(edit.set_revised(xml, day)))
        return notice

    def delete(self, pmid: int) -> None:
        """Take a record out; PubMed then says nothing of it, wherever it is asked for."""
        del self.records[pmid]
        self.version += 1

    def merge(self, pmid: int, into: int) -> None:
        """Two records were one: `pmid` goes, without a pointer to the one that stays."""
        if into not in self.records:
            raise KeyError(into)
        self.delete(pmid)
