"""Records of studies in people: trials, cohorts, cases, studies of harms and of mechanisms."""

from collections.abc import Mapping
from typing import Any

from sample.compose import (
    Kit,
    Story,
    compose,
    headings,
    illness_headings,
    layout,
    substances,
)
from sample.draw import Draw, in_words
from sample.facts import (
    clinical_facts,
    count,
    setting_facts,
    single_results,
    trial_results,
)
from sample.record import Record

__all__ = ["acronym", "biomarker", "harm", "other_treatment", "study", "trial"]

Row = Mapping[str, str]

_COMMON_HARMS = ("dissociation", "blood_pressure", "nausea", "sedation", "dizziness", "headache")
_RARE_HARMS = (
    "urinary", "cognition", "liver", "abuse", "psychotomimetic", "mania", "mortality",
    "respiratory", "suicidality",
)  # fmt: skip
_HARM_HEADINGS = {
    "urinary": "*Urinary Bladder/drug effects",
    "cognition": "*Cognition/drug effects",
    "dissociation": "Dissociative Disorders/*chemically induced",
    "blood_pressure": "*Blood Pressure/drug effects",
    "liver": "*Chemical and Drug Induced Liver Injury",
    "abuse": "*Substance-Related Disorders",
}
_ARM_HEADINGS = {
    "ect": "Electroconvulsive Therapy",
    "rtms": "Transcranial Magnetic Stimulation",
}
_ACTIVE = ("ect", "quetiapine", "rtms", "lithium", "esketamine", "escitalopram")
_CASE_HARMS = ("dissociation", "nausea", "dizziness", "headache")
_PREDICTORS = (
    "baseline anxiety", "dissociation during the first session",
    "sleep quality", "age at onset", "cognition at baseline", "body mass index",
)  # fmt: skip
_ACRONYMS = "LARKSONG OTTER FERNLIGHT WILLOWS LANTERN HARBOURS MEADOWS ROWANS THRUSH BRIDGES"


def acronym(key: str) -> str:
    number = int(key.rsplit("-", 1)[1])
    series, name = divmod(number, 10)
    return _ACRONYMS.split()[name] + (f"-{series + 1}" if series else "")


def trial(
    kit: Kit, key: str, row: Row, design: str = "rct", *, turn: str = "", registry: str = ""
) -> Record:
    """A trial's result, protocol or secondary analysis: the same facts in other words.

    `turn` names a further record of the same design (preprint, corrected version, second analysis).
    """
    facts_draw, draw = Draw(f"{key}/facts"), Draw(f"{key}/{design}{turn}")
    year, n = int(row["year"]), int(row["n"])
    journal = "trials" if design == "protocol" else _journal(draw, n, row["place"])
    facts = clinical_facts(kit, facts_draw, row, journal)
    crossover = "crossover" in row.get("extras", "")
    minus = facts_draw.pick(["-", "-", "−"])
    facts |= trial_results(facts_draw, facts, row["result"], minus, crossover=crossover)
    facts |= {
        "acronym": acronym(key),
        "recruiting": f"began in {facts['start']}",
        "predictor": draw.pick(_PREDICTORS),
        "aim": "not inferior" if row["comparator"] in _ACTIVE else "superior",
    }
    if design == "protocol" and key.startswith("planned"):
        begins = draw.pick(["began in spring", "began in autumn", "will begin in winter"])
        facts["recruiting"] = f"{begins} {year}"
    if design == "rct":
        facts["safety"] = _safety(kit, draw, facts)
    if registry and draw.chance(0.6):
        facts["registration"] = f"Trial registration: {registry}."
    own = kit.words["treatments"][row["treatment"]].get("texts", {})
    texts = kit.texts[design] | (own if design == "rct" else {})
    if crossover and design == "rct":
        texts["design"] = texts["design_crossover"]
        texts["title"] = own.get("title", texts["title_crossover"])
    result = draw.pick(["none", "some"]) if design == "secondary" else row["result"]
    moved = {"protocol": 0 if key.startswith("planned") else -2, "secondary": 1}.get(design, 0)
    drug = facts["drug"]
    story = Story(
        key=f"{key}-{design}{turn}", kind=design, year=min(2026, year + moved),
        journal=journal, draw=draw, facts=facts, result=result,
        tags=frozenset({row["treatment"], row["condition"], row["population"], drug, "trial"}),
    )  # fmt: skip
    record = compose(kit, story, texts, layout(draw, design, journal))
    blind = "Double-Blind Method" if facts["masking"] == "double-blind" else ""
    record.mesh = illness_headings(
        kit, row["treatment"], row["condition"], row["population"], "Treatment Outcome", blind,
        "Cross-Over Studies" if crossover else "", _ARM_HEADINGS.get(row["comparator"], ""),
    )  # fmt: skip
    record.substances = substances(drug)
    if row["comparator"] == "midazolam":
        record.substances.append("Midazolam")
    if design == "rct":
        record.types[1:1] = _trial_types(row)
    return record


