"""Records written for the tests of the rules."""

from harvester.pubmed.records import AbstractSection, Article, Text

__all__ = ["record"]


def record(title: str = "A title", *abstract: str | tuple[str, str], **more: object) -> Article:
    """A record with this title; parts of its abstract are texts, or pairs of label and text."""
    sections = (("", part) if isinstance(part, str) else part for part in abstract)
    return Article(
        pmid=1,
        title=Text(plain=title),
        abstract=tuple(
            AbstractSection(label=label or None, text=Text(plain=text)) for label, text in sections
        ),
        **more,  # type: ignore[arg-type]
    )
