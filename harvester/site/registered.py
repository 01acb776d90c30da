"""All registered trials that articles here name, each with its papers, and what is missing.

What kind of paper an article is, its design says (a finding) and NLM's publication types. A trial
has results here when an article reports a study; that nothing is here says nothing about elsewhere.
PROSPERO registers reviews, so its numbers are no trials.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from harvester.evidence.registration import PROSPERO
from harvester.library.notices import RETRACTING, noticed
from harvester.site.brief import Brief, brief
from harvester.site.catalogue import Stamp
from harvester.site.links import Link, trial_path
from harvester.site.markup import clean
from harvester.site.publication import REVIEW_TYPES, TRIAL_TYPES
from harvester.site.record import BRIEF_COLUMNS, rows
from harvester.site.search_page import PageLink
from harvester.site.urls import read as read_search

__all__ = [
    "STATES",
    "Registered",
    "TrialsAddress",
    "TrialsPage",
    "load_registered",
    "paper_kind",
    "read_trials",
    "show_trials",
    "write_trials",
]

PAGE_SIZE = 20
_PAPERS = 4  # of a trial, on the page of all
_AROUND = 2
_NUMBERS = (
    "SELECT t.id, t.registry, l.pmid, a.year, a.design, a.published, "  # noqa: S608 (our kinds)
    f"a.retracted OR {noticed(RETRACTING)} AS retracted, "
    "(SELECT group_concat(p.name, char(10)) FROM article_publication_types x "
    "JOIN publication_types p ON p.id = x.publication_type_id WHERE x.pmid = a.pmid) AS types "
    "FROM trials t JOIN article_trials l ON l.trial_id = t.id JOIN articles a ON a.pmid = l.pmid "
    "WHERE t.registry <> :prospero ORDER BY t.id, a.published, a.pmid"
)
_BRIEF = (
    f"SELECT {BRIEF_COLUMNS} FROM articles a "  # noqa: S608 (our columns)
    "WHERE a.pmid IN (SELECT value FROM json_each(:pmids))"
)

_REVIEWS = frozenset({"systematic_review", "meta_analysis", "scoping_review", "narrative_review"})
_TALK = frozenset({"comment", "guideline"})
_TALK_TYPES = frozenset(
    (
        *("Comment", "Editorial", "News", "Published Erratum", "Expression of Concern"),
        *("Retraction Notice", "Retraction of Publication"),
    )
)
# The designs of reports of a study in people.
_STUDIES = frozenset(
    (
        *("rct", "open_label_trial", "human_experimental", "cohort_prospective"),
        *("cohort_retrospective", "cross_sectional", "survey", "qualitative", "case_series"),
        *("case_report", "pharmacovigilance", "economic", "registry_analysis"),
    )
)
# State, and how it is asked for.
STATES: Mapping[str, str] = {
    "with": "With a results paper here",
    "without": "Without a results paper here",
    "protocol": "Protocol here, no results paper",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A trial: `papers` pairs each of its articles, oldest first, with what kind of paper it is.

    `first` and `last` are the years of its articles, `protocol` is that of its first protocol.
    """

    number: str
    registry: str
    papers: tuple[tuple[int, str], ...]
    first: int | None
    last: int | None
    protocol: int | None
    taken_back: bool

    @property
    def results(self) -> int:
        return sum(kind == "results" for _, kind in self.papers)

    @property
    def protocols(self) -> int:
        return sum(kind == "protocol" for _, kind in self.papers)

    def is_in(self, state: str) -> bool:
        """Whether it is in that state of `STATES`; every trial is in none."""
        match state:
            case "with":
                return self.results > 0
            case "without":
                return not self.results
            case "protocol":
                return not self.results and self.protocols > 0
            case _:
                return True


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialsAddress:
    """The state of the page; years are those of a trial's first article here."""

    registry: str = ""
    results: str = ""
    first: int | None = None
    last: int | None = None
    page: int = 1


