"""One record as the server keeps it: indexed by PMID and date, its XML and words on demand."""

import re
from dataclasses import dataclass, field

from harvester.pubmed.parse import pmid_of, read_record
from harvester.pubmed.query_match import DateField, Indexed
from harvester.pubmed.records import Article

from .synthetic import Kind, Made

__all__ = ["Record"]

HISTORY = re.compile(rb'<PubMedPubDate PubStatus="(\w+)">(.*?)</PubMedPubDate>', re.DOTALL)
REVISED = re.compile(rb"<DateRevised>(.*?)</DateRevised>", re.DOTALL)
PUBLISHED = re.compile(rb"<PubDate>(.*?)</PubDate>", re.DOTALL)
PART = re.compile(rb"<(Year|Month|Day|MedlineDate)>\s*([^<]+?)\s*<")
LONG_AGO = "1900-01-01"
MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_WORDS: dict[Kind, Indexed] = {}


def _iso(inner: bytes) -> str:
    """The first day that a date element may mean; PubMed files a lone year under 1 January."""
    parts = {name.decode(): value.decode() for name, value in PART.findall(inner)}
    year = parts.get("Year") or parts.get("MedlineDate", "")[:4]
    if not year.isdigit():
        return LONG_AGO
    month = parts.get("Month", "1")
    number = MONTHS.get(month[:3], int(month) if month.isdigit() else 1)
    day = parts.get("Day", "1")
    return f"{year}-{number:02}-{int(day) if day.isdigit() else 1:02}"


@dataclass(slots=True, kw_only=True, eq=False)
class Record:
    """A record from a file (`source`) or a made-up one (`made`); `dates` are ISO days by field."""

    pmid: int
    dates: dict[DateField, str]
    source: bytes = b""
    made: Made | None = None
    _indexed: Indexed | None = field(default=None, repr=False)

    @classmethod
    def read(cls, source: bytes) -> "Record":
        """Index one record without parsing it: 20,000 of them start at once."""
        pmid = pmid_of(source)
        if pmid is None:
            raise ValueError("a record without a PMID")
        history = {kind.decode(): _iso(inner) for kind, inner in HISTORY.findall(source)}
        published = PUBLISHED.search(source)
        revised = REVISED.search(source)
        day = _iso(published[1]) if published else LONG_AGO
        entered = history.get("pubmed") or history.get("entrez") or day
        return cls(
            pmid=pmid,
            dates={
                "crdt": history.get("entrez") or entered,
                "edat": entered,
                "mdat": _iso(revised[1]) if revised else entered,
                "pdat": day,
            },
            source=source,
        )

    @classmethod
    def make(cls, made: Made) -> "Record":
        return cls(
            pmid=made.pmid,
            dates={
                "crdt": made.created,
                "edat": made.entered,
                "mdat": made.revised,
                "pdat": made.published,
            },
            made=made,
        )

    @property
    def xml(self) -> bytes:
        return self.made.xml() if self.made else self.source

    @property
    def own_article(self) -> Article:
        """The record itself, parsed."""
        return read_record(self.xml)[0]

    @property
    def indexed(self) -> Indexed:
        """The record as a query sees it; made-up ones of a kind share one view."""
        if self._indexed is None:
            if self.made is None:
                self._indexed = Indexed(read_record(self.source)[0])
            else:
                kind = self.made.kind
                if kind not in _WORDS:
                    _WORDS[kind] = Indexed(read_record(self.xml)[0])
                self._indexed = _WORDS[kind]
        return self._indexed
