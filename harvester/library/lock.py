"""One harvest at a time: an advisory lock beside the library, released when its holder ends."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from harvester.errors import LibraryBusy, LibraryError

__all__ = ["exclusive"]


@contextmanager
def exclusive(library: Path, *, now: datetime) -> Iterator[None]:
    """Hold the library's lock while a command changes it.

    The system releases the lock when the process ends, however it ends, so a lock is never left
    behind. Raises LibraryBusy, saying who holds it and since when.
    """
    path = library.with_name(f"{library.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise LibraryError(f"The lock {path} cannot be opened: {error.strerror}.") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LibraryBusy(
                f"Another harvest holds the library {library}{_holder(handle)}; try again later."
            ) from error
        except OSError as error:
            raise LibraryError(
                f"The library {library} cannot be locked: {error.strerror}; it must be on a disk "
                "of this machine."
            ) from error
        with suppress(OSError):  # a courtesy; a full disk shows where it matters
            os.ftruncate(handle, 0)
            holder = {"process": os.getpid(), "since": now.isoformat(timespec="seconds")}
            os.pwrite(handle, json.dumps(holder).encode(), 0)
        yield
    finally:
        os.close(handle)


def _holder(handle: int) -> str:
    try:
        holder = json.loads(os.pread(handle, 1000, 0))
        return f" (process {holder['process']}, since {holder['since']})"
    except (ValueError, KeyError, TypeError):
        # The other process has the lock but has not written its name yet.
        return ""
