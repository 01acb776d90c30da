"""Text of the documents that cog writes (`make docs`): schema, command line and API."""

import json
from typing import Any

import click

from harvester import __version__
from harvester.cli import main
from harvester.exports.formats import FORMATS
from harvester.exports.table import COLUMNS
from harvester.library.schema import FTS_COLUMNS, FTS_TABLE, FTS_TOKENIZER, TABLES, Table
from harvester.site.openapi import description


def schema() -> str:
    """Every table and column of the library, as Markdown."""
    parts = [_table(name, table) for name, table in TABLES.items()]
    parts.append(
        f"## {FTS_TABLE}\n\nFull-text index (FTS5, `{FTS_TOKENIZER}`) over these columns of "
        f"`articles`: {', '.join(f'`{column}`' for column in FTS_COLUMNS)}. Triggers keep it in "
        "step; `rowid` is the PMID."
    )
    return "\n\n".join(parts)


def _table(name: str, table: Table) -> str:
    keys = ", ".join(f"`{column}`" for column in table.key)
    lines = [f"## {name}", "", table.about, "", f"Primary key: {keys}."]
    if table.indexes:
        indexes = "; ".join(
            ", ".join(f"`{column}`" for column in columns) for columns in table.indexes
        )
        lines[-1] += f" Indexes: {indexes}."
    lines += ["", "| column | type | meaning |", "|---|---|---|"]
    for column, spec in table.columns.items():
        about = spec.about.replace("|", "\\|")
        if spec.references:
            about += f" → `{spec.references}`"
        lines.append(f"| `{column}` | {spec.type} | {about} |")
    return "\n".join(lines)


def descriptions(name: str) -> str:
    """What `metadata.yml` says of a table and its columns, as YAML."""
    table = TABLES[name]
    lines = [f"description: {_quoted(table.about)}", "columns:"]
    lines += [f"  {column}: {_quoted(spec.about)}" for column, spec in table.columns.items()]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """A YAML double-quoted scalar; JSON's strings are a subset of those."""
    return json.dumps(text, ensure_ascii=False)


def command_line() -> str:
    """The help of every command, as Markdown."""
    root = click.Context(main, info_name="harvester", terminal_width=90, **main.context_settings)
    parts = [_help(main, root)]
    for name in main.list_commands(root):
        parts += _commands(main.get_command(root, name), root, name)
    return "\n\n".join(parts)


def _commands(command: click.Command | None, parent: click.Context, name: str) -> list[str]:
    if command is None or command.hidden:
        return []
    context = click.Context(command, info_name=name, parent=parent, terminal_width=90)
    parts = [f"## {context.command_path}\n\n{_help(command, context)}"]
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            parts += _commands(command.get_command(context, below), context, below)
    return parts


def _help(command: click.Command, context: click.Context) -> str:
    return f"```\n{command.get_help(context)}\n```"


_API = description(version=__version__, root="http://127.0.0.1:8001")


def parameters(path: str) -> str:
    """The parameters of an address of the API, as Markdown; facets share a row at the end."""
    lines = ["| parameter | type | meaning |", "|---|---|---|"]
    facets = []
    for parameter in _API["paths"][path]["get"]["parameters"]:
        name, schema = f"`{parameter['name']}`", parameter["schema"]
        choices = schema.get("items", {}).get("enum")
        if choices:
            about = f"{' '.join(f'`{c}`' for c in choices)}. {parameter['description']}"
            lines.append(f"| {name} | string | {_cell(about)} |")
        elif schema["type"] == "array":
            facets.append(name)
        else:
            lines.append(f"| {name} | {_type(schema)} | {_cell(parameter['description'])} |")
    if facets:
        about = "A value of that facet. Given more than once: any of the values."
        lines.append(f"| {', '.join(facets)} | string | {about} |")
    return "\n".join(lines)


def exports() -> str:
    """The formats of files, as Markdown."""
    lines = ["| address | format | for what |", "|---|---|---|"]
    for form in FORMATS.values():
        addresses = [f"`/search.{form.suffix}`"]
        addresses += [f"`/article/PMID.{form.suffix}`"] if form.single else []
        lines.append(f"| {', '.join(addresses)} | {form.label} | {_cell(form.about)} |")
    return "\n".join(lines)


def columns() -> str:
    """The columns of CSV and Parquet, as Markdown."""
    names = {int: "integer", str: "string", bool: "true or false"}
    lines = ["| column | type | meaning |", "|---|---|---|"]
    lines += [f"| `{n}` | {names[c.type]} | {_cell(c.about)} |" for n, c in COLUMNS.items()]
    return "\n".join(lines)


def fields(*names: str) -> str:
    """The fields of the API's objects, as Markdown."""
    return "\n\n".join(_fields(name) for name in names)


def _fields(name: str) -> str:
    schema = _API["components"]["schemas"][name]
    lines = [
        f"### {name}",
        "",
        schema["description"],
        "",
        "| field | type | meaning |",
        "|---|---|---|",
    ]
    for field, described in schema["properties"].items():
        lines.append(f"| `{field}` | {_type(described)} | {_cell(described['description'])} |")
    return "\n".join(lines)


def _type(described: dict[str, Any]) -> str:
    """The type in words; one that has a table of its own is a link to that."""
    if "$ref" in described:
        name = described["$ref"].rpartition("/")[2]
        of_its_own = "properties" in _API["components"]["schemas"][name]
        return f"[{name}](#{name.lower()})" if of_its_own else "date or null"
    if "anyOf" in described:
        return " or ".join(map(_type, described["anyOf"]))
    if "const" in described:
        return f"`{json.dumps(described['const'])}`"
    if "enum" in described:
        return ", ".join(f"`{value}`" for value in described["enum"])
    if described["type"] == "array":
        return f"list of {_type(described['items'])}"
    if described["type"] == "object":
        return f"object of {_type(described['additionalProperties'])}"
    types = described["type"] if isinstance(described["type"], list) else [described["type"]]
    return " or ".join(types).replace("string", _FORMATS.get(described.get("format"), "string"))


_FORMATS = {"date-time": "time", "uri": "address"}


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
