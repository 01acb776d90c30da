"""The site answers as its OpenAPI description says, and says nothing that is not described."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from harvester import __version__
from harvester.library.wording import KINDS
from harvester.load import load
from harvester.site.article_json import article_json
from harvester.site.facets import FACETS
from harvester.site.measures import MEASURES
from harvester.site.openapi import description
from harvester.site.record import load_record
from harvester.site.routes import ROUTES
from harvester.topics import load_topics
from tests.conftest import ROOT
from tests.site import shelf, stacks
from tests.site.conftest import Get, getter, serve

DESCRIBED = description(version=__version__, root="http://localhost")
SCHEMAS: dict[str, Any] = DESCRIBED["components"]["schemas"]
# Not that nonsense is refused: it is passed over.
CHECKED = [
    not_a_server_error,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.status_code_conformance,
]


def without_room(described: Any) -> Any:
    """The description without room for fields that it does not name."""
    if isinstance(described, list):
        return [without_room(part) for part in described]
    if not isinstance(described, dict):
        return described
    found = {name: without_room(part) for name, part in described.items()}
    if isinstance(found.get("properties"), dict) and found.get("type") == "object":
        found.setdefault("additionalProperties", False)
    return found


CLOSED = without_room(DESCRIBED)


def complaints(name: str, data: Any) -> list[str]:
    """What is not as the description says, formats and extra fields included."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": CLOSED["components"]}
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    found = checker.iter_errors(data)
    return [f"{'/'.join(map(str, error.path))}: {error.message[:300]}" for error in found]


OPERATIONS = [found.ok() for found in schemathesis.openapi.from_dict(CLOSED).get_all_operations()]
HELD = [*(k.pmid for k in stacks.expected()), *(a.pmid for a in shelf.records())]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Get:
    """Records whose facets are known, and the odd ones."""
    library = tmp_path_factory.mktemp("openapi") / "literature.db"
    stacks.make_library(library)
    shelf.add_records(library)
    return getter(serve(library))


def cases() -> st.SearchStrategy[schemathesis.Case]:
    """What the description allows, what it does not, and records that there are."""
    modes = [op.as_strategy(generation_mode=mode) for op in OPERATIONS for mode in GenerationMode]
    records = [op for op in OPERATIONS if "{pmid}" in op.path]
    held = st.tuples(st.sampled_from(records), st.sampled_from(HELD)).flatmap(
        lambda pair: pair[0].as_strategy(path_parameters={"pmid": pair[1]})
    )
    return st.one_of(*modes, held)


def assert_conforms(get: Get, examples: int) -> None:
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(case=cases())
    def each(case: schemathesis.Case) -> None:
        asked = case.as_transport_kwargs(base_url="http://localhost")
        names = ("method", "url", "params", "headers")
        request = httpx.Request(**{name: asked.get(name) for name in names})
        answer = get(request.url.raw_path.decode(), headers=request.headers)
        if answer.status_code == 302:  # Datasette tries names that were encoded in another way
            assert get(answer.headers["location"]).status_code == 404
            return
        answer.request = request
        case.validate_response(answer, checks=CHECKED)

    each()


def test_answers_are_as_described(both: Get) -> None:
    assert_conforms(both, 60)


@pytest.mark.slow
def test_many_answers_are_as_described(both: Get) -> None:
    assert_conforms(both, 3000)


@pytest.fixture(scope="module", params=["shelf", "sample", "oddities"])
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("held") / "literature.db"
    if request.param == "shelf":
        stacks.make_library(path)
        shelf.add_records(path)
        return path
    file = ROOT / "data/sample.xml.gz"
    if request.param == "oddities":
        file = request.getfixturevalue("shared_data") / "pubmed/oddities.xml"
    topics = load_topics()
    found_by = [(topic, topics.parsed(topic)) for topic in topics]
    load(path, [file], found_by, label="all", keep_all=True)
    return path


