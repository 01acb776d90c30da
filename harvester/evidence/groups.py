"""Sums of groups in a sentence: numbers of people that only together are a study's own.

Groups side by side (19 users and 21 controls), arms (n = 20 and n = 21), so many in each group.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from harvester.evidence.counts import Count
from harvester.evidence.numbers import number
from harvester.evidence.parts import ONCE_MORE, is_part, is_screened
from harvester.evidence.passages import Sentence

__all__ = ["CONTROLS", "Candidate", "groups", "together"]


@dataclass(frozen=True, slots=True)
class Candidate:
    n: int
    sentence: Sentence
    start: int
    end: int
    basis: str
    points: float
    arms: tuple[int, ...] = ()


def groups(
    whole: str, text: str, counts: Sequence[Count], single: Sequence[Candidate]
) -> Iterator[Candidate]:
    """The single numbers of a sentence, and what they make together."""
    if not counts:
        return
    sentence = single[0].sentence
    confirmed = tuple(_confirmed(counts, single))
    yield from confirmed
    if len(counts) > 1:
        yield from _beside(sentence, text, counts, confirmed)
        yield from _arms(sentence, text, counts, single)
        yield from _both_sexes(text, counts, single)
        yield from _assigned(sentence, counts, single)
    yield from _each(whole, counts, single)


_SEXES = re.compile(r"\d (?:wo)?men\b|\d (?:fe)?males?\b|\d boys|\d girls", re.IGNORECASE)


def _confirmed(counts: Sequence[Count], single: Sequence[Candidate]) -> Iterator[Candidate]:
    """Single numbers; what later numbers of the sentence add up to is a whole."""
    sexes = bool(_SEXES.search(single[0].sentence.text))
    parts: set[int] = set()
    for position, candidate in enumerate(single):
        later = counts[position + 1 :]
        arms = _parts(candidate.n, [count.n for count in later]) or _parts(
            candidate.n, [count.n for count in later if not count.depth]
        )
        if arms:
            parts.update(arms)
            # Men and women are no arms, and an arm has both.
            yield replace(
                candidate,
                points=candidate.points + (1 if sexes else 3),
                arms=() if sexes else arms,
            )
        elif candidate.n in parts:
            yield replace(candidate, points=candidate.points - 2.5)
        else:
            yield candidate


def _parts(whole: int, numbers: Sequence[int]) -> tuple[int, ...]:
    """The first of the numbers, as many as make the whole."""
    for size in range(2, min(len(numbers), 5) + 1):
        if sum(numbers[:size]) == whole:
            return tuple(numbers[:size])
    return ()


CONTROLS = re.compile(r"control|comparison|non-?users|naive|naïve|unaffected|healthy|\bhcs?\b")
_OTHERS = re.compile(rf"{CONTROLS.pattern}|users|who |without")


def together(parts: Sequence[Candidate], more: float) -> Candidate:
    """The sum, shown where the best of the parts stands."""
    best = max(parts, key=lambda one: one.points)
    numbers = tuple(one.n for one in parts)
    start, end = best.start, best.end
    if all(one.sentence is best.sentence for one in parts):
        start, end = min(one.start for one in parts), max(one.end for one in parts)
    return replace(
        best, n=sum(numbers), start=start, end=end, points=best.points + more, arms=numbers
    )


_ASSIGNED = re.compile(
    r" (?:[\w-]+ ){0,2}?(?:(?:were|was) )?(?:randomly )?(?:randomi[sz]ed|assigned|allocated) "
    r"(?:to|in 1:1 ratio to) (?!one |either |two |three |receive either)|"
    r" (?:patients |participants )?(?:to (?:receive |the )|in (?:the|"
    r"an?) (?:[\w-]+ ){1,4}(?:group|arm))"
)


def _assigned(
    sentence: Sentence, counts: Sequence[Count], single: Sequence[Candidate]
) -> Iterator[Candidate]:
    """43 were randomised to one drug and 50 to another."""
    arms = [
        one
        for count, one in zip(counts, single, strict=True)
        if count.kind == "arm" or _ASSIGNED.match(count.after) or _ASSIGNED.match(count.beyond)
    ]
    if _LOST.search(arms[0].sentence.text.lower() if arms else ""):
        return
    if len(arms) > 1 and 2 * arms[0].n != sum(one.n for one in arms):
        yield together(arms, 5.0 if all(_is_arm(one) for one in arms) else 1.0)


_LOST = re.compile(r"\blost to follow|\bwithdr[ae]w|\bdropped out|\bdid not\b|\bdiscontinued")


def _is_arm(one: Candidate) -> bool:
    return one.points < 0


_N_IS = re.compile(r"\bn ?= ?$")
_BETWEEN = re.compile(
    r"(?:[^.()]|\([^()]*\)){0,160}?(?:[,;] ?|\band |\bversus |\bvs\.? |\bwith |\bto |\bor |"
    r"\bplus |\bfrom |\bas well as )"
    r"(?:[\w'’-]+ ){0,5}"
)
_COMPARED = re.compile(
    r"\bcompared (?:with|to)(?: th(?:at|ose) of)?(?: a)?(?: \w+)?(?: (?:group|sample) of)? $"
)
_COMPARED_N = re.compile(r"[^()]{0,80}\bcompared (?:with|to) [\w -]{1,50}\(n ?= ?")
_ALONG = re.compile(r"\b(?:along|together) with (?:\w+ ){0,2}$")
_ASIDE = re.compile(r"\([^()]*\)")
_SERVED = re.compile(r" (?:served|acted) as (?:the |a )?(?:\w+ )?(?:control|comparison)")
# Ten received one drug and ten another.
_RECEIVED = re.compile(
    r" (?:received|had|were given) [^;:()]{1,50},? (?:and|while) (?:the other )?"
)
_TO_RECEIVE = (" received", " had", " were given", " subjects received", " patients received")
_NOT_IN = re.compile(r"screened|approached|invited|assessed for eligib|contacted")
_VERB = re.compile(
    r"\b(?:was|had|have|has|received|completed|reported|showed|experienced|met|"
    r"underwent|responded|achieved|developed|remained|withdrew|representing|including|included|"
    r"among|excluded|screened|of whom|of these|of which|aged|were (?!compared|matched)|in \d)\b"
)


def _beside(
    sentence: Sentence, text: str, counts: Sequence[Count], single: Sequence[Candidate]
) -> Iterator[Candidate]:
    """Groups side by side: 19 users and 21 controls are 40 people."""
    top = [
        (count, one)
        for count, one in zip(counts, single, strict=True)
        if (
            count.depth == 0
            and (count.kind in ("people", "listed", "total") or count.after.startswith(_TO_RECEIVE))
        )
        or (count.kind == "n" and text.startswith(")", count.end))
    ]
    chain: list[tuple[Count, Candidate]] = []
    for count, one in top:
        if chain and _joins(text, chain[-1][0], count) and not is_part(count):
            if count.n not in chain[-1][1].arms:
                chain.append((count, one))
            continue
        yield from _sum(sentence, chain)
        chain = [] if is_part(count) else [(count, one)]
    yield from _sum(sentence, chain)


def _joins(text: str, first: Count, second: Count) -> bool:
    if second.kind == "n":
        return bool(first.kind == "people" and _COMPARED_N.fullmatch(text, first.end, second.start))
    if _SERVED.match(second.after):
        return True
    between = text[first.end : second.start].removeprefix(")")
    if _N_IS.search(between) and _N_IS.search(text[: first.start]):
        between = _N_IS.sub("", between)  # N = 19 users and N = 21 controls
    if re.search(r"(?:^|[.,;:] )(?:of|among|out of)(?: the| these| all)? $", text[: first.start]):
        return False
    if _COMPARED.search(between) and _OTHERS.search(text, second.start, second.end + 5):
        return True
    if second.after.startswith(_TO_RECEIVE) and _RECEIVED.fullmatch(between):
        return True
    if second.kind == "bare":
        return False
    if is_screened(first) or _NOT_IN.search(text, first.start, second.start):
        return False
    if _ALONG.search(between) and CONTROLS.search(second.said):
        return True
    if not _BETWEEN.fullmatch(between):
        return False
    if "baseline" in between:  # and some of the same people later
        return False
    if between.endswith(", with ") and not _OTHERS.search(second.said):
        return False
    own = re.split(r"\b(?:who|whose|that)\b", _ASIDE.sub("", between), maxsplit=1)[0]
    return not _VERB.search(own)


def _sum(sentence: Sentence, chain: Sequence[tuple[Count, Candidate]]) -> Iterator[Candidate]:
    if len(chain) < 2 or "total" in chain[-1][0].before[-12:]:
        return
    numbers = tuple(count.n for count, _ in chain)
    if numbers[0] == sum(numbers[1:]) and len(numbers) > 2:
        return
    best = max((one for _, one in chain), key=lambda one: one.points)
    points = best.points + (1.6 if chain[0][0].kind == "listed" else 0.6)
    start, end = chain[0][0].start, chain[-1][0].end
    yield Candidate(sum(numbers), sentence, start, end, best.basis, points, numbers)


_MEN = re.compile(r"\b(?:fe)?males?$|\b(?:wo)?men$")


def _both_sexes(
    text: str, counts: Sequence[Count], single: Sequence[Candidate]
) -> Iterator[Candidate]:
    """Participants (16 males, 4 females)."""
    for position, (first, second) in enumerate(pairwise(counts)):
        if not first.depth or text[first.end : second.start] not in (", ", " and ", "; ", "/"):
            continue
        opened = text[: first.start].removesuffix("n=").removesuffix("n = ").endswith("(")
        if opened and _MEN.search(first.said) and _MEN.search(second.said):
            yield together(single[position : position + 2], 4.5)


# In a group each: how many groups there are stands elsewhere.
_PER_GROUP = re.compile(
    r"/(?:group|arm)|"
    r" ?(?:patients |subjects |participants )?(?:(?:in )?each|per (?:group|arm))\b|"
    r" (?:in|to) each (?:group|arm)"
)
_GROUPS = re.compile(r"\b(two|three|four|2|3|4) (?:[\w-]+ ){0,3}(?:groups|arms)\b")


_GROUPS_OF = re.compile(
    r"\b(two|three|four|2|3|4) (?:[\w-]+ )?groups (?:of|with|each of|comprising|consisted of) $"
)


def _each(whole: str, counts: Sequence[Count], single: Sequence[Candidate]) -> Iterator[Candidate]:
    """As many in each group, times the groups."""
    for count, one in zip(counts, single, strict=True):
        groups = _GROUPS_OF.search(count.before)
        if groups or (_PER_GROUP.match(count.after) and (groups := _GROUPS.search(whole))):
            arms = (one.n,) * (number(groups[1]) or 0)
            yield replace(one, n=sum(arms), points=one.points + 3, arms=arms)


# The same people at several steps of a study: n = 160 included, n = 157 treated.
_STEP = re.compile(
    r" (?:included|enrol+ed|treated|analy[sz]ed|completed|completers|randomi[sz]ed)\b"
)
_EACH = re.compile(
    r"\b(?:per|each|every|either) (?:\w+ )?(?:group|arm|condition|cohort|level)|\beach\b|"
    r"/(?:group|arm|dose)"
)


_AGAIN = re.compile(r",(?: and)? n ?= ?")  # n = 64, n = 50 and n = 44: at three times
_AND = re.compile(r"[^()]{0,12}\),? (?:and|or|versus|vs\.?|compared with) ")


def _arms(
    sentence: Sentence, text: str, counts: Sequence[Count], single: Sequence[Candidate]
) -> Iterator[Candidate]:
    """Several "n =" of a sentence, each an arm: their sum."""
    arms = [
        (count, one)
        for count, one in zip(counts, single, strict=True)
        if count.kind == "n"
        and not re.search(r"(?:%|percent)[,;]? ?\(?n ?= ?$", count.before)
        and not re.match(r"[,;] ?\d+(?:[.·]\d+)? ?%\)", count.after)
    ]
    if len(arms) < 2 or _EACH.search(text) or any(_STEP.match(count.after) for count, _ in arms):
        return
    numbers = tuple(count.n for count, _ in arms)
    between = text[arms[0][0].end : arms[-1][0].start]
    if 1 in numbers or ONCE_MORE.search(between) or _AGAIN.match(between):
        return
    total = sum(numbers)
    for whole in (0, -1):
        if len(numbers) == 2 and (
            _AND.match(text, arms[0][0].end) or all(is_part(count) for count, _ in arms)
        ):
            break  # two arms of the same size
        if 2 * numbers[whole] == total:
            if len(numbers) > 2:
                one = arms[whole][1]
                yield replace(one, points=one.points + 3)
            return
    if any(count.kind != "n" and count.n >= total for count in counts):
        return
    best = max((one for _, one in arms), key=lambda one: one.points)
    points = best.points + 1.0 + (4 if is_part(arms[0][0]) else 0)
    yield Candidate(total, sentence, arms[0][0].start, arms[-1][0].end, best.basis, points, numbers)
