"""A report of a wrong finding, ready to be sent to whoever runs this copy of the library.

The program cannot know their address. Where they have set one in metadata.yml, it is one click;
everywhere the text is there to be copied.
"""

import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from harvester.evidence.labels import facet_label, facets
from harvester.site.abstract import parts_of
from harvester.site.findings import Shown, name_of, show_findings
from harvester.site.links import Link, article_path
from harvester.site.marks import readable
from harvester.site.markup import clean
from harvester.site.record import Record, Row, load_record

__all__ = ["ReportView", "contact", "load_report"]

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """`article` is None where no record is named, `finding` where it has no such finding.

    `text` is the report; `entry` what whoever agrees puts into their file of corrections, and
    `values` are those that the facet knows, with their names.
    """

    article: Link | None
    title: str
    facet: str
    finding: Shown | None
    text: str
    entry: str
    values: tuple[tuple[str, str], ...]
    contact: Link | None


def load_report(
    connection: sqlite3.Connection,
    pmid: int | None,
    facet: str,
    value: str,
    *,
    root: str,
    config: Mapping[str, Any],
) -> ReportView:
    """The report of that finding; what is not in the library is passed over."""
    record = load_record(connection, pmid) if pmid is not None else None
    row = _row(record, facet, value) if record else None
    shown = _shown(record, row) if record and row else None
    text = _text(record, row, shown, root)
    subject = f"Wrong finding, PMID {record.pmid}" if record else "A mistake in the library"
    return ReportView(
        article=Link(label=f"PMID {record.pmid}", href=article_path(record.pmid))
        if record
        else None,
        title=clean((record.article["title"] if record else "") or ""),
        facet=clean(facet_label(facet)) if shown else "",
        finding=shown,
        text=text,
        entry=_entry(record.pmid, facet, value) if record and shown else "",
        values=tuple(facets()[facet][1].items()) if shown and facet in facets() else (),
        contact=contact(config, subject, text),
    )


def _row(record: Record, facet: str, value: str) -> Row | None:
    rows = record.findings
    return next((r for r in rows if (r["facet"], r["value"]) == (facet, value)), None)


def _shown(record: Record, row: Row) -> Shown:
    title = record.article["title"] or ""
    own = [section for section in record.sections if section["type"] is None]
    found = show_findings([row], record.pmid, title, readable(title, None), parts_of(own))
    return found.groups[0].findings[0]


def _text(record: Record | None, row: Row | None, shown: Shown | None, root: str) -> str:
    if record is None:
        return "Page (its address):\nWhat is wrong:\nWhat would be right, and where that stands:\n"
    lines = [f"Record: PMID {record.pmid}, {root}{article_path(record.pmid)}"]
    if row and shown:
        note = f" ({shown.note})" if shown.note else ""
        lines += [
            f"It is labelled: {facet_label(row['facet'])}: {name_of(row)}{note}",
            f"Words: “{row['quote']}” ({shown.where})",
            f"Rule: {row['rule']}",
        ]
    lines += ["What is wrong:", "What would be right, and the words that say so:", ""]
    return clean("\n".join(lines))


def _entry(pmid: int, facet: str, value: str) -> str:
    """As `evidence.overrides` reads it; a JSON string is one of TOML."""
    return clean(
        "[[override]]\n"
        f"pmid = {pmid}\n"
        f"facet = {json.dumps(facet, ensure_ascii=False)}\n"
        f"remove = [{json.dumps(value, ensure_ascii=False)}]\n"
        "add = []\n"
        'reason = ""\n'
        "date = \n"
        'reviewer = ""\n'
    )


def contact(config: Mapping[str, Any], subject: str, text: str) -> Link | None:
    """The way to whoever runs this copy, if they set `report_url` or `report_email`.

    In an address, `{title}` and `{text}` stand for the report; anything but a web address or a
    plain e-mail address is passed over.
    """
    url, email = config.get("report_url"), config.get("report_email")
    title, body = quote(subject, safe=""), quote(text, safe="")
    if isinstance(url, str) and (host := _host(url)):
        href = url.replace("{title}", title).replace("{text}", body)
        return Link(label=f"Report at {host}", href=href, external=True)
    if isinstance(email, str) and _EMAIL.fullmatch(email):
        href = f"mailto:{email}?subject={title}&body={body}"
        return Link(label=f"Write to {email}", href=href, external=True)
    return None


def _host(url: str) -> str | None:
    """The host of a web address; None of anything else."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.netloc if parts.scheme in ("http", "https") else None
