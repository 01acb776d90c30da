"""Records in the MEDLINE format beside the articles that they become."""

import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import ParseError, TruncatedReply
from harvester.pubmed.medline import read_medline, split_medline
from harvester.pubmed.records import (
    AbstractSection,
    Article,
    ArticleId,
    Author,
    Book,
    Correction,
    DataBank,
    Grant,
    HistoryDate,
    Investigator,
    Journal,
    Keyword,
    MeshHeading,
    OtherField,
    PubDate,
    PublicationType,
    Qualifier,
    Substance,
    Text,
)

WHOLE = """\
PMID- 90000201
OWN - NLM
STAT- MEDLINE
DA  - 20230102
DCOM- 20240305
LR  - 20240406
PUBM- Print-Electronic
IS  - 2999-0001 (Electronic)
IS  - 2999-0002 (Print)
IS  - 2999-0009 (Linking)
VI  - 12
IP  - 3 Suppl
DP  - 2024 Feb 9
TI  - [Ketamine in a teapot: a trial that needs a long title to be told on more than one
      line].
PG  - 117-26
LID - e77 [pii]
LID - 10.9999/tea.1 [doi]
LID - 386
AB  - AIM: To stir. METHODS:
      We stirred.
CI  - (c) 2024 The
      Kettles.
FAU - Kettle, Maria Q Jr
AU  - Kettle MQ Jr
AUID- ORCID: https://orcid.org/0000-0009-0000-1234
AUID- ISNI: 77
AD  - Tea House, Oslo,
      Norway.
AD  - Pot Lab, Bergen.
FAU - van der Pot, J
AU  - van der Pot J
CN  - The Kettle Group of All
      the North
AD  - Ward 9.
LA  - ENG
LA  - nor
SI  - ClinicalTrials.gov/NCT99999991
SI  - figshare
GR  - T 1/2/TE/Tea Council/Norway
GR  - 2024/01626-3/FAPESP
GR  - U50/CCU 1/PHS HHS/United States
GR  - Pot Fund
PT  - Journal Article
PT  - Randomized Controlled Trial
DEP - 20231231
TT  - Ketamin i en tekanne.
PL  - Norway
TA  - J Invent Psychiatry
JT  - Journal of Invented Psychiatry
JID - 999000001
RN  - 690G0D6V8H (Ketamine)
RN  - 0 (Tea (herbal) extract)
RN  - EC 1.2.3.4 (Kettlease)
RN  - TEA protocol
SB  - IM
SB  - N
CIN - J Tea. 2024 Mar;1(2):3. PMID: 90000299
EIN - J Tea. 2024 Apr;1(2):4
RIN - J Tea. 2025;2:1. doi: 10.9999/tea.9. PMID: 90000298
MH  - Kettles/*adverse effects/his
      tory
MH  - *Norway
MH  - Tea
GS  - kett1
RF  - 17
PS  - Potter B
FPS - Potter, Bea
OID - NLM: PMC99999991
OTO - NOTNLM
OT  - N-methyl
OT  - *a keyword of many
      words
OTO - NASA
OT  - Orbit
OAB - Publisher: Abstract available from the
      publisher.
OABL- nor
OCI - Alle.
COIS- None
      whatever.
SFM - STS-999
IR  - Member A 3rd
FIR - Member, Ann 3rd
AUID- ORCID: 0000-0009-0000-5678
IRAD- Ward 8.
IR  - Loose
GN  - PIP: TJ: TEA
PMC - PMC99999991
MID - NIHMS999
EDAT- 2024/02/10 06:00
MHDA- 2024/03/05 06:01
CRDT- 2024/02/10 05:00
PHST- 2023/01/02 00:00 [received]
PHST- 2024/02/10 06:00 [pubmed]
PHST- 2015 [ecollection]
PHST- -0001/11/30 [revised]
PMCR- 2024/06/01
AID - 10.9999/tea.1 [doi]
AID - S1 (2) [3] [pii]
PST - ppublish
SO  - J Invent Psychiatry. 2024 Feb 9;12(3 Suppl):117-26.
XYZ - new to us
"""


