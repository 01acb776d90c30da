"""The built-in sample: made the same everywhere, read by everybody, mistaken for nothing real."""

import gzip
import io
import re
import shutil
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from Bio import Entrez

from harvester.pubmed.parse import read_record
from harvester.pubmed.records import Article
from harvester.pubmed.split import split_stream
from harvester.topics import load_topics
from tests.conftest import ROOT

SAMPLE = ROOT / "data/sample.xml.gz"
MARK = "Invented record of the sample library, not a real study."
FIRST_PMID = 90_000_000
# Near misses that no topic finds: a kidney study under anaesthesia, and another kind of TRD.
FOUND_BY_NONE = {"Renal blood flow", "tractional retinal detachment"}
BACK = {
    "RetractionIn": "RetractionOf",
    "ExpressionOfConcernIn": "ExpressionOfConcernFor",
    "ErratumIn": "ErratumFor",
    "CorrectedandRepublishedIn": "CorrectedandRepublishedFrom",
    "CommentIn": "CommentOn",
    "UpdateIn": "UpdateOf",
    "SummaryForPatientsIn": "OriginalReportIn",
}


@pytest.fixture(scope="module")
def xml() -> bytes:
    return gzip.decompress(SAMPLE.read_bytes())


@pytest.fixture(scope="module")
def articles(xml: bytes) -> list[Article]:
    return [read_record(piece.data)[0] for piece in split_stream(io.BytesIO(xml))]


@pytest.fixture(scope="module")
def by_pmid(articles: list[Article]) -> dict[int, Article]:
    return {article.pmid: article for article in articles}


def abstracts(articles: list[Article]) -> Iterator[tuple[Article, str]]:
    return ((article, text) for article in articles if (text := article.abstract_text))


def years(article: Article) -> int:
    published = article.published or (article.book.published if article.book else None)
    assert published is not None
    assert published.year is not None
    return published.year


# ---------------------------------------------------------------- how it is made


@pytest.mark.parametrize("seed", ["1", "2"])
def test_it_is_made_again_byte_for_byte(tmp_path: Path, xml: bytes, seed: str) -> None:
    folder = tmp_path / "data"
    shutil.copytree(ROOT / "data/sample", folder / "sample")
    shutil.copy(ROOT / "data/make_sample.py", folder)
    # Without site-packages (-S), in a bare locale, with another order of hashes, elsewhere.
    environment = {"PYTHONHASHSEED": seed, "LC_ALL": "C", "TZ": "Pacific/Apia"}
    command = [sys.executable, "-S", folder / "make_sample.py"]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    made = (folder / "sample.xml.gz").read_bytes()
    assert gzip.decompress(made) == xml
    if "zlib-ng" not in zlib.ZLIB_RUNTIME_VERSION:  # which packs the same bytes in another way
        assert made == SAMPLE.read_bytes()


