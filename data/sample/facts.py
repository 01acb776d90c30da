"""The facts of an invented study, drawn once, so that its title, numbers and design agree."""

from math import erf, sqrt, tanh
from typing import Any

from sample.draw import Draw, in_words

__all__ = ["clinical_facts", "count", "setting_facts", "single_results", "trial_results"]

_TIMES = {
    "1h": "one hour", "4h": "four hours", "24h": "24 hours", "1d": "one day", "3d": "three days",
    "7d": "seven days", "2w": "two weeks", "4w": "four weeks", "6w": "six weeks",
    "8w": "eight weeks", "12w": "12 weeks", "24w": "24 weeks",
}  # fmt: skip
_COURSES = {
    "single": "single-dose", "six": "repeated", "twice": "twice-weekly",
    "maintenance": "maintenance",
}  # fmt: skip
_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_COUNTRIES = {"us": "the United States", "gb": "the United Kingdom", "nl": "the Netherlands"}


def count(part: int, whole: int) -> str:
    """`18 of 36 (50%)`."""
    return f"{part} of {whole} ({round(100 * part / whole)}%)"


def setting_facts(draw: Draw, words: dict[str, Any], year: int, place: str, z: str) -> dict[str, Any]:
    """Spelling, dates and centres: what any study has."""
    begun = year - draw.whole(2, 4)
    return {
        "z": z,
        "randomised": f"randomi{z}ed",
        "randomise": f"randomi{z}e",
        "a_randomised": f"a randomi{z}ed",
        "start": f"{draw.pick(_MONTHS)} {begun}",
        "end": f"{draw.pick(_MONTHS)} {begun + draw.whole(1, 2)}",
        "month_year": f"{draw.pick(_MONTHS)} {year - 1}",
        "country": _COUNTRIES.get(place, words["places"][place][0]),
    }


def clinical_facts(
    draw: Draw,
    words: dict[str, Any],
    *,
    year: int,
    place: str,
    z: str,
    treatment: str,
    condition: str,
    population: str,
    n: int,
    course: str = "single",
    comparator: str = "none",
    scale: str = "madrs",
    time: str = "24h",
) -> dict[str, Any]:
    """Who, what, how much, how long and how measured."""
    facts = setting_facts(draw, words, year, place, z)
    drug = words["treatments"][treatment]
    name = draw.pick(drug["name"])
    dosing = {"dose": draw.pick(drug["doses"]), "minutes": draw.pick(drug.get("minutes", [40]))}
    unit = drug["unit"]
    if treatment.startswith("esk-") and drug["unit"] == "session" and population == "older":
        dosing["dose"] = "28, 56 or 84 mg"
    illness = draw.pick(words["conditions"][condition]["words"]) if condition != "volunteers" else ""
    who, age, low, high, _ = words["populations"][population]
    people = f"{who} with {illness}" if illness else who
    short, long, base, spread, remission = words["scales"][scale]
    control_name, control, masking = words["comparators"][comparator]
    n1, n2 = (n + 1) // 2, n // 2
    several = draw.whole(2, 5) + n // 60
    facts |= {
        "drug": drug["drug"],
        "treatment": name,
        "given": draw.say(drug["given"], dosing)
        if drug["given"][0][0].isupper()
        else _lower(draw.say(drug["given"], dosing)),
        "unit": unit,
        "course": draw.say(words["courses"][course], {"unit": unit}).replace("A single", "a single"),
        "course_title": _COURSES[course],
        "comparator": control_name,
        "control": control,
        "masking": masking,
        "condition": illness or "healthy volunteers",
        "people": people,
        "a_person": _one(draw, population),
        "n": n,
        "n1": n1,
        "n2": n2,
        "n_words": in_words(n),
        "n_people": f"{in_words(n)} {people}" if n < 100 else f"a total of {n:,} {people}",
        "screened": n + max(3, round(n * draw.between(0.2, 0.9))),
        "ratio": "in equal numbers" if n1 == n2 else "in a 1:1 ratio",
        "random": "random",
        "randomly": "randomly",
        "sites": f"{in_words(several)} centres" if n > 60 else "one centre",
        "age": f"{age + draw.between(-3, 3):.1f}",
        "women": 100 if population == "mothers" else draw.whole(10, 24)
        if population == "veterans"
        else draw.whole(46, 68),
        "low_age": max(low, age - draw.whole(6, 14)),
        "high_age": min(high, age + draw.whole(5, 16)),
        "scale": short,
        "scale_long": long,
        "remission": remission,
        "time": _TIMES[time],
        "months": draw.whole(3, 12),
        "doses": draw.whole(4, 16),
        "failed": in_words(draw.whole(3, 7)),
        "rise": draw.whole(7, 19),
        "margin": "",
    }
    facts["course"] = _lower(str(facts["course"]))
    if z == "z":
        facts["sites"] = str(facts["sites"]).replace("centre", "center")
    return facts | _single_arm(draw, n, base, spread) | _harms(draw, n1 if comparator != "none" else n)


