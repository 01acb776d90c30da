"""Reading spread over a Dask cluster: this process cuts the files and writes, workers read.

Whoever can reach the cluster can run programs on it, and on us: Dask sends Python objects, so the
address must be one that only trusted people reach (Dask manual, Security).
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from distributed import Client, KilledWorker
from distributed.client import FutureCancelledError

from harvester import __version__
from harvester.errors import ClusterDown, SettingsError
from harvester.load import Spread
from harvester.reading import Part, Reader, Reading

__all__ = ["spread_over"]

_ADDRESS = re.compile(r"(?:\w+://)?[^/\s]+:\d+/?")
_SECONDS = 20  # until a cluster that does not answer is given up
# Parts under way for each thread of the cluster: one is read, one waits, one is on its way back.
_AHEAD = 3


@contextmanager
def spread_over(address: str) -> Iterator[Spread]:
    """A way to spread reading over the workers of the cluster whose scheduler is at `address`.

    Results come in the order of the parts; so many parts are under way as the cluster can use, so
    that neither side holds more. A part whose worker is lost is read again by another. Raises
    SettingsError when there is no such cluster, or its workers have another version of this
    program; ClusterDown when it is lost on the way.
    """
    if not _ADDRESS.fullmatch(address):
        raise SettingsError(f"There is no Dask scheduler at {address}.")  # Dask tries for long
    try:
        client: Any = Client(  # type: ignore[no-untyped-call]
            address, timeout=_SECONDS, set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise SettingsError(f"There is no Dask scheduler at {address}.") from error
    with client:
        _check(client, address)

        def spread(reader: Reader, parts: Iterable[Part]) -> Iterator[Reading]:
            yield from _in_order(client, address, reader, parts)

        yield spread


def _check(client: Any, address: str) -> None:
    versions = client.run(_version)
    if not versions:
        raise SettingsError(f"The Dask scheduler at {address} has no workers.")
    others = sorted({version for version in versions.values() if version != __version__})
    if others:
        raise SettingsError(
            f"Workers of {address} run version {', '.join(others)} of this program, not "
            f"{__version__}; what they find could differ."
        )


def _version() -> str:
    return __version__


def _in_order(
    client: Any, address: str, reader: Reader, parts: Iterable[Part]
) -> Iterator[Reading]:
    ahead = _AHEAD * max(1, sum(client.ncores().values()))
    under_way: deque[Any] = deque()
    for part in parts:
        under_way.append(client.submit(_read, reader, part, pure=False))
        if len(under_way) >= ahead:
            yield _result(under_way.popleft(), address)
    while under_way:
        yield _result(under_way.popleft(), address)


def _result(future: Any, address: str) -> Reading:
    try:
        reading: Reading = future.result()
    except KilledWorker as error:
        raise ClusterDown(
            "A part of a file ended every worker that read it; are they short of memory?"
        ) from error
    except (FutureCancelledError, OSError) as error:  # a timeout is an OSError
        raise ClusterDown(
            f"The cluster at {address} was lost; what was read is stored. Run the command again."
        ) from error
    return reading


def _read(reader: Reader, part: Part) -> Reading:
    return reader(part)
