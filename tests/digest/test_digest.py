"""The digest of a month: what must be known first, each record with what it is, nothing more."""

import re
import sqlite3
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from markdown_it import MarkdownIt

from harvester.cli import main
from harvester.digest.digest import Digest, digest
from harvester.digest.writers import WRITERS
from harvester.library import membership, runs, store
from harvester.library.changes import Change
from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.library.news import read_news
from harvester.pubmed.records import Article, Correction, PublicationType, Text
from tests.conftest import ROOT
from tests.library.articles import NOW, article, stored
from tests.site import nights

EXPECTED = ROOT / "tests/data"
SINCE = "2026-11-05"
URL = "https://library.example"
TRIAL, REVIEW, PREPRINT, PROTOCOL, NOTICE, DOUBTED, LAB, BAD = range(
    nights.FIRST + 700, nights.FIRST + 708
)
BAD_TITLE = (
    "*Stars* _and_ [a link](https://elsewhere.example/) `code` <script>alert(1)</script> & \\ | "
    '"quotes"\u202e\x00 ~~gone~~ &amp; <https://elsewhere.example/>'
)
EXTENSIONS = {"markdown": "md", "html": "html", "text": "txt"}


def titled(pmid: int, title: str, *types: str, links: tuple[Correction, ...] = ()) -> Article:
    names = ("Journal Article", *types)
    return article(
        pmid,
        title=Text(plain=title),
        publication_types=tuple(PublicationType(name=name) for name in names),
        corrections=links,
    )


def records() -> tuple[Article, ...]:
    about = Correction(kind="RetractionOf", pmid=nights.FIRST + 50)
    return (
        titled(TRIAL, "Ketamine against placebo"),
        titled(REVIEW, "Trials of ketamine", "Systematic Review"),
        titled(PREPRINT, "Ketamine, early", "Preprint"),
        titled(
            PROTOCOL, "A trial to come", "Clinical Trial Protocol", "Randomized Controlled Trial"
        ),
        titled(NOTICE, "Retraction: Ketamine", "Retraction of Publication", links=(about,)),
        titled(DOUBTED, "Doubted", links=(Correction(kind="ExpressionOfConcernIn", pmid=1),)),
        titled(LAB, "Ketamine in mice"),
        titled(BAD, BAD_TITLE),
    )


