"""From a query to articles: FTS5 expressions, and lookups of what the text index does not hold."""

import re
from dataclasses import dataclass

from harvester.library.schema import FTS_COLUMNS, FTS_TABLE
from harvester.site.stems import beginning
from harvester.site.terms import And, Node, Not, Or, Term

__all__ = [
    "NO_ABSTRACT",
    "WEIGHTS",
    "Lookup",
    "bm25",
    "expression",
    "identifier",
    "lookup",
    "ranking",
]

# bm25 weights of the index's columns: a word of the title says most of what a paper is about,
# an indexer's heading or an author's keyword more than one of the abstract. Measured on real
# records: docs/decisions/0011-ranking.md.
WEIGHTS = {
    "title": 10.0,
    "abstract": 1.0,
    "authors": 3.0,
    "mesh": 4.0,
    "keywords": 4.0,
    "substances": 4.0,
}

# To bm25 a record of a few words is about nothing but these words. The score of one without an
# abstract is multiplied by this, so that it does not stand before an article about the subject.
NO_ABSTRACT = 0.95

_COLUMNS = {"title": "title", "author": "authors", "mesh": "mesh"}


def bm25() -> str:
    """The SQL expression that scores articles of the text index, the best the lowest."""
    return f"bm25({FTS_TABLE}, {', '.join(str(WEIGHTS[column]) for column in FTS_COLUMNS)})"


def expression(node: Node) -> str | None:
    """The FTS5 expression that finds what the query asks, or None when FTS5 alone cannot."""
    match node:
        case Term(field=field) if field in _COLUMNS or field is None:
            return _term(node)
        case Or(parts):
            found = [expression(part) for part in parts]
            return f"({' OR '.join(filter(None, found))})" if all(found) else None
        case And(parts):
            wanted = [expression(part) for part in parts if not isinstance(part, Not)]
            unwanted = [expression(part.part) for part in parts if isinstance(part, Not)]
            if wanted and all(wanted) and all(unwanted):
                both = f"({' AND '.join(filter(None, wanted))})"
                return f"({both} NOT ({' OR '.join(filter(None, unwanted))}))" if unwanted else both
    return None


def _term(term: Term) -> str:
    *before, last = term.words
    ways = (term.ways or beginning(last)) if term.prefix else ((last, False),)
    # To the tokenizer a quote is no part of a word, so none can end the phrase early.
    phrases = [f'"{" ".join([*before, word])}"{" *" * longer}' for word, longer in ways]
    column = f"{_COLUMNS[term.field]} : " if term.field else ""
    return f"{column}({' OR '.join(phrases)})"


def ranking(node: Node | None) -> str | None:
    """The FTS5 expression by which the articles found are ranked; None: nothing to rank by."""
    if node is None:
        return None
    if whole := expression(node):
        return whole
    parts = node.parts if isinstance(node, And | Or) else ()
    found = [part for part in map(ranking, parts) if part]
    joined = " AND " if isinstance(node, And) else " OR "
    return f"({joined.join(found)})" if found else None


@dataclass(frozen=True, slots=True)
class Lookup:
    """A selection of articles by something other than the text index; `sql` gives PMIDs."""

    sql: str
    values: tuple[str | int, ...]


def lookup(kind: str, value: str) -> Lookup:
    """Articles by `pmid`, `doi`, `pmc` or `trial`; a value that cannot be one finds nothing."""
    match kind:
        case "pmid":
            numbers = tuple(int(n) for n in re.findall(r"[0-9]+", value) if len(n) <= 10)
            marks = ", ".join("?" * len(numbers))
            return Lookup(f"SELECT pmid FROM articles WHERE pmid IN ({marks})", numbers)  # noqa: S608
        case "doi":
            return Lookup("SELECT pmid FROM articles WHERE doi = ? COLLATE NOCASE", (value,))
        case "pmc":
            sql = "SELECT pmid FROM article_ids WHERE value = ? AND kind = 'pmc'"
            return Lookup(sql, (value.upper(),))
        case _:
            sql = (
                "SELECT DISTINCT l.pmid FROM trials t JOIN article_trials l ON l.trial_id = t.id "
                "WHERE t.id = ? COLLATE NOCASE"
            )
            return Lookup(sql, (value,))


_DOI = r"10\.[0-9]{4,9}/\S+"
_IDENTIFIERS = (
    ("pmid", re.compile(r"(?:pmid:?\s*)?([0-9]{1,8})", re.IGNORECASE)),
    (
        "pmid",
        re.compile(
            r"(?:https?://)?(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)"
            r"/([0-9]{1,8})/?(?:[?#].*)?",
            re.IGNORECASE,
        ),
    ),
    ("pmc", re.compile(r"(?:pmcid:?\s*)?(PMC[0-9]{3,9})", re.IGNORECASE)),
    ("doi", re.compile(rf"(?:doi:?\s*|https?://(?:dx\.)?doi\.org/)?({_DOI})", re.IGNORECASE)),
    ("trial", re.compile(r"(NCT[0-9]{8})", re.IGNORECASE)),
    ("trial", re.compile(r"((?:ISRCTN|ACTRN|DRKS|ChiCTR|UMIN|jRCT)[\w-]{5,20})", re.IGNORECASE)),
    ("trial", re.compile(r"([0-9]{4}-[0-9]{6}-[0-9]{2})")),
)


def identifier(text: str) -> tuple[str, str] | None:
    """Kind and value when the whole text is a PMID, PMCID, DOI or trial number.

    A year is not taken for a PMID unless "PMID" is written before it.
    """
    if re.fullmatch(r"\s*(?:19|20)[0-9]{2}\s*", text):
        return None
    for kind, pattern in _IDENTIFIERS:
        if match := pattern.fullmatch(text.strip()):
            return kind, match[1].rstrip(".,;") if kind == "doi" else match[1]
    return None
