"""Real MEDLINE files: Bio.Medline on the file as it is, and PubMed's XML of the same article."""

import gzip
import io
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from Bio import Medline

from harvester.errors import ParseError
from harvester.pubmed.medline import read_medline, split_medline
from harvester.pubmed.parse import pmid_of, read_record
from harvester.pubmed.records import Article, Author
from harvester.pubmed.split import split_stream

FILES = [
    "pubmed/medline/rct-screening-mix.txt.gz",
    "pubmed/medline/retractions.txt.gz",
    "pubmed/medline/mixed.txt.gz",
    "eutils/efetch_text/nbib_export_40_records.nbib",
    "eutils/efetch_text/medline_1_record.txt",
    "eutils/efetch_text/medline_record_b.txt",
]
# Older exports had letters of ASCII alone; that is no matter of reading.
ASCII = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ı": "i", "ß": "ss", "’": "'"})
# What differs between the two forms of a record because they were fetched in different years, by
# field: more PMIDs than these would be news. The rest of the 202 are the same in every field.
EXPLAINED = {
    "abstract": 6,  # Greek letters and ± spelled out
    "authors": 1,  # 9634358: the erroneous name is only in the XML
    "affiliations": 1,  # 28251880: dagger, double dagger
    "country": 2,  # in capitals
    "status": 1,  # 400964: another status since
    "ids": 1,  # 400964: a DOI since
}


def records(path: Path) -> list[bytes]:
    found: list[bytes] = []
    with path.open("rb") as stream:
        try:
            found.extend(split_medline(stream))
        except ParseError:
            assert path.name == "mixed.txt.gz"  # notes at the end of it
    return found


def squeezed(text: str | None) -> str:
    """Without white space and diacritics."""
    decomposed = unicodedata.normalize("NFKD", "".join((text or "").translate(ASCII).split()))
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return plain.replace("®", "(R)")


def short(author: Author) -> str:
    return " ".join(p for p in (author.last_name, author.initials, author.suffix) if p)


def bio_facts(bio: Any) -> dict[str, Any]:
    return {
        "pmid": bio["PMID"],
        "title": squeezed(bio.get("TI")),
        "vernacular": squeezed(bio.get("TT")),
        "abstract": squeezed(bio.get("AB")),
        "authors": bio.get("AU", []),
        "affiliations": [squeezed(text) for text in bio.get("AD", [])],
        "journal": (squeezed(bio.get("JT")), bio.get("TA"), bio.get("JID")),
        "issue": (bio.get("VI"), bio.get("IP"), bio.get("PG"), bio.get("DP")),
        "mesh": [squeezed(text) for text in bio.get("MH", [])],
        "types": bio.get("PT", []),
        "languages": [code.lower() for code in bio.get("LA", [])],
        "status": (bio.get("OWN"), bio.get("STAT"), bio.get("PST"), bio.get("SB", "").split()),
        "entered": bio.get("EDAT", "").partition(" ")[0].replace("/", "-"),
        "revised": bio.get("LR"),
    }


def our_facts(article: Article) -> dict[str, Any]:
    journal = article.journal
    own = article.own_abstract
    revised = article.date("revised")
    return {
        "pmid": str(article.pmid),
        "title": squeezed(article.title.plain),
        "vernacular": squeezed(article.vernacular_title.plain if article.vernacular_title else ""),
        "abstract": squeezed(own[0].text.plain if own else ""),
        "authors": [short(author) for author in article.authors if author.collective is None],
        "affiliations": [
            squeezed(text.plain) for author in article.authors for text in author.affiliations
        ],
        "journal": (
            squeezed(journal.title if journal else ""),
            journal.medline_ta if journal else None,
            journal.nlm_id if journal else None,
        ),
        "issue": (
            article.volume,
            article.issue,
            article.pages,
            article.published.printed if article.published else None,
        ),
        "mesh": [
            squeezed("*" * m.descriptor_major + m.name)
            + "".join(f"/{'*' * q.major}{squeezed(q.name)}" for q in m.qualifiers)
            for m in article.mesh
            if m.kind == "descriptor"
        ],
        "types": [kind.name for kind in article.publication_types],
        "languages": list(article.languages),
        "status": (
            article.owner,
            article.status,
            article.publication_status,
            list(article.citation_subsets),
        ),
        "entered": article.date("pubmed") or "",
        "revised": revised.replace("-", "") if revised else None,
    }


