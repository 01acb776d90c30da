"""What a record says, on its page: each finding with its sentence, its place, its rule."""

import json
import re
import sqlite3
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from harvester.evidence.derivation import findings_of
from harvester.evidence.wording import participants
from harvester.library import store
from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.pubmed.records import AbstractSection, Article, MeshHeading, Text
from harvester.site.abstract import parts_of
from harvester.site.findings import Findings, show_findings
from harvester.site.marks import readable
from tests.library.articles import NOW, article, stored
from tests.site.conftest import Get, getter, serve

TITLE = "Esketamine nasal spray for treatment-resistant depression: a randomized controlled trial"
METHODS = "We randomly assigned 40 patients to esketamine nasal spray or placebo. Doses varied."
RESULTS = "Dissociation was common. No cystitis was observed in any patient."
TRIAL, OLD, HOSTILE = 91_000_301, 91_000_302, 91_000_303


def row(**given: Any) -> dict[str, Any]:
    known = {"rule": "drug.esketamine/1", "section": None, "start": None, "detail": None}
    return {
        "facet": "drug",
        "value": "esketamine",
        "source": "abstract",
        "quote": "",
        **known,
        **given,
    }


def shown(rows: Sequence[dict[str, Any]], title: str = TITLE) -> Findings:
    sections = [
        {"label": "METHODS", "text": METHODS, "markup": None},
        {"label": None, "text": RESULTS, "markup": None},
    ]
    return show_findings(rows, 7, title, readable(title, None), parts_of(sections))


def at(quote: str, **given: Any) -> dict[str, Any]:
    """A finding whose words are in the abstract."""
    text = f"METHODS: {METHODS}\n{RESULTS}"
    return row(quote=quote, start=text.index(quote), **given)


def test_a_finding_shows_the_whole_sentence_with_its_words() -> None:
    (group,) = shown([at("esketamine", section="METHODS")]).groups
    (finding,) = group.findings
    assert (group.label, finding.label, finding.where) == (
        "Drug",
        "Esketamine",
        "Abstract, Methods",
    )
    assert finding.words == (
        "We randomly assigned 40 patients to <mark>esketamine</mark> nasal spray or placebo."
    )
    assert (finding.number, finding.place) == (1, "finding-1")
    assert finding.search == "/search?drug=esketamine"
    assert finding.report == "/report?pmid=7&facet=drug&value=esketamine"


def test_marks_are_where_the_words_are() -> None:
    found = shown(
        [
            at("cystitis", facet="safety", value="urinary"),
            at("randomly assigned", facet="design", value="rct"),
            row(source="title", quote="Esketamine", start=0),
        ]
    )
    ((design,), (title,)) = found.parts[0], found.title
    (safety,) = found.parts[1]
    assert METHODS[design.start : design.end] == "randomly assigned"
    assert RESULTS[safety.start : safety.end] == "cystitis"
    assert (title.start, title.end) == (0, 10)
    assert [design.number, title.number, safety.number] == [1, 2, 3]  # as in the list
    assert safety.label == "Safety topic: Bladder and urine"


def test_a_harm_that_did_not_occur_is_told_so() -> None:
    absent, mixed, present = (
        shown([at("cystitis", facet="safety", value="urinary", detail=json.dumps(detail))])
        .of("safety")[0]
        .note
        for detail in ({"polarity": "absent"}, {"polarity": "mixed"}, {"polarity": "present"})
    )
    assert absent == "reported as absent"
    assert mixed == "reported, and elsewhere as absent"
    assert present == ""


def test_a_number_says_what_it_counts() -> None:
    (size,) = shown(
        [at("40 patients", facet="sample_size", value="randomized", detail='{"n": 1040}')]
    ).of("sample_size")
    assert size.label == "1,040 randomised"
    assert participants(1, "case") == "1 case"
    assert participants(3, "cases") == "3 cases"
    assert participants(12, None) == "12 participants"


def test_a_number_that_is_not_sure_says_so() -> None:
    words = at("40 patients", facet="sample_size", value="treated")
    (size,) = shown([words | {"detail": '{"n": 40, "unsure": true}'}]).of("sample_size")
    assert size.label == "about 40 treated"
    assert size.note == "unclear: other numbers are told too"
    (rats,) = shown([words | {"value": "animals", "detail": '{"n": 40}'}]).of("sample_size")
    assert rats.label == "40 animals"


def test_a_role_and_what_is_implied_are_said() -> None:
    (drug,) = shown([at("esketamine", detail='{"role": "anaesthetic"}')]).of("drug")
    assert drug.note == "anaesthetic"
    (route,) = shown([at("nasal", facet="route", value="iv", detail='{"implied": true}')]).of(
        "route"
    )
    assert route.note == "implied, not said"


