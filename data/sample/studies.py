"""One record for each line of plan.toml that is a study: its title, abstract and indexing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sample.draw import Draw, capital, in_words
from sample.facts import clinical_facts, count, setting_facts, single_results, trial_results
from sample.record import Record, Section

__all__ = ["Maker"]

_PARTS = "background objective design intervention outcome results safety conclusion".split()
_ABBREVIATIONS = {
    "treatment-resistant depression": "TRD",
    "treatment-resistant major depression": "TRD",
    "major depressive disorder": "MDD",
}
_COMMON_HARMS = ("dissociation", "blood_pressure", "nausea", "sedation", "dizziness", "headache")
_RARE_HARMS = (
    "urinary", "cognition", "liver", "abuse", "psychotomimetic", "mania", "mortality",
    "respiratory", "suicidality",
)  # fmt: skip
_DESIGN_TYPES = {
    "rct": ["Randomized Controlled Trial"],
    "protocol": ["Clinical Trial Protocol"],
    "secondary": ["Randomized Controlled Trial"],
    "open": ["Clinical Trial"],
    "prospective": ["Observational Study"],
    "retrospective": [],
    "case": ["Case Reports"],
    "series": ["Case Reports"],
    "systematic": ["Systematic Review"],
    "meta": ["Meta-Analysis", "Systematic Review"],
    "network": ["Network Meta-Analysis", "Systematic Review"],
    "narrative": ["Review"],
    "guideline": ["Practice Guideline"],
    "biomarker": ["Research Support, Non-U.S. Gov't"],
    "animal": ["Research Support, Non-U.S. Gov't"],
    "trdalone": ["Randomized Controlled Trial"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Makes records of studies from the words (vocabulary), texts (grammar) and laboratory data."""

    words: dict[str, Any]
    texts: dict[str, Any]
    laboratory: dict[str, Any]

    # ------------------------------------------------------------ clinical studies

    def trial(self, key: str, line: str, design: str = "rct") -> Record:
        """A trial's result, its protocol or a secondary analysis: the same facts, other words."""
        year, place, treatment, course, comparator, condition, population, scale, time, n, *rest = (
            line.split()
        )
        result = rest[0]
        extras = rest[1] if len(rest) > 1 else ""
        later = {"protocol": -2, "secondary": 1}.get(design, 0)
        facts_draw, draw = Draw(f"{key}/facts"), Draw(f"{key}/{design}")
        journal = {"protocol": "trials"}.get(design) or self._journal(draw, int(n), place)
        facts = clinical_facts(
            facts_draw, self.words, year=int(year), place=place, z=self._z(journal),
            treatment=treatment, condition=condition, population=population, n=int(n),
            course=course, comparator=comparator, scale=scale, time=time,
        )  # fmt: skip
        crossover = "crossover" in extras
        minus = draw.pick(["-", "-", "−"])
        facts |= trial_results(facts_draw, facts, result, minus, crossover=crossover)
        facts |= {"acronym": self._acronym(key), "safety_words": "adverse events"}
        texts = dict(self.texts[design]) | self.words["treatments"][treatment].get("texts", {})
        if crossover and design == "rct":
            texts["design"] = texts["design_crossover"]
            if "texts" not in self.words["treatments"][treatment]:
                texts["title"] = texts["title_crossover"]
        facts["safety"] = self._safety(draw, facts) if design == "rct" else ""
        record = self._record(
            f"{key}-{design}", design, min(2026, int(year) + later), place, journal, draw, texts,
            facts, result, layout=self._layout(draw, design, journal),
        )  # fmt: skip
        record.mesh = self._mesh(
            treatment, condition, population, "Treatment Outcome",
            "Double-Blind Method" if facts["masking"] == "double-blind" else "",
            "Cross-Over Studies" if crossover else "", *self._other_arm(comparator),
        )  # fmt: skip
        if int(n) >= 100 and design == "rct":
            record.types.insert(1, "Multicenter Study")
        if treatment == "esk-ns" and int(n) > 120 and design == "rct":
            record.types.insert(1, "Clinical Trial, Phase III")
        if treatment in ("ark-iv", "hnk-iv") and design == "rct":
            record.types.insert(1, "Clinical Trial, Phase II")
        if comparator in ("ect", "quetiapine", "esketamine", "rtms") and design == "rct":
            record.types.append("Comparative Study")
        record.substances = self._substances(facts["drug"]) + (
            ["Midazolam"] if comparator == "midazolam" else []
        )
        record.tags = frozenset({treatment, condition, population, facts["drug"], "trial"})
        return record

    def study(self, key: str, line: str) -> Record:
        """An open-label trial, cohort, case series or case report."""
        year, place, treatment, course, condition, population, scale, time, n, result, design = (
            line.split()[:11]
        )
        draw = Draw(key)
        number = int(n)
        journal = "cases" if design == "case" and int(year) > 2010 else self._journal(
            draw, number, place
        )
        facts = clinical_facts(
            draw, self.words, year=int(year), place=place, z=self._z(journal), treatment=treatment,
            condition=condition, population=population, n=number, course=course, scale=scale,
            time=time,
        )  # fmt: skip
        facts |= single_results(draw, facts, result, draw.pick(["-", "−"]))
        facts["topic_words"] = self.texts["safety"][draw.pick(_COMMON_HARMS)]["words"]
        facts["safety"] = self._safety(draw, facts)
        texts = self._cohort(design) if design in ("prospective", "retrospective") else (
            dict(self.texts[design])
        )
        if design == "case":
            texts["design"] = [*texts["design"]]
            facts["safety"] = ""
        record = self._record(
            key, design, int(year), place, journal, draw, texts, facts, result,
            layout="plain" if design in ("case", "series") else self._layout(draw, design, journal),
        )  # fmt: skip
        record.mesh = self._mesh(
            treatment, condition, population, "Treatment Outcome",
            {"prospective": "Prospective Studies", "retrospective": "Retrospective Studies"}.get(
                design, ""
            ),
        )  # fmt: skip
        record.substances = self._substances(facts["drug"])
        record.tags = frozenset({treatment, condition, population, facts["drug"], design})
        return record

    def harm(self, key: str, line: str) -> Record:
        """A cohort whose subject is one harm, found or not found."""
        year, place, treatment, course, condition, population, topic, polarity, n, scale, design = (
            line.split()
        )
        draw = Draw(key)
        journal = draw.pick(["safety", "safety", "mood", "open"])
        facts = clinical_facts(
            draw, self.words, year=int(year), place=place, z=self._z(journal), treatment=treatment,
            condition=condition, population=population, n=int(n), course=course, scale=scale,
            time="12w",
        )  # fmt: skip
        harm = self.texts["safety"][topic]
        facts["topic_words"] = harm["words"]
        texts = self._cohort(design) | self.texts["safetystudy"]
        texts["outcome"] = ["Events were asked for with a fixed list of questions at each visit."]
        texts["results"] = [harm[polarity]]
        texts["conclusion"] = texts[f"conclusion_{polarity}"]
        others = [name for name in _COMMON_HARMS if name != topic]
        second = self.texts["safety"][draw.pick(others)]
        facts["safety"] = draw.say([second[draw.pick(["present", "absent"])]], facts)
        record = self._record(
            key, design, int(year), place, journal, draw, texts, facts, "",
            layout=self._layout(draw, design, journal),
        )  # fmt: skip
        terms = {"urinary": "*Urinary Bladder/drug effects", "cognition": "*Cognition/drug effects",
                 "dissociation": "Dissociative Disorders/*chemically induced",
                 "blood_pressure": "*Blood Pressure/drug effects",
                 "liver": "*Chemical and Drug Induced Liver Injury",
                 "abuse": "*Substance-Related Disorders"}  # fmt: skip
        record.mesh = self._mesh(treatment, condition, population, terms.get(topic, ""))
        record.substances = self._substances(facts["drug"])
        record.tags = frozenset({treatment, condition, facts["drug"], topic, "cohort"})
        return record

    def biomarker(self, key: str, line: str) -> Record:
        year, place, treatment, condition, population, mechanism, n, scale, time, result = (
            line.split()
        )
        draw = Draw(key)
        journal = draw.pick(["neuroscience", "pharmacology", "psychiatry"])
        facts = clinical_facts(
            draw, self.words, year=int(year), place=place, z=self._z(journal), treatment=treatment,
            condition=condition, population=population, n=int(n), scale=scale, time=time,
        )  # fmt: skip
        facts |= single_results(draw, facts, result, "-")
        words, *_, method, mesh = self.laboratory["mechanisms"][mechanism]
        facts |= {"mechanism": words, "method": method, "safety": ""}
        if condition == "volunteers":
            facts["condition"] = "depression research"
        record = self._record(
            key, "biomarker", int(year), place, journal, draw, self.texts["biomarker"], facts,
            result, layout=self._layout(draw, "biomarker", journal),
        )  # fmt: skip
        record.mesh = self._mesh(
            treatment, "mdd" if condition == "volunteers" else condition, population, *mesh
        )
        record.substances = self._substances(facts["drug"])
        record.tags = frozenset({treatment, condition, mechanism, facts["drug"]})
        return record

    # ------------------------------------------------------------ laboratory

    def animal(self, key: str, line: str) -> Record:
        year, place, species, strain, drug, dose, model, mechanism, result = line.split()[:9]
        draw = Draw(key)
        journal = draw.pick(["neuroscience", "behaviour", "pharmacology"])
        words, blocker, marker, method, region, _, mesh = self.laboratory["mechanisms"][mechanism]
        strain_words, *strain_mesh = self.laboratory["strains"][strain]
        model_long, model_words, model_short = self.laboratory["models"][model]
        treatment = {"hydroxynorketamine": "(2<i>R</i>,6<i>R</i>)-hydroxynorketamine"}.get(drug, drug)
        facts = setting_facts(draw, self.words, int(year), place, self._z(journal)) | {
            "drug": treatment,
            "treatment": treatment,
            "species": species,
            "strain": strain_words,
            "dose": f"{dose} mg/kg",
            "group": draw.whole(8, 14),
            "model": model_long,
            "model_words": model_words,
            "model_short": model_short,
            "mechanism": words,
            "blocker": blocker,
            "marker": marker,
            "method": method,
            "region": region,
            "pct": draw.whole(24, 52),
            "safety": "",
        }
        texts = dict(self.texts["animal"])
        texts["title"] = texts["title_null"] if result == "null" else texts["title"]
        record = self._record(
            key, "animal", int(year), place, journal, draw, texts, facts, result, layout="plain",
            human=False,
        )  # fmt: skip
        record.mesh = self._sorted(
            "Animals", *strain_mesh, "Male", "*Ketamine/pharmacology",
            "Antidepressive Agents/*pharmacology", "Depression/*drug therapy",
            "Disease Models, Animal", "Behavior, Animal/drug effects", *mesh,
        )  # fmt: skip
        record.substances = self._substances(drug) + [
            term for term in mesh if term in self.words["substances"]
        ]
        record.tags = frozenset({mechanism, drug, "animal"})
        return record

    def vitro(self, key: str, line: str) -> Record:
        year, place, drug, cells, mechanism, result = line.split()
        draw = Draw(key)
        journal = draw.pick(["neuroscience", "pharmacology"])
        words, blocker, marker, method, _, _, mesh = self.laboratory["mechanisms"][mechanism]
        cell_words, cell_mesh = self.laboratory["cells"][cells]
        facts = setting_facts(draw, self.words, int(year), place, self._z(journal)) | {
            "drug": drug,
            "mechanism": words,
            "cells": cell_words,
            "blocker": blocker,
            "marker": marker,
            "method": method,
            "pct": draw.whole(30, 140),
            "safety": "",
        }
        record = self._record(
            key, "vitro", int(year), place, journal, draw, self.texts["vitro"], facts, result,
            layout="plain", human=False,
        )  # fmt: skip
        record.mesh = self._sorted(
            "Animals" if cells != "stem" else "Humans", "Cells, Cultured", cell_mesh,
            "*Ketamine/pharmacology", "Antidepressive Agents/*pharmacology", *mesh,
        )  # fmt: skip
        record.substances = self._substances(drug)
        record.tags = frozenset({mechanism, drug, "animal"})
        return record

    # ------------------------------------------------------------ syntheses and other designs

    def meta(self, key: str, line: str) -> Record:
        year, place, treatment, condition, population, k, result = line.split()[:7]
        draw = Draw(key)
        journal = draw.pick(["mood", "northern", "reviews"])
        facts = clinical_facts(
            draw, self.words, year=int(year), place=place, z=self._z(journal), treatment=treatment,
            condition=condition, population=population, n=50,
        )  # fmt: skip
        facts |= self._pooled(draw, int(k), result)
        facts |= {"topic_words": f"outcomes in {facts['condition']}", "safety": ""}
        record = self._record(
            key, "meta", int(year), place, journal, draw, self.texts["meta"], facts, result,
            layout=self._layout(draw, "meta", journal),
        )  # fmt: skip
        record.mesh = self._mesh(
            treatment, condition, population, "Randomized Controlled Trials as Topic"
        )
        record.substances = self._substances(facts["drug"])
        record.tags = frozenset({treatment, condition, facts["drug"], "meta"})
        return record

    def network(self, key: str, line: str) -> Record:
        year, place, condition, k = line.split()
        draw = Draw(key)
        journal = draw.pick(["mood", "psychiatry"])
        facts = setting_facts(draw, self.words, int(year), place, self._z(journal))
        facts["condition"] = draw.pick(self.words["conditions"][condition]["words"])
        facts |= self._pooled(draw, int(k), "positive") | self._odds(draw, clear=True)
        facts["safety"] = ""
        record = self._record(
            key, "network", int(year), place, journal, draw, self.texts["network"], facts, "",
            layout=self._layout(draw, "network", journal),
        )  # fmt: skip
        record.mesh = self._sorted(
            "Humans", "*Ketamine/therapeutic use", "Network Meta-Analysis",
            "Electroconvulsive Therapy", "*" + self.words["conditions"][condition]["mesh"][0],
        )  # fmt: skip
        record.substances = ["Ketamine", "Esketamine", "Antidepressive Agents"]
        record.tags = frozenset({condition, "ketamine", "meta"})
        return record

    def opinion(self, key: str, design: str, line: str) -> Record:
        """A review, guideline, survey, editorial or letter on one of the topics."""
        year, place, name = line.split()[:3]
        draw = Draw(key)
        topic, _, says, unknown, mesh, keywords = self.texts["topics"][name]
        journals = {
            "systematic": ["mood", "northern", "reviews"],
            "narrative": ["pharmacology", "mood", "psychiatry", "neuroscience", "nursing"],
            "guideline": ["northern", "psychiatry", "mood"],
        }
        journal = draw.pick(journals.get(design, ["psychiatry", "northern", "general", "open"]))
        facts = setting_facts(draw, self.words, int(year), place, self._z(journal))
        facts |= self._pooled(draw, draw.whole(7, 44), "positive") | {
            "topic": topic,
            "says": says,
            "unknown": unknown,
            "hits": f"{draw.whole(300, 2900):,}",
            "biased": draw.whole(3, 6),
            "panel": draw.whole(14, 42),
            "agreed": (agreed := draw.whole(15, 26)),
            "asked": agreed + draw.whole(3, 9),
            "sent": f"{draw.whole(700, 2400):,}",
            "n": draw.whole(120, 560),
            "share": draw.whole(52, 78),
            "unit": "session",
            "safety": "",
        }
        short = design in ("editorial", "letter")
        record = self._record(
            key, design, int(year), place, journal, draw, self.texts[design], facts, "",
            layout="" if short else "plain" if design == "narrative" else self._layout(
                draw, design, journal
            ),
        )  # fmt: skip
        record.types = {"editorial": ["Editorial"], "letter": ["Letter"]}.get(design, record.types)
        main = [f"*{term}" for term in mesh.split(";") if term]
        illness = [] if any("Depress" in term for term in main) else ["Depressive Disorder/drug therapy"]
        drug = "*Ketamine/adverse effects" if name in ("bladder", "abuse") else (
            "*Ketamine/therapeutic use"
        )
        record.mesh = self._sorted("Humans", drug, *illness, *main)
        record.substances = ["Ketamine"]
        record.keywords = [] if int(year) < 2010 else keywords.split(";")
        record.tags = frozenset({name, "ketamine", "opinion"})
        return record

    def vigilance(self, key: str, line: str) -> Record:
        year, place, topic, polarity = line.split()
        draw = Draw(key)
        facts = setting_facts(draw, self.words, int(year), place, "s")
        total = draw.whole(1800, 9400)
        events = draw.whole(18, 240)
        odds, ratio = self._odds(draw, clear=polarity == "present"), "ror"
        facts |= {key.replace("or", ratio, 1): value for key, value in odds.items()}
        facts |= {"total": f"{total:,}", "count": events, "safety": ""}
        facts["topic_words"] = self.texts["safety"][topic]["words"]
        record = self._record(
            key, "vigilance", int(year), place, "safety", draw, self.texts["vigilance"], facts,
            polarity, layout=self._layout(draw, "vigilance", "safety"),
        )  # fmt: skip
        record.mesh = self._mesh(
            "esk-ns", "trd", "adults", "Adverse Drug Reaction Reporting Systems", "*Pharmacovigilance"
        )
        record.substances = self._substances("esketamine")
        record.tags = frozenset({"esketamine", topic})
        return record

    def economic(self, key: str, line: str) -> Record:
        year, place, treatment, comparator, result = line.split()
        draw = Draw(key)
        facts = clinical_facts(
            draw, self.words, year=int(year), place=place, z="z", treatment=treatment,
            condition="trd", population="adults", n=100, comparator=comparator,
        )  # fmt: skip
        gain = draw.whole(6, 21)
        threshold = draw.pick([30_000, 50_000])
        share = draw.between(0.5, 0.9) if result == "positive" else draw.between(1.5, 4)
        ratio = round(threshold * share, -2)
        facts |= {
            "qaly": f"0.{gain:02}",
            "cost": f"{round(ratio * gain / 100):,}",
            "icer": f"{ratio:,.0f}",
            "threshold": f"{threshold:,}",
            "safety": "",
        }
        record = self._record(
            key, "economic", int(year), place, "economics", draw, self.texts["economic"], facts,
            result, layout=self._layout(draw, "economic", "economics"),
        )  # fmt: skip
        record.mesh = self._mesh(
            treatment, "trd", "", "*Cost-Benefit Analysis", "Quality-Adjusted Life Years"
        )
        record.substances = self._substances(facts["drug"])
        record.tags = frozenset({treatment, "trd", "economics"})
        return record

    def qualitative(self, key: str, line: str) -> Record:
        year, place, treatment, condition, population, n = line.split()
        draw = Draw(key)
        journal = draw.pick(["nursing", "open"])
        facts = clinical_facts(
            draw, self.words, year=int(year), place=place, z=self._z(journal), treatment=treatment,
            condition=condition, population=population, n=int(n),
        )  # fmt: skip
        facts["safety"] = ""
        record = self._record(
            key, "qualitative", int(year), place, journal, draw, self.texts["qualitative"], facts,
            "", layout=self._layout(draw, "qualitative", journal),
        )  # fmt: skip
        record.mesh = self._mesh(treatment, condition, population, "*Qualitative Research")
        record.substances = self._substances(facts["drug"])
        record.tags = frozenset({treatment, condition, "qualitative"})
        return record

    def recreational(self, key: str, line: str) -> Record:
        year, place, topic, n = line.split()
        draw = Draw(key)
        number = int(n)
        words = self.texts["safety"][topic]["words"]
        words = {"liver": "raised liver enzymes", "cognition": "memory problems",
                 "abuse": "signs of dependence", "psychotomimetic": "hallucinations and the K-hole",
                 "urinary": "urinary symptoms"}.get(topic, words)  # fmt: skip
        facts = setting_facts(draw, self.words, int(year), place, "s") | {
            "topic_words": words,
            "a_design": "a cross-sectional survey",
            "n": number,
            "age": f"{draw.between(22, 31):.1f}",
            "sites": "one centre",
            "many": count(round(number * draw.between(0.2, 0.5)), number),
            "some": count(round(number * draw.between(0.05, 0.2)), number),
            "safety": "",
        }
        record = self._record(
            key, "recreational", int(year), place, draw.pick(["safety", "open"]), draw,
            self.texts["recreational"], facts, "", layout=draw.pick(["plain", "classic"]),
        )  # fmt: skip
        term = {"urinary": "*Cystitis/chemically induced", "cognition": "*Cognition/drug effects"}
        record.mesh = self._sorted(
            "Humans", "Adult", "Male", "Female", "*Ketamine/adverse effects",
            "*Substance-Related Disorders", term.get(topic, ""),
        )  # fmt: skip
        record.substances = ["Ketamine"]
        record.tags = frozenset({"ketamine", topic, "recreational"})
        return record

    def trdalone(self, key: str, line: str) -> Record:
        year, place, name, n, result = line.split()
        draw = Draw(key)
        number = int(n)
        journal = "stimulation" if name in ("ect", "rtms", "vns") else draw.pick(["mood", "psychiatry"])
        words, mesh = self.laboratory["others"][name]
        n1, n2 = (number + 1) // 2, number // 2
        low = draw.between(0.16, 0.26)
        high = low + (draw.between(0.2, 0.3) if result == "positive" else draw.between(-0.03, 0.05))
        hit1, hit2 = round(n1 * high), max(1, round(n2 * low))
        odds = (hit1 / (n1 - hit1)) / (hit2 / (n2 - hit2))
        spread = (1 / hit1 + 1 / (n1 - hit1) + 1 / hit2 + 1 / (n2 - hit2)) ** 0.5
        factor = 2.718281828 ** (1.96 * spread)
        facts = setting_facts(draw, self.words, int(year), place, self._z(journal)) | {
            "other": words,
            "a_design": "a randomi" + self._z(journal) + "ed controlled trial",
            "randomly": "randomly",
            "people_trd": "adults with treatment-resistant depression",
            "n_people_trd": f"{in_words(number)} adults with treatment-resistant depression"
            if number < 100
            else f"a total of {number} adults with treatment-resistant depression",
            "n1": n1,
            "n2": n2,
            "r1": count(hit1, n1),
            "r2": count(hit2, n2),
            "or": f"{odds:.2f}",
            "or_low": f"{odds / factor:.2f}",
            "or_high": f"{odds * factor:.2f}",
            "safety": "",
        }
        sound = "positive" if odds / factor > 1 else "null"
        record = self._record(
            key, "trdalone", int(year), place, journal, draw, self.texts["trdalone"], facts, sound,
            layout=self._layout(draw, "trdalone", journal),
        )  # fmt: skip
        record.mesh = self._sorted(
            "Humans", "Adult", "Middle Aged", "Male", "Female", "Treatment Outcome",
            "*Depressive Disorder, Treatment-Resistant/therapy", *mesh,
        )  # fmt: skip
        record.substances = [term for term in mesh if term in self.words["substances"]]
        record.tags = frozenset({"trd", name})
        return record

    # ------------------------------------------------------------ parts

    def _record(
        self,
        key: str,
        kind: str,
        year: int,
        place: str,
        journal: str,
        draw: Draw,
        texts: Mapping[str, Sequence[str]],
        facts: dict[str, Any],
        result: str,
        *,
        layout: str,
        human: bool = True,
    ) -> Record:
        title = draw.say(texts["title"], facts).strip()
        parts = {}
        for part in _PARTS:
            choice = texts.get(f"{part}_{result}") or texts.get(part)
            if part == "background" and choice is None and "people" in facts:
                choice = self.texts["clinical"]["background"]
            if part == "safety":
                parts[part] = facts.get("safety", "")
            elif choice:
                parts[part] = draw.say(choice, facts)
        return Record(
            key=key,
            kind=kind,
            year=year,
            journal=journal,
            title=title if title.endswith("?") else f"{title}.",
            sections=self._sections(draw, layout, parts, human=human) if layout else [],
            types=[*_DESIGN_TYPES.get(kind, []), "Journal Article"],
            registry=None,
            tags=frozenset({place}),
            human=human,
        )

    def _sections(
        self, draw: Draw, layout: str, parts: dict[str, str], *, human: bool
    ) -> list[Section]:
        sections = []
        for label, category, names in self.texts["layouts"][layout]:
            text = " ".join(parts[name] for name in names.split() if parts.get(name))
            if text:
                sections.append(Section(text, label, category))
        if human and draw.chance(0.6):
            sections = _abbreviated(sections)
        last = sections[-1]
        marked = f"{last.text} {self.words['text']['mark']}"
        return [*sections[:-1], Section(marked, last.label, last.category)]

    def _cohort(self, design: str) -> dict[str, Any]:
        texts = dict(self.texts["cohort"])
        return texts | {"title": texts[f"title_{design}"], "design": texts[f"design_{design}"]}

    def _safety(self, draw: Draw, facts: dict[str, Any]) -> str:
        """One or two common harms and perhaps a rare one, some of them reported as absent."""
        common = draw.some(_COMMON_HARMS, draw.whole(1, 2))
        said = [self.texts["safety"][common[0]]["present"]]
        said += [
            self.texts["safety"][name][draw.pick(["present", "absent"])] for name in common[1:]
        ]
        if draw.chance(0.6):
            rare = self.texts["safety"][draw.pick(_RARE_HARMS)]
            said.append(rare["present"] if draw.chance(0.25) else rare["absent"])
        return " ".join(draw.say([template], facts) for template in said)

    def _journal(self, draw: Draw, n: int, place: str) -> str:
        if n >= 200 and draw.chance(0.5):
            return "general"
        home = {"gb": "northern", "au": "anaesthesia", "nl": "mood", "de": "pharmacology"}
        if place in home and draw.chance(0.5):
            return home[place]
        return draw.pick(["psychiatry", "mood", "pharmacology", "psychiatry", "open", "northern"])

    def _z(self, journal: str) -> str:
        return str(self.words["journals"][journal][3])

    def _layout(self, draw: Draw, design: str, journal: str) -> str:
        if journal == "northern":
            return "british"
        if journal == "general":
            return "long" if design in ("rct", "secondary") else "classic"
        return draw.pick(["plain", "classic", "classic", "objective", "plain", "short"])

    def _acronym(self, key: str) -> str:
        first = "LARK OTTER FERN WILLOW LANTERN HARBOUR MEADOW COMPASS-S THRUSH BRIDGE".split()
        second = "I II A B S K M 1 2 3".split()
        number = int(key.rsplit("-", 1)[1])
        return f"{first[number % 10]}-{second[number // 10]}"

    def _mesh(self, treatment: str, condition: str, population: str, *more: str) -> list[str]:
        people = self.words["populations"][population][4] if population else []
        illness = self.words["conditions"].get(condition, {"mesh": ["Depression"]})["mesh"]
        return self._sorted(
            "Humans", *people, f"*{illness[0]}/drug therapy", *illness[1:],
            "*Ketamine/therapeutic use/administration & dosage",
            *self.words["treatments"][treatment]["mesh"], "Psychiatric Status Rating Scales", *more,
        )  # fmt: skip

    def _other_arm(self, comparator: str) -> list[str]:
        return {"ect": ["Electroconvulsive Therapy"], "rtms": ["Transcranial Magnetic Stimulation"]}.get(
            comparator, []
        )

    def _sorted(self, *terms: str) -> list[str]:
        """Each heading once, in NLM's alphabetical order."""
        chosen: dict[str, str] = {}
        for term in terms:
            name = term.lstrip("*").split("/")[0]
            if name in self.words["mesh"]:
                chosen.setdefault(name, term)
        return [chosen[name] for name in sorted(chosen, key=str.lower)]

    def _substances(self, drug: str) -> list[str]:
        return ["Antidepressive Agents", *(["Esketamine"] if drug == "esketamine" else []), "Ketamine"]

    def _pooled(self, draw: Draw, k: int, result: str) -> dict[str, Any]:
        middle = draw.between(0.35, 0.75) if result == "positive" else draw.between(-0.05, 0.15)
        half = draw.between(0.15, 0.3)
        sign = "-" if middle > 0 else ""
        high = half - middle
        return {
            "k": k,
            "k_words": capital(in_words(k)),
            "total": f"{k * draw.whole(38, 96):,}",
            "smd": f"{sign}{abs(middle):.2f}",
            "smd_low": f"-{middle + half:.2f}",
            "smd_high": f"{'-' if high < 0 else ''}{abs(high):.2f}",
            "i2": draw.whole(12, 78),
            "certainty": draw.pick(["very low", "low", "low", "moderate"]),
        }

    def _odds(self, draw: Draw, *, clear: bool) -> dict[str, Any]:
        middle = draw.between(2.2, 3.8) if clear else draw.between(0.8, 1.15)
        factor = draw.between(1.3, 1.7)
        return {
            "or": f"{middle:.2f}",
            "or_low": f"{middle / factor:.2f}",
            "or_high": f"{middle * factor:.2f}",
        }


def _abbreviated(sections: list[Section]) -> list[Section]:
    """Long names of illnesses written out once and then shortened, as authors do."""
    for words, short in _ABBREVIATIONS.items():
        if sum(section.text.count(words) for section in sections) < 3:
            continue
        done = False
        renewed = []
        for section in sections:
            head, found, tail = section.text.partition(words)
            if found and not done:
                text = f"{head}{words} ({short}){tail.replace(words, short)}"
                done = True
            else:
                text = section.text.replace(words, short)
            renewed.append(Section(text, section.label, section.category))
        return renewed
    return sections
