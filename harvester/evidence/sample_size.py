"""How many took part, and what the number counts; nothing where the abstract does not say.

Every number of people outside the background is a candidate, and so are sums of groups that stand
side by side. The words around it, the part of the paper and other numbers that add up to it decide
which is the study's own: each is worth points (the tables below). Below zero, and where two
numbers have as many, nothing is said; where another number comes near the detail says `unsure`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from harvester.evidence.animals import animals
from harvester.evidence.counts import PER_STUDY, Count, counts_by_sentence
from harvester.evidence.expressions import Expression, joined, searched
from harvester.evidence.findings import Detail, Finding
from harvester.evidence.groups import Candidate, groups
from harvester.evidence.numbers import find_numbers
from harvester.evidence.parts import ONCE_MORE, is_control, is_part, is_screened
from harvester.evidence.passages import Sentence
from harvester.evidence.reading import Found, Reading, finding
from harvester.evidence.rules import load_facets
from harvester.evidence.wholes import agreeing, controls, numbered

__all__ = ["sample_size"]

# What a number counts, by the words beside it; the first found names the basis.
_BASES: tuple[tuple[str, Expression, float], ...] = tuple(
    (basis, joined([words])[0], points)
    for basis, words, points in (
        (
            "planned",
            r"will be|\bwill (?:enrol|recruit|includ|randomi|participate|receive)|target sample|"
            r"(?:^|[^ ]|(?:^|[^o]) |[^h]o |[^w]ho )\bplan(?:ned|s)? to|"  # not "who plan to"
            r"\baims? to (?:recruit|enrol)|to be (?:enrolled|recruited)",
            3.0,
        ),
        (
            "randomized",
            r"randomi[sz]ed(?!,? (?:clinical|controlled|trial|double|placebo|crossover|study))|"
            r"randomly (?!selected|sampled|chosen|drawn)|assigned|allocated|underwent randomi|"
            r"randomi[sz]ation of #",
            4.0,
        ),
        (
            "enrolled",
            r"enrol|recruit|signed up|took part|participated|volunteered|entered|"
            r"consented",
            3.2,
        ),
        (
            "included",
            r"includ|compris|consist|sample|total|data (?:from|on)|cohort|interviewed|surveyed|"
            r"survey|responded to|responses|answered|identified|we report|reports? on|reported on|"
            r"(?:participants|subjects) were|series of|involv|questionnaire|"
            r"(?:met|fulfilled) (?:the )?(?:\w+ )?criteria",
            2.6,
        ),
        (
            "treated",
            r"treated|received|commenced|under(?:went|going)|administered|were given|infus|"
            r"\bgiven\b|ingest",
            2.5,
        ),
        (
            "analysed",
            r"analy[sz]|evaluable|evaluat|examin|studied|study|assess|tested|scanned|investigat|"
            r"determin|selected|explor|effect|efficacy|impact|safety|observ|character|"
            r"compar|measured|trial|design|crossover|imaging|conducted|obtained|collected|pooled|"
            r"retrospectively reviewed",
            2.0,
        ),
        ("completers", r"complet", 1.8),
    )
)
_COMPLETED = re.compile(r" (?:patients |participants )?completed\b")
_COMPLETERS = _BASES[-1:]
_PARTS = {
    "title": 1.5,
    "methods": 2.0,
    "text": 1.0,
    "results": 1.2,
    "aims": 1.0,
    "conclusions": -1.5,
}
_KINDS = {"people": 0.5, "n": 0.0, "total": 1.5, "bare": 0.0, "listed": -1.0, "arm": -4.0}
_LATER = 0.15  # points lost with each sentence: later ones tell of parts
_TOTAL = re.compile(r"\b(?:total of|totall?ing|in total|total|overall|altogether) *(?:n\s?=)?\s*$")
_OF_WHICH = re.compile(r"[\d)%]s? of (?:the |these |all |our )?$")
_REPORT = re.compile(r"\breports? (?:on |of )?$")
_ALL = re.compile(r"\ball (?:\w+ )?(?:patients|participants|subjects) \(n ?= ?$")
_BORN = (" delivering ", " delivered ", " birth to ", " and their ", " with their ")
_THEN = re.compile(
    r" (?:(?:were|was) )?(?:enrol+ed|recruited|randomi[sz]ed|included|consented|started),? "
    r"(?:and|of wh(?:ich|om)) $"
)
_PLANNED = re.compile(r"(?:planned|target|required|needed)(?: [\w-]+){0,3} $")
_STUDIES = re.compile(r"\b(?:studies|trials|rcts|articles|reports|publications)\b")
# Points between the study's number and the next: a tie is not decided, a narrow lead is marked.
# A larger number is a rival from further behind. (Of the numbers that are marked, seven in ten are
# right; of the others, 97 in 100.)
_TIE, _CLEAR, _CLEAR_OF_LARGER = 0.1, 1.0, 3.0
_ABOUT = re.compile(
    r"\b(?:more than|over|at least|approximately|approx\.|about|around|nearly|almost|up to) $"
)
# Others took part, and the abstract does not say how many: 13 users and a control group.
_UNCOUNTED = re.compile(
    r",? (?:and|with|to|versus|vs\.?) (?:an? |the )?(?:[a-z-]+ ){0,3}"
    r"(?:controls|control (?:group|subjects|participants))\b"
)
_REVIEWS = frozenset({"systematic_review", "meta_analysis", "scoping_review"})
_ANIMALS = frozenset({"animal", "in_vitro"})
_PAPERS = _REVIEWS | {"narrative_review", "comment", "guideline"}


def sample_size(reading: Reading, found: Found) -> Iterable[Finding]:
    """The study's own number, with its basis in `value` and the number in `detail["n"]`.

    Animals are counted where no people are: their basis is `animals`.
    """
    designs = frozenset(f.value for f in found.get("design", ()))
    kinds = {f.value for f in found.get("population", ())}
    if kinds and kinds <= _ANIMALS:
        if "animal" in kinds and not designs & _PAPERS:
            yield from animals(reading)
        return
    candidates = tuple(agreeing(tuple(_candidates(reading, designs))))
    chosen = _best(candidates)
    rules = load_facets()["sample_size"].rules
    if chosen is None:
        if "case_report" in designs and not any(one.points >= 0 for one in candidates):
            yield from _one_case(found)
        return
    basis = _basis(chosen.basis, designs)
    detail: Detail = {"n": chosen.n, "basis": basis}
    if len(chosen.arms) > 1:
        detail = {**detail, "arms": " + ".join(map(str, chosen.arms))}
    if not _is_sure(chosen, candidates):
        detail = {**detail, "unsure": True}
    yield finding(rules[basis], chosen.sentence, chosen.start, chosen.end, detail)


def _best(candidates: Sequence[Candidate]) -> Candidate | None:
    """The number with most points; none where it is not good enough, or another has as many."""
    chosen = max(candidates, key=lambda c: (c.points, -c.start), default=None)
    if chosen is None or chosen.points < 0:
        return None
    tied = [
        other for other in candidates if other.n != chosen.n and chosen.points - other.points < _TIE
    ]
    return chosen if all(_later(chosen, other) for other in tied) else None


def _is_sure(chosen: Candidate, candidates: Sequence[Candidate]) -> bool:
    """Whether the authors are sure, no other number comes near, and nobody is left uncounted.

    The arms of a sum are no rivals of it, but a number is that is larger than each of them: both
    may be parts of it.
    """
    most = max(chosen.arms, default=chosen.n)
    for other in candidates:
        if other.n == chosen.n or other.n in chosen.arms:
            continue
        larger = other.n > chosen.n or (other.n > most and not other.arms)
        if chosen.points - other.points < (_CLEAR_OF_LARGER if larger else _CLEAR):
            return False
    text = chosen.sentence.text.lower()
    if _ABOUT.search(text[: chosen.start]):
        return False
    return bool(chosen.arms) or not _UNCOUNTED.search(text, chosen.end, chosen.end + 80)


def _later(whole: Candidate, part: Candidate) -> bool:
    """Whether the number is less than the one told just before: 80 enrolled: 60 were treated."""
    if part.sentence is not whole.sentence or part.n >= whole.n or part.arms:
        return False
    between = whole.sentence.text[whole.end : part.start]
    if ":" in between or ";" in between or _THEN.match(between):
        return True
    return bool(ONCE_MORE.search(whole.sentence.text.lower(), whole.end, part.end + 40))


def _basis(basis: str, designs: frozenset[str]) -> str:
    if designs & _REVIEWS:
        return "participants_in_included_studies"
    if "protocol" in designs:
        return "planned"
    return "cases" if designs & {"case_series", "case_report"} else basis


def _one_case(found: Found) -> Iterator[Finding]:
    rule = load_facets()["sample_size"].rules["case"]
    yield replace(
        found["design"][0],
        facet="sample_size",
        value="case",
        rule=rule.name,
        detail={"n": 1, "basis": "case"},
    )


def _candidates(reading: Reading, designs: frozenset[str]) -> Iterator[Candidate]:
    review, protocol = bool(designs & _REVIEWS), "protocol" in designs
    told: list[tuple[str, Count, Candidate]] = []
    kinds = ("people", "n") if review else ("people", "n", "total", "bare", "listed", "arm")
    few = bool(designs & {"case_report", "case_series"})
    for sentence, text, found in counts_by_sentence(reading.passages):
        counts = tuple(count for count in found if count.kind in kinds)
        if review and not any(_of_people(count, text) for count in counts if count.kind == "n"):
            counts = tuple(count for count in counts if count.kind != "n")
        single = [_single(sentence, count, review, protocol, few) for count in counts]
        together = tuple(groups(reading.passages.folded, text, counts, single))
        if review and any(
            one.arms and (min(one.arms) < 3 or one.n in _studies(text)) for one in together
        ):
            continue
        yield from together
        told.extend((text, count, one) for count, one in zip(counts, single, strict=True))
    yield from numbered(told)
    yield from controls(told)


_PEOPLE = re.compile(
    r"\b(?:patients|participants|individuals|subjects|adults|people|women|men|users|controls|total|sample)\b|"
    r"\b(?:studies|trials|rcts) \(n ?= ?$"
)


def _of_people(count: Count, text: str) -> bool:
    """In a review "n =" counts studies, too, unless it is many times the number of them."""
    if _PEOPLE.search(count.before[-60:]) or _PEOPLE.search(count.after[:20]):
        return True
    return count.n >= PER_STUDY * max(_studies(text), default=count.n)


_OF_STUDIES = re.compile(
    r" (?:(?!(?:in|of|from|were|was|with|to|and)\b)[\w-]+ ){0,6}?"
    r"(?:studies|trials|rcts|articles|papers|reports|publications)\b"
)


def _studies(text: str) -> set[int]:
    """How many studies a review's sentence counts."""
    return {one.value for one in find_numbers(text) if _OF_STUDIES.match(text, one.end)}