def read_trials(query_string: str) -> TrialsAddress:
    """Read any query string; what makes no sense is passed over."""
    asked = read_search(query_string)
    given = dict(reversed(parse_qsl(query_string[:2_000])))
    results = given.get("results", "")
    return TrialsAddress(
        registry=given.get("registry", "")[:100].strip(),
        results=results if results in STATES else "",
        first=asked.first,
        last=asked.last,
        page=asked.page,
    )


def write_trials(address: TrialsAddress) -> str:
    pairs = [
        ("registry", address.registry),
        ("results", address.results),
        ("from", "" if address.first is None else str(address.first)),
        ("to", "" if address.last is None else str(address.last)),
        ("page", str(address.page) if address.page > 1 else ""),
    ]
    query = urlencode([(name, value) for name, value in pairs if value])
    return f"/trials?{query}" if query else "/trials"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTrial:
    """`says` is what this library holds of it; `more` articles are on its own page."""

    number: str
    href: str
    registry: str
    articles: int
    years: str
    says: str
    papers: tuple[tuple[Brief, str], ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialsPage:
    """`ways` are the states with their numbers, `registries` the registries with theirs."""

    address: TrialsAddress
    total: int
    whole: int
    articles: int
    ways: tuple[tuple[Link, int, bool], ...]
    registries: tuple[tuple[Link, int, bool], ...]
    chosen: str
    first: int
    last: int
    trials: tuple[ShownTrial, ...]
    pager: tuple[PageLink, ...]

    @property
    def plain(self) -> bool:
        """Whether nothing was asked for."""
        return self.address == TrialsAddress()


def load_registered(connection: sqlite3.Connection) -> tuple[Registered, ...]:
    """Every trial that an article here names."""
    found: dict[str, list[Mapping[str, object]]] = {}
    for row in rows(connection, _NUMBERS, prospero=PROSPERO):
        found.setdefault(row["id"], []).append(dict(row))
    return tuple(_registered(number, held) for number, held in found.items())


def _registered(number: str, held: Sequence[Mapping[str, object]]) -> Registered:
    papers, protocols, years = [], [], []
    taken_back = False
    for row in held:
        types = frozenset(str(row["types"] or "").split("\n"))
        kind = paper_kind(str(row["design"] or ""), types)
        if kind == "results" and row["retracted"]:
            kind, taken_back = "retracted", True
        papers.append((int(str(row["pmid"])), kind))
        if row["year"] is not None:
            years.append(int(str(row["year"])))
            protocols += years[-1:] if kind == "protocol" else []
    return Registered(
        number=number,
        registry=str(held[0]["registry"]),
        papers=tuple(papers),
        first=min(years, default=None),
        last=max(years, default=None),
        protocol=min(protocols, default=None),
        taken_back=taken_back,
    )


def paper_kind(design: str, types: Collection[str]) -> str:
    """`protocol`, `comment`, `review`, `results` or `other`; what is no report goes first."""
    if design == "protocol" or "Clinical Trial Protocol" in types:
        return "protocol"
    if design in _TALK or not _TALK_TYPES.isdisjoint(types):
        return "comment"
    if design in _REVIEWS:
        return "review"
    if design in _STUDIES:
        return "results"
    if not set(REVIEW_TYPES).isdisjoint(types):
        return "review"
    return "results" if not set(TRIAL_TYPES).isdisjoint(types) else "other"


def show_trials(
    connection: sqlite3.Connection, trials: Sequence[Registered], address: TrialsAddress, now: int
) -> TrialsPage:
    """The page that is asked for; `now` is the year up to which the library is complete."""
    found = [trial for trial in trials if _matches(trial, address)]
    if address.results == "protocol":  # those that wait longest
        found.sort(key=lambda t: (t.protocol or 0, t.number))
    else:
        found.sort(key=lambda t: (-(t.last or 0), -len(t.papers), t.number))
    start = (address.page - 1) * PAGE_SIZE
    page = found[start : start + PAGE_SIZE]
    pages = -(-len(found) // PAGE_SIZE)
    return TrialsPage(
        address=address,
        total=len(found),
        whole=len(trials),
        articles=len({pmid for trial in trials for pmid, _ in trial.papers}),
        ways=tuple(_ways(trials, address)),
        registries=tuple(_registries(trials, address)),
        chosen=STATES.get(address.results, ""),
        first=start + 1,
        last=start + len(page),
        trials=tuple(_show(connection, page, now)),
        pager=tuple(_pager(address, pages)),
    )


def _matches(trial: Registered, address: TrialsAddress) -> bool:
    year = trial.first
    return (
        trial.is_in(address.results)
        and address.registry in ("", trial.registry)
        and (address.first is None or (year is not None and year >= address.first))
        and (address.last is None or (year is not None and year <= address.last))
    )


def _ways(trials: Sequence[Registered], address: TrialsAddress) -> Iterator[tuple[Link, int, bool]]:
    for state, label in (("", "All"), *STATES.items()):
        asked = replace(address, results=state, page=1)
        count = sum(_matches(trial, asked) for trial in trials)
        yield Link(label=label, href=write_trials(asked)), count, state == address.results


def _registries(
    trials: Sequence[Registered], address: TrialsAddress
) -> Iterator[tuple[Link, int, bool]]:
    asked = replace(address, registry="", page=1)
    counts = Counter(trial.registry for trial in trials if _matches(trial, asked))
    if address.registry:
        counts.setdefault(address.registry, 0)
    for registry, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        href = write_trials(replace(asked, registry=registry))
        yield Link(label=clean(registry), href=href), count, registry == address.registry


def _show(
    connection: sqlite3.Connection, trials: Sequence[Registered], now: int
) -> Iterator[ShownTrial]:
    wanted = [pmid for trial in trials for pmid, _ in trial.papers[:_PAPERS]]
    found = {row["pmid"]: brief(row) for row in rows(connection, _BRIEF, pmids=json.dumps(wanted))}
    for trial in trials:
        shown = trial.papers[:_PAPERS]
        yield ShownTrial(
            number=clean(trial.number),
            href=trial_path(trial.number),
            registry=clean(trial.registry),
            articles=len(trial.papers),
            years=_span(trial.first, trial.last),
            says=_says(trial, now),
            papers=tuple((found[pmid], kind) for pmid, kind in shown if pmid in found),
            more=len(trial.papers) - len(shown),
        )


def _span(first: int | None, last: int | None) -> str:
    if first is None:
        return "no year"
    return str(first) if first == last else f"{first} to {last}"


def _says(trial: Registered, now: int) -> str:
    """What this library holds of the trial's results, and no more."""
    if trial.results:
        papers = "results paper" if trial.results == 1 else "results papers"
        return f"{trial.results} {papers} here."
    if trial.taken_back:
        return "The only results paper here is retracted."
    if not trial.protocols:
        return "No results paper in this library."
    if trial.protocol is None:
        return "A protocol, and no results paper in this library."
    age = now - trial.protocol
    if age <= 0:
        return f"Protocol of {trial.protocol}, no results paper in this library yet."
    years = "year" if age == 1 else "years"
    return f"Protocol of {trial.protocol}, no results paper in this library after {age} {years}."


def _pager(address: TrialsAddress, pages: int) -> Iterator[PageLink]:
    here = address.page
    if pages < 2 and here == 1:
        return

    def at(page: int) -> str:
        return write_trials(replace(address, page=page))

    if 1 < here <= pages + 1:
        yield PageLink(label="Previous", href=at(here - 1), rel="prev")
    before = 0
    near = {1, pages, *range(here - _AROUND, here + _AROUND + 1)}
    for page in sorted(page for page in near if 1 <= page <= pages):
        if page > before + 1:
            yield PageLink(label="…")
        yield PageLink(label=f"{page:,}", href=at(page), current=page == here)
        before = page
    if here < pages:
        yield PageLink(label="Next", href=at(here + 1), rel="next")


def year_of(stamp: Stamp) -> int:
    """The year of the last run, up to which the library is complete; 0 for none."""
    started = next((str(part) for part in stamp[1:2] if part), "0")
    return int(started[:4]) if started[:4].isdigit() else 0
