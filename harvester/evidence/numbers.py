"""Numbers as authors write them: figures, figures with separators, and words."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from text_to_num import text2num

from harvester.evidence.expressions import compiled, searched

__all__ = ["Number", "find_numbers", "number"]

_WORD = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    "sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fourty|fifty|sixty|seventy|eighty|ninety"
)
# A space that separates thousands: of any width.
_SPACE = "\u2008\u2009\u00a0\u202f "
_FIGURES = re.compile(rf"[0-9]+(?:(?<![0-9]{{4}})(?:[,{_SPACE}][0-9]{{3}})+(?![0-9]))?")
# Whether the words make one number is left to `number`.
_WORDS = compiled(
    rf"\b(?:{_WORD}|an? hundred|an? thousand)"
    rf"(?:[ \x{{2010}}-](?:and[ -])?(?:{_WORD}|hundred|thousand,?))*\b"
)

# What makes figures a part of something else: 0.5, 18-65, 5-HT, a/b, ±7.
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz_")
_JOINED = frozenset(".·/±<>≤≥-\u2010\u2011\u2012\u2013\u2212^$€£#'’") | _LETTERS
_GOES_ON = frozenset("%/±-\u2010\u2011\u2012\u2013°×") | _LETTERS
# What makes a word a part of another: five-year, ninety percent.
_NO_COUNT = ("-", "\u2010", " percent", " per cent")


class Number(NamedTuple):
    """A whole number with its place in the text."""

    start: int
    end: int
    value: int


def find_numbers(text: str) -> Iterator[Number]:
    """Whole numbers that stand alone in a text of small letters, in no order.

    Left out: parts of decimals, ranges, percentages and names, and a lone "one", which is
    seldom a count.
    """
    last = len(text)
    for match in _FIGURES.finditer(text):
        start, end = match.span()
        if text[start] == "0":
            continue
        if start and (text[start - 1] in _JOINED or _decimal(text[start - 2 : start])):
            continue
        if end < last:
            after = text[end]
            if after in _GOES_ON or text.startswith((" %", " ±"), end):
                continue
            if after in ".·," and end + 1 < last and text[end + 1].isdigit():
                continue
        value = number(match[0])
        if value is not None:
            yield Number(start, end, value)
    for match in _WORDS.finditer(searched(text)):
        start, end = match.span()
        if (start and text[start - 1] in "-\u2010/") or text.startswith(_NO_COUNT, end):
            continue
        value = number(text[start:end])
        if value is not None and value > 1:
            yield Number(start, end, value)


def _decimal(before: str) -> bool:
    return before[-1:] == "," and before[:1].isdigit()


@cache
def number(text: str) -> int | None:
    """What the text says, None when it is no number."""
    small = re.sub(rf"[,{_SPACE}](?=\d{{3}}\b)", "", text.strip().lower())
    if small.isdigit():
        return int(small)
    words = re.sub(
        r"^an? (?=hundred|thousand)", "one ", re.sub("[-\u2010]", " ", small).replace(",", "")
    )
    try:
        return int(text2num(words.replace("fourty", "forty"), "en"))
    except ValueError:
        return None