def read(text: str) -> Article:
    return read_medline(text.encode())[0]


def test_a_record_with_everything() -> None:
    assert read(WHOLE) == Article(
        pmid=90000201,
        title=Text(
            plain=(
                "[Ketamine in a teapot: a trial that needs a long title to be told on more"
                " than one line]."
            )
        ),
        vernacular_title=Text(plain="Ketamin i en tekanne."),
        abstract=(
            AbstractSection(
                text=Text(plain="AIM: To stir. METHODS: We stirred."),
                copyright="(c) 2024 The Kettles.",
            ),
            AbstractSection(
                text=Text(plain="Abstract available from the publisher."),
                type="Publisher",
                language="nor",
                copyright="Alle.",
            ),
        ),
        authors=(
            Author(
                last_name="Kettle",
                fore_name="Maria Q",
                initials="MQ",
                suffix="Jr",
                orcid="0000-0009-0000-1234",
                identifiers=(("ISNI", "77"),),
                affiliations=(
                    Text(plain="Tea House, Oslo, Norway."),
                    Text(plain="Pot Lab, Bergen."),
                ),
            ),
            Author(last_name="van der Pot", fore_name="J", initials="J"),
            Author(
                collective=Text(plain="The Kettle Group of All the North"),
                affiliations=(Text(plain="Ward 9."),),
            ),
        ),
        investigators=(
            Investigator(
                last_name="Member",
                fore_name="Ann",
                initials="A",
                suffix="3rd",
                orcid="0000-0009-0000-5678",
                affiliations=(Text(plain="Ward 8."),),
            ),
            Investigator(last_name="Loose"),
        ),
        journal=Journal(
            title="Journal of Invented Psychiatry",
            medline_ta="J Invent Psychiatry",
            nlm_id="999000001",
            issn="2999-0001",
            issn_type="Electronic",
            issn_linking="2999-0009",
            country="Norway",
        ),
        volume="12",
        issue="3 Suppl",
        pages="117-26",
        published=PubDate(iso="2024-02-09", printed="2024 Feb 9"),
        dates=(
            HistoryDate(kind="created", iso="2023-01-02"),
            HistoryDate(kind="completed", iso="2024-03-05"),
            HistoryDate(kind="revised", iso="2024-04-06"),
            HistoryDate(kind="article-Electronic", iso="2023-12-31"),
            HistoryDate(kind="received", iso="2023-01-02", time="00:00"),
            HistoryDate(kind="pubmed", iso="2024-02-10", time="06:00"),
            HistoryDate(kind="ecollection", iso="2015"),
            HistoryDate(kind="entrez", iso="2024-02-10", time="05:00"),
            HistoryDate(kind="medline", iso="2024-03-05", time="06:01"),
            HistoryDate(kind="pmc-release", iso="2024-06-01"),
        ),
        languages=("eng", "nor"),
        publication_types=(
            PublicationType(name="Journal Article"),
            PublicationType(name="Randomized Controlled Trial"),
        ),
        mesh=(
            MeshHeading(name="TEA protocol", kind="supplementary"),
            MeshHeading(
                name="Kettles",
                major=True,
                qualifiers=(
                    Qualifier(name="adverse effects", major=True),
                    Qualifier(name="his tory"),
                ),
            ),
            MeshHeading(name="Norway", major=True, descriptor_major=True),
            MeshHeading(name="Tea"),
        ),
        substances=(
            Substance(name="Ketamine", registry_number="690G0D6V8H"),
            Substance(name="Tea (herbal) extract", registry_number="0"),
            Substance(name="Kettlease", registry_number="EC 1.2.3.4"),
        ),
        keywords=(
            Keyword(text=Text(plain="N-methyl"), owner="NOTNLM"),
            Keyword(text=Text(plain="a keyword of many words"), major=True, owner="NOTNLM"),
            Keyword(text=Text(plain="Orbit"), owner="NASA"),
        ),
        grants=(
            Grant(grant_id="T 1/2", acronym="TE", agency="Tea Council", country="Norway"),
            Grant(grant_id="2024/01626-3", agency="FAPESP"),
            Grant(grant_id="U50/CCU 1", agency="PHS HHS", country="United States"),
            Grant(agency="Pot Fund"),
        ),
        data_banks=(DataBank(name="ClinicalTrials.gov", accession="NCT99999991"),),
        corrections=(
            Correction(kind="CommentIn", pmid=90000299, source="J Tea. 2024 Mar;1(2):3"),
            Correction(kind="ErratumIn", source="J Tea. 2024 Apr;1(2):4"),
            Correction(
                kind="RetractionIn", pmid=90000298, source="J Tea. 2025;2:1. doi: 10.9999/tea.9"
            ),
        ),
        ids=(
            ArticleId(kind="pubmed", value="90000201"),
            ArticleId(kind="pii", value="e77", source="ELocationID"),
            ArticleId(kind="doi", value="10.9999/tea.1", source="ELocationID"),
            ArticleId(kind="pmc", value="PMC99999991"),
            ArticleId(kind="mid", value="NIHMS999"),
            ArticleId(kind="doi", value="10.9999/tea.1"),
            ArticleId(kind="pii", value="S1 (2) [3]"),
        ),
        coi_statement=Text(plain="None whatever."),
        citation_subsets=("IM", "N"),
        status="MEDLINE",
        owner="NLM",
        publication_model="Print-Electronic",
        publication_status="ppublish",
        other=(
            OtherField(name="ISSN", value="2999-0002", attributes=(("IssnType", "Print"),)),
            OtherField(name="ELocationID", value="386"),
            OtherField(name="DataBank", value="figshare"),
            OtherField(name="GeneSymbol", value="kett1"),
            OtherField(name="NumberOfReferences", value="17"),
            OtherField(name="OtherID", value="PMC99999991", attributes=(("Source", "NLM"),)),
            OtherField(name="SpaceFlightMission", value="STS-999"),
            OtherField(name="GeneralNote", value="TJ: TEA", attributes=(("Owner", "PIP"),)),
            OtherField(
                name="date", value="-0001/11/30", attributes=(("kind", "manuscript-revised"),)
            ),
            OtherField(name="SO", value="J Invent Psychiatry. 2024 Feb 9;12(3 Suppl):117-26."),
            OtherField(name="XYZ", value="new to us"),
            OtherField(
                name="PersonalNameSubject",
                value="Potter B",
                attributes=(("LastName", "Potter"), ("ForeName", "Bea"), ("Initials", "B")),
            ),
        ),
    )
    assert read(WHOLE).retracted


