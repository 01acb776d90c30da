"""The complete set of PMIDs of a search, whatever its size.

PubMed lists the first 9,999 records of a set and no more, in an order that is not to be relied on.
A larger set is read in ranges of PMIDs, `(term) AND 30000000:31999999[UID]`: a record has one PMID
for ever, so ranges neither overlap nor leave gaps, which dates of publication or entry do (many
thousands share the first of January, and dates are changed afterwards). The parts must add up to
PubMed's own count of the whole.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from harvester.pubmed.control import SearchReply
from harvester.pubmed.eutils import MAX_IDS, Eutils

__all__ = ["SearchResult", "Slice", "search", "search_window"]

# Above all PMIDs: they have eight digits, and reached 41 million in 2025 at 1.7 million a year.
_LAST_PMID = 99_999_999
# A part is cut to hold this many, so that a few records more since then do not overfill it.
_PART = 9_500
_ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A part of a set as it was read, PMIDs `low` to `high`; None for a set read as a whole.

    `reported` is PubMed's count, `received` the number of different PMIDs that it listed.
    """

    low: int | None
    high: int | None
    reported: int
    received: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """A search and its set.

    `count` is PubMed's own count and `pmids` are sorted; when `complete` is false, `reason` says
    in a sentence what does not add up. `translation` is the term as PubMed understood it.
    """

    term: str
    count: int
    pmids: tuple[int, ...]
    translation: str
    warnings: tuple[str, ...] = ()
    slices: tuple[Slice, ...] = ()
    complete: bool = True
    reason: str = ""

    def __contains__(self, pmid: int) -> bool:
        at = bisect_left(self.pmids, pmid)
        return at < len(self.pmids) and self.pmids[at] == pmid


@dataclass(frozen=True, slots=True)
class _Part:
    low: int | None
    high: int | None
    reply: SearchReply

    @property
    def whole(self) -> bool:
        """Every PMID that was counted is listed, and none outside the range."""
        return len(set(self.reply.ids)) == self.reply.count and self.in_range

    @property
    def in_range(self) -> bool:
        return self.low is None or all(self.low <= i <= (self.high or 0) for i in self.reply.ids)


def search(client: Eutils, term: str, *, known: Iterable[int] = ()) -> SearchResult:
    """Read the whole set of `term`.

    `known` are PMIDs that it is likely to hold: they say where to cut a large set, so that no
    request is spent on finding out. A set that changes while it is read is read again, at most
    three times; if its parts still do not add up, the result is not `complete`.
    """
    whole = client.esearch(term)
    known = tuple(known) if whole.count > MAX_IDS else ()
    parts: list[_Part] = []
    doubt = ""
    for round_ in range(_ROUNDS):
        if whole.count <= MAX_IDS:
            parts = [_Part(None, None, whole)]
        else:
            ranges = [(part.low, part.high) for part in parts if part.low and part.high]
            if not ranges:
                ranges = _cut(whole.count, {*known, *whole.ids}, 1, _LAST_PMID)
            parts = _read(client, term, ranges, whole.count)
        doubt = _doubt(whole.count, parts)
        if not doubt or round_ == _ROUNDS - 1:
            break
        whole = client.esearch(term)
        doubt = _doubt(whole.count, parts)
        if not doubt:
            break
    return SearchResult(
        term=term,
        count=whole.count,
        pmids=tuple(sorted({pmid for part in parts for pmid in part.reply.ids})),
        translation=whole.translation,
        warnings=tuple(
            dict.fromkeys((*whole.warnings, *(w for part in parts for w in part.reply.warnings)))
        ),
        slices=tuple(
            Slice(
                low=part.low,
                high=part.high,
                reported=part.reply.count,
                received=len(set(part.reply.ids)),
            )
            for part in parts
        ),
        complete=not doubt,
        reason=doubt,
    )


def search_window(
    client: Eutils, term: str, since: date, *, known: Iterable[int] = ()
) -> SearchResult:
    """Read the records of `term` that PubMed added or revised on or after `since`.

    By the day of creation (CRDT) and of last revision (LR). The day of entry (EDAT) would miss
    records: it is set back to the day of publication for those that PubMed gets late.
    """
    day = f"{since:%Y/%m/%d}"
    window = f'("{day}"[crdt] : "3000"[crdt]) OR ("{day}"[lr] : "3000"[lr])'
    return search(client, f"({term}) AND ({window})", known=known)


def _read(client: Eutils, term: str, ranges: Sequence[tuple[int, int]], count: int) -> list[_Part]:
    """Read each range, cutting again those that hold more than PubMed lists."""
    parts = []
    waiting = deque(ranges)
    # Far more than any distribution needs; a service that counts nonsense ends here.
    cuts_left = 2 * (count // _PART) + 30
    while waiting:
        low, high = waiting.popleft()
        part = _read_range(client, term, low, high)
        if part.reply.count > MAX_IDS and part.in_range and low < high and cuts_left:
            cuts_left -= 1
            waiting.extendleft(reversed(_cut(part.reply.count, part.reply.ids, low, high)))
        else:
            parts.append(part)
    return parts


def _read_range(client: Eutils, term: str, low: int, high: int) -> _Part:
    """Read one range; again when its list and its count differ, as when it just changed."""
    for _ in range(_ROUNDS):
        part = _Part(low, high, client.esearch(f"({term}) AND {low}:{high}[UID]"))
        if part.whole or part.reply.count > MAX_IDS:
            break
    return part


def _cut(count: int, known: Iterable[int], low: int, high: int) -> list[tuple[int, int]]:
    """Ranges that tile `low` to `high`, each likely to hold at most `_PART` of the `count` ids.

    Counted from the highest PMID known downwards, as those known are usually the newest; what is
    below them makes one range. With too few known, the range is halved.
    """
    ids = sorted(pmid for pmid in set(known) if low < pmid <= high)
    parts = -(-count // _PART)
    size = -(-count // parts)
    starts = [ids[-rank] for rank in range(size, min(size * (parts - 1), len(ids)) + 1, size)]
    if not starts:
        top = min(high, ids[-1]) if ids else high
        starts = [(low + top) // 2 + 1]
    edges = [low, *reversed(starts), high + 1]
    return [(first, after - 1) for first, after in pairwise(edges)]


def _doubt(count: int, parts: Sequence[_Part]) -> str:
    """What does not add up, in a sentence, or nothing."""
    for part in parts:
        if not part.in_range:
            return (
                f"PubMed lists records outside the range of PMIDs {part.low} to {part.high} "
                "that was asked for."
            )
    received = len({pmid for part in parts for pmid in part.reply.ids})
    reported = sum(part.reply.count for part in parts)
    if not all(part.whole for part in parts):
        return f"PubMed counts {reported:,} records for this search but lists {received:,}."
    if reported != count:
        return (
            f"PubMed counts {count:,} records for this search but {reported:,} in its parts, "
            "read one after the other."
        )
    return ""