def test_a_file_that_is_up_to_date_is_left_alone(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data/sample", tmp_path / "sample")
    for name in ("make_sample.py", "sample.xml.gz"):
        shutil.copy(ROOT / "data" / name, tmp_path)
    # Packed by another library, say: other bytes of the same text.
    other = gzip.compress(gzip.decompress(SAMPLE.read_bytes()), compresslevel=1, mtime=0)
    (tmp_path / "sample.xml.gz").write_bytes(other)
    subprocess.run([sys.executable, tmp_path / "make_sample.py"], check=True, capture_output=True)
    assert (tmp_path / "sample.xml.gz").read_bytes() == other


def test_the_file_is_small_and_says_nothing_of_its_making() -> None:
    packed = SAMPLE.read_bytes()
    assert len(packed) < 300_000
    assert packed[3:8] == bytes(5), "no name, and no time, in gzip's header"


# ---------------------------------------------------------------- who can read it


def test_biopython_reads_it_against_the_dtd(xml: bytes) -> None:
    read = Entrez.read(io.BytesIO(xml), validate=True)
    assert len(read["PubmedArticle"]) > 380
    assert len(read["PubmedBookArticle"]) == 4


def test_our_parser_has_a_place_for_everything(articles: list[Article]) -> None:
    known = {"StartPage", "EndPage"}
    # A link to a later version of a preprint keeps that version's number.
    known.add("MedlineCitation/CommentsCorrectionsList/CommentsCorrections/PMID")
    assert {other.name for article in articles for other in article.other} <= known
    assert len({article.pmid for article in articles}) == len(articles)


def test_each_record_is_found_by_a_topic_or_a_known_near_miss(articles: list[Article]) -> None:
    topics = load_topics()
    queries = [topics.parsed(topic) for topic in topics]
    for query in queries:
        assert sum(query.matches(article) for article in articles) > 100
    lost = [
        article.title.plain
        for article in articles
        if not any(query.matches(article) for query in queries)
    ]
    assert len(lost) == len(FOUND_BY_NONE)
    assert all(any(words in title for title in lost) for words in FOUND_BY_NONE)


# ---------------------------------------------------------------- nothing in it is real


def test_no_number_is_anybodys(xml: bytes, articles: list[Article]) -> None:
    text = xml.decode()
    assert min(map(int, re.findall(r"<PMID[^>]*>(\d+)<", text))) > FIRST_PMID
    assert all(doi.startswith("10.5555/") for doi in re.findall(r"\b10\.\d{4,}/\S+", text))
    assert all(int(number) >= 90_000_000 for number in re.findall(r"NCT(\d{8})", text))
    assert all(int(number) >= 90_000_000 for number in re.findall(r"PMC(\d+)", text))
    assert all(bank.accession.lstrip("ACDHIKLNRSTUhijt").startswith("9") for article in articles
               for bank in article.data_banks)  # fmt: skip


def test_no_issn_has_a_true_check_digit(articles: list[Article]) -> None:
    issns = {article.journal.issn for article in articles if article.journal}
    for issn in filter(None, issns):
        digits = [10 if digit == "X" else int(digit) for digit in issn.replace("-", "")]
        weights = range(8, 0, -1)
        assert sum(n * weight for n, weight in zip(digits, weights, strict=True)) % 11 != 0, issn


def test_an_orcid_is_well_formed_and_beyond_what_orcid_assigns(articles: list[Article]) -> None:
    orcids = {author.orcid for article in articles for author in article.authors if author.orcid}
    assert orcids
    for orcid in orcids:
        assert re.fullmatch(r"(\d{4}-){3}\d{3}[\dX]", orcid)
        total = 0
        for digit in orcid.replace("-", "")[:-1]:
            total = (total + int(digit)) * 2
        assert "0123456789X"[(12 - total % 11) % 11] == orcid[-1]
        assert orcid > "0009-0010-0000-0000"


def test_every_abstract_and_journal_says_that_it_is_invented(articles: list[Article]) -> None:
    for article in articles:
        where = article.journal.title if article.journal else article.book.title.plain
        assert "sample data" in where
        if article.own_abstract:
            assert article.own_abstract[-1].text.plain.endswith(MARK), article.pmid
        for section in article.abstract:
            if section.type == "plain-language-summary":
                assert section.text.plain.startswith("In this invented study")


# ---------------------------------------------------------------- it agrees with itself


def test_no_two_abstracts_are_the_same(articles: list[Article]) -> None:
    texts = Counter(text for _, text in abstracts(articles))
    titles = Counter(article.title.plain for article in articles)
    assert texts.most_common(1)[0][1] == 1
    assert titles.most_common(1)[0][1] == 1


def test_no_gap_of_the_grammar_is_left(articles: list[Article]) -> None:
    for article in articles:
        text = f"{article.title.plain}\n{article.abstract_text or ''}"
        assert not re.search(r"[{}|]|\(\)|  |\.\.|\bNone\b|#\d|&[a-z]+;", text), article.pmid


def test_percentages_are_those_of_their_counts(articles: list[Article]) -> None:
    seen = 0
    for article, text in abstracts(articles):
        for part, whole, percent in re.findall(r"(\d+) of (\d+) \((\d+)%\)", text):
            assert 0 <= int(part) <= int(whole), article.pmid
            assert int(percent) == round(100 * int(part) / int(whole)), article.pmid
            seen += 1
    assert seen > 300


def test_groups_add_up_to_all(articles: list[Article]) -> None:
    seen = 0
    for article, text in abstracts(articles):
        arms = re.search(r"\(n = (\d+)\).*?\(n = (\d+)\)", text)
        total = re.search(r"(?<![\d.])([\d,]{2,}) [a-z-]+[^.]{0,200}?random", text)
        if arms and total and "animals" not in text and "cross" not in text:
            assert int(arms[1]) + int(arms[2]) == int(total[1].replace(",", "")), article.pmid
            seen += 1
    assert seen > 10


def test_intervals_hold_their_estimate_and_agree_with_p(articles: list[Article]) -> None:
    number = r"([-−]?\d+\.\d+)"
    interval = re.compile(
        rf"{number}(?: points(?: in favour of [^(]+)?)?[ ,;(]+95% CI {number} to {number}"
        r"(?:\)?[;,] p ([<=]) (\d\.\d+))?"
    )
    seen = 0
    for article, text in abstracts(articles):
        for *numbers, sign, p in interval.findall(text):
            middle, low, high = (float(number.replace("−", "-")) for number in numbers)
            assert low <= middle <= high, article.pmid
            if p:
                clear = sign == "<" or float(p) < 0.05
                assert clear == (low > 0 or high < 0), article.pmid
            seen += 1
    assert seen > 60


def test_a_trial_has_one_number_through_protocol_result_and_analysis(
    articles: list[Article],
) -> None:
    trials: dict[str, list[Article]] = {}
    for article in articles:
        for bank in article.data_banks:
            trials.setdefault(bank.accession, []).append(article)
    families = [family for family in trials.values() if len(family) > 1]
    assert len(families) >= 10
    kinds = [{t.name for article in family for t in article.publication_types}
             for family in families]  # fmt: skip
    assert sum("Clinical Trial Protocol" in names for names in kinds) >= 8
    for accession, family in trials.items():
        for article in family:
            named = re.findall(r"NCT\d{8}", article.abstract_text or "")
            assert set(named) <= {accession}, article.pmid


# ---------------------------------------------------------------- links


def test_links_go_both_ways(by_pmid: dict[int, Article]) -> None:
    seen = Counter[str]()
    for article in by_pmid.values():
        for link in article.corrections:
            assert link.pmid in by_pmid, article.pmid
            other = by_pmid[link.pmid]
            answers = {(answer.kind, answer.pmid) for answer in other.corrections}
            if link.kind in BACK:
                assert (BACK[link.kind], article.pmid) in answers, article.pmid
                assert other.pmid > article.pmid, "what answers comes later"
            seen[link.kind] += 1
    assert set(BACK) | set(BACK.values()) == set(seen)
    assert 3 <= seen["RetractionIn"] <= 4


def test_what_is_retracted_says_so_and_its_notice_is_no_study(by_pmid: dict[int, Article]) -> None:
    retracted = [article for article in by_pmid.values() if article.retracted]
    notices = [article for article in by_pmid.values() if article.retraction_notice]
    assert len(retracted) == len(notices) >= 3
    for article in retracted:
        assert "Retracted Publication" in {t.name for t in article.publication_types}
    for notice in notices:
        assert "[This retracts the article DOI: 10.5555/" in (notice.abstract_text or "")
        assert not notice.retracted
    cited = {reference.pmid for article in by_pmid.values() for reference in article.references}
    assert any(article.pmid in cited for article in retracted), "reviews cite some of them"


def test_references_resolve_and_point_back_in_time(by_pmid: dict[int, Article]) -> None:
    resolved = outside = 0
    for article in by_pmid.values():
        for reference in article.references:
            if reference.pmid is None:
                outside += 1
                continue
            assert reference.pmid in by_pmid, article.pmid
            assert reference.pmid != article.pmid
            resolved += 1
    assert resolved > 400
    assert outside > 5


# ---------------------------------------------------------------- the spread of the literature


def test_the_years_grow_like_the_literature(articles: list[Article]) -> None:
    by_year = Counter(years(article) for article in articles)
    assert set(by_year) == set(range(1995, 2027))
    early = sum(by_year[year] for year in range(1995, 2010))
    middle = sum(by_year[year] for year in range(2010, 2018))
    late = sum(by_year[year] for year in range(2018, 2027))
    assert early < middle < late


def test_designs_languages_and_states_are_spread(articles: list[Article]) -> None:
    assert 380 <= len(articles) <= 450
    types = Counter(t.name for article in articles for t in article.publication_types)
    for name, least in {
        "Randomized Controlled Trial": 50, "Clinical Trial": 10, "Observational Study": 10,
        "Case Reports": 20, "Systematic Review": 20, "Meta-Analysis": 15, "Review": 30,
        "Network Meta-Analysis": 4, "Practice Guideline": 5, "Clinical Trial Protocol": 10,
        "Editorial": 10, "Letter": 10, "Comment": 10, "Preprint": 3, "Published Erratum": 3,
        "Expression of Concern": 2, "Corrected and Republished Article": 1, "English Abstract": 10,
    }.items():  # fmt: skip
        assert types[name] >= least, name
    languages = Counter(language for article in articles for language in article.languages)
    assert {"eng", "spa", "fre", "ger", "chi", "jpn", "por"} <= set(languages)
    others = [article for article in articles if "eng" not in article.languages]
    assert len(others) >= 15
    assert all(article.vernacular_title for article in others)
    assert all(article.title.plain.startswith("[") for article in others)
    states = Counter(article.status for article in articles)
    assert {
        "MEDLINE", "PubMed-not-MEDLINE", "Publisher", "In-Process", "In-Data-Review",
    } <= set(states)  # fmt: skip
    assert not any(article.mesh for article in articles if article.status != "MEDLINE")
    assert sum(not article.abstract_text for article in articles) >= 25


def test_the_shapes_of_real_records_are_there(articles: list[Article]) -> None:
    printed = [article.published.printed for article in articles if article.published]
    groups = [author for article in articles for author in article.authors if author.collective]
    assert any(re.search(r"[A-Z][a-z]{2}-[A-Z][a-z]{2}", words) for words in printed)
    assert any("Winter" in words for words in printed)
    assert any(article.title.markup for article in articles)
    assert len(groups) >= 10
    assert any(article.investigators for article in articles)
    assert any(author.suffix for article in articles for author in article.authors)
    assert any(len(a.affiliations) > 1 for article in articles for a in article.authors)
    assert any(article.grants for article in articles)
    assert any(article.coi_statement for article in articles)
    assert any(article.version > 1 for article in articles)
    assert any(article.id("pmc") for article in articles)
    assert any(s.type == "Publisher" for article in articles for s in article.abstract)
    assert any(m.major and m.qualifiers for article in articles for m in article.mesh)
    # Articles that PubMed took in years later, under their old date.
    assert any(
        (article.date("pubmed") or "")[:4] > (article.date("entrez") or "")[:4]
        for article in articles
    )


WORDS = """
    ketamine, esketamine, arketamine, hydroxynorketamine
    intravenous, nasal spray, intramuscular, subcutaneous, sublingual, by mouth, i\\.p\\.
    0\\.5 mg/kg, 0·5 mg/kg, over 40 min
    midazolam, saline, electroconvulsive, quetiapine, lithium
    treatment-resistant depression, bipolar, suicidal ideation, PTSD, obsessive-compulsive
    chronic pain, adolescents, older adults, veterans, caesarean, mice, rats
    MADRS, HAM-D, CADSS, PHQ-9, QIDS-SR, BDI-II, EPDS
    Dissociation, blood pressure, cystitis, There was no case of, hallucinations, misuse
    mTORC1, AMPA, BDNF, opioid, habenula
    did not differ, not superior, not met, noninferior
"""


@pytest.mark.parametrize("words", re.split(r"[,\n] *", WORDS.strip()))
def test_the_vocabulary_is_met_more_than_once(articles: list[Article], words: str) -> None:
    assert words
    assert sum(bool(re.search(words, text)) for _, text in abstracts(articles)) >= 2
