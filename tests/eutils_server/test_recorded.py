"""The loopback server against recorded replies of the real one, shape by shape."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from harvester.pubmed.replies import classify
from tests.eutils_server import Corpus, EutilsServer, Kind, kinds
from tests.eutils_server.faults import names, replay

DAY = date(2026, 3, 26)


@pytest.fixture
def recorded(shared_data: Path) -> Path:
    return shared_data / "eutils"


def corpus_of(pmids: Iterable[int], kind: Kind = kinds["trial"]) -> Corpus:
    """Records with these PMIDs that PubMed lists in this order."""
    corpus = Corpus(today=DAY)
    for place, pmid in enumerate(pmids):
        corpus.add(kind, pmid=pmid, entered=date.fromordinal(DAY.toordinal() - place))
    return corpus


def ask(corpus: Corpus, utility: str, **params: str) -> bytes:
    with EutilsServer(corpus=corpus) as server:
        data = {"db": "pubmed", **params}
        return requests.post(f"{server.url}{utility}.fcgi", data=data, timeout=10).content


def tree(body: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(body)  # noqa: S314 (our own bodies and the recordings)


def masked(body: bytes, *elements: str) -> str:
    """The body without the content of these elements, and without space between elements."""
    text = body.decode()
    for name in elements:
        text = re.sub(rf"<{name}>.*?</{name}>|<{name}/>", f"<{name}/>", text, flags=re.DOTALL)
    return re.sub(r">\s+<", "><", text).strip()


def keys(value: Any) -> Any:
    """The members of JSON and their order; of a list, those of its first item."""
    if isinstance(value, dict):
        return [(name, keys(inner)) for name, inner in value.items()]
    if isinstance(value, list):
        return [keys(value[0])] if value else []
    return type(value).__name__


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("pubmed_usehistory_2025", {"retmax": "250", "usehistory": "y"}),
        ("pubmed_default20", {}),
        ("pubmed_retmax3_page0", {"retmax": "3", "retstart": "0"}),
        ("pubmed_1_hit", {"retmax": "5000"}),
    ],
)
def test_esearch_in_xml(recorded: Path, name: str, params: dict[str, str]) -> None:
    expected = (recorded / f"esearch/{name}.xml").read_bytes()
    root = tree(expected)
    listed = [int(found.text or "") for found in root.iter("Id")]
    count = int(root.findtext("Count") or "")
    corpus = corpus_of([*listed, *range(1, 1 + count - len(listed))])
    body = ask(corpus, "esearch", term="ketamine[tiab]", **params)
    hide = ("WebEnv", "TranslationSet", "QueryTranslation")
    assert masked(body, *hide) == masked(expected, *hide)


def test_esearch_counts(recorded: Path) -> None:
    body = ask(corpus_of(range(1, 7)), "esearch", term="ketamine[tiab]", rettype="count")
    assert body.strip() == (recorded / "esearch/pubmed_rettype_count.xml").read_bytes().strip()
    expected = json.loads(
        (recorded / "esearch_json/case_rettype_count_hides_warning.json").read_text()
    )
    body = ask(Corpus(), "esearch", term='"No such"[mh]', rettype="count", retmode="json")
    assert json.loads(body) == expected


def test_esearch_in_json(recorded: Path) -> None:
    expected = (recorded / "esearch_json/pubmed_3_hits_2026.json").read_bytes()
    kind = replace(kinds["other"], title="PTEN D326N {n}")
    corpus = corpus_of(map(int, json.loads(expected)["esearchresult"]["idlist"]), kind)
    term = "PTEN[tiab] AND D326N[tiab]"
    assert ask(corpus, "esearch", term=term, retmode="json", retmax="100") == expected.strip()


def test_esearch_at_the_edge_of_what_is_given_out(recorded: Path) -> None:
    expected = json.loads(
        (recorded / "esearch_json/case_restrictions_achieved_9990.json").read_text()
    )
    kind = replace(kinds["other"], title="Asthma {n}")
    corpus = Corpus(today=DAY)
    for pmid in range(1, 10_501):
        corpus.add(kind, pmid=pmid)
    body = ask(corpus, "esearch", term="asthma[tiab]", retstart="9990", retmax="10", retmode="json")
    result = json.loads(body)
    assert len(result["esearchresult"]["idlist"]) == 9
    result["esearchresult"]["count"] = expected["esearchresult"]["count"]
    result["esearchresult"]["idlist"] = expected["esearchresult"]["idlist"]
    assert result == expected


def test_esearch_beyond_the_wall(recorded: Path) -> None:
    corpus = corpus_of([1])
    params = {"term": "ketamine[tiab]", "retstart": "9999", "retmax": "1"}
    body = ask(corpus, "esearch", **params, retmode="json")
    name = "errors/http200_esearch_json_retstart_9999_INVALID_JSON.json"
    assert body.strip() == (recorded / name).read_bytes().strip()
    said = tree(ask(corpus, "esearch", **params)).findtext("ERROR")
    assert said == json.loads(body, strict=False)["esearchresult"]["ERROR"]


def test_esearch_warns(recorded: Path) -> None:
    folder = recorded / "esearch_json"

    def expected(name: str) -> dict[str, Any]:
        result: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())["esearchresult"]
        return result

    def result(corpus: Corpus, term: str) -> dict[str, Any]:
        body = ask(corpus, "esearch", term=term, retmode="json", retmax="0")
        answer: dict[str, Any] = json.loads(body)["esearchresult"]
        return answer

    kind = replace(kinds["other"], title="Asthma and the copd {n}")
    corpus = corpus_of([1, 2], kind)
    assert result(corpus, "the[tiab] AND asthma[tiab]") | {"querytranslation": ""} == expected(
        "case_stopword_with_tag_phrasesnotfound"
    ) | {"querytranslation": ""}
    group = expected("case_field_tag_on_group_ignored")
    ours = result(corpus, "(asthma OR copd)[tiab]")
    assert ours["errorlist"] == group["errorlist"]
    assert ours["count"] == "2"
    phrase = '"Atherosclerotic Cardiovascular Disease"[Mesh]'
    with EutilsServer(corpus=corpus) as server:
        server.service.index.unknown_phrases.add(phrase)
        data = {"db": "pubmed", "term": phrase, "retmode": "json", "retmax": "0"}
        answer = requests.post(f"{server.url}esearch.fcgi", data=data, timeout=10).json()
    assert (
        answer["esearchresult"]["warninglist"] == expected("case_mesh_term_unknown")["warninglist"]
    )


def test_epost(recorded: Path) -> None:
    hide = ("WebEnv",)
    body = ask(Corpus(), "epost", id="1,2")
    assert masked(body, *hide) == masked((recorded / "epost/pubmed_ok.xml").read_bytes(), *hide)
    body = ask(Corpus(), "epost", id="x")
    assert masked(body) == masked((recorded / "epost/error_invalid_id.xml").read_bytes())


def test_einfo(recorded: Path) -> None:
    expected = tree((recorded / "einfo/pubmed_2025.xml").read_bytes())
    answer = tree(ask(corpus_of([1]), "einfo", version="2.0"))
    about, ours = expected.find("DbInfo"), answer.find("DbInfo")
    assert about is not None
    assert ours is not None
    assert [e.tag for e in ours] == [e.tag for e in about if e.tag != "LinkList"]
    names_of = {f.findtext("Name"): f.findtext("FullName") for f in about.iter("Field")}
    assert {f.findtext("Name"): f.findtext("FullName") for f in ours.iter("Field")}.items() <= (
        names_of.items()
    )
    assert ours.findtext("DbBuild") == "Build-2026.03.26.06.33"
    with EutilsServer(corpus=Corpus()) as server:
        answer = requests.get(
            f"{server.url}einfo.fcgi", params={"db": "fleegle", "retmode": "json"}, timeout=10
        ).json()
    assert answer == json.loads((recorded / "einfo/error_2012.json").read_text())


def test_wrong_database(recorded: Path) -> None:
    with EutilsServer(corpus=Corpus()) as server:
        params = {"db": "fleegle", "term": "x", "retmode": "json"}
        answer = requests.get(f"{server.url}esearch.fcgi", params=params, timeout=10).json()
    assert answer == json.loads((recorded / "esearch/error_invalid_db_2012.json").read_text())


@pytest.mark.parametrize("name", ["single_2024", "fastpaper_2026", "book", "utf8_two_records"])
def test_efetch_is_what_was_recorded(recorded: Path, name: str) -> None:
    expected = (recorded / f"efetch_xml/{name}.xml").read_bytes()
    found = re.search(rb"pubmed_(\d+)\.dtd", expected)
    assert found is not None
    corpus = Corpus.from_files([recorded / f"efetch_xml/{name}.xml"])
    with EutilsServer(corpus=corpus) as server:
        server.service.dtd = found[1].decode()
        data = {"db": "pubmed", "id": ",".join(map(str, corpus.records)), "retmode": "xml"}
        body = requests.post(f"{server.url}efetch.fcgi", data=data, timeout=10).content
    assert re.sub(rb">\s+<", b"><", body).strip() == re.sub(rb">\s+<", b"><", expected).strip()


def test_efetch_of_nothing_known_and_of_minus_one(recorded: Path) -> None:
    root = tree(ask(Corpus(), "efetch", id="5"))
    expected = tree((recorded / "efetch_xml/empty_set_unknown_ids_2019.xml").read_bytes())
    assert (root.tag, list(root)) == (expected.tag, list(expected))
    root = tree(ask(corpus_of([1, 2]), "efetch", id="-1"))
    expected = tree((recorded / "efetch_xml/id_minus_one_returns_pmid_1.xml").read_bytes())
    assert root.findtext(".//PMID") == expected.findtext(".//PMID") == "1"


def test_efetch_lists_and_text(recorded: Path) -> None:
    expected = (recorded / "efetch_text/uilist.xml").read_bytes()
    pmids = [int(i) for i in re.findall(rb"<Id>(\d+)", expected)]
    ids = ",".join(map(str, pmids))
    body = ask(corpus_of(pmids), "efetch", id=ids, rettype="uilist", retmode="xml")
    assert body.strip() == expected.strip()
    text = (recorded / "efetch_text/medline_1_record.txt").read_text()
    known = re.findall(r"^([A-Z]+) *- ", text, flags=re.MULTILINE)
    body = ask(corpus_of([7]), "efetch", id="7", rettype="medline", retmode="text")
    assert body.startswith(b"\nPMID- 7\n")
    assert set(re.findall(r"^([A-Z]+) *- ", body.decode(), flags=re.MULTILINE)) - {"CRDT"} <= set(
        known
    )


def test_esummary(recorded: Path) -> None:
    expected = json.loads((recorded / "esummary/v20_json_list_2015.json").read_text())["result"]
    answer = json.loads(ask(corpus_of([7, 8]), "esummary", id="7,8,9", retmode="json"))["result"]
    theirs = [name for name, _ in keys(expected[expected["uids"][0]])]
    ours = [name for name, _ in keys(answer["7"]) if name != "booktitle"]
    assert ours == [name for name in theirs if name in ours]
    assert answer["9"] == {"uid": "9", "error": "cannot get document summary"}
    for name, params in (("v1_two_docs", {}), ("v20_pubmed_2012", {"version": "2.0"})):
        root = tree(ask(corpus_of([7, 8]), "esummary", id="7,8", **params))
        like = tree((recorded / f"esummary/{name}.xml").read_bytes())
        assert [e.tag for e in root] == [e.tag for e in like][: len(root)]
        assert {e.tag for e in root.iter()} <= {e.tag for e in like.iter()}
    ids = ",".join(map(str, range(1, 502)))
    body = ask(Corpus(), "esummary", id=ids, retmode="json")
    name = "errors/http200_esummary_json_too_many_uids.json"
    assert body == (recorded / name).read_bytes().strip()


def test_elink(recorded: Path) -> None:
    corpus = corpus_of([7, 8])
    with EutilsServer(corpus=corpus) as server:
        url = f"{server.url}elink.fcgi"
        base = {"dbfrom": "pubmed", "db": "pubmed"}
        one = requests.get(url, params={**base, "id": "7"}, timeout=10).content
        merged = requests.get(url, params={**base, "id": "7,8"}, timeout=10).content
        two = requests.get(url, params={**base, "id": ["7", "8"]}, timeout=10).content
        as_json = requests.get(
            url, params={**base, "id": "7", "retmode": "json"}, timeout=10
        ).json()
    like = tree((recorded / "elink/pubmed_neighbor.xml").read_bytes())
    assert {e.tag for e in tree(one).iter()} == {e.tag for e in like.iter()}
    assert len(tree(merged).findall("LinkSet")) == 1
    assert len(tree(two).findall("LinkSet")) == 2
    expected = json.loads((recorded / "elink/pubmed_neighbor_score.json").read_text())
    assert keys(as_json) == keys(expected)


def test_errors_of_the_service_are_the_recorded_ones(recorded: Path) -> None:
    def body(name: str) -> str:
        return masked(next((recorded / "errors").glob(f"{name}.*")).read_bytes())

    corpus = corpus_of([1])
    wall = {"WebEnv": "", "query_key": "1", "retstart": "9999", "retmax": "500"}
    with EutilsServer(corpus=corpus) as server:

        def post(utility: str, **data: str) -> requests.Response:
            return requests.post(f"{server.url}{utility}.fcgi", data=data, timeout=10)

        found = post("esearch", db="pubmed", term="ketamine[tiab]", usehistory="y", retmode="json")
        wall["WebEnv"] = found.json()["esearchresult"]["webenv"]
        too_far = post("efetch", db="pubmed", **wall)
        no_ids = post("efetch", db="pubmed", id="0")
        no_database = post("efetch", id="1")
        gone = post("efetch", db="pubmed", WebEnv="MCID_expired", query_key="1")
        server.gateway.valid_keys = ()
        key = "0123456789abcdef0123456789abcdef0000"
        bad_key = post("esearch", db="pubmed", term="x", api_key=key)
        server.gateway.rate_limit = 3
        limited = [post("einfo") for _ in range(9)][-1]
    assert (too_far.status_code, masked(too_far.content)) == (
        400,
        body("http400_efetch_history_retstart_too_large"),
    )
    assert (no_ids.status_code, masked(no_ids.content)) == (
        400,
        body("http400_efetch_no_correct_ids"),
    )
    assert (no_database.status_code, no_database.text) == (
        400,
        body("http400_mandatory_db_omitted"),
    )
    assert (gone.status_code, masked(gone.content)) == (
        200,
        body("http200_efetch_unable_to_obtain_query"),
    )
    assert (bad_key.status_code, bad_key.text) == (400, body("http400_api_key_invalid"))
    assert limited.status_code == 429
    assert limited.headers["Retry-After"] == "2"
    assert list(limited.json()) == list(json.loads(body("http429_rate_limit")))


@pytest.mark.parametrize("name", [name for name in names() if "html" not in name])
def test_own_bodies_mean_what_the_recorded_ones_mean(recorded: Path, name: str) -> None:
    """Where no recordings are, the same failures are played by bodies of our own."""
    ours, theirs = replay(name, recorded=False).reply, replay(name).reply
    assert ours is not None
    assert theirs is not None
    judged = [
        classify("efetch", reply.status, reply.headers, reply.body) for reply in (ours, theirs)
    ]
    assert type(judged[0]) is type(judged[1])


def test_every_recorded_failure_can_be_replayed(recorded: Path) -> None:
    stems = {path.stem for path in (recorded / "errors").iterdir()}
    assert stems <= set(names())
    for stem in stems:
        reply = replay(stem).reply
        assert reply is not None
        assert reply.body == next((recorded / "errors").glob(f"{stem}.*")).read_bytes()
