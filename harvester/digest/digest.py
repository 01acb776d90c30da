"""News put in the order in which people need it, each record with what it is; pure.

What must be known before one relies on an article comes first; then trials, reviews, the rest by
design. Nothing is said that the record, or a finding with its words, does not say.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from json import loads
from typing import Any
from urllib.parse import urlencode

from harvester.evidence.design_groups import GROUPS, SYNTHESES, TRIALS, UNKNOWN, DesignGroup
from harvester.evidence.design_groups import group_of as group_of_design
from harvester.evidence.labels import value_label
from harvester.evidence.wording import name_of
from harvester.library.news import News, NewsItem
from harvester.library.notices import ABOUT, NOTICES, RETRACTING
from harvester.library.wording import counted

__all__ = ["Digest", "Item", "Section", "digest"]

_MOST = 50  # records of a section; warnings are always all there
_NAMES = 3
_NEAREST = ("core", "related")  # values of the facet relevance
# NLM's types that are said whatever the design: such a text must not look like a finished study.
_TOLD_TYPES = {
    "Preprint": "preprint, not peer reviewed",
    "Clinical Trial Protocol": "protocol, no results yet",
    "Retraction of Publication": "retraction notice",
    "Retraction Notice": "retraction notice",
    "Published Erratum": "correction of another article",
    "Expression of Concern": "expression of concern about another article",
}
# Where no design is found in the words, NLM's types that say it, and the design that they are.
_TYPES = {
    "Meta-Analysis": "meta_analysis",
    "Systematic Review": "systematic_review",
    "Randomized Controlled Trial": "rct",
}
_NOTICE_TYPES = frozenset(_TOLD_TYPES) - {"Preprint", "Clinical Trial Protocol"}
_RETRACTING = {ABOUT[kind] for kind in RETRACTING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A record; `standing` are words like “Retracted”, `facts` say what it is, in order, with the
    words of the record that they rest on; `links` pair a label with an address."""

    title: str
    href: str
    standing: tuple[str, ...]
    source: str
    facts: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """`more` says how many are not listed, with `more_href` if there is a page of them."""

    heading: str
    note: str
    items: tuple[Item, ...]
    more: str = ""
    more_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """`lead` and `foot` are sentences; without sections nothing is new."""

    title: str
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
    foot: tuple[str, ...]


def digest(news: News, *, topic: str | None = None, url: str | None = None) -> Digest:
    """The digest; `topic` is the title of the search, `url` the address of the site, if there is
    one, without a slash at its end."""
    warnings = sorted(filter(_is_warning, news.items), key=_gravity)
    told = {item.pmid for item in warnings}
    fresh = [item for item in news.items if item.new and item.pmid not in told]
    parts = [(heading, list(items)) for heading, items in _parted(fresh)]
    more = f"{url}/changes?{urlencode({'kind': 'added', 'from': news.since})}" if url else ""
    sections = [
        Section(
            heading=f"Before you rely on these: {_n(len(warnings), 'warning')}",
            note="Retracted, in doubt, corrected, or gone from PubMed. A retracted article must "
            "not be relied on; what was corrected may not show in PubMed’s abstract.",
            items=tuple(_item(item, url) for item in warnings),
        ),
        *(
            Section(
                heading=f"{heading}: {len(items):,} new",
                note="",
                items=tuple(_item(item, url) for item in items[:_MOST]),
                more=f"{len(items) - _MOST:,} more are not listed here." * (len(items) > _MOST),
                more_href=more if len(items) > _MOST else "",
            )
            for heading, items in parts
        ),
    ]
    sections = [section for section in sections if section.items]
    name = f", search “{topic}”" if topic else ""
    sample = "Sample data, all invented: " if news.sample else ""
    return Digest(
        title=f"{sample}Research on ketamine and depression since {_day(news.since)}{name}",
        lead=(*_lead(news, len(fresh), len(warnings)), *_checked(news)),
        sections=tuple(sections),
        foot=tuple(_foot(news, url, listed=bool(sections))),
    )


