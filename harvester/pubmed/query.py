"""PubMed's query language, as far as search strategies need it, checked on records at hand.

    parse_query('"Ketamine"[mh] AND depress*[tiab]').matches(article)

PubMed reads from left to right (AND, OR and NOT bind alike; parentheses group). Understood are
quoted phrases, truncation (`depress*`, `"mood disorder*"`), proximity (`"resistant
depression"[tiab:~3]`), ranges (`"2026/01/01"[lr] : "3000"[lr]`, `1:500[uid]`) and the field tags
below (PubMed Help, NBK3827). Tags whose answer is not in a record, such as filters, are left out of
the decision and named in `Query.ignored`. What PubMed would drop or misread without a word (an
unknown tag, a tag on a group, an operator in lower case) is an error here. PubMed's automatic term
mapping is not imitated: an untagged word is looked for in all fields as it stands.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from harvester.errors import SettingsError
from harvester.pubmed.query_match import (
    BREAK,
    All,
    Any,
    Contains,
    Dated,
    Indexed,
    Is,
    Near,
    Node,
    Not,
    Numbered,
    OneOf,
    TextField,
    fold,
)
from harvester.pubmed.query_tags import (
    DATES,
    LANGUAGES,
    NAMES,
    NUMBERS,
    SUBSETS,
    TEXTS,
    TRAITS,
    TREES,
    is_known,
    tag_name,
)
from harvester.pubmed.records import Article

__all__ = ["Query", "parse_query"]

Narrower = Mapping[str, Iterable[str]]

TOKEN = re.compile(
    r'\s*(?:(?P<open>\()|(?P<close>\))|(?P<colon>:)|"(?P<quoted>[^"]*)"|\[(?P<tag>[^\[\]]*)\]'
    r'|(?P<word>[^\s()\[\]":]+))'
)
OPERATORS = ("AND", "OR", "NOT")
DAY = re.compile(r"(\d{4})(?:[/-](\d{1,2})(?:[/-](\d{1,2}))?)?")
DEEPEST = 100
SHORTEST_STEM = 4  # PubMed Help: at least four letters before the asterisk


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A parsed term; `ignored` are the parts that no record can answer, as they were written."""

    term: str
    root: Node
    ignored: tuple[str, ...] = ()

    def matches(self, article: Article | Indexed) -> bool:
        """Whether PubMed would find the article; pass an `Indexed` when several queries ask."""
        return self.root.matches(article if isinstance(article, Indexed) else Indexed(article))


def parse_query(term: str, narrower: Narrower | None = None) -> Query:
    """Parse a term; `narrower` maps a heading to the headings below it, which the tree would give.

    Raises `SettingsError` with the place and the reason.
    """
    parser = Parser(term, narrower or {})
    root = parser.parse()
    return Query(term=term, root=root, ignored=tuple(parser.ignored))


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    kind: str
    text: str
    at: int