def test_headings_say_that_they_are() -> None:
    (drug,) = shown([row(source="mesh", quote="Ketamine")]).of("drug")
    assert (drug.where, drug.words, drug.number) == ("The MeSH headings", "Ketamine", None)


@pytest.mark.parametrize(
    "given",
    [
        {"start": 1_000_000, "quote": "esketamine"},
        {"start": -5, "quote": "esketamine"},
        {"start": 3, "quote": "other words"},
        {"start": 3, "quote": ""},
        {"start": 3, "quote": None},
        {"start": None, "quote": "esketamine", "source": "nowhere"},
        {"detail": "no json"},
        {"detail": "[1]"},
        {"facet": "facet_of_tomorrow", "value": "a_value"},
        {"facet": "sample_size", "value": "randomized"},
        {"facet": "override", "value": "x", "detail": '{"reason": "r", "date": 7}'},
    ],
)
def test_a_row_of_another_version_is_shown_without_a_mark(given: dict[str, Any]) -> None:
    found = shown([row(**given)])
    assert not found.title
    assert not found.parts
    assert found.groups[0].findings[0].number is None


def test_a_whole_title_and_a_conclusion_are_not_marked() -> None:
    found = shown(
        [
            row(source="title", quote=TITLE, start=0),
            at("esketamine", facet="relevance", value="core"),
        ]
    )
    assert (found.title, found.parts) == ((), {})
    assert "<mark>" in found.of("relevance")[0].words


def test_a_long_sentence_is_cut() -> None:
    title = "so " * 300 + "ketamine" + " so" * 300
    (drug,) = shown([row(source="title", quote="ketamine", start=900)], title).of("drug")
    assert drug.words.startswith("… ")
    assert drug.words.endswith(" …")
    assert len(drug.words) < 900


def test_what_a_person_changed_is_told() -> None:
    detail = {
        "reason": "The spray is the comparator.",
        "date": "2026-11-25",
        "reviewer": "pharmacist",
    }
    (drug,) = shown([row(detail=json.dumps(detail))]).of("drug")
    assert drug.correction == "The spray is the comparator. (pharmacist, 25 November 2026)"


def test_what_a_person_took_away_is_told() -> None:
    detail = {"reason": "r", "facet": "route", "removed": "iv"}
    found = shown([at("patients", facet="override", value="route.iv", detail=json.dumps(detail))])
    (group,) = found.groups
    (gone,) = group.findings
    assert group.label == "Corrected by hand"
    assert (gone.label, gone.note, gone.search) == ("Route: Intravenous", "taken away", None)


def test_doses_and_minutes_are_said_with_their_units() -> None:
    dose = {"min": 0.5, "max": 1.0, "unit": "mg/kg", "drug": "ketamine"}
    found = shown(
        [
            at("40", facet="dose", value="per_kg", detail=json.dumps(dose)),
            at("40", facet="infusion_minutes", value="minutes",
               detail='{"min": 40, "max": 40, "unit": "min"}'),
            at("40", facet="schedule", value="repeated", detail='{"doses": 6}'),
        ]
    )  # fmt: skip
    assert [(f.label, f.note) for group in found.groups for f in group.findings] == [
        ("0.5 to 1 mg/kg", "ketamine"),
        ("40 min", ""),
        ("Repeated doses", "6 doses"),
    ]


# --- the page ---------------------------------------------------------------------------------


