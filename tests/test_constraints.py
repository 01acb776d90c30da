"""Every package that an installation brings is pinned, and every pin is needed."""

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pinned.items()}


def wanted(requirements: list[str], extras: set[str], pythons: tuple[str, ...]) -> Iterator[str]:
    """Names of distributions that the requirements bring, all the way down."""
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [(Requirement(line), frozenset(extras)) for line in requirements]
    while waiting:
        requirement, parent_extras = waiting.pop()
        marker = requirement.marker
        environments = [
            {"extra": extra, "python_version": python, "python_full_version": f"{python}.0"}
            for extra in parent_extras or {""}
            for python in pythons
        ]
        if marker and not any(marker.evaluate(environment) for environment in environments):
            continue
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        yield key[0]
        try:
            below = distribution(key[0]).requires or []
        except PackageNotFoundError:  # only for another Python or another system
            continue
        waiting.extend((Requirement(line), frozenset({"", *key[1]})) for line in below)


def project_requirements() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"].values()
    return [*project["dependencies"], *(line for lines in optional for line in lines)]


def test_every_distribution_of_an_installation_is_pinned() -> None:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    installed = {
        name: distribution(name).version for name in wanted(project_requirements(), set(), (here,))
    }
    assert installed == {name: pins().get(name) for name in installed}


def test_every_pin_is_needed_by_the_project() -> None:
    assert set(pins()) <= set(wanted(project_requirements(), set(), PYTHONS))


def test_pins_are_names_and_versions_only_in_order() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line) for line in pinned)
    assert list(pins()) == sorted(pins())
