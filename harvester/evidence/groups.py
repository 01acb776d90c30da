"""Sums of groups: numbers of people that only together are a study's own.

Groups side by side (19 users and 21 controls), arms (n = 20 and n = 21), so many in each group, and
parts told one after the other (study 1 and study 2).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harvester.evidence.counts import Count
from harvester.evidence.numbers import number
from harvester.evidence.passages import Sentence

__all__ = ["Candidate", "agreeing", "controls", "groups", "is_part", "numbered"]


@dataclass(frozen=True, slots=True)
class Candidate:
    n: int
    sentence: Sentence
    start: int
    end: int
    basis: str
    points: float
    arms: tuple[int, ...] = ()


# Before or after the number: a part of the people, or people who did not take part.
_PART_BEFORE = re.compile(
    r"\b(?:of whom|of these|of those|of which|of them|among (?:these|them|those|whom)|each (?:of|"
    r"comprising|with)|remaining|"
    r"additional|another|other|subset of|subgroup of|subsample of|excluded|only|"
    r"responders?|"
    r"remitters|(?:[\d.]+ ?%|percent) ?\(?,? ?(?:n ?= ?)?|in each|each group|per group|"
    r"each arm|each (?:\w+ )?(?:group|arm) (?:contained|comprised|included|comprising|containing|"
    r"consisted of|consisting of|had|of))[ (,]*$|"
    r"(?:[,;(] ?|\b(?:patients|participants|subjects|people|adults|individuals|women|men|users|"
    r"volunteers|controls) )including[ (,]*$|"
    r"%[,;]? \(?n ?= ?$|\b(?:group|arm|subgroup|condition)s? \(n ?= ?$"
)
_PART_AFTER = re.compile(
    r"(?: (?!(?:were|was|agreed|consented|participated|enrolled|randomi[sz]ed))(?:\w+ ){0,2})?"
    r"[(\[]\d+(?:[.·]\d+)? ?%(?: ?[);,\]]| of)|[,;] ?\d+(?:[.·]\d+)? ?%\)|"
    r"(?: in)? (?:the )?(?:[\w-]+ ){0,2}(?:group|arm|condition)\b|"
    r" (?:per|in each|in the) (?:\w+ )?(?:group|arm)|"
    r",? (?!who|that)(?:[a-z]+ )?(?:responded|remitted|relapsed|achieved|experienced|developed|"
    r"dropped|withdrew|discontinued|declined|died|exhibited|show(?:ed|s)|reported|improved|"
    r"met (?:the )?(?:response|remission)|required|refused|failed|returned|continued|attained|"
    r"had (?:a |an )?(?:\w+ )?(?:response|remission|adverse|relapse)|"
    r"were (?:lost|excluded|withdrawn|responders|remitters|classified))\b|"
    r" who (?:responded|remitted|achieved|relapsed|died|withdrew|discontinued|dropped|"
    r"developed)\b|"
    r" did not"
)


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


# Parts of a paper that are told one after the other: study 1 and study 2.
_LABEL = re.compile(
    r"\b(study|experiment|arm|sample|cohort|group|part|trial) "
    r"(1|2|3|4|one|two|three|i|ii|iii|a|b|c)\b[^.;%]{0,140}$"
)
_SECOND = re.compile(
    r"\b(?:second|separate|additional|independent|confirmatory|validation|replication|another) "
    r"(?:[\w-]+ )?(?:study|sample|cohort|experiment|group)\b[^.;%]{0,140}$"
)


def numbered(told: Sequence[tuple[str, Count, Candidate]]) -> Iterator[Candidate]:
    """The parts of a paper that are numbered, together."""
    labelled: dict[str, dict[str, tuple[tuple[int, int], Candidate]]] = {}
    arms: set[str] = set()
    for text, count, one in told:
        if label := _LABEL.search(text[: count.start]):
            place = one.sentence.index, label.start()
            first, _ = labelled.setdefault(label[1], {}).setdefault(label[2], (place, one))
            if first[0] == place[0] and first != place:
                arms.add(label[1])  # each part is named in each arm
    for name, parts in labelled.items():
        if len(parts) > 1 and name not in arms:
            yield _together(tuple(one for _, one in parts.values()), 1.0)


_CONTROLS = re.compile(r"control|comparison|non-?users|naive|naïve|unaffected|healthy|\bhcs?\b")
_ALL = re.compile(
    r"participants|individuals|volunteers|control|healthy|people|total|persons|"
    r"respondents"
)


def controls(told: Sequence[tuple[str, Count, Candidate]]) -> Iterator[Candidate]:
    """People and others in a later sentence, their controls or a second sample: all took part."""
    for position, (text, count, one) in enumerate(told):
        if one.points < 2 or one.basis == "randomized" or count.kind not in ("people", "n"):
            continue
        everybody = _ALL.search(text, max(0, count.start - 40), count.end)
        for other_text, other, second in told[position + 1 :]:
            apart = second.sentence.index - one.sentence.index
            if apart > 4:
                break
            if apart < 1 or is_part(other) or not one.n / 4 <= other.n <= one.n * 4:
                continue
            if any(
                third.sentence is second.sentence and third.n + second.n == one.n
                for _, _, third in told
            ):
                continue  # arms of the whole that was told before
            near = other_text[max(0, other.start - 40 * (other.kind == "n")) : other.end]
            if (not everybody and _CONTROLS.search(near)) or _SECOND.search(
                other_text[: other.start]
            ):
                yield _together((one, second), 0.5)
                break


def _together(parts: Sequence[Candidate], more: float) -> Candidate:
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
        if count.kind == "arm" or _ASSIGNED.match(count.after)
    ]
    if _LOST.search(arms[0].sentence.text.lower() if arms else ""):
        return
    if len(arms) > 1 and 2 * arms[0].n != sum(one.n for one in arms):
        yield _together(arms, 5.0 if all(_is_arm(one) for one in arms) else 1.0)


_LOST = re.compile(r"\blost to follow|\bwithdr[ae]w|\bdropped out|\bdid not\b|\bdiscontinued")


def _is_arm(one: Candidate) -> bool:
    return one.points < 0


def agreeing(candidates: Sequence[Candidate]) -> Iterator[Candidate]:
    """A number that groups told elsewhere add up to is the whole, and they are its parts."""
    told: dict[int, list[int]] = {}
    for one in candidates:
        if not one.arms:
            told.setdefault(one.sentence.index, []).append(one.n)
    numbers = {one.n for one in candidates if one.n > 5 and not one.arms}
    sums = _sums(told)
    wholes = numbers & sums.keys()
    # The men and women of each arm make the arm, and the arms the whole.
    arms = _sums({index: [n for n in of if n in wholes] for index, of in told.items()})
    if larger := numbers & arms.keys():
        sums |= arms
        wholes = wholes - {part for n in larger for part in arms[n][1]} | larger
    parts = {(sums[n][0], part) for n in wholes for part in sums[n][1]}
    for one in candidates:
        if one.n in wholes if not one.arms else wholes.intersection(one.arms):
            yield replace(one, points=one.points + 2.5)
        elif (one.sentence.index, one.n) in parts:
            yield replace(one, points=one.points - 2.5)
        else:
            yield one


def _sums(told: Mapping[int, Sequence[int]]) -> dict[int, tuple[int, Sequence[int]]]:
    """What numbers side by side in a sentence add up to, with the sentence and the numbers."""
    return {
        sum(numbers[first : first + size]): (index, numbers[first : first + size])
        for index, numbers in told.items()
        for size in (2, 3, 4)
        for first in range(len(numbers) - size + 1)
    }


_BETWEEN = re.compile(
    r"(?:[^.()]|\([^()]*\)){0,160}?(?:[,;] ?|\band |\bversus |\bvs\.? |\bwith |\bto |\bor |"
    r"\bplus |\bfrom )"
    r"(?:[\w'’-]+ ){0,5}"
)
_COMPARED = re.compile(r"\bcompared (?:with|to)(?: those of)?(?: \w+)? $")
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
        if count.depth == 0 and count.kind in ("people", "listed", "total")
    ]
    chain: list[tuple[Count, Candidate]] = []
    for count, one in top:
        if chain and _joins(text, chain[-1][0], count) and not is_part(count):
            chain.append((count, one))
            continue
        yield from _sum(sentence, chain)
        chain = [] if is_part(count) else [(count, one)]
    yield from _sum(sentence, chain)


# Six (10%) patients; forty-four of 82 patients (54%).
_SHARE = re.compile(r"[\w-]+ \(\d+(?:[.·]\d+)? ?%\)")
_WHOLE = re.compile(
    r"\b(?:\d+|(?:[a-z]+[ -])?(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"[a-z]+teen|[a-z]+ty)) of (?:the )?$"
)
_TAKEN_IN = ("enrolled ", "recruited ", "included ", "randomized ", "randomised ", "assigned ")


def is_part(count: Count) -> bool:
    before = count.before[-36:]
    if _PART_BEFORE.search(before) or _SHARE.match(count.said):
        return True
    if _WHOLE.search(before):
        return False
    return bool(_PART_AFTER.match(count.after)) and not before.endswith(_TAKEN_IN)


def _joins(text: str, first: Count, second: Count) -> bool:
    between = text[first.end : second.start]
    if re.search(r"(?:^|[.,;:] )(?:of|among|out of)(?: the| these| all)? $", text[: first.start]):
        return False
    if _COMPARED.search(between) and _CONTROLS.search(text, second.start, second.end):
        return True
    if _NOT_IN.search(text, max(0, first.start - 30), second.start):
        return False
    if not _BETWEEN.fullmatch(between):
        return False
    own = re.split(r"\b(?:who|whose|that)\b", between, maxsplit=1)[0]
    return not _VERB.search(own)


def _sum(sentence: Sentence, chain: Sequence[tuple[Count, Candidate]]) -> Iterator[Candidate]:
    if len(chain) < 2:
        return
    numbers = tuple(count.n for count, _ in chain)
    if numbers[0] == sum(numbers[1:]) and len(numbers) > 2:
        return
    best = max((one for _, one in chain), key=lambda one: one.points)
    points = best.points + (1.6 if chain[0][0].kind == "listed" else 0.6)
    start, end = chain[0][0].start, chain[-1][0].end
    yield Candidate(sum(numbers), sentence, start, end, best.basis, points, numbers)


# In a group each: how many groups there are stands elsewhere.
_PER_GROUP = re.compile(
    r"/(?:group|arm)|"
    r" ?(?:patients |subjects |participants )?(?:(?:in )?each|per (?:group|arm))\b|"
    r" (?:in|to) each (?:group|arm)"
)
_GROUPS = re.compile(r"\b(two|three|four|2|3|4) (?:[\w-]+ ){0,3}(?:groups|arms)\b")


def _each(whole: str, counts: Sequence[Count], single: Sequence[Candidate]) -> Iterator[Candidate]:
    """As many in each group, times the groups."""
    for count, one in zip(counts, single, strict=True):
        if _PER_GROUP.match(count.after) and (groups := _GROUPS.search(whole)):
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
    if 1 in numbers:
        return
    total = sum(numbers)
    for whole in (0, -1):
        if len(numbers) == 2 and _AND.match(text, arms[0][0].end):
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
