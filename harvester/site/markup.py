"""Text of a record as HTML that cannot harm: characters, and PubMed's `i b u sub sup`."""

from xml.parsers import expat

from markupsafe import Markup, escape

from harvester.exports.characters import clean

__all__ = ["ALLOWED", "clean", "inline"]

ALLOWED = frozenset({"b", "i", "sub", "sup", "u"})

# The places of MathML's scripts, by parent and position: the others keep their text only.
_SCRIPTS = {("msub", 2): "sub", ("msup", 2): "sup", ("msubsup", 2): "sub", ("msubsup", 3): "sup"}

# Browsers nest no deeper than 512 elements; a record that needs more than this is not real.
_DEEPEST = 16


def inline(plain: str, markup: str | None = None) -> Markup:
    """The text as HTML.

    `markup` is read as XML. Its `i b u sub sup` stay, without attributes; of anything else the
    text stays. When it cannot be read, `plain` is shown.
    """
    if markup is not None:
        try:
            return _Reader().read(clean(markup))
        except expat.ExpatError:
            pass
    return escape(clean(plain))


class _Reader:
    """Writes the allowed elements of a piece of XML, always closed in the order of opening."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        # Open elements: name, number of children so far, tag written for it.
        self._open: list[tuple[str, int, str | None]] = []
        self._depth = 0

    def read(self, markup: str) -> Markup:
        # Inside an element no document type can be declared, so there are no entities to expand.
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.Parse("<text>", False)
        parser.Parse(markup, False)
        parser.Parse("</text>", True)
        return Markup("".join(self._parts))  # noqa: S704 (escaped text and ALLOWED tags only)

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        tag = name if name in ALLOWED else None
        if self._open:
            parent, children, parent_tag = self._open[-1]
            place = (parent, children + 1)
            self._open[-1] = (parent, children + 1, parent_tag)
            tag = tag or _SCRIPTS.get(place)
            if place == ("mfrac", 2):
                self._parts.append("/")
        if tag and self._depth < _DEEPEST:
            self._parts.append(f"<{tag}>")
            self._depth += 1
        else:
            tag = None
        self._open.append((name, 0, tag))

    def _end(self, _name: str) -> None:
        tag = self._open.pop()[2]
        if tag:
            self._parts.append(f"</{tag}>")
            self._depth -= 1

    def _text(self, text: str) -> None:
        if text.isspace() and self._open[-1][0].startswith("m"):
            return  # line breaks between MathML's elements mean nothing
        self._parts.append(str(escape(text)))
