"""E-utilities over HTTP: paced, tried again, checked; the only module that talks to PubMed.

Every request is a POST: nothing of it then stands in a URL, which proxies and servers log, and no
term or list of ids is too long. Every request stands for itself: no set is kept on NCBI's history
server, so nothing can expire there.
"""

import logging
import random as chance
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from http.client import RemoteDisconnected
from http.cookiejar import DefaultCookiePolicy
from typing import Self, TypeVar
from urllib.parse import urlsplit, urlunsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from harvester import __version__
from harvester.errors import (
    EutilsError,
    HistoryGone,
    Interrupted,
    RateLimited,
    ReplyTimeout,
    ServiceDown,
    SettingsError,
    TruncatedReply,
)
from harvester.pubmed.control import DatabaseInfo, SearchReply, read_info, read_search
from harvester.pubmed.pace import SPACING, SPACING_WITH_KEY, Pace
from harvester.pubmed.replies import classify, redact
from harvester.settings import Settings

__all__ = ["MAX_IDS", "DatabaseInfo", "Eutils", "SearchReply"]

log = logging.getLogger(__name__)
T = TypeVar("T")

# PubMed gives out the first 9,999 ids of a set, whatever is asked (the manual says 10,000).
MAX_IDS = 9_999

# Seconds before each further try, give or take half of it at random.
_WAITS = (1, 2, 4, 8, 16, 30)
# So many time-outs and cut answers are enough where the caller can ask for less: that helps more.
_CUTS = 3
# NCBI counts by the second: two seconds after a refusal the count begins anew.
_LEAST_PAUSE = 2.0
# A longer Retry-After is not sat out; the next run will come.
_LONGEST_PAUSE = 120.0

_TIMEOUT = (10.0, 90.0)
_PROBE_TIMEOUT = (3.0, 8.0)
# For a whole answer, so that one that trickles for ever ends too.
_LONGEST_READ = 300.0
# A thousand times a usual record; more is cut and asked for in smaller parts.
_LARGEST_BODY = 64_000_000
_CHUNK = 65_536

_EINFO = {"db": "pubmed", "version": "2.0", "retmode": "xml"}


