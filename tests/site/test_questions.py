"""The evidence pages: every rule is a search, every number is that search's, nothing is hidden."""

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path

import pytest

from harvester.evidence.derivation import findings_of
from harvester.evidence.design_groups import GROUPS
from harvester.evidence.labels import facets
from harvester.evidence.questions import Question, load_questions
from harvester.library import membership, runs, store
from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.pubmed.records import AbstractSection, Article, PubDate, PublicationType, Text
from harvester.site.cache import Cache
from harvester.site.facets import FACETS
from harvester.site.question_panels import rule_of
from harvester.site.questions import load_question
from harvester.site.sentences import sentence_at, telling
from harvester.site.urls import read, write
from harvester.topics import load_topics
from tests.library.articles import NOW, article, stored
from tests.site import evidence_stacks
from tests.site.conftest import Get, getter, serve
from tests.site.test_home import links, promises
from tests.site.test_pages import words

QUESTIONS = tuple(load_questions().values())
FIRST = 93_000_001
TRIAL, NULL, REVIEW, COMMENT, TAKEN_BACK, MICE, GONE = range(FIRST, FIRST + 7)
RISE = "Systolic blood pressure rose by 11 mm Hg with ketamine <b>&amp; fell again."

each = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)


def _written(pmid: int, title: str, *abstract: tuple[str, str], **parts: object) -> Article:
    sections = tuple(
        AbstractSection(label=label, category=label, text=Text(plain=text))
        for label, text in abstract
    )
    whole = {
        "title": Text(plain=title),
        "abstract": sections,
        "corrections": (),
        "mesh": (),
        "substances": (),
        "keywords": (),
    }
    return article(pmid, **(whole | parts))


