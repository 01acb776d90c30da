"""Records of laboratory studies: animals and cells."""

from collections.abc import Mapping

from sample.compose import Kit, Story, compose, headings, substances
from sample.draw import Draw
from sample.facts import setting_facts
from sample.record import Record

__all__ = ["animal", "vitro"]

Row = Mapping[str, str]


def animal(kit: Kit, key: str, row: Row) -> Record:
    draw = Draw(key)
    journal = draw.pick(["neuroscience", "behaviour", "pharmacology"])
    words, blocker, marker, method, region, _, mesh = kit.laboratory["mechanisms"][row["mechanism"]]
    strain, *strain_headings = kit.laboratory["strains"][row["strain"]]
    model, model_words, model_short = kit.laboratory["models"][row["model"]]
    facts = setting_facts(kit, draw, int(row["year"]), row["place"], journal) | {
        "drug": _name(row["drug"]),
        "treatment": _name(row["drug"]),
        "species": row["species"],
        "strain": strain,
        "dose": f"{row['dose']} mg/kg",
        "group": draw.whole(8, 14),
        "model": model,
        "model_words": model_words,
        "model_short": model_short,
        "mechanism": words,
        "blocker": blocker,
        "marker": marker,
        "method": method,
        "region": region,
        "pct": draw.whole(24, 52),
        "p0": f"= {draw.between(0.2, 0.8):.2f}",
    }
    texts = kit.texts["animal"]
    story = Story(
        key=key, kind="animal", year=int(row["year"]), journal=journal,
        draw=draw, facts=facts, result=row["result"], human=False,
        tags=frozenset({row["mechanism"], row["drug"], "animal"}),
    )  # fmt: skip
    title = texts.get(f"title_{row['result']}", texts["title"])
    record = compose(kit, story, {**texts, "title": title})
    record.mesh = headings(
        kit, "Animals", *strain_headings, "Male", "Ketamine/*pharmacology",
        "Antidepressive Agents/*pharmacology", "Depression/*drug therapy",
        "Disease Models, Animal", "Behavior, Animal/drug effects", *mesh,
    )  # fmt: skip
    known = [term for term in mesh if term in kit.words["substances"]]
    record.substances = substances(row["drug"]) + known
    return record


def vitro(kit: Kit, key: str, row: Row) -> Record:
    draw = Draw(key)
    journal = draw.pick(["neuroscience", "pharmacology"])
    words, blocker, marker, method, _, _, mesh = kit.laboratory["mechanisms"][row["mechanism"]]
    cells, cell_heading = kit.laboratory["cells"][row["cells"]]
    facts = setting_facts(kit, draw, int(row["year"]), row["place"], journal) | {
        "drug": _name(row["drug"]),
        "mechanism": words,
        "cells": cells,
        "blocker": blocker,
        "marker": marker,
        "method": method,
        "pct": draw.whole(30, 140),
    }
    story = Story(
        key=key, kind="vitro", year=int(row["year"]), journal=journal,
        draw=draw, facts=facts, result=row["result"], human=False,
        tags=frozenset({row["mechanism"], row["drug"], "animal"}),
    )  # fmt: skip
    record = compose(kit, story, kit.texts["vitro"])
    record.mesh = headings(
        kit, "Humans" if row["cells"] == "stem" else "Animals", "Cells, Cultured", cell_heading,
        "Ketamine/*pharmacology", "Antidepressive Agents/*pharmacology", *mesh,
    )  # fmt: skip
    record.substances = substances(row["drug"])
    return record


def _name(drug: str) -> str:
    return "(2<i>R</i>,6<i>R</i>)-hydroxynorketamine" if drug == "hydroxynorketamine" else drug
