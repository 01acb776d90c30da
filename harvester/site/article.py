"""The page of one record: rows of the library in, everything the template shows out."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harvester.site import links, people
from harvester.site.brief import Brief, brief, title_of
from harvester.site.citation import citation, citation_tags, imprint
from harvester.site.dates import long_date
from harvester.site.facts import Event, Fact, facts, history, provenance
from harvester.site.languages import language_name, language_tag
from harvester.site.links import Link, search_path
from harvester.site.markup import clean, inline
from harvester.site.notices import Entry, Notice, Standing, linked_records, notices, standings
from harvester.site.people import Group, Person
from harvester.site.publication import telling_type
from harvester.site.record import Record, Row, load_record

__all__ = ["ArticleView", "article_view", "load_article"]

_CITING_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """Text in another language; `lang` is its BCP 47 tag, None when not known."""

    text: str
    lang: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of an abstract; without a label the one before goes on."""

    label: str | None
    text: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstract:
    """An abstract with what is said about it: `heading` for people, `lang` for browsers."""

    heading: str
    lang: str | None
    sections: tuple[Section, ...]
    copyright: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A MeSH heading; what has NLM's star, itself or a qualifier, is a main point."""

    link: Link
    major: bool
    qualifiers: tuple[tuple[str, bool], ...]
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    number: int
    text: str
    section: str | None
    link: Link | None
    in_library: bool
    retracted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    number: str
    registry: str
    found_in: str
    href: str
    others: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleView:
    """What the article page shows, in the order of the page."""

    pmid: int
    shelf: str | None
    notices: tuple[Notice, ...]
    standings: tuple[Standing, ...]
    retracted: bool
    year: str
    title: Markup
    plain_title: str
    title_lang: str | None
    vernacular: Foreign | None
    authors: tuple[Person, ...]
    authors_complete: bool
    groups: tuple[Group, ...]
    editors: tuple[Person, ...]
    source: Link | None
    imprint: str
    types: tuple[tuple[str, Link], ...]
    actions: tuple[Link, ...]
    abstract: Abstract | None
    other_abstracts: tuple[Abstract, ...]
    keywords: tuple[Link, ...]
    contents: tuple[tuple[int, Markup], ...]
    mesh: tuple[Heading, ...]
    mesh_note: str
    substances: tuple[Link, ...]
    trials: tuple[Trial, ...]
    data_banks: tuple[str, ...]
    grants: tuple[str, ...]
    grants_complete: bool
    conflicts: str | None
    linked: tuple[Entry, ...]
    references: tuple[Reference, ...]
    references_here: tuple[Reference, ...]
    cited_by: tuple[Brief, ...]
    cited_by_count: int
    facts: tuple[Fact, ...]
    citation: str
    history: tuple[Event, ...]
    provenance: tuple[Fact, ...]
    meta: tuple[tuple[str, str], ...]


def load_article(
    connection: sqlite3.Connection, pmid: int, *, data: str = "/literature"
) -> ArticleView | None:
    """The page of that record, or None when the library does not hold it."""
    record = load_record(connection, pmid)
    return article_view(record, data=data) if record else None


def article_view(record: Record, *, data: str = "/literature") -> ArticleView:
    """Everything the page shows; `data` is the path of the tables' own pages."""
    article = record.article
    shown = notices(record)
    retracted = any(notice.state == "retracted" for notice in shown)
    own = tuple(s for s in record.sections if s["type"] is None)
    languages = [row["language"] for row in record.languages]
    foreign = next((code for code in languages if code != "eng"), None)
    title, lang = title_of(article, foreign)
    vernacular = article["vernacular_title"]
    references = tuple(_reference(row) for row in record.references)
    return ArticleView(
        pmid=record.pmid,
        shelf=_shelf(record),
        notices=shown,
        standings=tuple(standings({**article, "retracted": retracted})),
        retracted=retracted,
        year=str(article["year"] or "No date"),
        title=title,
        plain_title=clean(article["title"] or vernacular or f"PMID {record.pmid}"),
        title_lang=lang,
        vernacular=Foreign(text=clean(vernacular), lang=language_tag(foreign))
        if vernacular and article["title"]
        else None,
        authors=people.authors(record),
        authors_complete=bool(article["authors_complete"]),
        groups=people.groups(record),
        editors=people.editors(record),
        source=_source(article),
        imprint="" if record.book else imprint(record),
        types=tuple(_types(record)),
        actions=tuple(_actions(record, shown)),
        abstract=_abstract(own, "Abstract", "eng"),
        other_abstracts=tuple(_other_abstracts(record)),
        keywords=tuple(_term(row["keyword"]) for row in record.keywords),
        contents=tuple(_contents(record)),
        mesh=tuple(_heading(row) for row in record.mesh),
        mesh_note=_mesh_note(article),
        substances=tuple(_term(row["name"]) for row in record.substances),
        trials=tuple(_trials(record)),
        data_banks=tuple(_data_banks(record)),
        grants=tuple(_grant(row) for row in record.grants),
        grants_complete=bool(article["grants_complete"]),
        conflicts=clean(article["coi_statement"]) if article["coi_statement"] else None,
        linked=linked_records(record),
        references=references,
        references_here=tuple(r for r in references if r.in_library),
        cited_by=tuple(brief(row) for row in record.cited_by[:_CITING_SHOWN]),
        cited_by_count=len(record.cited_by),
        facts=tuple(facts(record)),
        citation=citation(record),
        history=tuple(history(record, data=data)),
        provenance=tuple(provenance(record, data=data)),
        meta=tuple(citation_tags(record)),
    )