def test_every_record_is_as_described(library: Path) -> None:
    """Nothing that the site says is missing from the description, whatever the record."""
    with closing(sqlite3.connect(library)) as connection:
        pmids = [pmid for (pmid,) in connection.execute("SELECT pmid FROM articles")]
        assert pmids
        for pmid in pmids:
            record = load_record(connection, pmid)
            assert record
            assert complaints("Article", article_json(record)) == [], pmid


def test_every_list_of_results_is_as_described(library: Path) -> None:
    get = getter(serve(library))
    searches = [
        "",
        "q=ketamine",
        "q=spravato",
        "q=zzzz",
        "type=Review&type=Nothing&from=2001&to=2020",
    ]
    for search in searches:
        found = get(f"/search.json?{search}").json()
        for page in range(1, min(found["pages"], 25) + 1):
            found = get(f"/search.json?{search}&page={page}").json()
            assert complaints("SearchResults", found) == [], (search, page)
    assert complaints("Health", get("/health.json").json()) == []


@pytest.mark.parametrize("path", ["/article/1.json", "/nothing.json", "/literature.json?sql=x"])
def test_every_error_is_as_described(both: Get, path: str) -> None:
    assert complaints("Error", both(path).json()) == []


def test_a_library_that_cannot_be_read_says_so_as_described(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    stacks.make_library(path)
    get = getter(serve(path))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE articles RENAME TO elsewhere")
    answer = get("/health.json")
    assert answer.status_code == 503
    assert complaints("Unreadable", answer.json()) == []


def test_the_description_is_valid_openapi_and_served_with_our_address(both: Get) -> None:
    schemathesis.openapi.from_dict(DESCRIBED).validate()
    for schema in SCHEMAS.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    served = both("/openapi.json", headers={"host": "library.example"}).json()
    assert served == description(version=__version__, root="http://library.example")
    assert (
        '<link rel="service-desc" type="application/json" href="/openapi.json">' in both("/").text
    )


def test_every_route_for_programs_is_described() -> None:
    example = {"{pmid}": "1", "{question}": "e1", "{file}": "pmids.txt"}
    described = [
        re.sub(r"{\w+}", lambda name: example[name.group()], path) for path in DESCRIBED["paths"]
    ]
    crawlers = re.compile("robots|sitemap|static|opensearch")
    for route, _ in ROUTES:
        if r"\." in route and not crawlers.search(route):
            assert [path for path in described if re.match(route, path)], route
    for path in described:
        assert [route for route, _ in ROUTES if re.match(route, path)], path


def test_every_facet_is_a_parameter() -> None:
    parameters = DESCRIBED["paths"]["/search.json"]["get"]["parameters"]
    assert {p["name"] for p in parameters} == {
        *("q", "exact", "sort", "from", "to", "page"),
        *FACETS,
        *(f"{name}_{end}" for name in MEASURES for end in ("from", "to")),
    }
    assert all(p["description"] for p in parameters)


def test_every_kind_of_change_is_a_parameter() -> None:
    parameters = DESCRIBED["paths"]["/changes.atom"]["get"]["parameters"]
    (kind,) = (p["schema"]["items"]["enum"] for p in parameters if p["name"] == "kind")
    assert kind == list(KINDS)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_field_has_a_type_and_says_what_it_is(name: str) -> None:
    assert SCHEMAS[name]["description"].endswith(".")
    for field, described in SCHEMAS[name].get("properties", {}).items():
        assert described["description"].endswith((".", "...")), field
        assert {"type", "const", "anyOf", "$ref"} & set(described), field


def test_examples_are_of_their_type() -> None:
    for name, schema in SCHEMAS.items():
        for field, described in schema.get("properties", {}).items():
            for example in described.get("examples", []):
                whole = {"components": DESCRIBED["components"], **described}
                jsonschema.validate(example, whole, jsonschema.Draft202012Validator)
                assert example is not None, (name, field)
