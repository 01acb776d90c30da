"""Records by PMID, in batches, each reconciled: what was asked for is here, or it is named.

Several requests are on their way while the caller reads and stores what came before. A batch that
PubMed cannot deliver is halved until the record that is to blame stands alone, so that it never
costs its neighbours.
"""

import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field

from harvester.errors import (
    BadRequest,
    EutilsError,
    Interrupted,
    RateLimited,
    ReplyTimeout,
    TruncatedReply,
)
from harvester.pubmed.eutils import Eutils
from harvester.pubmed.parse import pmid_of
from harvester.pubmed.split import Piece, split_reply

__all__ = ["Batch", "fetch"]

# Measured, see docs/decisions/0003-requests.md.
_BATCH_SIZE = 300
_WORKERS = 4
# How much failing in a row means that PubMed itself is down: nine requests that time out, or
# three refused after a minute of trying.
_OUT_OF_REACH = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One batch: `pieces` in the order asked, and what became of the other PMIDs.

    `missing`: PubMed does not know them, asked once more and alone. `failed`: PubMed could not
    deliver them, with the reason. `strays` are pieces nobody asked for, or without a PMID.
    """

    asked: tuple[int, ...]
    pieces: tuple[Piece, ...]
    missing: tuple[int, ...] = ()
    failed: tuple[tuple[int, str], ...] = ()
    strays: tuple[Piece, ...] = ()


def fetch(
    client: Eutils,
    pmids: Iterable[int],
    *,
    gone: Collection[int] = (),
    batch_size: int = _BATCH_SIZE,
    workers: int = _WORKERS,
    stop: threading.Event | None = None,
) -> Iterator[Batch]:
    """Fetch the records in the order given, each once; at most `workers` batches wait in memory.

    Those of `gone` were unknown to PubMed before: that they still are needs no second asking.
    Ends after the batch in hand when `stop` is set. Raises ValueError for a PMID below 1, and
    ServiceDown, BadRequest or Interrupted when no more can be had; the batches before are good.
    """
    wanted = tuple(dict.fromkeys(pmids))
    if any(pmid < 1 for pmid in wanted):
        raise ValueError("a PMID is a number above 0")
    batches = deque(wanted[at : at + batch_size] for at in range(0, len(wanted), batch_size))
    stop = stop or threading.Event()
    closed = threading.Event()
    running: deque[Future[Batch]] = deque()

    def start_next() -> None:
        if batches:
            running.append(_start(_Batcher(client, batches.popleft(), gone, (stop, closed)).get))

    try:
        for _ in range(workers):
            start_next()
        while running and not stop.is_set():
            if wait([running[0]], timeout=0.2).done:
                start_next()
                yield running.popleft().result()  # no name keeps the batch while the next comes
    finally:
        closed.set()


def _start(work: Callable[[], Batch]) -> Future[Batch]:
    """Run `work` in a thread that neither the end of the program nor anybody else waits for."""
    future: Future[Batch] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # raised again where it is awaited
            future.set_exception(error)

    threading.Thread(target=run, name="efetch", daemon=True).start()
    return future


@dataclass(slots=True)
class _Batcher:
    """Gets one batch, piece by piece if it must be."""

    client: Eutils
    asked: tuple[int, ...]
    gone: Collection[int]
    stops: tuple[threading.Event, ...]
    got: dict[int, Piece] = field(default_factory=dict)
    strays: dict[Piece, None] = field(default_factory=dict)
    failed: dict[int, EutilsError] = field(default_factory=dict)
    answers: int = 0
    lost: int = 0

    def get(self) -> Batch:
        self._ask(self.asked)
        # A record that is not delivered is asked for again, in the end alone, before it counts
        # as unknown to PubMed.
        if len(self._doubtful()) > 1:
            self._ask(self._doubtful())
        for pmid in self._doubtful():
            self._ask((pmid,))
        return Batch(
            asked=self.asked,
            pieces=tuple(self.got[pmid] for pmid in self.asked if pmid in self.got),
            missing=self._undelivered(),
            failed=tuple((pmid, str(error)) for pmid, error in self.failed.items()),
            strays=tuple(self.strays),
        )

    def _undelivered(self) -> tuple[int, ...]:
        return tuple(p for p in self.asked if p not in self.got and p not in self.failed)

    def _doubtful(self) -> tuple[int, ...]:
        return tuple(p for p in self._undelivered() if p not in self.gone)

    def _ask(self, pmids: tuple[int, ...]) -> None:
        """One request; where it fails for good, two of half the size, level by level."""
        parts = [pmids]
        while parts:
            halves = []
            for part in parts:
                error = self._request(part)
                if error is None:
                    continue
                if len(part) == 1:
                    self.failed[part[0]] = error
                else:
                    middle = len(part) // 2
                    halves += [part[:middle], part[middle:]]
            parts = halves
        if self.failed and not self.answers:
            self._raise_if_down()

    def _request(self, pmids: tuple[int, ...]) -> EutilsError | None:
        if any(stop.is_set() for stop in self.stops):
            raise Interrupted("Stopped as asked, before PubMed had delivered all records.")
        try:
            pieces = split_reply(self.client.efetch(pmids))
        except (BadRequest, RateLimited):
            raise
        except EutilsError as error:
            self.lost += 1 if isinstance(error, ReplyTimeout | TruncatedReply) else 3
            if self.lost >= _OUT_OF_REACH:
                raise
            return error
        self.answers += 1
        self.lost = 0
        self._keep(pmids, pieces)
        return None

    def _keep(self, pmids: Sequence[int], pieces: Iterable[Piece]) -> None:
        wanted = set(pmids)
        for piece in pieces:
            pmid = pmid_of(piece.data)
            if pmid in wanted:
                self.got[pmid] = piece
            else:
                self.strays[piece] = None
                if pmid is None and len(wanted) == 1:
                    self.failed[pmids[0]] = EutilsError("PubMed's record has no readable PMID.")

    def _raise_if_down(self) -> None:
        """A lone record may be to blame for a time-out; for another failure, PubMed is."""
        for error in self.failed.values():
            if not isinstance(error, ReplyTimeout | TruncatedReply):
                raise error
