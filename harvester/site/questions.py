"""The evidence pages: each question with its plain answer and the articles that its searches find.

A page is made once for each state of the library (`Cache.kept`).
"""

import sqlite3
from dataclasses import dataclass
from itertools import chain, islice

from harvester.evidence.design_groups import SYNTHESES, TRIALS
from harvester.evidence.labels import value_label
from harvester.evidence.questions import GROUPS, Grid, Question, Sourced, load_questions
from harvester.site.cache import Cache
from harvester.site.catalogue import Articles, Catalogue
from harvester.site.dates import long_date
from harvester.site.facets import FACETS
from harvester.site.follow import Follow, follow_question
from harvester.site.links import Link, article_path, pubmed_url, question_path
from harvester.site.question_panels import Card, PanelView, Path, cards, load_panel, rule_of
from harvester.site.sentences import Said, said
from harvester.site.urls import write

__all__ = ["Entry", "Index", "QuestionView", "load_index", "load_question", "questions_for"]

_QUOTES = 6
# Articles of a list; a page of many parts would be too long for a phone.
_SHOWN, _SHOWN_OF_MANY, _FEW_PARTS = 5, 3, 2
_CANDIDATES = 60  # records whose sentences are read
_HEADINGS = {
    "patients": "For people with depression, and those close to them",
    "clinicians": "For clinicians",
    "researchers": "For researchers",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A question in a list, with the number of articles that its page counts."""

    question: str
    href: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """All questions, by whom they are for."""

    groups: tuple[tuple[str, str, tuple[Entry, ...]], ...]
    written: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A sentence of ours with links to the articles that it rests on."""

    text: str
    sources: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GridView:
    """Counts of two facets; each cell is the number and its search."""

    rows: str
    columns: tuple[str, ...]
    lines: tuple[tuple[str, tuple[Link | None, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionView:
    """Everything that the page shows; `since` counts articles newer than the answer."""

    question: Question
    written: str
    count: int
    since: int
    answer: tuple[Statement, ...]
    detail: tuple[Statement, ...]
    panels: tuple[PanelView, ...]
    grid: GridView | None
    quotes: tuple[tuple[Card, Said, str], ...]
    related: tuple[Link, ...]
    follow: Follow


def load_index(connection: sqlite3.Connection, cache: Cache) -> Index:
    """The list of all questions."""
    written = max(question.written for question in load_questions().values())
    return Index(
        groups=tuple(
            (group, _HEADINGS[group], questions_for(connection, cache, group)) for group in GROUPS
        ),
        written=long_date(written.isoformat()),
    )


def questions_for(connection: sqlite3.Connection, cache: Cache, group: str) -> tuple[Entry, ...]:
    """The questions of a group of people."""
    return tuple(
        Entry(
            question=question.question,
            href=question_path(question.id),
            count=_union(connection, cache, question).bit_count(),
        )
        for question in load_questions().values()
        if question.group == group
    )


def load_question(
    connection: sqlite3.Connection, cache: Cache, question: Question, *, path: Path
) -> QuestionView:
    """The page of a question; `path` makes a path as the browser sees it."""
    catalogue = cache.held
    everything = _union(connection, cache, question)
    shown = _SHOWN if len(question.panels) <= _FEW_PARTS else _SHOWN_OF_MANY
    panels = tuple(
        load_panel(connection, cache, panel, anchor=f"part-{number}", shown=shown, path=path)
        for number, panel in enumerate(question.panels, 1)
    )
    questions = load_questions()
    return QuestionView(
        question=question,
        written=long_date(question.written.isoformat()),
        count=everything.bit_count(),
        since=_since(connection, catalogue, everything, question.written.isoformat()),
        answer=tuple(_statement(catalogue, question, one) for one in question.answer),
        detail=tuple(_statement(catalogue, question, one) for one in question.detail),
        panels=panels,
        grid=_grid(connection, cache, question, question.grid) if question.grid else None,
        quotes=_quotes(connection, catalogue, question, everything),
        related=tuple(
            Link(label=questions[other].question, href=question_path(other))
            for other in question.related
        ),
        follow=follow_question(question.id, f"New articles: {question.question}"),
    )


def _union(connection: sqlite3.Connection, cache: Cache, question: Question) -> Articles:
    found = 0
    for panel in question.panels:
        found |= cache.articles(connection, rule_of(panel))
    return found


def _since(
    connection: sqlite3.Connection, catalogue: Catalogue, articles: Articles, day: str
) -> int:
    """How many of them PubMed added after that day."""
    later = connection.execute("SELECT pmid FROM articles WHERE entered > ?", (day,))
    return (articles & catalogue.articles(pmid for (pmid,) in map(tuple, later))).bit_count()


def _statement(catalogue: Catalogue, question: Question, sentence: Sourced) -> Statement:
    """Its sources: articles here, at PubMed where the library holds none, and facts of the page."""
    articles = (
        Link(label=f"PMID {pmid}", href=article_path(pmid))
        if pmid in catalogue.places
        else Link(label=f"PMID {pmid} at PubMed", href=pubmed_url(pmid), external=True)
        for pmid in sentence.pmids
    )
    facts = (
        Link(label=f"{fact.place}, {fact.date}: {fact.source}", href=f"#fact-{fact.id}")
        for fact in question.facts
        if fact.id in sentence.facts
    )
    return Statement(text=sentence.text, sources=(*articles, *facts))


def _quotes(
    connection: sqlite3.Connection, catalogue: Catalogue, question: Question, articles: Articles
) -> tuple[tuple[Card, Said, str], ...]:
    """Sentences with numbers: of the question's own sources, then of the newest reviews, trials."""
    key = [p for p in question.must_appear if catalogue.articles([p]) & articles]
    reviews = catalogue.newest(catalogue.having("design", SYNTHESES) & articles)
    trials = catalogue.newest(catalogue.having("design", TRIALS) & articles)
    order = list(dict.fromkeys(chain(key, islice(reviews, 20), trials)))[:_CANDIDATES]
    found = said(connection, order, question.quotes)
    chosen: dict[int, Said] = {}
    for pmid in order:
        telling = [s for s in found.get(pmid, ()) if s.figures]
        if telling and len(chosen) < _QUOTES:
            chosen[pmid] = telling[0]
    shown = {card.brief.pmid: card for card in cards(connection, list(chosen), {})}
    return tuple(
        (shown[pmid], sentence, _value_label(sentence)) for pmid, sentence in chosen.items()
    )


def _value_label(sentence: Said) -> str:
    words = value_label(sentence.facet, sentence.value)
    return f"{words}, reported as absent" if sentence.absent else words


def _grid(connection: sqlite3.Connection, cache: Cache, question: Question, grid: Grid) -> GridView:
    """Counts among the articles of the first part, whatever it says of the two facets."""
    catalogue = cache.held
    (rows_facet, row_values), (columns_facet, column_values) = grid.rows, grid.columns
    base = rule_of(question.panels[0]).without(rows_facet).without(columns_facet)
    articles = cache.articles(connection, base)
    lines = []
    for row in row_values:
        cells: list[Link | None] = []
        for column in column_values:
            count = (
                articles
                & catalogue.having(rows_facet, [row])
                & catalogue.having(columns_facet, [column])
            ).bit_count()
            found = base.toggled(rows_facet, row).toggled(columns_facet, column)
            cells.append(Link(label=f"{count:,}", href=write(found)) if count else None)
        lines.append((FACETS[rows_facet].say(row), tuple(cells)))
    return GridView(
        rows=FACETS[rows_facet].label,
        columns=tuple(FACETS[columns_facet].say(column) for column in column_values),
        lines=tuple(lines),
    )