def records() -> tuple[Article, ...]:
    return (
        article(
            TRIAL,
            title=Text(plain=TITLE, markup=TITLE.replace("Esketamine", "<i>Esketamine</i>")),
            abstract=(
                AbstractSection(text=Text(plain=METHODS), label="METHODS", category="METHODS"),
                AbstractSection(text=Text(plain=RESULTS), label="RESULTS", category="RESULTS"),
            ),
            mesh=(MeshHeading(name="Humans"), MeshHeading(name="Aged")),
        ),
        article(OLD),
        article(HOSTILE, title=Text(plain="<script>alert(1)</script> of ketamine")),
    )


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("findings") / "literature.db"
    connection = open_library(path).conn
    with transaction(connection):
        store.claim(connection, "real", path)
        for record in records():
            held = stored(record, findings=findings_of(record))
            store.store(connection, [held], run_id=1, now=NOW)
        insert = (
            "INSERT INTO findings (pmid, position, facet, value, rule, source, quote, start, "
            "detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
        connection.execute(
            insert, (OLD, 90, "drug", "gone", "drug.gone/0", "abstract", "x", 999, "{")
        )
        bad = '"><img src=x onerror=alert(1)>'
        connection.execute(
            insert,
            (HOSTILE, 91, bad, bad, bad, bad, bad, 0, json.dumps({"reason": bad, "role": bad})),
        )
        connection.execute(
            insert,
            (HOSTILE, 92, "drug", bad, bad, "title", "<script>", 0, json.dumps({"role": bad})),
        )
    connection.close()
    return path


@pytest.fixture(scope="module")
def get(library: Path) -> Get:
    return getter(serve(library))


def test_every_number_leads_to_its_finding_and_back(get: Get) -> None:
    page = get(f"/article/{TRIAL}").text
    numbers = re.findall(r'<a id="mark-(\d+)" href="#finding-(\d+)"', page)
    assert len(numbers) > 6
    for there, here in numbers:
        assert there == here
        assert page.count(f'id="finding-{here}"') == page.count(f'href="#mark-{here}"') == 1
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    fragments = set(re.findall(r'href="#([^"]+)"', page))
    assert fragments <= set(ids)


def test_the_name_of_the_page_is_its_title_without_the_names_of_findings(get: Get) -> None:
    (heading,) = re.findall(r"<h1 [^>]*>.*?</h1>", get(f"/article/{TRIAL}").text, re.S)
    assert "#finding-" in heading
    assert f'aria-label="{TITLE}"' in heading


def test_the_page_says_how_labels_are_made(get: Get) -> None:
    page = get(f"/article/{TRIAL}").text
    assert "Found by rules" in page
    assert 'href="/methods#accuracy"' in page
    assert "reported as absent" in page
    assert "40 randomised" in page
    assert '<a class="design" data-kind="trial" href="/search?design=rct">' in page


def test_every_quote_is_in_the_words_shown(get: Get, library: Path) -> None:
    page = get(f"/article/{TRIAL}").text
    quotes = {
        unescape(re.sub("<[^>]*>", "", q))
        for q in re.findall("<blockquote>(.*?)</blockquote>", page)
    }
    with sqlite3.connect(library) as connection:
        for (quote,) in connection.execute("SELECT quote FROM findings WHERE pmid = ?", (TRIAL,)):
            assert any(quote in sentence for sentence in quotes), quote


def test_no_row_breaks_a_page_or_writes_html(get: Get) -> None:
    for pmid in (OLD, HOSTILE):
        answer = get(f"/article/{pmid}")
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
    assert "drug.gone/0" in get(f"/article/{OLD}").text


def test_every_way_to_object_leads_somewhere(get: Get) -> None:
    for pmid in (TRIAL, HOSTILE):
        page = get(f"/article/{pmid}").text
        reports = [unescape(path) for path in re.findall(r'href="(/report[^"]*)"', page)]
        assert reports
        for path in reports:
            answer = get(path)
            assert answer.status_code == 200
            assert f"PMID {pmid}" in answer.text
            assert "<img src=x" not in answer.text
            assert "[[override]]" in answer.text


def test_programs_get_the_same(get: Get, library: Path) -> None:
    found = get(f"/article/{TRIAL}.json").json()["findings"]
    with sqlite3.connect(library) as connection:
        sql = "SELECT facet, value, rule, source, quote FROM findings WHERE pmid = ? "
        rows = connection.execute(f"{sql} ORDER BY position", (TRIAL,)).fetchall()
    keys = ("facet", "value", "rule", "source", "quote")
    assert [tuple(finding[key] for key in keys) for finding in found] == rows
    absent = [f["value"] for f in found if f["detail"].get("polarity") == "absent"]
    assert absent == ["urinary"]
    by_facet = {f["facet"]: f["label"] for f in found}
    assert by_facet["design"] == "Randomised controlled trial"
    assert by_facet["sample_size"] == "40 randomised"


def test_a_result_says_design_number_and_what_was_given(get: Get) -> None:
    (result,) = get("/search.json?q=esketamine+cystitis").json()["results"]
    assert (result["design"], result["drugs"], result["routes"]) == (
        "rct",
        ["esketamine"],
        ["intranasal"],
    )
    assert (result["sample_size"], result["sample_size_basis"]) == (40, "randomized")
    assert result["comparators"] == ["placebo"]
    page = get("/search?q=esketamine+cystitis").text
    assert "40 randomised" in page
    tags = re.findall(r'<a class="tag" href="[^"]*">([^<]*)</a>', page)
    assert tags[:3] == ["Esketamine", "Intranasal", "Treatment-resistant depression"]
    assert tags[-1] == "vs placebo or saline"
    assert "Humans" not in tags
    assert 'data-kind="trial"' in page


def test_every_facet_is_counted_with_its_label(get: Get) -> None:
    facets = get("/search.json").json()["facets"]
    (rct,) = [v for v in facets["design"] if v["value"] == "rct"]
    assert (rct["label"], rct["count"]) == ("Randomised controlled trial", 1)
    assert list(facets)[:2] == ["design", "drug"]
    assert get("/search/design_flag").status_code == 200
