"""What a record says of itself."""

import pytest

from harvester.pubmed.records import ArticleId
from tests.library.articles import article


@pytest.mark.parametrize(
    ("values", "doi"),
    [
        (("10.5555/sample.1",), "10.5555/sample.1"),
        (("S0-0000(26)00001-X", "10.5555/sample.1"), "10.5555/sample.1"),
        (("S0-0000(26)00001-X",), None),
        ((), None),
    ],
)
def test_another_number_is_no_doi(values: tuple[str, ...], doi: str | None) -> None:
    ids = tuple(ArticleId(kind="doi", value=value) for value in values)
    assert article(ids=ids).doi == doi
