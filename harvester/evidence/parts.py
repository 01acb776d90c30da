"""Numbers of people that are a part of the study's own, or of people who did not take part."""

import re

from harvester.evidence.counts import Count
from harvester.evidence.expressions import compiled

__all__ = ["ONCE_MORE", "is_control", "is_part", "is_screened"]

# Between two numbers: of the same people at another time.
ONCE_MORE = re.compile(r"\b(?:followed by|later|again|follow-up|time 2|wave 2)\b")
# Before or after the number: a part of the people, or people who did not take part.
_PART_BEFORE = compiled(
    r"\b(?:of whom|of these|of those|of which|of them|among (?:these|them|those|whom)|each (?:of|"
    r"comprising|with)|remaining|"
    r"additional|another|other|(?:subset|subgroup|subsample) of|"
    r"(?:validation|replication|test) (?:cohort|sample|set)(?: of| \(n ?=)|excluded|only|"
    r"responders?|"
    r"remitters|(?:[\d.]+ ?%|percent) ?\(?,? ?(?:n ?= ?)?|in each|each group|per group|"
    r"each arm|each (?:\w+ )?(?:group|arm) (?:contained|comprised|included|comprising|containing|"
    r"consisted of|consisting of|had|of))[ (,]*$|"
    r"(?:[,;(] ?|\b(?:patients|participants|subjects|people|adults|individuals|women|men|users|"
    r"volunteers|controls) )including[ (,]*$|"
    r"%[,;]? \(?n ?= ?$|\b(?:group|arm|subgroup|condition)s?(?: [a-z0-9]{1,3})? \(n ?= ?$"
)
_PART_AFTER = re.compile(
    r"(?: (?!(?:were|was|agreed|consented|participated|enrolled|randomi[sz]ed))(?:\w+ ){0,2})?"
    r"[(\[]\d+(?:[.·]\d+)? ?%(?: ?[);,\]]| of)|[,;] ?\d+(?:[.·]\d+)? ?%\)|"
    r"(?: in)? (?:the )?(?:[\w-]+ ){0,2}(?:group|arm|condition)\b|"
    r" (?:per|in each|in the) (?:\w+ )?(?:group|arm)| per (?:site|cent(?:er|re)|year|month|week)\b|"
    r",? (?!who|that|are |is |were reported)(?:[a-z]+ )?(?:responded|remitted|relapsed|achieved|"
    r"experienced|developed|"
    r"dropped|withdrew|discontinued|declined|died|exhibited|show(?:ed|s)|reported|improved|"
    r"met (?:the )?(?:response|remission)|required|refused|failed|returned|continued|attained|"
    r"had (?:a |an )?(?:\w+ )?(?:response|remission|adverse|relapse)|"
    r"were (?:lost|excluded|withdrawn|responders|remitters|classified))\b|"
    r" who (?:responded|remitted|achieved|relapsed|died|withdrew|discontinued|dropped|"
    r"developed)\b|"
    r" did not"
)


# Six (10%) patients; forty-four of 82 patients (54%).
_SHARE = re.compile(r"[\w-]+ \(\d+(?:[.·]\d+)? ?%\)")
_WHOLE = re.compile(
    r"\b(?:\d+|(?:[a-z]+[ -])?(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"[a-z]+teen|[a-z]+ty)) (?:out )?of (?:the )?$"
)
_SUBSET_N = re.compile(r"\b(?:subset|subgroup|subsample) of [^().;]{1,60}\(n ?= ?$")
_RESPONSE_RATE = re.compile(
    r"\b(?:response|completion|participation) rate (?:(?:was|of) [^()]{1,12})?\(n ?= ?$"
)
_WERE_IN = re.compile(r"\bwere (?:included|enrolled|recruited|randomi[sz]ed|analy[sz]ed)\b")
_TAKEN_IN = ("enrolled ", "recruited ", "included ", "randomized ", "randomised ", "assigned ")


def is_part(count: Count) -> bool:
    before = count.before[-36:]
    if count.kind == "n":
        if _RESPONSE_RATE.search(count.before):
            return False
        if _SUBSET_N.search(count.before):
            return True
    if _PART_BEFORE.search(before):
        return True
    if _SHARE.match(count.said):
        return not _WERE_IN.search(count.after)
    if _WHOLE.search(before):
        return False
    return bool(_PART_AFTER.match(count.after)) and not before.endswith(_TAKEN_IN)


# People who were asked, and may not have come.
_SCREENED = re.compile(
    r"screened(?! pos)|approached|assessed for eligibility|invited|referr|contacted|"
    r"potential participants|interest"
)
_SCREENING = re.compile(r"(?:screened|approached|invited|contacted)(?: \w+)? $")
_SENT = re.compile(
    r"\b(?:e-?mailed|mailed|sent|distributed|posted|circulated)(?: [\w-]+){0,5} to $"
)


def is_screened(count: Count) -> bool:
    return bool(
        _SCREENED.search(count.after[:50])
        or _SCREENED.search(count.said)
        or _SCREENING.search(count.before[-30:])
        or (count.before.endswith(" to ") and _SENT.search(count.before))
    )


_CONTROLS = re.compile(r"\b(?:controls|non-?users|hcs)\b")
_CONTROLS_N = re.compile(r"\b(?:controls|non-?users)(?: without \w+)? \(n ?= ?$")
_AS_CONTROLS = re.compile(r" (?:were (?:\w+ ){1,2}as|served as|acted as) (?:\w+ ){0,2}controls\b")


def is_control(count: Count) -> bool:
    if count.kind == "n":
        return bool(_CONTROLS_N.search(count.before))
    return bool(_CONTROLS.search(count.said) or _AS_CONTROLS.match(count.after))
