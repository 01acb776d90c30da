"""metadata.yml against the schema, and its queries against a small library."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
import yaml
from datasette.app import Datasette

from harvester.library.migrations import open_library
from harvester.library.schema import FTS_TABLE, TABLES
from tests.conftest import ROOT

METADATA: dict[str, Any] = yaml.safe_load((ROOT / "metadata.yml").read_text())
LIBRARY: dict[str, Any] = METADATA["databases"]["literature"]
QUERIES: dict[str, dict[str, Any]] = LIBRARY["queries"]
CLOSED = {name for name, table in LIBRARY["tables"].items() if table.get("allow") is False}
# Few rows, whatever the library holds: a facet there needs no index.
SMALL = {"runs", "mesh_terms", "trials"}

STAMP = "2026-01-05T03:00:00Z"
ROWS: dict[str, list[dict[str, Any]]] = {
    "topics": [{"name": "ketamine", "title": "Ketamine", "term": "ketamine[tiab]"}],
    "runs": [
        {"id": 1, "command": "harvest", "topic": "all", "status": "new", "complete": 1},
        {"id": 2, "command": "harvest", "topic": "all", "status": "new", "complete": 1},
        {"id": 3, "command": "harvest", "topic": "all", "status": "unchanged", "complete": 0},
    ],
    "run_topics": [
        {"run_id": run, "topic": "ketamine", "term": "ketamine[tiab]", "reported": 4, "held": 3}
        for run in (1, 2, 3)
    ],
    "journals": [{"nlm_id": "J1", "title": "Journal of Made-up Trials"}],
    "articles": [
        {"pmid": 1, "title": "An old trial", "year": 2006, "entered": "2006-08-01"},
        {"pmid": 2, "title": "A retracted trial", "year": 2012, "entered": "2012-03-01"},
        {"pmid": 3, "title": "A review", "year": 2021, "entered": "2021-02-01"},
        {"pmid": 4, "title": "A trial, undated", "year": None, "entered": "2022-02-01"},
    ],
    "publication_types": [
        {"id": 1, "name": "Randomized Controlled Trial"},
        {"id": 2, "name": "Systematic Review"},
        {"id": 3, "name": "Meta-Analysis"},
    ],
    "article_publication_types": [
        {"pmid": 1, "position": 1, "publication_type_id": 1},
        {"pmid": 2, "position": 1, "publication_type_id": 1},
        {"pmid": 4, "position": 1, "publication_type_id": 1},
        {"pmid": 3, "position": 1, "publication_type_id": 2},
        {"pmid": 3, "position": 2, "publication_type_id": 3},
    ],
    "authors": [{"id": 1, "name": "Doe J"}, {"id": 2, "name": "Roe R"}],
    "article_authors": [
        {"pmid": 1, "position": 1, "author_id": 1},
        {"pmid": 3, "position": 1, "author_id": 1},
        {"pmid": 3, "position": 2, "author_id": 2},
    ],
    "trials": [{"id": "NCT00000001", "registry": "ClinicalTrials.gov"}],
    "article_trials": [
        {"pmid": 3, "trial_id": "NCT00000001", "source": "abstract"},
        {"pmid": 1, "trial_id": "NCT00000001", "source": "databank"},
    ],
    "citations": [
        {"pmid": 3, "position": 1, "cited_pmid": 1},
        {"pmid": 3, "position": 2, "cited_pmid": 2},
        {"pmid": 3, "position": 3, "cited_pmid": 2},
        {"pmid": 4, "position": 1, "cited_pmid": 1},
        {"pmid": 4, "position": 2, "cited_pmid": 99},
    ],
    "corrections": [
        {"pmid": 2, "position": 1, "kind": "RetractionIn", "source": "J Made-up. 2014;1:2"}
    ],
    "changes": [
        {"id": 1, "run_id": 1, "pmid": 1, "kind": "added"},
        {"id": 2, "run_id": 2, "pmid": 3, "kind": "revised"},
        {"id": 3, "run_id": 2, "pmid": 2, "kind": "retracted"},
    ],
    "problems": [
        {"id": 1, "run_id": 1, "pmid": 8, "stage": "parse", "reason": "No title.", "solved_run": 2},
        {"id": 2, "run_id": 2, "pmid": 9, "stage": "parse", "reason": "No title."},
    ],
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "articles": {
        "kind": "article",
        "journal_id": "J1",
        "journal_abbreviation": "J Made-up Trials",
        "content_hash": "x",
        "source": "xml",
        "first_seen": STAMP,
        "last_changed": STAMP,
    },
    "runs": {"started": STAMP, "finished": STAMP, "version": "0"},
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("metadata") / "literature.db"
    database = open_library(path)
    for table, rows in ROWS.items():
        database[table].insert_all([{**DEFAULTS.get(table, {}), **row} for row in rows])
    database.execute("update articles set published = cast(year as text)")
    database.execute("update articles set retracted = 1 where pmid = 2")
    database.close()
    return path


@pytest.fixture
def site(library: Path) -> Datasette:
    return Datasette([str(library)], metadata=METADATA, settings={"num_sql_threads": 1})


async def query(site: Datasette, name: str, **params: object) -> list[dict[str, Any]]:
    response = await site.client.get(
        f"/literature/{name}.json", params={"_shape": "array", **params}
    )
    assert response.status_code == 200, response.text
    rows: list[dict[str, Any]] = response.json()
    return rows


def column(rows: list[dict[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in rows]


def test_every_table_and_column_people_see_is_described_as_in_the_schema() -> None:
    described = {
        name: (table["description"], table["columns"])
        for name, table in LIBRARY["tables"].items()
        if name not in CLOSED
    }
    assert described == {
        name: (table.about, {column: spec.about for column, spec in table.columns.items()})
        for name, table in TABLES.items()
        if not table.internal
    }


def test_columns_named_by_metadata_exist() -> None:
    for name, table in LIBRARY["tables"].items():
        if name in CLOSED:
            continue
        named = [table[key] for key in ("label_column", "sort", "sort_desc") if key in table]
        named += table.get("facets", []) + table.get("sortable_columns", [])
        assert set(named) <= set(TABLES[name].columns), name


def test_facets_and_orders_stand_on_an_index() -> None:
    for name, table in LIBRARY["tables"].items():
        if name in CLOSED or name in SMALL:
            continue
        schema = TABLES[name]
        leading = {columns[0] for columns in (*schema.indexes, *schema.unique, schema.key)}
        ordered = [table[key] for key in ("sort", "sort_desc") if key in table]
        if name not in {"journals", "publication_types"}:
            assert set(ordered) <= leading, name
        assert set(table.get("facets", []) + table.get("sortable_columns", [])) <= leading, name


def test_everything_internal_is_closed(library: Path) -> None:
    with sqlite3.connect(library) as connection:
        names = {name for (name,) in connection.execute("select name from pragma_table_list")}
    inside = {name for name in names if name.startswith((FTS_TABLE, "_"))}
    internal = {name for name, table in TABLES.items() if table.internal}
    assert inside | internal == CLOSED


@pytest.mark.asyncio
async def test_closed_tables_answer_403_and_are_not_listed(site: Datasette) -> None:
    for name in sorted(CLOSED):
        for suffix in ("", ".json", ".csv"):
            response = await site.client.get(f"/literature/{name}{suffix}")
            assert response.status_code == 403, name
    listed = (await site.client.get("/literature.json")).json()["tables"]
    assert not CLOSED & {table["name"] for table in listed}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "path",
    [
        "/literature?sql=select+1",
        "/literature.json?sql=select+1",
        "/literature.csv?sql=select+1",
        "/literature/articles?_where=1",
        "/literature/articles.json?_where=1",
    ],
)
async def test_sql_of_a_visitor_is_refused(site: Datasette, path: str) -> None:
    assert (await site.client.get(path)).status_code == 403


@pytest.mark.asyncio
async def test_stock_pages_search_and_facet(site: Datasette) -> None:
    rows = (await site.client.get("/literature/articles.json?_search=retracted")).json()
    assert rows["filtered_table_rows_count"] == 1
    assert set(rows["facet_results"]) == {"year", "design", "retracted"}
    for name in TABLES:
        if name not in CLOSED:
            assert (await site.client.get(f"/literature/{name}")).status_code == 200, name


def test_every_query_says_what_it_is() -> None:
    for name, definition in QUERIES.items():
        assert definition["title"], name
        assert definition["description"].endswith("."), name
        assert definition["hide_sql"], name


@pytest.mark.asyncio
@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("value", [None, "", "  ", '"', "2020", "x' or 1=1 --", "é" * 500])
async def test_any_parameter_is_safe(site: Datasette, name: str, value: str | None) -> None:
    params = {} if value is None else dict.fromkeys(QUERIES[name].get("params", []), value)
    await query(site, name, **params)
    assert (await site.client.get(f"/literature/{name}", params=params)).status_code == 200


@pytest.mark.parametrize("name", QUERIES)
def test_no_query_reads_a_large_table_through(library: Path, name: str) -> None:
    definition = QUERIES[name]
    with sqlite3.connect(library) as connection:
        params = dict.fromkeys(definition.get("params", []), "")
        plan = connection.execute(f"explain query plan {definition['sql']}", params).fetchall()
    steps = [
        detail for *_, detail in plan if not detail.endswith(("SCAN counted", "SCAN problems"))
    ]
    # A scan of an index is narrow; a scan of the rows themselves drags every abstract along.
    assert [step for step in steps if step.startswith("SCAN") and "INDEX" not in step] == []


@pytest.mark.asyncio
async def test_newest_trials(site: Datasette) -> None:
    rows = await query(site, "newest_trials")
    assert column(rows, "pmid") == [4, 2, 1]
    assert column(rows, "notice") == [None, "RETRACTED", None]
    assert column(await query(site, "newest_trials", from_year="2012"), "pmid") == [2]


@pytest.mark.asyncio
async def test_newest_reviews(site: Datasette) -> None:
    assert column(await query(site, "newest_reviews"), "pmid") == [3]
    assert await query(site, "newest_reviews", from_year="2022") == []


@pytest.mark.asyncio
async def test_most_cited_counts_each_citing_article_once(site: Datasette) -> None:
    rows = await query(site, "most_cited")
    assert [(row["pmid"], row["cited_by"]) for row in rows] == [(1, 2), (2, 1)]
    assert rows[1]["notice"] == "RETRACTED"


@pytest.mark.asyncio
async def test_papers_of_a_trial(site: Datasette) -> None:
    rows = await query(site, "papers_of_a_trial", registration=" nct00000001 ")
    assert [(row["pmid"], row["source"]) for row in rows] == [(1, "databank"), (3, "abstract")]
    assert column(await query(site, "trials_by_papers"), "papers") == [2]


@pytest.mark.asyncio
async def test_authors_and_journals_by_articles(site: Datasette) -> None:
    authors = await query(site, "authors_by_articles")
    assert authors == [
        {"name": "Doe J", "articles": 2, "first_year": 2006, "last_year": 2021},
        {"name": "Roe R", "articles": 1, "first_year": 2021, "last_year": 2021},
    ]
    assert column(await query(site, "journals_by_articles"), "articles") == [4]


@pytest.mark.asyncio
async def test_articles_by_year(site: Datasette) -> None:
    rows = await query(site, "articles_by_year")
    assert [(row["year"], row["articles"], row["randomised_trials"]) for row in rows] == [
        (2021, 1, 0),
        (2012, 1, 1),
        (2006, 1, 1),
        (None, 1, 1),
    ]


@pytest.mark.asyncio
async def test_retracted_and_who_cites_it(site: Datasette) -> None:
    (row,) = await query(site, "retracted")
    assert (row["pmid"], row["notice"], row["cited_by"]) == (2, "J Made-up. 2014;1:2", 1)
    (citing,) = await query(site, "citing_retracted")
    assert (citing["pmid"], citing["retracted_pmid"]) == (3, 2)


@pytest.mark.asyncio
async def test_changed_in_run_is_the_last_that_changed_something(site: Datasette) -> None:
    assert column(await query(site, "changed_in_run"), "kind") == ["retracted", "revised"]
    assert column(await query(site, "changed_in_run", run="1"), "kind") == ["added"]


@pytest.mark.asyncio
async def test_held_and_reported_is_of_the_last_complete_harvest(site: Datasette) -> None:
    (row,) = await query(site, "held_and_reported")
    assert (row["reported"], row["held"], row["difference"]) == (4, 3, 1)
    assert row["term"] == "ketamine[tiab]"


@pytest.mark.asyncio
async def test_open_problems(site: Datasette) -> None:
    assert column(await query(site, "open_problems"), "pmid") == [9]
