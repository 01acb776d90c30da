"""Every format read back by a parser of other people: the same records, whatever is in them."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from citeproc import (
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    formatter,
)
from citeproc.source.json import CiteProcJSON

from harvester.exports import csl_json
from harvester.exports.reference import doi_of, line, people, title
from harvester.library.database import connect_read_only
from harvester.library.holdings import Holding, read_holdings
from harvester.load import load
from harvester.topics import load_topics
from tests.conftest import ROOT
from tests.exports.nasty import NASTY
from tests.exports.readers import READERS, Seen, text_of

CASES = [(reader, case) for reader in READERS for case in NASTY]


def expected(holding: Holding, reader: str) -> Seen:
    """What the reader should see; where formats differ is said here."""
    article, authors = holding.article, people(holding)
    names = [line(a.collective.plain if a.collective else a.last_name) for a in authors]
    groups = [a.collective is not None for a in authors]
    shown, doi = title(holding), doi_of(holding) or None
    if reader in ("nbib", "Bio.Medline"):  # people first; nbib knows one group of a record
        persons = [name.split(",")[0] for name, of in zip(names, groups, strict=True) if not of]
        teams = [name for name, is_group in zip(names, groups, strict=True) if is_group]
        names = persons + (teams[-1:] if reader == "nbib" else [" ".join(teams)] * bool(teams))
    match reader:
        case "rispy":  # a comma would make a person of a group, and a first name of a family
            names = [
                line(name.replace(",", " - ")).strip("- ") if is_group else name.replace(",", "")
                for name, is_group in zip(names, groups, strict=True)
            ]
        case "bibtexparser" if doi:
            doi = doi.replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D")
        case "csv" | "pandas" | "pyarrow" | "DuckDB":
            names = [line(a.name).replace(";", ",") for a in authors]
        case "JSON Lines":
            shown = article.title.plain  # for programs, which ask `retracted`
            doi = article.doi
    year = article.published.year if article.published else None
    return Seen(article.pmid, shown, tuple(names), year, doi)


@pytest.mark.parametrize(("reader", "case"), CASES, ids=lambda value: value)
def test_a_record_is_read_back(reader: str, case: str) -> None:
    holding = NASTY[case]
    assert READERS[reader](holding) == [expected(holding, reader)]


@pytest.mark.parametrize("reader", READERS)
def test_all_records_are_read_back_in_their_order(reader: str) -> None:
    seen = READERS[reader](*NASTY.values())
    assert [record.pmid for record in seen] == [holding.article.pmid for holding in NASTY.values()]


@pytest.mark.parametrize("reader", READERS)
def test_no_records_make_a_file_that_can_be_read(reader: str) -> None:
    assert READERS[reader]() == []


@pytest.mark.parametrize("case", ["plain", "collective only", "retracted", "crowd", "no author"])
def test_a_citation_processor_makes_a_citation(case: str) -> None:
    (item,) = json.loads(text_of(csl_json.write, NASTY[case]))
    assert item.pop("custom")  # of which citeproc-py knows nothing
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = CitationStylesBibliography(style, CiteProcJSON([item]), formatter.plain)
    bibliography.register(Citation([CitationItem(item["id"])]))
    cited = " ".join(map(str, bibliography.bibliography()))
    assert title(NASTY[case]).rstrip(".") in cited
    assert "(2024)" in cited
    for author in people(NASTY[case])[:1]:
        assert line(author.collective.plain if author.collective else author.last_name) in cited


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> list[Holding]:
    """A few thousand real records, the odd ones among them."""
    library = tmp_path_factory.mktemp("real") / "literature.db"
    names = ("oddities.xml", "ketamine.xml.gz", "depression.xml.gz", "bulk-mixed.xml.gz")
    return _loaded(library, [shared_data / "pubmed" / name for name in names])


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> list[Holding]:
    library = tmp_path_factory.mktemp("sample") / "literature.db"
    return _loaded(library, [ROOT / "data/sample.xml.gz"])


def _loaded(library: Path, paths: list[Path]) -> list[Holding]:
    topics = load_topics()
    found_by = [(topic, topics.parsed(topic)) for topic in topics]
    load(library, paths, found_by, label="all", keep_all=True)
    with closing(connect_read_only(library)) as connection:
        pmids = [row[0] for row in connection.execute("SELECT pmid FROM articles")]
        return list(read_holdings(connection, pmids))


@pytest.mark.parametrize("reader", READERS)
def test_the_sample_is_read_back(reader: str, sample: list[Holding]) -> None:
    assert len(sample) > 400
    assert_read_back(reader, sample)


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
def test_real_records_are_read_back(reader: str, real: list[Holding]) -> None:
    assert len(real) > 3_500
    assert_read_back(reader, real)


def assert_read_back(reader: str, records: list[Holding]) -> None:
    seen = READERS[reader](*records)
    wrong = [
        (found, wanted)
        for found, wanted in zip(seen, (expected(h, reader) for h in records), strict=True)
        if found != wanted
    ]
    assert wrong == []
