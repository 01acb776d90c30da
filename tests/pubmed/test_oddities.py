"""Each odd shape that was found among real records is where a reader would look for it."""

import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from harvester.pubmed.parse import read_record
from harvester.pubmed.records import Article, Text
from harvester.pubmed.split import deleted_pmids, split_stream
from tests.conftest import NO_SHARED, SHARED

FOLDER = SHARED / "data/pubmed"
# A row of the list: PMID, shapes with commas between them (a type may hold one too), origin.
ROW = re.compile(r"^\| (\d+|\(none\)) \| ([^|]+) \| [^|]+ \|$", re.MULTILINE)

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=NO_SHARED)


def rows() -> Iterator[tuple[str, str]]:
    """PMID and shape."""
    if FOLDER.is_dir():
        listed = (FOLDER / "README.md").read_text(encoding="utf-8").partition("## Oddities")[2]
        for pmid, shapes in ROW.findall(listed):
            for shape in re.split(r", (?=[a-z])", shapes):
                yield pmid, shape


@cache
def articles() -> dict[int, Article]:
    with (FOLDER / "oddities.xml").open("rb") as stream:
        read = [read_record(p.data)[0] for p in split_stream(stream) if p.kind != "delete"]
    return {article.pmid: article for article in read}


def other(article: Article, name: str) -> list[str]:
    return [field.value for field in article.other if field.name == name]


def texts(article: Article) -> list[Text]:
    return [article.title, *(section.text for section in article.abstract)]


def marked(article: Article, tag: str, title: bool = False) -> bool:
    read = [article.title] if title else texts(article)
    return any(
        f"<{tag}>" in text.markup or f"<{tag} " in text.markup for text in read if text.markup
    )


def labels(article: Article) -> list[str | None]:
    return [section.label for section in article.own_abstract]


def published(article: Article, printed: str, iso: str) -> bool:
    date = article.published
    return bool(
        date and date.iso and re.fullmatch(printed, date.printed) and re.fullmatch(iso, date.iso)
    )


