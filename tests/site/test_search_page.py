"""The search page and its JSON, in process: links keep what they promise."""

import html
import json
import re
import sqlite3
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.site import stacks
from tests.site.conftest import Get, getter, serve
from tests.site.stacks import FIRST, NO_ABSTRACT, RETRACTED

CHOICE = re.compile(
    r'<a href="([^"]*)" rel="nofollow"(?: aria-current="true")?><span class="value">(.*?)</span>'
    r'\s*<span class="count">([\d,]+)</span>',
    re.DOTALL,
)


def as_json(address: str) -> str:
    return address.replace("/search", "/search.json", 1)


def test_links_of_a_page_with_choices(get: Get) -> None:
    """A value beside a chosen one of its facet widens; of another facet it narrows to its count."""
    address = "/search.json?q=depression&mesh=Humans&language=fre"
    before = get(address).json()
    for facet, values in before["facets"].items():
        for value in values:
            pair = f"&{facet}={value['value'].replace(' ', '+')}"
            after = get(address + pair).json()
            alternatives = {v["value"]: v["count"] for v in after["facets"][facet]}
            assert alternatives.get(value["value"]) == value["count"]
            if facet not in ("mesh", "language"):
                assert after["total"] == value["count"], pair
            else:
                assert after["total"] >= before["total"]


def test_alternatives_keep_their_counts_after_choosing(get: Get) -> None:
    before = get("/search.json?q=depression").json()["facets"]["type"]
    after = get("/search.json?q=depression&type=Review").json()["facets"]["type"]
    assert {v["value"]: v["count"] for v in before} == {v["value"]: v["count"] for v in after}
    assert [v["value"] for v in after if v["selected"]] == ["Review"]
    assert after[0]["value"] == "Review"


