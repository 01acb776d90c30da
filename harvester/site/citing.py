"""Which papers a record cites, and which articles here cite it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from harvester.site import links
from harvester.site.brief import Brief, brief
from harvester.site.dates import first_published, is_after, long_date
from harvester.site.links import Link
from harvester.site.markup import clean
from harvester.site.record import Record, Row

__all__ = ["Citing", "Reference", "cited_by", "references"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A line of the reference list; `number` is its place there."""

    number: int
    text: str
    section: str | None
    link: Link | None
    in_library: bool
    retracted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Citing:
    """Articles here that cite a record, the newest first: `count` of them, of which some shown.

    Those of a retracted record are told apart by `heading`: before the retraction, or after.
    """

    heading: str | None
    count: int
    articles: tuple[Brief, ...]


def references(record: Record) -> tuple[Reference, ...]:
    """The whole list in its order."""
    return tuple(_reference(row) for row in record.references)


def cited_by(record: Record, retracted: str | None, *, most: int | None) -> tuple[Citing, ...]:
    """The citing articles, parted by the day of the retraction if there is one (ISO)."""
    if retracted is None:
        return _group(None, record.cited_by, most)
    when = long_date(retracted)
    parts: dict[bool | None, list[Row]] = {True: [], False: [], None: []}
    for row in record.cited_by:
        parts[is_after(first_published(row), retracted)].append(row)
    return (
        *_group(f"Published after the retraction of {when}", parts[True], most),
        *_group(f"Published before the retraction of {when}", parts[False], most),
        *_group(f"About the time of the retraction, {when}", parts[None], most),
    )


def _group(heading: str | None, found: Iterable[Row], most: int | None) -> tuple[Citing, ...]:
    articles = tuple(found)
    if not articles:
        return ()
    shown = tuple(brief(row) for row in articles[:most])
    return (Citing(heading=heading, count=len(articles), articles=shown),)


def _reference(row: Row) -> Reference:
    pmid, here = row["cited_pmid"], bool(row["in_library"])
    link = None
    if pmid is not None:
        href = links.article_path(pmid) if here else links.pubmed_url(pmid)
        link = Link(label=f"PMID {pmid}", href=href, external=not here)
    else:
        doi = next((v for k, v in json.loads(row["ids"] or "[]") if k == "doi"), None)
        if doi:
            link = Link(label=f"doi:{clean(doi)}", href=links.doi_url(doi), external=True)
    return Reference(
        number=row["position"],
        text=clean(row["citation"]) if row["citation"] else "",
        section=clean(row["section"]) if row["section"] else None,
        link=link,
        in_library=here,
        retracted=bool(row["retracted"]),
    )
