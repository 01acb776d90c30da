"""Sums of groups in several sentences: parts of a paper, controls, and wholes told elsewhere."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from harvester.evidence.counts import Count
from harvester.evidence.groups import CONTROLS, Candidate, together
from harvester.evidence.parts import is_control, is_part

__all__ = ["agreeing", "controls", "numbered"]

# Parts of a paper that are told one after the other: study 1 and study 2.
_LABEL = re.compile(
    r"\b(?P<kind>study|experiment|arm|sample|cohort|group|part|trial) "
    r"(?P<name>1|2|3|4|one|two|three|i|ii|iii|a|b|c)\b[^.;%]{0,140}$"
)
_NAMED = re.compile(r"(?P<name>[\w-]+) (?P<kind>group|arm|cohort) \(n ?= ?$")
_SECOND = re.compile(
    r"\b(?:second|separate|additional|independent|confirmatory|validation|replication|another) "
    r"(?:[\w-]+ )?(?:study|sample|cohort|experiment|group)\b[^.;%]{0,140}$"
)


def numbered(told: Sequence[tuple[str, Count, Candidate]]) -> Iterator[Candidate]:
    """The parts of a paper that are numbered, and groups that are named, together."""
    labelled: dict[str, dict[str, tuple[tuple[int, int], Candidate]]] = {}
    arms: set[str] = set()
    for text, count, single in told:
        before = text[: count.start]
        if label := _LABEL.search(before) or _NAMED.search(before):
            # A part it is, of all groups that are named.
            one = replace(single, points=single.points + 4) if is_part(count) else single
            place = one.sentence.index, label.start()
            kind, name = label["kind"], label["name"]
            first, _ = labelled.setdefault(kind, {}).setdefault(name, (place, one))
            if first[0] == place[0] and first != place:
                arms.add(kind)  # each part is named in each arm
    for name, parts in labelled.items():
        if len(parts) > 1 and name not in arms:
            yield together(tuple(one for _, one in parts.values()), 1.0)


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
            if apart < 1 and not _SECOND.search(other_text[count.end : other.start]):
                continue
            if is_part(other) or not (is_control(other) or one.n / 4 <= other.n <= one.n * 4):
                continue
            if any(
                third.sentence is second.sentence and third.n + second.n == one.n
                for _, _, third in told
            ):
                continue  # arms of the whole that was told before
            near = other_text[max(0, other.start - 40 * (other.kind == "n")) : other.end]
            if (not everybody and (is_control(other) or CONTROLS.search(near))) or _SECOND.search(
                other_text[: other.start]
            ):
                yield together((one, second), 0.5)
                break


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
            yield replace(one, points=one.points + 3.5)
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