def test_json_contract(get: Get) -> None:
    answer = get("/search.json?q=depression&mesh=Humans")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    data = answer.json()
    assert list(data) == ["total", "page", "pages", "expanded", "results", "facets", "years"]
    assert data["page"] == 1
    assert data["expanded"] == []
    assert data["pages"] == -(-data["total"] // 20)
    wanted = {"pmid", "title", "authors", "journal", "year", "design", "snippet", "url"}
    for result in data["results"]:
        assert wanted <= result.keys()
        assert result["url"] == f"/article/{result['pmid']}"
    for values in data["facets"].values():
        assert all(set(value) == {"value", "label", "count", "selected"} for value in values)
    assert all(set(year) == {"year", "count"} for year in data["years"])
    assert [year["year"] for year in data["years"]] == sorted(y["year"] for y in data["years"])


def test_pages_of_the_json_add_up(get: Get) -> None:
    pmids: list[int] = []
    page = 1
    while results := get(f"/search.json?q=depression&page={page}").json()["results"]:
        pmids += [result["pmid"] for result in results]
        page += 1
    assert len(pmids) == len(set(pmids)) == get("/search.json?q=depression").json()["total"]


def test_a_result_says_what_must_be_known(get: Get) -> None:
    page = get("/search?q=ketamine+OR+nobody&from=2002&to=2003").text
    retracted = page[page.index(f"PMID {RETRACTED}") :]
    assert retracted.index("Retracted") < retracted.index("<h3>")
    assert 'data-status="retracted"' in page
    assert "No abstract in PubMed" in page[page.index(f"PMID {NO_ABSTRACT}") :]
    assert "of them is retracted" in page
    for words in ("Quill E", "Rev Echant", "<mark>Ketamine</mark>", "Why it matched"):
        assert words in get("/search?q=ketamine").text + page, words


def test_chips_take_themselves_away(get: Get) -> None:
    page = get("/search?q=depression&mesh=Humans&access=free&from=2001&sort=oldest").text
    chips = re.search(r'<ul class="chips".*?</ul>', page, re.DOTALL)
    assert chips
    links = [html.unescape(link) for link in re.findall(r'href="([^"]*)"', chips[0])]
    assert links == [
        "/search?q=depression&access=free&from=2001&sort=oldest",
        "/search?q=depression&mesh=Humans&from=2001&sort=oldest",
        "/search?q=depression&mesh=Humans&access=free&sort=oldest",
        "/search?q=depression&sort=oldest",
    ]


def test_years_form_keeps_the_rest_of_the_state(get: Get) -> None:
    page = get("/search?q=depression&mesh=Humans&sort=oldest&from=2001&page=2").text
    form = re.search(r'<form class="years-form".*?</form>', page, re.DOTALL)
    assert form
    hidden = re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', form[0])
    assert hidden == [("q", "depression"), ("mesh", "Humans"), ("sort", "oldest")]
    assert 'name="from"' in form[0]
    assert 'value="2001"' in form[0]


@pytest.mark.parametrize(
    ("q", "pmid"),
    [
        (f"{FIRST + 4}", FIRST + 4),
        (f"pmid:{FIRST + 4}", FIRST + 4),
        (f"10.5555/sample.{FIRST + 4}", FIRST + 4),
        (f"https://doi.org/10.5555/Sample.{FIRST + 4}", FIRST + 4),
        (stacks.ONE_TRIAL, FIRST + 4),
        (f"PMC{FIRST + 4}", FIRST + 4),
    ],
)
def test_an_identifier_goes_to_its_article(get: Get, q: str, pmid: int) -> None:
    answer = get("/search", params={"q": q})
    assert answer.status_code == 302
    assert answer.headers["location"] == f"/article/{pmid}"
    assert get("/search.json", params={"q": q}).json()["total"] == 1


def test_a_trial_of_several_articles_is_a_list(get: Get) -> None:
    assert "<h1>2 articles" in get(f"/search?q={stacks.TWO_TRIALS}").text


def test_an_identifier_that_is_not_here(get: Get) -> None:
    page = get("/search?q=12345678").text
    assert "PMID 12345678 is not in this library" in page
    assert 'href="https://pubmed.ncbi.nlm.nih.gov/12345678/"' in page


def test_no_hits_show_what_would_find_something(get: Get) -> None:
    page = get("/search?q=dissociaton+infusion+lozenge&mesh=Mice").text
    assert "No article has all of these words" in page
    links = re.findall(
        r'<li><a href="([^"]*)"><span>([^<]*).*?<span class="count">([\d,]+)</span>',
        page[page.index('id="try"') :],
        re.DOTALL,
    )
    assert any("lozenge" in text for _, text, _ in links)
    assert "dissociation" in page
    for link, _, count in links:
        assert get(as_json(html.unescape(link))).json()["total"] == int(count)


@pytest.mark.parametrize("slip", ["RCT", "Randomised controlled trial"])
def test_a_value_that_no_rule_knows_is_told(get: Get, slip: str) -> None:
    """Not an error page, and not in silence beside values that there are."""
    for query in (f"design={slip}", f"design={slip}&design=rct&q=ketamine"):
        response = get(f"/search?{query}")
        assert response.status_code == 200
        said = f"The filter Study design has no value “{slip}”: no article can match it."
        assert said in response.text
        links = re.findall(r'Did you mean <a href="(.+?)"', response.text)
        assert [html.unescape(link).rpartition("?")[2] for link in links] == [
            "q=ketamine&design=rct" if "ketamine" in query else "design=rct"
        ]
        data = get(f"/search.json?{query}").json()
        assert data["unknown"] == [{"facet": "design", "value": slip}]
    assert get("/search?design=<b>&drug=x").text.count("no article can match it.") == 2
    assert "Did you mean" not in get("/search?design=nonsense").text


def test_a_value_that_only_pubmed_can_know_is_no_slip(get: Get) -> None:
    for query in ("design=rct", "mesh=No+such+heading", "design=scoping_review&q=ketamine"):
        assert "no article can match it" not in get(f"/search?{query}").text
        assert "unknown" not in get(f"/search.json?{query}").json()


def test_what_only_the_filters_keep_back_is_not_called_unwritten(get: Get) -> None:
    held = get("/search.json?q=ketamine").json()["total"]
    page = html.unescape(get("/search?q=ketamine&mesh=Mice&from=1900&to=1901").text)
    assert f"None of the {held} articles for <q>ketamine</q> passes these filters" in page
    tried = page[page.index('id="try"') :]
    assert f'<span>Without the filters: <q>ketamine</q></span><span class="count">{held}<' in tried
    years = get("/search.json?q=ketamine&mesh=Mice").json()["total"]
    assert (
        '<li><a href="/search?q=ketamine&mesh=Mice"><span>Without the years: <q>ketamine</q></span>'
        f'<span class="count">{years}</span></a></li>'
    ) in tried
    assert "Without the filter MeSH heading" not in tried  # it would find nothing: the years stay
    assert "No article has" not in page
    assert "We looked for" not in page
    page = html.unescape(get("/search?q=ketamine+lozengeless&mesh=Mice").text)
    assert "No article has all of these words" in page


def test_only_a_word_that_nobody_wrote_is_put_right(get: Get) -> None:
    # "hypotensions" is in no title, but an abstract has it in another form.
    page = html.unescape(get("/search?q=dissociaton+hypotensions+lozenge").text)
    tried = page[page.index('id="try"') :]
    assert "<span>Without “lozenge”: <q>dissociation AND hypotensions</q></span>" in tried
    assert "None has <b>dissociaton</b>: did you mean <b>dissociation</b>?" in page
    assert page.count("did you mean") == 1
    assert "Without “dissociaton”" not in tried  # it would find nothing: the lozenge stays


def test_a_question_in_plain_words_is_offered_without_its_small_words(get: Get) -> None:
    asked = "does+ketamine+cause+dissociation%2C+and+how+sure+is+that+lozenge%3F"
    page = html.unescape(get(f"/search?q={asked}").text)
    tried = page[page.index('id="try"') :]
    offers = re.findall(r"<span>([^<]*): <q>([^<]*)</q></span>", tried)
    assert ("Any of the words", "ketamine OR cause OR dissociation OR lozenge") in offers
    for _, q in offers:
        assert not {"does", "and", "how", "sure", "is", "that"} & set(q.split())
        assert not set(q) & set(",?")
    assert "<b>dissociation</b>" in page
    assert "<b>lozenge</b>" in page
    # Small words alone are what is asked for.
    assert 'value="what how"' in get("/search?q=what+how").text


def test_of_a_long_text_the_first_words_are_put_right(
    get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    monkeypatch.setattr("harvester.site.suggestions.closest", lambda word, _: compared.append(word))
    words = [f"{a}{b}qqqq" for a in "abcdef" for b in "abcdefgh"]
    phrases = [f'"{" ".join(words[n : n + 8])}"' for n in range(0, 48, 8)]
    assert get("/search", params={"q": " ".join(phrases)}).status_code == 200
    assert compared == words[:6]


def test_there_is_a_page_when_the_time_ends_with_the_suggestions(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: object) -> int:
        raise sqlite3.OperationalError("interrupted")

    monkeypatch.setattr("harvester.site.cache.Cache.articles", late)
    answer = getter(serve(library))("/search?q=dissociation+lozenge+infusion")
    assert answer.status_code == 200
    assert "No article has all of these words" in answer.text


def test_all_values_of_a_facet(get: Get) -> None:
    page = get("/search/mesh?q=depression").text
    links = [(html.unescape(link), label, int(n)) for link, label, n in CHOICE.findall(page)]
    assert {label for _, label, _ in links} == set(stacks.HEADINGS)
    for link, _, count in links:
        assert get(as_json(link)).json()["total"] == count
    found = CHOICE.findall(get("/search/mesh?q=depression&find=BLADDER").text)
    assert [label for _, label, _ in found] == ["Urinary Bladder"]
    assert get("/search/nonsense").status_code == 404


def test_robots_stay_out_of_the_maze(get: Get) -> None:
    noindex = '<meta name="robots" content="noindex">'
    assert noindex not in get("/search").text
    assert noindex not in get("/search?q=depression").text
    for query in ("mesh=Humans", "sort=oldest", "page=2", "from=2001"):
        assert noindex in get(f"/search?q=depression&{query}").text
    assert noindex in get("/search/mesh").text
    robots = get("/robots.txt")
    assert robots.headers["content-type"].startswith("text/plain")
    assert "Disallow: /search?" in robots.text
    assert "Disallow: /literature" in robots.text
    assert "Sitemap: http://localhost/sitemap.xml" in robots.text
    assert not any(
        f"/article/{FIRST}".startswith(line.removeprefix("Disallow: "))
        for line in robots.text.splitlines()
        if line.startswith("Disallow")
    )


def test_the_sitemap_names_every_article(get: Get) -> None:
    answer = get("/sitemap.xml")
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    found = ElementTree.fromstring(answer.text).findall("s:url", names)  # noqa: S314 (ours)
    addresses = [url.findtext("s:loc", "", names) for url in found]
    assert f"http://localhost/article/{FIRST}" in addresses
    assert "http://localhost/methods" in addresses
    assert f"http://localhost/trial/{stacks.TWO_TRIALS}" in addresses
    assert "http://localhost/evidence/e7" in addresses
    of_questions = [address for address in addresses if "/evidence/" in address]
    pages, trials = 12, 2
    assert len(addresses) == pages + len(of_questions) + trials + stacks.COUNT
    assert found[-1].findtext("s:lastmod", "", names) == "2026-11-01"


def test_a_page_after_the_last_leads_back(get: Get) -> None:
    page = get("/search?q=depression&page=99").text
    assert "There is no page 99" in page
    assert "page=3" in page
    assert get("/search.json?q=depression&page=99").json()["results"] == []


@pytest.mark.parametrize("q", ["suicidality", "suicid*", "self-harm"])
def test_help_stands_above_results_on_suicide(get: Get, q: str) -> None:
    page = get("/search", params={"q": q}).text
    assert page.index("findahelpline.com") < page.index("<footer")
    assert get("/search?q=mood").text.count("findahelpline.com") < page.count("findahelpline.com")


def test_how_it_was_read(get: Get) -> None:
    assert "Read as <code>(spray OR mood) AND relapse</code>" in html.unescape(
        get("/search?q=spray+OR+mood+relapse").text
    )
    assert "Read as" not in get("/search?q=depression+psychosis+-mood").text


def test_other_names_are_searched_for_and_said(get: Get) -> None:
    page = html.unescape(get("/search?q=Spravato").text)
    assert "<h1>1 article " in page
    assert "Also searched for: esketamine, S-ketamine (not R,S-ketamine), JNJ-54135419." in page
    assert "<mark>Esketamine</mark>" in page
    assert "Only the exact words" not in page  # there are none
    some = html.unescape(get("/search?q=TRD+OR+infusion").text)
    assert '<a href="/search?q=TRD+OR+infusion&exact=1" rel="nofollow">Only the exact words' in some
    same = get("/search?q=esketamine").text
    assert "These found nothing more." in same
    assert "Also searched for" not in get("/search?q=depression").text


def test_exact_words_stay_exact_on_every_link(get: Get) -> None:
    address = "/search?q=TRD+OR+ketamine&exact=1&mesh=Humans"
    page = html.unescape(get(address).text)
    assert "Searched for the exact words." in page
    links = set(re.findall(r'href="(/search[^"]*q=TRD[^"]*)"', page))
    back = address.replace("&exact=1", "")
    assert back in links
    assert len(links) > 20
    assert {link for link in links if "exact=1" not in link} == {back}
    assert '<input type="hidden" name="exact" value="1">' in page
    assert '<meta name="robots" content="noindex">' in page
    values = html.unescape(get(address.replace("/search", "/search/journal")).text)
    assert all("exact=1" in link for link in re.findall(r'href="(/search[^"]*q=TRD[^"]*)"', values))


def test_the_json_says_what_was_added(get: Get) -> None:
    data = get("/search.json?q=Spravato").json()
    names = ["esketamine", "S-ketamine (not R,S-ketamine)", "JNJ-54135419"]
    assert data["expanded"] == [{"term": "Spravato", "also": names}]
    assert data["total"] == 1
    exact = get("/search.json?q=Spravato&exact=1").json()
    assert (exact["total"], exact["expanded"]) == (0, [])


def test_exact_words_that_nobody_wrote(get: Get) -> None:
    page = html.unescape(get("/search?q=Spravato&exact=1").text)
    assert "By its other names too" in page
    assert 'href="/search?q=Spravato"' in page


def test_the_most_cited_come_first(get: Get) -> None:
    page = get("/search?sort=cited").text
    order = [int(pmid) for pmid in re.findall(r"PMID (\d+)<", page)]
    assert order[: len(stacks.CITED)] == list(stacks.CITED)
    assert (
        f'<a class="cited" href="/article/{FIRST + 20}#cited-by">Cited by <b>4</b> here</a>' in page
    )
    assert page.count('class="cited"') == len(stacks.CITED)
    data = get("/search.json?q=report&sort=cited").json()["results"]
    assert [r["cited_by_here"] for r in data[:4]] == [*stacks.CITED.values(), 0]
    newest = get("/search.json?q=report&sort=newest").json()["results"]
    rest = [r["pmid"] for r in newest if r["pmid"] not in stacks.CITED]
    assert [r["pmid"] for r in data[3:]] == rest[: len(data) - 3]


def test_a_sentence_on_retractions_leads_to_them(get: Get) -> None:
    page = html.unescape(get("/search?q=ketamine+OR+nobody&from=2002").text)
    link = re.search(r'<a href="([^"]*)" rel="nofollow">1 of them is retracted.</a>', page)
    assert link
    assert link[1] == "/search?q=ketamine+OR+nobody&status=retracted&from=2002"
    assert "It is retracted." in get(link[1]).text


def test_a_facet_says_how_many_values_it_has(get: Get) -> None:
    page = get("/search").text
    counted = re.search(r'<summary>MeSH heading <span class="count">(\d+)<', page)
    assert counted
    assert int(counted[1]) == len(stacks.HEADINGS)
    chosen = get("/search?mesh=Humans&mesh=Mice").text
    assert '<summary>MeSH heading <span class="count">2 chosen<' in chosen


def test_an_empty_library_is_no_error(tmp_path: Path) -> None:
    from harvester.library.migrations import open_library

    path = tmp_path / "literature.db"
    open_library(path).conn.close()
    get = getter(serve(path))
    for address in ("/", "/search", "/search?q=x", "/search.json", "/about", "/health.json"):
        assert get(address).status_code == 200, address
    assert get("/search.json").json()["total"] == 0


hostile = st.text(max_size=60) | st.sampled_from(
    ["'; DROP TABLE articles;--", "<script>alert(1)</script>", "\x00", "\ud800", "%", "a" * 9_000]
)
named = st.lists(
    st.sampled_from(
        'TRD (S)-ketamine treatment-resistant depression OR -Spravato "ECT" ( ) <b> SI* IV'.split()
    ),
    max_size=9,
).map(" ".join)


@given(
    q=hostile | named,
    facet=st.sampled_from("mesh journal drug year exact sort nonsense".split()),
    value=hostile | st.sampled_from(["1", "cited"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_is_typed_is_an_error(get: Get, q: str, facet: str, value: str) -> None:
    for path in ("/search", "/search.json"):
        params = {
            "q": q.encode("utf-8", "replace").decode(),
            facet: value.encode("utf-8", "replace").decode(),
            "from": q[:9].encode("utf-8", "replace").decode(),
            "page": "2",
        }
        answer = get(path, params=params)
        assert answer.status_code in (200, 302)
        assert "<script>alert" not in answer.text or path.endswith("json")
        if path.endswith("json"):
            json.loads(answer.text)
