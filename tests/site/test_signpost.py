"""The signpost: words of an evidence question lead to it, and words of everybody's lead nowhere."""

import time
from html import unescape

import pytest

from harvester.evidence.questions import Question, load_questions
from harvester.site.links import question_path
from harvester.site.signpost import question_about
from harvester.site.small_words import SMALL_WORDS
from harvester.site.stems import words
from harvester.site.terms import parse
from tests.site.conftest import Get

QUESTIONS = tuple(load_questions().values())
LONG = "does esketamine help suicidal thoughts, and how sure is that?"


def about(q: str) -> str | None:
    link = question_about(parse(q).node)
    return link.href.removeprefix("/evidence/") if link else None


@pytest.mark.parametrize(
    ("q", "question"),
    [
        ("suicidal", "e12"),
        ("Suicide OR suicidality", "e12"),
        (LONG, "e12"),
        ("blood pressure", "e16"),
        ('"blood pressure" esketamine', "e16"),
        ("title:dose", "e5"),
        ("pregnancy", "e21"),
        ("ketamine in pregnant women", "e21"),
        ("relapse", "e24"),
        ("misuse", "e3"),
        ("glutamate", "e9"),
    ],
)
def test_words_of_a_question_lead_to_it(q: str, question: str) -> None:
    assert about(q) == question


@pytest.mark.parametrize(
    "q",
    [
        "",
        "ketamine",
        "esketamine depression",
        "ketamine for patients with treatment-resistant depression",
        "placebo trial",
        "how long does it last",
        "is it addictive",  # treated with it, or made by it?
        "author:Pressure",
        "journal:suicide",
        "lozenge -suicidal",
        "suicidal " + " ".join(f"w{n}ord" for n in range(30)),
    ],
)
def test_other_words_lead_nowhere(q: str) -> None:
    assert about(q) is None


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_a_question_asked_as_it_is_leads_to_no_other(question: Question) -> None:
    assert {about(question.name), about(question.question)} <= {question.id, None}


def test_most_questions_are_found_by_their_own_words() -> None:
    found = [q for q in QUESTIONS if q.id in (about(q.name), about(q.question), about(q.claim))]
    assert len(found) > 0.8 * len(QUESTIONS)


def test_the_page_has_one_line_and_the_next_pages_have_none(get: Get) -> None:
    line = 'Evidence: <a href="/evidence/e12">'
    for q in ("suicidal", LONG.replace(" ", "+")):
        page = unescape(get(f"/search?q={q}").text)
        assert page.count(line) == 1
        assert page.count("Evidence: ") == 1
        assert load_questions()["e12"].question in page
        assert line not in get(f"/search?q={q}&page=2").text
    assert "Evidence: " not in get("/search?q=ketamine").text
    assert question_path("e12") == "/evidence/e12"


def test_it_costs_next_to_nothing() -> None:
    node = parse(LONG).node
    question_about(node)
    best = 1.0
    for _ in range(20):
        started = time.thread_time()
        question_about(node)
        best = min(best, time.thread_time() - started)
    assert best < 0.0003


def test_small_words_are_written_as_the_index_reads_them() -> None:
    assert words(SMALL_WORDS) == [(word,) for word in SMALL_WORDS]