# What a shape with a name in it, such as `language-tur`, means.
NAMED: dict[str, Callable[[Article, str], bool]] = {
    "publication-type: ": lambda a, name: name in {t.name for t in a.publication_types},
    "language-": lambda a, name: name in a.languages,
    "comments-corrections-": lambda a, kind: any(
        c.kind == kind and c.source for c in a.corrections
    ),
    "status-": lambda a, name: a.status == name,
    "owner-": lambda a, name: a.owner == name,
    "pubmodel-": lambda a, name: a.publication_model == name,
    "indexing-method-": lambda a, name: a.indexing_method == name,
    "articleid-": lambda a, kind: bool(a.id(kind)),
    "other-abstract-type-": lambda a, name: any(s.type == name for s in a.abstract),
    "databank-other-trial-registry-": lambda a, name: any(
        b.name == name and b.accession for b in a.data_banks
    ),
}
SHAPES: dict[str, Callable[[Article], bool]] = {
    "PubmedBookArticle": lambda a: bool(a.book and a.book.title.plain and a.title.plain),
    "abstract-truncated-notice": lambda a: "TRUNCATED" in (a.abstract_text or ""),
    "affiliation-identifier": lambda a: any(x.affiliation_identifiers for x in a.authors),
    "author-last-name-only": lambda a: any(
        x.last_name and not x.fore_name and not x.initials for x in a.authors
    ),
    "author-list-incomplete": lambda a: not a.authors_complete,
    "author-name-extended-latin": lambda a: any(not x.name.isascii() for x in a.authors),
    "author-name-non-latin": lambda a: any(not x.name.isascii() for x in a.authors),
    "author-orcid-bare": lambda a: any(x.orcid for x in a.authors),
    "author-orcid-url": lambda a: any(x.orcid and len(x.orcid) == 19 for x in a.authors),
    "author-several-affiliations": lambda a: any(len(x.affiliations) > 1 for x in a.authors),
    # Of white space alone, as it turned out.
    "author-suffix": lambda a: all(x.suffix is None and x.name[-1:].isalpha() for x in a.authors),
    "author-validyn-n": lambda a: any(not x.valid for x in a.authors),
    "bracketed-title-without-vernacular": lambda a: (
        a.title.plain.startswith("[") and a.vernacular_title is None
    ),
    "coi-statement": lambda a: bool(a.coi_statement and a.coi_statement.plain),
    "collective-name": lambda a: any(x.collective for x in a.authors),
    "collective-name-only": lambda a: all(x.collective for x in a.authors) and bool(a.authors),
    "comments-corrections-without-pmid": lambda a: any(
        c.pmid is None and c.source for c in a.corrections
    ),
    "copyright-information": lambda a: any(s.copyright for s in a.own_abstract),
    "databank-clinicaltrials-gov-nct": lambda a: any(
        b.name == "ClinicalTrials.gov" and b.accession.startswith("NCT") for b in a.data_banks
    ),
    "databank-non-trial": lambda a: any(b.accession for b in a.data_banks),
    "doi-only-in-elocationid": lambda a: (
        bool(a.id("doi")) and all(i.source == "ELocationID" for i in a.ids if i.kind == "doi")
    ),
    "element-GeneSymbolList": lambda a: bool(other(a, "GeneSymbol")),
    "element-GeneralNote": lambda a: bool(other(a, "GeneralNote")),
    "element-NumberOfReferences": lambda a: other(a, "NumberOfReferences")[0].isdecimal(),
    "element-OtherID": lambda a: bool(other(a, "OtherID")),
    "element-PersonalNameSubjectList": lambda a: bool(other(a, "PersonalNameSubject")),
    "element-SpaceFlightMission": lambda a: bool(other(a, "SpaceFlightMission")),
    "element-SupplMeshList": lambda a: any(
        m.kind == "supplementary" and m.type and m.ui for m in a.mesh
    ),
    "elocation-pii-and-doi": lambda a: (
        {i.kind for i in a.ids if i.source == "ELocationID"} == {"pii", "doi"}
    ),
    "empty-abstracttext": lambda a: all(s.text.plain or s.label for s in a.abstract),
    "empty-title": lambda a: a.title == Text(plain=""),
    "equal-contrib": lambda a: sum(x.equal_contribution for x in a.authors) > 1,
    "escaped-less-than-in-abstract": lambda a: (
        "<" in (a.abstract_text or "") and "&lt;" not in (a.abstract_text or "")
    ),
    "grant-list": lambda a: any(g.grant_id and g.agency for g in a.grants),
    "greek-letters-in-abstract": lambda a: bool(re.search("[α-ω]", a.abstract_text or "")),
    "huge-author-list": lambda a: len(a.authors) + len(a.investigators) > 200,
    "inline-italic-in-title": lambda a: marked(a, "i", title=True),
    "inline-markup-in-abstract": lambda a: any(s.text.markup for s in a.abstract),
    "inline-sub-or-sup-in-title": lambda a: (
        marked(a, "sub", title=True) or marked(a, "sup", title=True)
    ),
    "investigator-list": lambda a: any(i.last_name for i in a.investigators),
    "keyword-list": lambda a: (
        all(k.owner and k.text.plain for k in a.keywords) and bool(a.keywords)
    ),
    "keyword-list-owner-not-notnlm": lambda a: any(k.owner != "NOTNLM" for k in a.keywords),
    "keyword-with-inline-markup": lambda a: any(k.text.markup for k in a.keywords),
    "mathml-in-text": lambda a: marked(a, "math") and not any("mml:" in str(t) for t in texts(a)),
    "medlinedate-cross-year": lambda a: published(a, r"\d{4} \w+-\d{4} \w+", r"\d{4}-\d\d"),
    "medlinedate-day-range": lambda a: published(a, r"\d{4} \w+ \d+-\d+", r"\d{4}-\d\d-\d\d"),
    "medlinedate-month-range": lambda a: published(a, r"\d{4} \w+-\w+", r"\d{4}-\d\d"),
    "medlinedate-other": lambda a: published(a, r".+", r"\d{4}.*"),
    "medlinedate-season-range": lambda a: published(a, r"Winter \d{4}", r"\d{4}"),
    "medlinedate-year-range": lambda a: published(a, r"\d{4}-\d{4}", r"\d{4}"),
    "no-abstract": lambda a: a.abstract_text is None and a.own_abstract == (),
    "no-author-list": lambda a: a.authors == (),
    "no-mesh": lambda a: a.mesh == (),
    "no-pagination": lambda a: a.pages is None,
    "no-volume": lambda a: a.volume is None,
    "other-abstract": lambda a: len(a.abstract) > len(a.own_abstract),
    "other-abstract-non-english": lambda a: any(
        s.language not in (None, "eng") for s in a.abstract
    ),
    "pagination-abbreviated-range": lambda a: bool(re.fullmatch(r"\d+-\d+", a.pages or "")),
    "pagination-startpage-endpage": lambda a: (
        bool(a.pages) and bool(other(a, "StartPage")) and bool(other(a, "EndPage"))
    ),
    "pmid-version-above-1": lambda a: a.version > 1,
    "pubdate-numeric-month": lambda a: published(a, r"\d{4} [A-Z][a-z]{2}( \d+)?", r"\d{4}-\d\d.*"),
    "pubdate-season": lambda a: published(a, r"\d{4} \w+", r"\d{4}"),
    "pubdate-year-only": lambda a: published(a, r"\d{4}", r"\d{4}"),
    "reference-list": lambda a: any(r.citation for r in a.references),
    "reference-list-nested": lambda a: len({r.section for r in a.references}) > 1,
    "several-abstracttext-without-labels": lambda a: labels(a) == [None] * len(labels(a)) != [None],
    "several-keyword-lists": lambda a: len({k.owner for k in a.keywords}) >= 1 < len(a.keywords),
    "several-languages": lambda a: len(a.languages) > 1,
    "structured-abstract": lambda a: all(labels(a)) and len(labels(a)) > 1,
    "structured-abstract-mixed-labelled-and-unlabelled": lambda a: (
        any(labels(a)) and not all(labels(a))
    ),
    "structured-abstract-repeated-label": lambda a: len(set(labels(a))) < len(labels(a)),
    "structured-abstract-unassigned-category": lambda a: any(
        s.category == "UNASSIGNED" for s in a.own_abstract
    ),
    "title-not-available": lambda a: a.title.plain == "[Not Available].",
    "vernacular-title-and-bracketed-title": lambda a: bool(
        a.title.plain.startswith("[") and a.vernacular_title
    ),
    "vernacular-title-non-latin-script": lambda a: bool(
        a.vernacular_title and not a.vernacular_title.plain.isascii()
    ),
}


@pytest.mark.parametrize(("pmid", "shape"), list(rows()))
def test_an_odd_shape(pmid: str, shape: str) -> None:
    if pmid == "(none)":
        return  # the deletions, below
    article = articles()[int(pmid)]
    if shape in SHAPES:
        assert SHAPES[shape](article)
        return
    prefix = max((name for name in NAMED if shape.startswith(name)), key=len)
    assert NAMED[prefix](article, shape.removeprefix(prefix))


def test_nothing_of_the_list_is_left_out() -> None:
    named = [int(pmid) for pmid, _ in rows() if pmid != "(none)"]
    assert set(named) == articles().keys()
    assert len(named) > 150


@pytest.mark.parametrize(
    "name", ["oddities.xml", pytest.param("bulk-modern.xml.gz", marks=pytest.mark.slow)]
)
def test_deletions(name: str) -> None:
    with (FOLDER / name).open("rb") as stream:
        (deleted,) = (deleted_pmids(p.data) for p in split_stream(stream) if p.kind == "delete")
    assert deleted
    assert all(pmid > 0 for pmid in deleted)
