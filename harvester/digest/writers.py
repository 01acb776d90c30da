"""The digest as plain text, Markdown (CommonMark) or HTML; every text of a record is escaped."""

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from html import escape

from harvester.digest.digest import Digest, Item
from harvester.exports.characters import clean

__all__ = ["WRITERS"]

_WIDTH = 76
_MARKDOWN = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>&~|"})
# What at the beginning of a line would make a list, a heading or a rule of it.
_AT_START = re.compile(r"^(?:([-+#=])|([0-9]+)([.)]))")


def text(digest: Digest) -> str:
    """Plain text in lines of 76 characters; addresses stand on lines of their own."""
    lines = [_line(digest.title), "=" * min(len(digest.title), _WIDTH), ""]
    lines += _wrapped(" ".join(map(_line, digest.lead)))
    for section in digest.sections:
        lines += ["", section.heading.upper(), "-" * min(len(section.heading), _WIDTH)]
        lines += _wrapped(section.note) if section.note else []
        for item in section.items:
            lines += ["", *_item_as_text(item)]
        if section.more:
            lines += ["", *_wrapped(section.more), *([section.more_href] * bool(section.more_href))]
    for sentence in digest.foot:
        lines += ["", *_wrapped(_line(sentence))]
    return "\n".join(lines) + "\n"


def _item_as_text(item: Item) -> Iterator[str]:
    standing = "".join(f"{label.upper()}: " for label in item.standing)
    yield from _wrapped(f"{standing}{_line(item.title)}", first="* ", rest="  ")
    for line in (item.source, _facts(item)):
        yield from _wrapped(_line(line), first="  ", rest="  ")
    for label, href in item.links:
        yield f"  {_line(label)}: {href}"


def markdown(digest: Digest) -> str:
    """CommonMark: a heading for each section, a list item for each record."""
    lines = [f"# {_escaped(digest.title)}", "", *map(_escaped, digest.lead)]
    for section in digest.sections:
        lines += ["", f"## {_escaped(section.heading)}", ""]
        lines += [_escaped(section.note), ""] if section.note else []
        for item in section.items:
            lines += _item_as_markdown(item)
        if section.more:
            more = _escaped(section.more)
            lines += ["", f"[{more}]({section.more_href})" if section.more_href else more]
    for sentence in digest.foot:
        lines += ["", _escaped(sentence)]
    return "\n".join(lines) + "\n"


def _item_as_markdown(item: Item) -> Iterator[str]:
    standing = "".join(f"**{_escaped(label)}:** " for label in item.standing)
    parts = [
        f"{standing}[{_escaped(item.title)}]({item.href})",
        *map(_escaped, filter(None, (item.source, _facts(item)))),
        " · ".join(f"[{_escaped(label)}]({href})" for label, href in item.links),
    ]
    # A backslash at the end of a line breaks it there.
    yield "- " + "\\\n  ".join(parts)


def html(digest: Digest) -> str:
    """A whole page without style, script or anything from elsewhere, for mail."""
    title = _html(digest.title)
    lines = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f"<title>{title}</title></head><body>",
        f"<h1>{title}</h1>",
        f"<p>{' '.join(map(_html, digest.lead))}</p>",
    ]
    for section in digest.sections:
        lines.append(f"<h2>{_html(section.heading)}</h2>")
        lines += [f"<p>{_html(section.note)}</p>"] if section.note else []
        lines += ["<ul>", *map(_item_as_html, section.items), "</ul>"]
        if section.more:
            href = section.more_href
            more = _anchor(section.more, href) if href else _html(section.more)
            lines.append(f"<p>{more}</p>")
    lines += [f"<p>{_html(sentence)}</p>" for sentence in digest.foot]
    return "\n".join([*lines, "</body></html>", ""])


def _item_as_html(item: Item) -> str:
    standing = "".join(f"<strong>{_html(label)}:</strong> " for label in item.standing)
    parts = [
        f"{standing}{_anchor(item.title, item.href)}",
        *map(_html, filter(None, (item.source, _facts(item)))),
        " · ".join(_anchor(label, href) for label, href in item.links),
    ]
    return f"<li>{'<br>'.join(parts)}</li>"


WRITERS: Mapping[str, Callable[[Digest], str]] = {"markdown": markdown, "html": html, "text": text}


def _facts(item: Item) -> str:
    facts = "; ".join(item.facts)
    return f"{facts[0].upper()}{facts[1:]}." if facts else ""


def _line(text: str) -> str:
    """On one line, without characters that nobody sees."""
    return " ".join(clean(text).split())


def _wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _escaped(text: str) -> str:
    """As CommonMark, nothing of it markup."""
    line = _line(text).translate(_MARKDOWN)
    return _AT_START.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", line)


def _html(text: str) -> str:
    return escape(_line(text))


def _anchor(text: str, href: str) -> str:
    return f'<a href="{escape(href)}">{_html(text)}</a>'
