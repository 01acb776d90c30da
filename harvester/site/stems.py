"""How the text index sees a word, and what to ask it for words that begin in a certain way.

The index keeps Porter stems: "dissociation" is stored as "dissoci". FTS5 stems the letters before
a star too, so that `dissociat*` finds nothing of the kind and `psychos*` finds all of psychology.
`beginning` therefore translates a star into words and beginnings that FTS5 reads as meant.

SQLite's own tokenizer is asked, through a table in memory, so nothing here can differ from it.
"""

import sqlite3
import threading
from collections.abc import Iterable
from functools import lru_cache
from string import ascii_lowercase, digits

from harvester.library.schema import FTS_TOKENIZER

__all__ = ["Ways", "beginning", "stems", "words"]

Ways = tuple[tuple[str, bool], ...]

# What Porter's algorithm takes off words, as it happens in 37,000 PubMed records; a beginning of
# one of these can happen too. Whatever is put back instead ("dissociate" for "dissociation" on the
# way) follows by asking the tokenizer.
_ENDINGS = (
    "abilities ability abled ables ably aled aling alism alities alitis ality alizations alized "
    "alizes alizing alli ally alness als ances ancies ancy anted anting ants ated ately ateness "
    "ates atings ational ationally ations atively ativeness atives ativity ators bed bings ded "
    "dings ds eability eable eably ealed eally eals eated eates eating eations eative eds eements "
    "eered eering eers efulness eic eing eism eities eitis eity elis ely emented ementing ements "
    "ences encies ency eness entatively entativeness entatives ented entful entfully enting ently "
    "ents eously eratively ered ering erness erred erring ers es fed fing fulness ged ging hed "
    "ibilities ibility ibles ibly icalism icalities ically icals icated icately icates icating "
    "icational icationally ications icative icativity icators iced ices icing icities icitis "
    "icity ics ied ier iers ies iest ilities ility ily iness ings ional ionally ioned ioning "
    "ionings ions isms ities itis ity ively iveness ives ivities ivitis ivity izations ized izers "
    "izes izing king lability lable lably lal lance lants lated lates lating lations lators led "
    "lence lently lents lers les lible lics lings lis litis lization lizations lized lizers lizes "
    "lizing lments lous ls ly med mented menting ments mings ned nessed nesses nessing nings nted "
    "nting ntful ors ously ousness ped pings red ring rred rrence rring s ssed ssing ted tings "
    "ved ving yed yers ying ys zed zing"
).split()

# Enough of them to find, for a stem that is no word by itself, a word that has it.
_INFLECTIONS = (
    "e ed ing er ion al ive es ate ity able ic ize ise ant ent ous ism ment ness ly s y ee ie "
    "ation ance ence ful ational ator ative ible"
).split()

_LETTERS = ascii_lowercase + digits
# Letters that keep their shape without accents, and what follows words in chemistry and units.
_RARE_LETTERS = "ßæðøþđħıłœαβγδεζηθικλμνξοπρστυφχψω²³¹₀₁₂₃₄₅₆₇₈₉"
_LONGEST_ENDING = max(map(len, _ENDINGS))

# A stem can go on with a letter whose addition makes FTS5 stem the beginning again; after this
# many letters it is asked for as it is.
_DEEPEST = 3


class _Tokenizer:
    """A table in memory with a tokenizer of FTS5, and the terms it made of a text."""

    def __init__(self, tokenizer: str) -> None:
        self._lock = threading.Lock()
        self._memory = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._memory.execute(
            f"CREATE VIRTUAL TABLE texts USING fts5 (text, content='', tokenize='{tokenizer}')"
        )
        self._memory.execute("CREATE VIRTUAL TABLE terms USING fts5vocab (texts, instance)")

    def terms(self, texts: Iterable[str]) -> list[tuple[str, ...]]:
        """For each text its terms, in order."""
        found: list[list[tuple[int, str]]] = []
        with self._lock:
            self._memory.execute("BEGIN")
            for number, text in enumerate(texts):
                self._memory.execute(
                    "INSERT INTO texts (rowid, text) VALUES (?, ?)", (number, text)
                )
                found.append([])
            rows = self._memory.execute("SELECT doc, offset, term FROM terms").fetchall()
            self._memory.execute("ROLLBACK")
        for number, offset, term in rows:
            found[number].append((offset, term))
        return [tuple(term for _, term in sorted(terms)) for terms in found]


_stemmed = _Tokenizer(FTS_TOKENIZER)
_whole = _Tokenizer(FTS_TOKENIZER.removeprefix("porter "))


def words(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """The words of each text as the index reads them before stemming: small, without accents."""
    return _whole.terms(texts)


def stems(single_words: Iterable[str]) -> list[str]:
    """The stem under which the index keeps each of these words (as `words` gives them)."""
    return [terms[0] for terms in _stemmed.terms(single_words)]


@lru_cache(maxsize=1024)
def beginning(start: str) -> Ways:
    """What to ask FTS5 for all words that begin with `start`, itself a word as `words` gives it.

    Pairs of a word and whether the index is asked for every stem that begins with it. Together
    they find each article with such a word, and hardly more than these.
    """
    return (*_longer_stems(start, _DEEPEST), *_shorter_stems(start))


def _longer_stems(start: str, depth: int) -> list[tuple[str, bool]]:
    """All stems that begin with `start`, in other words when FTS5 would stem `start` itself."""
    if not depth or stems([start]) == [start]:
        return [(start, True)]
    letters = _LETTERS + _RARE_LETTERS if depth == _DEEPEST else _LETTERS
    longer = [start + letter for letter in letters]
    inflected = [start + ending for ending in _INFLECTIONS]
    found: list[tuple[str, bool]] = []
    for word, stem in zip(longer, stems(longer), strict=True):
        found += [(word, True)] if stem == word else _longer_stems(word, depth - 1)
    for word, stem in zip(inflected, stems(inflected), strict=True):
        if stem == start:
            return [*found, (word, False)]
    return found


def _shorter_stems(start: str) -> list[tuple[str, bool]]:
    """One word for each stem that words beginning with `start` have and that does not."""
    longer = {start}
    for cut in range(max(2, len(start) - _LONGEST_ENDING), len(start)):
        rest = start[cut:]
        for ending in _ENDINGS:
            if ending.startswith(rest):
                longer.update(
                    start[:cut] + ending[:end] for end in range(len(rest), len(ending) + 1)
                )
    by_stem: dict[str, str] = {}
    candidates = sorted(longer, key=lambda word: (len(word), word))
    for word, stem in zip(candidates, stems(candidates), strict=True):
        if not stem.startswith(start):
            by_stem.setdefault(stem, word)
    return [(word, False) for word in by_stem.values()]