def _shelf(record: Record) -> str | None:
    """What it is, when it is no article of a journal."""
    if record.book is None:
        return None
    return "Book" if record.book["title"] == record.article["title"] else "Chapter of a book"


def _source(article: Row) -> Link | None:
    title = article["journal"]
    if not title:
        return None
    name = article["medline_ta"] or article["journal_abbreviation"] or title
    return Link(label=clean(name), href=search_path(journal=title))


def _types(record: Record) -> Iterator[tuple[str, Link]]:
    """Publication types that say what kind of study, or of text, it is; facts list them all."""
    for row in record.types:
        known = telling_type((row["name"],))
        if known:
            kind, name = known
            label = "Preprint, not peer reviewed" if name == "Preprint" else name
            yield kind, Link(label=label, href=search_path(type_=name))


def _actions(record: Record, shown: Sequence[Notice]) -> Iterator[Link]:
    """Buttons, the main one first: the notice when it is retracted, else the free full text."""
    article = record.article
    if shown and shown[0].state == "retracted":
        notice = next((entry.link for entry in shown[0].entries if entry.link), None)
        if notice:
            yield Link(label="Retraction notice", href=notice.href, external=notice.external)
    if article["pmcid"]:
        url = links.pmc_url(article["pmcid"])
        yield Link(label="Free full text", href=url, external=True)
    bookshelf = next((row["value"] for row in record.ids if row["kind"] == "bookaccession"), None)
    if bookshelf:
        url = links.bookshelf_url(bookshelf)
        yield Link(label="Free full text at Bookshelf", href=url, external=True)
    if not article["withdrawn"]:
        yield Link(label="PubMed", href=links.pubmed_url(record.pmid), external=True)
    if article["doi"]:
        doi = article["doi"]
        yield Link(label=f"doi:{clean(doi)}", href=links.doi_url(doi), external=True)


def _abstract(sections: Sequence[Row], heading: str, language: str | None) -> Abstract | None:
    parts = tuple(
        Section(label=_label(s["label"]), text=inline(s["text"], s["markup"]))
        for s in sections
        if s["text"]
    )
    if not parts:
        return None
    owner = next((s["copyright"] for s in sections if s["copyright"]), None)
    return Abstract(
        heading=heading,
        lang=None if language == "eng" else language_tag(language),
        sections=parts,
        copyright=clean(owner) if owner else None,
    )


def _label(label: str | None) -> str | None:
    """`MATERIALS AND METHODS` as `Materials and methods`; other capitals stay."""
    if not label or label == "UNLABELLED":
        return None
    text = clean(label)
    return text.capitalize() if text.isupper() and len(text) > 4 else text


def _other_abstracts(record: Record) -> Iterator[Abstract]:
    groups: dict[tuple[str, str | None], list[Row]] = {}
    for row in record.sections:
        if row["type"] is not None:
            groups.setdefault((row["type"], row["language"]), []).append(row)
    for (kind, language), sections in groups.items():
        if kind == "plain-language-summary":
            heading = "Plain-language summary"
        elif language and language != "eng":
            heading = f"Abstract in {language_name(language)}"
        else:
            heading = f"Another abstract ({clean(kind)})"
        abstract = _abstract(sections, heading, language)
        if abstract:
            yield abstract


def _contents(record: Record) -> Iterator[tuple[int, Markup]]:
    """The table of contents of a book or chapter: level from 1, title."""
    for section in json.loads((record.book or {}).get("sections") or "[]"):
        title = section["title"] or ""
        label = f"{section['label']} " if section.get("label") else ""
        yield int(section["level"]), inline(label) + inline(title, title)


def _heading(row: Row) -> Heading:
    qualifiers = (row["qualifiers"] or "").split("; ") if row["qualifiers"] else []
    return Heading(
        link=Link(label=clean(row["name"]), href=search_path(mesh=row["name"])),
        major=bool(row["descriptor_major"]),
        qualifiers=tuple((clean(q.removesuffix("*")), q.endswith("*")) for q in qualifiers),
        kind=row["kind"],
    )


def _mesh_note(article: Row) -> str:
    methods = {"Automated": "by NLM’s program", "Curated": "by NLM’s program, checked by a person"}
    if not article["mesh"]:
        return "NLM has assigned no MeSH headings. It does so months after publication, or never."
    how = methods.get(article["indexing_method"] or "", "by NLM")
    since = f" on {long_date(article['mesh_date'])}" if article["mesh_date"] else ""
    return f"Assigned {how}{since}."


def _term(text: str) -> Link:
    return Link(label=clean(text), href=search_path(links.phrase(text)))


def _trials(record: Record) -> Iterator[Trial]:
    for row in record.trials:
        others = (brief(other) for other in record.trial_articles if other["trial_id"] == row["id"])
        yield Trial(
            number=clean(row["id"]),
            registry=clean(row["registry"]),
            found_in="the abstract" if row["source"] == "abstract" else "PubMed’s data bank list",
            href=links.trial_url(row["id"], row["registry"]),
            others=tuple(Link(label=_short(other), href=other.href) for other in others),
        )


def _short(item: Brief) -> str:
    first = item.authors[0] if item.authors else f"PMID {item.pmid}"
    return f"{first}, {item.year}" if item.year else first


def _data_banks(record: Record) -> Iterator[str]:
    trials = {row["id"] for row in record.trials}
    for row in record.data_banks:
        if row["accession"].strip() not in trials:
            yield clean(f"{row['name']}: {row['accession']}")


def _grant(row: Row) -> str:
    parts = (row["grant_id"], row["acronym"], row["agency"], row["country"])
    return clean(", ".join(part for part in parts if part))


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
