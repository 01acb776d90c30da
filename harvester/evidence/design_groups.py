"""Study designs as people ask for them: a few groups of the design that our rules find."""

from dataclasses import dataclass

__all__ = ["GROUPS", "SYNTHESES", "TRIALS", "UNKNOWN", "DesignGroup", "group_of"]

SYNTHESES = ("systematic_review", "meta_analysis", "scoping_review")
TRIALS = ("rct",)


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignGroup:
    """Values of the facet `design` under one name; none: the design was not found."""

    kind: str
    name: str
    designs: tuple[str, ...]


GROUPS = (
    DesignGroup(kind="review", name="Systematic reviews and meta-analyses", designs=SYNTHESES),
    DesignGroup(kind="trial", name="Randomised trials", designs=TRIALS),
    DesignGroup(
        kind="trial",
        name="Other trials and experiments",
        designs=("open_label_trial", "human_experimental"),
    ),
    DesignGroup(
        kind="observe",
        name="Cohorts, surveys and registers",
        designs=(
            *("cohort_prospective", "cohort_retrospective", "cross_sectional", "survey"),
            *("qualitative", "epidemiology", "pharmacovigilance", "registry_analysis"),
            "economic",
        ),
    ),
    DesignGroup(kind="observe", name="Other studies of people", designs=("clinical_other",)),
    DesignGroup(
        kind="observe", name="Case reports and series", designs=("case_report", "case_series")
    ),
    DesignGroup(kind="other", name="Guidelines and consensus", designs=("guideline",)),
    DesignGroup(kind="review", name="Other reviews", designs=("narrative_review",)),
    DesignGroup(
        kind="lab",
        name="Animal and laboratory studies",
        designs=("preclinical_in_vivo", "in_vitro", "laboratory_method"),
    ),
    DesignGroup(kind="other", name="Protocols", designs=("protocol",)),
    DesignGroup(kind="other", name="Comments, letters and editorials", designs=("comment",)),
)
UNKNOWN = DesignGroup(kind="other", name="Design not found by our rules", designs=())


def group_of(design: str | None) -> DesignGroup:
    """The group of a design."""
    return next((group for group in GROUPS if design in group.designs), UNKNOWN)
