"""`/openapi.json`: the public API described for programs (OpenAPI 3.1, from openapi.yaml)."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from harvester.exports.formats import FORMATS, Format
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
    described["paths"] |= _exports(parameters)
    schemas = described["components"]["schemas"]
    schemas["SearchResults"]["properties"]["facets"]["propertyNames"] = {"enum": list(FACETS)}
    for schema in schemas.values():
        if "properties" in schema:
            schema.setdefault("required", list(schema["properties"]))
    return described


def _exports(parameters: list[dict[str, Any]]) -> dict[str, Any]:
    """The addresses of files: of a whole result in every format, of an article in some."""
    paths = {}
    for form in FORMATS.values():
        what = form.name.replace("-", " ").title().replace(" ", "")
        media_type = form.media_type.partition(";")[0]
        ok: dict[str, Any] = {
            "description": f"The file. {form.about}",
            "headers": {"ETag": {"$ref": "#/components/headers/ETag"}},
            "content": {media_type: {"schema": _SCHEMAS.get(form.name, {"type": "string"})}},
        }
        paths[f"/search.{form.suffix}"] = _get(
            operationId=f"export{what}",
            tags=["search"],
            summary=f"The whole result as {form.label}",
            description="All that the search finds, in its order, whatever `page` says."
            + (_NEEDS if form.name == "parquet" else ""),
            parameters=parameters,
            responses={"200": ok, **_NOT_MODIFIED, **_SLOW},
        )
        if form.single:
            paths[f"/article/{{pmid}}.{form.suffix}"] = _get(
                operationId=f"article{what}",
                tags=["records"],
                summary=f"The record as {form.label}",
                parameters=[{"$ref": "#/components/parameters/pmid"}],
                responses={"200": ok, **_NOT_MODIFIED, **_none(form)},
            )
    return paths


def _get(**operation: Any) -> dict[str, Any]:
    return {"get": operation}


_SCHEMAS: dict[str, Any] = {
    "csl-json": {"type": "array", "items": {"type": "object"}},
    "parquet": {"type": "string", "format": "binary"},
}
_NEEDS = " Only where the site has pyarrow; 404 elsewhere."
_NOT_MODIFIED = {"304": {"$ref": "#/components/responses/NotModified"}}
_SLOW = {"400": {"$ref": "#/components/responses/TooSlow"}}
_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
_PAGE = {"text/html": {"schema": {"type": "string"}}}


def _none(form: Format) -> dict[str, Any]:
    """The answer where there is no such record; addresses of JSON get JSON."""
    content = _ERROR if form.suffix.endswith(".json") else _PAGE
    return {"404": {"description": "The library does not hold it.", "content": content}}
