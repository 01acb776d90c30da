"""The search language: any text is a query.

    words                     all of them, in any order
    "blood pressure"          these words together
    depress*                  every word that begins so
    -rat, NOT rat             without it
    spray OR lozenge          either; binds closer than words beside each other
    (a b) OR c                parentheses group; AND may be written
    author:Smith              also title: journal: mesh: pmid: doi:, or Smith[au] as in PubMed

What has no meaning here (a lone quote, an operator without a word, punctuation) is passed over.
Operators are capital letters, as in PubMed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from harvester.site.stems import Ways, words

__all__ = [
    "FIELDS",
    "And",
    "Node",
    "Not",
    "Or",
    "Query",
    "Term",
    "changed",
    "leaves",
    "parse",
    "spelled",
]

FIELDS = ("author", "title", "journal", "mesh", "pmid", "doi")

MOST_CHARACTERS = 2_000
MOST_TERMS = 50
_DEEPEST = 20
_SHORTEST_BEGINNING = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word, or several that stand together.

    `words` are as the text index reads them before stemming; of a `prefix` the last one is only
    the beginning of a word, and `ways` says how the index is asked for it, where that has been
    found out (`stems.beginning`). `text` is what was typed, without field, quotes and star.
    """

    text: str
    words: tuple[str, ...]
    field: str | None = None
    quoted: bool = False
    prefix: bool = False
    ways: Ways = ()


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Node", ...]


Node = Term | Not | And | Or


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What was meant; `node` is None when nothing was asked. `cut` when it was too long."""

    text: str
    node: Node | None
    cut: bool = False


def leaves(node: Node | None, *, negated: bool = False) -> list[Term]:
    """The terms that an article may have (or, `negated`, must not have), in order."""
    return [term for term, without in _leaves(node, without=False) if without == negated]


def _leaves(node: Node | None, *, without: bool) -> list[tuple[Term, bool]]:
    match node:
        case Term():
            return [(node, without)]
        case Not(part):
            return _leaves(part, without=not without)
        case And(parts) | Or(parts):
            return [leaf for part in parts for leaf in _leaves(part, without=without)]
    return []


def changed(node: Node | None, terms: Mapping[Term, Node | None]) -> Node | None:
    """The query with some of its terms replaced, or with None left out."""
    match node:
        case Term():
            return terms.get(node, node)
        case Not(part):
            kept = changed(part, terms)
            return _negated(kept) if kept else None
        case And(parts) | Or(parts):
            return _joined(type(node), [new for part in parts if (new := changed(part, terms))])
    return None


def spelled(node: Node | None) -> str:
    """The query in its own language, every operator written out; parses to the same query."""
    match node:
        case Term():
            text = f'"{node.text}"' if node.quoted else node.text
            return f"{node.field}:" * bool(node.field) + text + "*" * node.prefix
        case Not(part):
            return f"NOT {_grouped(part)}"
        case And(parts):
            return " AND ".join(map(_grouped, parts)).replace(" AND NOT ", " NOT ")
        case Or(parts):
            return " OR ".join(map(_grouped, parts))
    return ""


def _grouped(node: Node) -> str:
    return f"({spelled(node)})" if isinstance(node, And | Or) else spelled(node)


# --- from characters to tokens ---------------------------------------------------------------

_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "＂": '"'})
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
# PubMed's field tags, for searches that were written for PubMed: `ketamine[ti]`.
_TAG = r"(?<=[\w*\"])\[[a-z][a-z/: -]{1,29}\](?=[\s)]|$)"
_TAGGED = {
    "ti": "title",
    "title": "title",
    "au": "author",
    "author": "author",
    "1au": "author",
    "lastau": "author",
    "ta": "journal",
    "jour": "journal",
    "journal": "journal",
    "mh": "mesh",
    "mesh": "mesh",
    "mesh terms": "mesh",
    "majr": "mesh",
    "pmid": "pmid",
    "uid": "pmid",
    "doi": "doi",
    "aid": "doi",
    "lid": "doi",
}
_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<not>-(?=[^\s\-*]))?
      (?:(?P<field>{"|".join(FIELDS)}):[^\S\n]*)?
      (?: (?P<open>\((?=["(\s]|-?(?:{"|".join(FIELDS)}):))
        | "(?P<quoted>[^"]*)"(?P<star>\*?) | (?P<chunk>[^\s"]+?(?=[\s"]|{_TAG}|$)) )
      (?P<tag>{_TAG})?
    | . )""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)

_ODD = re.compile(rf"-|(?:{'|'.join(FIELDS)}):|.*\]\W*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # word, not, and, or, open, close
    term: Term | None = None
    field: str | None = None  # of a group: `title:(a OR b)`


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    for match in _TOKEN.finditer(text):
        chunk, quoted = match["chunk"], match["quoted"]
        if chunk is None and quoted is None and not match["open"]:
            continue
        if match["not"]:
            found.append(_Token("not"))
        field, tag = (match["field"] or "").lower() or None, match["tag"] or ""
        if match["open"]:
            found.append(_Token("open", field=field))
        elif quoted is None:
            found += _chunk(chunk, field, tag)
        else:
            star = bool(match["star"]) or quoted.rstrip().endswith("*")
            term = Term(
                text=" ".join(quoted.split()).rstrip("* "),
                words=(),
                field=field or _field_of(tag),
                quoted=True,
                prefix=star,
            )
            found.append(_Token("word", term))
    return found


def _field_of(tag: str) -> str | None:
    """Our field for one of PubMed's tags; what has none here is searched for everywhere."""
    return _TAGGED.get(tag.strip("[]").partition(":")[0].lower())


