"""Records that would do harm, in every field that a record has."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from itertools import cycle
from pathlib import Path
from typing import Any

from harvester.library import membership, store
from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.pubmed.records import (
    AbstractSection,
    Article,
    ArticleId,
    Author,
    Book,
    BookSection,
    Correction,
    DataBank,
    Grant,
    Investigator,
    Journal,
    Keyword,
    MeshHeading,
    OtherField,
    PubDate,
    PublicationType,
    Qualifier,
    Reference,
    Substance,
    Text,
)
from tests.library.articles import NOW, article, stored
from tests.site import shelf, stacks

FIRST = 91_100_001

# Each is a text that somewhere has been taken for more than a text.
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "'><svg/onload=alert(3)>",
    "javascript:alert(4)",
    " JaVaScRiPt&#58;alert(5)",
    "data:text/html,<script>alert(6)</script>",
    "&lt;script&gt;alert(7)&lt;/script&gt;",
    "&#60;script&#62;alert(8)&#60;/script&#62;",
    "</title></style></textarea></script><script>alert(9)</script>",
    "<!--<script>alert(10)</script>",
    "]]><script>alert(11)</script>",
    "{{ 7 * 7 }}{% raw %}${7*7}",
    "\u202eecila\u202c \u2066hidden\u2069 \u200f",
    "null\x00 bell\x07 escape\x1b[31m del\x7f \x9b mark\x02s\x03",
    "../../../../etc/passwd?x=%00#/..;/%2e%2e/",
    "//elsewhere.example/%0d%0aSet-Cookie:x=1",
    "http://elsewhere.example/ mailto:x@elsewhere.example",
    "\u2028\u2029\ufeff\ufffe\U0010ffff\ufdd0 Z\u0334a\u0335l\u0336go \U0001f468\u200d\U0001f469",
    "' OR 1=1; DROP TABLE articles; --",
    '"NEAR(" AND * ^ : { } title:"',
    "<iframe srcdoc='<script>alert(12)</script>'></iframe><base href=//elsewhere.example>",
    "<form action=//elsewhere.example><input name=q><button formaction=javascript:alert(13)>",
    '<a href="javascript:alert(14)" style="position:fixed">x</a><style>*{display:none}</style>',
    "x" * 3_000,
)
# What means something to the library, and stays.
_KEPT = {"iso", "kind"}


def _full(pmid: int) -> Article:
    """A record with something in every field."""
    text = Text(plain="x", markup="<i>x</i>")
    person = {"last_name": "x", "fore_name": "x", "initials": "x", "suffix": "x", "orcid": "x"}
    date = PubDate(iso="2024-05", printed="x")
    pairs = (("x", "x"),)
    return article(
        pmid,
        title=text,
        vernacular_title=text,
        abstract=(
            AbstractSection(text=text, label="x", category="x", copyright="x"),
            AbstractSection(text=text, label="x", type="x", language="x", copyright="x"),
        ),
        authors=(
            Author(
                **person, identifiers=pairs, affiliations=(text,), affiliation_identifiers=pairs
            ),
            Author(collective=text),
            Author(**person, role="editor"),
        ),
        investigators=(Investigator(**person, affiliations=(text,), group="1"),),
        journal=Journal(**{field.name: "x" for field in fields(Journal)}),
        volume="x",
        issue="x",
        cited_medium="x",
        pages="x",
        published=date,
        languages=("x",),
        publication_types=(PublicationType(name="x", ui="x"),),
        mesh=(
            MeshHeading(name="x", ui="x", type="x", qualifiers=(Qualifier(name="x", ui="x"),)),
            MeshHeading(name="x", ui="x", kind="supplementary", type="x"),
        ),
        substances=(Substance(name="x", ui="x", registry_number="x"),),
        keywords=(Keyword(text=text, owner="x"),),
        grants=(Grant(grant_id="x", acronym="x", agency="x", country="x"),),
        data_banks=(
            DataBank(name="x", accession="x"),
            DataBank(name="ClinicalTrials.gov", accession="x"),
        ),
        corrections=(
            Correction(kind="RetractionIn", pmid=pmid + 1, source="x", note="x"),
            Correction(kind="CommentIn", source="x", note="x"),
        ),
        references=(Reference(citation=text, pmid=pmid + 1, ids=pairs, section="x"),),
        ids=(
            ArticleId(kind="doi", value="x", source="x"),
            ArticleId(kind="pmc", value="x", source="x"),
            ArticleId(kind="pii", value="x", source="x"),
        ),
        coi_statement=text,
        citation_subsets=("x",),
        status="x",
        owner="x",
        indexing_method="x",
        publication_model="x",
        publication_status="x",
        other=(OtherField(name="x", value="x", attributes=pairs),),
    )


def _chapter(pmid: int) -> Article:
    text, date = Text(plain="x", markup="<i>x</i>"), PubDate(iso="2024", printed="x")
    book = Book(
        title=text,
        **dict.fromkeys(
            ("bookshelf_id", "part", "publisher", "publisher_location", "edition", "volume"), "x"
        ),
        **dict.fromkeys(("published", "beginning", "ending", "contribution"), date),
        volume_title=text,
        collection_title=text,
        isbns=("x",),
        medium="x",
        report_numbers=("x",),
        location_labels=(("x", "x"),),
        sections=(BookSection(title=text, label="x", part="x", anchor="x"),),
    )
    return replace(_full(pmid), journal=None, book=book)


def _filled(part: Any, payloads: Iterator[str]) -> Any:
    """The same record with a harmful text in place of every text."""
    if isinstance(part, str):
        return next(payloads)
    if isinstance(part, tuple):
        return tuple(_filled(inner, payloads) for inner in part)
    if is_dataclass(part) and not isinstance(part, type):
        values = {
            field.name: _filled(getattr(part, field.name), payloads)
            for field in fields(part)
            if field.name not in _KEPT
        }
        return replace(part, **values)
    return part


def records() -> list[Article]:
    """So many that each field has had each of the payloads about once."""
    found = []
    for n in range(len(PAYLOADS)):
        payloads = cycle(PAYLOADS[n:] + PAYLOADS[:n])
        make = _chapter if n % 6 == 5 else _full
        found.append(_filled(make(FIRST + n), payloads))
    return found


def make_library(path: Path) -> None:
    """Harmless records and odd ones, and all the hostile ones, some revised, some gone."""
    stacks.make_library(path)
    shelf.add_records(path)
    hostile = records()
    connection = open_library(path).conn
    with transaction(connection):
        (topic,) = [row[0] for row in connection.execute("SELECT name FROM topics LIMIT 1")]
        run_id = shelf._run(connection, added=len(hostile), day=3)
        kept = [stored(record, raw=PAYLOADS[0].encode()) for record in hostile]
        store.store(connection, kept, run_id=run_id, now=NOW)
        members = [record.pmid for record in hostile]
        membership.join_topic(connection, topic, members, run_id=run_id)
        connection.executemany(
            "INSERT INTO findings (pmid, position, facet, value, rule, source, section, quote, "
            "start, detail) VALUES (?, ?, ?, ?, 'test/1', 'abstract', ?, ?, 0, NULL)",
            [
                (record.pmid, n, facet, payload, payload, payload)
                for record, payload in zip(hostile, PAYLOADS, strict=True)
                for n, facet in enumerate(("drug", "design", "route", "condition", "safety"), 1)
            ],
        )
        connection.execute(
            "INSERT INTO problems (run_id, pmid, topic, stage, reason, raw) "
            "VALUES (?, ?, ?, 'parse', ?, ?)",
            (run_id, FIRST + 900, topic, PAYLOADS[0], PAYLOADS[1].encode()),
        )
        connection.execute("UPDATE runs SET error = ? WHERE id = ?", (PAYLOADS[2], run_id))
        membership.mark_withdrawn(connection, [FIRST + 3], run_id=run_id, now=NOW)
    connection.close()
