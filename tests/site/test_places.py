"""Pages of authors, journals, headings, substances and trials: what they say and promise."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from harvester.library import runs, store
from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.pubmed.records import (
    Article,
    Author,
    Correction,
    DataBank,
    Journal,
    MeshHeading,
    PubDate,
    PublicationType,
    Qualifier,
    Substance,
    Text,
)
from harvester.site.links import (
    author_path,
    journal_path,
    mesh_path,
    substance_path,
    trial_path,
    unsegment,
)
from tests.library.articles import NOW, article, stored
from tests.site import shelf
from tests.site.conftest import Get, getter, serve
from tests.site.test_pages import Inspector, words

FIRST = 91_000_301
QUILL = "0000-0002-1825-0097"
OTHER_QUILL = "0000-0001-5109-3700"
TRIAL = "NCT90000123"
JOURNAL = Journal(
    title="Journal of Samples",
    abbreviation="J Samples",
    medline_ta="J Sampl",
    nlm_id="9900001",
    issn="1234-5679",
    issn_linking="1234-5678",
    country="Nowhere",
)
RENUMBERED = Journal(title="Annals of Samples", abbreviation="Ann Sampl", nlm_id="9900002")
OLD_NUMBER = Journal(title="Annals of Samples", abbreviation="Ann Sampl", nlm_id="9900003")
ODD_NAMES = (
    "O'Müller-Ñ K",
    "A/B & C? Study Group #1, 100%",
    "..",
    "Team_One.",
    "x<script>alert(1)</script>",
    "样本 研究组",
    "team_one.",
    "TeamXOne.",
)


def types(*names: str) -> tuple[PublicationType, ...]:
    return tuple(PublicationType(name=name) for name in names)


def quill(n: int) -> Author:
    """Printed in two ways by one person, and in one way by two people."""
    return Author(
        last_name="Quill",
        fore_name="Ada" if n % 2 else "Ada B",
        initials="A" if n % 2 else "AB",
        orcid=QUILL if n < 6 else OTHER_QUILL if n == 7 else None,
        affiliations=(
            Text(plain=f"Institute {n // 10}, Nowhere. Electronic address: ada@samples.example."),
        ),
    )


def ketamine(n: int) -> MeshHeading:
    star = n % 3 == 0
    return MeshHeading(
        name="Ketamine",
        ui="D007649",
        major=star,
        qualifiers=(
            Qualifier(name="adverse effects", ui="Q000009"),
            Qualifier(name="therapeutic use", ui="Q000627", major=star),
        )
        if n % 2 == 0
        else (),
        descriptor_major=False,
    )


def records() -> Iterator[Article]:
    """Thirty of one author and journal; then a trial's; then odd ones."""
    for n in range(30):
        yield article(
            FIRST + n,
            title=Text(plain=f"Sample study {n}"),
            authors=(
                quill(n),
                *((Author(last_name="Helper", initials="H"),) if n < 3 else ()),
                *((Author(collective=Text(plain=ODD_NAMES[n])),) if n < len(ODD_NAMES) else ()),
            ),
            journal=JOURNAL,
            published=PubDate(iso=f"{2000 + n % 10}-05", printed=str(2000 + n % 10)),
            mesh=(
                ketamine(n),
                MeshHeading(name="Humans", ui="D006801"),
                *((MeshHeading(name="Depression", ui="D003863"),) if n < 12 else ()),
                *((MeshHeading(name="Nameless, Sample"),) if n < 2 else ()),
            ),
            substances=(
                Substance(name="Ketamine", ui="D007649", registry_number="690G0D6V8H"),
                *((Substance(name="Samplin", registry_number="0"),) if n == 0 else ()),
            ),
            publication_types=types("Journal Article", *(("Review",) if n < 4 else ())),
            data_banks=(),
            corrections=(Correction(kind="RetractionIn", pmid=1, source="J Samples. 2025"),)
            if n == 5
            else (),
        )
    trial = {"journal": RENUMBERED, "authors": (Author(last_name="Tester", initials="T"),)}
    number = DataBank(name="ClinicalTrials.gov", accession=TRIAL)
    for n, (title, kinds, year) in enumerate(
        (
            ("What we are going to do", ("Clinical Trial Protocol",), 2019),
            ("What we found", ("Randomized Controlled Trial",), 2021),
            ("Post hoc look at what we found", ("Randomized Controlled Trial",), 2022),
            ("A review of such trials", ("Meta-Analysis", "Systematic Review"), 2023),
            ("That trial again", ("Letter", "Comment"), 2021),
            ("Something without a type", ("Journal Article",), 2018),
        )
    ):
        yield article(
            FIRST + 100 + n,
            title=Text(plain=title),
            published=PubDate(iso=str(year), printed=str(year)),
            publication_types=types(*kinds),
            data_banks=(number, DataBank(name="ISRCTN", accession="ISRCTN90000001"))
            if n == 3
            else (number,),
            corrections=(),
            **trial,
        )
    yield article(
        FIRST + 200,
        title=Text(plain="A word on what they found"),
        journal=OLD_NUMBER,
        publication_types=types("Editorial"),
        data_banks=(),
        corrections=(Correction(kind="CommentOn", pmid=FIRST + 101, source="Ann Sampl. 2021"),),
    )
    yield article(
        FIRST + 201,
        title=Text(plain="A plan only"),
        publication_types=types("Clinical Trial Protocol"),
        data_banks=(DataBank(name="CTRI", accession="CTRI/2020/01/000001"),),
        corrections=(),
    )
    yield article(
        FIRST + 202,
        title=Text(plain="Found, and taken back"),
        publication_types=types("Randomized Controlled Trial", "Retracted Publication"),
        data_banks=(DataBank(name="CTRI", accession="CTRI/2020/01/000002"),),
        corrections=(Correction(kind="RetractionIn", pmid=1, source="J Samples. 2025"),),
    )


