"""What is said of how a study was made, beside its one design."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from harvester.evidence.findings import Finding
from harvester.evidence.matching import Hit
from harvester.evidence.reading import Found, Reading, best, finding, from_heading
from harvester.evidence.rules import load_facets
from harvester.evidence.study import Study, read_study

__all__ = ["design_flag"]

_PAPERS = frozenset(
    {"comment", "scoping_review", "systematic_review", "meta_analysis", "guideline"}
    | {"narrative_review", "registry_analysis"}
)
# How the names of journals begin that mean a detail.
_JOURNALS = {
    "preprint": ("medrxiv", "biorxiv", "research square", "psyarxiv", "arxiv", "ssrn"),
    "cochrane": ("the cochrane database", "cochrane database"),
}
# Details that a paper about papers can have too, and those that only a study of people has.
_OF_PAPERS = frozenset({"preprint", "reprint", "cochrane"})
_OF_PEOPLE = frozenset({"treatment", "self_report", "tests", "imaging", "healthy_volunteers"})


_SPECIAL: Mapping[str, Callable[[Study], Sequence[Hit]]] = {
    "treatment": lambda study: study.treatment,
    "randomized": lambda study: study.randomized,
}


def design_flag(reading: Reading, found: Found) -> Iterable[Finding]:
    """What is said of how the study was made; of a paper about papers only how it appeared."""
    study = read_study(reading, found.get("population", ()))
    paper = any(f.value in _PAPERS for f in found.get("design", ()))
    for value, rule in load_facets()["design_flag"].rules.items():
        if value not in _OF_PAPERS and (paper or (value in _OF_PEOPLE and not study.people)):
            continue
        if hits := _SPECIAL[value](study) if value in _SPECIAL else study.flags(value):
            hit = best(hits)
            yield finding(rule, hit.sentence, hit.start, hit.end)
        elif heading := reading.heading(rule) or _journal(reading, value):
            yield from_heading(rule, *heading)


def _journal(reading: Reading, value: str) -> tuple[str, str] | None:
    """The journal's name, where it means the detail."""
    journal = reading.article.journal
    if journal and journal.title.lower().startswith(_JOURNALS.get(value, ("\n",))):
        return "journal", journal.title
    return None
