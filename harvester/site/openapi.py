"""`/openapi.json`: the public API described for programs (OpenAPI 3.1, from openapi.yaml)."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from harvester.site.facets import FACETS
from harvester.site.measures import MEASURES
from harvester.site.urls import SORTS

__all__ = ["description"]

_SOURCE = Path(__file__).with_suffix(".yaml")


def description(*, version: str, root: str) -> dict[str, Any]:
    """The description; `root` is the whole address of the site, without a slash at its end."""
    described = dict(_read())
    return {
        **described,
        "info": {**described["info"], "version": version},
        "servers": [{"url": root}],
    }


@cache
def _read() -> dict[str, Any]:
    described: dict[str, Any] = yaml.safe_load(_SOURCE.read_text(encoding="utf-8"))
    parameters = described["paths"]["/search.json"]["get"]["parameters"]
    for parameter in parameters:
        if parameter["name"] == "sort":
            parameter["schema"]["enum"] = list(SORTS)
    parameters += [
        {
            "name": name,
            "in": "query",
            "description": f"{facet.label}. Given more than once: any of the values.",
            "schema": {"type": "array", "items": {"type": "string"}},
        }
        for name, facet in FACETS.items()
    ]
    parameters += [
        {
            "name": f"{name}_{end}",
            "in": "query",
            "description": f"{measure.label}, {measure.unit}: {edge}.",
            "schema": {"type": "number" if measure.places else "integer", "minimum": 0},
        }
        for name, measure in MEASURES.items()
        for end, edge in (("from", "at least"), ("to", "at most"))
    ]
    schemas = described["components"]["schemas"]
    schemas["SearchResults"]["properties"]["facets"]["propertyNames"] = {"enum": list(FACETS)}
    for schema in schemas.values():
        if "properties" in schema:
            schema.setdefault("required", list(schema["properties"]))
    return described
