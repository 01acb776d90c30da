"""Records that sum up, judge or count: reviews, guidelines, opinions, registers, costs, voices."""

from collections.abc import Mapping
from typing import Any

from sample.compose import Kit, Story, compose, headings, illness_headings, layout, substances
from sample.draw import Draw, capital, in_words
from sample.facts import clinical_facts, count, setting_facts
from sample.record import Record

__all__ = [
    "economic",
    "meta",
    "network",
    "opinion",
    "qualitative",
    "recreational",
    "vigilance",
]

Row = Mapping[str, str]

_JOURNALS = {
    "systematic": ["mood", "northern", "reviews"],
    "narrative": ["pharmacology", "mood", "psychiatry", "neuroscience", "nursing"],
    "guideline": ["northern", "psychiatry", "mood"],
}


def meta(kit: Kit, key: str, row: Row) -> Record:
    draw = Draw(key)
    journal = draw.pick(["mood", "northern", "reviews"])
    facts = clinical_facts(kit, draw, row, journal) | _pooled(draw, int(row["k"]), row["result"])
    facts["topic_words"] = f"outcomes in {facts['condition']}"
    tags = {row["treatment"], row["condition"], facts["drug"], "meta"}
    record = _record(kit, key, "meta", row, journal, draw, facts, tags, result=row["result"])
    record.mesh = illness_headings(
        kit, row["treatment"], row["condition"], row["population"],
        "Randomized Controlled Trials as Topic",
    )  # fmt: skip
    record.substances = substances(facts["drug"])
    return record


def network(kit: Kit, key: str, row: Row) -> Record:
    draw = Draw(key)
    journal = draw.pick(["mood", "psychiatry"])
    illness = kit.words["conditions"][row["condition"]]
    facts = setting_facts(kit, draw, int(row["year"]), row["place"], journal)
    facts |= _pooled(draw, int(row["k"]), "positive") | _odds(draw, "or", clear=True)
    facts["condition"] = draw.pick(illness["words"])
    tags = {row["condition"], "ketamine", "meta"}
    record = _record(kit, key, "network", row, journal, draw, facts, tags)
    record.mesh = headings(
        kit, "Humans", "Ketamine/*therapeutic use", "Network Meta-Analysis",
        "Electroconvulsive Therapy", f"{illness['mesh'][0]}/*drug therapy",
    )  # fmt: skip
    record.substances = ["Antidepressive Agents", "Esketamine", "Ketamine"]
    return record


def opinion(kit: Kit, key: str, design: str, row: Row) -> Record:
    """A review, guideline, survey, editorial or letter on one of the topics."""
    draw = Draw(key)
    topic, _, says, unknown, mesh, keywords = kit.texts["topics"][row["topic"]]
    journal = draw.pick(_JOURNALS.get(design, ["psychiatry", "northern", "general", "open"]))
    agreed = draw.whole(15, 26)
    facts = setting_facts(kit, draw, int(row["year"]), row["place"], journal)
    facts |= _pooled(draw, draw.whole(7, 44), "positive") | {
        "topic": topic,
        "says": says,
        "unknown": unknown,
        "hits": f"{draw.whole(300, 2900):,}",
        "biased": in_words(draw.whole(3, 6)),
        "panel": draw.whole(14, 42),
        "agreed": agreed,
        "asked": agreed + draw.whole(3, 9),
        "sent": f"{draw.whole(700, 2400):,}",
        "n": draw.whole(120, 560),
        "share": draw.whole(52, 78),
        "unit": "session",
    }
    short = design in ("editorial", "letter")
    shape = "" if short else "plain" if design == "narrative" else None
    tags = {row["topic"], "ketamine", "opinion"}
    record = _record(kit, key, design, row, journal, draw, facts, tags, shape=shape)
    if short:
        record.types = [capital(design)]
    main = [f"*{term}" for term in mesh.split(";")]
    illness = "" if any("Depress" in term for term in main) else "Depressive Disorder/drug therapy"
    harmful = row["topic"] in ("bladder", "abuse")
    drug = "Ketamine/*adverse effects" if harmful else "Ketamine/*therapeutic use"
    record.mesh = headings(kit, "Humans", drug, illness, *main)
    record.substances = ["Ketamine"]
    record.keywords = keywords.split(";") if int(row["year"]) >= 2010 else []
    return record


def vigilance(kit: Kit, key: str, row: Row) -> Record:
    draw = Draw(key)
    facts = setting_facts(kit, draw, int(row["year"]), row["place"], "safety")
    facts |= _odds(draw, "ror", clear=row["polarity"] == "present") | {
        "total": f"{draw.whole(1800, 9400):,}",
        "count": draw.whole(18, 240),
        "topic_words": kit.texts["safety"][row["topic"]]["words"],
    }
    tags = {"esketamine", row["topic"]}
    record = _record(
        kit, key, "vigilance", row, "safety", draw, facts, tags, result=row["polarity"]
    )
    record.mesh = illness_headings(
        kit, "esk-ns", "trd", "adults", "Adverse Drug Reaction Reporting Systems",
        "*Pharmacovigilance",
    )  # fmt: skip
    record.substances = substances("esketamine")
    return record


