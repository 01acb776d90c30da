"""XML elements in general: their text, their hash, and what becomes of those that are new to us.

Nothing here knows PubMed's elements, but the few inline ones that a text may hold.
"""

import re
from collections.abc import Callable, Mapping
from hashlib import blake2b
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from harvester.pubmed.draft import Draft
from harvester.pubmed.records import Text

__all__ = [
    "Reader",
    "collapse",
    "content_hash",
    "keep",
    "keep_attributes",
    "leaf",
    "read_children",
    "text_of",
]

# Reads an element that stands at a path into the draft.
Reader = Callable[[Draft, Element, str], None]

_WHITE = " \t\r\n"  # XML's; a no-break or thin space is a character of the text
_RUNS = re.compile(f"[{_WHITE}]+")
_INLINE = frozenset(("i", "b", "u", "sub", "sup"))
_MATHML = "{http://www.w3.org/1998/Math/MathML}"


def collapse(text: str) -> str:
    """The text with each run of XML white space made one blank, and none at its ends."""
    if text and (
        "\n" in text
        or "  " in text
        or "\t" in text
        or "\r" in text
        or text[0] == " "
        or text[-1] == " "
    ):
        return _RUNS.sub(" ", text).strip(" ")
    return text


def leaf(element: Element) -> str | None:
    """The text of an element that should hold text alone; None when there is none."""
    text = "".join(element.itertext()) if len(element) else element.text
    return collapse(text) or None if text else None


def text_of(element: Element) -> Text:
    """The text of an element that may hold inline markup."""
    if not len(element):
        text = element.text
        return Text(plain=collapse(text) if text else "")
    plain = collapse("".join(element.itertext()))
    for inline in element.iter():
        tag = inline.tag
        if inline is not element and (tag in _INLINE or tag.startswith(_MATHML)):
            return Text(plain=plain, markup=collapse(_markup(element)))
    return Text(plain=plain)


def _markup(element: Element) -> str:
    """What is inside the element, its markup limited to inline elements and MathML."""
    parts = [escape(element.text or "")]
    for child in element:
        tag = child.tag
        if tag in _INLINE:
            parts.append(f"<{tag}>{_markup(child)}</{tag}>")
        elif tag.startswith(_MATHML):
            name = tag[len(_MATHML) :]
            attributes = "".join(
                f" {key}={quoteattr(value)}" for key, value in child.items() if key[0] != "{"
            )
            parts.append(f"<{name}{attributes}>{_markup(child)}</{name}>")
        else:
            parts.append(_markup(child))
        parts.append(escape(child.tail or ""))
    return "".join(parts)


def content_hash(root: Element) -> tuple[str, set[str]]:
    """Hash the element tree, whatever its formatting; also the attribute names that it uses.

    A tag, its text, the number of its children, its attributes by name and what follows it are
    hashed, apart from white space at the ends of a text. They are told apart by control
    characters, which no XML may hold.
    """
    parts: list[str] = []
    names: set[str] = set()
    for element in root.iter():
        parts.append(element.tag)
        if (text := element.text) and (text := text.strip()):
            parts.append(text)
        if count := len(element):
            parts.append(f"\1{count}")
        if attributes := element.items():
            for name, value in sorted(attributes) if len(attributes) > 1 else attributes:
                parts.append(f"\2{name}\2{value}")
                names.add(name)
        if (tail := element.tail) and (tail := tail.strip()):
            parts.append(f"\3{tail}")
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest(), names


def keep(draft: Draft, path: str, element: Element) -> None:
    """Keep an element that has no field: each of its parts, named by its path."""
    own = collapse(element.text or "") or any(collapse(child.tail or "") for child in element)
    name = f"{path}/{element.tag}"
    attributes = element.items()
    if own or not len(element):
        draft.add_other(name, collapse("".join(element.itertext())), attributes)
    else:
        draft.add_other(name, None, attributes)
        for child in element:
            keep(draft, name, child)


def keep_attributes(
    draft: Draft,
    path: str,
    element: Element,
    names: set[str],
    kept: frozenset[tuple[str, tuple[tuple[str, str], ...]]] | None = None,
) -> None:
    """Keep the attributes of these names, but for those of MathML and those that `keep` kept."""
    if kept is None:
        kept = frozenset((field.name, field.attributes) for field in draft.other)
    for child in element:
        if child.tag.startswith(_MATHML):
            continue
        found = tuple(item for item in child.items() if item[0] in names)
        name = f"{path}/{child.tag}" if path else child.tag
        if found and (name, found) not in kept:
            draft.add_other(name, None if len(child) else leaf(child), found)
        keep_attributes(draft, name, child, names, kept)


def read_children(draft: Draft, element: Element, path: str, readers: Mapping[str, Reader]) -> None:
    """Give each child to the reader of its tag; keep those that have none."""
    for child in element:
        reader = readers.get(child.tag)
        if reader is None:
            keep(draft, path, child)
        else:
            reader(draft, child, path)
