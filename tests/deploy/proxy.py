"""nginx as deploy/nginx/ configures it, before a site on the loopback interface."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.deploy.conftest import DEPLOY
from tests.served import free_port

__all__ = ["Proxy", "proxied"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """nginx before the site."""

    client: httpx.Client
    log: Path

    def get(self, path: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers={"host": "library.example.org", **named})

    def logged(self, line: str) -> str:
        """The log once it has that; nginx writes it after the answer."""
        until = time.monotonic() + 10
        while line not in (text := self.log.read_text()):
            assert time.monotonic() < until, text
            time.sleep(0.05)
        return text


@contextmanager
def proxied(folder: Path, changes: Mapping[str, str], *, before: str = "") -> Iterator[Proxy]:
    """Run nginx with harvester.conf, `before` above it; each of `changes` replaces a text once."""
    port = free_port()
    for name in ("cache", "log", "nginx"):
        (folder / name).mkdir()
    text = (DEPLOY / "nginx/harvester.conf").read_text()
    for there, here in {
        "/var/cache/nginx-harvester": f"{folder}/cache/harvester",
        "/var/log/nginx/": f"{folder}/log/",
        "listen 80;": f"listen 127.0.0.1:{port};",
        **changes,
    }.items():
        assert text.count(there) == 1, there
        text = text.replace(there, here)
    configuration = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    configuration.write_text(
        f"{user} daemon off; pid {folder}/pid; error_log {folder}/log/error.log;\n"
        f"events {{}}\nhttp {{ default_type text/plain;\n{before}\n{text}\n}}\n"
    )
    command = ["nginx", "-p", folder / "nginx", "-c", configuration]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            proxy = Proxy(client=client, log=folder / "log/harvester.log")
            while True:
                assert process.poll() is None, (folder / "log/error.log").read_text()
                try:
                    proxy.get("/health.json")
                    break
                except httpx.ConnectError:
                    time.sleep(0.05)
            yield proxy
    finally:
        process.terminate()
        process.wait(timeout=30)
