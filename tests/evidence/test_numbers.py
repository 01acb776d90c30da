"""Whole numbers in figures and in words; nothing that only looks like one."""

import pytest

from harvester.evidence.numbers import find_numbers, number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("403", 403),
        ("1,250", 1250),
        ("13 388", 13388),
        ("160\u2008921", 160921),
        ("Forty-one", 41),
        ("forty\u2010one", 41),
        ("One hundred and fifteen", 115),
        ("four-hundred nine", 409),
        ("Two thousand eight hundred sixteen", 2816),
        ("a hundred", 100),
        ("fourty", 40),
        ("twelve-ish", None),
        ("patients", None),
    ],
)
def test_a_number(text: str, value: int | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("sixty patients and 21 controls", [21, 60]),
        ("(n=80)", [80]),
        ("one hundred and seventy-nine women", [179]),
        ("between 2017 and 2018", [2017, 2018]),
        ("0.5 mg/kg, 54% and 5-ht", []),
        ("aged 18-65 years", []),
        ("mean 42.1 ± 3.2", []),
        ("madrs≥22", []),
        ("site 0307", []),
        ("a five-year study, ninety percent", []),
        ("one of the patients", []),
        ("3,4-methylenedioxymethamphetamine", []),
    ],
)
def test_numbers_of_a_text(text: str, values: list[int]) -> None:
    assert sorted(found.value for found in find_numbers(text)) == values


def test_a_number_has_its_place() -> None:
    text = "we enrolled 1,250 adults and thirty-four children"
    places = {found.value: text[found.start : found.end] for found in find_numbers(text)}
    assert places == {1250: "1,250", 34: "thirty-four"}
