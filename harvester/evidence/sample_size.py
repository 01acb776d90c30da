"""How many took part, and what the number counts; nothing where the abstract does not say.

Every number of people outside the background is a candidate, and so are sums of groups that stand
side by side. The words around it, the part of the paper and other numbers that add up to it decide
which is the study's own: each is worth points (the tables below), and below `_GOOD` points nothing
is said.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from harvester.evidence.counts import Count, counts_by_sentence
from harvester.evidence.findings import Detail, Finding
from harvester.evidence.numbers import number
from harvester.evidence.passages import Sentence
from harvester.evidence.reading import Found, Reading, finding
from harvester.evidence.rules import load_facets

__all__ = ["sample_size"]

# What a number counts, by the words beside it; the first found names the basis.
_BASES: tuple[tuple[str, re.Pattern[str], float], ...] = tuple(
    (basis, re.compile(words), points)
    for basis, words, points in (
        (
            "planned",
            r"will be|\bwill (?:enrol|recruit|includ|randomi|participate|receive)|target sample|"
            r"\bplan(?:ned|s)? to|\baims? to (?:recruit|enrol)|to be (?:enrolled|recruited)",
            3.0,
        ),
        (
            "randomized",
            r"randomi[sz]ed(?!,? (?:clinical|controlled|trial|double|placebo|crossover|study))|"
            r"randomly|assigned|allocated|underwent randomi",
            4.0,
        ),
        ("enrolled", r"enrol|recruit|took part|participated|volunteered|entered|consented", 3.2),
        (
            "included",
            r"includ|compris|consist|sample|total|data (?:from|on)|cohort|interviewed|surveyed|"
            r"survey|responded to|identified|we report|reported on|series of|involv|questionnaire",
            2.6,
        ),
        (
            "treated",
            r"treated|received|underwent|administered|were given|infus|\bgiven\b|ingest",
            2.5,
        ),
        (
            "analysed",
            r"analy[sz]|evaluable|evaluat|examin|studied|study|assess|tested|scanned|investigat|"
            r"compar|measured|trial|design|crossover|imaging|conducted|obtained|collected|pooled",
            2.0,
        ),
        ("completers", r"complet", 1.8),
    )
)
_PARTS = {
    "title": 1.5,
    "methods": 2.0,
    "text": 1.0,
    "results": 1.2,
    "aims": 1.0,
    "conclusions": -1.5,
}
_KINDS = {"people": 0.5, "n": 0.0, "total": 1.5, "bare": 0.0, "listed": -1.0}
_LATER = 0.15  # points lost with each sentence: later ones tell of parts
_GOOD = 0.5
_TOTAL = re.compile(r"\b(?:total of|totall?ing|in total|total|overall|altogether) *(?:n\s?=)?\s*$")
# Before or after the number: a part of the people, or people who did not take part.
_PART_BEFORE = re.compile(
    r"\b(?:of whom|of these|of those|of which|of them|among (?:the|these|them|whom)|remaining|"
    r"additional|another|other|including|subset of|subgroup of|subsample of|excluded|only|"
    r"responders?|"
    r"remitters|(?:[\d.]+ ?%|percent) ?\(?,? ?(?:n ?= ?)?|in each|each group|per group|"
    r"each arm)[ (,]*$|"
    r"%[,;]? \(?n ?= ?$|\b(?:group|arm|subgroup|condition)s? \(n ?= ?$"
)
_PART_AFTER = re.compile(
    r"^(?: (?:\w+ ){0,2})?[(\[]\d+(?:[.·]\d+)? ?%(?: ?[);,\]]| of)|"
    r"^(?: in)? (?:the )?(?:\w+ ){0,2}(?:group|arm|condition)\b|"
    r"^ (?:per|in each|in the) (?:\w+ )?(?:group|arm)|"
    r"^,? (?!who|that)(?:\w+ )?(?:responded|remitted|relapsed|achieved|experienced|developed|"
    r"dropped|withdrew|discontinued|declined|died|exhibited|show(?:ed|s)|reported|improved|"
    r"met (?:the )?(?:response|remission)|required|refused|failed|returned|continued|attained|"
    r"had (?:a |an )?(?:\w+ )?(?:response|remission|adverse|relapse)|"
    r"were (?:lost|excluded|withdrawn|responders|remitters|classified))\b|"
    r"^ who (?:responded|remitted|achieved|relapsed|died|withdrew|discontinued|dropped|"
    r"developed)\b|"
    r"^ did not"
)
_OF_WHICH = re.compile(r"[\d)%]s? of (?:the |these |all |our )?$")
_SCREENED = re.compile(
    r"screened|approached|assessed for eligibility|invited|referr|contacted|"
    r"potential participants|interest"
)
_STUDIES = re.compile(r"\b(?:studies|trials|rcts|articles|reports|publications)\b")
_REVIEWS = frozenset({"systematic_review", "meta_analysis", "scoping_review"})
_ANIMALS = frozenset({"animal", "in_vitro"})


@dataclass(frozen=True, slots=True)
class _Candidate:
    n: int
    sentence: Sentence
    start: int
    end: int
    basis: str
    points: float
    arms: tuple[int, ...] = ()


def sample_size(reading: Reading, found: Found) -> Iterable[Finding]:
    """The study's own number, with its basis in `value` and the number in `detail["n"]`."""
    designs = frozenset(f.value for f in found.get("design", ()))
    kinds = {f.value for f in found.get("population", ())}
    if kinds and kinds <= _ANIMALS:
        return
    candidates = tuple(_agreeing(tuple(_candidates(reading, designs))))
    chosen = max(candidates, key=lambda c: (c.points, -c.start), default=None)
    rules = load_facets()["sample_size"].rules
    if chosen is None or chosen.points < _GOOD:
        if "case_report" in designs:
            yield from _one_case(found)
        return
    basis = _basis(chosen.basis, designs)
    detail: Detail = {"n": chosen.n, "basis": basis}
    if len(chosen.arms) > 1:
        detail = {**detail, "arms": " + ".join(map(str, chosen.arms))}
    yield finding(rules[basis], chosen.sentence, chosen.start, chosen.end, detail)


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


