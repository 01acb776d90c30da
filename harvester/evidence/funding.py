"""Who paid and what interests were declared, as the record prints it: flagged, not judged.

Sources are PubMed's own fields (grants, the conflict of interest statement, affiliations) and the
words "funded by" in the abstract.
"""

import re
from collections.abc import Iterable, Iterator

from harvester.evidence.expressions import compiled, searched
from harvester.evidence.findings import Finding
from harvester.evidence.reading import Found, Reading, finding, from_heading
from harvester.evidence.rules import load_facets

__all__ = ["funding"]

_COMPANIES = (
    r"Janssen|Johnson (?:&|and) Johnson|Allergan|Pfizer|AstraZeneca|Lundbeck|Otsuka|Takeda|"
    r"Novartis|Eli Lilly|GlaxoSmithKline|Merck|Roche|Bristol|Sage Therapeutics|atai|"
    r"Perception Neuroscience|COMPASS Pathways|Naurex|Cerecor|Relmada|Axsome|Celon Pharma|"
    r"PharmaTher|Douglas Pharmaceuticals|Jiangsu (?:HengRui|Hengrui)|NRx|Bexson|Sumitomo|"
    r"Sunovion|Biogen|MindMed|Cybin|Neurocentrx"
)
_COMPANY = compiled(rf"(?-i:\b(?:{_COMPANIES})\b)")
_FUNDED = compiled(
    rf"(?-i:\b(?i:funded|supported|sponsored|financed) (?:in part )?by\b[^.;]*?\b(?:{_COMPANIES}|"
    r"[A-Z]\w+ Pharma\w*))",
)
_NONE = re.compile(
    r"\b(?:no|not|none|nothing|never|without)\b[^.]{0,90}\b(?:interests?|conflicts?|relationships?|"
    r"disclos\w+|competing)|\b(?:interests?|conflicts?|disclosures?)\b[^.]{0,20}: ?none|"
    r"\bnothing to (?:declare|disclose)|^none\.?$",
    re.IGNORECASE,
)
_SOME = re.compile(
    r"\b(?:received|consult\w+|honorari\w+|speaker\w*|grants? from|employee|employed by|stock\w*|"
    r"shareholder|advisory|patent\w*|equity|royalt\w+|fees)\b",
    re.IGNORECASE,
)


def funding(reading: Reading, found: Found) -> Iterable[Finding]:
    """Industry, public grants, and interests declared or denied."""
    yield from _industry(reading)
    article, rules = reading.article, load_facets()["funding"].rules
    agency = next((grant.agency for grant in article.grants if grant.agency), None)
    if agency:
        yield from_heading(rules["public"], "grant", agency)
    statement = article.coi_statement.plain if article.coi_statement else ""
    if some := _SOME.search(statement):
        yield from_heading(rules["conflict_stated"], "conflicts", _sentence(statement, some))
    elif none := _NONE.search(statement):
        yield from_heading(rules["no_conflict_stated"], "conflicts", _sentence(statement, none))


def _industry(reading: Reading) -> Iterator[Finding]:
    article, rule = reading.article, load_facets()["funding"].rules["industry"]
    for sentence in reversed(reading.passages.sentences):
        if "by" in sentence.text and (match := _FUNDED.search(searched(sentence.text))):
            yield finding(rule, sentence, match.start(), match.end())
            return
    for author in article.authors:
        for affiliation in author.affiliations:
            if _COMPANY.search(searched(affiliation.plain)):
                yield from_heading(rule, "affiliation", affiliation.plain)
                return


def _sentence(text: str, match: re.Match[str]) -> str:
    """The sentence of a statement in which the words stand."""
    start = text.rfind(". ", 0, match.start()) + 2 if ". " in text[: match.start()] else 0
    end = text.find(". ", match.end())
    return text[start : end + 1 if end >= 0 else len(text)]