def test_a_chapter_of_a_book() -> None:
    article = read("""\
PMID- 90000202
STAT- Publisher
DRDT- 20230405
CTDT- 20200203
PB  - Tea Press
DP  - 2019
TI  - Ketamine and tea
BTI - The Book of Tea
VTI - On Cups
CTI - Drinks
EN  - 2nd
CP  - 4
ISBN- 9999999999991
ISBN- 9999999999992
AB  - Short.
FED - Editor, Eve
ED  - Editor E
FAU - Writer, W
AU  - Writer W
AD  - Room 1.
LA  - eng
PT  - Review
PT  - Book Chapter
PL  - Oslo (NO)
EDAT- 2020/02/04 00:00
CRDT- 2020/02/04 00:00
AID - NBK999999 [bookaccession]
""")
    assert article.title == Text(plain="Ketamine and tea")
    assert article.authors == (
        Author(
            last_name="Writer", fore_name="W", initials="W", affiliations=(Text(plain="Room 1."),)
        ),
        Author(last_name="Editor", fore_name="Eve", initials="E", role="editor"),
    )
    assert article.book == Book(
        title=Text(plain="The Book of Tea"),
        publisher="Tea Press",
        publisher_location="Oslo (NO)",
        published=PubDate(iso="2019", printed="2019"),
        contribution=PubDate(iso="2020-02-03", printed="2020 Feb 3"),
        edition="2nd",
        volume_title=Text(plain="On Cups"),
        collection_title=Text(plain="Drinks"),
        isbns=("9999999999991", "9999999999992"),
        location_labels=(("chapter", "4"),),
    )
    assert article.journal is None
    assert article.published == PubDate(iso="2020-02-03", printed="2020 Feb 3")
    assert article.date("revised") == "2023-04-05"
    assert article.id("bookaccession") == "NBK999999"
    assert article.other == ()


