"""An answer that is made while it is sent: memory stays the same however long it is."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from datasette.database import Database

from harvester.exports.files import encoded
from harvester.exports.formats import Format
from harvester.library.holdings import Holding, read_holdings

__all__ = ["Stream"]

_LOG = logging.getLogger(__name__)
_BATCH = 100  # records read at a time; other pages are answered between
_CHUNK = 64 * 1024  # bytes sent together, at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """The records in a format; Datasette sends it like a Response.

    An answer whose records cannot be read ends without its end, so that nobody takes it for whole.
    """

    database: Database
    form: Format
    pmids: Iterable[int]
    headers: Mapping[str, str]
    receive: Callable[[], Any]
    status: int = 200

    async def asgi_send(self, send: Callable[[Any], Any]) -> None:
        headers = {**self.headers, "content-type": self.form.media_type}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": raw})
        gone = asyncio.ensure_future(_has_gone(self.receive))
        try:
            source = _Source(iter(self.pmids))
            chunks = encoded(self.form, source.records())
            while data := await self.database.execute_fn(lambda c: source.next(c, chunks)):
                if gone.done():
                    _LOG.info("a reader left before the end of an export")
                    return
                await send({"type": "http.response.body", "body": data, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except Exception:  # too late for a page that says so: the server closes the connection
            _LOG.exception("an export ended before its end")
        finally:
            gone.cancel()


class _Source:
    """Reads records with whatever connection the thread has that writes them just now."""

    def __init__(self, pmids: Iterator[int]) -> None:
        self._pmids = pmids
        self._connection: sqlite3.Connection | None = None

    def records(self) -> Iterator[Holding]:
        while batch := list(islice(self._pmids, _BATCH)):
            assert self._connection is not None  # noqa: S101 (somebody asks for the next)
            yield from read_holdings(self._connection, batch)

    def next(self, connection: sqlite3.Connection, chunks: Iterator[bytes]) -> bytes:
        """The next bytes of the file; none at its end."""
        self._connection = connection
        data: list[bytes] = []
        size = 0
        for chunk in chunks:
            data.append(chunk)
            size += len(chunk)
            if size >= _CHUNK:
                break
        return b"".join(data)


async def _has_gone(receive: Callable[[], Any]) -> None:
    """Returns when nobody listens any more."""
    while (await receive())["type"] != "http.disconnect":
        pass
