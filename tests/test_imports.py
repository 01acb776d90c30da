"""Who may import whom: the house rules of docs/decisions/0001, read from the source."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter

import pytest

from tests.conftest import ROOT

# For each part of the package, the parts that it may import besides itself.
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "settings": {"errors"},
    "pubmed": {"errors", "settings", "__version__"},
    "evidence": {"pubmed.records", "errors"},
    "library": {"pubmed.records", "evidence", "errors"},
    "exports": {"pubmed.records", "library", "errors"},
    "topics": {"pubmed.query", "errors", "settings"},
    "reports": {"library.runs"},
    "progress": {"reports"},
    "intake": {"pubmed", "library", "evidence", "errors"},
    "reading": {"intake", "pubmed", "library.runs", "evidence.overrides", "errors"},
    "workers": {"errors"},
    "load": {
        "intake",
        "reading",
        "workers",
        "pubmed",
        "library",
        "evidence.overrides",
        "topics",
        "reports",
        "errors",
        "__version__",
    },
    "cluster": {"load", "reading", "errors", "__version__"},
    "derive": {
        "intake",
        "pubmed.records",
        "evidence.findings",
        "library",
        "reports",
        "errors",
        "__version__",
    },
    "accounts": {"intake", "pubmed", "library.runs"},
    "drift": {"pubmed.search"},
    "window": set(),
    "harvest": {
        "intake",
        "accounts",
        "drift",
        "window",
        "workers",
        "pubmed",
        "library",
        "topics",
        "reports",
        "errors",
        "__version__",
    },
    "site": {
        "library",
        "exports",
        "evidence",
        "topics",
        "prisma",
        "recall",
        "release.manifest",
        "pubmed.records",
        "settings",
        "errors",
        "__version__",
    },
    "serve": {"settings", "errors"},
    "release": {"library", "exports.characters", "settings", "errors", "__version__"},
    "prisma": {"library.search_log", "topics"},
    "digest": {"library", "evidence", "exports.characters"},
    "recall": {"topics"},
    "commands": {
        "digest",
        "evidence.overrides",
        "prisma",
        "recall",
        "release",
        "cluster",
        "harvest",
        "load",
        "derive",
        "serve",
        "intake",
        "reports",
        "progress",
        "exports",
        "library",
        "site.cache",
        "site.facets",
        "site.measures",
        "site.selection",
        "site.unknown",
        "site.urls",
        "topics",
        "pubmed.eutils",
        "settings",
        "errors",
        "__version__",
    },
    "cli": {"commands", "settings", "errors", "__version__"},
    "__main__": {"cli"},
    "__init__": set(),
}

# Libraries that only some modules may know.
ONLY_IN: dict[str, set[str]] = {
    "requests": {"pubmed.eutils"},
    "Bio": {"pubmed.control", "pubmed.medline"},
    "click": {"cli", "commands", "progress"},
    "datasette": {"site"},
    "distributed": {"cluster"},
    "jinja2": {"site"},
    "bibtexparser": {"exports.bibtex"},
    "markupsafe": {"site"},
    "pyarrow": {"exports.parquet"},
    "rispy": {"exports.ris"},
    "sqlite_utils": {"library"},
    "xml": {"pubmed", "site.markup", "exports.atom"},
}

CHANGES_DATA = re.compile(
    r"\b(insert\s+(or\s+\w+\s+)?into|replace\s+into|update\s+[\w{}]+\s+set|delete\s+from"
    r"|(drop|alter)\s+table|create\s+(virtual\s+)?(table|index|trigger|view))\b",
    re.IGNORECASE,
)
ELEMENTS = {
    "AbstractText",
    "ArticleTitle",
    "AuthorList",
    "MedlineCitation",
    "MeshHeading",
    "PubmedArticle",
    "PubmedBookArticle",
    "PubmedData",
}

PACKAGE = ROOT / "harvester"
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def imports(module: str) -> Iterator[str]:
    """What a module imports, wherever in it; ours without the package's name."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.split(".")[0] != "harvester":
                yield name
                continue
            inside = name.removeprefix("harvester").lstrip(".")
            if inside not in MODULES:  # a name inside a module
                inside = inside.rpartition(".")[0] or inside
            yield f"harvester.{inside}"


def ours(module: str) -> set[str]:
    return {name.removeprefix("harvester.") for name in imports(module) if is_ours(name)}


def is_ours(name: str) -> bool:
    return name.startswith("harvester.")


def within(module: str, parts: set[str]) -> bool:
    return any(module == part or module.startswith(f"{part}.") for part in parts)


def strings(module: str) -> Iterator[str]:
    """The string constants of a module, but for docstrings."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
            yield "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and id(node) not in docstrings:
            yield str(node.value)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_its_part_may(module: str) -> None:
    part = module.partition(".")[0]
    assert part in MAY_IMPORT, f"say in MAY_IMPORT what {part} may import"
    wrong = {name for name in ours(module) if not within(name, MAY_IMPORT[part] | {part})}
    assert wrong == set()


@pytest.mark.parametrize("module", MODULES)
def test_a_library_is_known_only_where_it_may_be(module: str) -> None:
    wrong = {
        name
        for name in imports(module)
        for library, parts in ONLY_IN.items()
        if name.split(".")[0] == library and not within(module, parts)
    }
    assert wrong == set()


@pytest.mark.parametrize("module", MODULES)
def test_only_the_plugin_knows_the_hooks_of_datasette(module: str) -> None:
    hooks = {name for name in imports(module) if name in {"datasette.hookimpl", "pluggy"}}
    assert hooks == set() or module == "site.plugin"


@pytest.mark.parametrize("module", [name for name in MODULES if not within(name, {"library"})])
def test_only_the_library_changes_data(module: str) -> None:
    changing = [text for text in strings(module) if CHANGES_DATA.search(text)]
    assert changing == [] or opened(module) == [":memory:"]


def opened(module: str) -> list[object]:
    """The databases that a module opens by themselves, where their names are written out."""
    return [
        node.args[0].value if isinstance(node.args[0], ast.Constant) else None
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "connect"
    ]


@pytest.mark.parametrize("module", [name for name in MODULES if not within(name, {"pubmed"})])
def test_only_the_parsers_know_the_names_of_elements(module: str) -> None:
    assert set(strings(module)) & ELEMENTS == set()


def test_nothing_is_imported_in_a_circle() -> None:
    TopologicalSorter({module: ours(module) - {module} for module in MODULES}).prepare()


def test_every_rule_is_about_something_that_exists_or_is_planned() -> None:
    parts = {module.partition(".")[0] for module in MODULES}
    assert parts <= set(MAY_IMPORT)
    assert set(MAY_IMPORT) - parts <= {"__main__"}
