"""The site behind nginx: compressed, kept, asked again, with nobody's searches in the log."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvester.exports import formats
from tests.deploy.proxy import Proxy, proxied
from tests.served import Served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("nginx"), reason="there is no nginx on this machine"),
]

SEARCH = "/search?q=ketamine"


@pytest.fixture
def proxy(site: Served, tmp_path: Path) -> Iterator[Proxy]:
    with proxied(tmp_path, {"http://127.0.0.1:8001": site.url}) as proxy:
        yield proxy


def test_a_page_is_kept_whatever_cookies_come(proxy: Proxy) -> None:
    assert proxy.get(SEARCH).headers["x-cache"] == "MISS"
    again = proxy.get(SEARCH, cookie="visitor=1", authorization="Basic eDp5")
    assert again.headers["x-cache"] == "HIT"
    assert again.headers["vary"] == "Accept-Encoding"
    assert proxy.get("/search?q=other").headers["x-cache"] == "MISS"


def test_a_reader_who_has_the_page_already_is_told_so(proxy: Proxy) -> None:
    tag = proxy.get(SEARCH).headers["etag"]
    answer = proxy.get(SEARCH, if_none_match=tag)
    assert (answer.status_code, answer.content) == (304, b"")


def test_text_is_compressed(proxy: Proxy) -> None:
    assert "content-encoding" not in proxy.get("/", accept_encoding="identity").headers
    for path in ("/", "/search.json"):
        answer = proxy.get(path, accept_encoding="gzip")
        assert answer.headers["content-encoding"] == "gzip", path
        assert answer.num_bytes_downloaded < len(answer.content) / 2


@pytest.mark.parametrize("form", formats.FORMATS.values(), ids=lambda form: form.name)
def test_a_whole_result_goes_through_and_is_not_kept(proxy: Proxy, form: formats.Format) -> None:
    path = f"/search.{form.suffix}"
    answers = [proxy.get(path, accept_encoding="gzip") for _ in range(2)]
    assert [answer.headers["x-cache"] for answer in answers] == ["BYPASS", "BYPASS"]
    assert ("content-encoding" in answers[0].headers) == (form.name != "parquet")
    again = proxy.get(path, if_none_match=answers[0].headers["etag"])
    assert (again.status_code, again.content) == (304, b"")


def test_the_age_of_the_library_is_never_an_old_one(proxy: Proxy) -> None:
    assert [proxy.get("/health.json").headers["x-cache"] for _ in range(2)] == ["MISS", "MISS"]


def test_pages_name_the_address_that_the_reader_asked_for(proxy: Proxy) -> None:
    assert "http://library.example.org/" in proxy.get("/about").text


def test_what_people_look_for_is_not_in_the_log(proxy: Proxy) -> None:
    proxy.get("/search?q=suicidal", referer="http://library.example.org/search?q=mine")
    logged = proxy.logged('"GET /search" 200')
    assert "suicidal" not in logged
    assert "mine" not in logged


def test_who_asks_too_much_is_slowed_down(proxy: Proxy) -> None:
    codes = [proxy.get("/about").status_code for _ in range(120)]
    assert codes[:30] == [200] * 30
    assert 429 in codes
