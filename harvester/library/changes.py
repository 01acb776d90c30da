"""What a run should do, decided from what is held and what came: pure, no database, no network."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields

from harvester.library.notices import ABOUT, CORRECTING, DOUBTING
from harvester.pubmed.records import Article

__all__ = ["Change", "Held", "Verdict", "compare", "decide", "plan"]

# Links to what corrects a record or puts it in doubt.
_CORRECTED = tuple(ABOUT[kind] for kind in (*DOUBTING, *CORRECTING))


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the library knows of a record it holds."""

    content_hash: str
    version: int
    revised: str | None
    withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of the ledger; `kind` as in the schema's `changes.kind`."""

    kind: str
    fields: tuple[str, ...] = ()
    old_hash: str | None = None
    new_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do with a record that came: `outcome` is added, revised or unchanged."""

    outcome: str
    changes: tuple[Change, ...] = ()

    @property
    def store(self) -> bool:
        return self.outcome != "unchanged"


def decide(
    held: Held | None,
    new: Article | None,
    new_hash: str,
    *,
    old: Article | None = None,
    from_file: bool = False,
) -> Verdict:
    """Added, revised or unchanged, and what the ledger says about it.

    PubMed itself is always right. A file may be older than what is held: then its record, or an
    earlier version of it, changes nothing, and brings nothing back that PubMed has withdrawn. `old`
    is the held record, read again, when there is one and its hash differs. `new` is needed only
    then: where nothing is held, or the same, the hash says enough.
    """
    if held is None:
        return Verdict(outcome="added", changes=(Change(kind="added", new_hash=new_hash),))
    if from_file and new and _older(held, new):
        return Verdict(outcome="unchanged")
    if from_file and held.withdrawn and not (new and _newer(held, new)):
        return Verdict(outcome="unchanged")
    if held.content_hash == new_hash:
        if held.withdrawn:
            return Verdict(outcome="revised", changes=(Change(kind="returned"),))
        return Verdict(outcome="unchanged")
    changed = compare(old, new) if old and new else ()
    changes = [
        Change(kind="revised", fields=changed, old_hash=held.content_hash, new_hash=new_hash)
    ]
    if held.withdrawn:
        changes.append(Change(kind="returned"))
    if old and new:
        changes.extend(
            Change(kind=kind, old_hash=held.content_hash, new_hash=new_hash)
            for kind in _events(old, new)
        )
    return Verdict(outcome="revised", changes=tuple(changes))


def compare(old: Article, new: Article) -> tuple[str, ...]:
    """The names of the record's parts that differ, in the order of `Article`."""
    return tuple(
        part.name for part in fields(Article) if getattr(old, part.name) != getattr(new, part.name)
    )


def plan(
    *,
    reported: Collection[int],
    held: Collection[int],
    revised: Collection[int] = (),
    retry: Iterable[int] = (),
    full: bool = False,
) -> tuple[int, ...]:
    """The PMIDs to fetch, newest first.

    All of PubMed's set that is not held; of those held, the ones that PubMed revised in the
    window, or all with `full`; and records that could not be read last time.
    """
    wanted = set(reported)
    if not full:
        known = set(held) - set(revised) - set(retry)
        wanted -= known
    return tuple(sorted(wanted, reverse=True))


def _older(held: Held, new: Article) -> bool:
    revised = new.date("revised")
    return new.version < held.version or bool(
        held.revised and revised and revised < held.revised and new.version == held.version
    )


def _newer(held: Held, new: Article) -> bool:
    revised = new.date("revised")
    return new.version > held.version or bool(
        revised and new.version == held.version and revised > (held.revised or "")
    )


def _events(old: Article, new: Article) -> Sequence[str]:
    """Changes that people wait for, each a kind of its own."""
    events = []
    if new.retracted and not old.retracted:
        events.append("retracted")
    linked = Counter(c.kind for c in new.corrections)
    linked.subtract(c.kind for c in old.corrections)
    if any(linked[kind] > 0 for kind in _CORRECTED):
        events.append("corrected")
    if new.mesh and not old.mesh:
        events.append("indexed")
    return events
