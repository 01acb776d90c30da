"""Files for other programs: the whole result, in the page's order, whatever its size."""

import asyncio
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest
import rispy
from Bio import Medline
from datasette.app import Datasette

from harvester.exports.formats import FORMATS
from harvester.exports.json_lines import document
from harvester.library.database import connect_read_only
from harvester.library.holdings import read_holdings
from harvester.site import streams
from harvester.site.article_json import article_json
from harvester.site.record import load_record
from tests.site import shelf, stacks
from tests.site.conftest import Get, getter, serve

SEARCHES = (
    "",
    "q=ketamine",
    "q=ketamine&sort=oldest",
    "design=rct&design=review",
    "type=Review&from=2005&to=2015",
    "q=sample&language=fre&sort=newest",
    "sort=cited",
    "q=nothingthatmatches",
    "q=pmid:91000001+OR+pmid:91000009",
)


def pmids_of(suffix: str, body: bytes) -> list[int]:
    """The PMIDs in a file, by whatever reads it."""
    text = "" if suffix == "parquet" else body.decode()
    match suffix:
        case "ris":
            return [int(found["accession_number"]) for found in rispy.loads(text)]
        case "nbib":
            return [int(found["PMID"]) for found in Medline.parse(io.StringIO(text))]
        case "bib":
            return [int(pmid) for pmid in re.findall(r"^@\w+\{pmid(\d+),$", text, re.MULTILINE)]
        case "csl.json":
            return [int(found["PMID"]) for found in json.loads(text)]
        case "csv":
            return [int(line.partition(",")[0]) for line in text.split("\r\n")[1:-1]]
        case "jsonl":
            return [json.loads(line)["pmid"] for line in text.splitlines()]
        case _:
            return list(pq.read_table(io.BytesIO(body))["pmid"].to_pylist())


def pages(get: Get, search: str) -> list[int]:
    """The PMIDs of all pages of the search."""
    first = get(f"/search.json?{search}").json()
    found = [result["pmid"] for result in first["results"]]
    for page in range(2, first["pages"] + 1):
        results = get(f"/search.json?{search}&page={page}").json()["results"]
        found += [result["pmid"] for result in results]
    assert len(found) == first["total"]
    return found


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("exports") / "literature.db"
    stacks.make_library(path)
    shelf.add_records(path)
    return path


@pytest.fixture(scope="module")
def get_both(both: Path) -> Get:
    return getter(serve(both))


@pytest.mark.parametrize("search", SEARCHES)
def test_a_file_has_what_the_pages_show_in_their_order(get_both: Get, search: str) -> None:
    shown = pages(get_both, search)
    for form in FORMATS.values():
        answer = get_both(f"/search.{form.suffix}?{search}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == form.media_type
        assert pmids_of(form.suffix, answer.content) == shown, form.name


def test_a_file_is_whole_whatever_page_is_named(get: Get) -> None:
    assert get("/search.ris?page=2").content == get("/search.ris").content


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/search.ris", "pubmed_all_2026-11-02.ris"),
        (
            "/search.csl.json?q=S%C3%A3o+%22Paulo%22&type=Review&from=2001&page=3&sort=newest",
            "pubmed_sao-paulo-review-2001_2026-11-02.csl.json",
        ),
        ("/search.csv?q=%E6%A0%B7%E6%9C%AC", "pubmed_all_2026-11-02.csv"),
        (f"/search.bib?q={'x' * 500}%0D%0Aset-cookie:", f"pubmed_{'x' * 60}_2026-11-02.bib"),
        (f"/article/{shelf.PLAIN}.nbib", f"pmid{shelf.PLAIN}.nbib"),
    ],
)
def test_a_file_is_named_for_the_search_and_the_day(get_both: Get, path: str, name: str) -> None:
    disposition = get_both(path).headers["content-disposition"]
    assert disposition == f'attachment; filename="{name}"'


def test_a_file_of_the_sample_says_so(tmp_path: Path) -> None:
    from harvester.load import load
    from harvester.topics import load_topics
    from tests.conftest import ROOT

    topics = load_topics()
    found_by = [(topic, topics.parsed(topic)) for topic in topics]
    library = tmp_path / "sample.db"
    load(library, [ROOT / "data/sample.xml.gz"], found_by, label="all", kind="sample")
    answer = getter(serve(library))("/search.ris?q=nasal+spray&design=rct")
    assert 'filename="sample-data_nasal-spray-rct_' in answer.headers["content-disposition"]
    records = rispy.loads(answer.text)
    assert records
    assert all("Sample data: this record is invented." in found["notes"] for found in records)


@pytest.mark.parametrize("suffix", ["ris", "nbib", "bib", "csl.json"])
def test_an_article_is_given_for_reference_managers(get_both: Get, suffix: str) -> None:
    for record in shelf.records():
        answer = get_both(f"/article/{record.pmid}.{suffix}")
        assert pmids_of(suffix, answer.content) == [record.pmid]
    assert get_both(f"/article/{shelf.ABSENT}.{suffix}").status_code == 404


def test_a_retraction_is_said_in_each_file(get_both: Get) -> None:
    for pmid in (shelf.RETRACTED, shelf.UNMARKED):
        for suffix in ("ris", "nbib", "bib", "csl.json"):
            assert "RETRACTED: " in get_both(f"/article/{pmid}.{suffix}").text


