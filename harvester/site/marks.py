"""The words that findings rest on, marked in a title or an abstract, each with a number.

Quotes may overlap and may begin or end inside PubMed's inline elements: a mark is closed before an
element's tag and opened again after it, and each finding's number stands where its quote ends.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harvester.site.markup import clean, inline

__all__ = ["Mark", "MarkedText", "readable"]

_HTML = re.compile("(<[^>]*>)|(&[^;]*;|.)", re.DOTALL)
_Token = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Words from `start` to `end` of a text; `number` leads to the finding, `label` names it."""

    start: int
    end: int
    number: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedText:
    """A text that can be marked: as the library holds it, and as HTML in tags and characters."""

    plain: str
    tokens: tuple[_Token, ...]

    def html(self, marks: Iterable[Mark] = ()) -> Markup:
        """The text with these marks."""
        placed = [(self._place(m.start), self._place(m.end), m) for m in marks]
        if not placed:
            return Markup("".join(tag or character for tag, character in self.tokens))  # noqa: S704
        return Markup("".join(_woven(self.tokens, placed)))  # noqa: S704 (from `inline`, and ours)

    def _place(self, place: int) -> int:
        """A place of the library's text, among the characters that are shown."""
        return len(clean(self.plain[:place]))


def readable(plain: str, markup: str | None) -> MarkedText | None:
    """The text, or None where its markup says something else than its characters."""
    tokens = tuple(_HTML.findall(str(inline(plain, markup))))
    if sum(1 for tag, _ in tokens if not tag) != len(clean(plain)):
        return None
    return MarkedText(plain=plain, tokens=tokens)


def _woven(tokens: Sequence[_Token], placed: Sequence[tuple[int, int, Mark]]) -> Iterable[str]:
    starts: dict[int, int] = {}
    ends: dict[int, list[Mark]] = {}
    for start, end, mark in placed:
        if end > start:
            starts[start] = starts.get(start, 0) + 1
            ends.setdefault(end, []).append(mark)
    place = covering = 0
    open_ = False
    for tag, character in tokens:
        if tag:
            if open_:
                yield "</mark>"
                open_ = False
            yield tag
            continue
        covering += starts.get(place, 0)
        if bool(covering) != open_:
            yield "<mark>" if covering else "</mark>"
            open_ = bool(covering)
        yield character
        place += 1
        for mark in ends.get(place, ()):
            covering -= 1
            yield _number(mark)
    if open_:
        yield "</mark>"


def _number(mark: Mark) -> str:
    return str(
        Markup('<a id="mark-{n}" href="#finding-{n}" aria-label="{n}: {label}">{n}</a>').format(
            n=mark.number, label=mark.label
        )
    )