def _candidates(reading: Reading, designs: frozenset[str]) -> Iterator[_Candidate]:
    review = bool(designs & _REVIEWS)
    labelled: dict[str, dict[str, _Candidate]] = {}
    kinds = ("people", "n") if review else ("people", "n", "total", "bare", "listed")
    for sentence, text, found in counts_by_sentence(reading.passages):
        counts = tuple(count for count in found if count.kind in kinds)
        single = [_single(sentence, count, review) for count in counts]
        yield from _confirmed(counts, single)
        yield from _beside(sentence, text, counts, single)
        yield from _arms(sentence, text, counts, single)
        yield from _each(reading.passages.folded, counts, single)
        yield from _assigned(sentence, counts, single)
        for count, one in zip(counts, single, strict=True):
            if label := _LABEL.search(text[: count.start]):
                labelled.setdefault(label[1], {}).setdefault(label[2], one)
    for parts in labelled.values():
        if len(parts) > 1:
            yield from _labelled(tuple(parts.values()))


def _single(sentence: Sentence, count: Count, review: bool) -> _Candidate:
    points = _PARTS.get(sentence.part, 0.0) + _KINDS[count.kind] - _LATER * sentence.index
    basis, worth = "included", 0.0
    words = f"{count.before} # {count.after}"
    for name, expression, more in _BASES:
        if expression.search(words):
            basis, worth = name, more
            break
    points += worth
    if sentence.opening:
        points -= 1.5
    if _TOTAL.search(count.before):
        points += 2
    if count.start < 3:
        points += 1
    if _PART_BEFORE.search(count.before) or _PART_AFTER.search(count.after):
        points -= 4
    if _SCREENED.search(count.after[:50]) or _SCREENED.search(count.before[-30:]):
        points -= 3
    if count.depth and count.kind != "n" and not review:
        points -= 2
    if _OF_WHICH.search(count.before) and not count.start < 12:
        points -= 2
    if count.n <= 3:
        points -= 2
    if review and _STUDIES.search(words):
        points += 1.5
    return _Candidate(count.n, sentence, count.start, count.end, basis, points)


