"""The search appendix, word for word: `data/prisma-s.md` is what must come out."""

from pathlib import Path

from harvester.library.search_log import LoggedSearch, StrategyChange
from harvester.prisma import prisma_s
from harvester.topics import Citation, Topic

EXPECTED = Path(__file__).with_name("data") / "prisma-s.md"

TOPIC = Topic(
    name="ketamine-pain",
    title="Ketamine and pain",
    query="DRUG AND PAIN",
    term="(ketamin*[tiab]) AND (pain[tiab] OR ache[tiab])",
    rationale="An example.",
    citations=(Citation(name="made-up-2020", text="A made-up review | 2020", checked="Size."),),
)
SEARCH = LoggedSearch(
    topic=TOPIC.name,
    title=TOPIC.title,
    term=TOPIC.term,
    translation='("ketamin*"[Title/Abstract]) AND ("pain"[Title/Abstract])',
    warnings=('QuotedPhraseNotFound: "some phrase"[tiab]',),
    run_id=40,
    started="2026-11-02T03:00:00Z",
    database_build="Build-2026.11.01.18.01",
    database_updated="2026/11/01 18:01",
    reported=12_345,
    held=12_344,
    left=7,
    withdrawn=2,
    version="1.2.3",
    slices=((1, 29_999_999, 9_000, 9_000), (30_000_000, None, 3_345, 3_345)),
    harvests=38,
    first="2025-01-01T03:00:00Z",
)
CHANGE = StrategyChange(
    topic=TOPIC.name,
    run_id=30,
    started="2026-06-01T03:00:00Z",
    term=TOPIC.term,
    reported=12_000,
    former_run_id=29,
    former_term="(ketamin*[tiab]) AND (pain[tiab])",
    former_reported=11_998,
    gained=(31_000_001, 31_000_002),
    lost=(),
)


def test_the_appendix_word_for_word() -> None:
    text = prisma_s([SEARCH], [TOPIC], changes=[CHANGE], held=11_990, duplicate_dois=3)
    assert text == EXPECTED.read_text("utf-8")


def test_a_change_of_another_search_is_not_listed() -> None:
    other = prisma_s([SEARCH], [TOPIC], held=11_990, duplicate_dois=3)
    assert "Another strategy" not in other
    assert "Another strategy" in EXPECTED.read_text("utf-8")