def test_an_unchanged_file_is_not_sent_again(get: Get) -> None:
    for path in ("/search.ris?q=ketamine", "/article/91000001.bib", "/search.parquet"):
        first = get(path)
        assert first.headers["cache-control"] == get("/search?q=ketamine").headers["cache-control"]
        again = get(path, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_head_makes_no_file(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams.Stream, "asgi_send", None)
    answer = get("/search.ris", method="HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-disposition"].startswith("attachment; ")


def test_without_pyarrow_a_plain_sentence_says_so(
    get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harvester.exports.parquet.is_available", lambda: False)
    answer = get("/search.parquet")
    assert answer.status_code == 404
    assert answer.text.startswith("Parquet needs the package pyarrow; ")
    assert "/search.parquet" not in get("/search").text


def test_pages_lead_to_their_files(get_both: Get) -> None:
    page = get_both("/search?q=ketamine&type=Review&page=2").text
    for form in FORMATS.values():
        assert f'href="/search.{form.suffix}?q=ketamine&amp;type=Review" rel="nofollow"' in page
    assert "Export all " in page
    assert "Export all" not in get_both("/search?q=nothingthatmatches").text
    page = get_both(f"/article/{shelf.PLAIN}").text
    for form in FORMATS.values():
        assert (f'href="/article/{shelf.PLAIN}.{form.suffix}"' in page) == form.single


def test_crawlers_are_kept_off(get: Get) -> None:
    closed = re.findall("^Disallow: (.+)$", get("/robots.txt").text, re.MULTILINE)
    for form in FORMATS.values():
        assert f"/search.{form.suffix}".startswith(tuple(closed))
        assert get(f"/search.{form.suffix}").headers["x-robots-tag"] == "noindex"


def test_json_lines_have_the_names_and_values_of_the_api(both: Path) -> None:
    connection = connect_read_only(both)
    pmids = [row[0] for row in connection.execute("SELECT pmid FROM articles")]
    own = {"status", "retracted", "abstract_text", "design", "sample_size"}
    own |= {"invented", "cites", "topics"}
    for holding in read_holdings(connection, pmids):
        made = document(holding)
        record = load_record(connection, made["pmid"])
        assert record
        known = article_json(record)
        known |= {"withdrawn": known["standing"]["withdrawn"]}
        for name in made.keys() - own:
            assert _within(made[name], known[name]), (made["pmid"], name)
    connection.close()


def _within(made: Any, known: Any) -> bool:
    """Whether it is the same, apart from fields that are not made."""
    if isinstance(made, list):
        return len(made) == len(known) and all(map(_within, made, known))
    if isinstance(made, dict):
        return all(_within(value, known[name]) for name, value in made.items())
    return bool(made == known or (made == "" and known is None))


class Reader:
    """A client of the ASGI application that may leave, as a browser does."""

    def __init__(self, datasette: Datasette, path: str, *, leaves_after: int = 0) -> None:
        self.datasette, self.path, self.leaves_after = datasette, path, leaves_after
        self.messages: list[dict[str, Any]] = []
        self.left = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        if self.leaves_after:
            await self.left.wait()
            return {"type": "http.disconnect"}
        await asyncio.sleep(3600)
        raise AssertionError

    async def send(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        if len(self.messages) == self.leaves_after:
            self.left.set()

    async def read(self) -> None:
        scope = {
            "type": "http",
            "method": "GET",
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": b"",
            "headers": [(b"host", b"localhost")],
        }
        await self.datasette.app()(scope, self.receive, self.send)


def small_steps(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(streams, "_CHUNK", 500)
    patch.setattr(streams, "_BATCH", 2)


def test_a_file_is_sent_while_it_is_made(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_steps(monkeypatch)
    reader = Reader(serve(library), "/search.ris")
    asyncio.run(reader.read())
    bodies = [m["body"] for m in reader.messages if m["type"] == "http.response.body"]
    assert len(bodies) > stacks.COUNT / 2
    assert max(map(len, bodies)) < 3_000
    assert bodies[-1] == b""
    assert pmids_of("ris", b"".join(bodies)) == pages(getter(serve(library)), "")


def test_nothing_more_is_made_for_somebody_who_left(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_steps(monkeypatch)
    reader = Reader(serve(library), "/search.nbib", leaves_after=4)
    asyncio.run(reader.read())
    assert len(reader.messages) < 10


def test_a_file_that_cannot_be_finished_has_no_end(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_steps(monkeypatch)
    read: Callable[..., Any] = streams.read_holdings

    def failing(connection: Any, pmids: list[int]) -> Any:
        if stacks.FIRST in pmids:
            raise RuntimeError
        return read(connection, pmids)

    monkeypatch.setattr(streams, "read_holdings", failing)
    reader = Reader(serve(library), "/search.csv")
    asyncio.run(reader.read())
    bodies = [m for m in reader.messages if m["type"] == "http.response.body"]
    assert bodies
    assert all(message.get("more_body") for message in bodies)


def test_answers_are_told_apart_from_pages(get: Get) -> None:
    answer: httpx.Response = get("/search.jsonl", headers={"origin": "https://example.org"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-content-type-options"] == "nosniff"
