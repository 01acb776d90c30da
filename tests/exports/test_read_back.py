"""Every format read back by a parser of other people: the same records, whatever is in them."""

import pytest

from harvester.exports.reference import doi_of, line, people, title
from harvester.library.holdings import Holding
from tests.exports.nasty import NASTY
from tests.exports.readers import READERS, Seen

CASES = [(reader, case) for reader in READERS for case in NASTY]


def expected(holding: Holding, reader: str) -> Seen:
    """What the reader should see; where formats differ is said here."""
    article, authors = holding.article, people(holding)
    names = [line(a.collective.plain if a.collective else a.last_name) for a in authors]
    groups = [a.collective is not None for a in authors]
    shown, doi = title(holding), doi_of(holding) or None
    match reader:
        case "rispy":  # a comma would make a person of a group, and a first name of a family
            names = [
                name.replace(",", " -") if group else name.replace(",", "")
                for name, group in zip(names, groups, strict=True)
            ]
        case "nbib" | "Bio.Medline":
            names = [
                name if group else name.split(",")[0]
                for name, group in zip(names, groups, strict=True)
            ]
        case "bibtexparser" if doi:
            doi = doi.replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D")
        case "csv" | "pandas" | "pyarrow" | "DuckDB":
            names = [line(a.name) for a in authors]
        case "JSON Lines":
            shown = article.title.plain  # for programs, which ask `retracted`
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
