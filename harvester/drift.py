"""Whether PubMed still reads a search as it did: a pure comparison with the run before.

PubMed may change how it translates a term, and drops a quoted phrase that is not in its index
without an error (NLM's phrase index; tried live by others): the set then grows or shrinks for no
reason in the literature. So each run keeps translation and warnings, and compares them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from harvester.pubmed.search import SearchResult

__all__ = ["Reading", "drift"]

# The kinds of warning that name a phrase or a field of ours that PubMed left out.
LEFT_OUT = ("QuotedPhraseNotFound", "PhraseNotFound", "FieldNotFound", "PhraseIgnored")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How PubMed read a search in an earlier run of the same term."""

    translation: str
    warnings: tuple[str, ...] = ()


def drift(topic: str, before: Reading | None, now: SearchResult) -> tuple[list[str], str | None]:
    """Sentences about what is new, and the reason not to trust the set, if there is one.

    A part of the search that PubMed left out for the first time is such a reason: what seems to
    have left the search may only be no longer asked for. It is one for one run; after it the
    reading is known. The first run of a term has nothing to compare with and only reports.
    """
    known: Sequence[str] = before.warnings if before else ()
    new = [warning for warning in now.warnings if warning not in known]
    notes = [f"PubMed says of the search {topic}: {warning}" for warning in new]
    if before and before.translation != now.translation:
        notes.append(
            f"PubMed reads the search {topic} differently than before; "
            "compare the translations in run_topics."
        )
    left_out = [warning for warning in new if warning.startswith(LEFT_OUT)]
    if before and left_out:
        return notes, (
            f"PubMed left out a part of the search {topic} for the first time "
            f"({'; '.join(left_out)}); nothing was marked as left in this run."
        )
    return notes, None