def _lower(text: str) -> str:
    """The first letter small again, unless the word is an abbreviation."""
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
        case _:
            ages = ["twenties", "thirties", "forties", "fifties"]
            return f"{draw.pick(['a woman in her', 'a man in his'])} {draw.pick(ages)}"


def _single_arm(draw: Draw, n: int, base: float, spread: float) -> dict[str, Any]:
    """Change in one group: for a `positive` and, suffixed below, for a poor outcome."""
    return {"base_value": base + draw.between(-2, 2), "spread": spread, "size": n}


def _harms(draw: Draw, n: int) -> dict[str, Any]:
    def part(low: float, high: float) -> str:
        return count(max(1, round(n * draw.between(low, high))), n)

    if n < 4:
        return {"many": "the patient", "some": "the patient", "few": "the patient"}
    return {"many": part(0.4, 0.7), "some": part(0.12, 0.3), "few": part(0.01, 0.08)}


def trial_results(
    draw: Draw, facts: dict[str, Any], result: str, minus: str, *, crossover: bool = False
) -> dict[str, Any]:
    """Scores, intervals and counts that fit the result; a negative difference favours the drug."""
    base, spread, n = facts["base_value"], facts["spread"], facts["size"]
    lows = {"positive": (-4.2, -2.3), "inferior": (2.2, 3.2), "mixed": (-1.5, -0.5)}
    low, high = lows.get(result, (-1.5, 0.8))
    z = draw.between(low, high)
    n1, n2 = (n, n) if crossover else (facts["n1"], facts["n2"])
    error = spread * sqrt(1 / n1 + 1 / n2) * (0.7 if crossover else 1)
    difference = max(-0.5 * base, min(0.4 * base, z * error))
    fall2 = base * draw.between(0.18, 0.3) + max(0.0, difference)
    fall1 = fall2 - difference
    rate2 = min(0.75, max(0.06, fall2 / base * 1.05 - 0.08))
    rate1 = min(0.85, max(0.06, fall1 / base * 1.05 - 0.08))
    hit1, hit2 = round(n1 * rate1), round(n2 * rate2)
    well = draw.between(0.5, 0.7)

    def signed(number: float) -> str:
        return f"{minus if number < -0.04 else ''}{abs(number):.1f}"

    upper = difference + 1.96 * error
    return {
        "diff": signed(difference),
        "low": signed(difference - 1.96 * error),
        "high": signed(upper),
        "p": _p(difference / error),
        "f1": f"{fall1:.1f}",
        "f2": f"{fall2:.1f}",
        "c1": signed(-fall1),
        "c2": signed(-fall2),
        "r1": count(hit1, n1),
        "r2": count(hit2, n2),
        "m1": count(round(hit1 * well), n1),
        "m2": count(round(hit2 * well), n2),
        "margin": f"{max(upper + 0.4, 3.0):.1f}",
        **_correlation(draw, n, minus),
    }


def single_results(draw: Draw, facts: dict[str, Any], result: str, minus: str) -> dict[str, Any]:
    """The same for a study with one group."""
    base, spread, n = facts["base_value"], facts["spread"], facts["size"]
    fall = base * (draw.between(0.38, 0.55) if result == "positive" else draw.between(0.08, 0.22))
    error = spread / sqrt(max(n, 2))
    rate = draw.between(0.4, 0.6) if result == "positive" else draw.between(0.1, 0.25)
    hits = max(1, round(n * rate))
    return {
        "base": f"{base:.1f}",
        "after": f"{base - fall:.1f}",
        "base0": round(base),
        "after0": round(base * draw.between(0.2, 0.45)),
        "after1": round(base * draw.between(0.85, 1.0)),
        "c1": f"{minus}{fall:.1f}",
        "low1": f"{minus}{fall + 1.96 * error:.1f}",
        "high1": f"{minus if fall > 1.96 * error else ''}{abs(fall - 1.96 * error):.1f}",
        "r1": count(hits, n),
        "m1": count(round(hits * draw.between(0.4, 0.65)), n),
        "k_words": in_words(hits),
        "stopped": count(max(1, round(n * draw.between(0.1, 0.35))), n),
        **_correlation(draw, n, minus),
    }


def _correlation(draw: Draw, n: int, minus: str) -> dict[str, Any]:
    """A clear and a chance correlation in n people, with their p values (Fisher's z)."""
    clear, weak = draw.between(2.06, 2.75), draw.between(-1.2, 1.2)
    width = sqrt(max(n - 3, 1))
    return {
        "r": f"{minus if weak < 0 else ''}{abs(tanh(weak / width)):.2f}",
        "p0": _p(weak),
        "rho": f"{tanh(clear / width):.2f}",
        "p1": _p(clear),
    }


def _p(z: float) -> str:
    p = 1 - erf(abs(z) / sqrt(2))
    return "< 0.001" if p < 0.001 else f"= {p:.3f}" if p < 0.01 else f"= {p:.2f}"
