"""The changelog of a release says exactly what happened to which record since the one before."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.eutils_server import Corpus
from tests.eutils_server.synthetic import kinds
from tests.release.libraries import TODAY, change, harvested, make_corpus, released, rewrite

A_TRIAL = r"Single ketamine infusion in treatment-resistant depression: trial "
P = "https://pubmed.ncbi.nlm.nih.gov"


def line(pmid: int, title: str) -> str:
    return f"- [{pmid}]({P}/{pmid}/) {title}"


def parts(folder: Path) -> dict[str, list[str]]:
    """The lines of the newest part of a changelog, by heading."""
    newest = (folder / "CHANGELOG.md").read_text().split("\n## ")[1]
    found: dict[str, list[str]] = {}
    for section in newest.split("\n### ")[1:]:
        heading, *lines = section.splitlines()
        found[heading] = [line for line in lines if line]
    return found


def test_the_first_release_says_that_it_is_the_first(library: Path, folder: Path) -> None:
    made = released(library, folder)
    text = (made.folder / "CHANGELOG.md").read_text()
    assert text.endswith("## 2026-11-20\n\nThe first release of this folder: 8 records.\n")
    assert made.manifest["previous"] is None


def test_a_second_release_shows_exactly_the_change(
    corpus: Corpus, library: Path, folder: Path
) -> None:
    first = released(library, folder)
    before = dict(corpus.records)
    corpus.pass_days()
    new = corpus.add("trial")
    corpus.revise(70_000_001, title="A *new* <b>title</b> of a trial of ketamine in depression")
    notice = corpus.retract(70_000_002)
    corpus.delete(70_000_003)
    rewrite(corpus, 70_000_004, before[70_000_004], **vars_of("other"))
    harvested(library, corpus)
    second = released(library, folder, TODAY + timedelta(days=1))

    assert second.manifest["previous"] == first.version
    found = parts(second.folder)
    assert found.pop("Retracted (1)") == [line(70_000_002, f"**RETRACTED** {A_TRIAL}70000002")]
    assert found.pop("No longer in PubMed (1)") == [line(70_000_003, f"{A_TRIAL}70000003")]
    assert [row.partition(" ")[2][:30] for row in found.pop("Added (2)")] == [
        f"[{new}]({P[:19]}",
        f"[{notice}]({P[:19]}",
    ]
    revised = found.pop("Revised (2)")
    assert line(70_000_001, r"A \*new\* \<b\>title\</b\> of a trial") in revised[0]
    assert "A survey of garden birds" in revised[1]
    left = found.pop("No longer found by a search (4)")
    assert {row.rpartition(" ")[2] for row in left} == {
        "(ketamine-depression)",
        "(ketamine-safety)",
        "(ketamine-trd)",
        "(trd)",
    }
    assert found == {}
    assert (second.folder / "retracted.txt").read_text() == "70000002\n"
    older = (second.folder / "CHANGELOG.md").read_text()
    assert older.count("\n## ") == 2
    assert older.endswith("The first release of this folder: 8 records.\n")

    # Then the retraction is taken back, and what was gone comes again.
    corpus.pass_days()
    rewrite(corpus, 70_000_002, before[70_000_002])
    rewrite(corpus, notice, corpus.records[notice], corrections=())
    corpus.put(before[70_000_003])
    rewrite(corpus, 70_000_004, before[70_000_004])
    harvested(library, corpus)
    third = parts(released(library, folder, TODAY + timedelta(days=2)).folder)
    assert third["Retraction taken back (1)"] == [line(70_000_002, f"{A_TRIAL}70000002")]
    assert third["In PubMed again (1)"] == [line(70_000_003, f"{A_TRIAL}70000003")]
    assert len(third["Found by a search again (4)"]) == 4
    assert "Added" not in " ".join(third)


def test_nothing_is_said_of_what_went_and_came_back(
    corpus: Corpus, library: Path, folder: Path
) -> None:
    released(library, folder)
    record = corpus.records[70_000_000]
    corpus.pass_days()
    corpus.delete(70_000_000)
    harvested(library, corpus)
    corpus.pass_days()
    corpus.put(record)
    harvested(library, corpus)
    made = released(library, folder, TODAY + timedelta(days=2))
    assert parts(made.folder) == {}
    assert "Since 2026-11-20:\n\nNothing changed.\n" in (made.folder / "CHANGELOG.md").read_text()


def test_a_notice_retracts_before_pubmed_has_marked_the_record(
    corpus: Corpus, library: Path, folder: Path
) -> None:
    released(library, folder)
    corpus.pass_days()
    notice = corpus.add(replace(kinds["notice"], corrections=(("RetractionOf", 70_000_005),)))
    harvested(library, corpus)
    made = released(library, folder, TODAY + timedelta(days=1))
    assert (made.folder / "retracted.txt").read_text() == "70000005\n"
    found = parts(made.folder)
    assert found["Retracted (1)"] == [line(70_000_005, f"**RETRACTED** {A_TRIAL}70000005")]
    assert [list(found), len(found["Added (1)"])] == [["Retracted (1)", "Added (1)"], 1]
    assert str(notice) in found["Added (1)"][0]


def test_a_new_article_that_is_retracted_says_so(
    corpus: Corpus, library: Path, folder: Path
) -> None:
    released(library, folder)
    corpus.pass_days()
    trial = kinds["trial"]
    new = corpus.add(replace(trial, types=(*trial.types, "Retracted Publication")))
    harvested(library, corpus)
    found = parts(released(library, folder, TODAY + timedelta(days=1)).folder)
    assert found == {"Added (1)": [line(new, f"**RETRACTED** {A_TRIAL}{new}")]}


def test_of_another_library_pmids_are_compared(library: Path, folder: Path, tmp_path: Path) -> None:
    released(library, folder)
    corpus = make_corpus()
    corpus.pass_days()
    corpus.delete(70_000_000)
    corpus.retract(70_000_001)
    other = harvested(tmp_path / "other.db", corpus)
    made = released(other, folder, TODAY + timedelta(days=1))
    assert {heading: len(rows) for heading, rows in parts(made.folder).items()} == {
        "Retracted (1)": 1,
        "No longer in PubMed (1)": 1,
        "Added (1)": 1,
    }
    assert "made from another library" in (made.folder / "CHANGELOG.md").read_text()
    assert line(70_000_000, r"(no longer held)") in parts(made.folder)["No longer in PubMed (1)"]


def test_an_erratum_is_named_as_one(corpus: Corpus, library: Path, folder: Path) -> None:
    released(library, folder)
    corpus.pass_days()
    erratum = (("ErratumIn", 70_000_001),)
    rewrite(corpus, 70_000_000, corpus.records[70_000_000], corrections=erratum)
    harvested(library, corpus)
    found = parts(released(library, folder, TODAY + timedelta(days=1)).folder)
    assert list(found) == ["Correction or expression of concern (1)"]


def test_a_title_cannot_make_markup(library: Path, folder: Path) -> None:
    released(library, folder)
    title = "## [x](javascript:alert(1)) <script>\n\n- `$a$`\x07"
    change(library, "UPDATE articles SET title = ? WHERE pmid = 70000000", title)
    change(
        library,
        "INSERT INTO changes (run_id, pmid, kind) VALUES (2, 70000000, 'revised')",
    )
    change(
        library,
        "INSERT INTO runs (command, topic, status, started, version) "
        "VALUES ('harvest', 'all', 'new', '2026-11-21T03:00:00Z', '0')",
    )
    (row,) = parts(released(library, folder, TODAY + timedelta(days=1)).folder)["Revised (1)"]
    assert row.endswith(r") \#\# \[x\](javascript:alert(1)) \<script\> - \`\$a\$\`")


def vars_of(kind: str) -> dict[str, object]:
    return {name: getattr(kinds[kind], name) for name in type(kinds[kind]).__dataclass_fields__}
