"""What a parsed PubMed query is made of, and what each part says about one article.

Every part has `matches(Indexed) -> bool`. A text is kept as one line of folded words with a space
on both sides, so that a word, a phrase or a truncated word is one search in a string; `\\n` stands
between texts that no phrase may cross (title, abstract, each keyword, each name).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Literal, Protocol

from harvester.pubmed.records import Article

__all__ = [
    "All",
    "Any",
    "Contains",
    "Dated",
    "Indexed",
    "Is",
    "Near",
    "Node",
    "Not",
    "Numbered",
    "OneOf",
    "fold",
]

BREAK = "\n"
NOT_A_WORD = re.compile(r"[\W_]+")
# The same for ASCII, a byte for a byte: most texts are, and this takes half the time.
_FOLDED = bytes(ord(chr(n).lower()) if chr(n).isalnum() else 32 for n in range(128)) + bytes(128)
MARKS = re.compile("[\u0300-\u036f]+")

TextField = Literal[
    "tiab",
    "title",
    "abstract",
    "keywords",
    "text_words",
    "everything",
    "heading_lines",
    "substances",
    "types_lines",
    "languages",
    "authors",
    "journals",
]
NameField = Literal["headings", "major_headings", "types"]
DateField = Literal["crdt", "edat", "mdat", "mhda", "dcom", "pdat"]
Trait = Literal["all", "books", "medline", "abstract"]


def fold(text: str) -> str:
    """The words of a text as PubMed compares them: no case, no diacritics, one space between.

    Hyphens and all other punctuation separate words (PubMed Help, "hyphenated terms").
    """
    if not text.isascii():
        text = MARKS.sub("", unicodedata.normalize("NFKD", text).casefold())
    if text.isascii():
        return b" ".join(text.encode().translate(_FOLDED).split()).decode()
    return NOT_A_WORD.sub(" ", text.casefold()).strip()


def lines(texts: Iterable[str]) -> str:
    """Folded texts behind one another, so that no phrase reaches from one into the next."""
    return "".join(f"{BREAK} {fold(text)} " for text in texts) + BREAK


class Indexed:
    """One article as a query sees it; each view is made once, when a query first needs it."""

    def __init__(self, article: Article) -> None:
        self.article = article

    @cached_property
    def title(self) -> str:
        """[ti]: the title, and for a part of a book the title of the collection."""
        texts = [self.article.title.plain]
        if self.article.book and self.article.book.collection_title:
            texts.append(self.article.book.collection_title.plain)
        return lines(texts)

    @cached_property
    def abstract(self) -> str:
        """[ab]: the abstract, and abstracts in other languages or by other makers."""
        bodies: dict[tuple[str | None, str | None], list[str]] = {}
        for section in self.article.abstract:
            label = f"{section.label}: " if section.label else ""
            body = bodies.setdefault((section.type, section.language), [])
            body.append(label + section.text.plain)
        return lines("\n".join(body) for body in bodies.values())

    @cached_property
    def keywords(self) -> str:
        """[ot]: the authors' keywords."""
        return lines(keyword.text.plain for keyword in self.article.keywords)

    @cached_property
    def tiab(self) -> str:
        """[tiab]: title, abstract, other abstracts and author keywords (PubMed Help)."""
        return self.title + self.abstract + self.keywords

    @cached_property
    def text_words(self) -> str:
        """[tw]: [tiab], and the names of headings, substances and publication types."""
        return self.tiab + self.heading_lines + self.substances + self.types_lines

    @cached_property
    def everything(self) -> str:
        """[all], as far as a strategy is likely to need it."""
        article = self.article
        more = [str(article.pmid), *(identifier.value for identifier in article.ids)]
        if article.vernacular_title:
            more.append(article.vernacular_title.plain)
        return self.text_words + self.authors + self.journals + self.languages + lines(more)

    @cached_property
    def headings(self) -> frozenset[str]:
        """[mh]: folded MeSH headings, alone and as `heading/qualifier`."""
        return frozenset(self._headings(major=False))

    @cached_property
    def major_headings(self) -> frozenset[str]:
        """[majr]: the headings, and the pairs with a qualifier, that carry the star."""
        return frozenset(self._headings(major=True))

    def _headings(self, *, major: bool) -> Iterable[str]:
        for heading in self.article.mesh:
            if heading.kind != "descriptor":
                continue
            name = fold(heading.name)
            if heading.major or not major:
                yield name
            for qualifier in heading.qualifiers:
                if qualifier.major or not major:
                    yield f"{name}/{fold(qualifier.name)}"

    @cached_property
    def heading_lines(self) -> str:
        return lines(h.name for h in self.article.mesh if h.kind == "descriptor")

    @cached_property
    def substances(self) -> str:
        """[nm]: substances and supplementary concepts."""
        concepts = (h.name for h in self.article.mesh if h.kind == "supplementary")
        return lines([*(s.name for s in self.article.substances), *concepts])

    @cached_property
    def types(self) -> frozenset[str]:
        return frozenset(fold(kind.name) for kind in self.article.publication_types)

    @cached_property
    def types_lines(self) -> str:
        return lines(kind.name for kind in self.article.publication_types)

    @cached_property
    def languages(self) -> str:
        """[la]: the codes of the record (ISO 639-2)."""
        return lines(self.article.languages)

    @cached_property
    def authors(self) -> str:
        """[au]: `Zarate CA Jr` as well as `Zarate Carlos A`, and the names of groups."""
        names = []
        for author in self.article.authors:
            names.append(author.name)
            if author.last_name and author.fore_name:
                names.append(f"{author.last_name} {author.fore_name}")
        return lines(names)

    @cached_property
    def journals(self) -> str:
        """[ta]: the journal's title, its abbreviations and its ISSN."""
        journal = self.article.journal
        if journal is None:
            return BREAK
        names = (journal.title, journal.abbreviation, journal.medline_ta, journal.issn)
        return lines(dict.fromkeys(name for name in (*names, journal.issn_linking) if name))

    def days(self, field: DateField) -> tuple[str, ...]:
        """The days (ISO) under which PubMed files the record; a lone year is 1 January."""
        date = self.article.date
        found: tuple[str | None, ...]
        match field:
            case "crdt":
                found = (date("entrez"),)
            case "edat":
                found = (date("pubmed") or date("entrez"),)
            case "mdat":
                found = (date("revised"),)
            case "mhda":
                found = (date("medline") or date("pubmed") or date("entrez"),)
            case "dcom":
                found = (date("completed"),)
            case "pdat":
                published = self.article.published
                found = (published.iso if published else None, date("article-Electronic"))
        return tuple((day + "-01-01")[:10] for day in found if day)


