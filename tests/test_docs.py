"""The documents say what is true: generated parts fresh, commands real, decisions in order."""

import re
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from harvester.cli import main
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
# A command as a person types it, in a document or in a help text.
TYPED = re.compile(r"harvester(?: --\w+ \S+)* ([a-z-]+)((?: [^\s`|>&;#]+)*)")


def commands(
    group: click.Group = main, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


COMMANDS = dict(commands())


def assert_runs(line: str) -> None:
    """The words after `harvester` are a command, and its options exist."""
    match = TYPED.search(line)
    assert match, line
    name, words = match.group(1), match.group(2).split()
    command = COMMANDS.get((name,))
    assert command, line
    if isinstance(command, click.Group):
        command = COMMANDS.get((name, words[0]))
        assert command, line
    options = {option for parameter in command.params for option in parameter.opts}
    options |= {"--help", "-h"}
    assert {word.split("=")[0] for word in words if word.startswith("-")} <= options, line


def fenced(text: str) -> list[str]:
    """The lines of the fenced blocks of a document."""
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


@pytest.mark.parametrize("name", ["README.md", "docs/deploy.md"])
def test_commands_in_a_document_exist(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    typed = [line for line in fenced(text) if re.search(r"(?:^|bin/)harvester ", line)]
    typed += re.findall(r"`([^`\n]*\bharvester [a-z][^`\n]*)`", text)
    assert typed
    for line in typed:
        assert_runs(line)


def test_targets_of_make_in_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)$", "\n".join(fenced(README)), re.MULTILINE))
    assert {"up", "test"} <= named <= targets
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony
    assert set(phony.group(1).split()) == targets


@pytest.mark.parametrize("document", sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/**/*.md")))
def test_links_between_documents_lead_somewhere(document: object) -> None:
    path = ROOT / str(document)
    links = re.findall(r"\]\(([^)#\s]+)\)", path.read_text(encoding="utf-8"))
    for link in links:
        assert "://" in link or (path.parent / link).exists(), link


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_says_what_it_does_with_an_example_that_runs(path: tuple[str, ...]) -> None:
    command = COMMANDS[path]
    if isinstance(command, click.Group):
        return
    examples = [
        line.strip()
        for line in (command.help or "").splitlines()
        if line.strip().startswith(f"harvester {' '.join(path)}")
    ]
    assert examples, f"harvester {' '.join(path)} has no example"
    for example in examples:
        assert_runs(example)
    result = CliRunner().invoke(main, [*path, "--help"])
    assert result.exit_code == 0
    assert (
        (ROOT / "docs/cli.md").read_text(encoding="utf-8").count(f"## harvester {' '.join(path)}\n")
    )


def test_decisions_are_numbered_and_complete() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(DECISIONS) + 1))
    for path, number in zip(DECISIONS, numbers, strict=True):
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {number}. "), path.name
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], path.name


def test_changelog_follows_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    kinds = re.findall(r"^### (.+)$", changelog, re.MULTILINE)
    assert set(kinds) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert re.findall(r"^## (.+)$", changelog, re.MULTILINE)[0].startswith(("Unreleased", "["))


def test_generated_documents_are_fresh() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    generated = re.search(r"^GENERATED := (.+)$", makefile, re.MULTILINE)
    assert generated
    cog = [sys.executable, "-m", "cogapp", "-P", "-I", "docs", "-p", "import generate", "--check"]
    checked = subprocess.run(
        [*cog, *generated.group(1).split()], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, f"run: make docs\n{checked.stdout}{checked.stderr}"
