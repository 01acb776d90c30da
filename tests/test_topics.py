"""The topic file: what is sent to PubMed, and every mistake that a user can make in one."""

import json
import re
from pathlib import Path

import pytest

from harvester.errors import SettingsError
from harvester.topics import load_topics

LONGEST = 1_000  # characters that fit a GET as well as a POST
GOOD = """
[blocks.DRUG]
term = '"Ketamine"[mh] OR ketamin*[tiab]'
rationale = "The drug."

[blocks.PAIN]
term = '(pain[tiab])'
rationale = "The symptom."

[topics.ketamine-pain]
title = "Ketamine and pain"
query = "DRUG AND PAIN"
rationale = "An example."
"""


def load(tmp_path: Path, text: str):
    file = tmp_path / "mine.toml"
    file.write_text(text, "utf-8")
    return load_topics(file)


def test_the_four_topics_are_joined_from_their_blocks() -> None:
    topics = load_topics()
    block = {block.name: block.term for block in topics.blocks}
    assert {topic.name: topic.term for topic in topics} == {
        "ketamine-trd": f"{block['DRUG']} AND {block['TRD']}",
        "ketamine-depression": f"{block['DRUG']} AND {block['DEP']}",
        "trd": block["TRD"],
        "ketamine-safety": f"{block['DRUG']} AND {block['SAFE']}",
    }
    assert len(topics) == 4


def test_every_topic_fits_a_request_and_says_why() -> None:
    for topic in load_topics():
        assert len(topic.term) < LONGEST
        assert topic.title
        assert topic.rationale
        assert topic.citations


def test_blocks_are_the_strategies_as_written_down(shared_data: Path) -> None:
    text = (shared_data / "../reference/domain.md").read_text("utf-8")
    written = re.findall(r"```\n(\(.*?\))\n```\n([A-Z]+), (\d+) characters", text, re.DOTALL)
    blocks = {block.name: block.term for block in load_topics().blocks}
    assert blocks == {name: term for term, name, _ in written}
    assert {name: len(term) for name, term in blocks.items()} == {
        name: int(length) for _, name, length in written
    }


def test_the_strategies_keep_to_what_pubmed_can_search() -> None:
    for topic in load_topics():
        stems = re.findall(r"(\w+)\*", topic.term)
        assert all(len(stem) >= 4 for stem in stems)
        assert not re.search(r'\*[^"]*"\[tiab:~', topic.term)  # no truncation within nearness
        assert not re.search(r"\)\s*\[", topic.term)  # no tag on a group
        assert load_topics().parsed(topic).ignored == ()


def test_landmarks_name_each_publication_once_for_a_topic() -> None:
    topics = load_topics()
    names = {topic.name for topic in topics}
    for name in names:
        pmids = [p for group in topics.landmarks if name in group.topics for p in group.pmids]
        assert len(pmids) == len(set(pmids)) > 0


def test_landmarks_are_the_verified_ones(shared_data: Path) -> None:
    rows = json.loads((shared_data / "landmarks.json").read_text("utf-8"))
    expected: dict[str, set[int]] = {}
    for row in rows:
        if row["verified"] != "memory":
            group = expected.setdefault(row["expect"].replace("_", "-"), set())
            group.add(int(row["pmid"]))
    found = {group.name: set(group.pmids) for group in load_topics().landmarks}
    assert found.pop("safety") <= expected["drug-only"]
    assert found == expected


def test_narrower_headings_serve_matching_and_are_never_sent() -> None:
    topics = load_topics()
    below = {name for names in topics.narrower.values() for name in names}
    sent = set(re.findall(r'"([^"]+)"\[mh\]', " ".join(topic.term for topic in topics)))
    assert set(topics.narrower) <= sent
    assert "Suicidal Ideation" in below - sent


def test_a_user_can_bring_other_topics(tmp_path: Path) -> None:
    topics = load(tmp_path, GOOD)
    assert [topic.name for topic in topics] == ["ketamine-pain"]
    assert topics.topic("ketamine-pain").term == (
        '("Ketamine"[mh] OR ketamin*[tiab]) AND (pain[tiab])'
    )
    assert topics.landmarks == ()


def test_blocks_are_put_in_parentheses_unless_they_are(tmp_path: Path) -> None:
    text = GOOD.replace("'(pain[tiab])'", "'(pain[tiab]) OR (ache[tiab])'")
    assert (
        load(tmp_path, text)
        .topic("ketamine-pain")
        .term.endswith("AND ((pain[tiab]) OR (ache[tiab]))")
    )
    quoted = GOOD.replace("'(pain[tiab])'", """'("pain) ("[tiab])'""")
    assert load(tmp_path, quoted).topic("ketamine-pain").term.endswith('AND ("pain) ("[tiab])')