def _chunk(chunk: str, field: str | None, tag: str) -> list[_Token]:
    """A word with the parentheses around it; those of "(S)-ketamine" are part of it."""
    opened = closed = 0
    while chunk.startswith("(") and chunk.count("(") > chunk.count(")"):
        chunk, opened = chunk[1:], opened + 1
    while chunk.endswith(")") and chunk.count(")") > chunk.count("("):
        chunk, closed = chunk[:-1], closed + 1
    while _enclosed(chunk):
        chunk, opened, closed = chunk[1:-1], opened + 1, closed + 1
    after = [_Token("close")] * closed
    if opened:  # what follows the parenthesis may be anything again
        before = [_Token("open", field=field), *([_Token("open")] * (opened - 1))]
        return before + _tokens(chunk + tag) + after
    if chunk in ("OR", "AND", "NOT") and not field:
        return [_Token(chunk.lower()), *after]
    # In quotes it cannot be taken for a sign, a field, a tag or a group. PubMed takes a word with
    # a tag exactly as it is; so do quotes here.
    odd = bool(tag or _ODD.match(chunk)) or chunk.count("(") != chunk.count(")")
    term = Term(
        text=chunk.rstrip("*"),
        words=(),
        field=field or _field_of(tag),
        quoted=odd,
        prefix=chunk.endswith("*"),
    )
    return [_Token("word", term), *after]


def _enclosed(chunk: str) -> bool:
    """Whether the first parenthesis closes at the very end."""
    depth = 0
    for place, character in enumerate(chunk):
        depth += (character == "(") - (character == ")")
        if not depth:
            return place == len(chunk) - 1 > 0
    return False


# --- from tokens to a tree -------------------------------------------------------------------


def parse(text: str) -> Query:
    """Read any text as a query."""
    typed = _UNSEEN.sub(" ", text).translate(_QUOTES).strip()
    tokens = _with_words(_tokens(typed[:MOST_CHARACTERS]))
    kept = _first_terms(tokens)
    return Query(
        text=text.strip(),
        node=_Reader(_shallow(kept)).all_of(0),
        cut=len(typed) > MOST_CHARACTERS or len(kept) < len(tokens),
    )


def _with_words(tokens: list[_Token]) -> list[_Token]:
    """The tokens whose text has words; all are looked up at once."""
    terms = [token.term for token in tokens if token.term]
    found = iter(words(term.text for term in terms))
    full = []
    for token in tokens:
        if token.term is None:
            full.append(token)
        elif read := next(found):
            prefix = token.term.prefix and len(read[-1]) >= _SHORTEST_BEGINNING
            full.append(_Token("word", replace(token.term, words=read, prefix=prefix)))
    return full


def _first_terms(tokens: list[_Token]) -> list[_Token]:
    count = 0
    for place, token in enumerate(tokens):
        count += len(token.term.words) if token.term else 0
        if count > MOST_TERMS:
            return tokens[:place]
    return tokens


def _shallow(tokens: list[_Token]) -> list[_Token]:
    """Without parentheses where they are nested deeper than anyone means."""
    depth = deepest = 0
    for token in tokens:
        depth += (token.kind == "open") - (token.kind == "close")
        deepest = max(deepest, depth)
    if deepest <= _DEEPEST:
        return tokens
    return [token for token in tokens if token.kind not in ("open", "close")]


class _Reader:
    """Reads tokens once, left to right; never fails."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._place = 0

    def all_of(self, depth: int) -> Node | None:
        """Terms beside each other, up to a closing parenthesis or the end."""
        parts: list[Node] = []
        while kind := self._kind():
            if kind == "close":
                self._place += 1
                if depth:
                    break
            elif part := self._any_of(depth):
                parts.append(part)
        return _joined(And, parts)

    def _any_of(self, depth: int) -> Node | None:
        parts = [self._one(depth)]
        while self._kind() == "or":
            self._place += 1
            parts.append(self._one(depth))
        return _joined(Or, [part for part in parts if part])

    def _one(self, depth: int) -> Node | None:
        """The next term or group; None before an OR, a closing parenthesis and the end."""
        negative = False
        while (kind := self._kind()) not in (None, "close", "or"):
            token = self._tokens[self._place]
            self._place += 1
            if kind == "not":
                negative = not negative
            elif inner := self._group(token, depth) if kind == "open" else token.term:
                return _negated(inner) if negative else inner
        return None

    def _group(self, opening: _Token, depth: int) -> Node | None:
        inner = self.all_of(depth + 1)
        plain = (term for term, _ in _leaves(inner, without=False) if not term.field)
        return changed(inner, {term: replace(term, field=opening.field) for term in plain})

    def _kind(self) -> str | None:
        return self._tokens[self._place].kind if self._place < len(self._tokens) else None


def _negated(node: Node) -> Node:
    return node.part if isinstance(node, Not) else Not(node)


def _joined(kind: type[And] | type[Or], parts: list[Node]) -> Node | None:
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, kind) else (part,)
    return flat[0] if len(flat) == 1 else kind(tuple(flat)) if flat else None
