"""A record's citation as PubMed prints it (Patrias, Citing Medicine, NBK7256)."""

import re
from collections.abc import Iterator

from harvester.site.dates import printed_date
from harvester.site.languages import language_tag
from harvester.site.links import pmc_url
from harvester.site.markup import clean
from harvester.site.record import Record, Row

__all__ = [
    "author_names",
    "citation",
    "citation_tags",
    "imprint",
    "says_retracted",
    "told_title",
]

_LONGEST = 25  # authors of the citation; the record has them all


def author_names(record: Record, role: str = "author") -> tuple[str, ...]:
    """Names in order, without those that an erratum has replaced."""
    return tuple(clean(a["name"]) for a in record.authors if a["role"] == role and a["valid"])


def imprint(record: Record) -> str:
    """What follows the journal's name: date, volume, issue, pages, DOI, and how it appeared."""
    article = record.article
    printed = article["published_printed"] or ""
    online = printed_date(article["published_online"]) if article["published_online"] else ""
    model = article["publication_model"] or ""
    online_first = bool(online) and model in ("Electronic-Print", "Electronic-eCollection")
    parts = [_place(online if online_first else printed, article)]
    if article["doi"]:
        parts.append(f"doi: {article['doi']}.")
    if model == "Print-Electronic" and online and article["volume"]:
        parts.append(f"Epub {online}.")
    elif online_first and printed:
        parts.append(f"{'Print' if model == 'Electronic-Print' else 'eCollection'} {printed}.")
    if article["publication_status"] == "aheadofprint":
        parts.append("Online ahead of print.")
    return clean(" ".join(part for part in parts if part))


def citation(record: Record) -> str:
    """The whole citation as plain text, with its PMID and what became of it."""
    article = record.article
    title = _sentence(_title(article))
    parts = [_names(author_names(record)), title]
    if record.book:
        parts.extend(_in_book(record, record.book))
    else:
        journal = article["medline_ta"] or article["journal_abbreviation"] or article["journal"]
        parts.extend((f"{journal}." if journal else "", imprint(record)))
    parts.append(f"PMID: {record.pmid}.")
    if article["pmcid"]:
        parts.append(f"PMCID: {article['pmcid']}.")
    parts.extend(
        f"{label}: PMID {c['other_pmid']}."
        for kind, label in (
            ("RetractionIn", "Retracted, see"),
            ("ExpressionOfConcernIn", "Expression of concern"),
            ("ErratumIn", "Corrected in"),
        )
        for c in record.corrections
        if c["kind"] == kind and c["other_pmid"]
    )
    return clean(" ".join(part for part in parts if part))


def told_title(article: Row, *, retracted: bool) -> str:
    """The title for other programs, which may show nothing else: never without a retraction."""
    title = clean(article["title"] or article["vernacular_title"] or f"PMID {article['pmid']}")
    return title if not retracted or says_retracted(title) else f"Retracted: {title}"


def says_retracted(title: str) -> bool:
    """Whether a title begins with that word, as journals change those of retracted articles."""
    return re.match(r"\W*retracted\b", title, re.IGNORECASE) is not None


def citation_tags(record: Record, *, retracted: bool) -> Iterator[tuple[str, str]]:
    """Citation data for reference managers and Google Scholar, in Highwire's names."""
    article = record.article
    yield "citation_title", told_title(article, retracted=retracted)
    yield from (("citation_author", name) for name in _inverted_names(record))
    date = article["published"] or ""
    first, last = _page_range(article["pages"])
    for name, value in (
        ("citation_publication_date", date.replace("-", "/")),
        ("citation_online_date", (article["published_online"] or "").replace("-", "/")),
        ("citation_journal_title", None if record.book else article["journal"]),
        ("citation_inbook_title", article["journal"] if record.book else None),
        ("citation_journal_abbrev", article["journal_abbreviation"]),
        ("citation_issn", article["issn"]),
        ("citation_volume", article["volume"]),
        ("citation_issue", article["issue"]),
        ("citation_firstpage", first),
        ("citation_lastpage", last),
        ("citation_doi", article["doi"]),
        ("citation_pmid", str(record.pmid)),
        ("citation_fulltext_html_url", pmc_url(article["pmcid"]) if article["pmcid"] else None),
        ("citation_language", language_tag(article["language"])),
    ):
        if value:
            yield name, clean(value)
    yield from (("citation_keywords", clean(row["keyword"])) for row in record.keywords)
    if article["abstract"]:
        yield "citation_abstract", clean(article["abstract"])


def _inverted_names(record: Record) -> Iterator[str]:
    """Each name as `Family, Given`: without a comma Zotero takes the last word for the family.

    Of a single author it takes `van der Berg, Anna Maria` for two people, so that one has initials;
    and in a group's name a comma or semicolon would part it.
    """
    authors = [a for a in record.authors if a["role"] == "author" and a["valid"]]
    for author in authors:
        family, given = author["last_name"], author["fore_name"] or author["initials"] or ""
        if author["collective"] or not family:
            yield clean(re.sub(r"\s*[,;]\s*", " ", author["name"]))
            continue
        if len(authors) == 1 and " " in family and " " in given and author["initials"]:
            given = author["initials"].replace(" ", "")
        yield clean(
            ", ".join(filter(None, (family, " ".join(filter(None, (given, author["suffix"]))))))
        )


def _title(article: Row) -> str:
    title = article["title"] or article["vernacular_title"] or "[No title]"
    return f"{title.rstrip('.')} [retracted]" if article["retracted"] else title


def _place(date: str, article: Row) -> str:
    volume = article["volume"] or ""
    issue = f"({article['issue']})" if article["issue"] else ""
    pages = f":{article['pages']}" if article["pages"] else ""
    where = f"{volume}{issue}{pages}"
    text = f"{date};{where}" if date and where else date or where
    return f"{text}." if text else ""


def _in_book(record: Record, book: Row) -> list[str]:
    """A chapter's date and its book, or of a whole book the house and the years."""
    parts = []
    if book["contribution"]:
        updated = record.article["revised"]
        note = f" [updated {printed_date(updated)}]" if updated else ""
        parts.append(f"{printed_date(book['contribution'])}{note}.")
    if book["title"] != record.article["title"]:
        editors = author_names(record, "editor")
        role = "editors" if len(editors) > 1 else "editor"
        by = f"{', '.join(editors)}, {role}. " if editors else ""
        medium = f" [{book['medium']}]" if book["medium"] else ""
        parts.append(f"In: {by}{_sentence(book['title'] + medium)}")
    house = ": ".join(book[key] for key in ("publisher_location", "publisher") if book[key])
    years = "–".join(book[key][:4] for key in ("beginning", "ending") if book[key])
    when = years or (book["published"] or "")[:4]
    made = "; ".join(part for part in (house, when) if part)
    parts.append(f"{made}." if made else "")
    return parts


def _names(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    shown = ", ".join(names[:_LONGEST])
    return f"{shown}, et al." if len(names) > _LONGEST else f"{shown}."


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _page_range(pages: str | None) -> tuple[str | None, str | None]:
    """`88-97` and `S88-7` as first and last page, the last in full (`S97`)."""
    if not pages:
        return None, None
    first, dash, last = pages.split(",")[0].split(";")[0].strip().partition("-")
    if dash and last and len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    return first, last or None