def economic(kit: Kit, key: str, row: Row) -> Record:
    draw = Draw(key)
    whom = {**row, "condition": "trd", "population": "adults"}
    facts = clinical_facts(kit, draw, whom, "economics")
    gain = draw.whole(6, 21)
    threshold = draw.pick([30_000, 50_000])
    good = row["result"] == "positive"
    ratio = round(threshold * (draw.between(0.5, 0.9) if good else draw.between(1.5, 4)) / 100)
    facts |= {
        "qaly": f"0.{gain:02}",
        "cost": f"{ratio * gain:,}",
        "icer": f"{ratio * 100:,}",
        "threshold": f"{threshold:,}",
    }
    tags = {row["treatment"], "trd", "economics"}
    record = _record(
        kit, key, "economic", row, "economics", draw, facts, tags, result=row["result"]
    )
    record.mesh = illness_headings(
        kit, row["treatment"], "trd", "", "*Cost-Benefit Analysis", "Quality-Adjusted Life Years"
    )
    record.substances = substances(facts["drug"])
    return record


def qualitative(kit: Kit, key: str, row: Row) -> Record:
    draw = Draw(key)
    journal = draw.pick(["nursing", "open"])
    facts = clinical_facts(kit, draw, row, journal)
    tags = {row["treatment"], row["condition"], "qualitative"}
    record = _record(kit, key, "qualitative", row, journal, draw, facts, tags)
    record.mesh = illness_headings(
        kit, row["treatment"], row["condition"], row["population"], "*Qualitative Research"
    )
    record.substances = substances(facts["drug"])
    return record


def recreational(kit: Kit, key: str, row: Row) -> Record:
    draw = Draw(key)
    n = int(row["n"])
    words = {
        "liver": "raised liver enzymes",
        "cognition": "memory problems",
        "abuse": "signs of dependence",
        "psychotomimetic": "hallucinations and the K-hole",
        "urinary": "urinary symptoms",
    }
    facts = setting_facts(kit, draw, int(row["year"]), row["place"], "safety") | {
        "topic_words": words[row["topic"]],
        "a_design": "a cross-sectional survey",
        "n": n,
        "age": f"{draw.between(22, 31):.1f}",
        "sites": "one centre",
        "many": count(round(n * draw.between(0.2, 0.5)), n),
        "some": count(round(n * draw.between(0.05, 0.2)), n),
    }
    journal = draw.pick(["safety", "open"])
    tags = {"ketamine", row["topic"], "recreational"}
    record = _record(kit, key, "recreational", row, journal, draw, facts, tags)
    harm = {"urinary": "Cystitis/*chemically induced", "cognition": "*Cognition/drug effects"}
    record.mesh = headings(
        kit, "Humans", "Adult", "Male", "Female", "Ketamine/*adverse effects",
        "*Substance-Related Disorders", harm.get(row["topic"], ""),
    )  # fmt: skip
    record.substances = ["Ketamine"]
    return record


def _record(
    kit: Kit, key: str, kind: str, row: Row, journal: str, draw: Draw, facts: dict[str, Any],
    tags: set[str], *, result: str = "", shape: str | None = None,
) -> Record:  # fmt: skip
    story = Story(
        key=key, kind=kind, year=int(row["year"]), journal=journal, draw=draw,
        facts=facts, result=result, tags=frozenset(tags),
    )  # fmt: skip
    chosen = layout(draw, kind, journal) if shape is None else shape
    return compose(kit, story, kit.texts[kind], chosen)


def _pooled(draw: Draw, k: int, result: str) -> dict[str, Any]:
    """Number of trials and people, and a pooled effect with its interval."""
    middle = draw.between(0.35, 0.75) if result == "positive" else draw.between(-0.05, 0.15)
    half = draw.between(0.15, 0.3)
    low, high = -middle - half, -middle + half
    return {
        "k": k,
        "k_words": in_words(k),
        "total": f"{k * draw.whole(38, 96):,}",
        "smd": f"{-middle:.2f}",
        "smd_low": f"{low:.2f}",
        "smd_high": f"{high:.2f}",
        "i2": draw.whole(12, 78),
        "certainty": draw.pick(["very low", "low", "low", "moderate"]),
    }


def _odds(draw: Draw, name: str, *, clear: bool) -> dict[str, Any]:
    middle = draw.between(2.2, 3.8) if clear else draw.between(0.8, 1.15)
    factor = draw.between(1.3, 1.7)
    return {
        name: f"{middle:.2f}",
        f"{name}_low": f"{middle / factor:.2f}",
        f"{name}_high": f"{middle * factor:.2f}",
    }
