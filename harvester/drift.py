"""Whether PubMed still reads a search as it did: a pure comparison with the run before.

PubMed may change how it translates a term, and drops a quoted phrase that is not in its index
without an error (NLM's phrase index; tried live by others): the set then grows or shrinks for no
reason in the literature. So each run keeps translation, warnings and count, and compares them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from harvester.pubmed.search import SearchResult

__all__ = ["Reading", "drift"]

# The kinds of warning that name a phrase or a field of ours that PubMed left out.
LEFT_OUT = ("QuotedPhraseNotFound", "PhraseNotFound", "FieldNotFound", "PhraseIgnored")


# Records leave a search one by one, with new indexing or with the year's MeSH. A set that lost more
# than this share and this many between two runs is more likely an index that is being rebuilt.
_SHARE = 0.1
_MANY = 10


@dataclass(frozen=True, slots=True)
class Reading:
    """How PubMed read a search in an earlier run of the same term."""

    translation: str
    warnings: tuple[str, ...] = ()
    count: int = 0


def drift(topic: str, before: Reading | None, now: SearchResult) -> tuple[list[str], str | None]:
    """Sentences about what is new, and the reason not to trust the set, if there is one.

    A part of the search that PubMed left out for the first time is such a reason, and so is a count
    that fell suddenly: what seems to have left the search may only be out of sight. It is one for
    one run; when the next run reads the same, it is so. The first run of a term has nothing to
    compare with and only reports.
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
    lost = before.count - now.count if before else 0
    if before and lost > _MANY and lost > before.count * _SHARE:
        return notes, (
            f"PubMed counts {now.count:,} records for the search {topic} where it counted "
            f"{before.count:,}; nothing was marked as left in this run."
        )
    return notes, None
