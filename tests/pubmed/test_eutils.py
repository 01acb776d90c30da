"""The client over a real connection: what it sends, when it tries again, what it never tells."""

import logging
import os
import subprocess
import sys
import threading
import traceback
from pathlib import Path

import pytest

from harvester import __version__
from harvester.errors import (
    BadRequest,
    EutilsError,
    Interrupted,
    RateLimited,
    ReplyTimeout,
    ServiceDown,
    SettingsError,
    TruncatedReply,
)
from harvester.pubmed import eutils
from harvester.pubmed.control import read_info, read_search
from harvester.pubmed.eutils import Eutils
from harvester.settings import Settings

from .stub import (
    FAILURE,
    KEY,
    MAIL,
    OUTAGE,
    RATE_LIMIT,
    VIEWER_TIMEOUT,
    Answer,
    Call,
    Clock,
    Stub,
    article_set,
    client,
    document,
    error_reply,
    info,
    search_reply,
)

INFO = Answer(body=info())


def replying(*answers: Answer) -> Stub:
    """Each answer in turn, the last one for ever."""
    return Stub(lambda call: answers[min(call.number, len(answers) - 1)])


# -- what is sent -----------------------------------------------------------------------------


def test_a_request_is_a_post_with_nothing_in_its_url() -> None:
    with Stub(lambda call: Answer(body=search_reply(2, [7, 5]))) as server:
        asked = client(server.url, email=MAIL, api_key=KEY)
        reply = asked.esearch("ketamin*[tiab]")
    (call,) = server.calls
    assert (call.method, call.path) == ("POST", "/entrez/eutils/esearch.fcgi")
    assert call.params == {
        "db": "pubmed",
        "term": "ketamin*[tiab]",
        "retmax": "9999",
        "retmode": "xml",
        "tool": "ketamine-library",
        "email": MAIL,
        "api_key": KEY,
    }
    assert call.headers["User-Agent"] == f"ketamine-library/{__version__}"
    assert call.headers["Accept-Encoding"] == "gzip"
    assert (reply.count, reply.ids) == (2, (7, 5))
    assert asked.requests_sent == 1


def test_what_is_not_set_is_not_sent() -> None:
    with replying(INFO) as server:
        client(server.url).database_info()
    assert {"email", "api_key"}.isdisjoint(server.calls[0].params)


def test_a_long_term_and_many_ids_go_through() -> None:
    def answer(call: Call) -> Answer:
        if call.utility == "efetch":
            return Answer(body=article_set(*call.ids))
        return Answer(body=search_reply(0, []))

    with Stub(answer) as server:
        asked = client(server.url)
        asked.esearch(" OR ".join(["ketamine[tiab]"] * 2_000))
        body = asked.efetch(range(30_000_000, 30_002_000))
    assert body.count(b"<PubmedArticle>") == 2_000


def test_connections_are_kept_and_no_cookie_is() -> None:
    cookie = {"Set-Cookie": "ncbi_sid=CE8F; Path=/"}
    with replying(Answer(body=info(), headers=cookie)) as server:
        asked = client(server.url)
        for _ in range(3):
            asked.database_info()
    assert server.connections == 1
    assert all("Cookie" not in call.headers for call in server.calls)


def test_a_proxy_from_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with replying(INFO) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        client("http://eutils.example/entrez/eutils/").database_info()
    assert proxy.calls[0].path == "http://eutils.example/entrez/eutils/einfo.fcgi"


def test_requests_are_paced_also_when_tried_again() -> None:
    clock = Clock()
    starts = []

    def answer(call: Call) -> Answer:
        starts.append(clock.now)
        return FAILURE if call.number == 1 else INFO

    with Stub(answer) as server:
        asked = client(server.url, clock)
        asked.database_info()
        asked.database_info()
        asked.database_info()
    assert [round(start - starts[0], 2) for start in starts] == [0, 0.37, 1.37, 1.74]


def test_a_key_makes_it_faster() -> None:
    clock = Clock()
    with replying(INFO) as server:
        asked = client(server.url, clock, api_key=KEY)
        asked.database_info()
        asked.database_info()
    assert clock.naps == [0.12]


# -- trying again -----------------------------------------------------------------------------


def test_an_outage_is_ridden_out() -> None:
    clock = Clock()
    lost = Answer(drop=True)
    with replying(OUTAGE, FAILURE, lost, RATE_LIMIT, Answer(), OUTAGE, INFO) as server:
        assert client(server.url, clock).database_info().count == 39_730_388
    assert clock.naps == [1, 2, 4, 8, 16, 30]


