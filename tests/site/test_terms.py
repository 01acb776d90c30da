"""The search language: what each text means, and that every text means something."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.site.terms import MOST_TERMS, Query, Term, changed, leaves, parse, spelled


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("ketamine depression", "ketamine AND depression"),
        ('"blood  pressure"', '"blood pressure"'),
        ("“blood pressure”", '"blood pressure"'),
        ("depress*", "depress*"),
        ('"treatment resist*"', '"treatment resist"*'),
        ("a*", "a"),
        ("relapse -rat -mouse", "relapse NOT rat NOT mouse"),
        ("relapse NOT rat", "relapse NOT rat"),
        ("-rat", "NOT rat"),
        ("spray OR lozenge relapse", "(spray OR lozenge) AND relapse"),
        ("(spray relapse) OR lozenge", "(spray AND relapse) OR lozenge"),
        ("a -(b OR c)", "a NOT (b OR c)"),
        ("-(-ketamine)", "ketamine"),
        (
            "relapse (-rat) (depress*) (R,S) (a)(b)",
            "relapse NOT rat AND depress* AND R,S AND (a)(b)",
        ),
        ("title:(spray OR mesh:x -y)", "(title:spray OR mesh:x) NOT title:y"),
        ('author:("Smith J" OR Quill)', 'author:"Smith J" OR author:Quill'),
        ("(a OR) b", "a AND b"),
        (
            'author:Smith TITLE:ket* mesh:"Depressive Disorder"',
            'author:Smith AND title:ket* AND mesh:"Depressive Disorder"',
        ),
        ("author: Smith", "author:Smith"),
        (
            '(author:"Smith J" OR "a b") -("c d" OR e)',
            '(author:"Smith J" OR "a b") NOT ("c d" OR e)',
        ),
        ("treatment-resistant", "treatment-resistant"),
        ("(S)-ketamine", "(S)-ketamine"),
        ("ketamine - depression", "ketamine AND depression"),
        ("or and not", "or AND and AND not"),
        (
            "ketamine[ti] (Zarate[Author] OR x[tiab])",
            'title:"ketamine" AND (author:"Zarate" OR "x")',
        ),
        ('"major depression"[MeSH Terms]', 'mesh:"major depression"'),
        ("benzo[a]pyrene", "benzo[a]pyrene"),
        ("ketamine OR", "ketamine"),
        ("OR ketamine", "ketamine"),
        ("((ketamine", "ketamine"),
        ("ketamine))", "ketamine"),
        ('"ketamine', "ketamine"),
        ("it's p<0.05", "it's AND p<0.05"),
        ("ketamine\x00 <script>", "ketamine AND <script>"),
    ],
)
def test_meaning(typed: str, read: str) -> None:
    assert spelled(parse(typed).node) == read


@pytest.mark.parametrize(
    "typed", ["", "   ", '"', "-", "OR", "NOT AND", "()", "*", "…", "😀", "\x00", '""']
)
def test_nothing_asked(typed: str) -> None:
    assert parse(typed).node is None


text = (
    st.text()
    | st.text(alphabet="ab \"()-*:[]ORNTAD\\'é\x00\n", max_size=60)
    | st.lists(
        st.sampled_from(
            [
                "a",
                "bc*",
                '"d e"',
                "OR",
                "AND",
                "NOT",
                "-",
                "(",
                ")",
                "author:",
                "mesh:x",
                "[ti]",
                "-f",
            ]
        ),
        max_size=30,
    ).map(" ".join)
)


@given(text)
def test_any_text_is_a_query(typed: str) -> None:
    query = parse(typed)
    assert isinstance(query, Query)
    for term in leaves(query.node):
        assert term.words
        assert all(word.split() == [word] and '"' not in word for word in term.words)


@given(text)
def test_what_is_spelled_out_means_the_same(typed: str) -> None:
    node = parse(typed).node
    again = parse(spelled(node)).node
    assert spelled(again) == spelled(node)
    assert [term.words for term in leaves(again)] == [term.words for term in leaves(node)]


def test_a_very_long_query_is_cut_and_says_so() -> None:
    query = parse(" ".join(f"word{n}" for n in range(500)))
    assert query.cut
    assert len(leaves(query.node)) == MOST_TERMS
    assert not parse("ketamine").cut
    assert parse("x" * 100_000).cut
    assert parse("(" * 900 + "ketamine").node == parse("ketamine").node


def test_terms_can_be_replaced_and_left_out() -> None:
    node = parse("a (b OR c) -d").node
    b = next(term for term in leaves(node) if term.text == "b")
    assert spelled(changed(node, {b: None})) == "a AND c NOT d"
    assert spelled(changed(node, {b: Term(text="x", words=("x",))})) == "a AND (x OR c) NOT d"
    assert changed(parse("a").node, dict.fromkeys(leaves(parse("a").node))) is None
    assert [term.text for term in leaves(node, negated=True)] == ["d"]