FINDINGS = (
    (TRIAL, "design", "rct", "double-blind, randomized", "{}"),
    (TRIAL, "sample_size", "randomized", "120 patients were randomized", '{"n": 120}'),
    (TRIAL, "relevance", "core", None, "{}"),
    (PREPRINT, "design", "rct", "randomised", "{}"),
    (PREPRINT, "sample_size", "treated", "some 40", '{"n": 40, "unsure": true}'),
    (LAB, "design", "preclinical_in_vivo", "mice", "{}"),
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("digest") / "literature.db"
    nights.make_library(path)
    with closing(open_library(path).conn) as connection, transaction(connection):
        run = nights.night(connection, 22, status="new")
        for record in records():
            changes = stored(record, "h", Change(kind="added", new_hash="h"))
            store.store(connection, [changes], run_id=run, now=NOW)
        membership.join_topic(connection, "two", [TRIAL], run_id=run)
        connection.executemany(
            "INSERT INTO findings (pmid, position, facet, value, rule, source, quote, detail) "
            "VALUES (?, ?, ?, ?, 'test/1', 'abstract', ?, ?)",
            [(pmid, n, *rest) for n, (pmid, *rest) in enumerate(FINDINGS, 1)],
        )
        connection.execute(
            "UPDATE articles SET design = 'rct' WHERE pmid IN (?, ?)", (TRIAL, PREPRINT)
        )
        connection.execute(
            "UPDATE articles SET design = 'preclinical_in_vivo' WHERE pmid = ?", (LAB,)
        )
    return path


def made(library: Path, since: str = SINCE, topic: str | None = None) -> Digest:
    with closing(sqlite3.connect(library)) as connection:
        return digest(read_news(connection, since=since, topic=topic), url=URL)


def run(library: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--db", str(library), "digest", *arguments])


@pytest.mark.parametrize("form", WRITERS)
def test_it_is_as_it_was_read_and_found_good(library: Path, form: str) -> None:
    """The expected files are read by a person before they are kept."""
    result = run(library, "--since", SINCE, "--format", form, "--url", f"{URL}/")
    assert result.exit_code == 0
    expected = EXPECTED / f"digest.{EXTENSIONS[form]}"
    assert result.stdout == expected.read_text(encoding="utf-8")


def test_markdown_is_what_comes_without_asking(library: Path) -> None:
    assert run(library, "--since", SINCE).stdout.startswith("# Research on ketamine")


def test_warnings_come_first_then_trials_then_reviews_then_the_rest(library: Path) -> None:
    headings = [section.heading for section in made(library).sections]
    assert headings == [
        "Before you rely on these: 7 warnings",
        "Randomised trials: 3 new",
        "Systematic reviews and meta-analyses: 2 new",
        "Animal and laboratory studies: 1 new",
        "Protocols: 1 new",
        "Design not found by our rules: 3 new",
        "Notices of a retraction or correction: 1 new",
    ]


def test_the_gravest_warning_comes_first_and_none_is_left_out(library: Path) -> None:
    warnings = made(library).sections[0].items
    assert [(item.standing[0], int(item.href.rpartition("/")[2])) for item in warnings] == [
        ("Retracted", nights.NEW_RETRACTED),
        ("Retracted", nights.FIRST + 50),  # only the notice, which is new, says so
        ("Retracted", nights.RETRACTED),
        ("No longer in PubMed", nights.WITHDRAWN),
        ("Expression of concern", DOUBTED),
        ("Expression of concern", nights.DOUBTED),
        ("Corrected", nights.CORRECTED),
    ]
    notice = f"https://pubmed.ncbi.nlm.nih.gov/{NOTICE}/"
    assert (f"Retraction notice: PMID {NOTICE}", notice) in warnings[1].links


def test_each_says_what_it_is_in_which_words(library: Path) -> None:
    trials = {item.title: item for item in made(library).sections[1].items}
    trial = trials["Ketamine against placebo"]
    assert next(iter(trials)) == "Ketamine against placebo"  # nearest to the subject
    assert trial.facts == (
        "Randomised controlled trial (“double-blind, randomized”)",
        "120 randomised (“120 patients were randomized”)",
    )
    early = trials["Ketamine, early"].facts
    assert early[0] == "preprint, not peer reviewed"
    assert early[2].startswith("about 40 ")
    by_type = next(item for item in trials.values() if str(nights.NEW_TRIAL) in item.href)
    assert by_type.facts == ("Randomized Controlled Trial, as NLM calls it",)


def test_a_topic_has_its_own(library: Path) -> None:
    titles = [i.title for s in made(library, topic="two").sections for i in s.items]
    assert "Ketamine against placebo" in titles
    assert "Trials of ketamine" not in titles
    assert f"Ketamine in sample {nights.RETRACTED}" in titles


def test_an_unknown_topic_is_an_error_of_the_user(library: Path) -> None:
    result = run(library, "--since", SINCE, "--topic", "nonsense")
    assert result.exit_code == 2
    assert "nonsense" in result.stderr
    assert result.stdout == ""


def test_what_filled_the_library_is_counted_and_not_listed(library: Path) -> None:
    month = made(library, "2026-11-01")
    assert f"{nights.FILLED} records came when the library was filled and are not listed." in (
        month.lead
    )
    assert [s.heading for s in month.sections] == [s.heading for s in made(library).sections]


def test_a_long_part_is_cut_but_no_warning(library: Path, tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    with closing(sqlite3.connect(library)) as connection:
        connection.execute("VACUUM INTO ?", (str(path),))
    with closing(open_library(path).conn) as connection, transaction(connection):
        night = nights.night(connection, 24, status="new")
        for n in range(70):
            record = stored(titled(nights.FIRST + 800 + n, f"T{n}"), "h", Change(kind="added"))
            store.store(connection, [record], run_id=night, now=NOW)
        connection.executemany(
            "INSERT INTO changes (run_id, pmid, kind) VALUES (?, ?, 'withdrawn')",
            [(night, nights.FIRST + 20 + n) for n in range(70)],
        )
    found = made(path, "2026-11-23")
    assert len(found.sections[0].items) == 70
    assert len(found.sections[1].items) == 50
    assert found.sections[1].more == "20 more are not listed here."
    assert found.sections[1].more_href == f"{URL}/changes?kind=added&from=2026-11-23"
    for form, write in WRITERS.items():
        assert "20 more" in write(found), form


@pytest.mark.parametrize("form", WRITERS)
def test_nothing_new_is_a_short_answer(library: Path, tmp_path: Path, form: str) -> None:
    path, topic = tmp_path / "literature.db", "ketamine-safety"
    with closing(sqlite3.connect(library)) as connection:
        connection.execute("VACUUM INTO ?", (str(path),))
    with closing(open_library(path).conn) as connection, transaction(connection):
        runs.save_topic_definition(connection, name=topic, title=topic, term="x", rationale="")
        for run_id in range(1, 30):
            if connection.execute("SELECT 1 FROM runs WHERE id = ?", (run_id,)).fetchone():
                runs.save_topic(connection, run_id, topic, runs.TopicCounts(), term="x")
    result = run(path, "--since", "2026-11-22", "--topic", "ketamine-safety", "--format", form)
    assert result.exit_code == 0
    assert "Nothing new. Compared with PubMed on 22 November 2026." in " ".join(
        result.stdout.split()
    )
    assert len(result.stdout) < 600


def test_what_was_not_looked_for_is_not_called_nothing(library: Path, tmp_path: Path) -> None:
    result = run(library, "--since", "2026-11-25", "--format", "text")
    says = " ".join(result.stdout.split())
    assert "Nothing new" not in says
    assert "No harvest has run since that day: what is new in PubMed is not known." in says
    assert "The last complete one was on 22 November 2026." in says
    path = tmp_path / "literature.db"
    with closing(sqlite3.connect(library)) as connection:
        connection.execute("VACUUM INTO ?", (str(path),))
    with closing(open_library(path).conn) as connection, transaction(connection):
        nights.night(connection, 25, status="failed", error="PubMed is out of reach.")
    failed = " ".join(made(path, "2026-11-25").lead)
    assert failed.startswith("No harvest since that day was complete: something may be missing.")
    later = " ".join(made(path, "2026-11-22").lead)
    assert "The harvest after that was not complete" in later


def test_a_harvest_of_one_search_says_nothing_of_the_others(library: Path, tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    with closing(sqlite3.connect(library)) as connection:
        connection.execute("VACUUM INTO ?", (str(path),))
    with closing(open_library(path).conn) as connection, transaction(connection):
        nights.night(connection, 26, topic="two")
    assert "No harvest has run since" in " ".join(made(path, "2026-11-25").lead)
    assert "No harvest has run since" in " ".join(made(path, "2026-11-25", "one").lead)
    assert made(path, "2026-11-25", "two").lead == (
        "Nothing new.",
        "Compared with PubMed on 26 November 2026.",
    )


def test_the_sample_says_so_first(tmp_path: Path) -> None:
    path = tmp_path / "sample.db"
    nights.make_library(path, kind="sample")
    assert run(path, "--since", SINCE).stdout.startswith("# Sample data, all invented: ")


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "20261101", "2026-11-01T00:00:00Z"])
def test_what_is_no_day_is_refused(library: Path, since: str) -> None:
    result = run(library, "--since", since)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "write it like 2026-01-31" in result.stderr


@pytest.mark.parametrize(
    "url", ["library.example", "javascript:alert(1)", "https://x y", "https://x)"]
)
def test_what_is_no_address_is_refused(library: Path, url: str) -> None:
    result = run(library, "--since", SINCE, "--url", url)
    assert (result.exit_code, result.stdout) == (2, "")


def test_without_a_site_links_lead_to_pubmed(library: Path) -> None:
    said = run(library, "--since", SINCE).stdout
    hosts = set(re.findall(r"https?://([^/)\s]+)", said)) - {"elsewhere.example"}
    assert hosts == {"pubmed.ncbi.nlm.nih.gov"}


class Reader(HTMLParser):
    """Elements, their addresses, and the text of all links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.text += data


PLAIN = " ".join(BAD_TITLE.replace("\u202e", "").replace("\x00", "").split())


def test_a_hostile_title_is_text_in_markdown(library: Path) -> None:
    """As a reader of CommonMark with tables, strike-through and bare links takes it."""
    reader = MarkdownIt("gfm-like", {"linkify": False}).enable(["strikethrough", "table"])
    said = run(library, "--since", SINCE, "--url", URL).stdout
    page = Reader(reader.render(said))
    assert page.tags <= {"h1", "h2", "p", "ul", "li", "a", "strong", "br"}
    assert PLAIN in page.text
    assert all(link.startswith((f"{URL}/", "https://pubmed.ncbi.nlm")) for link in page.links)


def test_a_hostile_title_is_text_in_html(library: Path) -> None:
    said = run(library, "--since", SINCE, "--url", URL, "--format", "html").stdout
    page = Reader(said)
    allowed = {"html", "head", "meta", "title", "body", "h1", "h2", "p", "ul", "li", "a", "br"}
    assert page.tags <= allowed | {"strong"}
    assert PLAIN in page.text
    assert all(link.startswith((f"{URL}/", "https://pubmed.ncbi.nlm")) for link in page.links)


@pytest.mark.parametrize("form", WRITERS)
def test_no_character_that_turns_the_text_around(library: Path, form: str) -> None:
    said = run(library, "--since", SINCE, "--format", form).stdout
    assert set("\u202e\x00\x1b") & set(said) == set()


def test_text_fits_a_mail(library: Path) -> None:
    said = run(library, "--since", SINCE, "--format", "text").stdout
    assert all(len(line) <= 76 or "https://" in line for line in said.splitlines())