def make_library(path: Path, *, backwards: bool = False) -> None:
    """The same records in either order: numbers of rows differ, addresses must not."""
    connection = open_library(path).conn
    made = list(records())
    with transaction(connection):
        store.claim(connection, "real", path)
        run_id = runs.start(
            connection,
            command="load",
            topic="all",
            now=datetime(2026, 11, 1, 2, tzinfo=UTC),
            version="0",
            source="sample.xml",
        )
        batch = [stored(a) for a in (reversed(made) if backwards else made)]
        store.store(connection, batch, run_id=run_id, now=NOW)
    connection.close()
    shelf.add_records(path)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("places") / "literature.db"
    make_library(path)
    return path


@pytest.fixture(scope="module")
def get(library: Path) -> Get:
    return getter(serve(library))


@pytest.fixture
def connection(library: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{library}?mode=ro", uri=True)) as opened:
        yield opened


def page(get: Get, path: str, status: int = 200) -> str:
    response = get(path)
    assert response.status_code == status, (path, response.status_code, response.text[:500])
    return response.text


def held(html: str) -> int:
    """How many articles the page says that it lists."""
    found = re.search(r'<h2 id="results" tabindex="-1">(?:([\d,]+) of )?([\d,]+) articles?<', html)
    assert found, html[:3000]
    return int((found[1] or found[2]).replace(",", ""))


def pmids(html: str) -> list[int]:
    results = re.findall(r'<h3><a href="/article/(\d+)"', html)
    return [int(pmid) for pmid in results]


def every_pmid(get: Get, path: str) -> list[int]:
    """Those of all pages of a list."""
    found: list[int] = []
    for n in range(1, 10):
        some = pmids(page(get, f"{path}{'&' if '?' in path else '?'}page={n}"))
        if not some:
            break
        found += some
    return found


def one(connection: sqlite3.Connection, sql: str, *values: object) -> set[int]:
    return {row[0] for row in connection.execute(sql, values)}


# --- what is on a page is what the library has ------------------------------------------------


def test_every_name_leads_to_all_its_articles(get: Get, connection: sqlite3.Connection) -> None:
    names = [row[0] for row in connection.execute("SELECT name FROM authors")]
    assert set(ODD_NAMES) < set(names)
    for name in names:
        wanted = one(
            connection,
            "SELECT pmid FROM article_authors WHERE author_id = "
            "(SELECT id FROM authors WHERE name = ?)",
            name,
        )
        if len(wanted) < 100:
            found = every_pmid(get, author_path(name))
            assert sorted(found) == sorted(wanted), name


def test_every_heading_leads_to_all_its_articles(get: Get, connection: sqlite3.Connection) -> None:
    headings = connection.execute("SELECT id, coalesce(ui, name) FROM mesh_terms").fetchall()
    assert len(headings) >= 4
    for id_, key in headings:
        wanted = one(connection, "SELECT pmid FROM article_mesh WHERE mesh_id = ?", id_)
        assert set(every_pmid(get, mesh_path(key))) == wanted, key


def test_every_substance_leads_to_all_its_articles(
    get: Get, connection: sqlite3.Connection
) -> None:
    for id_, key in connection.execute("SELECT id, coalesce(ui, name) FROM substances").fetchall():
        wanted = one(connection, "SELECT pmid FROM article_substances WHERE substance_id = ?", id_)
        assert set(every_pmid(get, substance_path(key))) == wanted, key


def test_every_journal_leads_to_all_its_articles(get: Get, connection: sqlite3.Connection) -> None:
    for (key,) in connection.execute("SELECT nlm_id FROM journals").fetchall():
        wanted = one(connection, "SELECT pmid FROM articles WHERE journal_id = ?", key)
        assert set(every_pmid(get, journal_path(key))) == wanted, key


def test_every_trial_leads_to_all_its_articles(get: Get, connection: sqlite3.Connection) -> None:
    for (key,) in connection.execute("SELECT id FROM trials").fetchall():
        wanted = one(connection, "SELECT pmid FROM article_trials WHERE trial_id = ?", key)
        html = page(get, trial_path(key)).partition('id="linked"')[0]
        assert sorted(pmids(html)) == sorted(wanted), key


def exported(get: Get, path: str) -> list[int] | None:
    """PMIDs of the file that the page links to; None when it links to none."""
    links = re.findall(r'href="(/search\.nbib[^"]*)"', page(get, path))
    if not links:
        return None
    text = get(unescape(links[0])).text
    return [int(number) for number in re.findall(r"^PMID- (\d+)", text, re.MULTILINE)]


@pytest.mark.parametrize(
    "path",
    [
        author_path("Quill A"),
        f"{author_path('Quill A')}?sort=oldest",
        journal_path("9900001"),
        f"{journal_path('9900001')}?sort=oldest",
        f"{journal_path('9900001')}?type=Review&from=2000",
        mesh_path("D007649"),
        f"{mesh_path('D007649')}?status=retracted",
    ],
)
def test_what_a_page_lists_can_be_exported(get: Get, path: str) -> None:
    assert exported(get, path) == every_pmid(get, path)


def test_a_value_that_no_rule_knows_is_told_on_these_pages_too(get: Get) -> None:
    html = page(get, f"{journal_path('9900001')}?design=RCT")
    assert "The filter Study design has no value “RCT”: no article can match it." in html
    assert f'Did you mean <a href="{journal_path("9900001")}?design=rct"' in html
    assert f'href="{journal_path("9900001")}/design"' in html
    assert "no article can match" not in page(get, f"{journal_path('9900001')}?design=rct")


def test_no_page_offers_a_file_of_anything_else(get: Get, connection: sqlite3.Connection) -> None:
    keys = {
        author_path: "SELECT name FROM authors",
        journal_path: "SELECT nlm_id FROM journals",
        mesh_path: "SELECT coalesce(ui, name) FROM mesh_terms",
    }
    offered = 0
    for path_of, sql in keys.items():
        for (key,) in connection.execute(sql).fetchall():
            found = exported(get, path_of(key))
            offered += found is not None
            assert found is None or found == every_pmid(get, path_of(key)), key
    assert offered > 10
    assert exported(get, author_path("Quill AB")) is None  # a search finds Quill AB Jr too
    assert exported(get, author_path(QUILL)) is None  # no search knows of ORCID iDs
    assert exported(get, "/journal/9900002") is None  # a title with two numbers


def test_the_articles_of_a_trial_can_be_exported(get: Get, connection: sqlite3.Connection) -> None:
    wanted = one(connection, "SELECT pmid FROM article_trials WHERE trial_id = ?", TRIAL)
    assert set(exported(get, trial_path(TRIAL)) or ()) == wanted


def test_a_library_made_anew_has_the_same_addresses(tmp_path: Path, get: Get) -> None:
    make_library(tmp_path / "literature.db", backwards=True)
    other = getter(serve(tmp_path / "literature.db"))
    for path in (
        author_path("Quill AB"),
        author_path(QUILL),
        journal_path("9900001"),
        mesh_path("D007649"),
        mesh_path("D007649Q000627"),
        substance_path("D007649"),
        trial_path(TRIAL),
    ):
        assert pmids(page(other, path)) == pmids(page(get, path))


@pytest.mark.parametrize(
    "path",
    [
        author_path("Quill AB"),
        author_path(QUILL),
        author_path("Helper H"),
        journal_path("9900001"),
        mesh_path("D007649"),
        mesh_path("D007649") + "/main-point",
        mesh_path("D007649Q000627"),
        mesh_path("D006801") + "?from=2003&to=2006",
        substance_path("D007649"),
        trial_path(TRIAL),
    ],
)
def test_what_a_link_promises_is_what_is_behind_it(get: Get, path: str) -> None:
    """Each link with a number, also those of the filters and the years."""
    html = page(get, path)
    numbered = re.findall(
        r'<a href="(/[^"]+)"(?![^>]*aria-current)[^>]*>(?:(?!</a>).)*?'
        r'<span class="count">([\d,]+)</span>',
        html,
        re.S,
    )
    numbered += re.findall(r'<a href="(/[^"]+)" aria-label="[^"]*: ([\d,]+) articles?"', html)
    numbered += re.findall(r'<a href="(/[^"]+)">([\d,]+)</a></td>', html)
    numbered += re.findall(r'<a href="(/[^"]+)">([\d,]+) articles?\b', html)
    assert numbered or path == trial_path(TRIAL)
    for href, number in dict.fromkeys(numbered):
        assert held(page(get, unescape(href))) == int(number.replace(",", "")), href
    for href in set(re.findall(r'<a href="(/[^"]*)"', html)):
        assert get(unescape(href)).status_code == 200, href


# --- authors ----------------------------------------------------------------------------------


def test_an_author_is_a_printed_name_and_the_page_says_so(get: Get) -> None:
    text = words(page(get, "/author/Quill_A"))
    assert "15 articles here, 2001 to 2009" in text
    assert "Several people can share it" in text
    assert "2 ORCID iDs go with this name here: most likely as many people." in text
    assert "Helper H in 1 article" in text
    assert "samples.example" not in text  # nobody's address
    assert re.search(r"Institute 2, Nowhere 2001 to 2009", text)


def test_an_orcid_joins_the_ways_a_person_is_printed(get: Get) -> None:
    html = page(get, f"/author/{QUILL}")
    text = words(html)
    # One record of the shelf has the same iD.
    assert "7 articles here" in text
    assert "Quill AB Jr" in text
    assert 'href="/author/Quill_AB"' in html
    assert 'href="/author/Quill_A"' in html
    assert f'href="https://orcid.org/{QUILL}"' in html
    assert "These are the articles whose record gives this ORCID iD." in text


def test_newest_first_retracted_marked_twenty_a_page(get: Get) -> None:
    html = page(get, "/journal/9900001")
    years = [int(y) for y in re.findall(r'<p class="shelfmark"><b>(\d{4})</b>', html)]
    assert len(years) == 20
    assert years == sorted(years, reverse=True)
    whole = page(get, "/author/Quill_A?sort=oldest")
    assert 'data-status="retracted"' in whole
    assert "1 of them is retracted." in words(whole)
    assert "There is no page 9" in words(page(get, "/journal/9900001?page=9"))


# --- journals ---------------------------------------------------------------------------------


def test_a_journal_has_its_names_and_numbers(get: Get) -> None:
    html = page(get, "/journal/9900001")
    text = words(html)
    for said in ("NLM 9900001", "J Samples", "J Sampl", "1234-5678 linking", "Nowhere"):
        assert said in text
    assert "https://portal.issn.org/resource/ISSN/1234-5679" in html
    assert "not all that it has published" in text
    assert 'href="/search?journal=Journal+of+Samples"' in html


def test_a_title_with_two_numbers_has_two_pages_and_no_search_that_finds_both(get: Get) -> None:
    html = page(get, "/journal/9900002")
    assert held(html) == 6
    assert 'href="/journal/9900003"' in html
    assert "/search?journal=" not in html.partition("<footer")[0]


@pytest.mark.parametrize("name", ["J_Sampl", "j_samples", "Journal_of_Samples", "1234-5678"])
def test_a_journal_can_be_asked_for_by_name(get: Get, name: str) -> None:
    response = get(f"/journal/{name}")
    assert response.status_code == 302
    assert response.headers["location"] == "/journal/9900001"


# --- headings ---------------------------------------------------------------------------------


def test_a_heading_has_its_qualifiers_and_main_points(get: Get) -> None:
    html = page(get, "/mesh/D007649")
    text = words(html)
    assert "therapeutic use" in text
    assert 'href="/mesh/D007649Q000627"' in html
    assert 'href="/mesh/D007649/main-point"' in html
    assert 'href="https://meshb.nlm.nih.gov/record/ui?ui=D007649"' in html
    assert "Depression 12" in text
    assert "Humans" not in text.partition("Publication type")[0].partition("As a main point")[2]
    assert held(page(get, "/mesh/D007649/main-point")) < held(html)
    pair = page(get, "/mesh/D007649Q000627")
    assert "<h1>Ketamine/therapeutic use</h1>" in pair


def test_a_heading_can_be_asked_for_by_name(get: Get) -> None:
    assert get("/mesh/Ketamine").headers["location"] == "/mesh/D007649"
    assert get("/mesh/Ketamine/type").headers["location"] == "/mesh/D007649/type"
    assert "<h1>Nameless, Sample</h1>" in page(get, "/mesh/Nameless,_Sample")


def test_a_substance_and_its_heading_know_each_other(get: Get) -> None:
    assert 'href="/substance/D007649"' in page(get, "/mesh/D007649")
    html = page(get, "/substance/D007649")
    assert 'href="/mesh/D007649"' in html
    assert "690G0D6V8H UNII" in words(html)


# --- trials -----------------------------------------------------------------------------------


def test_the_articles_of_a_trial_stand_by_what_they_are(get: Get) -> None:
    html = page(get, f"/trial/{TRIAL}")
    headings = re.findall(r'<section class="found" aria-labelledby="([a-z]+)"', html)
    assert headings == ["protocol", "results", "later", "other", "review", "comment", "linked"]
    order = [FIRST + 100, FIRST + 101, FIRST + 102, FIRST + 105, FIRST + 103, FIRST + 104]
    assert pmids(html) == [*order, FIRST + 200]
    text = words(html)
    assert "6 articles here give this number." in text
    assert "Number found in PubMed’s list of data banks." in text
    assert "No article here reports results" not in text
    assert f'href="https://clinicaltrials.gov/study/{TRIAL}"' in html
    assert 'Also gives <a href="/trial/ISRCTN90000001">ISRCTN90000001</a>' in html


def test_a_trial_without_results_is_not_said_to_have_none(get: Get) -> None:
    html = page(get, trial_path("CTRI/2020/01/000001"))
    text = words(html)
    assert "No article here reports results of this trial" in text
    assert "results may be published elsewhere" in text
    assert "Look it up at WHO’s registry portal" in text
    assert "TrialID=CTRI%2F2020%2F01%2F000001" in html


def test_a_report_that_was_taken_back_is_no_report(get: Get) -> None:
    text = words(page(get, trial_path("CTRI/2020/01/000002")))
    assert "Reports of results" in text
    assert "It is retracted." in text
    assert "No article here reports results of this trial" in text


def test_a_trial_number_may_be_typed_in_small_letters(get: Get) -> None:
    assert get(f"/trial/{TRIAL.lower()}").headers["location"] == f"/trial/{TRIAL}"


# --- what is not here, and what is meant to harm ------------------------------------------------


@pytest.mark.parametrize(
    ("path", "search"),
    [
        ("/author/Nobody_NN", 'author:"Nobody NN"'),
        ("/author/M%C3%BCller_Q", 'author:"Müller Q"'),
        ("/author/0000-0000-0000-0000", 'author:"0000-0000-0000-0000"'),
        ("/journal/0000000", 'journal:"0000000"'),
        ("/mesh/D999999", '"D999999"'),
        ("/mesh/D003863/main-point", 'mesh:"Depression"'),
        ("/mesh/D007649Q999999", 'mesh:"Ketamine"'),
        ("/substance/Nothing", '"Nothing"'),
        ("/trial/NCT00000000", '"NCT00000000"'),
    ],
)
def test_what_is_not_here_can_be_searched_for(get: Get, path: str, search: str) -> None:
    html = page(get, path, 404)
    assert "here" in html
    asked = re.search(r'id="q-here" name="q" type="search" value="([^"]*)"', html)
    assert asked
    assert unescape(asked[1]) == search


@pytest.mark.parametrize("kind", ["author", "journal", "mesh", "substance", "trial"])
@pytest.mark.parametrize(
    "key",
    [
        *("%00", "~00", "%ff%fe", "~C3", "%", "%25", "..%2f..%2fetc", "a%2Fb", "'\"><script>", ";"),
        *("%E2%80%AE", "x" * 3000, "D007649'--", "%3Cscript%3Ealert(1)%3C%2Fscript%3E"),
    ],
)
@pytest.mark.parametrize("rest", ["", "/mesh", "?from=x&to=99999&page=-1&sort=%00&type=%ff"])
def test_no_address_is_too_hostile(get: Get, kind: str, key: str, rest: str) -> None:
    response = get(f"/{kind}/{key}{rest}", follow_redirects=True)
    assert response.status_code < 500
    assert "<script>" not in response.text


@pytest.mark.parametrize(
    "path",
    [
        author_path(shelf.HANDLER + " X"),
        journal_path("9900666"),
        trial_path("NCT1/../../?x=<b>"),
        author_path(ODD_NAMES[4]),
    ],
)
def test_hostile_records_are_only_text(get: Get, path: str) -> None:
    html = page(get, path)
    inspector = Inspector()
    inspector.feed(html)
    assert inspector.found == []


def test_unknown_filters_of_a_place_are_not_found(get: Get) -> None:
    assert get("/journal/9900001/nonsense").status_code == 404
    html = page(get, "/journal/9900001/type")
    assert "among the articles of Journal of Samples" in words(html)
    assert 'action="/journal/9900001/type"' in html
    assert "No Such Type" not in words(page(get, "/journal/9900001/type?find=such"))


def test_a_page_that_a_reader_has_is_not_sent_again(get: Get) -> None:
    for path in ("/author/Quill_A", "/journal/9900001/mesh", f"/trial/{TRIAL}"):
        tag = get(path).headers["etag"]
        assert get(path, headers={"if-none-match": tag}).status_code == 304


def test_search_engines_get_the_pages_and_not_the_maze(get: Get) -> None:
    noindex = '<meta name="robots" content="noindex">'
    assert noindex in page(get, "/author/Quill_A")
    assert noindex not in page(get, "/journal/9900001")
    assert noindex in page(get, "/journal/9900001?type=Review")
    assert noindex in page(get, "/journal/9900001/mesh")
    canonical = '<link rel="canonical" href="http://localhost/mesh/D007649">'
    assert canonical in page(get, "/mesh/D007649")
    robots = page(get, "/robots.txt")
    assert "Disallow: /author/\n" in robots
    assert "Disallow: /mesh/*?\n" in robots
    assert f"<loc>http://localhost/trial/{TRIAL}</loc>" in page(get, "/sitemap.xml")


def test_paths_are_read_as_they_are_written() -> None:
    for name in ODD_NAMES:
        assert unsegment(author_path(name).removeprefix("/author/")) == name