def _is_warning(item: NewsItem) -> bool:
    """Retracted, withdrawn or corrected since; or new and retracted already, or in doubt."""
    if {"retracted", "withdrawn", "corrected"} & set(item.kinds):
        return True
    article = item.article
    if item.new:
        return bool(article and (article["retracted"] or article["concern"]))
    return True  # a notice about it came


def _gravity(item: NewsItem) -> tuple[int, int]:
    order = ("Retracted", "No longer in PubMed", "Expression of concern")
    standing = _standing(item)
    place = next((n for n, label in enumerate(order) if label in standing), len(order))
    return place, -item.pmid


def _standing(item: NewsItem) -> tuple[str, ...]:
    """What is to be said of it before anything else, the gravest first."""
    article = item.article
    linked = {kind for kind, _ in item.notices}
    labels = {
        "Retracted": "retracted" in item.kinds or bool(linked & _RETRACTING),
        "No longer in PubMed": "withdrawn" in item.kinds,
        "Partly retracted": "PartialRetractionIn" in linked,
        "Expression of concern": "ExpressionOfConcernIn" in linked,
        "Corrected": bool(linked & {"ErratumIn", "CorrectedandRepublishedIn"}),
    }
    if article:
        labels["Retracted"] |= bool(article["retracted"])
        labels["No longer in PubMed"] |= bool(article["withdrawn"])
        labels["Expression of concern"] |= bool(article["concern"])
        labels["Corrected"] |= bool(article["corrected"])
    return tuple(label for label, said in labels.items() if said)


def _types(item: NewsItem) -> Sequence[str]:
    return str(item.article["types"] or "").split("\n") if item.article else ()


def _is_notice(item: NewsItem) -> bool:
    return bool(_NOTICE_TYPES & set(_types(item)))


def _parted(items: Iterable[NewsItem]) -> Iterator[tuple[str, list[NewsItem]]]:
    """New records by design: trials, reviews, the rest in the order of the groups."""
    first = [group for group in GROUPS if group.designs in (TRIALS, SYNTHESES)]
    first.sort(key=lambda group: group.designs != TRIALS)
    by_group: dict[DesignGroup, list[NewsItem]] = {}
    notices = []
    for item in items:
        if _is_notice(item):
            notices.append(item)
            continue
        by_group.setdefault(_group(item), []).append(item)
    for group in (*first, *(group for group in GROUPS if group not in first), UNKNOWN):
        if group in by_group:
            yield group.name, _in_order(by_group[group])
    if notices:
        yield "Notices of a retraction or correction", _in_order(notices)


def _group(item: NewsItem) -> DesignGroup:
    """By the design found in its words; a protocol is none of its trial's results."""
    if "Clinical Trial Protocol" in _types(item):
        return group_of_design("protocol")
    design = item.article["design"] if item.article else None
    return group_of_design(design or _TYPES.get(_type_of(item) or ""))


def _type_of(item: NewsItem) -> str | None:
    """NLM's type that tells a trial or a synthesis, where our rules find no design."""
    return next((name for name in _TYPES if name in _types(item)), None)


def _in_order(items: Iterable[NewsItem]) -> list[NewsItem]:
    """What is nearest to ketamine for depression first, then the newest."""
    newest = sorted(items, key=lambda i: (i.article or {}).get("published") or "", reverse=True)
    return sorted(newest, key=_distance)


def _distance(item: NewsItem) -> int:
    found = {row["value"] for row in item.findings if row["facet"] == "relevance"}
    return next((n for n, value in enumerate(_NEAREST) if value in found), len(_NEAREST))


def _item(item: NewsItem, url: str | None) -> Item:
    article, at_pubmed = item.article, f"https://pubmed.ncbi.nlm.nih.gov/{item.pmid}/"
    held = url is not None and article is not None
    links = [(f"PMID {item.pmid} at PubMed", at_pubmed)]
    if held:
        links = [(f"PMID {item.pmid} here", f"{url}/article/{item.pmid}"), *links]
    links += [
        (f"{NOTICES[kind]}: PMID {notice}", f"https://pubmed.ncbi.nlm.nih.gov/{notice}/")
        for kind, notice in item.notices
    ]
    if article is None:
        return Item(
            title=f"PMID {item.pmid}",
            href=at_pubmed,
            standing=_standing(item),
            source="This record is not held here.",
            facts=(),
            links=tuple(links),
        )
    return Item(
        title=article["title"] or article["vernacular_title"] or "PubMed gives no title",
        href=links[0][1],
        standing=_standing(item),
        source=_source(article),
        facts=tuple(_facts(item)),
        links=tuple(links),
    )


