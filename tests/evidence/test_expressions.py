"""Expressions read text, and ASCII as bytes, and find the same places."""

import pytest

from harvester.evidence.expressions import joined, searched

TEXTS = ["Tea, then more TEA.", "Tea, then µ more TEA."]


def test_ascii_is_read_as_bytes_and_all_else_as_text() -> None:
    assert [type(searched(text)) for text in TEXTS] == [bytes, str]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("expression", [r"\btea\b", r"\btea\b(?! ceremony)"])
def test_places_are_those_of_the_text(text: str, expression: str) -> None:
    (pattern,) = joined([expression])
    found = [text[slice(*match.span())] for match in pattern.finditer(searched(text))]
    assert found == ["Tea", "TEA"]
    assert pattern.search(searched(text))


def test_what_re2_does_not_know_stays_apart() -> None:
    assert len(joined(["a", "b(?=c)", "d", "(?<!e)f"])) == 3
    assert len(joined(["b(?=c)"])) == 1
    assert joined([]) == ()
