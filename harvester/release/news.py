"""What happened to which record since the release before: the CHANGELOG of a release."""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from harvester.exports.characters import clean
from harvester.library.notices import retracted_pmids
from harvester.library.wording import parts

__all__ = ["Before", "Entry", "News", "as_markdown", "read_news"]

# The parts of a changelog, what people must know first at the top.
_HEADINGS = {
    "retracted": "Retracted",
    "reinstated": "Retraction taken back",
    "withdrawn": "No longer in PubMed",
    "corrected": "Correction or expression of concern",
    "added": "Added",
    "returned": "In PubMed again",
    "revised": "Revised",
    "left": "No longer found by a search",
    "found": "Found by a search again",
}
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&!$^])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The release before: its version, last run (number and start), PMIDs, retracted PMIDs."""

    version: str
    run: tuple[int, str] | None
    pmids: frozenset[int]
    retracted: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A record in the changelog; `note` says what changed, or which search it left."""

    pmid: int
    title: str
    retracted: bool
    note: str = ""


@dataclass(slots=True, kw_only=True)
class News:
    """Entries by the names of the parts; `by_ledger` false: only PMIDs could be compared."""

    before: str
    by_ledger: bool = True
    entries: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))


def read_news(connection: sqlite3.Connection, before: Before) -> News:
    """What the ledger says since that release, each record once, by how it stands now.

    A record that was withdrawn and came back, or left a search and was found again, is no news.
    Where the release before was made from another library, PMIDs are compared instead.
    """
    articles = _articles(connection)
    retracted = set(retracted_pmids(connection))
    news = News(before=before.version)
    here = {pmid for pmid, article in articles.items() if not article.withdrawn}
    if before.run and _same_ledger(connection, before.run):
        happened = _happened(connection, before.run[0])
    else:
        news.by_ledger = False
        happened = {pmid: _Happened(kinds={"added"}) for pmid in here - before.pmids}

    def enter(part: str, pmid: int, note: str = "") -> None:
        article = articles.get(pmid)
        title = article.title if article else ""
        entry = Entry(pmid=pmid, title=title, retracted=pmid in retracted, note=note)
        news.entries[part].append(entry)

    for pmid in sorted(before.pmids - here):
        enter("withdrawn", pmid)
    for pmid in sorted((before.retracted & here) - retracted):
        enter("reinstated", pmid)
    taken_back = before.retracted - retracted
    for pmid in sorted(happened.keys() | ((retracted - before.retracted) & before.pmids)):
        if pmid not in here:
            continue
        what = happened.get(pmid, _Happened())
        note = ", ".join(parts(what.fields))
        if pmid not in before.pmids:
            enter("added" if "added" in what.kinds else "returned", pmid)
        elif pmid in retracted - before.retracted:
            enter("retracted", pmid)
        elif pmid in taken_back:
            pass
        elif "corrected" in what.kinds:
            enter("corrected", pmid)
        elif "revised" in what.kinds:
            enter("revised", pmid, note)
        if pmid in before.pmids:
            for topic, events in what.searches.items():
                if events[0] == events[-1]:
                    enter("left" if events[0] == "left" else "found", pmid, topic)
    return news


def as_markdown(news: News | None, *, version: str, records: int, earlier: str = "") -> str:
    """The changelog with this release on top, and below it what the release before had."""
    older = earlier.partition("\n## ")
    lines = [_TITLE, f"## {version}", ""]
    if news is None:
        lines += [f"The first release of this folder: {records:,} records.", ""]
    else:
        lines += _section(news, records)
    text = "\n".join(lines)
    return f"{text}\n## {older[2]}" if older[1] else text


def _section(news: News, records: int) -> list[str]:
    lines = [f"{records:,} records. Since {news.before}:", ""]
    if not news.by_ledger:
        lines += [
            "The release before was made from another library than this one, so PMIDs were "
            "compared; which records were revised is not known.",
            "",
        ]
    if not any(news.entries.values()):
        lines += ["Nothing changed.", ""]
    for part, heading in _HEADINGS.items():
        entries = news.entries.get(part, [])
        if entries:
            lines += [f"### {heading} ({len(entries):,})", "", *map(_line, entries), ""]
    return lines


def _line(entry: Entry) -> str:
    title = _plain(entry.title) or "(no longer held)"
    mark = "**RETRACTED** " if entry.retracted else ""
    note = f" ({_plain(entry.note)})" if entry.note else ""
    link = f"[{entry.pmid}](https://pubmed.ncbi.nlm.nih.gov/{entry.pmid}/)"
    return f"- {link} {mark}{title}{note}"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _MARKUP.sub(r"\\\1", " ".join(clean(text).split()))


@dataclass(frozen=True, slots=True)
class _Article:
    title: str
    withdrawn: bool


@dataclass(slots=True, kw_only=True)
class _Happened:
    """Of one record: kinds of change, fields revised, and what each search did, in order."""

    kinds: set[str] = field(default_factory=set)
    fields: list[str] = field(default_factory=list)
    searches: dict[str, list[str]] = field(default_factory=dict)


def _articles(connection: sqlite3.Connection) -> Mapping[int, _Article]:
    rows = connection.execute(
        "SELECT pmid, title, withdrawn IS NOT NULL FROM articles ORDER BY pmid"
    )
    return {pmid: _Article(title, bool(gone)) for pmid, title, gone in rows}


def _same_ledger(connection: sqlite3.Connection, run: tuple[int, str]) -> bool:
    """Whether this library had that run: number and start."""
    found = connection.execute("SELECT 1 FROM runs WHERE id = ? AND started = ?", run)
    return found.fetchone() is not None


def _happened(connection: sqlite3.Connection, after: int) -> dict[int, _Happened]:
    rows: Iterable[tuple[int, str, str | None, str | None]] = connection.execute(
        "SELECT pmid, kind, fields, topic FROM changes WHERE run_id > ? ORDER BY id", (after,)
    )
    found: dict[int, _Happened] = defaultdict(_Happened)
    for pmid, kind, fields, topic in rows:
        what = found[pmid]
        if topic:
            # A withdrawn record left its searches, which the ledger does not say for each.
            before = ["left"] if "withdrawn" in what.kinds else []
            what.searches.setdefault(topic, before).append(kind)
            continue
        what.kinds.add(kind)
        what.fields += [name for name in json.loads(fields or "[]") if name not in what.fields]
    return dict(found)


_TITLE = """\
# Changes of records

Which records came, changed or went from release to release, by PMID and title. A record that left a
search is still in the library.
"""
