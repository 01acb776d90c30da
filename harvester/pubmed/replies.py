"""What an answer of E-utilities is worth, told by its body.

The HTTP status says little: outages, unknown history and even the rate limit come as 200, and a
time-out that passes by itself comes as 400. Only the outside of records is looked at, so that no
words of an abstract can be taken for an error. A text of PubMed's that is not known here counts as
temporary: it is tried again, and then told as it is.
"""

import html
import json
import re
from collections.abc import Collection, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

from harvester.errors import (
    BadRequest,
    EutilsError,
    HistoryGone,
    RateLimited,
    ReplyTimeout,
    ServiceDown,
    TruncatedReply,
)

__all__ = ["classify", "redact"]

_RATE = "rate limit exceeded"
_KEY = "api key"
_HISTORY = ("unable to obtain query", "cannot retrieve history data")
_TIMEOUT = ("timed out", "status: timeout", "external viewer error")
_WALL = ("'retstart' cannot be larger", "out of acceptable range")
_REFUSED = (
    "id list is empty",
    "id parameter is empty",
    "some ids have invalid value",
    "invalid uid",
    "too many uids",
    "neither query_key nor id",
    "mandatory parameter",
    "invalid db name",
    "can not retrieve dbinfo",
    "empty term and query_key",
)
# Statuses that do not pass by themselves, whatever page comes with them.
_PERMANENT = {404: "does not exist", 405: "takes no POST", 410: "is gone", 413: "", 414: ""}

_PROLOG = re.compile(
    rb"(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)*", re.DOTALL | re.IGNORECASE
)
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)(?:\s[^<>]*)?/?>")
_ERROR = re.compile(rb"<ERROR(?:\s[^>]*)?>(.*?)(?:</ERROR\s*>|\Z)", re.DOTALL)
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title", re.DOTALL | re.IGNORECASE)
_RECORD_BEGINS = (b"<PubmedArticle>", b"<PubmedBookArticle>")
_RECORD_ENDS = (b"</PubmedArticle>", b"</PubmedBookArticle>")

# NCBI's keys have 36 hexadecimal digits; a key that it refuses comes back in its answer.
_LIKE_A_KEY = re.compile(r"(?<![0-9A-Za-z_])[0-9A-Fa-f]{24,}(?![0-9A-Za-z_])")
_NAMED_KEY = re.compile(r"(api[-_]?key[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;}]+", re.IGNORECASE)
_QUOTED_LENGTH = 200


def classify(
    utility: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    root: str | None = None,
    secrets: Collection[str] = (),
) -> EutilsError | None:
    """The error that the answer is, or None when it is good.

    `body` is decoded and whole, as far as HTTP can tell. With `root`, only an XML document with
    that root element is good; without, any form is. `secrets` never show in the error.
    """
    wait = _retry_after(headers)
    reply = _Reply(utility, status, wait, secrets)
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    if 300 <= status < 400:
        host = urlsplit(_header(headers, "location")).hostname or "another address"
        return reply.down(
            "is redirected, which is not followed; a network's login page, or a wrong "
            "HARVESTER_EUTILS_URL, may be the cause",
            host,
        )
    found = _look(reply, text, root)
    if status == 429 and not isinstance(found, RateLimited):
        return reply.rate_limited(f"HTTP {status}")
    if isinstance(found, ServiceDown) and status in _PERMANENT:
        return reply.wrong_address(_PERMANENT[status])
    if found is None and status != 200:
        return reply.down("is failing for now", f"HTTP {status}")
    return found


