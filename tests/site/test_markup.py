"""Whatever a record says, a page gets text and five kinds of tags, closed in order."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from harvester.site.markup import ALLOWED, clean, inline

tags = st.sampled_from([*ALLOWED, "script", "math", "msup", "mi", "img", "a", "svg", "B"])
pieces = st.one_of(
    st.text(max_size=8),
    tags.map("<{}>".format),
    tags.map("</{}>".format),
    tags.map("<{} onclick='alert(1)' style=x>".format),
    st.sampled_from(["&lt;", "&amp;", "&#0;", "&x;", "<!--", "-->", "<![CDATA[", "]]>", "<?x ?>"]),
    st.sampled_from(["\x00", "\u202e", "\ufeff", "</text><text>", "<!DOCTYPE x>"]),
)
hostile = st.lists(pieces, max_size=12).map("".join)


class Reader(HTMLParser):
    """Fails on anything that the allow-list would not let through."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED
        assert attrs == []
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


def read(html: Markup) -> Reader:
    reader = Reader()
    reader.feed(str(html))
    reader.close()
    assert reader.open == []
    return reader


@given(plain=st.text(), markup=st.none() | hostile)
def test_any_text_in_only_allowed_tags_out(plain: str, markup: str | None) -> None:
    html = inline(plain, markup)
    read(html)
    assert set("\x00\u202e\ufeff") & set(html) == set()


@given(text=st.text())
def test_text_without_markup_is_shown_as_it_is(text: str) -> None:
    assert inline(text) == escape(clean(text))


@given(text=st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C"])))
def test_text_survives_its_markup(text: str) -> None:
    html = inline("", f"<i>{escape(text)}</i>")
    # XML reads every line end as a line feed; nothing else may change.
    assert read(html).text == clean(text).replace("\r\n", "\n").replace("\r", "\n")


@given(names=st.lists(st.sampled_from(sorted(ALLOWED)), max_size=16))
def test_nested_tags_stay(names: list[str]) -> None:
    markup = "".join(f"<{n}>" for n in names) + "x" + "".join(f"</{n}>" for n in reversed(names))
    assert inline("x", markup) == markup


@pytest.mark.parametrize(
    ("markup", "html"),
    [
        ("H<sub>2</sub>O &lt; 5", "H<sub>2</sub>O &lt; 5"),
        ("<i class='x' onclick='y()'>R</i>", "<i>R</i>"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("<math><msup><mi>x</mi><mn>2</mn></msup></math>", "x<sup>2</sup>"),
        (
            "<math>\n <msubsup><mi>S</mi><mn>1</mn><mo>*</mo></msubsup></math>",
            "S<sub>1</sub><sup>*</sup>",
        ),
        ("<math><mfrac><mi>a</mi><mi>b</mi></mfrac></math>", "a/b"),
        ("<i>not closed", "plain"),
        ("</text><text>", "plain"),
        ("&unknown;", "plain"),
        ("<!DOCTYPE x [<!ENTITY y 'z'>]>&y;", "plain"),
    ],
)
def test_known_cases(markup: str, html: str) -> None:
    assert inline("plain", markup) == html


def test_deep_and_long_records_take_no_time_and_no_depth() -> None:
    deep = inline("x", "<i>" * 50_000 + "x" + "</i>" * 50_000)
    assert read(deep).text == "x"
    assert deep.count("<i>") < 20
    long = "ketamine <b>&amp;</b> " * 50_000
    assert len(inline("", long)) == len(long)