class Eutils:
    """PubMed's E-utilities, for any number of threads; `url` is their address without a password.

    `stop`, when set, ends all waiting with Interrupted. `deadline` is the number of seconds after
    which nothing is tried again. All methods raise the errors under EutilsError.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        stop: threading.Event | None = None,
        deadline: float | None = None,
        connections: int = 4,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
        random: Callable[[], float] = chance.random,
    ) -> None:
        self.url, password = _public(settings.eutils_url)
        self.requests_sent = 0
        self._address = settings.eutils_url
        self._stop = stop or threading.Event()
        self._clock = clock
        self._sleep = sleep or self._stop.wait
        self._random = random
        self._deadline = None if deadline is None else clock() + deadline
        spacing = SPACING_WITH_KEY if settings.api_key else SPACING
        self._pace = Pace(spacing, clock=clock, sleep=self._sleep)
        self._counting = threading.Lock()
        self._secrets = tuple(filter(None, (settings.api_key, settings.email, password)))
        self._common = {
            name: value
            for name, value in (
                ("tool", settings.tool),
                ("email", settings.email),
                ("api_key", settings.api_key),
            )
            if value
        }
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"{settings.tool}/{__version__}"
        self._session.headers["Accept-Encoding"] = "gzip"
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=connections, max_retries=0)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def esearch(self, term: str, *, retmax: int = MAX_IDS) -> SearchReply:
        """Count the set of a search, and list its first ids."""
        fields = {"db": "pubmed", "term": term, "retmax": str(retmax), "retmode": "xml"}
        reply = self._ask("esearch", fields, root="eSearchResult", read=read_search)
        # Both are kept and shown, and PubMed may have written of the request in them.
        return replace(
            reply,
            translation=redact(reply.translation, self._secrets),
            warnings=tuple(redact(warning, self._secrets) for warning in reply.warnings),
        )

    def database_info(self) -> DatabaseInfo:
        """Which PubMed answers, and of when."""
        return self._ask("einfo", _EINFO, root="eInfoResult", read=read_info)

    def probe(self) -> DatabaseInfo:
        """The same in one short try: is PubMed within reach?"""
        return self._ask("einfo", _EINFO, root="eInfoResult", read=read_info, patience=0)

    def efetch(self, pmids: Sequence[int]) -> bytes:
        """The records as one PubmedArticleSet, whole, without those that PubMed does not know."""
        fields = {"db": "pubmed", "id": ",".join(map(str, pmids)), "retmode": "xml"}
        return self._ask("efetch", fields, root="PubmedArticleSet", read=bytes, most_cuts=_CUTS)

    # -- trying ------------------------------------------------------------------------------

    def _ask(
        self,
        utility: str,
        fields: Mapping[str, str],
        *,
        root: str,
        read: Callable[[bytes], T],
        patience: int = len(_WAITS),
        most_cuts: int = len(_WAITS) + 1,
    ) -> T:
        """Send until a good answer is read, or until trying again is of no use."""
        timeout = _PROBE_TIMEOUT if patience == 0 else _TIMEOUT
        failures = cuts = 0
        while True:
            self._check_stop()
            self._pace.wait()
            self._check_stop()
            try:
                return read(self._send(utility, fields, root, timeout))
            except (ServiceDown, HistoryGone) as error:
                failures += 1
                cuts += isinstance(error, ReplyTimeout | TruncatedReply)
                given_up = failures > patience or cuts >= most_cuts
                wait = None if given_up else self._wait(error, failures)
                if wait is None:
                    raise
                level = logging.WARNING if wait else logging.INFO
                log.log(level, "%s Trying again in %.1f s.", error, wait)
            self._sleep(wait)

    def _wait(self, error: EutilsError, failures: int) -> float | None:
        """Seconds to wait before the next try, or None for not at all.

        What PubMed asks for holds all threads.
        """
        named = error.wait if isinstance(error, ServiceDown) else None
        wait = _WAITS[failures - 1] * (0.5 + self._random())
        if isinstance(error, _Dropped) and failures == 1:
            wait = 0.0
        if isinstance(error, RateLimited):
            wait = max(wait, _LEAST_PAUSE)
        wait = max(wait, named or 0.0)
        late = self._deadline is not None and self._clock() + wait > self._deadline
        if late or wait > _LONGEST_PAUSE:
            return None
        if named or isinstance(error, RateLimited):
            self._pace.hold(wait)
        return wait

    def _check_stop(self) -> None:
        if self._stop.is_set():
            raise Interrupted("Stopped as asked, before PubMed had answered.")

    # -- one request -------------------------------------------------------------------------

    def _send(
        self, utility: str, fields: Mapping[str, str], root: str, timeout: tuple[float, float]
    ) -> bytes:
        with self._counting:
            self.requests_sent += 1
        started = self._clock()
        try:
            with self._session.post(
                f"{self._address}{utility}.fcgi",
                data={**fields, **self._common},
                timeout=timeout,
                stream=True,
                allow_redirects=False,
            ) as response:
                body = b"".join(self._chunks(utility, response, started))
        except requests.RequestException as error:
            # Without the cause: it carries the request, and with it the key.
            raise self._failure(utility, error) from None
        seconds = self._clock() - started
        status = response.status_code
        log.debug("%s: HTTP %d, %d bytes in %.2f s", utility, status, len(body), seconds)
        problem = classify(
            utility, status, response.headers, body, root=root, secrets=self._secrets
        )
        if problem is not None:
            raise problem
        return body

    def _chunks(self, utility: str, response: requests.Response, started: float) -> Iterator[bytes]:
        size = 0
        for chunk in response.iter_content(_CHUNK):
            size += len(chunk)
            if size > _LARGEST_BODY:
                raise TruncatedReply(
                    f"PubMed's {utility} answer was larger than "
                    f"{_LARGEST_BODY // 1_000_000} MB and was not read to its end."
                )
            if self._clock() - started > _LONGEST_READ:
                raise ReplyTimeout(
                    f"PubMed's {utility} had not finished after {_LONGEST_READ:.0f} seconds."
                )
            yield chunk

    def _failure(self, utility: str, error: requests.RequestException) -> Exception:
        """Our error for one of `requests`, in words that never hold a URL or a secret."""
        inner = error.args[0] if error.args else None
        reason = redact(_reason(error), self._secrets)
        if isinstance(
            error,
            requests.exceptions.InvalidURL
            | requests.exceptions.MissingSchema
            | requests.exceptions.InvalidSchema,
        ):
            return SettingsError(
                "The address of E-utilities, or of a proxy, is not a web address; "
                "check HARVESTER_EUTILS_URL."
            )
        if isinstance(error, requests.ReadTimeout) or isinstance(
            inner, urllib3.exceptions.ReadTimeoutError
        ):
            return ReplyTimeout(f"PubMed's {utility} did not answer in time.")
        if isinstance(
            error,
            requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError,
        ):
            return TruncatedReply(
                f"PubMed's {utility} answer ended before it was complete ({reason})."
            )
        if isinstance(inner, urllib3.exceptions.ProtocolError):
            return _Dropped(f"The connection to PubMed was lost ({reason}).")
        return ServiceDown(f"PubMed cannot be reached ({reason}).")


class _Dropped(ServiceDown):
    """The connection ended without an answer, as an idle one does that PubMed closed meanwhile."""


def _public(address: str) -> tuple[str, str | None]:
    """The address as it may be stored and shown, and the password in it that may not.

    Raises SettingsError for one with a query: whoever writes a key there would send it in URLs.
    """
    try:
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        parts = None
    if parts is None or parts.query or parts.fragment:
        raise SettingsError(
            "HARVESTER_EUTILS_URL is not an address that ends in /entrez/eutils/; a key belongs "
            "in NCBI_API_KEY."
        )
    return urlunsplit(parts._replace(netloc=host)), parts.password


def _reason(error: BaseException) -> str:
    """What the system says at the bottom of a chain of errors: "Connection refused"."""
    seen: list[BaseException] = []
    found: BaseException | None = error
    while found is not None and found not in seen:
        seen.append(found)
        inner = getattr(found, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((a for a in found.args if isinstance(a, BaseException)), None)
        found = inner or found.__cause__ or found.__context__
    for deepest in reversed(seen):
        if isinstance(deepest, RemoteDisconnected):
            return "closed without an answer"
        if isinstance(deepest, TimeoutError | urllib3.exceptions.TimeoutError):
            return "timed out"
        if isinstance(deepest, OSError) and deepest.strerror:
            return deepest.strerror
    return type(seen[-1]).__name__