class Parser:
    """One pass from left to right over the tokens of one term."""

    def __init__(self, term: str, narrower: Narrower) -> None:
        self.term = term
        self.narrower = {fold(name): tuple(map(fold, below)) for name, below in narrower.items()}
        self.ignored: list[str] = []
        self.tokens = self._tokens()
        self.next = 0
        self.depth = 0

    def parse(self) -> Node:
        if not self.tokens:
            raise SettingsError("The search term is empty.")
        root = self._expression()
        left_over = self._peek()
        if left_over is not None:
            self._fail("this parenthesis was never opened", left_over.at)
        if root is None:
            self._fail("nothing in it can be checked on a record", 0)
        return root

    def _fail(self, reason: str, at: int) -> NoReturn:
        near = " ".join(self.term[at : at + 30].split())
        where = f"near `{near}`" if near else "at its end"
        raise SettingsError(f"The search term is wrong at character {at + 1}, {where}: {reason}.")

    # Tokens ------------------------------------------------------------------------------------

    def _tokens(self) -> list[Token]:
        tokens = []
        at, end = 0, len(self.term.rstrip())
        for position, character in enumerate(self.term):
            if character in "\u201c\u201d\u2217":
                self._fail(f"PubMed does not understand the character {character}", position)
        while at < end:
            found = TOKEN.match(self.term, at)
            if found is None:
                what = {'"': "this quotation mark is never closed", "[": "this tag never ends"}
                at += len(self.term[at:]) - len(self.term[at:].lstrip())
                self._fail(what.get(self.term[at], "a tag begins nowhere"), at)
            kind = found.lastgroup or ""
            start = found.start(kind) - (kind in ("quoted", "tag"))
            tokens.append(Token(kind=kind, text=found[kind], at=start))
            at = found.end()
        return tokens

    def _peek(self) -> Token | None:
        return self.tokens[self.next] if self.next < len(self.tokens) else None

    def _take(self, *kinds: str) -> Token | None:
        token = self._peek()
        if token is None or token.kind not in kinds:
            return None
        self.next += 1
        return token

    # Structure ---------------------------------------------------------------------------------

    def _expression(self) -> Node | None:
        left = self._operand()
        while (token := self._peek()) is not None and token.kind != "close":
            operator = "AND"  # two terms side by side
            if token.kind == "word" and token.text in OPERATORS:
                operator = token.text
                self.next += 1
            left = _joined(operator, left, self._operand())
        return left

    def _operand(self) -> Node | None:
        token = self._peek()
        if token is None or token.kind == "close":
            self._fail("a term is missing here", token.at if token else len(self.term))
        if token.kind == "open":
            return self._group(token)
        if token.kind in ("tag", "colon") or (token.kind == "word" and token.text in OPERATORS):
            self._fail("a term is missing before this", token.at)
        return self._term()

    def _group(self, opening: Token) -> Node | None:
        self.next += 1
        self.depth += 1
        if self.depth > DEEPEST:
            self._fail("the parentheses are too deep", opening.at)
        inner = self._expression()
        if self._take("close") is None:
            self._fail("this parenthesis is never closed", opening.at)
        self.depth -= 1
        tag = self._take("tag")
        if tag is not None:
            self._fail("PubMed ignores a field tag on a group; put it on each term", tag.at)
        return inner

    def _term(self) -> Node | None:
        text, quoted, at = self._text()
        tag = self._take("tag")
        colon = self._take("colon")
        if colon is not None:
            return self._range(text, at, tag)
        if tag is not None:
            return self._tagged(text, quoted, tag, at)
        if quoted:
            return self._words("everything", text, at)
        if text.lower() == "hasabstract":
            return Is("abstract")
        return _joined_all([self._words("everything", word, at) for word in text.split()])

    def _text(self) -> tuple[str, bool, int]:
        """A quoted phrase, or the words up to the next tag, operator or parenthesis."""
        first = self._take("quoted")
        if first is not None:
            return first.text, True, first.at
        words: list[Token] = []
        while (word := self._peek()) is not None and word.kind == "word":
            if word.text in OPERATORS:
                break
            if word.text.upper() in OPERATORS:
                self._fail(f"write {word.text.upper()} in capitals, or quote the phrase", word.at)
            words.append(word)
            self.next += 1
        return " ".join(word.text for word in words), False, words[0].at

    # Terms -------------------------------------------------------------------------------------

    def _tagged(self, text: str, quoted: bool, tag: Token, at: int) -> Node | None:
        name = tag_name(tag.text)
        modifier = " ".join(tag.text.lower().split()).partition(":")[2].strip()
        if not is_known(tag.text):
            self._fail(f"PubMed has no field tag [{tag.text}] and would drop it silently", tag.at)
        if modifier.startswith("~"):
            return self._near(name, modifier[1:], text, quoted, tag)
        if modifier and not (modifier == "noexp" and name in TREES):
            self._fail(f"[{name}] takes no :{modifier}", tag.at)
        if name in TEXTS:
            return self._words(TEXTS[name], text, at)
        if name in NAMES:
            return self._name(NAMES[name], text, quoted, at)
        if name in TREES:
            return self._heading(name, text, explode=not modifier, at=at)
        if name in DATES and (days := _days(text)) is not None:
            return Dated(DATES[name], *days)
        if name in NUMBERS:
            return self._numbers(text, at)
        if name in SUBSETS and text.lower() in TRAITS:
            return Is(TRAITS[text.lower()])
        self.ignored.append(f"{text}[{tag.text}]")
        return None

    def _words(self, field: TextField, text: str, at: int) -> Node:
        stem, truncated = self._stem(text, at)
        words = fold(stem)
        if not words:
            self._fail("there is no word here", at)
        if truncated and len(words.replace(" ", "")) < SHORTEST_STEM:
            self._fail(f"PubMed wants {SHORTEST_STEM} letters or more before the *", at)
        return Contains(field, f" {words}" if truncated else f" {words} ")

    def _stem(self, text: str, at: int) -> tuple[str, bool]:
        truncated = text.endswith("*")
        stem = text[:-1] if truncated else text
        if "*" in stem:
            self._fail("* may only stand at the end of a word or a phrase", at)
        return stem, truncated

    def _name(self, field: TextField, text: str, quoted: bool, at: int) -> Node:
        stem, truncated = self._stem(text, at)
        words = fold(LANGUAGES.get(stem.lower(), stem) if field == "languages" else stem)
        if not words:
            self._fail("there is no name here", at)
        # PubMed completes the initials of an author who is not quoted: `zarate c` finds Zarate CA.
        open_end = truncated or (field == "authors" and not quoted and " " in words)
        return Contains(field, f"{BREAK} {words}" if open_end else self._whole(field, words))

    def _whole(self, field: TextField, words: str) -> str:
        ending = "" if field == "authors" else BREAK  # `zarate ca` finds `Zarate CA Jr` too
        return f"{BREAK} {words} {ending}"

    def _heading(self, tag: str, text: str, *, explode: bool, at: int) -> Node:
        names, line = TREES[tag]
        stem, truncated = self._stem(text, at)
        heading, _, qualifier = (fold(part) for part in stem.partition("/"))
        if not heading:
            self._fail("there is no heading here", at)
        if truncated:
            return Contains(line, f"{BREAK} {heading}")
        below = self.narrower.get(heading, ()) if explode else ()
        ending = f"/{qualifier}" if qualifier else ""
        return OneOf(names, frozenset(f"{name}{ending}" for name in (heading, *below)))

    def _near(self, name: str, distance: str, text: str, quoted: bool, tag: Token) -> Node:
        if TEXTS.get(name) not in ("tiab", "title") or not distance.isdigit():
            self._fail('nearness is written "word word"[tiab:~N] or [ti:~N]', tag.at)
        words = tuple(fold(text).split())
        if not quoted or "*" in text or len(words) < 2:
            self._fail("nearness needs two or more whole words in quotation marks", tag.at)
        return Near(TEXTS[name], words, int(distance))

    def _numbers(self, text: str, at: int) -> Node | None:
        numbers = text.replace(",", " ").split()
        if not all(number.isdecimal() for number in numbers) or not numbers:
            self._fail("a PMID is a number", at)
        return Any(tuple(Numbered(int(number), int(number)) for number in numbers))

    def _range(self, low: str, at: int, low_tag: Token | None) -> Node:
        token = self._peek()
        if token is None or token.kind not in ("word", "quoted"):
            self._fail("the range has no end", token.at if token else len(self.term))
        high, _, high_at = self._text()
        tag = self._take("tag")
        if tag is None:
            self._fail("a range needs a field tag, such as [crdt] or [uid]", high_at)
        name = tag_name(tag.text)
        if low_tag is not None and tag_name(low_tag.text) != name:
            self._fail("both ends of a range have the same field tag", tag.at)
        if name in NUMBERS:
            if not (low.isdecimal() and high.isdecimal()):
                self._fail("a PMID is a number", at)
            return Numbered(int(low), int(high))
        if name not in DATES:
            self._fail(f"[{tag.text}] has no ranges here", tag.at)
        first, last = _days(low), _days(high)
        if first is None or last is None:
            self._fail("a date is written YYYY, YYYY/MM or YYYY/MM/DD", at)
        return Dated(DATES[name], first[0], last[1])


def _days(text: str) -> tuple[str, str] | None:
    """The first and the last day that `2026`, `2026/3` or `2026/03/31` means."""
    found = DAY.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day = found[1], found[2], found[3]
    first = f"{year}-{int(month or 1):02}-{int(day or 1):02}"
    last = f"{year}-{int(month or 12):02}-{int(day or 31):02}"
    return first, last


def _joined(operator: str, left: Node | None, right: Node | None) -> Node | None:
    """Two terms under an operator; a term that cannot be checked takes no part."""
    if operator == "NOT":
        return Not(left or Is("all"), right) if right else left
    if left is None or right is None:
        return left or right
    kind = All if operator == "AND" else Any
    parts = left.parts if isinstance(left, kind) else (left,)
    return kind((*parts, right))


def _joined_all(nodes: Iterable[Node]) -> Node | None:
    joined: Node | None = None
    for node in nodes:
        joined = _joined("AND", joined, node)
    return joined
