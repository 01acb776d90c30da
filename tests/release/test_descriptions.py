"""What a release says of itself is valid where others check it, and true of its tables."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from frictionless import Package, Resource, Schema, validate

from harvester.library.schema import TABLES
from harvester.load import load
from harvester.release.manifest import Release
from tests.release.libraries import harvested, make_corpus, released

REAL = ("ketamine.xml.gz", "oddities.xml")


@pytest.fixture(scope="module", params=["harvested", "real records"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder: Path = tmp_path_factory.mktemp("release")
    library = folder / "literature.db"
    if request.param == "harvested":
        corpus = make_corpus()
        corpus.retract(70_000_000)
        harvested(library, corpus)
    else:
        records = request.getfixturevalue("shared_data") / "pubmed"
        files = [records / name for name in REAL]
        load(library, files, [], label="all", keep_all=True)
    return released(library, folder / "releases")


def test_the_data_package_is_valid(made: Release) -> None:
    report = validate(made.folder / "datapackage.json")
    assert report.flatten(["name", "type", "message"]) == []
    checked = {task.name: task.stats for task in report.tasks}
    assert checked["pmids-txt"]["rows"] == made.manifest["records"] > 8
    assert set(checked) == {"literature-db", "pmids-txt", "retracted-txt", *TABLES}


@pytest.mark.parametrize("name", ["literature.db", "pmids.txt"])
def test_a_file_that_was_changed_is_found(made: Release, tmp_path: Path, name: str) -> None:
    for path in made.folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / name).open("ab") as file:
        file.write(b"1\n")
    types = {kind for (kind,) in validate(tmp_path / "datapackage.json").flatten(["type"])}
    assert "hash-count" in types


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_as_its_schema_says(made: Release, name: str) -> None:
    """frictionless needs another package to read SQLite, so it is given the rows."""
    package = Package(made.folder / "datapackage.json")
    resource = package.get_resource(name).to_descriptor()
    assert (resource["path"], resource["dialect"]) == ("literature.db", {"table": name})
    with closing(sqlite3.connect(made.folder / "literature.db")) as connection:
        cursor = connection.execute(f"SELECT * FROM {name}")
        columns = [column for column, *_ in cursor.description]
        rows = [list(row) for row in cursor]
    schema = {key: part for key, part in resource["schema"].items() if key != "foreignKeys"}
    assert [field["name"] for field in schema["fields"]] == columns
    if rows:
        given = Resource(data=[columns, *rows], schema=Schema.from_descriptor(schema))
        assert given.validate().flatten(["type", "message"])[:3] == []


def test_links_between_tables_lead_to_a_table(made: Release) -> None:
    package = json.loads((made.folder / "datapackage.json").read_text())
    fields = {
        resource["name"]: {field["name"] for field in resource["schema"]["fields"]}
        for resource in package["resources"]
        if "schema" in resource
    }
    links = [
        (key["reference"]["resource"], key["reference"]["fields"][0])
        for resource in package["resources"]
        for key in resource.get("schema", {}).get("foreignKeys", [])
    ]
    assert len(links) > 30
    assert [link for link in links if link[1] not in fields[link[0]]] == []


def test_the_citation_file_is_valid(made: Release) -> None:
    """By the schema of the Citation File Format 1.2.0, which check-jsonschema carries."""
    path = made.folder / "CITATION.cff"
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    result = subprocess.run(
        [*command, "vendor.citation-file-format", "--default-filetype", "yaml", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    citation = yaml.safe_load(path.read_text())
    assert (citation["type"], citation["version"]) == ("dataset", "2026-11-20")
    assert citation["identifiers"][0]["value"] == f"sha256:{made.manifest['pmids_sha256']}"


def test_the_terms_go_with_the_data(made: Release) -> None:
    readme = (made.folder / "README.md").read_text()
    for words in (
        "Data courtesy of the U.S. National Library of Medicine",
        "NLM does\nnot endorse this release",
        "Abstracts belong to their publishers or authors",
        "not medical advice",
        made.manifest["license_url"],
    ):
        assert words in readme
    package = json.loads((made.folder / "datapackage.json").read_text())
    assert package["licenses"][0]["path"] == made.manifest["license_url"]


def test_only_a_harvested_library_is_called_complete(made: Release) -> None:
    harvested = made.manifest["last_good_run"] is not None
    package = json.loads((made.folder / "datapackage.json").read_text())
    citation = yaml.safe_load((made.folder / "CITATION.cff").read_text())
    readme = (made.folder / "README.md").read_text()
    for text in (readme, package["description"], citation["abstract"]):
        assert ("Every record that PubMed has" in text) is harvested
        assert ("PubMed has not been asked" in text) is not harvested
