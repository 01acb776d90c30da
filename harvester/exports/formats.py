"""The formats there are: what each is called, and which module writes it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from harvester.exports import bibtex, csl_json, csv_table, json_lines, nbib, parquet, ris
from harvester.library.holdings import Holding

__all__ = ["FORMATS", "PART", "Format", "by_suffix"]

# Screening tools take so many references at once (Covidence).
PART = 15_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """`name` is the command's word for it, `suffix` that of files and addresses.

    `single` ones are also given for one article; `in_parts` ones can be split for programs that
    take so many references and no more.
    """

    name: str
    suffix: str
    label: str
    media_type: str
    about: str
    write: Callable[[Iterable[Holding]], Iterator[str | bytes]]
    single: bool = False
    in_parts: bool = False

    @property
    def available(self) -> bool:
        """Whether what it needs is installed."""
        return self.name != "parquet" or parquet.is_available()


FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        Format(
            name="ris",
            suffix="ris",
            label="RIS",
            media_type="application/x-research-info-systems",
            about="For reference managers and screening tools: Zotero, EndNote, Covidence, Rayyan.",
            write=ris.write,
            single=True,
            in_parts=True,
        ),
        Format(
            name="nbib",
            suffix="nbib",
            label="NBIB",
            media_type="application/nbib",
            about="PubMed's own MEDLINE form, with MeSH, grants and dates.",
            write=nbib.write,
            single=True,
            in_parts=True,
        ),
        Format(
            name="bibtex",
            suffix="bib",
            label="BibTeX",
            media_type="application/x-bibtex; charset=utf-8",
            about="For LaTeX, in UTF-8; the keys are pmid and the number.",
            write=bibtex.write,
            single=True,
        ),
        Format(
            name="csl-json",
            suffix="csl.json",
            label="CSL-JSON",
            media_type="application/vnd.citationstyles.csl+json",
            about="For citation processors: Zotero, Pandoc, citeproc.",
            write=csl_json.write,
            single=True,
        ),
        Format(
            name="csv",
            suffix="csv",
            label="CSV",
            media_type="text/csv; charset=utf-8",
            about="A row an article, for spreadsheets and ASReview.",
            write=csv_table.write,
        ),
        Format(
            name="jsonl",
            suffix="jsonl",
            label="JSON Lines",
            media_type="application/jsonl; charset=utf-8",
            about="A document an article with everything that is known, for programs.",
            write=json_lines.write,
        ),
        Format(
            name="parquet",
            suffix="parquet",
            label="Parquet",
            media_type="application/vnd.apache.parquet",
            about="A table for DuckDB, pandas, Polars and Spark.",
            write=parquet.write,
        ),
    )
}


def by_suffix(suffix: str) -> Format | None:
    """The format of files that end so."""
    return next((form for form in FORMATS.values() if form.suffix == suffix), None)