def _records() -> list[Article]:
    methods = (
        "We randomly assigned 40 adults with treatment-resistant depression to intravenous "
        "ketamine or midazolam."
    )
    return [
        _written(
            TRIAL,
            "Blood pressure after ketamine in treatment-resistant depression: a randomised trial",
            ("METHODS", methods + " Blood pressure was taken every 10 minutes."),
            ("RESULTS", RISE),
            published=PubDate(iso="2024-03", printed="2024 Mar"),
        ),
        _written(
            NULL,
            "Ketamine or midazolam for treatment-resistant depression: a randomised trial",
            ("METHODS", methods.replace("40", "120")),
            (
                "RESULTS",
                "There was no significant difference in depression scores. Blood "
                "pressure rose in 12% of patients.",
            ),
            published=PubDate(iso="2023-03", printed="2023 Mar"),
        ),
        _written(
            REVIEW,
            "Ketamine, depression and blood pressure in patients: a systematic review",
            ("METHODS", "We searched for trials of ketamine for patients with depression."),
            ("RESULTS", "Across 9 trials blood pressure rose in 25% of patients."),
        ),
        _written(
            COMMENT,
            "Ketamine and blood pressure in patients with depression",
            ("RESULTS", "Blood pressure rose in 30% of patients with depression on ketamine."),
            publication_types=(PublicationType(name="Editorial"),),
        ),
        _written(
            TAKEN_BACK,
            "Ketamine for depression and blood pressure in patients: a trial taken back",
            ("METHODS", methods),
            ("RESULTS", "Blood pressure fell in 99% of patients."),
            publication_types=(PublicationType(name="Retracted Publication"),),
        ),
        _written(
            GONE,
            "Ketamine for depression and blood pressure in patients: a trial held twice",
            ("METHODS", methods),
            ("RESULTS", "Blood pressure rose in 10% of patients."),
        ),
        _written(
            MICE,
            "Ketamine, depression-like behaviour and blood pressure in mice",
            ("METHODS", "Mice were given ketamine for depression-like behaviour."),
            ("RESULTS", "Blood pressure rose by 20% in mice."),
        ),
    ]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records whose findings the rules have made."""
    path: Path = tmp_path_factory.mktemp("written") / "literature.db"
    _make_library(path, _records(), gone=[GONE])
    return path


def _make_library(path: Path, records: list[Article], gone: Sequence[int] = ()) -> None:
    connection = open_library(path).conn
    with transaction(connection):
        store.claim(connection, "real", path)
        run_id = runs.start(
            connection,
            command="load",
            topic="all",
            now=datetime(2026, 11, 1, tzinfo=UTC),
            version="0",
            source="file",
        )
        found = [stored(record, findings=findings_of(record)) for record in records]
        store.store(connection, found, run_id=run_id, now=NOW)
        membership.mark_withdrawn(connection, list(gone), run_id=run_id, now=NOW)
    connection.close()


@pytest.fixture(scope="module")
def ask(written: Path) -> Get:
    return getter(serve(written))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Get:
    """Sixty records with findings of every facet."""
    path: Path = tmp_path_factory.mktemp("drawn") / "literature.db"
    evidence_stacks.make_library(path)
    return getter(serve(path))


@each
def test_every_rule_is_a_search_of_known_values(question: Question) -> None:
    topics = {topic.name for topic in load_topics()}
    kinds = {"research", "comment", "notice", "retracted", "withdrawn"}
    for panel in question.panels:
        search = rule_of(panel)
        assert ("record", "research") in search.chosen
        assert set(panel.chosen) == set(search.chosen), "a value is written twice"
        for facet, value in search.chosen:
            assert facet in FACETS
            known = {"topic": topics, "record": kinds}.get(facet) or facets()[facet][1]
            assert value in known, (facet, value)
        assert read(write(search).partition("?")[2]) == search
    if question.grid:
        for facet, values in (question.grid.rows, question.grid.columns):
            assert facet in FACETS
            assert set(values) <= facets()[facet][1].keys()


def test_each_design_is_in_one_group() -> None:
    grouped = [design for group in GROUPS for design in group.designs]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) == set(facets()["design"][1])


@each
def test_every_number_is_that_of_the_search_behind_it(question: Question, drawn: Get) -> None:
    html = drawn(f"/evidence/{question.id}").text
    promised = promises(html)
    assert promised or "No article here so far" in html
    for href, count in dict(promised).items():
        assert drawn(href.replace("/search?", "/search.json?")).json()["total"] == count, href


@each
def test_every_link_leads_somewhere(question: Question, drawn: Get) -> None:
    html = drawn(f"/evidence/{question.id}").text
    inside = {href for href, _ in links(html) if href.startswith("/")}
    assert f"/search.json?{write(rule_of(question.panels[0])).partition('?')[2]}" in inside
    for href in inside:
        assert drawn(href).status_code in (200, 302), href
    for anchor in re.findall(r'href="#([^"]+)"', html):
        assert f'id="{anchor}"' in html


@each
def test_the_page_says_what_it_must(question: Question, drawn: Get) -> None:
    html = drawn(f"/evidence/{question.id}").text
    said = words(html)
    assert question.question in said
    assert question.claim in said
    assert " ".join(sentence.text for sentence in question.answer) in said
    assert "Written by this project on 25 November 2026" in said
    assert "How to object" in said
    assert "It is not medical advice" in said
    assert all(line in said for line in question.unknown)
    assert html.count("findahelpline.com") >= (4 if question.crisis else 2)
    if "<svg height" in html:
        assert "Counting papers shows how much was written" in said


def test_all_questions_are_listed_with_the_counts_of_their_pages(drawn: Get) -> None:
    listed = dict(links(drawn("/evidence").text))
    home = dict(links(drawn("/").text))
    for question in QUESTIONS:
        text = listed[f"/evidence/{question.id}"]
        assert text.startswith(question.question)
        if question.group == "patients":
            assert home[f"/evidence/{question.id}"] == text
    assert f"<loc>http://localhost/evidence/{QUESTIONS[0].id}</loc>" in drawn("/sitemap.xml").text


@pytest.mark.parametrize("path", ["/evidence/e0", "/evidence/e26", "/evidence/x", "/evidence/e1/"])
def test_an_unknown_question_is_not_found(path: str, drawn: Get) -> None:
    answer = drawn(path)
    assert answer.status_code == 404 or answer.headers.get("location") == "/evidence/e1"


def test_a_question_has_one_address(drawn: Get) -> None:
    answer = drawn("/evidence/E16")
    assert (answer.status_code, answer.headers["location"]) == (302, "/evidence/e16")


def test_comments_animals_and_retracted_articles_are_not_counted(ask: Get) -> None:
    html = ask("/evidence/e16").text
    exact = next(href for href, text in links(html) if text.startswith("The same as JSON"))
    assert {result["pmid"] for result in ask(exact).json()["results"]} == {TRIAL, NULL, REVIEW}
    said = words(html)
    assert "3 articles" in said
    assert "1 retracted article is not counted" in said
    assert "1 article that is no longer in PubMed is not counted" in said
    assert f"/article/{GONE}" not in html
    counted, _, retracted = html.partition("Retracted, not counted")
    assert f"/article/{TAKEN_BACK}" not in counted
    assert f"/article/{TAKEN_BACK}" in retracted
    assert 'data-status="retracted"' in retracted
    assert f"/article/{COMMENT}" not in html
    assert f"/article/{MICE}" not in html


def test_the_order_of_a_page_is_reviews_then_trials_then_no_difference(ask: Get) -> None:
    html = ask("/evidence/e16").text
    names = ["Newest systematic reviews", "Newest randomised trials", "Largest randomised trials"]
    places = [html.index(name) for name in [*names, "No difference found"]]
    assert places == sorted(places)
    newest = html[places[1] : places[2]]
    assert newest.index(f"/article/{TRIAL}") < newest.index(f"/article/{NULL}")
    largest = html[places[2] : places[3]]
    assert largest.index(f"/article/{NULL}") < largest.index(f"/article/{TRIAL}")
    assert "<b>120</b> participants" in largest
    null = html[places[3] :]
    assert "There was no significant difference in depression scores." in null
    # The same card as any other.
    card = rf'<li class="result"><article>\s*<h4><a href="/article/{NULL}"'
    assert len(re.findall(card, html)) == 3


def test_numbers_are_quoted_whole_and_harmless(ask: Get) -> None:
    html = ask("/evidence/e16").text
    quotes = re.findall(r"<blockquote>(.*?)</blockquote>", html, re.S)
    assert RISE in [unescape(quote) for quote in quotes]
    assert all("<" not in quote for quote in quotes)
    assert not any("every 10 minutes" in quote for quote in quotes)


def test_hostile_text_of_a_record_stays_text(drawn: Get) -> None:
    for question in QUESTIONS:
        html = drawn(f"/evidence/{question.id}").text
        assert "<script" not in html
        assert evidence_stacks.HOSTILE not in html


def test_a_page_is_made_once(written: Path) -> None:
    with closing(sqlite3.connect(f"file:{written}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        cache = Cache()
        cache.catalogue(connection)
        question = load_questions()["e16"]
        made = [
            cache.kept(
                connection,
                "/evidence/e16",
                lambda: load_question(connection, cache, question, path=str),
            )
            for _ in range(2)
        ]
    assert made[0] is made[1]
    assert made[0].count == 3


@pytest.mark.parametrize(("written_on", "since"), [(date(2024, 5, 1), 3), (date(2024, 5, 2), 0)])
def test_it_says_how_many_came_since_it_was_written(
    written: Path, written_on: date, since: int
) -> None:
    with closing(sqlite3.connect(f"file:{written}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        cache = Cache()
        cache.catalogue(connection)
        question = replace(load_questions()["e16"], written=written_on)
        assert load_question(connection, cache, question, path=str).since == since


def test_an_empty_library_has_questions_and_no_numbers(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    open_library(path).conn.close()
    get = getter(serve(path))
    assert get("/evidence").status_code == 200
    for question in QUESTIONS:
        html = get(f"/evidence/{question.id}").text
        assert "No article here so far" in html


@pytest.mark.parametrize(
    ("text", "place", "label", "sentence"),
    [
        ("One rose. Two fell. Three stayed.", 12, None, "Two fell."),
        ("METHODS: One was given.\nRESULTS: Two fell. Three rose.", 34, "RESULTS", "Two fell."),
        ("METHODS: One.", 10, "METHODS", "One."),
        ("One. Two.", 999, None, ""),
        ("", 0, None, ""),
    ],
)
def test_a_sentence_is_found_around_a_place(
    text: str, place: int, label: str | None, sentence: str
) -> None:
    assert sentence_at(text, place, label) == sentence


def test_the_most_telling_sentence_has_a_result_in_numbers() -> None:
    text = (
        "METHODS: Blood pressure was taken every 10 minutes in 40 people.\n"
        "RESULTS: Blood pressure rose by 12 mm Hg. Pulse rose by 40%."
    )
    assert telling(text, "safety", "blood_pressure") == "Blood pressure rose by 12 mm Hg."
    assert telling(text, "safety", "urinary") == ""
    assert telling(text, "safety", "no such value") == ""
    assert telling("Relapse came after 18 days.", "outcome", "relapse")


def test_what_did_not_differ_is_quoted_as_no_difference_only() -> None:
    null = "No significant difference in depression was found at 24 hours (effect size 0.1)."
    text = f"METHODS: Ketamine 0.5 mg/kg over 40 min or placebo was given.\nRESULTS: {null}"
    assert telling(text, "outcome", "time_to_effect") == ""
    assert telling(text, "outcome", "no_difference") == null


def test_what_makes_no_finding_is_not_quoted_for_one() -> None:
    text = "RESULTS: Alcohol dependence was found in 12%. Cell death rose by 30%."
    assert telling(text, "safety", "abuse_dependence") == ""
    assert telling(text, "safety", "mortality") == ""


def test_no_trial_has_no_largest_one(ask: Get) -> None:
    """E3 has no randomised trial here; E6 has one whose size the table gives."""
    assert _largest(ask("/evidence/e3").text) == {"none"}
    assert _largest(ask("/evidence/e6").text) == {"none", "120"}


def _largest(html: str) -> set[str]:
    return set(re.findall(r'data-label="Largest trial">([^<]+)<', html))


def test_a_sentence_leads_to_the_fact_that_it_rests_on(ask: Get) -> None:
    html = ask("/evidence/e21").text
    assert '<a href="#fact-label">United States, 2021: prescribing text' in html
    assert 'id="fact-label"' in html


def test_articles_without_ketamine_are_on_no_page(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    users = _written(
        FIRST,
        "Microdosing of psilocybin by recreational users: a survey",
        ("METHODS", "We asked 200 recreational users of psilocybin. Misuse was rare."),
    )
    assert "recreational_use" in {found.value for found in findings_of(users)}
    _make_library(path, [users])
    get = getter(serve(path))
    for question in QUESTIONS:
        assert f"/article/{FIRST}" not in get(f"/evidence/{question.id}").text
