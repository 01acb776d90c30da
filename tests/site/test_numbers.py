"""Doses, times, sizes and harms: every bar and circle is a search that finds as many."""

import re
from html import unescape
from itertools import pairwise
from pathlib import Path

import pytest

from harvester.site.numbers import _DOSES, _MINUTES, _SIZES
from tests.site import evidence_stacks, stacks
from tests.site.conftest import Get, getter, serve
from tests.site.promises import promises
from tests.site.test_pages import Inspector, words
from tests.site.test_promises import json_of


@pytest.fixture(scope="module")
def get(tmp_path_factory: pytest.TempPathFactory) -> Get:
    path: Path = tmp_path_factory.mktemp("numbers") / "literature.db"
    evidence_stacks.make_library(path)
    return getter(serve(path))


def test_every_number_is_the_number_of_articles_behind_it(get: Get) -> None:
    kept = dict.fromkeys(promises(get("/numbers").text))
    assert len(kept) > 40
    for promise in kept:
        assert get(json_of(promise.href)).json()["total"] == promise.count, promise


def test_randomised_trials_are_counted_too(get: Get) -> None:
    bars = re.findall(
        r'<a href="([^"]*)" rel="nofollow" aria-label="[^"]*: [0-9]+ articles?, (no|[0-9]+) RCT',
        get("/numbers").text,
    )
    assert len(bars) > 20
    for href, said in bars:
        if "design=" in href and "n_from" not in href and "design=rct" not in href:
            assert said == "no"
        elif "design=" not in href:
            trials = get(json_of(unescape(href)) + "&design=rct").json()["total"]
            assert trials == (0 if said == "no" else int(said))


def test_every_trial_with_a_size_is_in_a_row(get: Get) -> None:
    page = get("/numbers").text
    sizes = re.search(r"People in <a[^>]*>([0-9]+) trial", page)
    assert sizes
    rows = re.findall(r'rowheader" scope="row"><a[^>]*n_(?:from|to)=[^>]*>[^<]*<span class="count">'
                      r"([0-9]+)<", page)  # fmt: skip
    assert sum(map(int, rows)) == int(sizes[1])


@pytest.mark.parametrize("spans", [_DOSES, _MINUTES, _SIZES])
def test_bars_follow_each_other_without_a_gap(
    spans: tuple[tuple[int | None, int | None], ...],
) -> None:
    for (_, last), (first, _) in pairwise(spans):
        assert last is not None
        assert first == last + 1
    assert spans[0][0] in (None, 1)
    assert spans[-1][1] is None


def test_it_says_what_such_counts_cannot(get: Get) -> None:
    said = words(get("/numbers").text)
    for sentence in (
        "They are no advice on a dose",
        "not how well a treatment works",
        "Nothing is averaged or pooled.",
        "whether the harm happened or was reported as absent",
    ):
        assert sentence in said
    inspector = Inspector()
    inspector.feed(get("/numbers").text)
    assert inspector.found == []


def test_a_library_without_findings_has_the_page_too(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    stacks.make_library(path, findings=False)
    answer = getter(serve(path))("/numbers")
    assert answer.status_code == 200
    assert "No article here reports on harms." in words(answer.text)


def test_the_page_is_kept_and_found(get: Get) -> None:
    tag = get("/numbers").headers["etag"]
    assert get("/numbers", headers={"if-none-match": tag}).status_code == 304
    assert "<loc>http://localhost/numbers</loc>" in get("/sitemap.xml").text
    assert 'href="/numbers"' in get("/map").text