def redact(text: str, secrets: Collection[str]) -> str:
    """The text without the secrets, and without anything that looks like an API key."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        for form in (secret, quote(secret, safe="")):
            text = re.sub(re.escape(form), "[redacted]", text, flags=re.IGNORECASE)
    return _LIKE_A_KEY.sub("[redacted]", _NAMED_KEY.sub(r"\1[redacted]", text))


class _Reply:
    """Makes the errors of one answer, each one whole sentence with PubMed's words quoted."""

    def __init__(
        self, utility: str, status: int, wait: float | None, secrets: Collection[str]
    ) -> None:
        self.utility = utility
        self.status = status
        self.wait = wait
        self.secrets = secrets

    def by_text(self, said: str) -> EutilsError:
        """The error that NCBI's own words mean."""
        words = said.casefold()
        if _RATE in words:
            return self.rate_limited(said)
        if _KEY in words:
            return BadRequest(
                f"NCBI does not accept the API key{self.quote(said)}; check NCBI_API_KEY."
            )
        if any(known in words for known in _WALL):
            return BadRequest(
                "PubMed gives out only the first 9,999 records of a set, and more were asked "
                f"for{self.quote(said)}."
            )
        if any(known in words for known in _HISTORY):
            return HistoryGone(f"PubMed no longer keeps the set asked for{self.quote(said)}.")
        if any(known in words for known in _TIMEOUT):
            return ReplyTimeout(
                f"PubMed's {self.utility} did not finish in time{self.quote(said)}.",
                wait=self.wait,
            )
        if any(known in words for known in _REFUSED):
            return BadRequest(f"PubMed refused the {self.utility} request{self.quote(said)}.")
        return self.down("is failing for now", said)

    def rate_limited(self, said: str) -> RateLimited:
        return RateLimited(
            f"PubMed asks for fewer requests a second{self.quote(said)}.", wait=self.wait
        )

    def wrong_address(self, what: str) -> BadRequest:
        what = f"address of {self.utility} {what}; check HARVESTER_EUTILS_URL" if what else ""
        return BadRequest(
            f"PubMed's {what or f'{self.utility} finds the request too long'} (HTTP {self.status})."
        )

    def down(self, what: str, said: str) -> ServiceDown:
        return ServiceDown(f"PubMed's {self.utility} {what}{self.quote(said)}.", wait=self.wait)

    def truncated(self) -> TruncatedReply:
        return TruncatedReply(
            f"PubMed's {self.utility} answer ended before it was complete.", wait=self.wait
        )

    def quote(self, said: str) -> str:
        """NCBI's words in brackets: one line, short, nothing secret, nothing for a terminal."""
        line = " ".join("".join(c if c.isprintable() else " " for c in said).split())
        line = redact(line, self.secrets)
        if len(line) > _QUOTED_LENGTH:
            line = f"{line[:_QUOTED_LENGTH].rsplit(' ', 1)[0]} ..."
        return f" ({line.rstrip('.;,:') if not line.endswith('...') else line})" if line else ""


def _look(reply: _Reply, body: bytes, root: str | None) -> EutilsError | None:
    if not body:
        return reply.truncated()
    if body[:1] in b"{[":
        return _look_at_json(reply, body, root)
    if body[:1] == b"<":
        return _look_at_markup(reply, body, root)
    # MEDLINE and other plain text is good; an error is short and alone.
    if root is None and reply.status == 200:
        return None
    return reply.by_text(_decode(body[:2000]))


def _look_at_json(reply: _Reply, body: bytes, root: str | None) -> EutilsError | None:
    try:
        # NCBI writes line feeds into strings, which strict JSON forbids.
        data = json.loads(body, strict=False)
    except ValueError:
        return reply.truncated()
    said = _json_error(data)
    if said is not None:
        return reply.by_text(said)
    return None if root is None else reply.down("sent something else than XML", "JSON")


def _json_error(data: Any) -> str | None:
    """The text of `error`, or of `ERROR` inside `esearchresult` and its like."""
    if not isinstance(data, dict):
        return None
    for part in (data, *data.values()):
        if isinstance(part, dict) and "ERROR" in part:
            return str(part["ERROR"])
    return str(data["error"]) if "error" in data else None


def _look_at_markup(reply: _Reply, body: bytes, root: str | None) -> EutilsError | None:
    prolog = _PROLOG.match(body)
    start = prolog.end() if prolog else 0
    opening = _ROOT.match(body, start)
    if opening is None:
        return reply.truncated()
    name = opening[1]
    if name.lower() == b"html":
        title = _TITLE.search(body)
        said = _decode(title[1]) if title else f"HTTP {reply.status}"
        return reply.down("sent a web page instead of an answer", said)
    said = "; ".join(_errors(body))
    if said:
        return reply.by_text(said)
    ends = re.compile(rb"</" + re.escape(name) + rb"\s*>\s*(?:<!--.*?-->\s*)*\Z", re.DOTALL)
    closed = opening[0].endswith(b"/>") and opening.end() == len(body)
    if not closed and not ends.search(body, max(start, len(body) - 2000)):
        return reply.truncated()
    if root is not None and name != root.encode():
        return reply.down(f"sent something else than {root}", _decode(name))
    return None


def _errors(body: bytes) -> list[str]:
    """The texts of the ERROR elements that stand outside records."""
    if b"<ERROR" not in body:
        return []
    return [
        _decode(found[1]) or "no reason given"
        for found in _ERROR.finditer(body)
        if max(body.rfind(tag, 0, found.start()) for tag in _RECORD_ENDS)
        >= max(body.rfind(tag, 0, found.start()) for tag in _RECORD_BEGINS)
    ]


def _decode(data: bytes) -> str:
    return html.unescape(data.decode("utf-8", "replace")).strip()


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that Retry-After names; a date counts from the answer's own Date."""
    value = _header(headers, "retry-after").strip()
    if value.isdigit():
        return float(value)
    try:
        now = parsedate_to_datetime(_header(headers, "date"))
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")
