"""Long lists of PMIDs in statements of bounded size."""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

__all__ = ["CHUNK", "batched", "marks"]

# SQLite's default limit of parameters is 32,766; smaller lists keep statements cacheable.
CHUNK = 500


def batched(pmids: Iterable[int]) -> Iterator[tuple[int, ...]]:
    """The PMIDs in tuples of at most `CHUNK`."""
    rest = iter(pmids)
    while part := tuple(islice(rest, CHUNK)):
        yield part


def marks(values: Collection[object]) -> str:
    """As many question marks as values."""
    return ", ".join("?" * len(values))
