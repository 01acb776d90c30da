"""What every test may rely on: no network but loopback, what this machine has, quick properties."""

import importlib.util
import ipaddress
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
SHARED = (ROOT / "../shared").resolve()
NO_SHARED = "the real records of ../shared are not on this machine"

LATE = ("browser", "slow")
# What a test may want that no machine has to have, as the reason of its skip names it.
OPTIONAL = ("pyspark",)

# The same examples on each run, so that a green suite stays green; `--hypothesis-profile=search`
# looks for new ones.
settings.register_profile("suite", derandomize=True, deadline=None, max_examples=60, database=None)
settings.register_profile("search", deadline=None, max_examples=5000)
settings.load_profile("suite")


def missing_tools() -> dict[str, str]:
    """What this machine lacks, and which tests need it."""
    missing = {}
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        missing["Chromium"] = "the browser tests"
    elif importlib.util.find_spec("pytest_playwright") is None:
        missing["pytest-playwright"] = "the browser tests"
    if not shutil.which("java"):
        missing["Java"] = "the HTML validation"
    if not shutil.which("systemd-analyze"):
        missing["systemd"] = "the tests of its units"
    if not shutil.which("nginx"):
        missing["nginx"] = "the tests of the site behind it"
    if not SHARED.is_dir():
        missing["../shared"] = "the tests on real records"
    return missing


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--complete",
        action="store_true",
        help="a skipped test fails, unless for want of the real records or of what is optional",
    )


def pytest_report_header() -> list[str]:
    missing = missing_tools()
    if not missing:
        return []
    named = ", ".join(f"{tool} ({tests})" for tool, tests in missing.items())
    return [f"not on this machine, skipped: {named}"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Quick ones first. Browser tests last: Playwright keeps an event loop running in this thread,
    # and no other can run beside it.
    items.sort(key=lambda item: [bool(item.get_closest_marker(kind)) for kind in LATE])
    if {"Chromium", "pytest-playwright"} & missing_tools().keys():
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="there is no Chromium on this machine"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome: Any = yield
    report = outcome.get_result()
    if report.skipped and item.config.getoption("--complete") and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
        wanting = "../shared" in reason and not SHARED.is_dir()
        if not wanting and not any(name in reason for name in OPTIONAL):
            report.outcome = "failed"
            report.longrepr = f"Skipped where everything must run. {reason}"


def is_loopback(address: object) -> bool:
    """Whether a socket address stays on this machine; a path is a Unix socket."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Refuse every connection that would leave this machine, and the look-up of its name."""
    connect, connect_ex, look_up = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.getaddrinfo,
    )

    def refuse(address: object) -> None:
        if not is_loopback(address):
            raise AssertionError(f"a test tried to reach {address!r} over the network")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        refuse(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        refuse(address)
        return connect_ex(self, address)

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        refuse((host.decode() if isinstance(host, bytes) else host or "",))
        return look_up(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real PubMed records and recorded replies; skips where it is missing."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip(NO_SHARED)
    return folder


@pytest.fixture(scope="session")
def package_index(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skips where pip cannot fetch packages; it is the one thing that may leave this machine."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download"]
    folder = tmp_path_factory.mktemp("index")
    fetched = subprocess.run(
        [*pip, "--no-deps", "--dest", folder, "iniconfig"], capture_output=True, check=False
    )
    if fetched.returncode != 0:
        pytest.skip("pip cannot fetch packages here")
