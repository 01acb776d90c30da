"""The methods page, over libraries that were harvested, loaded, or never filled."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from html import unescape
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.cli import main
from harvester.errors import ServiceDown
from harvester.library.migrations import open_library
from harvester.site.currency import load_currency
from harvester.site.strategy import TOPICS
from harvester.topics import BUILT_IN, load_topics
from tests.eutils_server import Corpus, EutilsServer
from tests.eutils_server.faults import damage, replay
from tests.eutils_server.record import Record
from tests.site import shelf, stacks
from tests.site.conftest import Get, getter, serve
from tests.test_harvest import Night

FIRST, LEFT, GONE = 70_000_000, 70_000_003, 70_000_001


def words(html: str) -> str:
    """The text of a page in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def section(html: str, name: str) -> str:
    """A section of the page, by the name of its heading."""
    return re.search(rf'<section aria-labelledby="{name}">.*?</section>', html, re.S)[0]  # type: ignore[index]


def cells(html: str) -> list[list[str]]:
    """The rows of the first table, as text."""
    table = re.search(r"<tbody>.*?</tbody>", html, re.S)[0]  # type: ignore[index]
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.S)
    return [[words(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)] for row in rows]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """Five nights: all, one gone and one left, no PubMed, a record that is broken, other words."""
    folder = tmp_path_factory.mktemp("methods")
    corpus = Corpus(today=date(2026, 1, 5))
    corpus.add_many(5, kind="trial")
    corpus.add_many(3, kind="stimulation")
    corpus.today = date(2026, 11, 2)
    with EutilsServer(corpus=corpus) as server:
        library = Night(folder / "literature.db", server)
        library.harvest()
        corpus.pass_days(1)
        left = next(p for p, r in corpus.records.items() if b"Magnetic" in r.xml)
        xml = corpus.records[left].xml.replace(b"reatment-resistant", b"reatment-naive")
        corpus.put(Record.read(xml.replace(b"Depressive Disorder, Treatment-Resistant", b"Birds")))
        library.revise(left, b"Magnetic", b"Electric")
        corpus.delete(GONE)
        library.harvest()
        corpus.pass_days(1)
        server.fail(replay("http503_unavailable"), utility="esearch", times=None)
        with pytest.raises(ServiceDown):
            library.harvest()
        server.heal()
        corpus.pass_days(1)
        broken = corpus.add("trial")
        server.fail(damage(broken), utility="efetch", times=None)
        library.harvest()
        corpus.pass_days(1)
        other = folder / "topics.toml"
        text = BUILT_IN.read_text("utf-8").replace("\nspravato[tiab] OR", "\n")
        other.write_text(text, "utf-8")
        library.harvest("ketamine-safety", topics=load_topics(other))
        library.left, library.broken, library.other = left, broken, other  # type: ignore[attr-defined]
        yield library


@pytest.fixture(scope="module")
def page(night: Night) -> str:
    return getter(serve(night.path))("/methods").text


def test_pubmed_s_count_stands_beside_ours(page: str) -> None:
    html = section(page, "whole")
    assert "As of 6 November 2026, 03:00 UTC, run 5" in words(html)
    rows = {row[0]: row[1:] for row in cells(html)}
    why = "1 record listed by PubMed and not held"
    assert rows["Ketamine and treatment-resistant depression"] == [
        *("5", "4", "1"),
        f"{why} ( run 4 )",
    ]
    assert rows["Treatment-resistant depression"][:3] == ["7", "6", "1"]
    assert rows["Safety of ketamine"] == ["5", "4", "1", why]
    assert "All of them, each article once" not in rows, "the last run was of one search"


def test_what_differs_is_named_with_the_reason(page: str, night: Night) -> None:
    html = section(page, "whole")
    broken = night.broken  # type: ignore[attr-defined]
    assert '<h3 id="open">1 open problem</h3>' in html
    assert f'<a href="https://pubmed.ncbi.nlm.nih.gov/{broken}/">PMID {broken}</a>: The' in html
    assert '<a href="/literature/runs/4">run 4</a>, 5 November 2026' in html
    assert "1 article that no search finds any more" in html
    assert f'<a href="/article/{night.left}">' in html  # type: ignore[attr-defined]
    assert "1 article that PubMed no longer has" in html
    assert f'<a href="/article/{GONE}">' in html
    assert f"PMID {GONE}, 3 November 2026" in words(html)


