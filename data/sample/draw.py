"""Choices that are the same on every machine: each stream is fixed by its name alone."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

__all__ = ["Draw", "capital", "in_words"]

T = TypeVar("T")

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


class Draw:
    """A stream of choices. A record draws from a stream of its own name, so that a change to one
    record leaves all others as they were."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._count = 0

    def share(self) -> float:
        """A number from 0 up to, not including, 1."""
        self._count += 1
        digest = hashlib.sha256(f"{self._name}#{self._count}".encode()).digest()
        return int.from_bytes(digest[:6]) / 2**48

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.share()

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.share() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        return self.share() < probability

    def pick(self, items: Sequence[T]) -> T:
        return items[int(self.share() * len(items))]

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """So many different items, in the order drawn."""
        rest = list(items)
        return [rest.pop(int(self.share() * len(rest))) for _ in range(min(count, len(rest)))]

    def say(self, templates: Sequence[str], facts: Mapping[str, object]) -> str:
        """One of the templates, `[a|b]` decided, `{fact}` filled in and `{Fact}` with a capital."""
        text = self.pick(templates)
        while choice := _CHOICE.search(text):
            text = text[: choice.start()] + self.pick(choice[1].split("|")) + text[choice.end() :]
        return capital(_SLOT.sub(lambda slot: _value(slot[1], facts), text))


def _value(name: str, facts: Mapping[str, object]) -> str:
    if name in facts:
        return str(facts[name])
    return capital(str(facts[name[0].lower() + name[1:]]))


def capital(text: str) -> str:
    """The text with a capital, unless it begins like mTORC1."""
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]


def in_words(number: int) -> str:
    """Numbers below one hundred as a sentence would begin with them, others in digits."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens - 2] + (f"-{_ONES[ones]}" if ones else "")
    return f"{number:,}"
