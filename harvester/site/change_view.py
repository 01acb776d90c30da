"""What a run saw of one record, in the words of a list."""

from collections.abc import Sequence
from dataclasses import dataclass

from harvester.library import wording
from harvester.site.brief import Brief
from harvester.site.ledger import Change
from harvester.site.links import Link, article_path, pubmed_url
from harvester.site.markup import clean

__all__ = ["ChangeView", "change_view"]

_TOLD = "Retracted: a notice says so; PubMed had not marked the record when it came."


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """`state` is for signs and colours: the standing, where it changed, else the kind.

    `says` are sentences; `run` is given where the day has several.
    """

    state: str
    label: str
    pmid: int
    article: Brief | None
    elsewhere: str
    says: tuple[str, ...]
    notices: tuple[Link, ...]
    run: Link | None


def change_view(change: Change) -> ChangeView:
    """A change in words."""
    article = change.article
    state, label = change.kind, wording.label(change.kind)
    standing = article.status.state if article and article.status else None
    if state == "corrected" and article and article.status and standing in ("concern", "corrected"):
        # Which of the two it was, where the record has only one of them. An erratum may stand
        # beside an expression of concern; then the label names both.
        kinds = {words == "Expression of concern" for words, _, _ in change.notices}
        if len(kinds) < 2:
            state, label = article.status.state, article.status.label
    says = [
        clean(
            _TOLD
            if event.told and event.kind == "retracted"
            else wording.sentence(event.kind, event.fields, event.topic)
        )
        for event in change.events
        if event.kind != "added" and not (event.kind == "corrected" and change.notices)
    ]
    if change.kind == "added" and change.found_by:
        says.insert(0, clean(f"Found by the search {_named(change.found_by)}."))
    grave = {"retracted", "corrected"} & {event.kind for event in change.events}
    return ChangeView(
        state=state,
        label=label,
        pmid=change.pmid,
        article=article,
        elsewhere=pubmed_url(change.pmid),
        says=tuple(says),
        notices=tuple(_notice(*notice) for notice in change.notices) if grave else (),
        run=None,
    )


def _named(titles: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(f"“{t}”" for t in titles[:-1]), f"“{titles[-1]}”")))


def _notice(words: str, pmid: int, held: bool) -> Link:
    href = article_path(pmid) if held else pubmed_url(pmid)
    return Link(label=f"{words}: PMID {pmid}", href=href, external=not held)
