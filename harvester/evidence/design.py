"""The one design of a study, and what else is said of how it was made.

The design is decided in the order of the field's experts: what a paper is as a publication (a
comment, a plan, a review), whom it studied (animals, cells), then how people were studied. A title
says more than an abstract; an abstract's own methods more than its opening, whose words never
count. Each step below is one such decision, with what stands in its way; where no step finds words
or a publication type, there is no finding.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from re import Pattern

from harvester.evidence.findings import Finding
from harvester.evidence.matching import Hit
from harvester.evidence.reading import Found, Reading, best, finding, from_heading
from harvester.evidence.rules import compiled, load_facets

__all__ = ["design", "design_flag"]

_OWN = ("title", "aims", "methods", "text", "results")
_ABSTRACT = ("aims", "methods", "text", "results")

# Words with which authors tell results of their own; a plan has none.
_RESULTS = compiled(
    r"\bp ?[<>=≤]|\bsignificantly\b|\brespectively\b|\b95% ?ci\b|\bmean age\b|\bregression\b|"
    r"\bour (?:data|results|findings|patients)\b|\bresults (?:showed|revealed|indicated|suggest)|"
    r"\b(?:were|was) (?:\w+ly )?(?:found|observed|measured|enrolled|recruited|compared|collected|"
    r"tested|assessed|examined|analy[sz]ed|performed|administered|included|obtained|evaluated|"
    r"associated|treated|studied|seen|used|given|higher|lower|increased|decreased|reduced|greater)\b|"
    r"\b(?:patients|subjects|participants|groups?|mice|rats) (?:had|showed|were|received)\b"
)
_RESULTS_ENOUGH = 2
# Words of work of one's own; a review, which tells of others' in the present tense, has hardly any.
_WORK = compiled(
    r"\b(?:was|were|had|did|showed|found|reported|underwent|received|revealed|developed|presented|"
    r"sample|scores?|compared|model|results)\b|\b(?:this|present|our|current|the) study\b|"
    r"\bwe (?:\w+ )?\w+ed\b|\bhere,? we\b|\bcorrelat|\bp ?[<=>]|\bn ?= ?\d|\d%|"
    r"\bwe (?:show|find|report|present|describe)\b"
)
_WORK_ENOUGH = 3
# Sentences of a title and an abstract that could have told results.
_LONG = 4
# A plan tells of what will be done; one such sentence can stand in any paper.
_PROMISES = 2


@dataclass(frozen=True)
class _Seen:
    """What a record has of the designs' words, and whom it studied."""

    reading: Reading
    kinds: frozenset[str]

    def hits(self, value: str, *parts: str, facet: str = "design") -> tuple[Hit, ...]:
        """Words of a design in these parts; never those of an opening."""
        wanted = parts or _OWN
        return tuple(
            hit
            for hit in self.reading.of(facet, value)
            if hit.sentence.part in wanted and not hit.sentence.opening
        )

    def flags(self, value: str, *parts: str) -> tuple[Hit, ...]:
        """Words of a detail, likewise."""
        return self.hits(value, *parts, facet="design_flag")

    def typed(self, value: str) -> bool:
        """Whether PubMed's publication types say so."""
        return self.reading.heading(load_facets()["design"].rules[value]) is not None

    @property
    def people(self) -> bool:
        return "human" in self.kinds or not self.kinds

    @cached_property
    def results(self) -> bool:
        """Whether the authors tell results of their own."""
        return self._tells(_RESULTS, _RESULTS_ENOUGH)

    @cached_property
    def work(self) -> bool:
        """Whether the authors tell of work of their own."""
        return self._tells(_WORK, _WORK_ENOUGH)

    def _tells(self, words: Pattern[str], enough: int) -> bool:
        passages = self.reading.passages
        abstract = passages.folded[passages.starts[1] :] if len(passages.starts) > 1 else ""
        return sum(1 for _ in islice(words.finditer(abstract), enough)) == enough

    @cached_property
    def controlled(self) -> tuple[Hit, ...]:
        """Words of a controlled experiment; that it was randomised comes first."""
        return (
            self.flags("randomized")
            or self.hits("rct")
            or self.flags("double_blind")
            or self.flags("crossover")
        )

    @cached_property
    def treatment(self) -> tuple[Hit, ...]:
        """Words for the effects of a treatment: of the title, or of two sentences."""
        title = self.hits("clinical_other", "title") + self.flags("treatment", "title")
        text = self.flags("treatment", *_ABSTRACT)
        enough = bool(title) or len({hit.sentence.index for hit in text}) > 1
        return (text or title) if enough else ()


