"""The facts of an invented study, drawn once, so that title, numbers and design agree."""

from collections.abc import Mapping
from math import erf, sqrt, tanh
from typing import Any

from sample.compose import Kit
from sample.draw import Draw, in_words

__all__ = ["clinical_facts", "count", "setting_facts", "single_results", "trial_results"]

Facts = dict[str, Any]

_TIMES = {
    "1h": "one hour", "4h": "four hours", "24h": "24 hours", "1d": "one day", "3d": "three days",
    "7d": "seven days", "2w": "two weeks", "4w": "four weeks", "6w": "six weeks",
    "8w": "eight weeks", "12w": "12 weeks", "24w": "24 weeks",
}  # fmt: skip
_COURSES = {
    "single": "single-dose",
    "six": "repeated",
    "twice": "twice-weekly",
    "maintenance": "maintenance",
}
_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_COUNTRIES = {"us": "the United States", "gb": "the United Kingdom", "nl": "the Netherlands"}
_AGED = {"older": " aged 60 years or over", "adolescents": " aged 13 to 17 years"}
_FADING = ("the effect had faded by four weeks", "relapse after treatment was not studied")
# z values of the difference; a negative one favours the drug
_OUTCOMES = {
    "positive": (-4.2, -2.3),
    "inferior": (2.2, 3.2),
    "mixed": (-1.5, -0.5),
    "null": (-1.5, 0.8),
    "noninferior": (-0.6, 0.6),
}


def count(part: int, whole: int) -> str:
    """`18 of 36 (50%)`."""
    return f"{part} of {whole} ({round(100 * part / whole)}%)"


def setting_facts(kit: Kit, draw: Draw, year: int, place: str, journal: str) -> Facts:
    """Spelling, dates and country: what any study has."""
    begun = year - draw.whole(3, 4)
    z = kit.spelling(journal)
    return {
        "z": z,
        "randomised": f"randomi{z}ed",
        "randomise": f"randomi{z}e",
        "a_randomised": f"a randomi{z}ed",
        "random": "random",
        "randomly": "randomly",
        "start": f"{draw.pick(_MONTHS)} {begun}",
        "end": f"{draw.pick(_MONTHS)} {begun + draw.whole(1, 2)}",
        "month_year": f"{draw.pick(_MONTHS)} {year - 1}",
        "country": _COUNTRIES.get(place, kit.words["places"][place][0]),
    }


def clinical_facts(kit: Kit, draw: Draw, row: Mapping[str, str], journal: str) -> Facts:
    """Who, what, how much, how long and how measured; `base`, `spread` and `size` are numbers."""
    words = kit.words
    n = int(row.get("n", 50))
    drug = words["treatments"][row["treatment"]]
    unit = drug["unit"]
    dosing = {"dose": draw.pick(drug["doses"]), "minutes": draw.pick(drug.get("minutes", [40]))}
    condition, population = row["condition"], row["population"]
    healthy = condition == "volunteers"
    illness = "" if healthy else draw.pick(words["conditions"][condition]["words"])
    who, age, low, high, _ = words["populations"][population]
    people = f"{who} with {illness}" if illness else who
    short, long, base, spread, remission = words["scales"][row.get("scale", "madrs")]
    comparator, control, masking = words["comparators"][row.get("comparator", "none")]
    article = "an" if masking.startswith("open") else "a"
    course = row.get("course", "single")
    centres = f"{in_words(draw.whole(2, 5) + n // 60)} centres" if n > 60 else "one centre"
    women = draw.whole(10, 24) if population == "veterans" else draw.whole(46, 68)
    median = draw.whole(5, 6) if course == "six" else draw.whole(7, 16)
    sessions = "" if course == "single" else f"; a median of {median} {unit}s was given"
    return setting_facts(kit, draw, int(row["year"]), row["place"], journal) | {
        "drug": drug["drug"],
        "treatment": draw.pick(drug["name"]),
        "given": _small(draw.say(drug["given"], dosing)),
        "unit": unit,
        "course": _small(draw.say(words["courses"][course], {"unit": unit})),
        "course_title": _COURSES[course],
        "comparator": comparator,
        "control": control,
        "masking": masking,
        "a_masking": f"{article} {masking}",
        "condition": illness or "healthy volunteers",
        "people": people,
        "aged": _AGED.get(population, ""),
        "a_person": _one(draw, population),
        "n": n,
        "n1": (n + 1) // 2,
        "n2": n // 2,
        "n_words": in_words(n),
        "n_people": f"{in_words(n)} {people}" if n < 100 else f"a total of {n:,} {people}",
        "screened": n + max(3, round(n * draw.between(0.2, 0.9))),
        "ratio": "in equal numbers" if n % 2 == 0 else "in a 1:1 ratio",
        "sites": centres.replace("centre", "center") if kit.spelling(journal) == "z" else centres,
        "age": f"{age + draw.between(-3, 3):.1f}" if age > 20 else f"{age + draw.share():.1f}",
        "gender": "all women" if population in ("mothers", "women") else f"{women}% women",
        "low_age": max(low, age - draw.whole(6, 14)),
        "high_age": min(high, age + draw.whole(5, 16)),
        "scale": short,
        "scale_long": long,
        "remission": remission,
        "time": _TIMES[row.get("time", "24h")],
        "months": draw.whole(3, 12),
        "counted": sessions,
        "fading": _FADING[row.get("time", "24h") in ("4w", "6w", "8w", "12w", "24w")],
        "failed": in_words(draw.whole(3, 7)),
        "rise": draw.whole(7, 19),
        "base": base + draw.between(-2, 2),
        "spread": spread,
        "size": n,
    }


