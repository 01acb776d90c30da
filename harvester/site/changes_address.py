"""The address of the page of changes is its whole state, and that of its feeds."""

import re
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import parse_qsl, urlencode

from harvester.library.wording import KINDS

__all__ = ["PAGE", "Asked", "read", "write"]

PAGE = "/changes"

_MOST_PARAMETERS = 50
_LONGEST_NAME = 100
_LAST_PAGE = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which changes are asked for: of these kinds (any, when none is named), of records of the
    topic, seen from the day `first` to the day `last` (ISO, UTC), or by one run."""

    kinds: tuple[str, ...] = ()
    topic: str | None = None
    first: str | None = None
    last: str | None = None
    run: int | None = None
    page: int = 1

    @property
    def of_all_records(self) -> bool:
        """Whether days without news belong on the page."""
        return not (self.kinds or self.topic or self.run)

    @property
    def whole(self) -> bool:
        """Whether it is about one day or one run, of which every change is listed."""
        return self.run is not None or (self.first is not None and self.first == self.last)

    def of(self, *kinds: str) -> "Asked":
        return replace(self, kinds=kinds, page=1)

    def on(self, day: str) -> "Asked":
        return replace(self, first=day, last=day, page=1)

    def at(self, page: int) -> "Asked":
        return replace(self, page=page)


def write(asked: Asked, path: str = PAGE) -> str:
    """The address; what is as usual is left out. A feed has no pages."""
    pairs = [("kind", kind) for kind in asked.kinds]
    pairs += [("topic", asked.topic or ""), ("from", asked.first or ""), ("to", asked.last or "")]
    pairs += [("run", str(asked.run or ""))]
    if path == PAGE and asked.page > 1:
        pairs.append(("page", str(asked.page)))
    query = urlencode([(name, value) for name, value in pairs if value])
    return f"{path}?{query}" if query else path


def read(query_string: str) -> Asked:
    """Read any query string; what is unknown, or makes no sense, is passed over."""
    given = parse_qsl("&".join(query_string.split("&")[:_MOST_PARAMETERS]))
    single = dict(reversed([(name, value.strip()) for name, value in given]))
    named = {value for name, value in given if name == "kind"}
    first, last = _day(single.get("from")), _day(single.get("to"))
    if first and last and first > last:
        first, last = last, first
    return Asked(
        kinds=tuple(kind for kind in KINDS if kind in named),
        topic=single.get("topic", "")[:_LONGEST_NAME].strip() or None,
        first=first,
        last=last,
        run=_number(single.get("run")),
        page=min(_number(single.get("page")) or 1, _LAST_PAGE),
    )


def _day(text: str | None) -> str | None:
    if not text or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _number(text: str | None) -> int | None:
    """A number above 0."""
    return int(text) or None if text and re.fullmatch(r"[0-9]{1,9}", text) else None
