"""The web server's log without what people search for, or who they are.

Someone who reads here about suicide or addiction must not stand in a log with an address and the
words typed. The server (uvicorn) logs `address - "GET /path?query HTTP/1.1" 200`; method, path and
status stay, for whoever runs the site.
"""

import logging

__all__ = ["keep_private"]


def keep_private() -> None:
    """Take address and query out of each line from now on; calling it again changes nothing."""
    logging.getLogger("uvicorn.access").addFilter(_without_person)


def _without_person(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple) and len(record.args) == 5:
        _, method, path, version, status = record.args
        record.args = ("-", method, str(path).partition("?")[0], version, status)
    return True