@pytest.mark.parametrize("name", FILES)
def test_biopython_says_the_same(name: str, shared_data: Path) -> None:
    path = shared_data / name
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if path.name == "mixed.txt.gz":  # Bio.Medline takes the notes in it for records
        raw = b"\n".join(records(path))
    read = Medline.parse(io.StringIO(raw.decode("utf-8")))
    told = {bio["PMID"]: bio for bio in read if "PMID" in bio}
    ours = [read_medline(data)[0] for data in records(path)]
    assert len(ours) == len(told)
    differences = [
        f"{article.pmid} {field}: {value}, {theirs[field]}"
        for article in ours
        for theirs in [bio_facts(told[str(article.pmid)])]
        for field, value in our_facts(article).items()
        if value != theirs[field]
    ]
    assert differences == []


def common(article: Article) -> dict[str, Any]:
    """What both formats tell of an article."""
    journal = article.journal
    return {
        "title": squeezed(article.title.plain),
        "vernacular": squeezed(article.vernacular_title.plain if article.vernacular_title else ""),
        "abstract": squeezed((article.abstract_text or "").replace("\n", " ")),
        "authors": [
            (
                squeezed(author.name),
                squeezed(author.fore_name),
                author.orcid,
            )
            for author in article.authors
        ],
        "affiliations": [
            squeezed(text.plain) for author in article.authors for text in author.affiliations
        ],
        "investigators": [
            (i.last_name, i.fore_name, i.initials, i.suffix) for i in article.investigators
        ],
        "journal": journal and (journal.title, journal.medline_ta, journal.nlm_id),
        "issn": journal and journal.issn_linking,
        "country": journal and journal.country,
        "issue": (article.volume, article.issue, article.pages),
        "published": article.published,
        "days": {d.kind: d.iso for d in article.dates if d.kind not in ("created", "revised")},
        "languages": article.languages,
        "types": sorted(kind.name for kind in article.publication_types),
        "mesh": [
            (m.name, m.kind, m.major, [(q.name, q.major) for q in m.qualifiers])
            for m in article.mesh
        ],
        "substances": sorted((s.name, s.registry_number) for s in article.substances),
        "keywords": sorted((squeezed(k.text.plain), k.major, k.owner) for k in article.keywords),
        "grants": {(g.grant_id, g.acronym, g.agency, g.country) for g in article.grants},
        "data_banks": article.data_banks,
        "corrections": sorted(
            (c.kind, c.pmid or 0) for c in article.corrections if c.kind != "Cites"
        ),
        "ids": {(i.kind, i.value) for i in article.ids},
        "coi_statement": squeezed(article.coi_statement.plain if article.coi_statement else ""),
        "status": (article.owner, article.status, article.publication_status),
    }


@pytest.mark.slow
def test_the_xml_of_the_same_articles_says_the_same(shared_data: Path) -> None:
    medline = {
        article.pmid: article
        for name in FILES
        for data in records(shared_data / name)
        for article in [read_medline(data)[0]]
    }
    compared: set[int] = set()
    different: defaultdict[str, set[int]] = defaultdict(set)
    for path in sorted(shared_data.glob("pubmed/*.xml*")):
        with path.open("rb") as stream:
            for piece in split_stream(stream):
                if piece.kind == "delete" or pmid_of(piece.data) not in medline:
                    continue
                article, _ = read_record(piece.data)
                ours, theirs = common(article), common(medline[article.pmid])
                compared.add(article.pmid)
                for field in ours:
                    if ours[field] != theirs[field]:
                        different[field].add(article.pmid)
    assert {field: len(pmids) for field, pmids in different.items()} == EXPLAINED
    assert len(compared) == 202
