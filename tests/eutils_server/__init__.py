"""A loopback E-utilities server over any PubMed XML: the service as clients really meet it.

    with EutilsServer(corpus=Corpus.bulk(25_000)) as server:
        server.fail(replay("http429_rate_limit"), utility="efetch", at=3)
        ...  # HARVESTER_EUTILS_URL=server.url
        assert [request.utility for request in server.requests] == ["esearch", "efetch"]

By hand: `python -m tests.eutils_server FILE...`.
"""

from .corpus import Corpus
from .faults import (
    Fault,
    cut,
    cut_at_record,
    cut_in_entity,
    damage,
    leave_out,
    miscount,
    replay,
    reset,
    slow,
    stall,
)
from .record import Record
from .server import EutilsServer, Request
from .synthetic import Kind, Made, kinds

__all__ = [
    "Corpus",
    "EutilsServer",
    "Fault",
    "Kind",
    "Made",
    "Record",
    "Request",
    "cut",
    "cut_at_record",
    "cut_in_entity",
    "damage",
    "kinds",
    "leave_out",
    "miscount",
    "replay",
    "reset",
    "slow",
    "stall",
]
