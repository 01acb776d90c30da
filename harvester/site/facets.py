"""The facets: what articles can be filtered and counted by, all in one place, as data."""

from collections.abc import Callable
from dataclasses import dataclass

from harvester.evidence.labels import facet_label, facets, value_label
from harvester.library.notices import BY_FLAG, RETRACTING, noticed
from harvester.site.languages import language_name

__all__ = ["ABSENT", "FACETS", "Facet"]

ABSENT = "safety_absent"


def _as_it_is(value: str) -> str:
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """`sql` gives pairs of value and PMID, also of what is not held; `name` is the URL's parameter.

    `labels` gives pairs of value and the words for it, where the library holds these; otherwise
    `say` makes them. `known` are all values that there can be, none where only PubMed knows them.
    `open` ones are unfolded when the page opens.
    """

    name: str
    label: str
    sql: str
    labels: str | None = None
    say: Callable[[str], str] = _as_it_is
    known: tuple[str, ...] = ()
    open: bool = False


def _finding(name: str, *, open: bool = False) -> Facet:  # noqa: A002 (as in Facet)
    return Facet(
        name=name,
        label=facet_label(name),
        sql=f"SELECT value, pmid FROM findings WHERE facet = '{name}'",  # noqa: S608 (our names)
        say=lambda value: value_label(name, value),
        known=tuple(facets()[name][1]),
        open=open,
    )


def _worded(name: str, label: str, sql: str, **words: str) -> Facet:
    return Facet(
        name=name,
        label=label,
        sql=sql,
        say=lambda value: words.get(value, value),
        known=tuple(words),
    )


# One value for each record, the first that is true. A notice here counts before PubMed has marked
# the record itself, as in lists (`record.BRIEF_COLUMNS`).
_RECORD = f"""
SELECT CASE
    WHEN a.retracted OR {noticed(RETRACTING)} THEN 'retracted'
    WHEN a.withdrawn IS NOT NULL THEN 'withdrawn'
    WHEN a.retraction_notice OR a.pmid IN (
        SELECT p.pmid FROM article_publication_types p
        JOIN publication_types t ON t.id = p.publication_type_id
        WHERE t.name IN ('Retraction of Publication', 'Published Erratum', 'Expression of Concern')
    ) THEN 'notice'
    WHEN a.pmid IN (SELECT pmid FROM findings WHERE facet = 'design' AND value = 'comment')
    THEN 'comment'
    ELSE 'research'
END, a.pmid FROM articles a
"""  # noqa: S608 (our kinds)

# A record can have several. A notice here counts before PubMed has marked the record itself.
_STATUS = (
    "WITH marked AS (SELECT pmid, retracted, concern, corrected FROM articles "  # noqa: S608
    "WHERE retracted OR concern OR corrected) "
    "SELECT 'withdrawn', pmid FROM articles WHERE withdrawn IS NOT NULL UNION ALL "
    + " UNION ALL ".join(
        f"SELECT '{name}', pmid FROM marked WHERE {name} UNION ALL "  # noqa: S608
        f"SELECT '{name}', other_pmid FROM corrections "
        f"WHERE kind IN ({', '.join(map(repr, kinds))})"
        for name, kinds in BY_FLAG.items()
    )
)

FACETS: dict[str, Facet] = {
    facet.name: facet
    for facet in (
        _finding("design", open=True),
        _finding("drug", open=True),
        _finding("route", open=True),
        _finding("condition"),
        _finding("population"),
        _finding("comparator"),
        _finding("safety"),
        # `safety` has what is reported on, whether it happened or not; this is what did not.
        Facet(
            name=ABSENT,
            label=f"{facet_label('safety')} reported as absent",
            sql="SELECT value, pmid FROM findings WHERE facet = 'safety' "
            "AND json_extract(detail, '$.polarity') = 'absent'",
            say=lambda value: value_label("safety", value),
            known=tuple(facets()["safety"][1]),
        ),
        _finding("outcome"),
        _finding("scale"),
        _finding("schedule"),
        _finding("combination"),
        _finding("mechanism"),
        _finding("design_flag"),
        _finding("funding"),
        _finding("relevance"),
        _worded(
            "record",
            "Kind of record",
            _RECORD,
            research="Research",
            comment="Comment, letter or editorial",
            notice="Notice of a retraction or correction",
            retracted="Retracted article",
            withdrawn="No longer in PubMed",
        ),
        Facet(
            name="type",
            label="Publication type",
            sql="SELECT t.name, a.pmid FROM article_publication_types a "
            "JOIN publication_types t ON t.id = a.publication_type_id",
        ),
        Facet(
            name="mesh",
            label="MeSH heading",
            sql="SELECT t.name, a.pmid FROM article_mesh a JOIN mesh_terms t ON t.id = a.mesh_id",
        ),
        Facet(name="journal", label="Journal", sql="SELECT journal, pmid FROM articles"),
        _worded(
            "access",
            "Access",
            "SELECT iif(pmcid IS NULL, 'subscription', 'free'), pmid FROM articles",
            free="Free full text",
            subscription="Subscription or unknown",
        ),
        _worded(
            "status",
            "Status",
            _STATUS,
            retracted="Retracted",
            withdrawn="No longer in PubMed",
            concern="Expression of concern",
            corrected="Corrected",
        ),
        Facet(
            name="topic",
            label="Saved search",
            sql="SELECT topic, pmid FROM article_topics WHERE left_run IS NULL",
            labels="SELECT name, title FROM topics",
        ),
        Facet(
            name="language",
            label="Language",
            sql="SELECT language, pmid FROM article_languages",
            say=language_name,
        ),
        Facet(name="country", label="Country", sql="SELECT country, pmid FROM articles"),
    )
}
