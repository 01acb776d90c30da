"""What must be known before a record is read: retracted, doubted, corrected, or no study at all."""

from collections.abc import Iterator
from dataclasses import dataclass

from harvester.library.notices import ABOUT
from harvester.site.dates import first_published, is_after, source_date, when
from harvester.site.links import Link, article_path, pubmed_url
from harvester.site.markup import clean
from harvester.site.record import Record, Row

__all__ = [
    "Entry",
    "Notice",
    "Standing",
    "linked_records",
    "notices",
    "retraction_date",
    "standing",
    "standings",
]

_QUOTED = 600  # characters of a notice's own text


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`state` is retracted, withdrawn, concern, corrected or notice; `label` says it in words."""

    state: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Another record that this one is linked with, as PubMed cites it.

    `title` and `text`, the beginning of its own words, are there if the library holds it.
    """

    label: str
    source: str | None
    note: str | None
    link: Link | None
    title: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Shown above the title. `says` is plain text of ours; the entries are PubMed's."""

    state: str
    heading: str
    says: str
    entries: tuple[Entry, ...] = ()


# By RefType of the link that this record has to another one.
_RETRACTED = ("RetractionIn", "RetractedandRepublishedIn")
_CONCERN = ("ExpressionOfConcernIn",)
_CORRECTED = ("ErratumIn", "CorrectedandRepublishedIn", "PartialRetractionIn")
_NOTICES = {
    "RetractionOf": (
        "This is a retraction notice, not a study",
        "It takes back the article below.",
    ),
    "PartialRetractionOf": (
        "This is a notice that takes back a part of an article",
        "It is not a study by itself.",
    ),
    "ExpressionOfConcernFor": (
        "This is an expression of concern, not a study",
        "It voices doubts about the article below.",
    ),
    "ErratumFor": ("This is a correction, not a study", "It corrects the article below."),
    "RetractedandRepublishedFrom": (
        "This replaces an article that was retracted",
        "The authors retracted the first version and published this one.",
    ),
    "CorrectedandRepublishedFrom": (
        "This is a corrected version",
        "The article was published again with corrections.",
    ),
    "UpdateIn": ("A newer version exists", "What is said here may be out of date."),
    "CommentOn": ("This is a comment", "It discusses the article below."),
}
# Notices whose own words say why.
_SPEAKING = {*_RETRACTED, *_CONCERN, *_CORRECTED}
# The link that the other record should have, and the words for it on this page.
_INVERSE = {
    **ABOUT,
    "CommentOn": "CommentIn",
    "UpdateOf": "UpdateIn",
    "RepublishedFrom": "RepublishedIn",
    "ReprintOf": "ReprintIn",
    "OriginalReportIn": "SummaryForPatientsIn",
    "AssociatedPublication": "AssociatedDataset",
}
_INVERSE |= {there: here for here, there in _INVERSE.items()}
_LABELS = {
    "RetractionIn": "Retraction notice",
    "RetractedandRepublishedIn": "Retracted, and republished in",
    "PartialRetractionIn": "Partly retracted in",
    "ExpressionOfConcernIn": "Expression of concern",
    "ErratumIn": "Correction",
    "CorrectedandRepublishedIn": "Corrected version",
    "RetractionOf": "Retracted article",
    "PartialRetractionOf": "Partly retracted article",
    "ExpressionOfConcernFor": "Article in doubt",
    "ErratumFor": "Corrected article",
    "RetractedandRepublishedFrom": "Retracted version",
    "CorrectedandRepublishedFrom": "First version",
    "CommentOn": "Comments on",
    "CommentIn": "Commented on in",
    "UpdateIn": "Newer version",
    "UpdateOf": "Updates",
    "RepublishedIn": "Published again in",
    "RepublishedFrom": "First published in",
    "ReprintIn": "Reprinted in",
    "ReprintOf": "Reprint of",
    "SummaryForPatientsIn": "Summary for patients",
    "OriginalReportIn": "Original report",
    "AssociatedDataset": "Data set",
    "AssociatedPublication": "Publication",
}


def standing(article: Row) -> Standing | None:
    """The most serious standing, for lists."""
    return next(standings(article), None)


def standings(article: Row) -> Iterator[Standing]:
    """All that is to be said about the standing of an article, the most serious first."""
    if article["retracted"]:
        yield Standing(state="retracted", label="Retracted")
    if article["withdrawn"]:
        yield Standing(state="withdrawn", label="No longer in PubMed")
    if article["concern"]:
        yield Standing(state="concern", label="Expression of concern")
    if article["corrected"]:
        yield Standing(state="corrected", label="Corrected")
    if article["retraction_notice"]:
        yield Standing(state="notice", label="Retraction notice")


def notices(record: Record) -> tuple[Notice, ...]:
    """The notices of a record, the most serious first."""
    return tuple(_notices(record))


def retraction_date(record: Record) -> str | None:
    """The day, month or year of the notice of retraction, ISO."""
    return _first_date([entry for kind, entry in _entries(record) if kind in _RETRACTED])


