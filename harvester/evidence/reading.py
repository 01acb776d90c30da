"""A record as the rules see it, and how a finding is made from what they see."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from harvester.evidence.findings import Detail, Finding
from harvester.evidence.matching import Hit, Hits, find_hits
from harvester.evidence.passages import Passages, Sentence, read_passages
from harvester.evidence.rules import Rule, load_facets
from harvester.pubmed.records import Article

__all__ = ["Found", "Reading", "best", "finding", "from_heading", "plain_facet", "read_record"]

# Findings made so far, by facet: later facets rest on earlier ones.
Found = Mapping[str, tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class Reading:
    """A record with its sentences, the words found in them, and its headings in small letters.

    `headings` are, by facet and value, the source and name of a heading that means the value.
    """

    article: Article
    passages: Passages
    hits: Hits
    headings: Mapping[tuple[str, str], tuple[str, str]]

    def of(self, facet: str, value: str) -> tuple[Hit, ...]:
        """The places where words of a value stand."""
        return self.hits[facet].get(value, ())

    def rules(self, facet: str) -> Sequence[Rule]:
        """The rules of a facet whose words or headings the record has, in the rules' order."""
        hits, headings = self.hits[facet], self.headings
        if not hits and not headings:
            return ()
        rules = load_facets()[facet].rules
        return [rules[v] for v in rules if v in hits or (headings and (facet, v) in headings)]

    def heading(self, rule: Rule) -> tuple[str, str] | None:
        """The source and the name of a heading that means the rule's value."""
        return self.headings.get((rule.facet, rule.value))

    def has_mesh(self, name: str) -> bool:
        """Whether NLM indexed the record with this heading (a check tag, for example)."""
        return any(heading.name == name for heading in self.article.mesh)


_SOURCES = {
    "mesh": "mesh",
    "substances": "substance",
    "publication_types": "publication_type",
    "keywords": "keyword",
}


@cache
def _meanings() -> Mapping[tuple[str, str], tuple[Rule, ...]]:
    """The rules that a heading satisfies, by source and name in small letters."""
    found: dict[tuple[str, str], list[Rule]] = {}
    for facet in load_facets().values():
        for rule in facet.rules.values():
            for kind, source in _SOURCES.items():
                for name in getattr(rule, kind):
                    found.setdefault((source, name), []).append(rule)
    return {key: tuple(rules) for key, rules in found.items()}


def _headings(article: Article) -> Mapping[tuple[str, str], tuple[str, str]]:
    meanings = _meanings()
    named = (
        *(("mesh", heading.name) for heading in article.mesh),
        *(("substance", substance.name) for substance in article.substances),
        *(("publication_type", kind.name) for kind in article.publication_types),
        *(("keyword", keyword.text.plain) for keyword in article.keywords),
    )
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for source, name in named:
        for rule in meanings.get((source, name.lower()), ()):
            found.setdefault((rule.facet, rule.value), (source, name))
    return found


def read_record(article: Article) -> Reading:
    """Find all words of all rules in the record."""
    passages = read_passages(article)
    return Reading(
        article,
        passages,
        find_hits(passages),
        _headings(article),
    )


def finding(
    rule: Rule, sentence: Sentence, start: int, end: int, detail: Detail | None = None
) -> Finding:
    """The finding that rests on these words of a sentence."""
    return Finding(
        facet=rule.facet,
        value=rule.value,
        rule=rule.name,
        source=sentence.source,
        section=sentence.section,
        quote=sentence.text[start:end],
        start=sentence.start + start,
        detail=detail or {},
    )


# The part of a paper that says best what was done in it, first.
_BEST = {"methods": 0, "title": 1, "results": 2, "aims": 3, "text": 4, "conclusions": 5}


def best(hits: Sequence[Hit]) -> Hit:
    """The place to show: methods before title before results, then the first, then the longest."""
    return hits[0] if len(hits) == 1 else min(hits, key=_rank)


def _rank(hit: Hit) -> tuple[int, int, int, int]:
    sentence = hit.sentence
    return _BEST.get(sentence.part, 9), sentence.index, hit.start, -hit.end


def plain_facet(reading: Reading, name: str) -> Iterator[Finding]:
    """A facet that needs no logic: each value whose words or headings the record has."""
    for rule in reading.rules(name):
        if hits := reading.of(name, rule.value):
            hit = best(hits)
            yield finding(rule, hit.sentence, hit.start, hit.end)
        elif heading := reading.heading(rule):
            yield from_heading(rule, *heading)


def from_heading(rule: Rule, source: str, name: str, detail: Detail | None = None) -> Finding:
    """The finding that rests on a heading or another field of the record."""
    return Finding(
        facet=rule.facet,
        value=rule.value,
        rule=rule.name,
        source=source,
        quote=name,
        detail=detail or {},
    )