def _single(sentence: Sentence, count: Count, review: bool, protocol: bool, few: bool) -> Candidate:
    points = _PARTS.get(sentence.part, 0.0) + _KINDS[count.kind] - _LATER * sentence.index
    basis, worth = "included", 0.0
    words = f"{count.before}# {count.said} # {count.after}{count.beyond}"
    text = searched(words)
    for name, expression, more in _COMPLETERS if _COMPLETED.match(count.after) else _BASES:
        if expression.search(text):
            basis, worth = name, more
            break
    points += worth
    if sentence.opening and not _REPORT.search(count.before):
        points -= 1
    if _TOTAL.search(count.before) or "consecutive" in count.said:
        points += 2
    if count.start < 3 and worth:
        points += 1
    if is_part(count) or is_control(count):
        points -= 4.5
    if is_screened(count) or count.before.endswith(_BORN):
        points -= 3
    if count.kind == "n" and _ALL.search(count.before):
        points += 1.5
    if count.depth and count.kind != "n" and not review:
        points -= 4 if count.said.endswith(("men", "males")) else 2
    if _OF_WHICH.search(count.before) and not count.start < 12:
        points -= 2
    if not protocol and _PLANNED.search(count.before):
        points -= 3
    if count.n <= 3 and not few:
        points -= 5 if review else 2
    if review and _STUDIES.search(words):
        points += 1.5
    return Candidate(count.n, sentence, count.start, count.end, basis, points)
