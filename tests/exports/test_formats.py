"""What is particular to each format, and that nothing in a record can break out of its place."""

import io
import json
import re
from pathlib import Path

import bibtexparser
import duckdb
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import rispy
from Bio import Medline
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import LibraryError
from harvester.exports import bibtex, csl_json, csv_table, json_lines, nbib, parquet, ris
from harvester.exports.table import COLUMNS
from harvester.library.holdings import Holding
from harvester.pubmed import medline
from harvester.pubmed.records import AbstractSection, Author, Text
from tests.exports.nasty import NASTY, RETRACTED, holding
from tests.exports.readers import READERS, text_of

PLAIN = NASTY["plain"]
TEXT_FORMATS = {
    "ris": ris.write,
    "nbib": nbib.write,
    "bibtex": bibtex.write,
    "csl-json": csl_json.write,
    "csv": csv_table.write,
    "jsonl": json_lines.write,
}


@pytest.mark.parametrize("name", TEXT_FORMATS)
@pytest.mark.parametrize("case", ["retracted", "retracted by a notice here"])
def test_a_retraction_is_unmissable(name: str, case: str) -> None:
    text = text_of(TEXT_FORMATS[name], NASTY[case])
    if name == "jsonl":
        assert (json.loads(text)["retracted"], json.loads(text)["status"]) == (True, ["retracted"])
    else:
        assert "RETRACTED: " in text
        assert "RETRACTED ARTICLE: do not rely on it." in " ".join(text.split())
    assert "RETRACTED" not in text_of(TEXT_FORMATS[name], PLAIN)


def test_ris_has_its_tags_in_their_places() -> None:
    lines = text_of(ris.write, PLAIN).splitlines()
    assert lines[0] == "TY  - JOUR"
    assert lines[-2:] == ["ER  - ", ""]
    assert {"T2  - Journal of Samples", "J2  - J Samples", "DA  - 2024/05//"} <= set(lines)
    assert {"SP  - 428", "EP  - 438", "AN  - 90000001", "DB  - PubMed"} <= set(lines)
    assert {"AU  - Quill, Ada B, Jr", "AU  - Sample Study Group"} <= set(lines)
    assert "KW  - Ketamine/therapeutic use" in lines
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) for line in lines[:-1])
    assert not any("None" in line for line in lines)


@pytest.mark.parametrize("case", NASTY)
def test_a_line_of_ris_or_nbib_is_a_tag_or_goes_on(case: str) -> None:
    for line in text_of(ris.write, NASTY[case]).split("\n")[:-1]:
        assert line == "" or re.match(r"[A-Z][A-Z0-9]  - ", line)
    body = text_of(nbib.write, NASTY[case])
    assert body.endswith("\n\n")
    for line in body[:-2].split("\n"):
        assert re.match(r"[A-Z]{2,4} *- \S|      \S", line)
        assert len(line) <= 87 or " " not in line[6:]
    assert "\r" not in body


def test_lines_of_nbib_are_as_full_as_pubmeds() -> None:
    words = "abcdefghi " * 30  # a word and its space: ten
    text = text_of(nbib.write, holding(title=Text(plain=f"{words}{'x' * 88}")))
    lines = text.split("\n")
    title = lines[next(n for n, line in enumerate(lines) if line.startswith("TI")) :][:5]
    assert title[0] == f"TI  - {' '.join(['abcdefghi'] * 8)}"  # one more would make 85 + 10
    assert title[4] == f"      {'x' * 88}"
    exact = "y" * 40 + " " + "z" * 40
    assert f"TI  - {exact}\n" in text_of(nbib.write, holding(title=Text(plain=exact)))
    assert f"TI  - {'y' * 40}\n      {'z' * 41}\n" in text_of(
        nbib.write, holding(title=Text(plain=f"{'y' * 40} {'z' * 41}"))
    )


