"""Expressions: by RE2 where it can, by `re` where an expression looks around.

RE2's time does not grow with the number of alternatives; to it, letters are those of ASCII.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import re2

__all__ = ["Expression", "compiled", "joined", "searched"]


class Expression(Protocol):
    """A compiled expression; it reads text, and ASCII as bytes, too (`searched`)."""

    def search(self, text: str | bytes, /) -> re.Match[Any] | None: ...
    def finditer(self, text: str | bytes, /) -> Iterator[re.Match[Any]]: ...


def searched(text: str) -> str | bytes:
    """The text as RE2 reads it best: as bytes where it is ASCII, so that places are the same.

    RE2's wrapper for Python encodes text for each call, and counts its letters for each match.
    """
    return text.encode() if text.isascii() else text


def joined(expressions: Sequence[str]) -> tuple[Expression, ...]:
    """All of them as one for RE2, and one by one those that RE2 does not know."""
    known = [expression for expression in expressions if _is_known(expression)]
    others = [_LookingAround(e) for e in expressions if e not in known]
    if not known:
        return tuple(others)
    return (compiled("|".join(f"(?:{expression})" for expression in known)), *others)


class _LookingAround:
    """An expression that RE2 does not know, by `re`."""

    def __init__(self, expression: str) -> None:
        self._pattern = re.compile(expression, re.IGNORECASE)

    def search(self, text: str | bytes, /) -> re.Match[str] | None:
        return self._pattern.search(_text(text))

    def finditer(self, text: str | bytes, /) -> Iterator[re.Match[str]]:
        return self._pattern.finditer(_text(text))


def _text(text: str | bytes) -> str:
    return text if isinstance(text, str) else text.decode("ascii")


# Bytes that RE2 may use for an expression. With its own 8 MB the longest ones do not find room for
# the states of their automaton, forget them over and over, and take several times as long.
_MEMORY = 64 << 20


def compiled(expression: str) -> Expression:
    """The expression by RE2, for capital and small letters alike."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MEMORY
    pattern: Expression = re2.compile(expression, options)
    return pattern


def _is_known(expression: str) -> bool:
    """Whether RE2 knows it: RE2 does not look around."""
    try:
        compiled(expression)
    except re2.error:
        return False
    return True
