"""What kind of publication a record is, in one word and a sign.

The design is found in the record's own words; the types are NLM's, added to most records months
after publication.
"""

from collections.abc import Collection

from harvester.site.facets import FACETS

__all__ = ["FIRST_TYPES", "REVIEW_TYPES", "TRIAL_TYPES", "badge", "kind_of", "telling_type"]

REVIEW_TYPES = (
    "Network Meta-Analysis",
    "Meta-Analysis",
    "Systematic Review",
    "Scoping Review",
    "Review",
)
TRIAL_TYPES = (
    "Randomized Controlled Trial",
    "Pragmatic Clinical Trial",
    "Equivalence Trial",
    "Adaptive Clinical Trial",
    "Controlled Clinical Trial",
    "Clinical Trial, Phase IV",
    "Clinical Trial, Phase III",
    "Clinical Trial, Phase II",
    "Clinical Trial, Phase I",
    "Clinical Trial",
)

# The first that a record has is the one shown, so a protocol is never taken for its trial, and a
# systematic review of trials is a review.
_ORDER: tuple[tuple[str, str], ...] = (
    ("Clinical Trial Protocol", "other"),
    ("Published Erratum", "other"),
    ("Expression of Concern", "other"),
    ("Preprint", "other"),
    ("Practice Guideline", "review"),
    ("Guideline", "review"),
    ("Consensus Development Conference", "review"),
    *((name, "review") for name in REVIEW_TYPES if name != "Review"),
    *((name, "trial") for name in TRIAL_TYPES),
    ("Observational Study", "observe"),
    ("Case Reports", "observe"),
    ("Clinical Study", "observe"),
    ("Review", "review"),
    ("Randomized Controlled Trial, Veterinary", "lab"),
    ("Clinical Trial, Veterinary", "lab"),
    ("Observational Study, Veterinary", "lab"),
    ("Editorial", "other"),
    ("Letter", "other"),
    ("Comment", "other"),
    ("News", "other"),
    ("Congress", "other"),
    ("Dataset", "other"),
    ("Patient Education Handout", "other"),
    ("Interview", "other"),
    ("Biography", "other"),
    ("Historical Article", "other"),
)

# These come before any design: a preprint or a notice must never look like a finished study.
FIRST_TYPES = (
    "Clinical Trial Protocol",
    "Retraction of Publication",
    "Published Erratum",
    "Expression of Concern",
    "Preprint",
)
# Signs of the designs; those missing have the sign of all else.
_DESIGNS = {
    **dict.fromkeys(
        ("systematic_review", "meta_analysis", "scoping_review", "guideline", "narrative_review"),
        "review",
    ),
    **dict.fromkeys(("rct", "open_label_trial"), "trial"),
    **dict.fromkeys(
        (
            "cohort_retrospective",
            "cohort_prospective",
            "case_report",
            "case_series",
            "pharmacovigilance",
            "survey",
            "cross_sectional",
            "registry_analysis",
            "qualitative",
            "epidemiology",
        ),
        "observe",
    ),
    **dict.fromkeys(("preclinical_in_vivo", "in_vitro", "laboratory_method"), "lab"),
}


def badge(design: str | None, types: Collection[str]) -> tuple[str, str] | None:
    """Kind (for colour and sign) and words for a record: its design, or NLM's type that says most.

    NLM tells letters from editorials, which the design `comment` does not.
    """
    if not design or design == "comment":
        return telling_type(types)
    first = [name for name in FIRST_TYPES if name in types]
    if not first:
        return kind_of(design), FACETS["design"].say(design)
    if first == ["Preprint"]:
        label = FACETS["design"].say(design)
        return "other", f"Preprint, not peer reviewed: {label[:1].lower()}{label[1:]}"
    return telling_type(types)


def kind_of(design: str) -> str:
    """The sign of a design."""
    return _DESIGNS.get(design, "other")


def telling_type(types: Collection[str]) -> tuple[str, str] | None:
    """Kind (for colour and sign) and name of the type that says most, if one does."""
    return next(((kind, name) for name, kind in _ORDER if name in types), None)
