"""Names of the field that mean the same, and a query with all names of what it asks for.

Which they are, and why, stands in `synonyms.toml`; docs/decisions says what is left as typed.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from harvester.site.stems import stems, words
from harvester.site.terms import And, Node, Or, Term, changed, leaves, parse

__all__ = ["Expansion", "Group", "Synonyms", "expand", "load_groups"]

BUILT_IN = Path(__file__).parent / "synonyms.toml"
# So that no search costs much more than it seems to.
_MOST_EXPANDED = 10
# Headings are NLM's words, and names of people, journals and numbers have no synonyms.
_FIELDS = (None, "title")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Names that mean the same, each as the query that finds it, and what else is understood."""

    names: Mapping[str, Node]
    asked: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Synonyms:
    """What was also searched for in place of `typed`."""

    typed: str
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """A query that finds what the typed one does and, by other names, more of the same."""

    node: Node | None
    synonyms: tuple[Synonyms, ...]


def expand(node: Node | None) -> Expansion:
    """Add the other names of what is asked for; what is quoted, starred or excluded stays."""
    found: list[Synonyms] = []
    wide = _wide(node, found) if node else None
    return Expansion(node=wide, synonyms=tuple(dict.fromkeys(found)))


def _wide(node: Node, found: list[Synonyms]) -> Node:
    match node:
        case Term():
            return _all_of((node,), found)[0]
        case Or(parts):
            return Or(tuple(_wide(part, found) for part in parts))
        case And(parts):
            wide = _all_of(parts, found)
            return wide[0] if len(wide) == 1 else And(wide)
    return node  # a wider exclusion would hide articles that nobody wished away


def _all_of(parts: Sequence[Node], found: list[Synonyms]) -> tuple[Node, ...]:
    """The parts of an AND, where words beside each other may be one name."""
    groups = _by_words()
    stemmed = _stemmed(parts)
    longest = max(map(len, groups))
    wide: list[Node] = []
    place = 0
    while place < len(parts):
        spans = _spans(parts, stemmed, place, longest)
        end, group = next(((e, groups[n]) for e, n in spans if n in groups), (place + 1, None))
        together = parts[place:end]
        typed = together[0] if len(together) == 1 else And(tuple(together))
        if group is None:
            wide.append(typed if isinstance(typed, Term) else _wide(typed, found))
        elif len(found) == _MOST_EXPANDED:
            wide += together
        else:
            wide.append(_with_synonyms(typed, group, found))
        place = end
    return tuple(wide)


def _stemmed(parts: Sequence[Node]) -> list[tuple[str, ...]]:
    """The stems of each part that may be (a part of) a name, nothing for the others."""
    spelled = [_words(part) for part in parts]
    flat = iter(stems(word for several in spelled for word in several))
    return [tuple(next(flat) for _ in several) for several in spelled]


def _words(part: Node) -> tuple[str, ...]:
    """The words of a part that is neither quoted nor starred and may have synonyms."""
    plain = isinstance(part, Term) and not (part.quoted or part.prefix) and part.field in _FIELDS
    return part.words if isinstance(part, Term) and plain else ()


def _spans(
    parts: Sequence[Node], stemmed: Sequence[tuple[str, ...]], start: int, longest: int
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Ends of runs of words from `start` with their stems, the longest run first."""
    runs = []
    name: tuple[str, ...] = ()
    for end in range(start, len(parts)):
        name += stemmed[end]
        alike = _field(parts[end]) == _field(parts[start])
        if not stemmed[end] or not alike or len(name) > longest:
            break
        runs.append((end + 1, name))
    return reversed(runs)


def _field(part: Node) -> str | None:
    return part.field if isinstance(part, Term) else None


def _with_synonyms(typed: Node, group: Group, found: list[Synonyms]) -> Node:
    terms = leaves(typed)
    own = _name([word for term in terms for word in term.words])
    others = {
        name: _in_field(node, terms[0].field)
        for name, node in group.names.items()
        if _name(leaves(node)[0].words) != own
    }
    if not others:
        return typed
    found.append(Synonyms(typed=" ".join(term.text for term in terms), also=tuple(others)))
    return Or((typed, *others.values()))


def _in_field(node: Node, field: str | None) -> Node:
    terms = (*leaves(node), *leaves(node, negated=True))
    return changed(node, {term: replace(term, field=field) for term in terms}) or node


def _name(spelled: Sequence[str]) -> tuple[str, ...]:
    return tuple(stems(spelled))


@cache
def _by_words() -> Mapping[tuple[str, ...], Group]:
    """The groups by the stems of everything that is understood."""
    found: dict[tuple[str, ...], Group] = {}
    for group in load_groups():
        for spelled in words([*(leaves(n)[0].text for n in group.names.values()), *group.asked]):
            found.setdefault(_name(spelled), group)
    return found


def load_groups(path: Path = BUILT_IN) -> tuple[Group, ...]:
    """The groups of the file."""
    tables = tomllib.loads(path.read_text("utf-8"))
    return tuple(
        Group(
            names=dict(map(_read, table["names"])),
            asked=tuple(table.get("asked", ())),
            reason=" ".join(table["reason"].split()),
        )
        for table in tables["group"]
    )


def _read(written: str) -> tuple[str, Node]:
    """A name as it is shown, with the query that finds it."""
    node = parse(written if '"' in written else f'"{written}"').node
    if node is None:
        raise AssertionError(written)
    name = leaves(node)[0].text
    unless = ", ".join(term.text for term in leaves(node, negated=True))
    return (f"{name} (not {unless})" if unless else name), node
