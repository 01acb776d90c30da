"""A search term evaluated over the corpus, as sets of PMIDs, newest entry first."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harvester.errors import SettingsError
from harvester.pubmed.query import parse_query
from harvester.pubmed.query_match import All, Any, Dated, Is, Node, Not, Numbered
from harvester.pubmed.query_tags import DATES, TEXTS, is_known, tag_name
from harvester.topics import load_topics

from .corpus import Corpus
from .replies import Warnings

__all__ = ["Found", "Index", "translated"]

TAG = re.compile(r"\[([^\[\]]*)\]")
GROUP_TAG = re.compile(r"(?<=\))\s*\[[^\[\]]*\]")
TAGGED_WORD = re.compile(r'(?<![\w"*])([^\s()\[\]":]+)\s*\[([^\[\]]*)\]')
STOP_WORDS = frozenset(
    "a about again all almost also although always among an and another any are as at be because "
    "been before being between both but by can could did do does done due during each either "
    "enough especially etc for found from further had has have having here how however i if in "
    "into is it its itself just kg km made mainly make may mg might ml mm most mostly must nearly "
    "neither no nor obtained of often on our overall perhaps pmid quite rather really regarding "
    "seem seen several should show showed shown shows significantly since so some such than that "
    "the their theirs them then there therefore these they this those through thus to upon use "
    "used using various very was we were what when which while with within without would".split()
)
HISTORY = re.compile(r"#(\d+)")
HISTORY_MARK = 10**12  # a number that no PMID has stands for a set of the history server
LONG_NAMES = {
    "tiab": "Title/Abstract",
    "ti": "Title",
    "mh": "MeSH Terms",
    "mesh": "MeSH Terms",
    "majr": "MeSH Major Topic",
    "nm": "Supplementary Concept",
    "pt": "Publication Type",
    "la": "Language",
    "au": "Author",
    "ta": "Journal",
    "uid": "UID",
    "pmid": "UID",
    "crdt": "Date - Create",
    "edat": "Date - Entry",
    "lr": "Date - Modification",
    "mdat": "Date - Modification",
    "dp": "Date - Publication",
    "pdat": "Date - Publication",
    "sb": "Filter",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The result of a search: PMIDs in PubMed's order, and what PubMed says about the term."""

    pmids: Sequence[int]
    translation: str
    warnings: Warnings


@dataclass(slots=True)
class Index:
    """The searches of one corpus; what the words of a term find is kept until records change.

    `unknown_phrases` are reported as not in PubMed's phrase index when a term holds them, as
    written in it; `messages` are added to the warnings of every search.
    """

    corpus: Corpus
    unknown_phrases: set[str] = field(default_factory=set)
    messages: list[str] = field(default_factory=list)
    _narrower: Mapping[str, Sequence[str]] = field(default_factory=lambda: load_topics().narrower)
    _kept: dict[Node, frozenset[int]] = field(default_factory=dict)
    _kept_at: int = -1

    def search(self, term: str, sets: Sequence[Sequence[int]] = ()) -> Found:
        """`sets` are the earlier results that `#1`, `#2`, ... in the term mean."""
        warnings = Warnings(messages=list(self.messages))
        warnings.quoted_phrases_not_found += sorted(p for p in self.unknown_phrases if p in term)
        stop_words = [
            word
            for word, tag in TAGGED_WORD.findall(term)
            if word.lower() in STOP_WORDS and tag_name(tag) in TEXTS
        ]
        cleaned = HISTORY.sub(lambda found: f"{HISTORY_MARK + int(found[1])}[uid]", _lenient(term))
        warnings.group_tag = GROUP_TAG.search(term) is not None
        pmids: frozenset[int] = frozenset()
        if stop_words:
            warnings.phrases_not_found += stop_words
        else:
            try:
                pmids = self._evaluate(parse_query(cleaned, self._narrower).root, sets)
            except SettingsError:
                warnings.phrases_not_found.append(term)
        if not pmids:
            warnings.messages.append("No items found.")
        records = self.corpus.records
        ordered = sorted(pmids, key=lambda pmid: (records[pmid].dates["edat"], pmid), reverse=True)
        return Found(pmids=ordered, translation=translated(term), warnings=warnings)

    def _evaluate(self, node: Node, sets: Sequence[Sequence[int]]) -> frozenset[int]:
        if self._kept_at != self.corpus.version:
            self._kept.clear()
            self._kept_at = self.corpus.version
        if node in self._kept:
            return self._kept[node]
        records = self.corpus.records
        match node:
            case Numbered(low, high) if low > HISTORY_MARK and low == high:
                number = low - HISTORY_MARK
                earlier = sets[number - 1] if 1 <= number <= len(sets) else ()
                return frozenset(pmid for pmid in earlier if pmid in records)
            case Numbered(low, high):
                return frozenset(self.corpus.between(low, high))
            case Dated(name, low, high) if name in ("crdt", "edat", "mdat", "pdat"):
                return frozenset(p for p, r in records.items() if low <= r.dates[name] <= high)
            case Is("all"):
                return frozenset(records)
            case All(parts) if _has_range(node):
                first, *rest = (self._evaluate(part, sets) for part in parts)
                return first.intersection(*rest)
            case Any(parts) if _has_range(node):
                return frozenset().union(*(self._evaluate(part, sets) for part in parts))
            case Not(wanted, unwanted) if _has_range(node):
                return self._evaluate(wanted, sets) - self._evaluate(unwanted, sets)
        self._kept[node] = found = self._by_words(node)
        return found

    def _by_words(self, node: Node) -> frozenset[int]:
        """Ask each record; made-up records of one kind share their words and are asked once."""
        answers: dict[int, bool] = {}
        found = []
        for pmid, record in self.corpus.records.items():
            indexed = record.indexed
            key = id(indexed)
            if key not in answers:
                answers[key] = node.matches(indexed)
            if answers[key]:
                found.append(pmid)
        return frozenset(found)


def _has_range(node: Node) -> bool:
    match node:
        case Numbered() | Dated():
            return True
        case All(parts) | Any(parts):
            return any(_has_range(part) for part in parts)
        case Not(wanted, unwanted):
            return _has_range(wanted) or _has_range(unwanted)
    return False


def _lenient(term: str) -> str:
    """PubMed drops, without a word, a tag on a group and a tag that it does not know."""
    term = GROUP_TAG.sub("", term)
    return TAG.sub(lambda tag: tag[0] if is_known(tag[1]) else "", term)


def translated(term: str) -> str:
    """QueryTranslation: the term with single words quoted and the long names of the fields."""

    def quoted(found: re.Match[str]) -> str:
        word, tag = found[1], found[2]
        if tag_name(tag) in DATES or tag_name(tag) in ("uid", "pmid") or word.lower() in STOP_WORDS:
            return found[0]
        return f'"{word}"[{tag}]'

    def long(found: re.Match[str]) -> str:
        name, colon, modifier = found[1].partition(":")
        return f"[{LONG_NAMES.get(name.lower().strip(), name)}{colon}{modifier}]"

    return TAG.sub(long, TAGGED_WORD.sub(quoted, _lenient(term)))
