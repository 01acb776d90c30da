"""The stacks with findings of every facet, so that what is made of findings can be counted."""

import json
import random
from pathlib import Path

from harvester.library.database import transaction
from harvester.library.migrations import open_library
from tests.site import stacks

__all__ = ["HOSTILE", "make_library"]

HOSTILE = '<script>alert(1)</script>"&x=1#'
_VALUES = {
    "condition": ("trd", "mdd", "bipolar_depression", "ptsd", HOSTILE),
    "safety": ("dissociation", "urinary", "blood_pressure"),
    "outcome": ("response", "remission", "no_difference"),
    "scale": ("MADRS", "HAMD"),
    "route": ("iv", "intranasal"),
    "comparator": ("placebo", "ect"),
    "mechanism": ("nmda", "ampa"),
    "schedule": ("single",),
}
_DESIGNS = ("rct", "open_label_trial", "systematic_review", "protocol", "comment", "case_report")


def make_library(path: Path) -> None:
    """Sixty records; what each says is drawn once and stays the same."""
    stacks.make_library(path)
    chance = random.Random(7)  # noqa: S311 (a sample, no secret)
    found: list[tuple[int, str, str, str | None]] = []
    sizes = {}
    for known in stacks.expected():
        pmid = known.pmid
        found.append((pmid, "relevance", chance.choice(("core", "related", "incidental")), None))
        kinds = chance.choice((("human",), ("human", "adolescents"), ("animal",)))
        found += [(pmid, "population", kind, None) for kind in kinds]
        found.append((pmid, "design", chance.choice(_DESIGNS), None))
        for facet, values in _VALUES.items():
            for value in chance.sample(values, chance.randint(0, len(values))):
                found.append((pmid, facet, value, None))
        if chance.random() < 0.6:
            low = chance.choice((0.1, 0.25, 0.5, 0.5, 1.0, 2))
            detail = {"min": low, "max": max(low, chance.choice((0.5, low))), "unit": "mg/kg"}
            found.append((pmid, "dose", "weight", json.dumps(detail)))
        if chance.random() < 0.6:
            low = chance.choice((2, 40, 40, 60, 100, 5760))
            detail = {"min": low, "max": low, "unit": "min"}
            found.append((pmid, "infusion_minutes", "minutes", json.dumps(detail)))
        if chance.random() < 0.7:
            sizes[pmid] = chance.choice((1, 8, 20, 73, 99, 100, 403, 1300))
    connection = open_library(path).conn
    with transaction(connection):
        connection.executemany(
            "INSERT INTO findings (pmid, position, facet, value, rule, source, detail) "
            "VALUES (?, ?, ?, ?, 'test/1', 'title', ?)",
            [
                (pmid, n, facet, value, detail)
                for n, (pmid, facet, value, detail) in enumerate(found, 100)
            ],
        )
        for pmid, facet, value, _ in found:
            if facet == "design":
                connection.execute("UPDATE articles SET design = ? WHERE pmid = ?", (value, pmid))
        for pmid, size in sizes.items():
            connection.execute("UPDATE articles SET sample_size = ? WHERE pmid = ?", (size, pmid))
    connection.close()
