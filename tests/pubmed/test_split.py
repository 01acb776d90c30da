"""Files and answers are cut into records, whatever is in them, and whatever is wrong with them."""

import gzip
import io
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import EutilsError, HarvesterError, ParseError, ServiceDown, TruncatedReply
from harvester.pubmed import split
from harvester.pubmed.parse import pmid_of, read_record
from harvester.pubmed.split import Piece, deleted_pmids, split_chunks, split_reply, split_stream

PROLOG = b"""<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN"
 "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">
"""


def article(pmid: int, title: str = "Tea") -> bytes:
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{pmid}</PMID>'
        f"<Article><ArticleTitle>{title}</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
    ).encode()


A, B = article(90000001), article(90000002, "Å ≤ &#x3b1;")
BOOK = b"<PubmedBookArticle><BookDocument><PMID>90000003</PMID></BookDocument></PubmedBookArticle>"
DELETE = (
    b'<DeleteCitation>\n <PMID Version="1">90000004</PMID><PMID>90000005</PMID>\n</DeleteCitation>'
)
WHOLE = b"%b<PubmedArticleSet>\n%b\n%b %b%b</PubmedArticleSet>\n" % (PROLOG, A, B, BOOK, DELETE)
PIECES = [
    Piece("article", A),
    Piece("article", B),
    Piece("book", BOOK),
    Piece("delete", DELETE),
]


def pieces_of(data: bytes) -> list[Piece]:
    return list(split_stream(io.BytesIO(data)))


def pieces_and_error(data: bytes) -> tuple[list[Piece], HarvesterError]:
    """What came before the error, and the error."""
    found: list[Piece] = []
    with pytest.raises(HarvesterError) as caught:
        found.extend(split_stream(io.BytesIO(data)))
    return found, caught.value


