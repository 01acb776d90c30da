"""A loopback E-utilities server over any PubMed XML: the service as clients really meet it.

    with EutilsServer(corpus=Corpus.bulk(25_000)) as server:
        ...  # HARVESTER_EUTILS_URL=server.url
        assert [r.utility for r in server.requests] == ["esearch", "efetch"]

By hand: `python -m tests.eutils_server FILE...`.
"""

from .corpus import Corpus, Record
from .server import EutilsServer, Request
from .synthetic import Kind, Made

__all__ = ["Corpus", "EutilsServer", "Kind", "Made", "Record", "Request"]
