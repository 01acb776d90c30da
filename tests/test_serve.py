"""What the server is told by `harvester serve`."""

import os
from pathlib import Path

import pytest

from harvester import serve
from harvester.site import security, strategy
from tests.served import free_port


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment that the server is started with."""
    environment: dict[str, str] = {}
    monkeypatch.setattr(os, "execve", lambda program, command, given: environment.update(given))
    monkeypatch.delenv(serve.TOPICS, raising=False)
    return environment


def test_the_site_reads_the_topics_that_the_command_was_given(
    told: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = {"host": "127.0.0.1", "port": free_port()}
    serve.serve(Path("a.db"), topics=Path("mine.toml"), **options)  # type: ignore[arg-type]
    assert told[serve.TOPICS] == str(tmp_path / "mine.toml")
    told.clear()
    serve.serve(Path("a.db"), **options)  # type: ignore[arg-type]
    assert serve.TOPICS not in told


def test_both_sides_know_the_settings_by_the_same_names() -> None:
    assert serve.TOPICS == strategy.TOPICS
    assert serve.ALLOW_SQL == security.ALLOW_SQL
