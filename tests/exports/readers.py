"""What other people's parsers read in our files, each record in the same few words."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import bibtexparser
import duckdb
import nbib as nbib_reader
import pandas as pd
import pyarrow.parquet as pq
import rispy
from bibtexparser import middlewares
from Bio import Medline

from harvester.exports import bibtex, csl_json, csv_table, json_lines, nbib, parquet, ris
from harvester.exports.reference import line
from harvester.library.holdings import Holding

__all__ = ["READERS", "Seen", "text_of"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A record as a reader gives it; `authors` are family names, or names of groups."""

    pmid: int
    title: str
    authors: tuple[str, ...]
    year: int | None
    doi: str | None


def text_of(write: Callable[[Iterable[Holding]], Iterable[str]], *records: Holding) -> str:
    return "".join(write(records))


def by_rispy(*records: Holding) -> list[Seen]:
    return [
        Seen(
            int(found["accession_number"]),
            found["title"],
            tuple(name.split(",")[0] for name in found.get("authors", [])),
            int(found["year"]) if "year" in found else None,
            found.get("doi"),
        )
        for found in rispy.loads(text_of(ris.write, *records))
    ]


def by_nbib(*records: Holding) -> list[Seen]:
    return [
        Seen(
            found["pubmed_id"],
            found["title"],
            tuple(a["author"].split(",")[0] for a in found.get("authors", []))
            + _listed(found.get("corporate_author")),
            _year(found.get("publication_date")),
            found.get("doi"),
        )
        for found in nbib_reader.read(text_of(nbib.write, *records))
    ]


def by_biopython(*records: Holding) -> list[Seen]:
    return [
        Seen(
            int(found["PMID"]),
            found["TI"],
            # A name that is wrapped comes as two.
            tuple(name.split(",")[0] for name in found.get("FAU", []))
            + _listed(" ".join(found.get("CN", []))),
            _year(found.get("DP")),
            next(
                (i.removesuffix(" [doi]") for i in found.get("AID", []) if i.endswith("[doi]")),
                None,
            ),
        )
        for found in Medline.parse(io.StringIO(text_of(nbib.write, *records)))
    ]


def by_bibtexparser(*records: Holding) -> list[Seen]:
    text = text_of(bibtex.write, *records)
    people = [middlewares.SeparateCoAuthors(), middlewares.SplitNameParts()]
    library = bibtexparser.parse_string(text, append_middleware=people)
    assert not library.failed_blocks
    return [_entry(entry) for entry in library.entries]


def _entry(entry: Any) -> Seen:
    fields = {field.key: field.value for field in entry.fields}
    return Seen(
        int(fields["pmid"]),
        _decoded(fields["title"]),
        tuple(
            _decoded(" ".join([*person.von, *person.last])) for person in fields.get("author", [])
        ),
        int(fields["year"]) if "year" in fields else None,
        fields.get("doi"),
    )


def _decoded(text: str) -> str:
    """The letters that our escapes stand for, as LaTeX sets them."""
    for name, character in {
        r"\textbackslash{}": "\\",
        r"\textasciitilde{}": "~",
        r"\textasciicircum{}": "^",
        **{f"\\{c}": c for c in "&%$#_"},
    }.items():
        text = text.replace(name, character)
    return (
        text.removeprefix("{")
        .removesuffix("}" if text.startswith("{") else "\0")
        .replace(r"\textbraceleft{}", "{")
        .replace(r"\textbraceright{}", "}")
    )


def by_json(*records: Holding) -> list[Seen]:
    """CSL-JSON as any program reads it."""
    return [
        Seen(
            int(found["PMID"]),
            found["title"],
            tuple(name.get("family") or name["literal"] for name in found.get("author", [])),
            found["issued"]["date-parts"][0][0] if "issued" in found else None,
            found.get("DOI"),
        )
        for found in json.loads(text_of(csl_json.write, *records))
    ]


def by_csv(*records: Holding) -> list[Seen]:
    return list(map(_row, csv.DictReader(io.StringIO(text_of(csv_table.write, *records)))))


def by_pandas(*records: Holding) -> list[Seen]:
    frame = pd.read_csv(
        io.StringIO(text_of(csv_table.write, *records)), keep_default_na=False, dtype=str
    )
    return list(map(_row, frame.to_dict("records")))


def by_json_lines(*records: Holding) -> list[Seen]:
    documents = map(json.loads, text_of(json_lines.write, *records).splitlines())
    return [
        Seen(
            found["pmid"],
            found["title"],
            tuple(
                line(a["last_name"] or a["name"])
                for a in found["authors"]
                if a["valid"] and a["role"] == "author" and a["name"]
            ),
            found["year"],
            found["doi"],
        )
        for found in documents
    ]


def by_pyarrow(*records: Holding) -> list[Seen]:
    table = pq.read_table(io.BytesIO(b"".join(parquet.write(records))))
    return list(map(_row, table.to_pylist()))


def by_duckdb(*records: Holding) -> list[Seen]:
    table = pq.read_table(io.BytesIO(b"".join(parquet.write(records))))
    with duckdb.connect() as connection:
        connection.register("exported", table)
        found = connection.sql("SELECT * FROM exported")
        return [_row(dict(zip(found.columns, row, strict=True))) for row in found.fetchall()]


def _row(row: Any) -> Seen:
    year = row.get("year") or row.get("pub_year")
    return Seen(
        int(row["pmid"]),
        _text(row["title"]),
        tuple(_text(row["authors"]).split("; ")) if row["authors"] else (),
        int(year) if year else None,
        row["doi"] or None,
    )


def _year(printed: str | None) -> int | None:
    """Of a date as printed: `2021 Mar`, `Winter 2021`."""
    found = re.search(r"\d{4}", printed or "")
    return int(found[0]) if found else None


def _text(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from calculating."""
    return cell[1:] if re.match("'[-=+@]", cell) else cell


def _listed(value: Any) -> tuple[str, ...]:
    return () if not value else (value,) if isinstance(value, str) else tuple(value)


READERS: dict[str, Callable[..., list[Seen]]] = {
    "rispy": by_rispy,
    "nbib": by_nbib,
    "Bio.Medline": by_biopython,
    "bibtexparser": by_bibtexparser,
    "json": by_json,
    "csv": by_csv,
    "pandas": by_pandas,
    "JSON Lines": by_json_lines,
    "pyarrow": by_pyarrow,
    "DuckDB": by_duckdb,
}