def _confirmed(counts: Sequence[Count], single: Sequence[_Candidate]) -> Iterator[_Candidate]:
    """Single numbers; what later numbers of the sentence add up to is a whole."""
    for position, candidate in enumerate(single):
        later = [count.n for count in counts[position + 1 :]]
        for size in range(2, min(len(later), 5) + 1):
            if sum(later[:size]) == candidate.n:
                arms = tuple(later[:size])
                yield replace(candidate, points=candidate.points + 3, arms=arms)
                break
        else:
            yield candidate


# Parts of a paper that are told one after the other: study 1 and study 2.
_LABEL = re.compile(
    r"\b(study|experiment|arm|sample|cohort|group) (1|2|3|4|one|two|three|i|ii|iii|a|b|"
    r"c)\b[^.;%]{0,70}$"
)


def _labelled(parts: Sequence[_Candidate]) -> Iterator[_Candidate]:
    best = max(parts, key=lambda one: one.points)
    if all(one.sentence is best.sentence for one in parts):
        yield replace(
            best,
            n=sum(one.n for one in parts),
            start=min(one.start for one in parts),
            end=max(one.end for one in parts),
            points=best.points + 1.0,
            arms=tuple(one.n for one in parts),
        )
    else:
        arms = tuple(one.n for one in parts)
        yield replace(best, n=sum(arms), points=best.points + 1.0, arms=arms)


_ASSIGNED = re.compile(
    r"^ (?:\w+ )?(?:(?:were|was) )?(?:randomly )?(?:randomi[sz]ed|assigned|allocated) to (?!one |"
    r"either |two |three |receive either)"
)


def _assigned(
    sentence: Sentence, counts: Sequence[Count], single: Sequence[_Candidate]
) -> Iterator[_Candidate]:
    """43 were randomised to one drug and 50 were randomised to another."""
    arms = [
        one
        for count, one in zip(counts, single, strict=True)
        if _ASSIGNED.search(count.after) and not _PART_BEFORE.search(count.before)
    ]
    if len(arms) > 1 and arms[0].n != sum(one.n for one in arms[1:]):
        numbers = tuple(one.n for one in arms)
        best = max(arms, key=lambda one: one.points)
        yield _Candidate(
            sum(numbers),
            sentence,
            arms[0].start,
            arms[-1].end,
            best.basis,
            best.points + 1,
            numbers,
        )


def _agreeing(candidates: Sequence[_Candidate]) -> Iterator[_Candidate]:
    """A number that groups told elsewhere add up to is the whole."""
    groups: dict[int, list[int]] = {}
    for one in candidates:
        if not one.arms:
            groups.setdefault(one.sentence.index, []).append(one.n)
    sums = {
        sum(numbers[first : first + size])
        for numbers in groups.values()
        for size in (2, 3, 4)
        for first in range(len(numbers) - size + 1)
    }
    for one in candidates:
        agrees = one.n > 5 and not one.arms and one.n in sums
        yield replace(one, points=one.points + 2.5) if agrees else one


_BETWEEN = re.compile(
    r"(?:[^.()]|\([^()]*\)){0,160}?(?:[,;] ?|\band |\bversus |\bvs\.? |\bwith |\bto |\bor |"
    r"\bplus |\bfrom )"
    r"(?:[\w'’-]+ ){0,5}"
)
_VERB = re.compile(
    r"\b(?:was|had|have|has|received|completed|reported|showed|experienced|met|"
    r"underwent|responded|achieved|developed|remained|withdrew|representing|including|included|"
    r"among|excluded|screened|of whom|of these|of which|aged|were (?!compared|matched)|in \d)\b"
)