@pytest.mark.parametrize("case", ["plain", "retracted", "crowd", "vernacular", "no abstract"])
def test_our_own_reader_of_medline_finds_the_record_again(case: str) -> None:
    article = NASTY[case].article
    found, _ = medline.read_medline(nbib.record(NASTY[case]).encode())
    for name in ("pmid", "pages", "languages", "vernacular_title", "data_banks", "corrections"):
        assert getattr(found, name) == getattr(article, name), name
    assert [a.name for a in found.authors] == [a.name for a in article.authors]
    assert found.published == article.published
    assert found.id("doi") == article.id("doi")
    assert [(m.name, m.major) for m in found.mesh] == [(m.name, m.major) for m in article.mesh]
    assert {(d.kind, d.iso) for d in article.dates} <= {(d.kind, d.iso) for d in found.dates}


def test_bibtex_has_a_key_that_stays_and_a_month_by_its_name() -> None:
    text = bibtex.record(PLAIN)
    assert text.startswith("@article{pmid90000001,\n")
    assert "\tmonth = may," in text
    assert "author = {Quill, Jr, Ada B and {Sample Study Group}}" in text
    assert "pages = {428--438}" in text


def test_csl_json_leaves_out_what_is_not_known() -> None:
    item = csl_json.item(PLAIN)
    assert item["issued"] == {"date-parts": [[2024, 5]]}
    assert item["author"][1] == {"literal": "Sample Study Group"}
    assert item["custom"]["design"] == "rct"
    assert item["custom"]["sample_size"] == 236
    assert item["custom"]["harms"] == []  # reported as absent
    assert not {"DOI", "author", "issued"} & csl_json.item(NASTY["no date"]).keys() - {
        "DOI",
        "author",
    }


def test_the_table_has_what_screening_tools_look_for() -> None:
    assert {"title", "abstract", "authors", "keywords", "year", "doi", "url"} <= COLUMNS.keys()
    assert list(COLUMNS)[:3] == ["pmid", "status", "title"]


@pytest.mark.parametrize("start", [*"=+-@", "\t=", "＝"])
def test_a_spreadsheet_calculates_nothing(start: str) -> None:
    text = text_of(csv_table.write, holding(title=Text(plain=f"{start}1+1")))
    assert ",'" in text
    assert not re.search(r"(^|,)\"?[=+\-@＝\t]", text)


def test_a_folder_of_parquet_has_a_file_a_year(tmp_path: Path) -> None:
    records = sorted(
        NASTY.values(), key=lambda h: h.article.published.year if h.article.published else 0
    )
    folder = tmp_path / "library.parquet"
    assert parquet.write_folder(records, folder) == len(NASTY)
    assert sorted(path.name for path in folder.iterdir()) == [
        "_ketamine_library",
        "year=0",
        "year=2024",
        "year=2026",
    ]
    table = ds.dataset(folder, partitioning="hive").to_table()
    assert sorted(table["pmid"].to_pylist()) == sorted(h.article.pmid for h in records)
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT year, pub_year, count(*) FROM read_parquet(?, hive_partitioning = true) "
            "GROUP BY ALL ORDER BY 1",
            [str(folder / "*/*.parquet")],
        ).fetchall()
    assert [(year, pub) for year, pub, _ in rows] == [(0, None), (2024, 2024), (2026, 2026)]
    field = pq.read_schema(folder / "year=2024/part-0.parquet").field("sample_size")
    assert field.metadata[b"about"].startswith(b"Number of participants")


