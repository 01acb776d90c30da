"""The site behind nginx: compressed, kept, asked again, with nobody's searches in the log."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.deploy.conftest import DEPLOY
from tests.served import Served, free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("nginx"), reason="there is no nginx on this machine"),
]

SEARCH = "/search?q=ketamine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """nginx before the site."""

    url: str
    log: Path

    def get(self, path: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.get(self.url + path, headers={"host": "library.example.org", **named})

    def logged(self, line: str) -> str:
        """The log once it has that; nginx writes it after the answer."""
        until = time.monotonic() + 10
        while line not in (text := self.log.read_text()):
            assert time.monotonic() < until, text
            time.sleep(0.05)
        return text


@pytest.fixture
def proxy(site: Served, tmp_path: Path) -> Iterator[Proxy]:
    port = free_port()
    for folder in ("cache", "log", "nginx"):
        (tmp_path / folder).mkdir()
    text = (DEPLOY / "nginx/harvester.conf").read_text()
    for there, here in {
        "/var/cache/nginx-harvester": f"{tmp_path}/cache/harvester",
        "/var/log/nginx/": f"{tmp_path}/log/",
        "listen 80;": f"listen 127.0.0.1:{port};",
        "http://127.0.0.1:8001": site.url,
    }.items():
        assert text.count(there) == 1, there
        text = text.replace(there, here)
    configuration = tmp_path / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    configuration.write_text(
        f"{user} daemon off; pid {tmp_path}/pid; error_log {tmp_path}/log/error.log;\n"
        f"events {{}}\nhttp {{ default_type text/plain;\n{text}\n}}\n"
    )
    command = ["nginx", "-p", tmp_path / "nginx", "-c", configuration]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        proxy = Proxy(url=f"http://127.0.0.1:{port}", log=tmp_path / "log/harvester.log")
        while True:
            assert process.poll() is None, (tmp_path / "log/error.log").read_text()
            try:
                proxy.get("/health.json")
                break
            except httpx.ConnectError:
                time.sleep(0.05)
        yield proxy
    finally:
        process.terminate()
        process.wait(timeout=30)


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