def _trial_types(row: Row) -> list[str]:
    types = []
    if row["treatment"] == "esk-ns" and int(row["n"]) > 120:
        types.append("Clinical Trial, Phase III")
    if row["treatment"] in ("ark-iv", "hnk-iv"):
        types.append("Clinical Trial, Phase II")
    if int(row["n"]) >= 100:
        types.append("Multicenter Study")
    if row["comparator"] in ("ect", "quetiapine", "esketamine", "rtms"):
        types.append("Comparative Study")
    return types


def study(kit: Kit, key: str, row: Row, *, turn: str = "") -> Record:
    """An open-label trial, cohort, case series or case report."""
    facts_draw, draw = Draw(f"{key}/facts"), Draw(f"{key}/text{turn}")
    design = row["design"]
    modern_case = design == "case" and int(row["year"]) > 2010
    journal = "cases" if modern_case else _journal(draw, int(row["n"]), row["place"])
    facts = clinical_facts(kit, facts_draw, row, journal)
    facts |= single_results(facts_draw, facts, row["result"], facts_draw.pick(["-", "−"]))
    facts["topic_words"] = facts_draw.pick(_CASE_HARMS)
    texts = _texts(kit, design)
    if design != "case":
        facts["safety"] = _safety(kit, draw, facts)
    small = design in ("case", "series")
    story = Story(
        key=f"{key}{turn}", kind=design, year=int(row["year"]),
        journal=journal, draw=draw, facts=facts, result=row["result"],
        tags=frozenset(
            {row["treatment"], row["condition"], row["population"], facts["drug"], design}
        ),
    )  # fmt: skip
    record = compose(kit, story, texts, "plain" if small else layout(draw, design, journal))
    time = {"prospective": "Prospective Studies", "retrospective": "Retrospective Studies"}
    record.mesh = illness_headings(
        kit, row["treatment"], row["condition"], row["population"], "Treatment Outcome",
        time.get(design, ""),
    )  # fmt: skip
    record.substances = substances(facts["drug"])
    return record


def harm(kit: Kit, key: str, row: Row) -> Record:
    """A cohort whose subject is one harm, found or not found."""
    draw = Draw(key)
    journal = draw.pick(["safety", "safety", "mood", "open"])
    facts = clinical_facts(kit, draw, {**row, "time": "12w"}, journal)
    facts |= single_results(draw, facts, "positive", "-")
    subject = kit.texts["safety"][row["topic"]]
    facts |= {"topic_words": subject["words"], "design_words": row["design"]}
    other = draw.pick([name for name in _COMMON_HARMS if name != row["topic"]])
    texts = _texts(kit, row["design"]) | kit.texts["safetystudy"] | {
        "outcome": ["Events came from the checklist that is filled in at each visit."],
        "results": [subject[row["polarity"]]],
        "safety": [kit.texts["safety"][other][draw.pick(["present", "absent"])]],
    }  # fmt: skip
    story = Story(
        key=key, kind=row["design"], year=int(row["year"]), journal=journal,
        draw=draw, facts=facts, result=row["polarity"],
        tags=frozenset({row["treatment"], row["condition"], facts["drug"], row["topic"]}),
    )  # fmt: skip
    record = compose(kit, story, texts, layout(draw, row["design"], journal))
    record.mesh = illness_headings(
        kit, row["treatment"], row["condition"], row["population"],
        _HARM_HEADINGS.get(row["topic"], ""),
    )  # fmt: skip
    record.substances = substances(facts["drug"])
    return record