def test_a_crash_leaves_the_old_folder(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    parquet.write_folder([PLAIN], folder)

    def broken() -> object:
        yield PLAIN
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        parquet.write_folder(broken(), folder)
    assert ds.dataset(folder, partitioning="hive").count_rows() == 1
    assert [path.name for path in tmp_path.iterdir()] == ["library"]
    parquet.write_folder([], folder)
    assert ds.dataset(folder, partitioning="hive").count_rows() == 0


def test_nothing_is_replaced_but_an_older_export(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("years of work")
    with pytest.raises(LibraryError, match="no Parquet folder of ours"):
        parquet.write_folder([PLAIN], tmp_path)
    assert (tmp_path / "thesis.doc").exists()


@pytest.mark.parametrize("mine", ["year=2020/sales.parquet", "year=2020/part-0.parquet"])
def test_a_folder_of_years_of_somebody_else_stays(mine: str, tmp_path: Path) -> None:
    (tmp_path / mine).parent.mkdir()
    (tmp_path / mine).write_text("years of work")
    with pytest.raises(LibraryError, match="no Parquet folder of ours"):
        parquet.write_folder([PLAIN], tmp_path)
    assert (tmp_path / mine).read_text() == "years of work"


@pytest.mark.parametrize("mine", ["notes.txt", "year=2024/more.parquet"])
def test_an_export_to_which_somebody_added_stays(mine: str, tmp_path: Path) -> None:
    folder = tmp_path / "library"
    parquet.write_folder([PLAIN], folder)
    (folder / mine).parent.mkdir(exist_ok=True)
    (folder / mine).write_text("years of work")
    with pytest.raises(LibraryError, match="no Parquet folder of ours"):
        parquet.write_folder([PLAIN], folder)
    assert (folder / mine).read_text() == "years of work"


# What could open or end a field or a record of one of the formats, and anything else.
PIECES = st.sampled_from(
    [
        *("\n", "\r\n", "\x85", "\u2028", "\x0b", "\x0c", "\x1e", "\n\n", "  ", "\t"),
        *("ER  - ", "TY  - JOUR", "PMID- 7", "AU  - X", "KW  - x", "      ", "1."),
        *("{", "}", "\\", '"', "@article{x,", "=", "'", ",", ";", " and ", "%", "#", "$", "~"),
        *("<", "&", "\x00", "\u202e", "],", "x", "Ω", "界"),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join)


@given(TEXTS, TEXTS, TEXTS)
def test_nothing_written_in_a_record_breaks_out_of_its_place(
    title: str, abstract: str, name: str
) -> None:
    hostile = holding(
        1,
        title=Text(plain=title),
        abstract=(AbstractSection(text=Text(plain=abstract), label=name),),
        authors=(Author(last_name=name, fore_name=title), Author(collective=Text(plain=name))),
        coi_statement=Text(plain=abstract),
        ids=(),
    )
    after = holding(2)
    for reader in ("rispy", "nbib", "Bio.Medline", "bibtexparser", "json", "csv", "JSON Lines"):
        assert [seen.pmid for seen in READERS[reader](hostile, after)] == [1, 2], reader
    tags = set(rispy.config.TAG_KEY_MAPPING.values())
    (record, _) = rispy.loads(text_of(ris.write, hostile, after))
    assert set(record) <= tags
    assert record["type_of_reference"] == "JOUR"
    assert record.get("urls") == ["https://pubmed.ncbi.nlm.nih.gov/1/"]
    (record, _) = Medline.parse(io.StringIO(text_of(nbib.write, hostile, after)))
    assert record["OWN" if "OWN" in record else "PMID"] in ("1", "NLM")
    library = bibtexparser.parse_string(text_of(bibtex.write, hostile, after))
    assert not library.failed_blocks
    assert [e.key for e in library.entries] == ["pmid1", "pmid2"]
    assert library.entries[0].fields_dict["url"].value == "https://pubmed.ncbi.nlm.nih.gov/1/"


def test_the_title_of_a_retracted_record_stays_as_it_is_for_programs() -> None:
    document = json_lines.document(RETRACTED)
    assert document["title"] == RETRACTED.article.title.plain


def test_memory_does_not_grow_with_the_number_of_rows() -> None:
    sizes = [len(chunk) for chunk in parquet.write(_many(3_000))]
    assert len(sizes) == 4
    assert max(sizes) < 2 * min(sizes[:3])


def _many(count: int) -> list[Holding]:
    return [holding(90_000_000 + n) for n in range(count)]
