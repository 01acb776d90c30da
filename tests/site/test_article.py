"""The article page's data: what a reader must know is there, first, in words, and linked."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harvester.site.article import ArticleView, article_view
from harvester.site.article_json import article_json
from harvester.site.record import Record, load_record
from harvester.site.related import load_related
from tests.site import shelf


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path: Path = tmp_path_factory.mktemp("library") / "literature.db"
    shelf.make_library(path)
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


@pytest.fixture
def view(request: pytest.FixtureRequest, connection: sqlite3.Connection) -> ArticleView:
    return page_of(connection, request.param)


def record(connection: sqlite3.Connection, pmid: int) -> Record:
    found = load_record(connection, pmid)
    assert found is not None
    return found


def page_of(connection: sqlite3.Connection, pmid: int, *, every: bool = False) -> ArticleView:
    """As the site makes it."""
    return article_view(record(connection, pmid), load_related(connection, pmid), every=every)


def shows(pmid: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("view", [pmid], indirect=True)


def test_an_unknown_pmid_is_none(connection: sqlite3.Connection) -> None:
    assert load_record(connection, shelf.ABSENT) is None


@shows(shelf.PLAIN)
def test_title_keeps_its_markup_and_nothing_else(view: ArticleView) -> None:
    title = "<i>Ketamine</i> (<i>R,S</i>) in people, H<sub>2</sub>O and 5 &lt; 6"
    assert view.title == title
    assert view.plain_title == "Ketamine (R,S) in people, H2O and 5 < 6"
    assert not view.retracted
    assert view.notices == ()


@shows(shelf.PLAIN)
def test_people(view: ArticleView) -> None:
    quill, group = view.authors
    assert (quill.name, quill.full_name) == ("Quill AB Jr", "Ada B Quill Jr")
    assert quill.href == "/author/Quill_AB_Jr"
    assert quill.orcid
    assert quill.orcid.href == "https://orcid.org/0000-0002-1825-0097"
    assert quill.affiliations == ("Institute of Samples, Nowhere.",)
    assert group.name == "Sample Study Group"
    assert [(g.name, [m.full_name for m in g.members]) for g in view.groups] == [
        ("Sample Study Group", ["Mia Member"])
    ]


@shows(shelf.PLAIN)
def test_citation_as_pubmed_prints_it(view: ArticleView) -> None:
    assert view.imprint == "2024 May;12(3):188-97. doi: 10.5555/sample(1)<a>."
    assert view.citation == (
        "Quill AB Jr, Sample Study Group. Ketamine (R,S) in people, H2O and 5 < 6. J Samples. "
        "2024 May;12(3):188-97. doi: 10.5555/sample(1)<a>. PMID: 91000101. PMCID: PMC9000101."
    )
    assert ("citation_firstpage", "188") in view.meta
    assert ("citation_lastpage", "197") in view.meta
    assert ("citation_author", "Quill, Ada B Jr") in view.meta


@shows(shelf.PLAIN)
def test_ways_out_are_encoded(view: ArticleView) -> None:
    assert [(link.label, link.href) for link in view.actions] == [
        ("Free full text", "https://pmc.ncbi.nlm.nih.gov/articles/PMC9000101/"),
        ("PubMed", "https://pubmed.ncbi.nlm.nih.gov/91000101/"),
        ("doi:10.5555/sample(1)<a>", "https://doi.org/10.5555/sample(1)%3Ca%3E"),
    ]


@shows(shelf.PLAIN)
def test_abstract_sections_are_labelled(view: ArticleView) -> None:
    assert view.abstract
    assert [(s.label, s.text) for s in view.abstract.sections] == [
        ("Methods", "People were asked."),
        ("Results", "Mood rose."),
    ]
    assert view.abstract.lang is None


@shows(shelf.PLAIN)
def test_only_telling_types_are_badges_and_facts_have_all(view: ArticleView) -> None:
    assert [(kind, link.label) for kind, link in view.types] == [
        ("trial", "Randomized Controlled Trial")
    ]
    (types,) = [fact.values for fact in view.facts if fact.term == "Types"]
    assert len(types) == 3


@shows(shelf.PLAIN)
def test_references_lead_to_what_is_here_and_warn(view: ArticleView) -> None:
    here, elsewhere = view.references
    assert (here.in_library, here.retracted) == (True, True)
    assert here.link
    assert here.link.href == f"/article/{shelf.RETRACTED}"
    assert elsewhere.link
    assert elsewhere.link.href == f"https://pubmed.ncbi.nlm.nih.gov/{shelf.ABSENT}/"
    assert view.references_here == (here,)


@shows(shelf.PLAIN)
def test_history_newest_first_with_its_runs(view: ArticleView) -> None:
    assert [(e.date, e.text, e.run.href) for e in view.history] == [
        ("2026-11-02", "Revised: MeSH headings.", "/literature/runs/2"),
        ("2026-11-01", "First seen.", "/literature/runs/1"),
    ]


@shows(shelf.PLAIN)
def test_provenance_names_searches_runs_and_the_original(view: ArticleView) -> None:
    found = {
        fact.term: [str(getattr(v, "label", v)) for v in fact.values] for fact in view.provenance
    }
    assert found["Found by"] == ["Ketamine and TRD"]
    assert found["First fetched"] == ["1 November 2026, 03:00 UTC", "run 1"]
    assert found["Read by"] == ["harvester 0"]
    assert found["Original"] == ["PubMed XML as received", f"{len(shelf.RAW)} bytes"]


@shows(shelf.RETRACTED)
def test_a_retraction_comes_first_with_notice_date_and_who_cites_it(view: ArticleView) -> None:
    notice = view.notices[0]
    assert view.retracted
    assert notice.state == "retracted"
    assert notice.heading == "This article was retracted on 4 March 2025"
    assert "1 article in this library cites it" in notice.says
    (entry,) = notice.entries
    assert entry.source == "J Samples. 2025 Mar 4;13(1):9"
    assert entry.link
    assert entry.link.href == f"/article/{shelf.NOTICE}"
    assert view.actions[0].label == "Retraction notice"
    assert view.standings[0].label == "Retracted"
    (citing,) = view.cited_by
    assert citing.heading == "Published before the retraction of 4 March 2025"
    assert [item.pmid for item in citing.articles] == [shelf.PLAIN]
    assert "[retracted]" in view.citation
    assert f"Retracted, see: PMID {shelf.NOTICE}." in view.citation


def test_a_retraction_says_why_and_who_cites_it_since(connection: sqlite3.Connection) -> None:
    found = record(connection, shelf.RETRACTED)
    (link,), (citing,) = found.corrections, found.cited_by
    late = {**citing, "pmid": 1, "published": "2025-06", "published_online": None}
    unknown = {**citing, "pmid": 2, "published": "2025", "published_online": None}
    notice = {**link, "other_abstract": "People were counted twice. " * 40}
    view = article_view(replace(found, corrections=(notice,), cited_by=(late, unknown, citing)))
    assert "1 of them published after it was retracted" in view.notices[0].says
    (entry,) = view.notices[0].entries
    assert entry.text
    assert entry.text.startswith("People were counted twice.")
    assert entry.text.endswith(" …")
    assert len(entry.text) <= 602
    assert [(group.heading, [a.pmid for a in group.articles]) for group in view.cited_by] == [
        ("Published after the retraction of 4 March 2025", [1]),
        ("Published before the retraction of 4 March 2025", [shelf.PLAIN]),
        ("About the time of the retraction, 4 March 2025", [2]),
    ]


@shows(shelf.PLAIN)
def test_what_it_is_about_leads_to_pages_of_their_own(view: ArticleView) -> None:
    (heading,) = view.main_points
    (qualifier,) = heading.qualifiers
    (substance,) = view.substances
    (keywords,) = view.keywords
    assert heading.term.link.href == "/mesh/D007649"
    assert (qualifier.link.href, qualifier.main) == ("/mesh/D007649Q000627", True)
    assert (substance.link.href, substance.note) == ("/substance/D007649", "UNII 690G0D6V8H")
    assert keywords.label == "Keywords of the authors"
    assert view.source
    assert view.source.href == "/journal/9900001"
    (trial,) = view.trials
    assert trial.link.href == "/trial/NCT90000001"


@shows(shelf.PLAIN)
def test_the_parts_of_the_page_are_named_with_what_they_hold(view: ArticleView) -> None:
    parts = {link.href: link.label for link in view.sections}
    assert parts["#related"] == "Related"
    assert parts["#references"] == "References 2"
    assert "#contents" not in parts


@shows(shelf.UNMARKED)
def test_a_notice_here_retracts_even_before_pubmed_marks_the_record(view: ArticleView) -> None:
    assert view.retracted
    assert "PubMed has not marked its record yet" in view.notices[0].says
    assert view.notices[0].entries[0].link
    assert view.notices[0].entries[0].link.href == f"/article/{shelf.LATE_NOTICE}"
    assert view.standings[0].state == "retracted"


@shows(shelf.NOTICE)
def test_a_notice_says_that_it_is_no_study(view: ArticleView) -> None:
    assert view.notices[0].heading == "This is a retraction notice, not a study"
    assert view.notices[0].entries[0].link
    assert view.notices[0].entries[0].link.href == f"/article/{shelf.RETRACTED}"
    assert view.abstract is None
    assert not view.retracted


@shows(shelf.CORRECTED)
def test_concern_before_correction_before_update(view: ArticleView) -> None:
    assert [n.state for n in view.notices] == ["concern", "corrected", "notice"]
    concern, corrected, newer = view.notices
    assert concern.heading.endswith("in June 2025")
    assert concern.entries[0].note == "Sums differ."
    assert corrected.entries[0].link
    assert corrected.entries[0].link.external
    assert newer.heading == "A newer version exists"


@shows(shelf.CHAPTER)
def test_a_chapter_is_cited_and_linked_as_one(view: ArticleView) -> None:
    assert view.shelf == "Chapter of a book"
    assert view.citation == (
        "Writer W. A chapter on ketamine. 1998 Oct 1 [updated 2024 Jun 1]. In: Keeper K, editor. "
        "Book of Samples [Internet]. Nowhere (NW): Sample House; 1993–2025. PMID: 91000104."
    )
    assert view.actions[0].href == "https://www.ncbi.nlm.nih.gov/books/NBK90000/"
    assert [e.name for e in view.editors] == ["Keeper K"]
    assert [p.name for p in view.authors] == ["Writer W"]
    assert view.contents == ((1, "Summary"), (2, "<i>Doses</i>"))


@shows(shelf.CHINESE)
def test_other_languages_are_marked_for_browsers(view: ArticleView) -> None:
    assert view.vernacular
    assert (view.vernacular.text, view.vernacular.lang) == ("样本标题", "zh")
    assert view.abstract is None
    (other,) = view.other_abstracts
    assert (other.heading, other.lang) == ("Abstract in Chinese", "zh")
    assert (view.main_points, view.other_headings) == ((), ())
    assert "no MeSH headings" in view.mesh_note


@shows(shelf.WITHDRAWN)
def test_a_withdrawn_record_says_so_and_no_longer_sends_to_pubmed(view: ArticleView) -> None:
    assert view.notices[0].heading == "PubMed no longer has this record"
    assert "on 2 November 2026" in view.notices[0].says
    assert "PubMed" not in [link.label for link in view.actions]
    assert view.history[0].text == "PubMed no longer has it."


@shows(shelf.PREPRINT)
def test_a_preprint_says_that_nobody_reviewed_it(view: ArticleView) -> None:
    assert [link.label for _, link in view.types] == ["Preprint, not peer reviewed"]


@shows(shelf.CROWD)
def test_of_many_authors_the_page_says_how_many_it_hides(view: ArticleView) -> None:
    assert (len(view.names), len(view.authors), view.author_count) == (20, 100, 120)
    assert view.all_path == f"/article/{shelf.CROWD}?all=1"
    assert not view.authors_complete
    assert ", et al. A work of many." in view.citation


def test_all_authors_are_there_when_asked_for(connection: sqlite3.Connection) -> None:
    view = page_of(connection, shelf.CROWD, every=True)
    assert len(view.authors) == 120


@shows(shelf.BARE)
def test_a_record_of_almost_nothing_is_a_page_too(view: ArticleView) -> None:
    assert view.title == "PubMed gives no title"
    assert view.year == "No date"
    assert view.citation == "[No title]. PMID: 91000113."


def test_a_name_that_an_erratum_replaced_is_not_shown(connection: sqlite3.Connection) -> None:
    found = record(connection, shelf.PLAIN)
    wrong = {**found.authors[0], "name": "Quyll A", "valid": 0}
    view = article_view(replace(found, authors=(wrong, *found.authors)))
    assert [p.name for p in view.authors] == ["Quill AB Jr", "Sample Study Group"]
    assert "Quyll" not in view.citation


@pytest.mark.parametrize(
    ("model", "status", "online", "expected"),
    [
        ("Print-Electronic", "ppublish", "2024-01-09", "2024 May;1. Epub 2024 Jan 9."),
        ("Electronic-eCollection", "epublish", "2024-01-09", "2024 Jan 9;1. eCollection 2024 May."),
        ("Electronic-Print", "epublish", "2024-01-09", "2024 Jan 9;1. Print 2024 May."),
        ("Print-Electronic", "aheadofprint", None, "2024 May;1. Online ahead of print."),
        ("Print", "ppublish", None, "2024 May;1."),
    ],
)
def test_the_dates_of_a_citation(
    connection: sqlite3.Connection, model: str, status: str, online: str | None, expected: str
) -> None:
    found = record(connection, shelf.PLAIN)
    article = {
        **found.article,
        "publication_model": model,
        "publication_status": status,
        "published_online": online,
        **dict.fromkeys(("issue", "pages", "doi")),
        "volume": "1",
    }
    assert article_view(replace(found, article=article)).imprint == expected


def test_json_has_the_whole_record_under_stable_names(connection: sqlite3.Connection) -> None:
    data = article_json(record(connection, shelf.PLAIN))
    assert data["standing"] == {
        "retracted": False,
        "concern": False,
        "corrected": False,
        "retraction_notice": False,
        "withdrawn": None,
    }
    assert data["authors"][0]["affiliations"] == ["Institute of Samples, Nowhere."]
    assert data["authors"][1]["collective"] is True
    assert data["mesh"][0]["qualifiers"] == [
        {"name": "therapeutic use", "ui": "Q000627", "major": True}
    ]
    assert [s["label"] for s in data["abstract"]] == ["METHODS", "RESULTS"]
    assert data["references"][0]["in_library"] is True
    assert data["topics"][0]["name"] == "ketamine-trd"
    assert [h["kind"] for h in data["history"]] == ["added", "revised"]
    assert data["provenance"]["original"]["url"] == "/article/91000101.xml"
    assert data["trials"][0]["url"] == "https://clinicaltrials.gov/study/NCT90000001"
    assert article_json(record(connection, shelf.CHAPTER))["book"]["sections"][1] == {
        "level": 2,
        "label": None,
        "title": "<i>Doses</i>",
        "part": None,
        "anchor": None,
    }
    retracted = article_json(record(connection, shelf.RETRACTED))
    assert retracted["cited_by"] == [shelf.PLAIN]
    assert retracted["corrections"][0] == {
        "kind": "RetractionIn",
        "pmid": shelf.NOTICE,
        "source": "J Samples. 2025 Mar 4;13(1):9:",
        "note": None,
        "in_library": True,
    }
