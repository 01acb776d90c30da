"""From a record to all its findings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.accuracy.labels import SHARED, gold, psynamic
from harvester.evidence.derivation import findings_of
from harvester.evidence.findings import Finding
from harvester.evidence.rules import load_facets
from harvester.pubmed.records import Article, PublicationType
from tests.evidence.records import record

WORDS = [
    rule.words[0].rstrip("*")
    for f in load_facets().values()
    for rule in f.rules.values()
    if rule.words
]


def check(article: Article, findings: tuple[Finding, ...]) -> None:
    """Each quote stands where the finding says, and each value of a facet comes once."""
    texts = {"title": article.title.plain, "abstract": article.abstract_text or ""}
    for finding in findings:
        assert finding.quote.strip() or not article.title.plain.strip()
        if finding.source in texts:
            assert finding.start is not None
            end = finding.start + len(finding.quote)
            assert texts[finding.source][finding.start : end] == finding.quote
    pairs = [(finding.facet, finding.value) for finding in findings]
    assert len(pairs) == len(set(pairs))


@given(st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=20)), max_size=60))
def test_any_text_gives_sound_findings(words: list[str]) -> None:
    article = record(" ".join(words[:5]), " ".join(words[5:30]), ("METHODS", " ".join(words[30:])))
    check(article, findings_of(article))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the label sets are not there")
def test_quotes_of_real_abstracts_are_verbatim() -> None:
    for case in (*psynamic(), *gold()):
        findings = findings_of(case.article)
        check(case.article, findings)
        assert findings_of(case.article) == findings


def test_a_retraction_notice_is_no_study() -> None:
    notice = record(
        "Retraction: Ketamine in treatment-resistant depression",
        "Forty patients with treatment-resistant depression were randomized to ketamine.",
        publication_types=(PublicationType(name="Retraction of Publication"),),
    )
    assert {finding.facet for finding in findings_of(notice)} == {"design"}
