"""The loopback server's own behaviour: what eutils.fcgi does, and what the tests can make it do."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import requests
from Bio import Entrez

from harvester.pubmed.parse import read_record
from harvester.pubmed.split import split_reply
from harvester.topics import load_topics
from tests.eutils_server import (
    Corpus,
    EutilsServer,
    cut,
    cut_at_record,
    cut_in_entity,
    damage,
    leave_out,
    miscount,
    replay,
    reset,
    slow,
    stall,
)

DAY = date(2026, 11, 22)
FIRST = 70_000_000
KEY = "c0ffee11" * 4 + "c0ff"
ROOT = Path(__file__).resolve().parents[2]


class Client:
    """Asks the server with a session of its own."""

    def __init__(self, server: EutilsServer) -> None:
        self.server = server
        self.session = requests.Session()

    def post(self, utility: str, **data: Any) -> requests.Response:
        data = {"db": "pubmed", **data}
        return self.session.post(f"{self.server.url}{utility}.fcgi", data=data, timeout=10)

    def get(self, utility: str, **params: Any) -> requests.Response:
        params = {"db": "pubmed", **params}
        return self.session.get(f"{self.server.url}{utility}.fcgi", params=params, timeout=10)

    def search(self, term: str, **data: Any) -> dict[str, Any]:
        reply = self.post("esearch", term=term, retmode="json", retmax=9_999, **data)
        result: dict[str, Any] = json.loads(reply.text, strict=False)["esearchresult"]
        return result

    def found(self, term: str, **data: Any) -> list[int]:
        return [int(pmid) for pmid in self.search(term, **data)["idlist"]]

    def fetched(self, **data: Any) -> list[int]:
        body = self.post("efetch", retmode="xml", **data).content
        return [read_record(piece.data)[0].pmid for piece in split_reply(body)]


@pytest.fixture
def server() -> Iterator[EutilsServer]:
    with EutilsServer(corpus=Corpus.bulk(20, today=DAY)) as running:
        yield running


@pytest.fixture
def client(server: EutilsServer) -> Client:
    return Client(server)


# Requests --------------------------------------------------------------------------------------


def test_get_and_post_are_the_same(client: Client) -> None:
    params = {"term": "ketamine[tiab]", "retmax": "3"}
    assert client.get("esearch", **params).content == client.post("esearch", **params).content


def test_a_query_string_and_a_form_are_one_request(server: EutilsServer) -> None:
    url = f"{server.url}esearch.fcgi?db=pubmed&retmax=2&nonsense=1"
    body = requests.post(url, data={"term": "ketamine[tiab]"}, timeout=10).text
    assert "<RetMax>2</RetMax>" in body


def test_ids_come_repeated_or_with_commas(client: Client) -> None:
    ids = [FIRST + 3, FIRST + 1]
    assert client.fetched(id=ids) == ids
    assert client.fetched(id=",".join(map(str, ids))) == ids


def test_a_long_get_is_refused_by_the_web_server_in_front(client: Client) -> None:
    term = " OR ".join(f"{FIRST + n}[uid]" for n in range(400))
    reply = client.get("esearch", term=term)
    assert (reply.status_code, reply.headers["Server"]) == (414, "Apache")
    assert reply.headers["Connection"] == "close"
    assert "X-RateLimit-Limit" not in reply.headers
    assert "Content-Encoding" not in reply.headers
    assert client.post("esearch", term=term).status_code == 200


def test_headers_of_a_normal_answer(client: Client) -> None:
    reply = client.get("einfo")
    headers = reply.headers
    assert headers["Server"] == "Finatra"
    assert headers["Content-Type"] == "text/xml; charset=UTF-8"
    assert headers["Transfer-Encoding"] == "chunked"
    assert headers["Content-Encoding"] == "gzip"
    assert headers["X-RateLimit-Limit"] == "3"
    assert headers["X-RateLimit-Remaining"] == "2"
    assert "ncbi_sid=" in headers["Set-Cookie"]
    assert "NCBI-PHID" in headers
    assert "Content-Length" not in headers
    assert client.get("einfo", api_key=KEY).headers["X-RateLimit-Limit"] == "10"
    client.session.headers["Accept-Encoding"] = "identity"
    plain = client.get("einfo")
    assert "Content-Encoding" not in plain.headers
    assert plain.content == reply.content


def test_unknown_addresses_are_pages(server: EutilsServer, client: Client) -> None:
    assert client.get("espresso").status_code == 404
    reply = requests.get(server.url.replace("/entrez/eutils/", "/"), timeout=10)
    assert (reply.status_code, reply.headers["Server"]) == (404, "Apache")


def test_a_connection_carries_forty_requests(client: Client) -> None:
    last = [client.get("einfo").headers["Connection"] for _ in range(41)]
    assert last == ["Keep-Alive"] * 39 + ["close", "Keep-Alive"]


def test_the_log_has_what_was_asked_and_no_secret(server: EutilsServer, client: Client) -> None:
    client.post("efetch", id=f"{FIRST},1", api_key=KEY, email="a@example.org")
    client.get("esearch", term="ketamine[tiab]")
    fetch, search = server.requests
    assert (fetch.utility, fetch.method, fetch.status) == ("efetch", "POST", 200)
    assert fetch.ids == (FIRST, 1)
    assert search.params["term"] == "ketamine[tiab]"
    assert 0 <= fetch.seconds <= search.seconds
    assert KEY not in repr(server.requests)
    assert "example.org" not in repr(server.requests)
    server.forget()
    assert server.requests == []


# Limits and keys -------------------------------------------------------------------------------


class Hands:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_more_than_three_requests_in_any_second_are_refused() -> None:
    clock = Hands()
    with EutilsServer(corpus=Corpus(), rate_limit=3, clock=clock) as server:
        client = Client(server)
        statuses = []
        for moment in (0.0, 0.25, 0.5, 0.75, 1.25, 1.5, 3.0):
            clock.now = moment
            statuses.append(client.get("einfo").status_code)
        assert statuses == [200, 200, 200, 429, 200, 200, 200]
        clock.now = 9.0
        refusals = [client.get("einfo", retmode="xml") for _ in range(4)]
        assert refusals[-1].json() == {
            "error": "API rate limit exceeded",
            "api-key": "127.0.0.1",
            "count": "4",
            "limit": "3",
        }
        assert refusals[-1].headers["Retry-After"] == "2"
        with_key = [client.get("einfo", api_key=KEY).status_code for _ in range(11)]
        assert with_key == [200] * 10 + [429]


@pytest.mark.parametrize(
    ("key", "error", "kind"),
    [
        ("", "API key invalid", "invalid"),
        (KEY.upper(), "API key not wellformed", "api-key-fake"),
        (KEY[1:], "API key not wellformed", "api-key-fake"),
        (KEY[::-1], "API key invalid", "invalid"),
    ],
)
def test_keys_are_checked(key: str, error: str, kind: str) -> None:
    with EutilsServer(corpus=Corpus(), valid_keys={KEY}) as server:
        client = Client(server)
        assert client.get("einfo", api_key=KEY).status_code == 200
        reply = client.get("einfo", api_key=key)
        assert reply.status_code == 400
        assert reply.json() == {
            "error": error,
            "api-key": key,
            "type": kind,
            "status": "unknown",
        }


# Searches --------------------------------------------------------------------------------------


def test_the_four_topics_find_their_kinds() -> None:
    corpus = Corpus(today=DAY)
    for kind in ("trial", "mouse", "stimulation", "bladder", "other"):
        corpus.add(kind)
    found = {}
    with EutilsServer(corpus=corpus) as server:
        client = Client(server)
        for topic in load_topics():
            found[topic.name] = [pmid - FIRST for pmid in client.found(topic.term)]
    assert found == {
        "ketamine-trd": [0],
        "ketamine-depression": [1, 0],
        "trd": [2, 0],
        "ketamine-safety": [3, 0],
    }


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("ketamine[tiab]", range(20)),
        (f"(ketamine[tiab]) AND {FIRST}:{FIRST + 4}[UID]", range(5)),
        (f"{FIRST + 18}:99999999 [UID]", (18, 19)),
        (f"ketamine[tiab] NOT {FIRST}:{FIRST + 17}[uid]", (18, 19)),
        (f"nothing[tiab] OR {FIRST + 2}[pmid]", (2,)),
        ("ketamine[tiab] AND nothing[tiab]", ()),
        ('"2026/11/22"[crdt] : "3000"[crdt]', range(20)),
        ("2026/11/23:3000[lr]", ()),
        ("all[sb]", range(20)),
        ("ketamine[tiabb]", range(20)),  # the tag is dropped without a word
        ("(ketamine OR nothing)[tiab]", range(20)),
        ("(ketamine", ()),
        ("the[tiab] AND ketamine[tiab]", ()),
    ],
)
def test_terms(client: Client, term: str, expected: Any) -> None:
    assert sorted(client.found(term)) == [FIRST + number for number in expected]


def test_a_search_sees_what_changed_since_the_last(server: EutilsServer, client: Client) -> None:
    kept = client.search("ketamine[tiab]", usehistory="y")
    server.corpus.delete(FIRST)
    new = server.corpus.add()
    found = client.found("ketamine[tiab]")
    assert new in found
    assert FIRST not in found
    assert sorted(client.found("#1", WebEnv=kept["webenv"])) == list(range(FIRST + 1, FIRST + 20))


def test_newest_entry_first_whatever_the_pmid(server: EutilsServer, client: Client) -> None:
    old = server.corpus.add(entered=date(2001, 2, 3))
    new = server.corpus.add(pmid=5)
    assert client.found("ketamine[tiab]")[-1] == old
    assert client.found("ketamine[tiab]")[19] == FIRST
    assert client.found("ketamine[tiab]")[20] == new
    by_day = client.found("ketamine[tiab]", sort="pub_date")
    assert by_day[-1] == old


def test_dates_given_beside_the_term(server: EutilsServer, client: Client) -> None:
    late = server.corpus.add(entered=date(2001, 2, 3))
    reply = client.search("ketamine[tiab]", datetype="edat", mindate="2001", maxdate="2001/12")
    assert reply["idlist"] == [str(late)]
    assert reply["querytranslation"] == (
        '("ketamine"[Title/Abstract]) AND 2001:2001/12[Date - Entry]'
    )
    assert client.search("ketamine[tiab]", datetype="edat", reldate="60")["count"] == "20"
    assert client.search("ketamine[tiab]", datetype="edat", mindate="2001")["count"] == "21"


def test_a_term_comes_back_with_long_names(client: Client) -> None:
    term = '"Ketamine"[mh:noexp] OR ketamin*[tiab] OR 1:9 [UID] OR "a b"[tiab:~3]'
    assert client.search(term)["querytranslation"] == (
        '"Ketamine"[MeSH Terms:noexp] OR "ketamin*"[Title/Abstract] OR 1:9 [UID] OR '
        '"a b"[Title/Abstract:~3]'
    )


def test_pubmed_can_be_made_to_warn(server: EutilsServer, client: Client) -> None:
    server.service.index.unknown_phrases.add('"CI 581"')
    server.service.index.messages.append("Wildcard search for 'k*' used only the first 600")
    warnings = client.search('ketamine[tiab] OR "CI 581"[tiab]')["warninglist"]
    assert warnings["quotedphrasesnotfound"] == ['"CI 581"']
    assert warnings["outputmessages"] == ["Wildcard search for 'k*' used only the first 600"]
    assert "warninglist" not in client.search("none[tiab]", rettype="count")


# The wall --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "start", "asked", "listed", "message"),
    [
        (9_999, 0, 9_999, 9_999, None),
        (10_000, 0, 9_999, 9_999, None),
        (10_000, 0, 10_000, 9_999, "0, 9999"),
        (25_000, 0, 100_000, 9_999, "0, 9999"),
        (25_000, 9_990, 10, 9, "9990, 9"),
        (25_000, 9_998, 1, 1, None),
        (5, 0, 20, 5, None),
    ],
)
def test_esearch_lists_the_first_9999(
    held: int, start: int, asked: int, listed: int, message: str | None
) -> None:
    with EutilsServer(corpus=Corpus.bulk(held, today=DAY)) as server:
        body = (
            Client(server)
            .post("esearch", term="ketamine[tiab]", retstart=start, retmax=asked)
            .content
        )
    root = ElementTree.fromstring(body)  # noqa: S314
    assert root.findtext("Count") == str(held)
    assert root.findtext("RetMax") == str(listed)
    assert len(root.findall("IdList/Id")) == listed
    said = root.findtext("WarningList/OutputMessage")
    adjusted = f"Restrictions achieved. start and count adjusted to {message}"
    assert said == (adjusted if message else None)


def test_beyond_the_wall_is_an_error_and_in_json_not_even_json(client: Client) -> None:
    reply = client.post("esearch", term="ketamine[tiab]", retstart=9_999, retmode="json")
    assert reply.status_code == 200
    with pytest.raises(ValueError, match="control character"):
        json.loads(reply.text)
    said = client.search("ketamine[tiab]", retstart=9_999)["ERROR"]
    assert said.startswith("Search Backend failed: Exception:\n'retstart' cannot be larger than")
    assert "<ERROR>" in client.post("esearch", term="ketamine[tiab]", retstart=9_999).text


@pytest.mark.parametrize(
    ("start", "asked", "delivered"),
    [(0, 500, 500), (9_500, 500, 499), (9_950, 50, 49), (9_998, 500, 1)],
)
def test_efetch_from_history_is_clamped_silently(start: int, asked: int, delivered: int) -> None:
    with EutilsServer(corpus=Corpus.bulk(10_000, today=DAY)) as server:
        client = Client(server)
        kept = client.search("ketamine[tiab]", usehistory="y")
        window = {"WebEnv": kept["webenv"], "query_key": kept["querykey"]}
        assert len(client.fetched(**window, retstart=start, retmax=asked)) == delivered
        reply = client.post("efetch", **window, retstart=9_999, retmax=asked)
        assert reply.status_code == 400
        assert "retrieve history data" in reply.text


# History ---------------------------------------------------------------------------------------


def test_history_keeps_sets_under_rising_keys(client: Client) -> None:
    first = client.search(f"{FIRST}:{FIRST + 1}[uid]", usehistory="y")
    web_env = first["webenv"]
    assert re.fullmatch(r"MCID_[0-9a-f]{24}", web_env)
    second = client.search(f"{FIRST + 2}[uid]", usehistory="y", WebEnv=web_env)
    assert (first["querykey"], second["querykey"], second["webenv"]) == ("1", "2", web_env)
    assert client.fetched(WebEnv=web_env, query_key=2) == [FIRST + 2]
    assert sorted(client.found("#1 OR #2", WebEnv=web_env)) == [FIRST, FIRST + 1, FIRST + 2]
    assert client.found(f"{FIRST + 1}[uid]", WebEnv=web_env, query_key=1) == [FIRST + 1]


def test_a_kept_set_does_not_change(server: EutilsServer, client: Client) -> None:
    kept = client.search("ketamine[tiab]", usehistory="y")
    server.corpus.add(pmid=3)
    server.corpus.delete(FIRST)
    got = client.fetched(WebEnv=kept["webenv"], query_key=1)
    assert 3 not in got
    assert FIRST not in got  # nothing is left of it to deliver
    assert len(got) == 19


def test_epost_keeps_the_order_and_asks_no_questions(client: Client) -> None:
    reply = client.post("epost", id=f"{FIRST + 5},12,{FIRST + 1}")
    found = re.search(r"<WebEnv>(\w+)<", reply.text)
    assert found
    window = {"WebEnv": found[1], "query_key": 1}
    assert client.fetched(**window) == [FIRST + 5, FIRST + 1]
    assert "Unable to obtain query #2" in client.post("efetch", WebEnv=found[1], query_key=2).text


def test_history_expires() -> None:
    clock = Hands()
    with EutilsServer(corpus=Corpus.bulk(2), history_seconds=60, clock=clock) as server:
        client = Client(server)
        window = {"WebEnv": client.search("all[sb]", usehistory="y")["webenv"], "query_key": 1}
        clock.now = 60
        assert len(client.fetched(**window)) == 2
        clock.now = 61
        assert "Unable to obtain query #1" in client.post("efetch", **window).text
        window["WebEnv"] = client.search("all[sb]", usehistory="y")["webenv"]
        server.service.forget_history()
        assert "Unable to obtain query #1" in client.post("efetch", **window).text


# Records ---------------------------------------------------------------------------------------


def test_efetch_keeps_the_order_drops_the_unknown_and_repeats_nothing(client: Client) -> None:
    ids = [FIRST + 7, 1, FIRST + 2, FIRST + 7, f"00{FIRST + 1}"]
    assert client.fetched(id=ids) == [FIRST + 7, FIRST + 2, FIRST + 1]
    assert client.fetched(id="1,2") == []


def test_efetch_refuses_what_is_no_id(client: Client) -> None:
    reply = client.post("efetch", id="0,abc")
    assert (reply.status_code, "ID list is empty!" in reply.text) == (400, True)
    reply = client.post("efetch", id="0", rettype="medline", retmode="text")
    assert reply.text == "ID+list+is+empty!+Possibly+it+has+no+correct+IDs."
    reply = client.post("efetch", id="")
    assert (reply.status_code, "id parameter is empty" in reply.text) == (200, True)


def test_efetch_sends_ascii_and_any_dtd(tmp_path: Path) -> None:
    corpus = Corpus.bulk(1)
    corpus.revise(FIRST, title="Kétamine – ½ α")
    corpus.save(tmp_path / "one.xml.gz")
    again = Corpus.from_files([tmp_path / "one.xml.gz"])
    with EutilsServer(corpus=again) as server:
        server.service.dtd = "270101"
        body = Client(server).post("efetch", id=FIRST).content
    assert body.isascii()
    assert b"K&#xe9;tamine &#x2013;" in body
    assert b'<?xml version="1.0" ?>\n<!DOCTYPE' in body
    assert b"pubmed_270101.dtd" in body
    assert read_record(split_reply(body)[0].data)[0].title.plain == "Kétamine – ½ α"


def test_lists_of_ids_and_text(client: Client) -> None:
    ids = f"{FIRST + 1},{FIRST}"
    assert client.post("efetch", id=ids, rettype="uilist", retmode="text").text == (
        f"{FIRST + 1}\n{FIRST}\n"
    )
    text = client.post("efetch", id=ids, rettype="medline", retmode="text").text
    assert re.findall(r"^PMID- (\d+)", text, re.MULTILINE) == [str(FIRST + 1), str(FIRST)]
    text = client.post("efetch", id=ids, rettype="abstract", retmode="text").text
    assert max(map(len, text.splitlines())) <= 80


def test_summaries_and_links_know_their_errors(client: Client) -> None:
    assert "Neither query_key nor id specified" in client.post("esummary").text
    assert client.post("esummary", id="1,abc", retmode="json").json()["error"] == (
        "Invalid uid abc at position= 1"
    )
    assert "<error>cannot get" in client.post("esummary", id="1", version="2.0").text
    reply = client.session.get(f"{client.server.url}elink.fcgi?dbfrom=pubmed", timeout=10)
    assert "<ERROR>" in reply.text


@pytest.mark.parametrize(
    ("utility", "params"),
    [
        ("einfo", {}),
        ("esearch", {"term": "ketamine[tiab]", "usehistory": "y"}),
        ("esearch", {"term": "none[tiab]"}),
        ("epost", {"id": "1,2"}),
        ("esummary", {"id": f"{FIRST},{FIRST + 1}"}),
        ("elink", {"dbfrom": "pubmed", "id": str(FIRST)}),
        ("efetch", {"id": f"{FIRST},{FIRST + 1}"}),
    ],
)
def test_biopython_reads_the_answers(client: Client, utility: str, params: dict[str, str]) -> None:
    assert Entrez.read(BytesIO(client.post(utility, **params).content))


# The days --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept_in", ["memory", "file"])
def test_a_record_that_comes_late_is_new_by_creation_and_old_by_entry(
    tmp_path: Path, kept_in: str
) -> None:
    corpus = Corpus.bulk(3, today=DAY)
    corpus.pass_days(10)
    late = corpus.add(entered=date(2024, 1, 1))
    if kept_in == "file":
        corpus.save(tmp_path / "some.xml")
        corpus = Corpus.from_files([tmp_path / "some.xml"], today=corpus.today)
    with EutilsServer(corpus=corpus) as server:
        client = Client(server)
        assert client.found('"2026/12/01"[crdt] : "3000"[crdt]') == [late]
        assert client.found('"2026/12/01"[edat] : "3000"[edat]') == []
        assert client.found('"2026/12/02"[lr] : "3000"[lr]') == [late]
        assert "2026/12/02" in client.get("einfo").text


@pytest.mark.parametrize("kept_in", ["memory", "file"])
def test_what_happens_to_records(tmp_path: Path, kept_in: str) -> None:
    corpus = Corpus.bulk(5, today=DAY)
    if kept_in == "file":
        corpus.save(tmp_path / "some.xml")
        corpus = Corpus.from_files([tmp_path / "some.xml"], today=DAY)
    corpus.pass_days()
    corpus.revise(FIRST, title="Ketamine, a new title")
    corpus.revise(FIRST + 4)
    notice = corpus.retract(FIRST + 1)
    corpus.delete(FIRST + 2)
    corpus.merge(FIRST + 3, FIRST)
    with EutilsServer(corpus=corpus) as server:
        client = Client(server)
        changed = client.found('"2026/11/23"[lr] : "3000"[lr]')
        assert sorted(changed) == [FIRST, FIRST + 1, FIRST + 4, notice]
        assert client.found("new title[ti]") == [FIRST]
        assert sorted(client.found("ketamine[tiab]")) == sorted(changed)
        body = client.post("efetch", id=[*range(FIRST, FIRST + 5), notice]).content
    articles = {a.pmid: a for a, _ in (read_record(piece.data) for piece in split_reply(body))}
    assert sorted(articles) == sorted(changed)
    assert articles[FIRST].title.plain == "Ketamine, a new title"
    assert articles[FIRST].date("revised") == articles[FIRST + 4].date("revised") == "2026-11-23"
    retracted = articles[FIRST + 1]
    assert retracted.retracted
    assert [(c.kind, c.pmid) for c in retracted.corrections] == [("RetractionIn", notice)]
    assert articles[notice].retraction_notice
    assert not articles[notice].retracted


def test_later_files_replace_and_delete(tmp_path: Path) -> None:
    corpus = Corpus.bulk(3, today=DAY)
    corpus.save(tmp_path / "1.xml")
    corpus.pass_days()
    corpus.revise(FIRST)
    gone = f'<DeleteCitation><PMID Version="1">{FIRST + 1}</PMID></DeleteCitation>'
    body = b"<PubmedArticleSet>" + corpus.records[FIRST].xml + gone.encode()
    (tmp_path / "2.xml").write_bytes(body + b"</PubmedArticleSet>")
    read = Corpus.from_files([tmp_path / "1.xml", tmp_path / "2.xml"])
    assert {pmid: record.dates["mdat"] for pmid, record in read.records.items()} == {
        FIRST: "2026-11-23",
        FIRST + 2: "2026-11-22",
    }


def test_merging_needs_the_record_that_stays() -> None:
    with pytest.raises(KeyError):
        Corpus.bulk(2).merge(FIRST, 5)


def test_large_corpora_start_at_once() -> None:
    started = time.perf_counter()
    with EutilsServer(corpus=Corpus.bulk(20_000)) as server:
        assert Client(server).search("ketamine[tiab]")["count"] == "20000"
    assert time.perf_counter() - started < 5


def test_a_file_of_20_000_real_records_starts_in_seconds(shared_data: Path) -> None:
    started = time.perf_counter()
    corpus = Corpus.from_files([shared_data / "pubmed/bulk-1970s.xml.gz"])
    assert len(corpus) == 19_993
    assert time.perf_counter() - started < 10


def test_books_deletions_and_versions_of_real_files(shared_data: Path) -> None:
    corpus = Corpus.from_files([shared_data / "pubmed/oddities.xml"])
    with EutilsServer(corpus=corpus) as server:
        client = Client(server)
        assert client.fetched(id="20301295,399560") == [20301295, 399560]
        books = client.found("pubmed books[sb]")
    assert 20301295 in books
    assert 399560 not in books


# Failures --------------------------------------------------------------------------------------


def test_failures_strike_the_requests_they_are_meant_for(
    server: EutilsServer, client: Client
) -> None:
    server.fail(replay("http503_unavailable"), utility="efetch", at=2, times=2)
    server.fail(
        replay("http500_unable_to_route"), when=lambda _, params: "5" in params.get("id", [])
    )
    statuses = [client.post("efetch", id=FIRST).status_code for _ in range(4)]
    assert statuses == [200, 503, 503, 200]
    assert client.post("esummary", id=5).status_code == 500
    assert client.post("esummary", id=5).status_code == 200
    server.fail(replay("http200_empty_body"), times=None)
    assert [client.post("einfo").content for _ in range(3)] == [b""] * 3
    server.heal()
    assert client.post("einfo").content
    assert [request.status for request in server.requests][:4] == statuses


def test_a_refusal_names_the_seconds_to_wait(server: EutilsServer, client: Client) -> None:
    server.fail(replay("http429_rate_limit"))
    reply = client.post("einfo")
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "2")


@pytest.mark.parametrize("packed", ["gzip", "identity"])
@pytest.mark.parametrize("fault", [cut(300), cut_at_record(2), cut_in_entity()])
def test_a_body_that_is_cut_ends_in_an_error_of_the_transfer(
    server: EutilsServer, client: Client, fault: Any, packed: str
) -> None:
    client.session.headers["Accept-Encoding"] = packed
    server.fail(fault)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.post("efetch", id=[FIRST, FIRST + 1, FIRST + 2])
    assert len(client.fetched(id=[FIRST, FIRST + 1])) == 2


def test_a_body_that_is_cut_may_look_whole(server: EutilsServer, client: Client) -> None:
    ids = [FIRST, FIRST + 1, FIRST + 2]
    server.fail(cut_at_record(2, clean=True))
    body = client.post("efetch", id=ids).content
    assert body.endswith(b"</PubmedArticle>")
    assert body.count(b"<PubmedArticle>") == 2
    server.corpus.revise(FIRST, title="A < B")
    server.fail(cut_in_entity(clean=True))
    assert client.post("efetch", id=ids).content.endswith(b"&lt")
    server.fail(cut(100, clean=True))
    assert len(client.post("efetch", id=ids).content) == 100


def test_late_and_stalled_answers(server: EutilsServer, client: Client) -> None:
    url = f"{server.url}einfo.fcgi"
    server.fail(slow(2))
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(url, timeout=0.2)
    server.fail(stall(2))
    with requests.get(url, timeout=0.2, stream=True) as reply:
        assert reply.status_code == 200
        with pytest.raises(requests.exceptions.ConnectionError, match="timed out"):
            list(reply.iter_content(1_000))
    server.fail(stall(0.05))
    assert client.get("einfo").content.endswith(b"</eInfoResult>\n")


def test_a_kept_connection_can_break(server: EutilsServer, client: Client) -> None:
    server.fail(reset(reused=True), at=2)
    for _ in range(2):
        assert client.post("einfo").status_code == 200
    with pytest.raises(requests.exceptions.ConnectionError):
        client.post("einfo")
    assert client.post("einfo").status_code == 200
    server.fail(reset())
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.post(f"{server.url}einfo.fcgi", timeout=5)
    assert [request.status for request in server.requests] == [200, 200, 0, 200, 0]


def test_counts_and_deliveries_can_differ(server: EutilsServer, client: Client) -> None:
    server.fail(miscount(1))
    result = client.search("ketamine[tiab]")
    assert (result["count"], len(result["idlist"])) == ("21", 20)
    server.fail(miscount(-1))
    assert "<Count>19</Count>" in client.post("esearch", term="ketamine[tiab]").text
    server.fail(leave_out(FIRST + 1))
    assert client.fetched(id=[FIRST, FIRST + 1, FIRST + 2]) == [FIRST, FIRST + 2]


def test_one_record_can_be_damaged(server: EutilsServer, client: Client) -> None:
    server.fail(damage(FIRST + 1))
    body = client.post("efetch", id=[FIRST, FIRST + 1]).content
    with pytest.raises(ElementTree.ParseError):
        ElementTree.fromstring(body)  # noqa: S314
    assert len(split_reply(body)) == 2


def test_answers_take_the_time_they_are_told_to(server: EutilsServer, client: Client) -> None:
    server.latency = 0.15
    started = time.perf_counter()
    client.post("einfo")
    assert time.perf_counter() - started >= 0.15


def test_a_server_that_is_gone_answers_nobody() -> None:
    with EutilsServer(corpus=Corpus()) as server:
        client = Client(server)
        client.post("einfo")
        url = server.url
    with pytest.raises(requests.exceptions.ConnectionError):
        client.session.post(f"{url}einfo.fcgi", timeout=5)


def test_by_hand(tmp_path: Path) -> None:
    Corpus.bulk(3).save(tmp_path / "three.xml.gz")
    command = [sys.executable, "-m", "tests.eutils_server", str(tmp_path / "three.xml.gz")]
    with subprocess.Popen(
        [*command, "--made", "2"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline().startswith("5 records")
            name, _, url = process.stdout.readline().strip().partition("=")
            assert name == "HARVESTER_EUTILS_URL"
            assert url.endswith("/entrez/eutils/")
            reply = requests.post(
                f"{url}efetch.fcgi", data={"db": "pubmed", "id": FIRST}, timeout=10
            )
            assert len(split_reply(reply.content)) == 1
        finally:
            process.terminate()
