"""What stands in front of the utilities: length of the request line, keys, requests per second."""

import json
import re
import threading
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from .replies import Reply

__all__ = ["Gateway"]

PLAIN_JSON = "application/json"
KEY = re.compile(r"[0-9a-f]{36}")
TOO_LARGE = b"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"
  "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" lang="en" xml:lang="en">
<head><title>Submitted URI too large!</title></head>
<body><h1>Submitted URI too large!</h1><h2>Error 414</h2><address>Apache</address></body>
</html>
"""


@dataclass(slots=True, kw_only=True)
class Gateway:
    """Limits by caller; `rate_limit` None lets any number of requests a second pass.

    A caller with a key has `key_rate_limit` requests a second, over all its addresses. Every key
    of the right shape is good unless `valid_keys` says which are.
    """

    clock: Callable[[], float]
    rate_limit: int | None = None
    key_rate_limit: int = 10
    valid_keys: Collection[str] | None = None
    get_limit: int = 4_000
    _arrived: dict[str, deque[float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def too_long(self, line: str) -> Reply | None:
        """The web server's own answer to a long GET; no limit header comes with it."""
        if len(line) <= self.get_limit:
            return None
        return Reply(
            body=TOO_LARGE, type="text/html; charset=utf-8", status=414, gateway=True, close=True
        )

    def wrong_key(self, key: str | None) -> Reply | None:
        """`key` None when the parameter was not there; an empty one is refused like a wrong one."""
        if key is None or (
            KEY.fullmatch(key) and (self.valid_keys is None or key in self.valid_keys)
        ):
            return None
        if key and not KEY.fullmatch(key):
            what, kind = "API key not wellformed", "api-key-fake"
        else:
            what, kind = "API key invalid", "invalid"
        # NCBI writes the key into its answer, and a line feed between two members.
        body = f'{{"error":"{what}","api-key":{json.dumps(key)},"type":"{kind}",\n'
        return Reply(
            body=f'{body}"status":"unknown"}}'.encode(), type=PLAIN_JSON, status=400, close=True
        )

    def limit(self, key: str | None) -> int:
        return self.key_rate_limit if key else (self.rate_limit or 3)

    def count(self, caller: str, limit: int) -> tuple[int, Reply | None]:
        """Count one request of this second; what remains, and the refusal when it is too many."""
        with self._lock:
            arrived = self._arrived.setdefault(caller, deque())
            now = self.clock()
            while arrived and arrived[0] <= now - 1:
                arrived.popleft()
            arrived.append(now)
            number = len(arrived)
        remaining = max(0, limit - number)
        if self.rate_limit is None or number <= limit:
            return remaining, None
        refusal = {
            "error": "API rate limit exceeded",
            "api-key": caller,
            "count": str(number),
            "limit": str(limit),
        }
        body = json.dumps(refusal, separators=(",", ":")).encode()
        return remaining, Reply(
            body=body, type=PLAIN_JSON, status=429, headers={"Retry-After": "2"}
        )
