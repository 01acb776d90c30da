"""A record's title and abstract as sentences, each with its place and its part in the paper."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from harvester.evidence.expressions import compiled, searched
from harvester.pubmed.records import AbstractSection, Article

__all__ = ["PARTS", "Passages", "Sentence", "read_passages", "split_sentences"]

# Parts of a paper. `text` is an abstract, or a piece of one, that does not say which part it is.
PARTS = ("title", "background", "aims", "methods", "results", "conclusions", "text")


class Sentence(NamedTuple):
    """`start` is its place in the text of its source; `index` counts from 0 through the record.

    `opening` is true at the beginning of an abstract without labels, where authors tell what was
    known before. `plain` is the text as expressions read it: letter for letter the same, but with
    spaces of every width as spaces and every hyphen as "-". `searched` is that text for RE2.
    """

    index: int  # type: ignore[assignment]  # instead of tuple.index, which nobody calls
    source: str
    part: str
    section: str | None
    start: int
    text: str
    plain: str
    searched: str | bytes
    opening: bool = False


@dataclass(frozen=True, slots=True)
class Passages:
    """All sentences, and the same text once for searching: in small letters, a line for each.

    `starts` are the places of the sentences in `folded`.
    """

    sentences: tuple[Sentence, ...]
    folded: str
    starts: tuple[int, ...]

    def at(self, place: int) -> tuple[Sentence, int]:
        """The sentence at a place of `folded`, and the place within it."""
        index = bisect_right(self.starts, place) - 1
        return self.sentences[index], place - self.starts[index]

    def of(self, *parts: str) -> Iterator[Sentence]:
        """The sentences of these parts."""
        return (sentence for sentence in self.sentences if sentence.part in parts)


def read_passages(article: Article) -> Passages:
    """The title's and the own abstract's sentences; a label is no sentence."""
    sentences: list[Sentence] = []

    def add(source: str, part: str, section: str | None, start: int, text: str) -> None:
        plain = _plain(text)
        index = len(sentences)
        sentences.append(
            Sentence(index, source, part, section, start, text, plain, searched(plain))
        )

    for start, text in split_sentences(article.title.plain):
        add("title", "title", None, start, text)
    first = len(sentences)
    place = 0  # as in Article.abstract_text
    for section in article.own_abstract:
        if not section.text.plain:
            continue
        if section.label:
            place += len(section.label) + 2
        part = _part(section)
        for start, text in split_sentences(section.text.plain):
            # Authors without labelled sections often write the labels into the text.
            if (part == "text" or len(sentences) > first) and ":" in text[:_LONGEST_LABEL]:
                inline = _INLINE.match(text)
                if inline and (named := part_of(inline[1])):
                    part = named
            add("abstract", part, section.label, place + start, text)
        place += len(section.text.plain) + 1
    for sentence in _opening([one for one in sentences[first:] if one.part == "text"]):
        sentences[sentence.index] = sentence._replace(opening=True)
    folded = [_folded(sentence.plain) for sentence in sentences]
    starts = accumulate((len(text) for text in folded[:-1]), initial=0)
    return Passages(tuple(sentences), "".join(folded), tuple(starts) if sentences else ())


# With these words authors turn from what is known to what they did.
_STUDY = "study|trial|paper|review|report|work|experiment|investigation|survey|analysis|protocol"
_DOING = (
    "report|describe|present|conduct|perform|investigat|examin|assess|evaluat|compar|test|aim|"
    "sought|stud|review|search|hypothesi|us|treat|administ|measur|analy|explor|recruit|randomi|"
    "survey|demonstrat|propos|determin|discuss|summari|enrol"
)
_PEOPLE = "patients|participants|volunteers|subjects|individuals|adults|users|men|women|rats|mice"
_DONE_TO_THEM = (
    "assign|alloc|recruit|enrol|includ|random|given|admin|treat|studied|examin|test|compar|investig|"
    "assess|scan|survey|interview|measur|evaluat"
)
_TURN = compiled(
    rf"\bhere(?:in)?,? we\b|\bthis (?:\w+[ -]){{0,4}}(?:{_STUDY}|article|case)\b|"
    rf"\b(?:present|current) (?:\w+ ){{0,2}}(?:{_STUDY})\b|\bwe (?:\w+ ){{0,2}}(?:{_DOING})\w*|"
    r"\b(?:aims?|purpose|objectives?|goal) (?:of|was|is|were)\b|"
    r"\bto (?:determine|assess|evaluate|investigate|examine|compare) |"
    rf"\b(?:{_PEOPLE})\b[^.;]{{0,60}}? (?:were (?:\w+ )?(?:{_DONE_TO_THEM})|"
    r"received|underwent|completed|participated)|"
    r"\b(?:was|were) (?:\w+ )?(?:investigated|recorded|administered|examined|recruited|enrolled|"
    r"studied) in "
)
_FEW = 3  # sentences: too short an abstract to have an opening


def _opening(sentences: Sequence[Sentence]) -> Sequence[Sentence]:
    """The sentences that come before the authors turn to their own work."""
    if len(sentences) < _FEW:
        return ()
    turn = next((n for n, one in enumerate(sentences) if _TURN.search(one.searched)), None)
    if turn is None or turn > 0.7 * len(sentences):
        turn = len(sentences) // 3
    return sentences[:turn]


# One character for one: no-break, thin and other spaces; hyphen and no-break hyphen.
_SPACES = "\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u3000"
_OTHERS = (*((space, " ") for space in _SPACES), *((hyphen, "-") for hyphen in "\u2010\u2011"))


def _plain(text: str) -> str:
    if not text.isascii():
        for other, plain in _OTHERS:
            text = text.replace(other, plain)
    return text


def _folded(text: str) -> str:
    small = text.lower()
    if len(small) != len(text):  # such as the Turkish İ
        small = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return small + "\n"


# --- parts -----------------------------------------------------------------------------------

_CATEGORIES = {
    "BACKGROUND": "background",
    "OBJECTIVE": "aims",
    "METHODS": "methods",
    "RESULTS": "results",
    "CONCLUSIONS": "conclusions",
}
# Words of labels that NLM left unassigned, and of labels written into the text; the first that
# is found decides.
_LABELS = (
    ("background and aim", "aims"),
    ("conclusion", "conclusions"),
    ("interpretation", "conclusions"),
    ("discussion", "conclusions"),
    ("implication", "conclusions"),
    ("limitation", "conclusions"),
    ("significance", "conclusions"),
    ("result", "results"),
    ("finding", "results"),
    ("outcome", "methods"),
    ("areas covered", "methods"),
    ("method", "methods"),
    ("design", "methods"),
    ("setting", "methods"),
    ("participant", "methods"),
    ("patient", "methods"),
    ("subject", "methods"),
    ("sample", "methods"),
    ("intervention", "methods"),
    ("measure", "methods"),
    ("procedure", "methods"),
    ("data source", "methods"),
    ("search", "methods"),
    ("registration", "methods"),
    ("funding", "conclusions"),
    ("case", "methods"),
    ("treatment", "methods"),
    ("objective", "aims"),
    ("aim", "aims"),
    ("purpose", "aims"),
    ("hypothes", "aims"),
    ("question", "aims"),
    ("background", "background"),
    ("introduction", "background"),
    ("rationale", "background"),
    ("context", "background"),
    ("importance", "background"),
)
_INLINE = re.compile(r"([A-Z][A-Za-z &/,]{3,40}):\s")
_LONGEST_LABEL = 42  # characters, with its colon


def _part(section: AbstractSection) -> str:
    category = _CATEGORIES.get((section.category or "").upper())
    named = part_of(section.label) if section.label else None
    if category == "background" and named == "aims":
        return "aims"
    return category or named or "text"


@lru_cache
def part_of(label: str) -> str | None:
    """The part of a paper that a label names, None where it names none."""
    small = label.lower()
    return next((part for word, part in _LABELS if word in small), None)


# --- sentences -------------------------------------------------------------------------------

# An end, then space, then what can begin a sentence; or lines; or words set together as in
# "perception.Methods:". What stands before says if it was one. (`re` searches twice as fast where
# all alternatives begin with the same few letters.)
_END = re.compile(
    r"[.!?\n](?:(?<=\n)\n*|(?<!\n)[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9])|"
    r"(?<=[a-z]{3}[.!?])(?!(?:Gov|Org|Com|Net)\b)(?=[A-Z][a-z]+[ :,]))",
)
_NO_END = re.compile(
    r"(?:^|[\s(\[])(?:[A-Z]|vs|v|e\.g|i\.e|cf|ca|al|approx|resp|no|nos|fig|figs|dr|st|prof|inc|ltd|"
    r"[ip]\.[mvop]|s\.c|u\.s|spp?)$",
    re.IGNORECASE,
)
_LONGEST_NO_END = 6  # characters: "approx"


def split_sentences(text: str) -> Iterator[tuple[int, str]]:
    """Sentences with their places. PubMed's abstracts end them with a full stop and a space."""
    start = 0
    for end in _END.finditer(text):
        stop, after = end.span()
        if (
            text[stop] == "."
            and not (stop > _LONGEST_NO_END and text[stop - _LONGEST_NO_END - 1 : stop].isalpha())
            and _NO_END.search(text, max(start, stop - 12), stop)
        ):
            continue
        sentence = text[start:after].rstrip()
        if sentence:
            yield start, sentence
        start = after
    if text[start:].strip():
        rest = text[start:]
        lead = len(rest) - len(rest.lstrip())
        yield start + lead, rest.strip()