def test_an_outage_that_stays_is_told_after_a_minute() -> None:
    clock = Clock()
    with replying(OUTAGE) as server:
        with pytest.raises(ServiceDown, match="Database is not supported"):
            client(server.url, clock).database_info()
        assert len(server.calls) == 7
    assert sum(clock.naps) == 61


@pytest.mark.parametrize(
    ("answer", "error"),
    [(VIEWER_TIMEOUT, ReplyTimeout), (Answer(body=article_set(1), cut=30), TruncatedReply)],
)
def test_where_less_may_pass_the_caller_is_told_soon(
    answer: Answer, error: type[EutilsError]
) -> None:
    with replying(answer) as server:
        with pytest.raises(error):
            client(server.url).efetch([1])
        assert len(server.calls) == 3


@pytest.mark.parametrize(
    "refusal",
    [
        Answer(status=400, body=b'{"error":"API key invalid","api-key":"x"}'),
        Answer(status=404, body=b"<html></html>"),
        Answer(status=400, body=error_reply("eFetchResult", "ID list is empty!")),
    ],
)
def test_what_is_refused_for_good_is_not_asked_again(refusal: Answer) -> None:
    with replying(refusal) as server:
        with pytest.raises(BadRequest):
            client(server.url).database_info()
        assert len(server.calls) == 1


def test_history_that_is_gone_is_asked_again_as_nothing_depends_on_it() -> None:
    gone = Answer(body=error_reply("eFetchResult", "Unable to obtain query #1"))
    with replying(gone, Answer(body=article_set(1))) as server:
        assert b"<PubmedArticle>" in client(server.url).efetch([1])


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured(status: int) -> None:
    clock = Clock()
    busy = Answer(status=status, body=RATE_LIMIT.body, headers={"Retry-After": "45"})
    with replying(busy, INFO) as server:
        client(server.url, clock).database_info()
    assert clock.naps == [45]


def test_after_a_refusal_the_second_is_over() -> None:
    clock = Clock()
    with replying(RATE_LIMIT, INFO) as server:
        client(server.url, clock).database_info()
    assert clock.naps == [2]


def test_a_very_long_retry_after_is_not_sat_out() -> None:
    clock = Clock()
    busy = Answer(status=503, body=b"", headers={"Retry-After": "3600"})
    with replying(busy) as server, pytest.raises(ServiceDown):
        client(server.url, clock).database_info()
    assert clock.naps == []


def test_a_refusal_holds_all_threads() -> None:
    """The other thread was about to send when the first one was told to slow down."""
    clock = Clock()
    starts = {}

    def answer(call: Call) -> Answer:
        starts[call.number] = clock.now
        if call.number == 0:
            return Answer(status=429, body=RATE_LIMIT.body, headers={"Retry-After": "20"})
        return INFO

    with Stub(answer) as server:
        asked = client(server.url, clock)
        original, holding = asked._pace.hold, threading.Event()

        def hold(seconds: float) -> None:
            original(seconds)
            holding.set()
            other.start()
            other.join()

        other = threading.Thread(target=asked.database_info)
        asked._pace.hold = hold  # type: ignore[method-assign]
        asked.database_info()
    assert holding.is_set()
    assert starts[1] >= starts[0] + 20