def _beside(
    sentence: Sentence, text: str, counts: Sequence[Count], single: Sequence[_Candidate]
) -> Iterator[_Candidate]:
    """Groups side by side: 19 users and 21 controls are 40 people."""
    top = [
        (count, one)
        for count, one in zip(counts, single, strict=True)
        if count.depth == 0 and count.kind in ("people", "listed", "total")
    ]
    chain: list[tuple[Count, _Candidate]] = []
    for count, one in top:
        if chain and _joins(text, chain[-1][0], count) and not _is_part(count):
            chain.append((count, one))
            continue
        yield from _sum(sentence, chain)
        chain = [] if _is_part(count) else [(count, one)]
    yield from _sum(sentence, chain)


def _is_part(count: Count) -> bool:
    return bool(_PART_BEFORE.search(count.before) or _PART_AFTER.search(count.after))


def _joins(text: str, first: Count, second: Count) -> bool:
    between = text[first.end : second.start]
    if re.search(r"(?:^|[.,;:] )(?:of|among|out of)(?: the| these| all)? $", text[: first.start]):
        return False
    if not _BETWEEN.fullmatch(between):
        return False
    own = re.split(r"\b(?:who|whose|that)\b", between, maxsplit=1)[0]
    return not _VERB.search(own)


def _sum(sentence: Sentence, chain: Sequence[tuple[Count, _Candidate]]) -> Iterator[_Candidate]:
    if len(chain) < 2:
        return
    numbers = tuple(count.n for count, _ in chain)
    if numbers[0] == sum(numbers[1:]) and len(numbers) > 2:
        return
    best = max((one for _, one in chain), key=lambda one: one.points)
    points = best.points + 0.6 + max(0.0, 0.0 if chain[0][0].kind != "listed" else 1.0)
    start, end = chain[0][0].start, chain[-1][0].end
    yield _Candidate(sum(numbers), sentence, start, end, best.basis, points, numbers)


# In a group each: how many groups there are stands elsewhere.
_PER_GROUP = re.compile(
    r"^ ?(?:patients |subjects |participants )?(?:(?:in )?each|per (?:group|arm))\b|^ (?:in|"
    r"to) each (?:group|arm)"
)
_GROUPS = re.compile(r"\b(two|three|four|2|3|4) (?:[\w-]+ ){0,3}(?:groups|arms)\b")


def _each(
    whole: str, counts: Sequence[Count], single: Sequence[_Candidate]
) -> Iterator[_Candidate]:
    """As many in each group, times the groups."""
    for count, one in zip(counts, single, strict=True):
        if _PER_GROUP.search(count.after) and (groups := _GROUPS.search(whole)):
            arms = (one.n,) * (number(groups[1]) or 0)
            yield replace(one, n=sum(arms), points=one.points + 3, arms=arms)


_EACH = re.compile(
    r"\b(?:per|each|every|either) (?:\w+ )?(?:group|arm|condition|cohort|level)|\beach\b|"
    r"/(?:group|arm|dose)"
)


def _arms(
    sentence: Sentence, text: str, counts: Sequence[Count], single: Sequence[_Candidate]
) -> Iterator[_Candidate]:
    """Several "n =" of a sentence, each an arm: their sum."""
    arms = [
        (count, one)
        for count, one in zip(counts, single, strict=True)
        if count.kind == "n" and not re.search(r"(?:%|percent),? ?\(?n ?= ?$", count.before)
    ]
    if len(arms) < 2 or _EACH.search(text):
        return
    numbers = tuple(count.n for count, _ in arms)
    total = sum(numbers)
    for whole in (0, -1):
        if 2 * numbers[whole] == total:
            if len(numbers) > 2:
                one = arms[whole][1]
                yield replace(one, points=one.points + 3)
            return
    if any(count.kind != "n" and count.n >= total for count in counts):
        return
    best = max((one for _, one in arms), key=lambda one: one.points)
    points = best.points + 1.0 + (4 if _is_part(arms[0][0]) else 0)
    yield _Candidate(
        total, sentence, arms[0][0].start, arms[-1][0].end, best.basis, points, numbers
    )
