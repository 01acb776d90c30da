"""Addresses of ours: permanent, readable, and the same for every text that a record can have."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.site.links import (
    author_path,
    journal_path,
    mesh_path,
    segment,
    substance_path,
    trial_path,
    unsegment,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(TEXT)
def test_a_part_of_a_path_gives_its_text_back(text: str) -> None:
    assert unsegment(segment(text)) == text


@given(TEXT)
def test_a_part_of_a_path_is_one_part_and_stays_as_it_is(text: str) -> None:
    part = segment(text)
    assert re.fullmatch(r"[A-Za-z0-9_.~'(),%-]+", part)
    assert part not in {".", ".."}
    # A server on the way that decodes percent signs, or encodes more, changes nothing.
    assert "%2F" not in part
    assert unsegment(part.replace("_", "%5F").replace("~", "%7E")) == text


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (author_path("Zarate CA Jr"), "/author/Zarate_CA_Jr"),
        (author_path("0000-0002-1825-0097"), "/author/0000-0002-1825-0097"),
        (author_path("O'Brien-Müller K"), "/author/O'Brien-M%C3%BCller_K"),
        (author_path("A/B Study Group."), "/author/A~2FB_Study_Group~2E"),
        (journal_path("0213264"), "/journal/0213264"),
        (mesh_path("D007649"), "/mesh/D007649"),
        (mesh_path("Aged, 80 and over"), "/mesh/Aged,_80_and_over"),
        (substance_path("C000605310"), "/substance/C000605310"),
        (trial_path("CTRI/2020/01/000001"), "/trial/CTRI~2F2020~2F01~2F000001"),
    ],
)
def test_addresses_can_be_read(path: str, expected: str) -> None:
    assert path == expected


@pytest.mark.parametrize("typed", ["Zarate CA Jr", "Zarate+CA+Jr", "Zarate%20CA%20Jr"])
def test_spaces_may_be_typed(typed: str) -> None:
    assert unsegment(typed) == "Zarate CA Jr"


def test_addresses_in_the_encoding_of_datasette_are_read() -> None:
    assert unsegment("M~C3~BCller+J~2FK") == "Müller J/K"


@pytest.mark.parametrize("hostile", ["%ff%fe", "%", "~", "~zz", "%00", "~00", "", "%%%"])
def test_any_part_has_a_text(hostile: str) -> None:
    assert isinstance(unsegment(hostile), str)
