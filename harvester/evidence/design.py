"""The one design of a study, decided in the order of the domain's experts: what a paper is as a
publication, then how it is made, then whom it studied.

A title says more than an abstract, an abstract's own methods more than its opening. What stands in
the way of each step is written beside it; without words for any step there is no finding.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from harvester.evidence.findings import Finding
from harvester.evidence.matching import Hit
from harvester.evidence.reading import Found, Reading, best, finding, from_heading
from harvester.evidence.rules import load_facets

__all__ = ["design"]

_OWN = ("title", "aims", "methods", "text", "results")
# A protocol tells of what will be done, again and again.
_PROMISES = 3


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a record has of the designs' words, and whom it studied."""

    reading: Reading
    kinds: frozenset[str]

    def hits(self, value: str, *parts: str) -> tuple[Hit, ...]:
        """Words of a design in these parts; never those of an opening."""
        wanted = parts or _OWN
        return tuple(
            hit
            for hit in self.reading.of("design", value)
            if hit.sentence.part in wanted and not hit.sentence.opening
        )

    def typed(self, value: str) -> bool:
        """Whether PubMed's publication types say so."""
        return self.reading.heading(load_facets()["design"].rules[value]) is not None

    @property
    def people(self) -> bool:
        return "human" in self.kinds


Step = tuple[str, Callable[[_Seen], Sequence[Hit] | bool]]


def design(reading: Reading, found: Found) -> Iterable[Finding]:
    """The first design whose words or publication type the record has, in the order of `_STEPS`."""
    seen = _Seen(reading, frozenset(f.value for f in found.get("population", ())))
    rules = load_facets()["design"].rules
    for value, step in _STEPS:
        what = step(seen)
        if not what:
            continue
        rule = rules[value]
        if what is True:
            if heading := reading.heading(rule):
                yield from_heading(rule, *heading)
                return
            # What is said without words of its own rests on the words for whom it studied.
            kind = "animal" if value == "preclinical_in_vivo" else "in_vitro"
            what = reading.of("population", kind)
        if what:
            hit = best(what)
            yield finding(rule, hit.sentence, hit.start, hit.end)
            return


def _title_or_type(value: str) -> Callable[[_Seen], Sequence[Hit] | bool]:
    return lambda seen: seen.hits(value, "title") or seen.typed(value)


def _protocol(seen: _Seen) -> Sequence[Hit] | bool:
    title = seen.hits("protocol", "title")
    promises = seen.hits("protocol", "aims", "methods", "text")
    enough = len({hit.sentence.index for hit in promises}) >= _PROMISES
    return title or seen.typed("protocol") or (promises if enough else ())


def _systematic(seen: _Seen) -> Sequence[Hit] | bool:
    return (
        seen.hits("systematic_review", "title")
        or seen.typed("systematic_review")
        or seen.hits("systematic_review", "aims", "methods", "text")
    )


def _meta_analysis(seen: _Seen) -> Sequence[Hit] | bool:
    return (
        seen.hits("meta_analysis", "title")
        or seen.typed("meta_analysis")
        or seen.hits("meta_analysis", "aims", "methods")
    )


def _review(seen: _Seen) -> Sequence[Hit] | bool:
    title = seen.hits("narrative_review", "title")
    own_people = seen.hits("rct", "methods") or seen.hits("case_report", "methods")
    text = seen.hits("narrative_review", "aims", "text", "methods")
    return title or seen.typed("narrative_review") or (() if own_people else text)


def _animal(seen: _Seen) -> bool:
    return "animal" in seen.kinds and not seen.people


def _in_vitro(seen: _Seen) -> bool:
    return "in_vitro" in seen.kinds and not seen.people


def _case_report(seen: _Seen) -> Sequence[Hit] | bool:
    title = seen.hits("case_report", "title")
    if seen.hits("rct", "title", "methods"):
        return title
    return title or seen.typed("case_report") or seen.hits("case_report", "aims", "methods", "text")


def _case_series(seen: _Seen) -> Sequence[Hit] | bool:
    if seen.hits("rct", "title", "methods"):
        return ()
    return seen.hits("case_series", "title") or seen.hits("case_series", "aims", "methods", "text")


def _rct(seen: _Seen) -> Sequence[Hit] | bool:
    return (
        seen.hits("rct", "title", "aims", "methods", "text", "results") if seen.people else ()
    ) or seen.typed("rct")


def _of_people(value: str, *parts: str) -> Callable[[_Seen], Sequence[Hit] | bool]:
    return lambda seen: (seen.hits(value, *parts) if seen.people else ()) or seen.typed(value)


_STEPS: tuple[Step, ...] = (
    ("comment", _title_or_type("comment")),
    ("protocol", _protocol),
    ("scoping_review", _title_or_type("scoping_review")),
    ("systematic_review", lambda seen: seen.hits("systematic_review", "title")),
    ("meta_analysis", lambda seen: seen.hits("meta_analysis", "title")),
    ("guideline", _title_or_type("guideline")),
    ("systematic_review", _systematic),
    ("meta_analysis", _meta_analysis),
    ("pharmacovigilance", _of_people("pharmacovigilance", "title", "aims", "methods", "text")),
    ("registry_analysis", lambda seen: seen.hits("registry_analysis", "title", "methods", "aims")),
    ("narrative_review", _title_or_type("narrative_review")),
    ("preclinical_in_vivo", _animal),
    ("in_vitro", _in_vitro),
    ("case_series", _case_series),
    ("case_report", _case_report),
    ("economic", _of_people("economic", "title", "aims")),
    ("rct", _rct),
    ("qualitative", _of_people("qualitative", "title", "aims", "methods", "text")),
    ("survey", _of_people("survey", "title", "aims", "methods", "text")),
    (
        "cohort_retrospective",
        _of_people("cohort_retrospective", "title", "aims", "methods", "text"),
    ),
    ("open_label_trial", _of_people("open_label_trial", "title", "aims", "methods", "text")),
    ("cross_sectional", _of_people("cross_sectional", "title", "aims", "methods", "text")),
    ("cohort_prospective", _of_people("cohort_prospective", "title", "aims", "methods", "text")),
    ("epidemiology", _of_people("epidemiology", "title", "aims")),
    ("human_experimental", _of_people("human_experimental")),
    ("laboratory_method", lambda seen: seen.hits("laboratory_method")),
    ("narrative_review", _review),
)
