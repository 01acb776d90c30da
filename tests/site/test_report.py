"""Reporting a wrong finding: the text is ready, and no address is made up."""

from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from harvester.site.report import contact
from tests.site import stacks
from tests.site.conftest import ROOT, Get, getter, serve

PATH = f"/report?pmid={stacks.FIRST}&facet=drug&value=ketamine"


def test_the_report_is_ready_to_be_copied(get: Get) -> None:
    page = unescape(get(PATH).text)
    assert f"Record: PMID {stacks.FIRST}, http://localhost/article/{stacks.FIRST}" in page
    assert "It is labelled: Drug: Ketamine" in page
    assert f'pmid = {stacks.FIRST}\nfacet = "drug"\nremove = ["ketamine"]' in page
    assert "mailto:" not in page
    assert "they have set none" in page


def test_it_is_for_no_crawler(get: Get) -> None:
    assert '<meta name="robots" content="noindex">' in get(PATH).text
    assert "Disallow: /report" in get("/robots.txt").text


@pytest.mark.parametrize(
    "path",
    [
        "/report",
        "/report?pmid=12345678",
        "/report?pmid=x&facet=drug&value=ketamine",
        "/report?pmid=99999999999999999999",
        f"/report?pmid={stacks.FIRST}",
        f"/report?pmid={stacks.FIRST}&facet=drug&value=<script>alert(1)</script>",
        f"/report?pmid={stacks.FIRST}&facet=%00&value=%ff",
    ],
)
def test_anything_else_is_a_report_of_anything(get: Get, path: str) -> None:
    answer = get(path)
    assert answer.status_code == 200
    assert "What is wrong:" in answer.text
    assert "<script>" not in answer.text
    assert "[[override]]" not in answer.text


def served_with(library: Path, **config: Any) -> str:
    return getter(serve(library, metadata={"plugins": {"harvester": config}}))(PATH).text


def test_an_operator_may_name_a_mailbox(library: Path) -> None:
    page = served_with(library, report_email="library@example.org")
    assert 'href="mailto:library@example.org?subject=Wrong%20finding%2C%20PMID%20' in page
    assert "Write to library@example.org" in page


def test_an_operator_may_name_an_issue_tracker(library: Path) -> None:
    url = "https://example.org/new?title={title}&body={text}"
    link = contact({"report_url": url}, "A & B", "one\ntwo #3")
    assert link
    assert parse_qs(urlsplit(link.href).query) == {"title": ["A & B"], "body": ["one\ntwo #3"]}
    assert "Report at example.org" in served_with(library, report_url=url)


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"report_url": "javascript:alert(1)"},
        {"report_url": 7},
        {"report_url": "https://[x"},
        {"report_email": "a@b.c?bcc=x@y.z"},
        {"report_email": "nobody"},
        {"report_email": ["x"]},
    ],
)
def test_what_is_no_address_is_passed_over(config: dict[str, Any]) -> None:
    assert contact(config, "s", "t") is None


def test_the_metadata_that_comes_with_the_program_asks_the_environment(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata = yaml.safe_load((ROOT / "metadata.yml").read_text("utf-8"))
    get = getter(serve(library, metadata=metadata))
    monkeypatch.delenv("HARVESTER_REPORT_URL", raising=False)
    monkeypatch.delenv("HARVESTER_REPORT_EMAIL", raising=False)
    assert "they have set none" in get(PATH).text
    monkeypatch.setenv("HARVESTER_REPORT_EMAIL", "library@example.org")
    assert "Write to library@example.org" in get(PATH).text
