"""Numbers of people in a record: where each stands, and what the words around it say it counts."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harvester.evidence.numbers import Number, find_numbers
from harvester.evidence.passages import Passages, Sentence

__all__ = ["PER_STUDY", "Count", "counts_by_sentence"]

_PEOPLE = (
    r"patients?|participants?|subjects|adults|women|men|volunteers?|individuals|people|persons|"
    r"adolescents|children|veterans|mothers|parturients|(?:in|out)-?patients|[\w-]*users?|"
    r"respondents|males?|females?|students|undergraduates|[\w-]*controls|cases|probands|infants|"
    r"neonates|boys|girls|youths?|teenagers|workers|[\w-]*smokers|drinkers|[\w-]*survivors|clients|"
    r"attendees|physicians|psychiatrists|clinicians|nurses|therapists|twins|[\w-]*consumers|"
    r"abusers|addicts|alcoholics|completers|[\w-]*recipients|employees|caregivers|carriers|"
    r"soldiers|prisoners|enrollees|beneficiaries|humans|callers|ss|year-olds|olds|microdosers|"
    r"[\w-]*learners|residents|trainees|seekers|parents|fathers|teachers|dentists|pharmacists|"
    r"doctors|professionals|providers|practitioners|psychologists|novices|hcs?|hvs?|hcws?|inmates|"
    r"officers|enforcers|firefighters|staff|personnel|athletes|meditators|facilitators|migrants|refugees|"
    r"citizens|farmers|drivers|relatives|newborns|[\w-]*donors|members|informants|"
    r"interviewees|singletons|graduates|candidates|admissions|\w+(?:ologists|iatrists|arians)"
)
# Words that do not stand between a number and the people whom it counts.
_NEVER = (
    r"groups?(?! (?:participants|patients|subjects|members))|"
    r"of|in|with|to|had|have|has|were|was|are|is|from|years?|months?|days?|weeks?|hours?|hrs?|h|"
    r"min|mins|minutes?|mg|kg|mcg|µg|μg|ml|cm|mm|percent|studies|trials?|rcts?|articles|papers|"
    r"reviews|sessions?|doses|infusions|injections|treatments|sites|cent(?:er|re)s|hospitals|"
    r"countries|cities|clinics|points?|items?|times|arms|cohorts|who|that|which|after|"
    r"or|before|between|during|by|per|for|on|at|as|than|among|received|completed|underwent|records|"
    r"weekly|hourly|questions|scales|reports|databases|cycles|experiments|phases|steps|trained|"
    r"unblinded|independent|follow-up|rats?|mice|mouse|monkeys?|macaques|dogs|sheep|pigs|rabbits|"
    r"targeting|examining|evaluating|assessing|investigating|exploring|focusing|studying"
)
# Sixty American Society of Anesthesiologists physical status I and II patients.
_SOCIETY = r"american society of ana?esthesiologists?'?"
_COUNTED = re.compile(
    rf"[ \u00a0](?:(?!(?:{_NEVER})\b|[0-9]+(?:\b(?![,‐-])|"
    rf",(?![0-9])))(?:\([^()]{{1,30}}\)|{_SOCIETY}|[^\s;:]+)[ \u00a0]){{0,7}}?"
    rf"(?:[a-z]+-)?(?:{_PEOPLE})\b"
    r"(?! (?:[\w-]+ ){0,2}(?:rats?|mice|mouse|rhesus|monkeys|macaques|dogs|pigs|"
    r"rabbits|sheep)\b)"
)
_N_IS = re.compile(r"\bn\s?(?:=|≈|:|of)\s?$")
_NOT_PEOPLE = re.compile(
    r"\s?(?:[\w-]+ ){0,3}?(?:studies|trials|rcts?|articles|papers|reports|infusions|sessions|"
    r"treatments|administrations|doses|sites|records|reviews|publications|scans|samples|animals|"
    r"pharmacies|facilities|households|companies|restaurants|eyes|teeth|knees|lesions|tumou?rs|"
    r"specimens|websites|videos|stores|clubs|schools|villages|clusters|practices|wards|clinics|units|families|homes|hospitals|"
    r"visits|cts|hits|results|references|questions|items|cells|neurons|genes|sources|posts|tweets|"
    r"citations|abstracts|works|manuscripts|days|hospitals|cent(?:er|re)s|variables|questionnaires|"
    r"rats|mice|percent|years|months|weeks|days|points|hours|minutes|(?:ketamine|"
    r"esketamine) treat)\b"
)
_STATISTIC = re.compile(r"(?:\bp ?[=<>≤]|±|\+/[-−]) ?[\d.]+[,;] n ?= ?$")
_TOTAL_WORDS = ("total", "sample", "overall", "cohort", "group", "series", "data")
# In a review: how many people an outcome was pooled from.
_POOLED = re.compile(
    r",? (?:studies|trials|rcts|k|or|rr|hr|smd|md|wmd|g|d) ?[=:\[\d]|; (?:\d+ )?(?:studies|trials|"
    r"rcts)"
)
_OF_THINGS = re.compile(
    r"(?:cities|countries|studies|trials|sites|sessions|eyes|events|samples|scans|infusions|items|"
    r"articles|reports|posts|rats|mice|couples|items|cells)\b[^.()\d]{0,12}\(?n ?= ?$"
)
_TOTAL = re.compile(
    r"(?:\b(?:total(?: sample)?(?: size)?|sample(?: size)?|overall|cohort|group|series|data)"
    r"(?: size)? (?:of|was|is|comprised|included|from|consisted of)|\bin total,?|\btotal(?:l?ing)?|"
    r"\bfinal sample,?)(?: about| approximately| up to| n)? $"
)
_ALONE = re.compile(
    r"$|[,.;:)\]]| [(\[]| (?:were|was|with|who|and|participated|completed|had|have|from|in|at|met|"
    r"did|of (?:the|our) (?:respondents|participants|patients|people|subjects))\b"
)
# A number alone, or of people by another name, with what was done to those whom it counts.
_BARE = re.compile(
    rf"(?: (?!(?:{_NEVER}|and|ms|hz)\b)[\w'’-]+){{0,5}}(?: \([^()]{{1,50}}\))? "
    r"(?:were|was|will be) (?:then )?"
    r"(?:randomi[sz]ed|enrolled|recruited|randomly|assessed|included|assigned)\b|"
    r" (?:(?:were|was|have been|are|actually|subsequently|eventually|finally|then) )+"
    r"(?:treated|analy[sz]ed|allocated|evaluable|eligible|screened|invited)\b|"
    r" (?:randomi[sz]ed to|enrolled|consented|completed|participated|received|entered|randomly|"
    r"analy[sz]ed|assigned to)\b(?!,)"
)
# What makes a number not a count of people: an age, a day, a year, a part of a whole.
_NO_COUNT = frozenset(
    """day week month year hour minute visit phase grade aged age ages item items stage stages type
    version dsm icd panel table level levels figure score scores session dose section january
    february march april may june july august september october november december first last every
    least step aim objective than case part arm study trial experiment class wave per < > ≥ ≤
    =""".split()
)
_NONE = ("score of ", "representative of ", "coronavirus disease ")
_AGED = re.compile(r"\bage[ds]?(?: range)?(?: of| from| between)? \d+ (?:to|and|through) $")
_ANSWERED = re.compile(r"\b(?:completed|answered|filled in|returned|reported|used) by $")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_BEFORE_A_YEAR = frozenset(
    """in since until to and from between through before after during of early late for
    the jan feb mar apr jun jul aug sep sept oct nov dec""".split()
)
# An arm of a trial, in a sentence that says how people were assigned.
_ARM = re.compile(
    r" (?:(?:were |was )?(?:assigned |allocated |randomi[sz]ed )?to (?:receive |the |placebo|"
    r"[a-z]+)|"
    r"in(?:to)? (?:the|an?) (?:[\w-]+ ){1,4}(?:group|arm)|(?:received|receiving) )"
)
_IN_ARM = re.compile(r" in the (?:[\w-]+ ){1,4}(?:group|arm)\b")
_ASSIGNED = ("random", "assigned", "allocated", "divided")
# Users (20), ex-users (19) and controls (21); 30 who had taken it and 30 who had not.
_PARENTHESES = re.compile(r"\([0-9]{1,4}\)")
_IN_PARENTHESIS = re.compile(rf"\b(?:{_PEOPLE}) \($")
_WHO_NOT = re.compile(r" who (?:had|did|have|were|reported) (?:not|never|no)\b")
_LISTED = re.compile(
    rf"(?: (?!(?:{_NEVER})\b)[^\s;:.,()]+){{1,6}}(?: \([^()]*\))?,? (?:and |or |versus |vs\.? )?$"
)
# By whom something was rated, not of whom.
_RATERS = re.compile(
    r"psychiatr|psycholog|physician|clinician|doctor|nurs|therapist|pharmac|profess"
)
_MANY_RATERS = 12
_RANGE = re.compile(r"\bbetween \d+ (?:and|to) $")
# A survey counts those who answered by their answers.
_ANSWERS = re.compile(r" (?:[\w-]+ ){0,2}(?:responses|questionnaires|surveys)\b")
_GIVEN = re.compile(r" were (?:\w+ )?(?:received|recorded|collected|obtained|returned|completed)\b")
_WITH_ANSWERS = (
    " with ",
    "there were ",
    " received ",
    " yielded ",
    " obtained ",
    " collected ",
    " returned ",
)
# The participants were 401.
_WERE = re.compile(r"(?<!of )(?<!of the )\b(?:participants|respondents|patients|subjects) were $")
# Nine studies (n = 281): more than studies.
_STUDIES_OF = re.compile(r" (?:[\w-]+ ){0,3}(?:studies|trials|rcts) \(n ?= ?$")
PER_STUDY = 4  # people, at the least


@dataclass(frozen=True, slots=True)
class Count:
    """A number of people, from `start` to `end` of its sentence's text.

    `kind` is how it is said: "people" (20 patients), "n" (n = 20), "total" (a sample of 20),
    "bare" (20 were randomised), "arm" (20 to placebo) or "listed" (the first of: 20 medicated and
    20 unmedicated patients). `depth` is how many parentheses it stands in; `before` and `after`
    are the words up to the numbers beside it, `beyond` those after a parenthesis that follows.
    """

    n: int
    kind: str
    start: int
    end: int
    depth: int
    before: str
    said: str
    after: str
    beyond: str


Found = tuple[Number, str, int]  # number, kind, where its words end


def counts_by_sentence(passages: Passages) -> Iterator[tuple[Sentence, str, tuple[Count, ...]]]:
    """The sentences that count people, in their order, in small letters, with their counts."""
    numbers: dict[int, list[Number]] = {}
    own = _own_background(passages)
    for number in find_numbers(passages.folded):
        sentence, place = passages.at(number.start)
        if sentence.part == "background" and not (own and sentence.index >= own):
            continue
        moved = Number(place, place + number.end - number.start, number.value)
        numbers.setdefault(sentence.index, []).append(moved)
    for index in sorted(numbers):
        sentence = passages.sentences[index]
        start = passages.starts[index]
        text = passages.folded[start : start + len(sentence.text)]
        if found := _people(text, sorted(numbers[index])):
            yield sentence, text, tuple(_with_words(text, found))


# With these words a background turns to the authors' own study.
_OWN = re.compile(
    r"\b(?:this|present|current) (?:[\w-]+ ){0,4}(?:study|trial|survey|analysis)\b|\bwe "
)


def _own_background(passages: Passages) -> int | None:
    """Where an abstract that has no methods tells them at the end of its background."""
    parts = {sentence.part for sentence in passages.sentences}
    if "background" not in parts or parts & {"methods", "text"}:
        return None
    return next(
        (
            sentence.index
            for sentence in passages.of("background")
            if _OWN.search(sentence.text.lower())
        ),
        None,
    )


def _people(text: str, numbers: Sequence[Number]) -> list[Found]:
    found: list[Found] = []
    assigned = any(word in text for word in _ASSIGNED)
    named = len(_PARENTHESES.findall(text)) > 1
    for position, number in reversed(list(enumerate(numbers))):
        before = text[max(0, number.start - 40) : number.start]
        if _N_IS.search(before[-6:]):
            found.extend(_after_n(text, number, before))
            continue
        *_, word = ("", *before.split())
        if _is_no_count(number, before, word, text):
            continue
        match = _COUNTED.match(text, number.end)
        if word in ("by", "between") and not _is_sample(word, number, match, before):
            continue
        if match:
            found.append((number, "people", match.end()))
        elif named and _IN_PARENTHESIS.search(before) and text.startswith(")", number.end):
            found.append((number, "n", number.end))
        elif _WHO_NOT.match(text, number.end):
            found.append((number, "people", number.end))
        elif _ends_a_total(text, number, before):
            found.append((number, "total", number.end))
        elif _BARE.match(text, number.end) and not _NOT_PEOPLE.match(text, number.end):
            found.append((number, "bare", number.end))
        elif answers := _answers(text, number, before):
            found.append((number, "bare", answers.end()))
        elif (_ARM if assigned else _IN_ARM).match(text, number.end):
            found.append((number, "arm", number.end))
        elif (
            found
            and found[-1][1] in ("people", "listed")
            and numbers[position + 1] is found[-1][0]
            and _LISTED.fullmatch(text, number.end, found[-1][0].start)
        ):
            found.append((number, "listed", number.end))
    return found[::-1]


def _after_n(text: str, number: Number, before: str) -> Iterator[Found]:
    """After "n =": N = 20 users in the text counts them as 20 users does."""
    if _NOT_PEOPLE.match(text, number.end) or _POOLED.match(text, number.end):
        return
    if _STATISTIC.search(before):
        return
    if _OF_THINGS.search(before) and not _in_studies(number, before):
        return
    match = _COUNTED.match(text, number.end)
    if match and (not _depth(text, number.start) or _SEX.match(text, number.end)):
        yield number, "people", match.end()
    else:
        yield number, "n", number.end


_SEX = re.compile(r" (?:(?:wo)?men|(?:fe)?males),")


def _is_no_count(number: Number, before: str, word: str, text: str) -> bool:
    if (word == "least" and " will " in text) or before.endswith("more than "):
        return False
    if word in _NO_COUNT or before.endswith(_NONE) or _RANGE.search(before):
        return True
    if word in ("to", "and", "through") and _AGED.search(before):
        return True
    return _is_year(number, before, word, text)


def _is_sample(word: str, number: Number, people: re.Match[str] | None, before: str) -> bool:
    """Whether people answered or differ (by 20 users, between 20 users and others)."""
    if people and (
        word == "between" or number.value > _MANY_RATERS or not _RATERS.search(people[0])
    ):
        return True
    return word == "by" and bool(_ANSWERED.search(before))


def _answers(text: str, number: Number, before: str) -> re.Match[str] | None:
    answers = _ANSWERS.match(text, number.end)
    if answers and (before.endswith(_WITH_ANSWERS) or _GIVEN.match(text, answers.end())):
        return answers
    return None


def _in_studies(number: Number, before: str) -> bool:
    """Whether it counts the people of so many studies."""
    return any(
        number.value >= PER_STUDY * studies.value
        for studies in find_numbers(before)
        if _STUDIES_OF.match(before, studies.end)
    )


def _is_year(number: Number, before: str, word: str, text: str) -> bool:
    """After "and" and "to" a year follows only another one; 1944 may be people."""
    if not 1900 <= number.value <= 2040 or word not in _BEFORE_A_YEAR:
        return False
    return word not in ("and", "to") or bool(
        _YEAR.search(before) or not _ARM.match(text, number.end)
    )


def _ends_a_total(text: str, number: Number, before: str) -> bool:
    if text.startswith((".", ";"), number.end) and _WERE.search(before):
        return True
    return (
        any(word in before for word in _TOTAL_WORDS)
        and bool(_TOTAL.search(before))
        and bool(_ALONE.match(text, number.end))
    )


def _depth(text: str, place: int) -> int:
    """In how many parentheses the place is."""
    return text.count("(", 0, place) - text.count(")", 0, place)


_REACH = 90  # characters
_ASIDE = re.compile(r"\([^()]*\)")
_FIGURE = re.compile(r"\d")


def _with_words(text: str, found: Sequence[Found]) -> Iterable[Count]:
    for position, (number, kind, end) in enumerate(found):
        left = found[position - 1][2] if position else 0
        right = found[position + 1][0].start if position + 1 < len(found) else len(text)
        depth = _depth(text, number.start)
        after, beyond = text[end : min(right, end + _REACH)], ""
        if depth and kind != "n":
            after = after.partition(")")[0]
        elif aside := _ASIDE.match(text, end + 1):
            beyond = text[aside.end() : aside.end() + _REACH]
            beyond = beyond[: min((c.start() for c in _FIGURE.finditer(beyond)), default=_REACH)]
        yield Count(
            n=number.value,
            kind=kind,
            start=number.start,
            end=end,
            depth=depth,
            before=text[max(left, number.start - _REACH) : number.start],
            said=text[number.start : end],
            after=after,
            beyond=beyond,
        )
