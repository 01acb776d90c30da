"""Articles and the library in the words of schema.org.

As JSON-LD it is a document beside the page, not an element `script` in it: our pages have none,
as we tell their readers. The page itself says the same as `microdata`.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harvester.exports.formats import FORMATS
from harvester.library.runs import last_good_of_all
from harvester.release.manifest import Release
from harvester.site import links
from harvester.site.catalogue import Catalogue
from harvester.site.citation import told_title
from harvester.site.frame import is_sample
from harvester.site.languages import language_tag
from harvester.site.markup import clean
from harvester.site.notices import Standing
from harvester.site.record import Record, Row

__all__ = ["MEDIA_TYPE", "article_data", "dataset_data"]

MEDIA_TYPE = "application/ld+json"

_CONTEXT = "https://schema.org"
_MESH = "https://www.nlm.nih.gov/mesh/"
_MOST = 100  # authors; the record as JSON has them all
_NAME = "The Living Library: ketamine and treatment-resistant depression"
_TERMS = "https://www.nlm.nih.gov/databases/download/terms_and_conditions.html"
_ABOUT = (
    "records of PubMed on ketamine and depression, on treatment-resistant depression and on the "
    "safety of ketamine: title, abstract, authors, MeSH headings, trial numbers, corrections and "
    "retractions, with each record’s history, and what our rules find in its words: study design, "
    "sample size, population, drug, route, comparator, outcomes and harms. Literature, not medical "
    "advice."
)
_METHOD = (
    "Saved searches of PubMed, compared with PubMed record by record at each harvest; findings by "
    "rules whose accuracy is measured"
)
_FROM_FILES = "Records loaded from files; findings by rules whose accuracy is measured"
# Links that say why one must not rely on the article as it is, in words.
_CORRECTIONS = {
    "RetractionIn": "Retraction notice",
    "RetractedandRepublishedIn": "Retracted, and republished",
    "PartialRetractionIn": "Partly retracted",
    "ExpressionOfConcernIn": "Expression of concern",
    "ErratumIn": "Correction",
    "CorrectedandRepublishedIn": "Corrected version",
}


def article_data(record: Record, root: str, standings: Sequence[Standing]) -> dict[str, Any]:
    """The record as a ScholarlyArticle, or of the Bookshelf as a book or chapter.

    `root` is the site's whole address, `standings` are those that the page shows. We describe it
    and do not publish it: it is the same as its records at PubMed, at its DOI, in PubMed Central.
    """
    article = record.article
    address = root + links.article_path(record.pmid)
    title = told_title(article, retracted=any(s.state == "retracted" for s in standings))
    names = [a for a in record.authors if a["role"] == "author" and a["valid"]]
    return _without_empty(
        {
            "@context": _CONTEXT,
            "@type": _type(record),
            "@id": address,
            "url": address,
            "name": title,
            "headline": None if record.book else title,
            "creativeWorkStatus": [s.label for s in standings if s.state != "notice"],
            "correction": list(_corrections(record)),
            "author": [_author(row) for row in names[:_MOST]],
            "datePublished": article["published"] or article["published_online"],
            "inLanguage": language_tag(article["language"]),
            "isPartOf": _whole(record),
            "pagination": article["pages"],
            "identifier": list(_identifiers(record)),
            "sameAs": list(_same(record)),
            "isAccessibleForFree": True if article["pmcid"] else None,
            "keywords": [row["keyword"] for row in record.keywords],
            "about": [_term(row) for row in record.mesh if row["major"]],
        }
    )


def dataset_data(
    connection: sqlite3.Connection, catalogue: Catalogue, root: str, release: Release | None
) -> dict[str, Any] | None:
    """The library as a Dataset, with the files of a release; None for the sample and when empty.

    Nobody should find the sample.
    """
    if not catalogue.pmids or is_sample(connection):
        return None
    good = last_good_of_all(connection)
    (changed,) = connection.execute(
        "SELECT started FROM runs WHERE id = (SELECT max(run_id) FROM changes)"
    ).fetchone()
    years = list(catalogue.years)
    return _without_empty(
        {
            "@context": _CONTEXT,
            "@type": "Dataset",
            "@id": f"{root}/",
            "url": f"{root}/",
            "name": _NAME,
            "description": f"{len(catalogue.pmids):,} {_ABOUT}",
            "creator": {"@type": "Organization", "name": "The Living Library", "url": f"{root}/"},
            "license": _TERMS,
            "isAccessibleForFree": True,
            "version": (good["finished"] if good else changed)[:10],
            "dateModified": changed,
            "temporalCoverage": f"{years[0]}/{years[-1]}" if years else None,
            "keywords": ["ketamine", "esketamine", "treatment-resistant depression", "PubMed"],
            "measurementTechnique": _METHOD if good else _FROM_FILES,
            "isBasedOn": {
                "@type": "Dataset",
                "name": "PubMed",
                "url": "https://pubmed.ncbi.nlm.nih.gov/",
                "description": "Citations of the biomedical literature, held by the U.S. National "
                "Library of Medicine, which does not endorse this library.",
            },
            "distribution": [
                {
                    "@type": "DataDownload",
                    "name": f"All records as {form.label}",
                    "encodingFormat": form.media_type,
                    "contentUrl": f"{root}/search.{form.suffix}",
                }
                for form in FORMATS.values()
                if form.available
            ]
            + (list(_released(release, root)) if release else []),
            "includedInDataCatalog": {
                "@type": "DataCatalog",
                "name": "The Living Library",
                "url": f"{root}/",
            },
        }
    )


def _released(release: Release, root: str) -> Iterator[dict[str, Any]]:
    """The files of a release: of one day, where the others are of now."""
    for file in release.files:
        yield {
            "@type": "DataDownload",
            "name": f"Release {release.version}: {file.path}",
            "description": file.about,
            "encodingFormat": file.mediatype,
            "contentSize": f"{file.size} B",
            "sha256": file.sha256,
            "contentUrl": f"{root}/download/{release.version}/{file.path}",
        }


def _type(record: Record) -> str:
    if record.book is None:
        return "ScholarlyArticle"
    return "Book" if record.book["title"] == record.article["title"] else "Chapter"


def _author(row: Row) -> dict[str, Any]:
    if row["collective"]:
        return {"@type": "Organization", "name": row["name"]}
    given = row["fore_name"] or row["initials"]
    name = " ".join(filter(None, (given, row["last_name"], row["suffix"])))
    return _without_empty(
        {
            "@type": "Person",
            "name": name or row["name"],
            "familyName": row["last_name"],
            "givenName": given,
            "honorificSuffix": row["suffix"],
            "sameAs": links.orcid_url(row["orcid"]) if row["orcid"] else None,
        }
    )


def _whole(record: Record) -> dict[str, Any] | None:
    """The issue in its volume in its journal, as far as they are known; or the book."""
    article, book = record.article, record.book
    if book:
        if _type(record) == "Book":
            return None
        return {"@type": "Book", "name": book["title"]}
    if not article["journal"]:
        return None
    whole = _without_empty(
        {"@type": "Periodical", "name": article["journal"], "issn": article["issn"]}
    )
    for kind, name, number in (
        ("PublicationVolume", "volumeNumber", article["volume"]),
        ("PublicationIssue", "issueNumber", article["issue"]),
    ):
        if number:
            whole = {"@type": kind, name: number, "isPartOf": whole}
    return whole


def _identifiers(record: Record) -> Iterator[dict[str, str]]:
    for name, value in (
        ("PMID", str(record.pmid)),
        ("DOI", record.article["doi"]),
        ("PMCID", record.article["pmcid"]),
    ):
        if value:
            yield {"@type": "PropertyValue", "propertyID": name, "value": value}


def _same(record: Record) -> Iterator[str]:
    article = record.article
    if not article["withdrawn"]:
        yield links.pubmed_url(record.pmid)
    if article["doi"]:
        yield links.doi_url(article["doi"])
    if article["pmcid"]:
        yield links.pmc_url(article["pmcid"])


def _corrections(record: Record) -> Iterator[dict[str, str]]:
    for row in record.corrections:
        if row["kind"] in _CORRECTIONS:
            says = {"@type": "CorrectionComment", "text": _CORRECTIONS[row["kind"]]}
            if row["other_pmid"]:
                says["url"] = links.pubmed_url(row["other_pmid"])
            yield says


def _term(row: Row) -> dict[str, Any]:
    term = {"@type": "DefinedTerm", "name": row["name"], "termCode": row["ui"]}
    return _without_empty({**term, "inDefinedTermSet": _MESH})


def _without_empty(data: Mapping[str, Any]) -> dict[str, Any]:
    found = ((name, _plain(value)) for name, value in data.items())
    return {name: value for name, value in found if value not in (None, "", [])}


def _plain(value: Any) -> Any:
    """Without characters that nobody sees, however deep."""
    if isinstance(value, Mapping):
        return _without_empty(value)
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return clean(value) if isinstance(value, str) else value
