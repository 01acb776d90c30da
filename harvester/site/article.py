"""The page of one record: rows of the library in, everything the template shows out."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from harvester.evidence.labels import value_label
from harvester.site import citing, indexing, links, people
from harvester.site.abstract import Abstract, abstract, other_abstracts, parts_of
from harvester.site.brief import Brief, brief, title_of
from harvester.site.citation import citation, citation_tags, imprint
from harvester.site.citing import Citing, Reference
from harvester.site.facts import Event, Fact, facts, history, provenance
from harvester.site.findings import FacetFindings, Shown, show_findings
from harvester.site.indexing import Heading, Keywords, Term
from harvester.site.languages import language_tag
from harvester.site.links import Link, journal_path, search_path, trial_path
from harvester.site.marks import readable
from harvester.site.markup import clean, inline
from harvester.site.notices import (
    Entry,
    Notice,
    Standing,
    linked_records,
    notices,
    retraction_date,
    standings,
)
from harvester.site.people import Group, Person
from harvester.site.publication import FIRST_TYPES, kind_of, telling_type
from harvester.site.record import Record, Row
from harvester.site.related import Related
from harvester.site.selection import article_links

__all__ = ["ALL", "ArticleView", "article_view"]

ALL = "?all=1"  # the page with every author, member, reference and citing article
_MOST = 100  # of each of them otherwise
_NAMES = 20  # in the line under the title


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """Text in another language; `lang` is its BCP 47 tag, None when not known."""

    text: str
    lang: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A registration; `link` leads to its articles here, `registry` to where it stands."""

    link: Link
    registry: Link
    found_in: str
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
    marked_title: Markup
    plain_title: str
    title_lang: str | None
    vernacular: Foreign | None
    names: tuple[Person, ...]
    authors: tuple[Person, ...]
    author_count: int
    authors_complete: bool
    groups: tuple[Group, ...]
    editors: tuple[Person, ...]
    source: Link | None
    imprint: str
    types: tuple[tuple[str, Link], ...]
    actions: tuple[Link, ...]
    exports: tuple[Link, ...]
    findings: tuple[FacetFindings, ...]
    sizes: tuple[Shown, ...]
    abstract: Abstract | None
    abstract_left_out: bool
    other_abstracts: tuple[Abstract, ...]
    keywords: tuple[Keywords, ...]
    contents: tuple[tuple[int, Markup], ...]
    main_points: tuple[Heading, ...]
    other_headings: tuple[Heading, ...]
    mesh_note: str
    substances: tuple[Term, ...]
    trials: tuple[Trial, ...]
    data_banks: tuple[str, ...]
    grants: tuple[str, ...]
    grants_complete: bool
    conflicts: str | None
    linked: tuple[Entry, ...]
    cited_by: tuple[Citing, ...]
    cited_by_count: int
    related: tuple[Related, ...]
    references: tuple[Reference, ...]
    reference_count: int
    references_here: tuple[Reference, ...]
    here_count: int
    all_path: str
    sections: tuple[Link, ...]
    facts: tuple[Fact, ...]
    citation: str
    addresses: tuple[Link, ...]
    history: tuple[Event, ...]
    provenance: tuple[Fact, ...]
    meta: tuple[tuple[str, str], ...]


