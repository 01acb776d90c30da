"""A damaged record is an Article or a ParseError, never anything else."""

import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import ParseError
from harvester.pubmed.parse import pmid_of, read_record
from harvester.pubmed.records import Article
from harvester.pubmed.split import split_stream
from tests.pubmed.test_parse import record
from tests.pubmed.test_parse_book import CHAPTER

RICH = record(
    """<Abstract><AbstractText Label="AIM">To <i>stir</i> &lt; 5-HT<sub>2A</sub>.</AbstractText>
    <CopyrightInformation>Ours.</CopyrightInformation></Abstract><AuthorList CompleteYN="Y">
    <Author ValidYN="Y"><LastName>Pot</LastName><Initials>A</Initials><Identifier Source="ORCID">
    0000-0009-0000-1234</Identifier><AffiliationInfo><Affiliation>Oslo.</Affiliation>
    </AffiliationInfo></Author><Author><CollectiveName>Kettles</CollectiveName></Author>
    </AuthorList><Language>eng</Language><DataBankList><DataBank><DataBankName>X</DataBankName>
    <AccessionNumberList><AccessionNumber>1</AccessionNumber></AccessionNumberList></DataBank>
    </DataBankList><GrantList><Grant><GrantID>1</GrantID><Agency>Tea</Agency></Grant></GrantList>
    <ArticleDate DateType="Electronic"><Year>2024</Year><Month>02</Month><Day>09</Day>
    </ArticleDate><Pagination><MedlinePgn>1-2</MedlinePgn></Pagination>""",
    """<ChemicalList><Chemical><RegistryNumber>0</RegistryNumber><NameOfSubstance UI="D1">Tea
    </NameOfSubstance></Chemical></ChemicalList><CommentsCorrectionsList><CommentsCorrections
    RefType="CommentOn"><RefSource>J Tea</RefSource><PMID Version="1">90000009</PMID>
    </CommentsCorrections></CommentsCorrectionsList><MeshHeadingList><MeshHeading><DescriptorName
    UI="D2" MajorTopicYN="Y">Cups</DescriptorName><QualifierName UI="Q1">history</QualifierName>
    </MeshHeading></MeshHeadingList><KeywordList Owner="NOTNLM"><Keyword>pot</Keyword>
    </KeywordList><InvestigatorList ID="A"><Investigator><LastName>Member</LastName>
    </Investigator></InvestigatorList>""",
    """<History><PubMedPubDate PubStatus="entrez"><Year>2024</Year><Month>2</Month><Day>9</Day>
    <Hour>6</Hour><Minute>0</Minute></PubMedPubDate></History><ArticleIdList><ArticleId
    IdType="doi">10.9999/x</ArticleId></ArticleIdList><ReferenceList><Title>Refs</Title>
    <Reference><Citation>One.</Citation><ArticleIdList><ArticleId IdType="pubmed">90000008
    </ArticleId></ArticleIdList></Reference></ReferenceList>""",
)
WHOLE = [RICH, CHAPTER]
TAG = re.compile(rb"<[^>]*>")
ELEMENT = re.compile(rb"<(\w+)[^>]*>[^<]*</\1>")


def article_or_error(data: bytes) -> Article | None:
    failed: ParseError | None = None
    try:
        article, hashed = read_record(data)
    except ParseError as error:
        failed = error
    if failed is not None:
        assert failed.pmid == pmid_of(data)
        assert str(failed).endswith(".")
        return None
    assert article.pmid > 0
    assert re.fullmatch(r"[0-9a-f]{32}", hashed)
    return article


@given(st.sampled_from(WHOLE), st.data())
def test_cut_off(whole: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert article_or_error(whole[:cut]) is None


@given(st.sampled_from(WHOLE), st.data())
def test_bits_that_flip(whole: bytes, data: st.DataObject) -> None:
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    article_or_error(bytes(damaged))


@given(st.sampled_from(WHOLE), st.data())
def test_a_tag_that_is_gone(whole: bytes, data: st.DataObject) -> None:
    tags = list(TAG.finditer(whole))
    tag = data.draw(st.sampled_from(tags))
    article_or_error(whole[: tag.start()] + whole[tag.end() :])


@given(st.sampled_from(WHOLE), st.data())
def test_an_element_that_is_gone(whole: bytes, data: st.DataObject) -> None:
    """Still well-formed: it is read, unless it was the PMID that is gone."""
    for _ in range(data.draw(st.integers(1, 8))):
        found = data.draw(st.sampled_from(list(ELEMENT.finditer(whole))))
        whole = whole[: found.start()] + whole[found.end() :]
    article = article_or_error(whole)
    assert (article is None) == (pmid_of(whole) is None)


@given(st.sampled_from(WHOLE), st.data())
def test_elements_that_change_places(whole: bytes, data: st.DataObject) -> None:
    found = list(ELEMENT.finditer(whole))
    first, second = data.draw(st.integers(0, len(found) - 2)), data.draw(st.integers(1, 5))
    one, two = found[first], found[min(first + second, len(found) - 1)]
    if one.end() <= two.start():
        between = whole[one.end() : two.start()]
        article_or_error(whole[: one.start()] + two[0] + between + one[0] + whole[two.end() :])


@given(st.sampled_from(WHOLE), st.text(max_size=40), st.data())
def test_any_text_in_any_element(whole: bytes, text: str, data: st.DataObject) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").encode("utf-8", "surrogatepass")
    found = data.draw(st.sampled_from(list(ELEMENT.finditer(whole))))
    inside = found[0].partition(b">")[0] + b">" + escaped + b"</" + found[1] + b">"
    article_or_error(whole[: found.start()] + inside + whole[found.end() :])


@pytest.mark.slow
def test_real_records_in_all_kinds_of_damage(shared_data: Path) -> None:
    chance = random.Random(1)  # noqa: S311
    read = 0
    with (shared_data / "pubmed/oddities.xml").open("rb") as stream:
        pieces = [piece.data for piece in split_stream(stream) if piece.kind != "delete"]
    for whole in pieces:
        tags = list(TAG.finditer(whole))
        for _ in range(20):
            tag, other = chance.choice(tags), chance.choice(tags)
            flipped = bytearray(whole)
            flipped[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
            for damaged in (
                bytes(flipped),
                whole[: chance.randrange(len(whole))],
                whole[: tag.start()] + whole[tag.end() :],
                whole[: tag.start()] + other[0] + whole[tag.end() :],
                whole.replace(other[0], tag[0]),
            ):
                read += article_or_error(damaged) is not None
    assert read > 1000