def test_a_whole_book() -> None:
    article = read("PMID- 90000203\nDP  - 2011\nBTI - Pots\nPL  - Oslo\n")
    assert article.title == Text(plain="Pots")
    assert article.published == PubDate(iso="2011", printed="2011")


class TestPeople:
    def authors(self, lines: str) -> tuple[Author, ...]:
        return read(f"PMID- 90000204\n{lines}\n").authors

    def test_short_names_alone(self) -> None:
        authors = self.authors("AU  - Old A\nAU  - de la Mer BC Sr\nAU  - Plato\nAU  - Ó Í")
        assert [(a.last_name, a.initials, a.suffix, a.name) for a in authors] == [
            ("Old", "A", None, "Old A"),
            ("de la Mer", "BC", "Sr", "de la Mer BC Sr"),
            ("Plato", None, None, "Plato"),
            ("Ó", "Í", None, "Ó Í"),
        ]

    def test_full_names_alone(self) -> None:
        authors = self.authors("FAU - New, Ann\nFAU - Other, Bob\nFAU - Plato")
        assert [(a.last_name, a.fore_name) for a in authors] == [
            ("New", "Ann"),
            ("Other", "Bob"),
            ("Plato", None),
        ]

    def test_one_affiliation_before_all_authors(self) -> None:
        authors = self.authors("AD  - Old Town.\nFAU - Eldest, A\nAU  - Eldest A\nAU  - Younger B")
        assert [a.affiliations for a in authors] == [(Text(plain="Old Town."),), ()]

    def test_an_affiliation_of_nobody(self) -> None:
        article = read("PMID- 90000205\nAD  - Nowhere.\n")
        assert article.authors == ()
        assert article.other == (OtherField(name="AD", value="Nowhere."),)

    def test_a_short_name_that_is_written_otherwise(self) -> None:
        (author,) = self.authors("FAU - Müller-Lüdenscheidt, Jörg\nAU  - Mueller J")
        assert (author.last_name, author.initials) == ("Müller-Lüdenscheidt", "J")


class TestHash:
    def test_the_breaks_of_lines_do_not_change_it(self) -> None:
        once = b"PMID- 90000206\nTI  - One two three.\nAU  - Pot A\n"
        again = b"PMID- 90000206\r\nTI  - One\r\n      two  \r\n      three.\r\nAU  - Pot A\r\n\r\n"
        assert read_medline(once) == read_medline(again)

    @pytest.mark.parametrize("new", [b"TI  - One too.", b"TT  - One two.", b"AU  - Pot B"])
    def test_any_change_does(self, new: bytes) -> None:
        old = b"PMID- 90000206\nTI  - One two.\n"
        assert read_medline(old)[1] != read_medline(b"PMID- 90000206\n" + new + b"\n")[1]


