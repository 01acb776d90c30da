"""What PubMed's publication types say about a record, in one word and a sign.

These are NLM's types, not a judgement of ours. NLM adds most of them months after publication.
"""

from collections.abc import Collection

__all__ = ["REVIEW_TYPES", "TRIAL_TYPES", "telling_type"]

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


def telling_type(types: Collection[str]) -> tuple[str, str] | None:
    """Kind (for colour and sign) and name of the type that says most, if one does."""
    return next(((kind, name) for name, kind in _ORDER if name in types), None)