Words = Sequence[Hit] | bool
Step = tuple[str, Callable[[_Seen], Words]]


def design(reading: Reading, found: Found) -> Iterable[Finding]:
    """The first design whose words or publication type the record has, in the order of `_STEPS`."""
    seen = _seen(reading, found)
    rules = load_facets()["design"].rules
    for value, step in _STEPS:
        words = step(seen)
        if not words:
            continue
        if words is True:
            if heading := reading.heading(rules[value]):
                yield from_heading(rules[value], *heading)
            return
        hit = best(words)
        yield finding(rules[value], hit.sentence, hit.start, hit.end)
        return


def _seen(reading: Reading, found: Found) -> _Seen:
    return _Seen(reading, frozenset(f.value for f in found.get("population", ())))


# --- papers about papers ------------------------------------------------------------------------


def _title_or_type(value: str) -> Callable[[_Seen], Words]:
    return lambda seen: seen.hits(value, "title") or seen.typed(value)


def _titled(value: str) -> Callable[[_Seen], Words]:
    return lambda seen: seen.hits(value, "title")


def _protocol(seen: _Seen) -> Words:
    """A plan by its title; or by its promises, while there are no results."""
    if title := seen.hits("protocol", "title"):
        return title
    promises = seen.hits("protocol", *_ABSTRACT, "conclusions")
    count = len({hit.sentence.index for hit in promises})
    least = 1 if len(seen.reading.passages.sentences) < _LONG + 1 else _PROMISES
    if count > _PROMISES or (count >= least and not seen.results):
        return promises
    return seen.typed("protocol")


def _searched(value: str) -> Callable[[_Seen], Words]:
    """A review by its search; not a report of a case that also looks at the literature."""

    def step(seen: _Seen) -> Words:
        if seen.typed(value):
            return seen.hits(value, "title") or True
        own = seen.hits("case_report", "title") or seen.flags("randomized", "title")
        return () if own else seen.hits(value, "aims", "methods", "text")

    return step


def _review(seen: _Seen) -> Words:
    if seen.hits("case_report", "title") or seen.hits("case_series", "title"):
        return ()
    title = seen.hits("narrative_review", "title")
    if title or seen.typed("narrative_review"):
        return title or True
    text = seen.hits("narrative_review", *_ABSTRACT, "conclusions")
    return () if seen.results and seen.controlled else text


# --- animals and cells --------------------------------------------------------------------------


def _animal(seen: _Seen) -> Words:
    return (
        () if seen.people or "animal" not in seen.kinds else seen.reading.of("population", "animal")
    )


def _in_vitro(seen: _Seen) -> Words:
    if seen.people or "animal" in seen.kinds or "in_vitro" not in seen.kinds:
        return ()
    return seen.reading.of("population", "in_vitro")


# --- people -------------------------------------------------------------------------------------


def _of_people(value: str, *parts: str) -> Callable[[_Seen], Words]:
    return lambda seen: (seen.hits(value, *parts) if seen.people else ()) or seen.typed(value)


def _case_report(seen: _Seen) -> Words:
    if seen.typed("case_report"):
        return seen.hits("case_report") or True
    if seen.controlled or seen.hits("case_series"):
        return ()
    return seen.hits("case_report", *_OWN)


def _case_series(seen: _Seen) -> Words:
    return () if seen.controlled else seen.hits("case_series")


def _rct(seen: _Seen) -> Words:
    """By its words; by its publication type, which PubMed also gives to analyses of trials."""
    if seen.controlled:
        return seen.controlled if seen.people else ()
    later = seen.hits("cohort_retrospective") or seen.flags("secondary_analysis")
    return not later and seen.typed("rct")