def biomarker(kit: Kit, key: str, row: Row) -> Record:
    """A study of what the drug does in people, and whether that goes with mood."""
    draw = Draw(key)
    journal = draw.pick(["neuroscience", "pharmacology", "psychiatry"])
    facts = clinical_facts(kit, draw, row, journal)
    facts |= single_results(draw, facts, row["result"], "-")
    words, *_, method, mesh = kit.laboratory["mechanisms"][row["mechanism"]]
    facts |= {"mechanism": words, "method": method}
    texts = kit.texts["biomarker"]
    if row["condition"] == "volunteers":
        texts = texts | kit.texts["volunteers"]
    story = Story(
        key=key, kind="biomarker", year=int(row["year"]), journal=journal,
        draw=draw, facts=facts, result=row["result"],
        tags=frozenset({row["treatment"], row["condition"], row["mechanism"], facts["drug"]}),
    )  # fmt: skip
    record = compose(kit, story, texts, layout(draw, "biomarker", journal))
    record.mesh = illness_headings(
        kit, row["treatment"], row["condition"], row["population"], *mesh
    )
    record.substances = substances(facts["drug"])
    return record


def other_treatment(kit: Kit, key: str, row: Row) -> Record:
    """A randomised trial in treatment-resistant depression without ketamine."""
    draw = Draw(key)
    n, name = int(row["n"]), row["other"]
    physical = name in ("ect", "rtms", "vns")
    journal = "stimulation" if physical else draw.pick(["mood", "psychiatry"])
    words, mesh = kit.laboratory["others"][name]
    n1, n2 = (n + 1) // 2, n // 2
    low = draw.between(0.16, 0.26)
    gain = draw.between(0.22, 0.32) if row["result"] == "positive" else draw.between(-0.03, 0.04)
    hits1, hits2 = round(n1 * (low + gain)), max(1, round(n2 * low))
    odds = (hits1 / (n1 - hits1)) / (hits2 / (n2 - hits2))
    error = (1 / hits1 + 1 / (n1 - hits1) + 1 / hits2 + 1 / (n2 - hits2)) ** 0.5
    factor = 2.718281828 ** (1.96 * error)
    facts: dict[str, Any] = setting_facts(kit, draw, int(row["year"]), row["place"], journal)
    people = "adults with treatment-resistant depression"
    facts |= {
        "other": words,
        "a_design": f"{facts['a_randomised']} controlled trial",
        "people_trd": people,
        "n_people_trd": f"{in_words(n)} {people}" if n < 100 else f"a total of {n} {people}",
        "n1": n1,
        "n2": n2,
        "r1": count(hits1, n1),
        "r2": count(hits2, n2),
        "or": f"{odds:.2f}",
        "or_low": f"{odds / factor:.2f}",
        "or_high": f"{odds * factor:.2f}",
    }
    story = Story(
        key=key, kind="trdalone", year=int(row["year"]), journal=journal,
        draw=draw, facts=facts, result="positive" if odds / factor > 1 else "null",
        tags=frozenset({"trd", name}),
    )  # fmt: skip
    record = compose(kit, story, kit.texts["trdalone"], layout(draw, "trdalone", journal))
    record.mesh = headings(
        kit, "Humans", "Adult", "Middle Aged", "Male", "Female", "Treatment Outcome",
        "Depressive Disorder, Treatment-Resistant/*therapy", *mesh,
    )  # fmt: skip
    record.substances = [term for term in mesh if term in kit.words["substances"]]
    return record


def _texts(kit: Kit, design: str) -> dict[str, Any]:
    if design not in ("prospective", "retrospective"):
        return dict(kit.texts[design])
    texts: dict[str, Any] = kit.texts["cohort"]
    return texts | {"title": texts[f"title_{design}"], "design": texts[f"design_{design}"]}


def _safety(kit: Kit, draw: Draw, facts: dict[str, Any]) -> str:
    """One or two common harms and perhaps a rare one, some of them reported as absent."""
    harms = kit.texts["safety"]
    first, *second = draw.some(_COMMON_HARMS, draw.whole(1, 2))
    said = [harms[first]["present"]]
    said += [harms[name][draw.pick(["present", "absent"])] for name in second]
    if draw.chance(0.6):
        said.append(harms[draw.pick(_RARE_HARMS)]["present" if draw.chance(0.25) else "absent"])
    return " ".join(draw.say([template], facts) for template in said)


def _journal(draw: Draw, n: int, place: str) -> str:
    if n >= 200 and draw.chance(0.5):
        return "general"
    home = {"gb": "northern", "au": "anaesthesia", "nl": "mood", "de": "pharmacology"}
    if place in home and draw.chance(0.5):
        return home[place]
    return draw.pick(["psychiatry", "mood", "pharmacology", "psychiatry", "open", "northern"])