def chunks_of(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


class TestWhatIsFound:
    def test_articles_books_and_deletions(self) -> None:
        assert pieces_of(WHOLE) == PIECES
        assert split_reply(WHOLE) == PIECES

    def test_pmids_that_pubmed_withdrew(self) -> None:
        assert deleted_pmids(DELETE) == (90000004, 90000005)
        assert deleted_pmids(b"<DeleteCitation/>") == ()

    @pytest.mark.parametrize("size", range(1, len(WHOLE) + 2, 3))
    def test_chunks_of_any_size(self, size: int) -> None:
        assert list(split_chunks(chunks_of(WHOLE, size))) == PIECES

    @given(st.lists(st.integers(0, len(WHOLE)), max_size=12))
    def test_chunks_of_uneven_size(self, cuts: list[int]) -> None:
        edges = [0, *sorted(cuts), len(WHOLE)]
        chunks = (WHOLE[a:b] for a, b in itertools.pairwise(edges) if a < b)
        assert list(split_chunks(chunks)) == PIECES

    @pytest.mark.parametrize(
        "empty",
        [
            PROLOG + b"<PubmedArticleSet></PubmedArticleSet>",
            PROLOG + b"<PubmedArticleSet/>",
            b"<PubmedArticleSet>\n \n</PubmedArticleSet  >\n\n",
            b'<PubmedArticleSet xmlns:mml="http://www.w3.org/1998/Math/MathML" />',
        ],
    )
    def test_an_empty_set(self, empty: bytes) -> None:
        assert split_reply(empty) == []
        assert pieces_of(empty) == []

    def test_a_record_without_a_set(self) -> None:
        assert pieces_of(A) == [Piece("article", A)]
        assert pieces_of(PROLOG + BOOK + b"\n") == [Piece("book", BOOK)]

    def test_several_sets_in_one_file(self) -> None:
        assert pieces_of(WHOLE + WHOLE) == PIECES + PIECES

    def test_an_empty_element(self) -> None:
        data = b"<PubmedArticleSet><PubmedArticle/>" + A + b"</PubmedArticleSet>"
        first, second = pieces_of(data)
        assert second == Piece("article", A)
        assert pmid_of(first.data) is None

    def test_tags_with_blanks_and_attributes(self) -> None:
        data = b"<PubmedArticleSet ><PubmedArticle\n id='1'>x</PubmedArticle\n></PubmedArticleSet>"
        assert pieces_of(data) == [Piece("article", b"<PubmedArticle\n id='1'>x</PubmedArticle>")]

    def test_what_may_stand_between_records(self) -> None:
        data = WHOLE.replace(b"<PubmedArticleSet>", b"<!-- <a> --><?x y?><PubmedArticleSet>")
        assert pieces_of(data.replace(BOOK, b"<!-- here -->" + BOOK)) == PIECES


class TestEncodings:
    def test_a_mark_of_byte_order(self) -> None:
        assert pieces_of(b"\xef\xbb\xbf" + WHOLE) == PIECES

    @pytest.mark.parametrize("name", ["UTF-16", "utf-16-le", "utf-16-be"])
    def test_utf_16(self, name: str) -> None:
        text = WHOLE.decode().replace('encoding="utf-8"', 'encoding="UTF-16"')
        assert pieces_of(text.encode(name)) == PIECES
        assert split_reply(text.encode(name)) == PIECES

    def test_utf_16_of_either_order(self) -> None:
        text = WHOLE.decode()
        assert pieces_of(b"\xff\xfe" + text.encode("utf-16-le")) == PIECES
        assert pieces_of(b"\xfe\xff" + text.encode("utf-16-be")) == PIECES

    @pytest.mark.parametrize("name", ["ISO-8859-1", "iso-8859-15", "windows-1252", "latin-1"])
    def test_one_byte_encodings(self, name: str) -> None:
        declared = f"<?xml version='1.0' encoding='{name}' ?>".encode()
        data = declared + article(90000001, "é").decode().encode(name)
        assert pieces_of(data) == [Piece("article", article(90000001, "é"))]

    def test_a_declaration_that_cannot_be_true(self) -> None:
        data = WHOLE.replace(b'encoding="utf-8"', b'encoding="UTF-16"')
        assert pieces_of(data) == PIECES

    @pytest.mark.parametrize("name", ["zlib", "hex", "rot13", "utf-7", "klingon"])
    def test_no_other_encoding_is_tried(self, name: str) -> None:
        data = WHOLE.replace(b'encoding="utf-8"', f'encoding="{name}"'.encode())
        with pytest.raises(ParseError, match=name):
            pieces_of(data)

    def test_half_a_character(self) -> None:
        text = WHOLE.decode().encode("utf-16")
        with pytest.raises(ParseError, match="utf-16"):
            pieces_of(text[:-1])

    def test_a_byte_that_is_no_utf_8_spoils_one_record(self) -> None:
        data = b"<PubmedArticleSet>" + A.replace(b"Tea", b"T\xe9") + B + b"</PubmedArticleSet>"
        first, second = pieces_of(data)
        with pytest.raises(ParseError):
            read_record(first.data)
        assert read_record(second.data)[0].pmid == 90000002


class TestGzip:
    def test_it_is_known_by_its_bytes(self) -> None:
        assert pieces_of(gzip.compress(WHOLE)) == PIECES

    def test_several_members(self) -> None:
        assert pieces_of(gzip.compress(WHOLE[:300]) + gzip.compress(WHOLE[300:])) == PIECES

    def test_a_file_on_disk(self, tmp_path: Path) -> None:
        path = tmp_path / "pubmed26n0001.xml.gz"
        path.write_bytes(gzip.compress(WHOLE))
        with path.open("rb") as stream:
            assert list(split_stream(stream)) == PIECES
            assert not stream.closed

    def test_a_file_cut_off_gives_what_was_whole(self) -> None:
        many = b"<PubmedArticleSet>" + b"".join(article(90000000 + n) for n in range(1, 3000))
        packed = gzip.compress(many + b"</PubmedArticleSet>")
        found, error = pieces_and_error(packed[: len(packed) // 2])
        assert isinstance(error, TruncatedReply)
        assert len(found) > 1000
        assert [pmid_of(piece.data) for piece in found] == [
            90000000 + n for n in range(1, len(found) + 1)
        ]

    @pytest.mark.parametrize("cut", [3, 12, -9, -1])
    def test_a_small_file_cut_off(self, cut: int) -> None:
        with pytest.raises(TruncatedReply):
            pieces_of(gzip.compress(WHOLE)[:cut])

    def test_a_damaged_file(self) -> None:
        packed = bytearray(gzip.compress(WHOLE))
        packed[-6] ^= 0xFF  # the check sum
        found, error = pieces_and_error(bytes(packed))
        assert type(error) is ParseError
        assert found == PIECES


class TestDamage:
    """One malformed record never disturbs its neighbours."""

    def test_a_record_without_an_end(self) -> None:
        open_ended = A.removesuffix(b"</PubmedArticle>")
        data = b"<PubmedArticleSet>" + open_ended + B + open_ended + b"</PubmedArticleSet>"
        found = pieces_of(data)
        assert [piece.data for piece in found] == [open_ended, B, open_ended]
        with pytest.raises(ParseError) as caught:
            read_record(found[0].data)
        assert caught.value.pmid == 90000001

    @pytest.mark.parametrize("other", [BOOK, DELETE])
    def test_the_next_record_may_be_of_another_kind(self, other: bytes) -> None:
        open_ended = A.removesuffix(b"</PubmedArticle>")
        found = pieces_of(open_ended + other + B)
        assert [piece.data for piece in found] == [open_ended, other, B]

    def test_tags_that_cross(self) -> None:
        crossed = A.replace(b"</ArticleTitle></Article>", b"</Article></ArticleTitle>")
        assert [piece.data for piece in pieces_of(crossed + B)] == [crossed, B]

    @pytest.mark.parametrize("stray", [b"text", b"<Foo>", b"</PubmedArticle>", b"<PubmedArtcle>"])
    def test_what_does_not_belong_is_said_at_the_end(self, stray: bytes) -> None:
        data = b"<PubmedArticleSet>" + A + stray + B + b"</PubmedArticleSet>"
        found, error = pieces_and_error(data)
        assert [piece.data for piece in found] == [A, B]
        assert type(error) is ParseError
        assert stray.decode() in str(error)

    def test_an_end_that_was_never_begun(self) -> None:
        found, error = pieces_and_error(A + b"</PubmedArticleSet>")
        assert [piece.data for piece in found] == [A]
        assert type(error) is ParseError

    def test_a_record_of_absurd_size(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(split, "_LARGEST_RECORD", 5_000)
        monkeypatch.setattr(split, "_BEGINNING", 500)
        huge = article(90000009, "x" * 40_000)
        data = b"<PubmedArticleSet>" + A + huge + B + b"</PubmedArticleSet>"
        first, second, third = split_chunks(chunks_of(data, 1000))
        assert (first.data, third.data) == (A, B)
        assert second.data == huge[:500]
        with pytest.raises(ParseError) as caught:
            read_record(second.data)
        assert caught.value.pmid == 90000009

    def test_a_record_of_absurd_size_without_an_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(split, "_LARGEST_RECORD", 5_000)
        endless = itertools.chain([A, A[:-16]], itertools.repeat(b"x" * 1000, 40))
        found: list[Piece] = []
        with pytest.raises(TruncatedReply):
            found.extend(split_chunks(endless))
        assert [pmid_of(piece.data) for piece in found] == [90000001, 90000001]


class TestDtd:
    BOMB = b"""<?xml version="1.0"?><!DOCTYPE PubmedArticleSet [
      <!ENTITY a "]>aaaaaaaaaa"> <!-- don't ]> --> <!ENTITY b '&a;&a;&a;">'>
      <!ENTITY c SYSTEM "file:///etc/passwd"> ]>"""

    def test_it_is_passed_and_no_parser_sees_it(self) -> None:
        bad = article(90000007, "&b;&c;")
        data = self.BOMB + b"<PubmedArticleSet>" + A + bad + B + b"</PubmedArticleSet>"
        for size in (1, 7, 64, 10_000):
            found = list(split_chunks(chunks_of(data, size)))
            assert [piece.data for piece in found] == [A, bad, B]
        with pytest.raises(ParseError):
            read_record(bad)

    def test_one_of_another_year_is_no_matter(self) -> None:
        assert pieces_of(WHOLE.replace(b"pubmed_250101.dtd", b"pubmed_990101.dtd")) == PIECES

    def test_one_without_an_end(self) -> None:
        with pytest.raises(ParseError):
            pieces_of(b"<!DOCTYPE x [ " + b"<!ENTITY a 'a'>" * 20_000)


class TestReplies:
    @pytest.mark.parametrize("cut", [*range(0, len(PROLOG) + 18, 25), 500, 700, -1, -2, -20])
    def test_an_answer_cut_off(self, cut: int) -> None:
        with pytest.raises(TruncatedReply):
            split_reply(WHOLE.rstrip()[:cut])

    @pytest.mark.parametrize("cut", [400, 500, 600, 700, -20])
    def test_a_file_cut_off(self, cut: int) -> None:
        found, error = pieces_and_error(WHOLE[:cut])
        assert isinstance(error, TruncatedReply)
        assert found == PIECES[: len(found)]

    @pytest.mark.parametrize(
        "body",
        [
            b"<html><head></head><body>Bad Gateway</body></html>",
            b'<?xml version="1.0"?><!DOCTYPE html><html lang="en"><body/></html>',
            b'{"error":"API rate limit exceeded"}',
            b"<eSearchResult><Count>0</Count></eSearchResult>",
            b"<?xml version='1.0' encoding='klingon'?><PubmedArticleSet/>",
            A,
        ],
    )
    def test_something_else(self, body: bytes) -> None:
        with pytest.raises(ServiceDown) as caught:
            split_reply(body)
        assert not isinstance(caught.value, TruncatedReply)

    @pytest.mark.parametrize(
        "body",
        [
            b"<eFetchResult><ERROR>Unable to obtain query #1 &amp; more</ERROR></eFetchResult>",
            b"<PubmedArticleSet>" + A + b"<ERROR>\n Unable to obtain\nquery #1 &amp; more </ERROR>",
        ],
    )
    def test_an_error_in_pubmeds_own_words(self, body: bytes) -> None:
        with pytest.raises(EutilsError, match="Unable to obtain query #1 & more"):
            split_reply(body)

    def test_the_word_error_in_a_record_is_no_error(self) -> None:
        body = (
            b"<PubmedArticleSet>" + article(90000001, "<ERROR>x</ERROR>") + b"</PubmedArticleSet>"
        )
        assert len(split_reply(body)) == 1

    @pytest.mark.parametrize("data", [b"", b" \n ", PROLOG])
    def test_an_empty_file(self, data: bytes) -> None:
        with pytest.raises(ParseError):
            pieces_of(data)


@given(st.binary(max_size=400), st.integers(0, len(WHOLE)), st.integers(0, 40))
def test_any_damage_is_a_known_error(noise: bytes, at: int, gone: int) -> None:
    data = WHOLE[:at] + noise + WHOLE[at + gone :]
    for read in (split_reply, pieces_of):
        try:
            found = read(data)
        except HarvesterError:
            continue
        assert all(piece.data.startswith(b"<") for piece in found)


@given(st.binary(max_size=2000))
def test_any_bytes_are_a_known_error(data: bytes) -> None:
    for start in (b"", b"\x1f\x8b\x08", b"<PubmedArticleSet>"):
        with pytest.raises(HarvesterError):
            pieces_of(start + data)