def _open_label(seen: _Seen) -> Words:
    words = seen.flags("open_label") or seen.flags("single_arm") or seen.hits("open_label_trial")
    return (words if seen.people else ()) or seen.typed("open_label_trial")


def _experiment(seen: _Seen) -> Words:
    if not seen.people:
        return ()
    return seen.hits("human_experimental") or seen.flags("healthy_volunteers")


def _no_work(seen: _Seen) -> Words:
    """An abstract of some length without any work of its own; the title is the reason."""
    sentences = seen.reading.passages.sentences
    if seen.work or len(sentences) < _LONG or seen.kinds & {"animal", "in_vitro"}:
        return ()
    title = sentences[0]
    return (Hit(load_facets()["design"].rules["narrative_review"], title, 0, len(title.text)),)


def _clinical(seen: _Seen) -> Words:
    return seen.treatment if seen.people and seen.work else ()


_STEPS: tuple[Step, ...] = (
    ("comment", _title_or_type("comment")),
    ("protocol", _protocol),
    ("scoping_review", _title_or_type("scoping_review")),
    ("systematic_review", _titled("systematic_review")),
    ("meta_analysis", _titled("meta_analysis")),
    ("guideline", _title_or_type("guideline")),
    ("systematic_review", _searched("systematic_review")),
    ("meta_analysis", _searched("meta_analysis")),
    (
        "registry_analysis",
        lambda seen: seen.hits("registry_analysis", "title", "methods", "aims", "text"),
    ),
    ("narrative_review", _review),
    ("preclinical_in_vivo", _titled("preclinical_in_vivo")),
    ("preclinical_in_vivo", _animal),
    ("in_vitro", _in_vitro),
    # What a title calls the study decides before what the abstract says on the way.
    ("case_series", _titled("case_series")),
    ("case_report", _titled("case_report")),
    ("rct", lambda seen: seen.people and seen.flags("randomized", "title")),
    ("open_label_trial", lambda seen: seen.people and seen.flags("open_label", "title")),
    ("cohort_retrospective", _titled("cohort_retrospective")),
    ("survey", _titled("survey")),
    ("pharmacovigilance", _of_people("pharmacovigilance", "title", "aims", "methods", "text")),
    ("economic", _of_people("economic", "title", "aims")),
    ("rct", _rct),
    ("open_label_trial", _open_label),
    ("case_series", _case_series),
    ("case_report", _case_report),
    ("cohort_retrospective", _of_people("cohort_retrospective")),
    ("survey", _of_people("survey")),
    ("qualitative", _of_people("qualitative")),
    ("narrative_review", _no_work),
    ("cross_sectional", lambda seen: seen.hits("cross_sectional", "title") if seen.people else ()),
    ("cohort_prospective", _of_people("cohort_prospective")),
    ("human_experimental", _experiment),
    ("clinical_other", _clinical),
    ("epidemiology", _of_people("epidemiology")),
    ("cross_sectional", _of_people("cross_sectional")),
    ("laboratory_method", lambda seen: seen.hits("laboratory_method")),
)

# --- details ------------------------------------------------------------------------------------

_PAPERS = frozenset(
    {"comment", "scoping_review", "systematic_review", "meta_analysis", "guideline"}
    | {"narrative_review", "registry_analysis"}
)
# Details that a paper about papers can have too, and those that only a study of people has.
_OF_PAPERS = frozenset({"preprint", "reprint", "cochrane"})
_OF_PEOPLE = frozenset({"treatment", "self_report", "imaging", "healthy_volunteers"})


def design_flag(reading: Reading, found: Found) -> Iterable[Finding]:
    """What is said of how the study was made; of a paper about papers only how it appeared."""
    seen = _seen(reading, found)
    paper = any(f.value in _PAPERS for f in found.get("design", ()))
    for value, rule in load_facets()["design_flag"].rules.items():
        if value not in _OF_PAPERS and (paper or (value in _OF_PEOPLE and not seen.people)):
            continue
        if hits := seen.treatment if value == "treatment" else seen.flags(value):
            hit = best(hits)
            yield finding(rule, hit.sentence, hit.start, hit.end)
        elif heading := reading.heading(rule):
            yield from_heading(rule, *heading)