def test_a_storm_of_refusals_passes() -> None:
    """Four threads, and a server that refuses the first six requests, whoever sends them.

    One thread may meet them all; its seventh and last try is the first that is answered.
    """
    clock = Clock()
    with Stub(lambda call: RATE_LIMIT if call.number < 6 else INFO) as server:
        asked = client(server.url, clock)
        answers = []
        threads = [
            threading.Thread(target=lambda: answers.append(asked.database_info())) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 4
        assert asked.requests_sent == len(server.calls) == 6 + 4


@pytest.mark.parametrize(
    "second", [Answer(drop=True), INFO], ids=["reset when used", "closed before"]
)
def test_an_idle_connection_that_was_closed_costs_no_wait(second: Answer) -> None:
    clock = Clock()
    first = Answer(body=info(), close=second is INFO)
    with replying(first, second, INFO) as server:
        asked = client(server.url, clock)
        asked.database_info()
        asked.database_info()
    assert set(clock.naps) == {0.37}


def test_nothing_is_tried_again_after_the_deadline() -> None:
    clock = Clock()
    with replying(OUTAGE) as server:
        with pytest.raises(ServiceDown):
            client(server.url, clock, deadline=10).database_info()
        assert len(server.calls) == 4
    assert clock.naps == [1, 2, 4]


def test_stop_ends_the_waiting() -> None:
    stop = threading.Event()

    def answer(call: Call) -> Answer:
        stop.set()
        return OUTAGE

    with Stub(answer) as server:
        asked = Eutils(Settings(eutils_url=server.url), stop=stop)
        with pytest.raises(Interrupted):
            asked.database_info()
        assert len(server.calls) == 1


def test_the_probe_tries_once_and_is_short() -> None:
    with replying(OUTAGE) as server:
        with pytest.raises(ServiceDown):
            client(server.url).probe()
        assert len(server.calls) == 1
    assert sum(eutils._PROBE_TIMEOUT) < 15


# -- answers that are no good -----------------------------------------------------------------


@pytest.mark.parametrize("cut", [0, 1, 200, 500])
def test_an_answer_that_ends_early_is_not_taken(cut: int) -> None:
    whole = Answer(body=article_set(*range(1, 100)))
    with replying(Answer(body=whole.body, cut=cut), whole) as server:
        assert client(server.url).efetch([1]) == whole.body


def test_a_body_that_ends_early_though_http_is_complete_is_not_taken() -> None:
    whole = article_set(*range(1, 100))
    with replying(Answer(body=whole[:3_000]), Answer(body=whole)) as server:
        assert client(server.url).efetch([1]) == whole


def test_a_redirect_is_not_followed() -> None:
    with replying(INFO) as elsewhere:
        moved = Answer(status=307, headers={"Location": elsewhere.url})
        with replying(moved) as server, pytest.raises(ServiceDown, match="redirected"):
            client(server.url).database_info()
        assert elsewhere.calls == []


def test_an_answer_of_any_size_is_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eutils, "_LARGEST_BODY", 1_000_000)
    bomb = Answer(body=b" " * 30_000_000)
    with replying(bomb) as server, pytest.raises(TruncatedReply, match="larger than 1 MB"):
        client(server.url).efetch([1])


def test_an_answer_that_trickles_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(eutils, "_LONGEST_READ", -1.0)
    with replying(INFO) as server, pytest.raises(ReplyTimeout):
        client(server.url, clock).database_info()


def test_no_answer_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eutils, "_TIMEOUT", (1.0, 0.05))
    with replying(Answer(body=info(), delay=0.4)) as server:
        with pytest.raises(ReplyTimeout, match="in time"):
            client(server.url).efetch([1])
        assert len(server.calls) == 3


def test_out_of_reach() -> None:
    with replying(INFO) as server:
        url = server.url
    with pytest.raises(ServiceDown, match=r"cannot be reached \(Connection refused\)"):
        client(url).database_info()


