"""Every number in a link is the number on the page behind it."""

import random
import re
from collections import Counter
from pathlib import Path

import pytest

from harvester.load import load
from harvester.topics import load_topics
from tests.site import stacks
from tests.site.conftest import Get, getter, serve
from tests.site.promises import Promise, address, promises, value_of

PAGES = (
    "/",
    "/search",
    "/search?sort=cited",
    "/search?q=depression",
    "/search?q=psychosis&from=2003&to=2011&sort=newest",
    "/search?q=TRD+OR+infusion",
    "/search?q=TRD+OR+infusion&exact=1&mesh=Humans",
    "/search?q=TRD&mesh=Humans&mesh=Mice&access=free&from=2001",
    "/search?q=ketamine+report&language=fre&type=Review&sort=oldest&page=2",
    "/search?q=Spravato&mesh=No+such+heading",
    "/search?q=dissociaton+infusion+lozenge&mesh=Mice",
    "/search?q=dissociaton&exact=1&from=2001",
    "/search/mesh?q=TRD&access=free",
    "/search/journal?mesh=Humans&find=samples",
)


def json_of(href: str) -> str:
    return href.replace("/search", "/search.json", 1)


def keep(get: Get, promise: Promise, page: str) -> None:
    """Follow the link, and see."""
    match promise.kind:
        case "articles":
            assert get(json_of(promise.href)).json()["total"] == promise.count
        case "choice":  # the count of the value, which stays as it is behind the link
            facet, value = value_of(promise.href, page)
            answer = get(json_of(promise.href)).json()
            shown = {v["value"]: v["count"] for v in answer["facets"].get(facet, [])}
            assert shown.get(value, promise.count) == promise.count
            if (facet, value) in address(promise.href):
                assert answer["total"] >= promise.count
        case "values":
            facet = re.match(r"/search/([a-z]+)", promise.href)
            assert facet
            shown_here = len(get(json_of(page)).json()["facets"][facet[1]])
            behind = list(promises(get(promise.href).text))
            assert len(behind) == shown_here + promise.count
        case "cited":
            path = promise.href.partition("#")[0]
            assert f"Cited by {promise.count:,} article" in get(path).text


@pytest.mark.parametrize("page", PAGES)
def test_every_number_is_kept(get: Get, page: str) -> None:
    found = list(promises(get(page).text))
    assert found
    for promise in dict.fromkeys(found):
        keep(get, promise, page)


def test_there_are_promises_of_all_kinds(get: Get) -> None:
    kinds: Counter[str] = Counter()
    texts = []
    for page in PAGES:
        for promise in promises(get(page).text):
            kinds[promise.kind] += 1
            texts.append(promise.text)
    assert kinds["articles"] > 400
    assert kinds["choice"] > 5
    assert kinds["cited"] >= len(stacks.CITED)
    for said in ("Only the exact words", "is retracted", "Treatment-resistant depression", "All "):
        assert any(said in text for text in texts), said


def test_chips_take_one_filter_away_each(get: Get) -> None:
    page = "/search?q=TRD&mesh=Humans&mesh=Mice&access=free&from=2001&sort=cited"
    chips = re.search(r'<ul class="chips".*?</ul>', get(page).text, re.DOTALL)
    assert chips
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*)"', chips[0])]
    *single, everything = links
    assert everything == "/search?q=TRD&sort=cited"
    for link in single:
        assert len(value_of(link, page)) == 2
        assert get(link).status_code == 200


@pytest.fixture(scope="module")
def real(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Get:
    """Real records, on ketamine, on depression, and of everything."""
    path = tmp_path_factory.mktemp("real") / "literature.db"
    names = ("ketamine.xml.gz", "depression.xml.gz", "bulk-mixed.xml.gz")
    files = [shared_data / "pubmed" / name for name in names]
    topics = load_topics()
    load(
        path, files, [(topic, topics.parsed(topic)) for topic in topics], label="all", keep_all=True
    )
    return getter(serve(path))


@pytest.mark.slow
def test_a_sample_of_numbers_on_real_records(real: Get) -> None:
    chance = random.Random(4)  # noqa: S311 (a sample, no secret)
    pages = ["/", "/search", "/search?q=TRD", "/search?q=depression&sort=cited"]
    for _ in range(12):
        page = chance.choice(pages)
        found = list(promises(real(page).text))
        for promise in chance.sample(found, min(12, len(found))):
            keep(real, promise, page)
        pages += [p.href for p in chance.sample(found, 2) if p.kind in ("articles", "choice")]