def linked_records(record: Record) -> tuple[Entry, ...]:
    """The other links: comments, reprints, updates, in PubMed's order."""
    above = {*_RETRACTED, *_CONCERN, *_CORRECTED, *_NOTICES, "Cites"}
    return tuple(entry for kind, entry in _entries(record) if kind not in above)


def _notices(record: Record) -> Iterator[Notice]:
    entries = _entries(record)
    retracted = [entry for kind, entry in entries if kind in _RETRACTED]
    if record.article["retracted"] or retracted:
        yield _retraction(record, retracted)
    if record.article["withdrawn"]:
        yield Notice(
            state="withdrawn",
            heading="PubMed no longer has this record",
            says=f"It was found to be gone {when(record.article['withdrawn'][:10])}. What is shown "
            "is the last text that the library received. PubMed removes records that it holds "
            "twice, or that were sent to it by mistake.",
        )
    concern = [entry for kind, entry in entries if kind in _CONCERN]
    if concern:
        yield Notice(
            state="concern",
            heading=_dated("An expression of concern was published", concern),
            says="The journal doubts the article, or a part of it, and has not retracted it.",
            entries=tuple(concern),
        )
    corrected = [entry for kind, entry in entries if kind in _CORRECTED]
    if corrected:
        yield Notice(
            state="corrected",
            heading=_dated("This article was corrected", corrected),
            says="PubMed’s abstract may not show what was corrected.",
            entries=tuple(corrected),
        )
    for name, (heading, says) in _NOTICES.items():
        found = tuple(entry for kind, entry in entries if kind == name)
        if found:
            yield Notice(state="notice", heading=heading, says=says, entries=found)
    if record.article["retraction_notice"] and not any(k == "RetractionOf" for k, _ in entries):
        yield Notice(
            state="notice",
            heading="This is a retraction notice, not a study",
            says="PubMed’s record does not link the article that it takes back.",
        )


def _retraction(record: Record, entries: list[Entry]) -> Notice:
    says = "It stays here so that nobody relies on it by mistake."
    if not entries:
        says += " PubMed marks it as retracted; its record does not link the notice."
    elif not record.article["retracted"]:
        says += " The notice in this library names it; PubMed has not marked its record yet."
    citing = len(record.cited_by)
    if citing:
        verb = "article in this library cites" if citing == 1 else "articles in this library cite"
        day = _first_date(entries)
        late = sum(bool(day and is_after(first_published(row), day)) for row in record.cited_by)
        known = f", {late:,} of them published after it was retracted" if late else ""
        says += f" {citing:,} {verb} it{known}."
    return Notice(
        state="retracted",
        heading=_dated("This article was retracted", entries),
        says=says,
        entries=tuple(entries),
    )


def _entries(record: Record) -> list[tuple[str, Entry]]:
    """RefType and entry of each link of this record, and of those that others make to it."""
    found = [(c["kind"], _entry(c)) for c in record.corrections if c["kind"] != "Cites"]
    known = {(c["kind"], c["other_pmid"]) for c in record.corrections}
    for link in record.linked_from:
        kind = _INVERSE.get(link["kind"])
        if kind and (kind, link["pmid"]) not in known:
            date = link["published_printed"] or link["published"] or ""
            source = ". ".join(part for part in (link["journal"], date) if part)
            found.append((kind, _make_entry(kind, source, link, link["pmid"], held=True)))
    return found


def _entry(link: Row) -> Entry:
    pmid, held = link["other_pmid"], bool(link["in_library"])
    return _make_entry(link["kind"], link["source"], link, pmid, held=held)


def _make_entry(
    kind: str, source: str | None, other: Row, pmid: int | None, *, held: bool
) -> Entry:
    link = None
    if pmid is not None:
        link = Link(
            label=f"PMID {pmid}",
            href=article_path(pmid) if held else pubmed_url(pmid),
            external=not held,
        )
    return Entry(
        label=_LABELS.get(kind, kind),
        source=clean(source).rstrip(" .,:;") if source else None,
        note=clean(other["note"]) if other["note"] else None,
        link=link,
        title=clean(other["other_title"]) if other["other_title"] else None,
        text=_beginning(other["other_abstract"]) if kind in _SPEAKING else None,
    )


def _beginning(abstract: str | None) -> str | None:
    """What a notice says, cut between words where it is long."""
    if not abstract:
        return None
    text = clean(abstract).replace("\n", " ")
    return text if len(text) <= _QUOTED else text[:_QUOTED].rsplit(" ", 1)[0] + " …"


def _dated(heading: str, entries: list[Entry]) -> str:
    date = _first_date(entries)
    return f"{heading} {when(date)}" if date else heading


def _first_date(entries: list[Entry]) -> str | None:
    """The earliest date that the notices' citations give."""
    return min(
        (date for e in entries if e.source and (date := source_date(e.source))), default=None
    )