@pytest.mark.parametrize("url", ["eutils/", "ftp://127.0.0.1/", "http:///entrez/"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(SettingsError, match="HARVESTER_EUTILS_URL"):
        client(url).database_info()


@pytest.mark.parametrize(
    "body",
    [
        document("eSearchResult", "<Count>7</Count>"),
        document("eSearchResult", "<Count>many</Count><IdList/>"),
        document("eSearchResult", "<Count>1</Count><IdList><Id>x</Id></IdList>"),
        document("eSearchResult", "<Count>1<Count><IdList></Count></IdList>"),
        document("eSearchResult", ""),
    ],
)
def test_a_control_reply_that_makes_no_sense_is_no_answer(body: bytes) -> None:
    good = Answer(body=search_reply(1, [1]))
    with replying(Answer(body=body), good) as server:
        assert client(server.url).esearch("x").count == 1
    with pytest.raises(ServiceDown):
        read_search(body)


# -- control replies --------------------------------------------------------------------------


def test_what_pubmed_says_about_a_term_is_kept_in_its_words() -> None:
    extra = (
        "<ErrorList><PhraseNotFound>the</PhraseNotFound><FieldNotFound>tiabb</FieldNotFound>"
        "</ErrorList><WarningList><PhraseIgnored>of</PhraseIgnored><QuotedPhraseNotFound>"
        '"CI 581"[tiab]</QuotedPhraseNotFound><OutputMessage>No items found.</OutputMessage>'
        "<OutputMessage>Restrictions achieved. start and count adjusted to 0, 9999</OutputMessage>"
        "<OutputMessage>Wildcard search for 'a*' used only the first 600 variations</OutputMessage>"
        "</WarningList>"
    )
    reply = read_search(search_reply(0, [], extra))
    assert reply.translation == '"ketamine"[MeSH Terms]'
    assert reply.warnings == (
        "FieldNotFound: tiabb",
        "PhraseNotFound: the",
        "Wildcard search for 'a*' used only the first 600 variations",
        "PhraseIgnored: of",
        'QuotedPhraseNotFound: "CI 581"[tiab]',
    )


def test_new_elements_and_a_new_dtd_are_no_matter() -> None:
    body = search_reply(1, [7], "<Novelty><Id>9</Id></Novelty>").replace(
        b"eSearchResult.dtd", b"20300101/esearch9.dtd"
    )
    assert read_search(body).ids == (7,)
    assert read_info(info().replace(b"eInfoResult.dtd", b"new.dtd")).build.startswith("Build-")


def test_entities_of_the_reply_do_nothing() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY c SYSTEM "/etc/passwd">]>'
    for name in (b"b", b"c"):
        reply = search_reply(1, [7]).replace(b'"ketamine"', b"&" + name + b";")
        body = bomb + b"\n" + reply[reply.index(b"<eSearchResult") :]
        try:
            assert "root" not in read_search(body).translation
        except ServiceDown:
            continue


def test_recorded_control_replies(shared_data: Path) -> None:
    folder = shared_data / "eutils"
    reply = read_search((folder / "esearch/pubmed_usehistory_2025.xml").read_bytes())
    assert (reply.count, len(reply.ids), reply.ids[0]) == (34, 34, 40455089)
    assert reply.translation == "hart, rk[Author] OR hart rk[Author]"
    reply = read_search((folder / "esearch/phrase_not_found_zero_otherdb.xml").read_bytes())
    assert (reply.count, reply.ids, reply.warnings) == (0, (), ("PhraseNotFound: abcXYZ",))
    database = read_info((folder / "einfo/pubmed_2025.xml").read_bytes())
    assert database.build == "Build-2025.11.27.06.33"
    assert (database.last_update, database.count) == ("2025/11/27 06:33", 39_730_388)


def test_biopython_leaves_nothing_in_the_home_and_fetches_nothing(tmp_path: Path) -> None:
    """In a process of its own, where Biopython was not loaded before."""
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o555)
    body = tmp_path / "reply.xml"
    body.write_bytes(search_reply(1, [7]).replace(b"eSearchResult.dtd", b"never-seen.dtd"))
    code = (
        "import socket, sys, pathlib\n"
        "def refuse(*_): raise AssertionError('network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from harvester.pubmed import eutils\n"
        "assert 'Bio' not in sys.modules\n"
        "from harvester.pubmed.control import read_search\n"
        "print(read_search(pathlib.Path(sys.argv[1]).read_bytes()).ids)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(body)],
        env={**os.environ, "HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("(7,)\n", "")
    assert list(home.iterdir()) == []


# -- secrets ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=400, body=f'{{"error":"API key invalid","api-key":"{KEY}"}}'.encode()),
        Answer(status=400, body=f'{{"error":"bad {KEY} of {MAIL}"}}'.encode()),
        Answer(body=error_reply("eSearchResult", f"failed for api_key={KEY} email={MAIL}")),
        Answer(status=500, body=f"<html><title>{MAIL} {KEY}</title></html>".encode()),
        Answer(status=302, headers={"Location": f"http://127.0.0.1/?api_key={KEY}&email={MAIL}"}),
        Answer(drop=True),
        Answer(body=info(), cut=20),
        RATE_LIMIT,
    ],
)
def test_no_secret_leaves_the_program(
    answer: Answer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with replying(answer) as server:
        asked = client(server.url, email=MAIL, api_key=KEY)
        with pytest.raises(EutilsError) as raised:
            asked.database_info()
    error = raised.value
    assert error.__cause__ is None  # it would hold the request
    told = [str(error), repr(error), repr(asked), caplog.text, *capfd.readouterr()]
    told += traceback.format_exception(error)
    told += [str(vars(record)) for record in caplog.records]
    for text in told:
        for secret in (KEY, MAIL, MAIL.replace("@", "%40").replace("+", "%2B")):
            assert secret.casefold() not in text.casefold()


def test_rate_limited_says_so() -> None:
    with replying(RATE_LIMIT) as server, pytest.raises(RateLimited, match="fewer requests"):
        client(server.url).database_info()
