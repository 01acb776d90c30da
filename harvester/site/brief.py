"""An article in a list: title, authors, source, standing and what kind of publication it is."""

from dataclasses import dataclass

from markupsafe import Markup

from harvester.site.languages import language_tag
from harvester.site.links import article_path
from harvester.site.markup import clean, inline
from harvester.site.notices import Standing, standing
from harvester.site.publication import badge
from harvester.site.record import Row

__all__ = ["Brief", "brief", "title_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """`kind` and `label` say what kind of publication it is, `lang` is the title's."""

    pmid: int
    href: str
    title: Markup
    lang: str | None
    authors: tuple[str, ...]
    source: str | None
    year: int | None
    status: Standing | None
    kind: str
    label: str | None


def brief(row: Row) -> Brief:
    """A row of `record.BRIEF_COLUMNS` for a list."""
    title, lang = title_of(row, row["language"])
    kind, label = badge(row["design"], (row["types"] or "").split("\n")) or ("other", None)
    return Brief(
        pmid=row["pmid"],
        href=article_path(row["pmid"]),
        title=title,
        lang=lang,
        authors=tuple(clean(row["authors"]).split("; ")) if row["authors"] else (),
        source=clean(row["source"]).rstrip(".") if row["source"] else None,
        year=row["year"],
        status=standing(row),
        kind=kind,
        label=label,
    )


def title_of(row: Row, language: str | None) -> tuple[Markup, str | None]:
    """The title, or the one in the article's own language, with that language's tag."""
    if row["title"]:
        return inline(row["title"], row["title_markup"]), None
    if row["vernacular_title"]:
        return inline(row["vernacular_title"]), language_tag(language)
    return Markup("PubMed gives no title"), None
