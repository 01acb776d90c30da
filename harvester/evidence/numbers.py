"""Numbers as authors write them: figures, figures with separators, and words."""

import re
from functools import cache

from text_to_num import text2num

__all__ = ["NUMBER", "number"]

_UNITS = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_SMALL = rf"(?:{_TENS})(?:[- ](?:{_UNITS}))?|{_TEENS}|{_UNITS}"
_HUNDRED = rf"(?:(?:{_SMALL}|a)[- ]hundred(?:[- ](?:and[- ])?(?:{_SMALL}))?)"
_THOUSAND = (
    rf"(?:(?:{_HUNDRED}|{_SMALL}|a)[- ]thousand(?:,?[- ](?:and[- ])?(?:{_HUNDRED}|{_SMALL}))?)"
)
_FIGURES = r"\d{1,3}(?:[,\u2009\u00a0\u202f ]\d{3})+(?!\d)|\d+"

# One number, as a group of a larger expression; no group of its own.
NUMBER = rf"(?:{_FIGURES}|(?:{_THOUSAND}|{_HUNDRED}|{_SMALL})(?![a-z]))"


@cache
def number(text: str) -> int | None:
    """What the text says, None when it is no number."""
    small = re.sub(r"[,\u2009\u00a0\u202f ](?=\d{3}\b)", "", text.strip().lower())
    if small.isdigit():
        return int(small)
    words = re.sub(r"^a (?=hundred|thousand)", "one ", small.replace("-", " ").replace(",", ""))
    try:
        return int(text2num(words, "en"))
    except ValueError:
        return None
