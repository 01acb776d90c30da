"""Words marked in a text: numbered, in PubMed's markup, overlapping, and never as HTML."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.site.marks import Mark, readable
from harvester.site.markup import clean


def mark(start: int, end: int, number: int = 1, label: str = "Drug: Ketamine") -> Mark:
    return Mark(start=start, end=end, number=number, label=label)


def link(number: int, label: str = "Drug: Ketamine") -> str:
    place = f'id="mark-{number}" href="#finding-{number}"'
    return f'<a {place} aria-label="{number}: {label}">{number}</a>'


def html(plain: str, markup: str | None, *marks: Mark) -> str:
    text = readable(plain, markup)
    assert text
    return str(text.html(marks))


def test_words_are_marked_and_numbered() -> None:
    assert (
        html("We gave ketamine once.", None, mark(8, 16))
        == f"We gave <mark>ketamine{link(1)}</mark> once."
    )


def test_overlapping_words_are_one_mark_with_a_number_at_each_end() -> None:
    marked = html("nasal spray of esketamine", None, mark(0, 11, 1), mark(6, 25, 2))
    assert marked == f"<mark>nasal spray{link(1)} of esketamine{link(2)}</mark>"
    assert html("abc", None, mark(0, 3, 1), mark(1, 2, 2)) == f"<mark>ab{link(2)}c{link(1)}</mark>"
    assert html("abc", None, mark(0, 3, 1), mark(0, 3, 2)) == f"<mark>abc{link(1)}{link(2)}</mark>"


def test_a_mark_is_closed_before_a_tag_and_opened_after_it() -> None:
    marked = html("of H2O here", "of H<sub>2</sub>O here", mark(3, 6))
    assert marked == f"of <mark>H</mark><sub><mark>2</mark></sub><mark>O{link(1)}</mark> here"


def test_what_is_shown_may_lack_characters_of_the_text() -> None:
    assert html("a\x00\u202eb c", None, mark(5, 6)) == f"ab <mark>c{link(1)}</mark>"


def test_a_text_whose_markup_says_something_else_is_not_marked() -> None:
    assert readable("one", "<b>two words</b>") is None
    assert readable("5 < 6", "<b>not closed") is not None  # shown without its markup


def test_labels_are_escaped() -> None:
    marked = html("<x>", None, mark(0, 3, label='"><script>'))
    assert "<script" not in marked
    assert marked.startswith("<mark>&lt;x&gt;<a ")


TEXTS = st.text("ab <&\"'\x00\u202e", max_size=30)


@given(TEXTS, st.lists(st.tuples(st.integers(0, 35), st.integers(0, 35)), max_size=6))
def test_any_marks_in_any_text(plain: str, places: list[tuple[int, int]]) -> None:
    """Nothing of the text is lost, marks never nest, and every number of some words is there."""
    marks = [
        mark(min(a, b, len(plain)), min(max(a, b), len(plain)), n)
        for n, (a, b) in enumerate(places, 1)
    ]
    marked = html(plain, None, *marks)
    without = re.sub(r"<a [^>]*>\d+</a>|</?mark>", "", marked)
    assert without == str(readable(plain, None).html())  # type: ignore[union-attr]
    assert re.fullmatch(r"(?:(?:(?!</?mark>).)*<mark>(?:(?!</?mark>).)*</mark>)*(?:(?!</?mark>).)*",
                        marked, re.DOTALL)  # fmt: skip
    for found in marks:
        words = clean(plain[: found.end])[len(clean(plain[: found.start])) :]
        assert (f'id="mark-{found.number}"' in marked) == bool(words)


@pytest.mark.parametrize("markup", ["<i>a</i>b", "a<b>b</b>", "<i><b>ab</b></i>"])
def test_all_of_a_text_with_markup(markup: str) -> None:
    assert re.sub(r"<[^>]*>", "", html("ab", markup, mark(0, 2))) == "ab1"