def test_all_searches_together_stand_in_the_last_row(night: Night, tmp_path: Path) -> None:
    path = copied(night.path, tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        for table, column in (("run_topics", "run_id"), ("runs", "id")):
            connection.execute(f"DELETE FROM {table} WHERE {column} > 4")
    html = section(getter(serve(path))("/methods").text, "whole")
    *_, last = cells(html)
    assert last[:4] == ["All of them, each article once", "7", "6", "1"]


def copied(source: Path, folder: Path) -> Path:
    """A copy of a library, to be changed."""
    target = folder / "literature.db"
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
    return target


def test_a_whole_library_says_so(tmp_path: Path) -> None:
    corpus = Corpus(today=date(2026, 1, 5))
    corpus.add_many(3, kind="trial")
    corpus.today = date(2026, 11, 2)
    with EutilsServer(corpus=corpus) as server:
        library = Night(tmp_path / "literature.db", server)
        library.harvest()
    html = section(getter(serve(library.path))("/methods").text, "whole")
    assert [row[1:] for row in cells(html)] == [["3", "3", "0", "Complete"]] * 5
    assert "No problem is open." in html


def test_an_incomplete_run_is_never_called_complete(tmp_path: Path) -> None:
    corpus = Corpus(today=date(2026, 1, 5))
    corpus.add_many(3, kind="trial")
    corpus.today = date(2026, 11, 2)
    with EutilsServer(corpus=corpus) as server:
        library = Night(tmp_path / "literature.db", server)
        library.harvest(limit=1)
    get = getter(serve(library.path))
    html = section(get("/methods").text, "whole")
    assert "Complete" not in html
    assert "2 records listed by PubMed and not held" in words(html)
    assert "2 records were not fetched because of the limit of 1." in html
    assert get("/methods/prisma-s.md").status_code == 404


def test_the_searches_are_those_that_were_sent(page: str) -> None:
    html = section(page, "strategy")
    sent = {topic.name: topic for topic in load_topics()}
    text = unescape(html)
    for name in ("ketamine-trd", "ketamine-depression", "trd"):
        assert f"<code>{sent[name].term}</code>" in text
        assert sent[name].rationale in text
    assert f"<code>{sent['ketamine-safety'].term}</code>" not in text
    assert "PMID 34510411" in html, "a published strategy, by its PMID"
    assert "As PubMed understood it" in html
    for block in ("DRUG", "TRD", "DEP"):
        assert f"<h4>Block {block}</h4>" in html
    assert "Block SAFE" not in html, "no search was sent last with the words that the file gives it"
    assert "DRUG AND TRD" in html
    assert "DRUG AND SAFE" not in html
    assert "127.0.0.1, which stands in for it" in html


def test_the_file_of_topics_is_the_one_that_the_program_was_given(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOPICS, str(night.other))  # type: ignore[attr-defined]
    html = getter(serve(night.path))("/methods").text
    assert "Block SAFE" in html
    assert "Block DEP" not in html
    assert "without limits of language" not in html, "that is said of our own searches only"
    monkeypatch.setenv(TOPICS, "nowhere.toml")
    html = getter(serve(night.path))("/methods").text
    assert "Block" not in words(html)
    assert "ketamin*[tiab]" in html


def test_a_search_that_was_changed_shows_what_that_did(page: str) -> None:
    html = section(page, "changed")
    assert "Safety of ketamine, 6 November 2026, 03:00 UTC" in words(html)
    assert "OR spravato[tiab] OR" in html
    assert "records before" in words(html)


def test_the_ledger_has_the_runs_that_failed(page: str) -> None:
    html = section(page, "runs")
    assert "5 runs are on record, those that failed included (1)." in words(html)
    rows = cells(html)
    assert [row[0].split()[1] for row in rows] == ["5", "4", "3", "2", "1"]
    assert rows[2][1].startswith("4 November 2026, 03:00 UTC. Failed : PubMed's esearch")
    assert rows[3][2:] == ["0", "1", "2", "0"]
    assert 'href="/literature/runs?_sort_desc=id"' in html


def test_landmarks_are_demanded_of_a_library_from_pubmed_only(
    page: str, night: Night, tmp_path: Path
) -> None:
    assert "This is no measure of the searches" in section(page, "landmarks")
    path = copied(night.path, tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "UPDATE runs SET source = 'https://eutils.ncbi.nlm.nih.gov/entrez/eutils/'"
        )
        connection.execute("UPDATE articles SET pmid = 16894061 WHERE pmid = 70000000")
        connection.execute(
            "UPDATE article_topics SET pmid = 16894061 WHERE pmid = 70000000 AND topic <> 'trd'"
        )
        connection.execute(
            "INSERT INTO problems (run_id, pmid, stage, reason) "
            "VALUES (5, 19897179, 'fetch', 'It <b>cannot</b> be read.')"
        )
    html = section(getter(serve(path))("/methods").text, "landmarks")
    rows = {row[0]: row[1:] for row in cells(html)}
    must, finds, missing = rows["Ketamine and treatment-resistant depression"]
    assert (must, finds) == (str(len(load_topics().landmarks[0].pmids)), "1")
    assert "PMID 19897179 : It <b>cannot</b> be read." in missing
    assert "PMID 40601310 : PubMed did not list it when it was last asked" in missing
    assert (
        "PMID 16894061 : in the library, but this search does not find it"
        in rows["Treatment-resistant depression"][2]
    )
    assert "Safety of ketamine" not in rows, "its words are not those of the file"
    assert "<b>1</b> of them are here" in html


def test_how_soon_a_record_comes_is_measured_on_the_library(night: Night, tmp_path: Path) -> None:
    assert 'id="soon"' not in getter(serve(night.path))("/methods").text, "too few to say"
    path = copied(night.path, tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        pmids = [pmid for (pmid,) in connection.execute("SELECT pmid FROM articles")]
        for n, pmid in enumerate(pmids):
            # 0 to 3 days before the run; the first is dated after it.
            day = 6 if n == 0 else 5 - n % 4
            connection.execute(
                "UPDATE articles SET entered = ? WHERE pmid = ?", (f"2026-11-{day:02d}", pmid)
            )
            connection.executemany(
                "INSERT INTO changes (run_id, pmid, kind) VALUES (4, ?, 'added')", [(pmid,)] * 2
            )
        found = load_currency(connection)
    assert found is not None
    assert len(pmids) == 8
    assert (found.records, found.median, found.soon) == (16, 2, 12)
    said = words(section(getter(serve(path))("/methods").text, "soon"))
    assert "the last 16 records that harvests added (since 5 November 2026)" in said
    assert "within 2 days of PubMed’s own entry; 12 came within 2 days" in said


def test_the_appendix_is_the_one_of_the_command_line(tmp_path: Path) -> None:
    corpus = Corpus(today=date(2026, 1, 5))
    corpus.add_many(3, kind="trial")
    corpus.today = date(2026, 11, 2)
    with EutilsServer(corpus=corpus) as server:
        library = Night(tmp_path / "literature.db", server)
        library.harvest()
    answer = getter(serve(library.path))("/methods/prisma-s.md")
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    printed = CliRunner().invoke(main, ["--db", str(library.path), "report", "prisma-s"])
    assert answer.text == printed.stdout
    tag = answer.headers["etag"]
    again = getter(serve(library.path))("/methods/prisma-s.md", headers={"if-none-match": tag})
    assert again.status_code == 304


def test_a_library_of_files_knows_nothing_of_pubmed_s_count(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    stacks.make_library(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET command = 'load', complete = 0")
    get = getter(serve(path))
    html = get("/methods").text
    assert "Not yet known. These 60 records were loaded from files on 1 November" in words(html)
    assert "PubMed says" not in html
    assert "prisma-s.md" not in html
    assert get("/methods/prisma-s.md").status_code == 404
    assert "Landmark" not in html, "the search is not one of the topic file"


def test_the_sample_and_an_empty_library_say_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "sample.db"
    stacks.make_library(path, kind="sample")
    get = getter(serve(path))
    html = get("/methods").text
    assert "Its records are invented, and PubMed was not asked for them" in html
    assert "PubMed says" not in html
    assert get("/methods/prisma-s.md").status_code == 404
    empty = tmp_path / "empty.db"
    open_library(empty).conn.close()
    html = getter(serve(empty))("/methods").text
    assert "The library is empty" in html
    assert "Nothing has been searched for yet." in html
    assert "No run is on record yet." in html


@pytest.mark.parametrize("url", ["/methods", "/about"])
def test_no_text_of_a_topic_or_of_pubmed_can_harm(night: Night, tmp_path: Path, url: str) -> None:
    path = copied(night.path, tmp_path)
    bad = f"{shelf.SCRIPT}\x00\u202e{shelf.HANDLER}"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE topics SET title = ?, rationale = ?", (bad, bad))
        connection.execute(
            "UPDATE run_topics SET term = ?, translation = ?, warnings = json_array(?)",
            (bad, bad, bad),
        )
        connection.execute("UPDATE runs SET error = ?, database_build = ?", (bad, bad))
        connection.execute("UPDATE problems SET reason = ?, stage = ?", (bad, bad))
        connection.execute("UPDATE articles SET title = ?", (bad,))
    answer = getter(serve(path))(url)
    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert "<img" not in answer.text
    assert set("\x00\u202e") & set(answer.text) == set()
    assert "&lt;script&gt;" in answer.text


@pytest.mark.parametrize("url", ["/methods", "/about"])
def test_every_link_leads_somewhere(night: Night, url: str) -> None:
    get = getter(serve(night.path))
    html = get(url).text
    ids = set(re.findall(r' id="([^"]+)"', html))
    for href in sorted(set(map(unescape, re.findall(r'href="([^"]+)"', html)))):
        path, _, fragment = href.partition("#")
        if href.startswith("#"):
            assert fragment in ids, href
        elif href.startswith("/"):
            answer = get(path)
            assert answer.status_code in (200, 302), href
            if fragment:
                assert f'id="{fragment}"' in answer.text, href


def test_numbers_of_articles_are_those_of_the_search(night: Night) -> None:
    get = getter(serve(night.path))
    html = get("/methods").text
    promised = re.findall(r'href="(/search\?topic=[^"]+)">(\d+) articles?</a>', html)
    assert len(promised) == 4
    html = get("/about").text
    promised += re.findall(
        r'href="(/search\?[^"]+)"><span>[^<]+</span><span class="count">(\d+)</span>', html
    )
    assert len(promised) == 8
    for href, count in promised:
        assert get(href.replace("/search?", "/search.json?")).json()["total"] == int(count), href


def test_headings_are_in_order(page: str, get: Get) -> None:
    for html in (page, get("/about").text, get("/").text):
        levels = [int(level) for level in re.findall(r"<h(\d)", html)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