def article_view(
    record: Record,
    related: tuple[Related, ...] = (),
    *,
    data: str = "/literature",
    every: bool = False,
) -> ArticleView:
    """Everything the page shows; `data` is the path of the tables' own pages.

    Of long lists it shows a hundred, unless `every` one is asked for.
    """
    article = record.article
    most = None if every else _MOST
    shown = notices(record)
    states = {notice.state for notice in shown}
    retracted = "retracted" in states
    marks = {name: article[name] or name in states for name in ("concern", "corrected")}
    own = tuple(s for s in record.sections if s["type"] is None)
    parts = parts_of(own)
    readable_title = readable(article["title"] or "", article["title_markup"])
    found = show_findings(
        record.findings, record.pmid, article["title"] or "", readable_title, parts
    )
    languages = [row["language"] for row in record.languages]
    foreign = next((code for code in languages if code != "eng"), None)
    title, lang = title_of(article, foreign)
    vernacular = article["vernacular_title"]
    authors = people.authors(record)
    headings = tuple(indexing.headings(record))
    references = citing.references(record)
    here = tuple(r for r in references if r.in_library)
    view = ArticleView(
        pmid=record.pmid,
        shelf=_shelf(record),
        notices=shown,
        standings=tuple(standings({**article, **marks, "retracted": retracted})),
        retracted=retracted,
        year=str(article["year"] or "No date"),
        title=title,
        marked_title=readable_title.html(found.title) if readable_title and found.title else title,
        plain_title=clean(article["title"] or vernacular or f"PMID {record.pmid}"),
        title_lang=lang,
        vernacular=Foreign(text=clean(vernacular), lang=language_tag(foreign))
        if vernacular and article["title"]
        else None,
        names=authors[:_NAMES],
        authors=authors[:most],
        author_count=len(authors),
        authors_complete=bool(article["authors_complete"]),
        groups=people.groups(record, most=most),
        editors=people.editors(record),
        source=_source(article),
        imprint="" if record.book else imprint(record),
        types=tuple(_types(record)),
        actions=tuple(_actions(record, shown)),
        exports=article_links(record.pmid),
        findings=found.groups,
        sizes=found.of("sample_size"),
        abstract=abstract(own, "Abstract", "eng", parts=parts, marks=found.parts),
        # Of a release without abstracts (release.making); PubMed has it.
        abstract_left_out=bool(record.article["has_abstract"]) and not own,
        other_abstracts=tuple(other_abstracts(record)),
        keywords=indexing.keywords(record),
        contents=tuple(_contents(record)),
        main_points=tuple(heading for heading in headings if heading.main),
        other_headings=tuple(heading for heading in headings if not heading.main),
        mesh_note=indexing.indexed(article),
        substances=tuple(indexing.substances(record)),
        trials=tuple(_trials(record)),
        data_banks=tuple(_data_banks(record)),
        grants=tuple(_grant(row) for row in record.grants),
        grants_complete=bool(article["grants_complete"]),
        conflicts=clean(article["coi_statement"]) if article["coi_statement"] else None,
        linked=linked_records(record),
        cited_by=citing.cited_by(record, retraction_date(record) if retracted else None, most=most),
        cited_by_count=len(record.cited_by),
        related=related,
        references=references[:most],
        reference_count=len(references),
        references_here=here[:most],
        here_count=len(here),
        all_path=links.article_path(record.pmid) + ALL,
        sections=(),
        facts=tuple(facts(record)),
        citation=citation(record),
        addresses=tuple(_addresses(record)),
        history=tuple(history(record, data=data)),
        provenance=tuple(provenance(record, data=data)),
        meta=tuple(citation_tags(record, retracted=retracted)),
    )
    return replace(view, sections=tuple(_sections(view)))


def _sections(view: ArticleView) -> Iterator[Link]:
    """The parts of the page that are there, at their lasting addresses."""
    others = tuple(
        (f"abstract-{n}", abstract.heading) for n, abstract in enumerate(view.other_abstracts, 1)
    )
    funding = view.conflicts or view.grants or view.data_banks
    for place, label, there in (
        ("abstract", "Abstract", view.abstract),
        ("findings", "What it says", view.findings),
        *((place, heading, True) for place, heading in others),
        ("contents", "Contents", view.contents),
        ("trials", "Trial registration", view.trials),
        ("mesh", "MeSH headings", view.main_points or view.other_headings),
        ("linked", "Comments and versions", view.linked),
        ("cited-by", f"Cited by {view.cited_by_count:,}", view.cited_by),
        ("related", "Related", view.related),
        ("references", f"References {view.reference_count:,}", view.references),
        ("funding", "Funding and conflicts of interest", funding),
        ("history", "History", True),
        ("cite", "Cite", True),
        ("provenance", "Where it comes from", True),
    ):
        if there:
            yield Link(label=label, href=f"#{place}")


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
    key = article["journal_id"]
    return Link(label=clean(name), href=journal_path(key) if key else search_path(journal=title))


def _types(record: Record) -> Iterator[tuple[str, Link]]:
    """What kind of study, or of text, it is: the design that was found, or else NLM's types.

    Beside a design only those types that say something else; the facts list them all.
    """
    design = record.article["design"]
    named = [(row["name"], telling_type((row["name"],))) for row in record.types]
    telling = [(name, known[0]) for name, known in named if known]
    if design and (design != "comment" or not telling):
        label = value_label("design", design)
        yield kind_of(design), Link(label=clean(label), href=search_path(design=design))
        telling = [(name, kind) for name, kind in telling if name in FIRST_TYPES[1:]]
    for name, kind in telling:
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


def _contents(record: Record) -> Iterator[tuple[int, Markup]]:
    """The table of contents of a book or chapter: level from 1, title."""
    for section in json.loads((record.book or {}).get("sections") or "[]"):
        title = section["title"] or ""
        label = f"{section['label']} " if section.get("label") else ""
        yield int(section["level"]), inline(label) + inline(title, title)


def _trials(record: Record) -> Iterator[Trial]:
    for row in record.trials:
        others = (brief(other) for other in record.trial_articles if other["trial_id"] == row["id"])
        yield Trial(
            link=Link(label=clean(row["id"]), href=trial_path(row["id"])),
            registry=links.registry_link(row["id"], row["registry"]),
            found_in="the abstract" if row["source"] == "abstract" else "PubMed’s data bank list",
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


def _addresses(record: Record) -> Iterator[Link]:
    """Where the article stays to be found, whatever becomes of its publisher’s site."""
    article = record.article
    urls = [links.pubmed_url(record.pmid)]
    if article["doi"]:
        urls.insert(0, links.doi_url(article["doi"]))
    if article["pmcid"]:
        urls.append(links.pmc_url(article["pmcid"]))
    yield from (Link(label=url.removeprefix("https://"), href=url, external=True) for url in urls)