class TestSplit:
    ONE = b"PMID- 90000211\nTI  - One.\n      More.\n"
    TWO = b"PMID- 90000212\nTI  - Two.\n"

    def split(self, data: bytes) -> list[bytes]:
        return list(split_medline(io.BytesIO(data)))

    def test_records(self) -> None:
        assert self.split(b"\n" + self.ONE + b"\n" + self.TWO) == [self.ONE, self.TWO]
        assert self.split(self.ONE + self.TWO + b"\n\n\n") == [self.ONE, self.TWO]
        assert self.split(self.TWO.rstrip()) == [self.TWO.rstrip()]
        assert self.split(b"") == []

    def test_files_of_other_systems(self) -> None:
        windows = (self.ONE + b"\n" + self.TWO).replace(b"\n", b"\r\n")
        found = self.split(b"\xef\xbb\xbf" + windows)
        assert [read_medline(data)[0].pmid for data in found] == [90000211, 90000212]
        assert self.split(gzip.compress(self.ONE + self.TWO)) == [self.ONE, self.TWO]

    def test_blank_lines_within_a_record(self) -> None:
        (found,) = self.split(self.ONE + b"\nAU  - Pot A\n      \n      B\n")
        assert read_medline(found)[0].authors[0].name == "Pot A B"

    def test_long_lines_and_small_reads(self) -> None:
        long = b"PMID- 90000213\nAB  - " + b"word " * 200_000 + b"\n"
        assert self.split(long + self.TWO) == [long, self.TWO]

    @pytest.mark.parametrize("stray", [b"# notes\n", b"```\n        code\n", b"<xml/>\n"])
    def test_what_does_not_belong_is_said_at_the_end(self, stray: bytes) -> None:
        found: list[bytes] = []
        with pytest.raises(ParseError, match=stray.split()[0].decode()):
            found.extend(split_medline(io.BytesIO(self.ONE + b"\n" + stray + b"\n" + self.TWO)))
        assert found == [self.ONE, self.TWO]

    def test_a_file_cut_off(self) -> None:
        with pytest.raises(TruncatedReply):
            self.split(gzip.compress(self.ONE)[:-5])

    @pytest.mark.parametrize("line", [b"AB  - " + b"x" * 900, b"AU  - A\n" * 120])
    def test_absurd_sizes(self, line: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("harvester.pubmed.medline._LARGEST_RECORD", 800)
        with pytest.raises(ParseError, match="larger"):
            self.split(self.TWO + line)


class TestErrors:
    @pytest.mark.parametrize(
        ("data", "pmid"),
        [
            (b"", None),
            (b"\n\n", None),
            (b"      continued\n", None),
            (b"TI  - No number.\n", None),
            (b"PMID- none\nTI  - x\n", None),
            (b"PMID- 0\n", None),
            (b"PMID- 1234567890\n", None),
            (b"PMID- 90000221\nTI  - caf\xe9\n", 90000221),
        ],
    )
    def test_an_unreadable_record_says_its_pmid(self, data: bytes, pmid: int | None) -> None:
        with pytest.raises(ParseError) as caught:
            read_medline(data)
        assert caught.value.pmid == pmid

    @given(st.data())
    def test_any_damage_is_a_known_error(self, data: st.DataObject) -> None:
        whole = WHOLE.encode()
        at = data.draw(st.integers(0, len(whole)))
        gone = data.draw(st.integers(0, 60))
        noise = data.draw(st.binary(max_size=30))
        try:
            article, _ = read_medline(whole[:at] + noise + whole[at + gone :])
        except ParseError:
            return
        assert article.pmid > 0


def test_real_files_hold_what_their_list_says(shared_data: Path) -> None:
    expected = {"rct-screening-mix.txt.gz": 617, "retractions.txt.gz": 1069, "mixed.txt.gz": 470}
    for name, count in expected.items():
        found: list[bytes] = []
        with (shared_data / "pubmed/medline" / name).open("rb") as stream:
            if name == "mixed.txt.gz":  # somebody's notes stand at its end
                with pytest.raises(ParseError, match="```"):
                    found.extend(split_medline(stream))
            else:
                found.extend(split_medline(stream))
        assert len(found) == count
        assert len({read_medline(data)[0].pmid for data in found}) == count