def _source(article: Mapping[str, Any]) -> str:
    names = str(article["authors"] or "").split("; ") if article["authors"] else []
    who = ", ".join(names[:_NAMES]) + (", et al" if len(names) > _NAMES else "")
    parts = (who, article["source"], str(article["year"] or ""))
    return " ".join(f"{part.rstrip('.')}." for part in parts if part)


def _facts(item: NewsItem) -> Iterator[str]:
    article = item.article
    if not article:
        return
    if item.new and _is_warning(item):
        yield "new in this library"
    types = _types(item)
    yield from dict.fromkeys(_TOLD_TYPES[name] for name in types if name in _TOLD_TYPES)
    if not _is_notice(item):
        yield from _study(item)
    if not article["has_abstract"]:
        yield "no abstract in PubMed"


def _study(item: NewsItem) -> Iterator[str]:
    """Design and sample size, each with the words that it was found in."""
    design, type_ = (item.article or {}).get("design"), _type_of(item)
    if design:
        found = (r for r in item.findings if r["facet"] == "design" and r["value"] == design)
        yield _quoted(value_label("design", design), next(found, None))
    else:
        yield f"{type_}, as NLM calls it" if type_ else "design not found by our rules"
    for row in item.findings:
        if row["facet"] == "sample_size":
            yield _quoted(name_of("sample_size", row["value"], loads(row["detail"] or "{}")), row)


def _quoted(label: str, finding: Mapping[str, Any] | None) -> str:
    return f"{label} (“{finding['quote']}”)" if finding and finding["quote"] else label


def _lead(news: News, fresh: int, warnings: int) -> Iterator[str]:
    if warnings:
        verb = "is" if warnings == 1 else "are"
        yield f"{_n(warnings, 'article')} {verb} retracted, in doubt, corrected or gone."
    if fresh:
        yield f"{_n(fresh, 'record')} {'is' if fresh == 1 else 'are'} new."
    if not fresh and not warnings and any(run["complete"] for run in news.runs):
        yield "Nothing new."
    if news.filled:
        yield (
            f"{_n(news.filled, 'record')} came when the library was filled and "
            f"{'is' if news.filled == 1 else 'are'} not listed."
        )


def _checked(news: News) -> Iterator[str]:
    """How far nothing can have been missed: what was not looked for is not "nothing new"."""
    harvests = [run for run in news.runs if run["command"] == "harvest"]
    last = f" The last complete one was on {_day(news.last)}." if news.last else ""
    if news.last and any(run["complete"] and run["status"] != "failed" for run in harvests):
        yield f"Compared with PubMed on {_day(news.last)}."
        if harvests[-1]["status"] == "failed" or not harvests[-1]["complete"]:
            yield "The harvest after that was not complete: something may be missing."
    elif harvests:
        yield f"No harvest since that day was complete: something may be missing.{last}"
    else:
        yield f"No harvest has run since that day: what is new in PubMed is not known.{last}"


def _foot(news: News, url: str | None, *, listed: bool) -> Iterator[str]:
    others = ", ".join(counted(kind, n) for kind, n in news.others.items())
    if others:
        yield f"Other records: {others}."
    if listed:
        yield (
            "In each part, what is nearest to ketamine for depression comes first, then the "
            "newest. Design and sample size are found by rules in the words of PubMed’s record, "
            "which are quoted, and can be wrong; they do not say how good a study is. Not medical "
            "advice."
        )
    if url:
        yield f"All changes: {url}/changes?{urlencode({'from': news.since})}"


def _n(count: int, one: str) -> str:
    return f"{count:,} {one}{'' if count == 1 else 's'}"


def _day(iso: str) -> str:
    day = date.fromisoformat(iso[:10])
    return f"{day.day} {day:%B %Y}"
