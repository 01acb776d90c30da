"""Corrections of findings by a person who has read the record: `overrides.toml`, and a file of the
operator's own that `HARVESTER_OVERRIDES` names. What an entry says stands in that file.
"""

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from harvester.errors import SettingsError
from harvester.evidence.findings import Detail, Finding
from harvester.evidence.labels import facets
from harvester.pubmed.records import Article

__all__ = ["FACET", "Override", "Overrides", "corrected", "overrides_in_force", "read_overrides"]

BUILT_IN = Path(__file__).with_name("overrides.toml")
OWN = "HARVESTER_OVERRIDES"
# The facet of a finding that says what was taken away, so that this is seen too.
FACET = "override"
_NEEDED = ("pmid", "facet", "reason", "date", "reviewer")
_KNOWN = {*_NEEDED, "remove", "add", "quote", "n"}

Overrides = Mapping[int, tuple["Override", ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One entry; `date` is ISO, `reviewer` the role of who checked it."""

    pmid: int
    facet: str
    remove: tuple[str, ...]
    add: tuple[str, ...]
    quote: str | None
    n: int | None
    reason: str
    date: str
    reviewer: str

    @property
    def detail(self) -> dict[str, str | int | float | bool | None]:
        """What every finding that it makes says about itself."""
        return {"reason": self.reason, "date": self.date, "reviewer": self.reviewer}


def overrides_in_force() -> Overrides:
    """By PMID, those that come with the program and then those of the operator.

    Raises SettingsError when a file cannot be read as one of corrections.
    """
    own = os.environ.get(OWN, "").strip()
    return _joined(Path(own)) if own else read_overrides(BUILT_IN)


@cache
def _joined(own: Path) -> Overrides:
    found = dict(read_overrides(BUILT_IN))
    for pmid, overrides in read_overrides(own).items():
        found[pmid] = (*found.get(pmid, ()), *overrides)
    return found


@cache
def read_overrides(path: Path) -> Overrides:
    """The corrections of a file, by PMID."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"The corrections in {path} cannot be read: {error}.") from error
    entries = data.get("override", [])
    if data.keys() - {"override"} or not isinstance(entries, list):
        raise SettingsError(f"{path} may hold [[override]] entries only.")
    found: dict[int, list[Override]] = {}
    for n, entry in enumerate(entries, 1):
        override = _override(entry, f"Entry {n} of {path}")
        found.setdefault(override.pmid, []).append(override)
    return {pmid: tuple(overrides) for pmid, overrides in found.items()}


def _override(entry: Any, where: str) -> Override:
    if not isinstance(entry, dict):
        raise SettingsError(f"{where} is no table of keys and values.")
    for missing in (key for key in _NEEDED if not entry.get(key)):
        raise SettingsError(f"{where} lacks its {missing}.")
    for unknown in sorted(entry.keys() - _KNOWN):
        raise SettingsError(f"{where} says {unknown}, which no correction knows.")
    if (
        not isinstance(entry["date"], date)
        or type(entry["pmid"]) is not int
        or not 0 < entry["pmid"] < 1 << 31
    ):
        raise SettingsError(f"{where} needs a date such as 2026-11-25, and a number as its pmid.")
    facet, texts = entry["facet"], ("facet", "reason", "reviewer", "quote")
    if not all(isinstance(entry.get(key, ""), str) for key in texts) or facet not in facets():
        raise SettingsError(f"{where} is of no facet that is known: {facet}.")
    remove, add = (_values(entry.get(key, []), where) for key in ("remove", "add"))
    if not remove and not add:
        raise SettingsError(f"{where} neither removes nor adds a value.")
    for value in add:
        if value not in facets()[facet][1] or facet == "registration":
            raise SettingsError(f"{where} adds {value}, which is no value of {facet}.")
    n = entry.get("n")
    if (type(n) is not int) if add and facet == "sample_size" else (n is not None):
        raise SettingsError(
            f"{where}: a number n belongs to an added sample_size, and to it alone."
        )
    return Override(
        pmid=entry["pmid"],
        facet=facet,
        remove=remove,
        add=add,
        quote=entry.get("quote") or None,
        n=n,
        reason=entry["reason"],
        date=entry["date"].isoformat()[:10],
        reviewer=entry["reviewer"],
    )


def _values(given: Any, where: str) -> tuple[str, ...]:
    values = [given] if isinstance(given, str) else given
    if not isinstance(values, list) or not all(isinstance(v, str) and v for v in values):
        raise SettingsError(f"{where}: remove and add are values, or lists of values.")
    return tuple(values)


def corrected(
    article: Article, findings: Sequence[Finding], overrides: Iterable[Override]
) -> tuple[Finding, ...]:
    """The findings as corrected; each correction leaves a finding that says what, why and when."""
    found = tuple(findings)
    for override in overrides:
        found = tuple(_applied(article, found, override))
    return found


def _applied(
    article: Article, findings: Sequence[Finding], override: Override
) -> Iterator[Finding]:
    """Added values come first of their facet: the library keeps one design for each record."""
    touched = {*override.remove, *override.add}
    yield from (_added(article, override, value) for value in override.add)
    for finding in findings:
        if finding.facet != override.facet or finding.value not in touched:
            yield finding
        elif finding.value in override.remove:
            yield _removed(override, finding)


def _added(article: Article, override: Override, value: str) -> Finding:
    detail: Detail = override.detail
    if override.n is not None:
        detail = {**detail, "n": override.n, "basis": value}
    made = Finding(
        facet=override.facet,
        value=value,
        rule=f"override.{override.facet}.{value}",
        source=FACET,
        quote=override.quote or "",
        detail=detail,
    )
    for source, text in (("title", article.title.plain), ("abstract", article.abstract_text or "")):
        if override.quote and (start := text.find(override.quote)) >= 0:
            return replace(made, source=source, start=start)
    return made


def _removed(override: Override, finding: Finding) -> Finding:
    """The words that misled the rule stay to be seen."""
    return replace(
        finding,
        facet=FACET,
        value=f"{override.facet}.{finding.value}",
        rule=finding.rule,
        detail={**override.detail, "facet": override.facet, "removed": finding.value},
    )