class Node(Protocol):
    """A part of a query."""

    def matches(self, article: Indexed) -> bool:
        """Whether this part is true of the article."""


@dataclass(frozen=True, slots=True)
class Contains:
    """A word, a phrase, the beginning of one, or a whole name, in a text of the article."""

    field: TextField
    needle: str

    def matches(self, article: Indexed) -> bool:
        text: str = getattr(article, self.field)
        return self.needle in text


@dataclass(frozen=True, slots=True)
class Near:
    """Words in any order with at most `distance` other words among them (`[tiab:~N]`)."""

    field: TextField
    words: tuple[str, ...]
    distance: int

    def matches(self, article: Indexed) -> bool:
        text: str = getattr(article, self.field)
        if any(f" {word} " not in text for word in self.words):
            return False
        return any(self._near(part.split()) for part in text.split(BREAK))

    def _near(self, words: list[str]) -> bool:
        places = [[at for at, word in enumerate(words) if word == w] for w in self.words]
        wanted = len(self.words)
        if wanted == 2 and self.words[0] != self.words[1]:
            return any(abs(a - b) - 1 <= self.distance for a in places[0] for b in places[1])
        return any(
            len(set(chosen)) == wanted and max(chosen) - min(chosen) + 1 - wanted <= self.distance
            for chosen in product(*places)
        )


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several names: a MeSH heading and those below it, a publication type."""

    field: NameField
    names: frozenset[str]

    def matches(self, article: Indexed) -> bool:
        present: frozenset[str] = getattr(article, self.field)
        return not self.names.isdisjoint(present)


@dataclass(frozen=True, slots=True)
class Dated:
    """A date between two days, both included (ISO)."""

    field: DateField
    low: str
    high: str

    def matches(self, article: Indexed) -> bool:
        return any(self.low <= day <= self.high for day in article.days(self.field))


@dataclass(frozen=True, slots=True)
class Numbered:
    """A PMID between two numbers, both included."""

    low: int
    high: int

    def matches(self, article: Indexed) -> bool:
        return self.low <= article.article.pmid <= self.high


@dataclass(frozen=True, slots=True)
class Is:
    """A subset of PubMed that the record itself tells (`medline[sb]`, `hasabstract`, ...)."""

    trait: Trait

    def matches(self, article: Indexed) -> bool:
        match self.trait:
            case "all":
                return True
            case "books":
                return article.article.book is not None
            case "medline":
                return article.article.status == "MEDLINE"
            case "abstract":
                return bool(article.article.own_abstract)


@dataclass(frozen=True, slots=True)
class All:
    """AND."""

    parts: tuple[Node, ...]

    def matches(self, article: Indexed) -> bool:
        for part in self.parts:  # noqa: SIM110 (a generator costs twice as much)
            if not part.matches(article):
                return False
        return True


@dataclass(frozen=True, slots=True)
class Any:
    """OR."""

    parts: tuple[Node, ...]

    def matches(self, article: Indexed) -> bool:
        for part in self.parts:  # noqa: SIM110
            if part.matches(article):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Not:
    """`wanted` NOT `unwanted`: PubMed's NOT has two sides."""

    wanted: Node
    unwanted: Node

    def matches(self, article: Indexed) -> bool:
        return self.wanted.matches(article) and not self.unwanted.matches(article)
