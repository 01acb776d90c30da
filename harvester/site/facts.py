"""What is known about a record: its bibliographic facts, its history here, where it came from."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from harvester.library.wording import sentence
from harvester.site import links
from harvester.site.dates import long_date, moment
from harvester.site.languages import language_name
from harvester.site.links import Link, journal_path, search_path
from harvester.site.markup import clean
from harvester.site.record import Record, Row

__all__ = ["Event", "Fact", "facts", "history", "provenance"]

# Of the fields without a column of their own, those that say something to a reader.
_NOTES = {
    "GeneralNote": "Note",
    "NumberOfReferences": "References",
    "OtherID": "Other ids",
    "GeneSymbol": "Gene symbols",
    "PersonalNameSubject": "About a person",
    "SpaceFlightMission": "Space flight",
    "Item": "Other names",
}

# Of the dates that a journal tells PubMed, those that say how long it took.
_JOURNAL_DATES = {"received": "Received", "accepted": "Accepted"}

_RECEIVED = {
    "efetch": "PubMed’s service (EFetch)",
    "xml file": "a PubMed XML file",
    "medline file": "a MEDLINE text file",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A term and what is to be said about it: words, or links."""

    term: str
    values: tuple[str | Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A line of the record's history; `date` is ISO, `day` as people read it."""

    date: str
    day: str
    text: str
    run: Link


def facts(record: Record) -> Iterator[Fact]:
    """Bibliographic facts, as PubMed has them."""
    article, book = record.article, record.book
    if book:
        title = clean(book["title"])
        if book["title"] != article["title"]:
            yield Fact(term="Chapter of", values=(Link(label=title, href=_journal(title)),))
        for term, key in (
            ("Collection", "collection_title"),
            ("Volume", "volume_title"),
            ("Edition", "edition"),
            ("Publisher", "publisher"),
            ("Place", "publisher_location"),
            ("ISBN", "isbns"),
            ("Report", "report_numbers"),
        ):
            if book[key]:
                yield Fact(term=term, values=(clean(book[key]),))
        if book["contribution"]:
            yield Fact(term="First published", values=(long_date(book["contribution"]),))
    elif article["journal"]:
        journal = clean(article["journal"])
        country = (clean(article["country"]),) if article["country"] else ()
        key = article["journal_id"]
        path = journal_path(key) if key else _journal(article["journal"])
        values = (Link(label=journal, href=path), *country)
        yield Fact(term="Journal", values=values)
    if article["published"] and not book:
        yield Fact(term="Published", values=(article["published_printed"] or article["published"],))
    if article["published_online"]:
        yield Fact(term="Online since", values=(long_date(article["published_online"]),))
    for kind, term in _JOURNAL_DATES.items():
        dates = tuple(long_date(row["date"]) for row in record.dates if row["kind"] == kind)
        if dates:
            yield Fact(term=term, values=dates)
    names = tuple(
        Link(label=language_name(row["language"]), href=search_path(language=row["language"]))
        for row in record.languages
    )
    if names:
        yield Fact(term="Language", values=names)
    yield Fact(
        term="Types",
        values=tuple(
            Link(label=clean(row["name"]), href=search_path(type_=row["name"]))
            for row in record.types
        )
        or ("none in PubMed",),
    )
    ids = [("PMID", str(record.pmid)), ("PMCID", article["pmcid"]), ("ISSN", article["issn"])]
    if book:
        ids.extend(("Bookshelf", r["value"]) for r in record.ids if r["kind"] == "bookaccession")
    for term, value in ids:
        if value:
            yield Fact(term=term, values=(clean(value),))
    if article["entered"]:
        yield Fact(term="In PubMed since", values=(long_date(article["entered"]),))
    if article["revised"]:
        yield Fact(term="Revised by NLM", values=(long_date(article["revised"]),))
    if article["status"]:
        yield Fact(term="Status", values=(clean(article["status"]),))
    for name, term in _NOTES.items():
        notes = tuple(clean(row["value"]) for row in record.fields if row["name"] == name)
        if notes:
            yield Fact(term=term, values=notes)


def _journal(title: str) -> str:
    return search_path(journal=title)


def history(record: Record, *, data: str) -> Iterator[Event]:
    """What happened to it here, newest first; `data` is the path of the tables' pages."""
    for row in reversed(record.history):
        yield Event(
            date=row["at"][:10],
            day=long_date(row["at"][:10]),
            text=_event(row),
            run=Link(label=f"Run {row['run_id']}", href=f"{data}/runs/{row['run_id']}"),
        )


def _event(row: Row) -> str:
    return clean(sentence(row["kind"], json.loads(row["fields"] or "[]"), row["topic"]))


def provenance(record: Record, *, data: str) -> Iterator[Fact]:
    """Which searches found it, when it came and changed, and the bytes as received."""
    article = record.article
    found: list[str | Link] = []
    for topic in record.topics:
        left = f", until {long_date(topic['until'][:10])}" if topic["until"] else ""
        label = clean(f"{topic['title']}{left}")
        found.append(Link(label=label, href=search_path(topic=topic["name"])))
    nothing = ("none of our searches; it was loaded from a file",)
    yield Fact(term="Found by", values=tuple(found) or nothing)
    for term, key, run in (
        ("First fetched", "first_seen", "first_run"),
        ("Last changed", "last_changed", "last_run"),
    ):
        values: list[str | Link] = [moment(article[key])]
        if article[run]:
            href = f"{data}/runs/{article[run]}"
            values.append(Link(label=f"run {article[run]}", href=href))
        yield Fact(term=term, values=tuple(values))
    yield Fact(
        term="Received from", values=(_RECEIVED.get(article["source"]) or clean(article["source"]),)
    )
    if article["program_version"]:
        version = clean(article["program_version"])
        yield Fact(term="Read by", values=(f"harvester {version}",))
    if record.raw:
        suffix, name = ("xml", "XML") if record.raw["format"] == "xml" else ("txt", "MEDLINE text")
        label = f"PubMed {name} as received"
        link = Link(label=label, href=f"{links.article_path(record.pmid)}.{suffix}")
        yield Fact(term="Original", values=(link, f"{record.raw['size']:,} bytes"))
