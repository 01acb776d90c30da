"""`datapackage.json`: every file, table and column of a release (Data Package v2)."""

from collections.abc import Sequence
from typing import Any

from harvester import __version__
from harvester.library.columns import Column, Table
from harvester.library.schema import TABLES
from harvester.release.manifest import ReleasedFile
from harvester.release.terms import described_as, load_terms

__all__ = ["data_package"]

_TYPES = {"INTEGER": "integer", "REAL": "number", "TEXT": "string", "BLOB": "any"}


def data_package(
    *,
    version: str,
    created: str,
    as_of: str | None,
    library: ReleasedFile,
    lists: Sequence[ReleasedFile],
) -> dict[str, Any]:
    """The descriptor (datapackage.org, profile 2.0).

    `library` is the SQLite file, a resource as a whole and one for each of its tables (Table
    Dialect, `table`); `lists` are files of one PMID a line; `as_of` is when PubMed was last asked.
    """
    terms = load_terms()
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "ketamine-library",
        "title": terms.title,
        "description": described_as(harvested=as_of is not None),
        "version": version,
        "created": created,
        "keywords": ["PubMed", "ketamine", "esketamine", "treatment-resistant depression"],
        "licenses": [{"title": terms.license, "path": terms.license_url}],
        "sources": [
            {"title": terms.source, "path": terms.source_url}
            | ({"version": as_of} if as_of else {})
        ],
        "contributors": [
            {"title": f"The Living Library, version {__version__}", "roles": ["creator"]},
            {"title": "U.S. National Library of Medicine", "roles": ["source of the records"]},
        ],
        "resources": [
            _file(library),
            *(_list(file) for file in lists),
            *(_table(library.path, name, table) for name, table in TABLES.items()),
        ],
    }


def _file(file: ReleasedFile) -> dict[str, Any]:
    return {
        "name": file.path.replace(".", "-"),
        "description": file.about,
        "path": file.path,
        "mediatype": file.mediatype,
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
    }


def _list(file: ReleasedFile) -> dict[str, Any]:
    field = {"name": "pmid", "type": "integer", "description": "PubMed's number of the record"}
    return _file(file) | {
        "format": "csv",
        "encoding": "utf-8",
        "dialect": {"header": False},
        "schema": {"fields": [field], "primaryKey": ["pmid"]},
    }


def _table(path: str, name: str, table: Table) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(column, spec) for column, spec in table.columns.items()],
        "primaryKey": list(table.key),
        # SQLite has NULL for what is missing; an empty text is one.
        "missingValues": [],
    }
    if unique := [list(columns) for columns in table.unique]:
        schema["uniqueKeys"] = unique
    if keys := [
        _reference(column, spec) for column, spec in table.columns.items() if spec.references
    ]:
        schema["foreignKeys"] = keys
    return {
        "name": name,
        "description": table.about,
        "path": path,
        "mediatype": "application/vnd.sqlite3",
        "dialect": {"table": name},
        "schema": schema,
    }


def _field(name: str, column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": name,
        "type": _TYPES[column.type.split()[0]],
        "description": column.about,
    }
    if "NOT NULL" in column.type:
        field["constraints"] = {"required": True}
    return field


def _reference(name: str, column: Column) -> dict[str, Any]:
    table, _, field = (column.references or "").partition(".")
    return {"fields": [name], "reference": {"resource": table, "fields": [field]}}