def test_lines_of_a_term_become_one(tmp_path: Path) -> None:
    text = GOOD.replace("'(pain[tiab])'", "'''\n(pain[tiab] OR\n   ache[tiab])'''")
    assert (
        load(tmp_path, text).topic("ketamine-pain").term.endswith("AND (pain[tiab] OR ache[tiab])")
    )


def test_a_query_may_group_blocks(tmp_path: Path) -> None:
    text = GOOD.replace('"DRUG AND PAIN"', '"(DRUG OR PAIN) NOT PAIN"')
    assert load(tmp_path, text).topics[0].term == (
        '(("Ketamine"[mh] OR ketamin*[tiab]) OR (pain[tiab])) NOT (pain[tiab])'
    )


def test_an_unknown_topic_is_told_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no topic `pain` in mine\.toml; it has: ket"):
        load(tmp_path, GOOD).topic("pain")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("[blocks.DRUG]", "[blocks.DRUG", "not valid TOML"),
        ("DRUG AND PAIN", "DRUG AND PANE", "no block `PANE`; there are DRUG, PAIN"),
        ("DRUG AND PAIN", "DRUG and PAIN", "write `and` in capitals"),
        ("DRUG AND PAIN", "DRUG AND", "missing here"),
        ("DRUG AND PAIN", "(DRUG AND PAIN", "never closed"),
        ("(pain[tiab])", "(pain[tiab]", "never closed"),
        ("(pain[tiab])", "pain[tiab])", "never opened"),
        ("(pain[tiab])", "(pain[tiab] or ache[tiab])", "write OR in capitals"),
        ("(pain[tiab])", "(pain[tiaab])", "no field tag [tiaab]"),
        ("(pain[tiab])", " ", "`term` is a text"),
        ('title = "Ketamine and pain"', "", "`title` is missing"),
        ('rationale = "The drug."', "", "`rationale` is missing"),
        ('title = "Ketamine and pain"', "title = 3", "`title` is a text"),
        ('title = "Ketamine and pain"', 'title = "x"\ntitel = "x"', "`titel` has no meaning"),
        ("[blocks.PAIN]", "[blocks.pain]", "one word in capitals"),
        ("[blocks.PAIN]", "[blocks.NOT]", "one word in capitals"),
        ("[topics.ketamine-pain]", "[topics.all]", "not `all`"),
        ("[topics.ketamine-pain]", '[topics."Ketamine Pain"]', "small letters"),
        ("[topics.ketamine-pain]", "[topic.ketamine-pain]", "no such table"),
        (GOOD, "", "no topic in it"),
        (GOOD, "blocks = 3", "not a table"),
        (GOOD, "topics = {x = 3}", "not a table"),
        ('"An example."', '"x"\ncitations = ["who"]', "names `who`, which is not in the file"),
        ('"An example."', '"x"\ncitations = "who"', "a list of texts"),
        ('"An example."', '"x"\n[citations.a]\ntext = "x"', "`checked` is missing"),
        (
            '"An example."',
            '"x"\n[citations.a]\ntext = "x"\nchecked = "x"\npmid = "1"',
            "`pmid` is a whole number",
        ),
        ('"An example."', '"x"\n[landmarks.a]\nabout = "x"', "`pmids` is missing"),
        (
            '"An example."',
            '"x"\n[landmarks.a]\nabout = "x"\npmids = ["1"]',
            "`pmids` is a list of whole numbers",
        ),
        (
            '"An example."',
            '"x"\n[landmarks.a]\nabout = "x"\npmids = [1]\ntopics = ["b"]',
            "names `b`",
        ),
        ('"An example."', '"x"\n[narrower]\nA = "B"', "a list of texts"),
        (GOOD, "narrower = 3", "not a table"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_file(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    assert old in GOOD
    with pytest.raises(SettingsError) as raised:
        load(tmp_path, GOOD.replace(old, new, 1))
    message = str(raised.value)
    assert reason in message
    assert "mine.toml" in message
    assert message.endswith(".")
    assert "\n" not in message


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        load_topics(tmp_path / "none.toml")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_topics(tmp_path)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_topics(tmp_path / "binary.toml")


def test_what_is_said_of_counts_is_true_of_the_search_too() -> None:
    said = " ".join(load_topics().topic("trd").rationale.split())
    assert "never mixed" not in said
    assert "The evidence questions and the map of studies do not count" in said