def _small(text: str) -> str:
    """The first letter small again, unless it begins an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _one(draw: Draw, population: str) -> str:
    match population:
        case "adolescents":
            return draw.pick(["a 16-year-old", "an adolescent"])
        case "older":
            return draw.pick(["a man in his seventies", "a woman in her late sixties"])
        case "mothers":
            return "a new mother"
        case "veterans":
            return "a military veteran"
    decade = draw.pick(["twenties", "thirties", "forties", "fifties"])
    return f"{draw.pick(['a woman in her', 'a man in his'])} {decade}"


def harm_counts(draw: Draw, n: int) -> Facts:
    """How many of n had a common, a less common and a rare event."""

    def part(low: float, high: float) -> str:
        return count(max(1, round(n * draw.between(low, high))), n)

    return {"many": part(0.4, 0.7), "some": part(0.12, 0.3), "few": part(0.01, 0.08)}


def trial_results(draw: Draw, facts: Facts, result: str, minus: str, *, crossover: bool) -> Facts:
    """Scores, intervals and counts of two groups that fit the result."""
    base, spread, n = facts["base"], facts["spread"], facts["size"]
    n1, n2 = (n, n) if crossover else (facts["n1"], facts["n2"])
    error = spread * sqrt(1 / n1 + 1 / n2) * (0.7 if crossover else 1)
    difference = draw.between(*_OUTCOMES[result]) * error
    difference = max(-0.5 * base, min(0.4 * base, difference))
    fall2 = base * draw.between(0.18, 0.3) + max(0.0, difference)
    fall1 = fall2 - difference
    hits1, hits2 = (
        round(n * min(0.85, max(0.06, fall / base * 1.05 - 0.08)))
        for fall, n in ((fall1, n1), (fall2, n2))
    )
    well = draw.between(0.5, 0.7)
    upper = difference + 1.96 * error
    return {
        "diff": _signed(difference, minus),
        "low": _signed(difference - 1.96 * error, minus),
        "high": _signed(upper, minus),
        "p": _p(difference / error),
        "f1": f"{fall1:.1f}",
        "f2": f"{fall2:.1f}",
        "c1": _signed(-fall1, minus),
        "c2": _signed(-fall2, minus),
        "r1": count(hits1, n1),
        "r2": count(hits2, n2),
        "m1": count(round(hits1 * well), n1),
        "m2": count(round(hits2 * well), n2),
        "margin": f"{max(upper + 0.4, 3.0):.1f}",
        **_correlations(draw, n, minus),
        **harm_counts(draw, n1),
    }


def single_results(draw: Draw, facts: Facts, result: str, minus: str) -> Facts:
    """The same for a study with one group."""
    base, n = facts["base"], facts["size"]
    good = result == "positive"
    fall = base * (draw.between(0.38, 0.55) if good else draw.between(0.08, 0.22))
    error = facts["spread"] / sqrt(max(n, 2))
    hits = max(1, round(n * (draw.between(0.4, 0.6) if good else draw.between(0.1, 0.25))))
    return {
        "before": f"{base:.1f}",
        "after": f"{base - fall:.1f}",
        "before0": round(base),
        "after0": round(base * draw.between(0.2, 0.45)),
        "after1": round(base * draw.between(0.85, 1.0)),
        "c1": _signed(-fall, minus),
        "low1": _signed(-fall - 1.96 * error, minus),
        "high1": _signed(-fall + 1.96 * error, minus),
        "r1": count(hits, n),
        "m1": count(round(hits * draw.between(0.4, 0.65)), n),
        "k_words": in_words(hits),
        "stopped": count(max(1, round(n * draw.between(0.1, 0.35))), n),
        **_correlations(draw, n, minus),
        **harm_counts(draw, n),
    }


def _correlations(draw: Draw, n: int, minus: str) -> Facts:
    """A clear and a chance correlation in n people, with their p values (Fisher's z)."""
    clear, weak = draw.between(2.06, 2.75), draw.between(-1.2, 1.2)
    width = sqrt(max(n - 3, 1))
    return {
        "r": _signed(tanh(weak / width), minus, digits=2),
        "p0": _p(weak),
        "rho": f"{tanh(clear / width):.2f}",
        "p1": _p(clear),
    }


def _signed(number: float, minus: str, *, digits: int = 1) -> str:
    text = f"{abs(number):.{digits}f}"
    return f"{minus}{text}" if number < 0 and float(text) else text


def _p(z: float) -> str:
    p = 1 - erf(abs(z) / sqrt(2))
    return "< 0.001" if p < 0.001 else f"= {p:.3f}" if p < 0.01 else f"= {p:.2f}"
