"""What the peers do, run by their own Python: `peer_program.py TASK FILE [DATABASE]`.

Reads PubMed XML as each library's documentation says; `entrez_load` and `entrez_m2m` also write
what Entrez.read gives into the library's own tables with sqlite-utils. Prints how many records
there were.
"""

import gzip
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

BATCH = 200
Record = Any
Row = dict[str, Any]


def entrez(file: str) -> int:
    return len(_entrez(file))


def _entrez(file: str) -> list[Record]:
    from Bio import Entrez  # noqa: PLC0415 (each task needs one of them)

    with gzip.open(file) as stream:
        articles: list[Record] = Entrez.read(stream)["PubmedArticle"]
    return articles


def pubmed_parser(file: str) -> int:
    from pubmed_parser import parse_medline_xml  # noqa: PLC0415

    return len(
        list(parse_medline_xml(file, nlm_category=True, author_list=True, reference_list=True))
    )


def metapub(file: str) -> int:
    from metapub import PubMedArticle  # noqa: PLC0415

    return sum(bool(PubMedArticle(xml).to_dict()) for xml in _each(file))


def pymed(file: str) -> int:
    from pymed.article import PubMedArticle  # noqa: PLC0415

    count = 0
    for element in _elements(file):
        PubMedArticle(xml_element=element).toDict()
        count += 1
    return count


def _elements(file: str) -> Iterator[Any]:
    from xml.etree import ElementTree  # noqa: PLC0415

    with gzip.open(file) as stream:
        for _, element in ElementTree.iterparse(stream):  # noqa: S314 (PubMed's own file)
            if element.tag == "PubmedArticle":
                yield element
                element.clear()


def _each(file: str) -> Iterator[bytes]:
    """Each record as a set of its own, which is what metapub takes."""
    with gzip.open(file) as stream:
        for part in stream.read().split(b"<PubmedArticle>")[1:]:
            record = part.partition(b"</PubmedArticle>")[0]
            yield (
                b"<PubmedArticleSet><PubmedArticle>%b</PubmedArticle></PubmedArticleSet>" % record
            )


# -- writing ---------------------------------------------------------------------------------------


def entrez_load(file: str, database: str) -> int:
    """Entrez.read, and `upsert_all` of each table in batches; numbers of names kept in memory."""
    from sqlite_utils import Database  # noqa: PLC0415

    articles = _entrez(file)
    db = Database(sqlite3.connect(database))
    numbers: dict[tuple[str, str], int] = {}
    for at in range(0, len(articles), BATCH):
        tables: dict[str, list[Row]] = {}
        for article in articles[at : at + BATCH]:
            for table, row in _rows(article, numbers):
                tables.setdefault(table, []).append(row)
        with db.conn:
            for table, rows in tables.items():
                db[table].upsert_all(rows, pk=KEYS.get(table, ("pmid", "position")))
    db.conn.execute("INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')")
    db.conn.commit()
    return len(articles)


def entrez_m2m(file: str, database: str) -> int:
    """Entrez.read, and the record by record idiom: `upsert`, then `m2m` of each list."""
    from sqlite_utils import Database  # noqa: PLC0415

    articles = _entrez(file)
    db = Database(memory=True)
    assert database  # noqa: S101 (the tables that m2m makes are its own)
    lists = {"authors": "name", "mesh_terms": "name", "keywords": "keyword"}
    with db.atomic() if hasattr(db, "atomic") else db.conn:
        for article in articles:
            rows = list(_rows(article, {}))
            table = db["articles"].upsert(next(r for t, r in rows if t == "articles"), pk="pmid")
            for name, key in lists.items():
                values = [{key: row[key]} for t, row in rows if t == name]
                if values:
                    table.m2m(name, values, pk=key)
    return len(articles)


KEYS: dict[str, Any] = {
    "articles": "pmid",
    "journals": "nlm_id",
    "authors": "id",
    "mesh_terms": "id",
    "keywords": "id",
    "substances": "id",
    "publication_types": "id",
}


def _rows(record: Record, numbers: dict[tuple[str, str], int]) -> Iterator[tuple[str, Row]]:
    """The rows of an article, without anything that takes thought: names, dates, lists as given."""
    citation, data = record["MedlineCitation"], record["PubmedData"]
    article = citation["Article"]
    pmid = int(citation["PMID"])
    journal, info = article["Journal"], citation["MedlineJournalInfo"]
    sections = article.get("Abstract", {}).get("AbstractText", [])
    people = article.get("AuthorList", [])
    headings = citation.get("MeshHeadingList", [])
    keywords = [word for words in citation["KeywordList"] for word in words]
    chemicals = citation.get("ChemicalList", [])
    ids = {str(one.attributes["IdType"]): str(one) for one in data["ArticleIdList"]}
    year = journal["JournalIssue"]["PubDate"].get("Year")

    def number(table: str, name: str) -> int:
        return numbers.setdefault((table, name), len(numbers) + 1)

    names = [_name(person) for person in people]
    yield (
        "journals",
        {
            "nlm_id": str(info["NlmUniqueID"]),
            "title": str(journal["Title"]),
            "abbreviation": str(journal["ISOAbbreviation"]),
            "medline_ta": str(info["MedlineTA"]),
            "issn_linking": str(info.get("ISSNLinking", "")),
            "country": str(info.get("Country", "")),
        },
    )
    yield (
        "articles",
        {
            "pmid": pmid,
            "title": str(article["ArticleTitle"]),
            "abstract": "\n".join(str(text) for text in sections) or None,
            "authors": "; ".join(names),
            "mesh": "; ".join(str(heading["DescriptorName"]) for heading in headings),
            "keywords": "; ".join(str(word) for word in keywords),
            "substances": "; ".join(str(one["NameOfSubstance"]) for one in chemicals),
            "journal": str(journal["Title"]),
            "journal_id": str(info["NlmUniqueID"]),
            "journal_abbreviation": str(journal["ISOAbbreviation"]),
            "volume": str(journal["JournalIssue"].get("Volume", "")),
            "issue": str(journal["JournalIssue"].get("Issue", "")),
            "year": int(year) if year else None,
            "doi": ids.get("doi"),
            "pmcid": ids.get("pmc"),
            "language": str(article["Language"][0]),
            "country": str(info.get("Country", "")),
            "kind": "article",
            "status": str(citation.attributes["Status"]),
            "retracted": 0,
            "concern": 0,
            "corrected": 0,
            "retraction_notice": 0,
            "has_abstract": int(bool(sections)),
            "content_hash": "",
            "source": "xml file",
            "first_seen": "",
            "last_changed": "",
        },
    )
    for n, text in enumerate(sections, 1):
        label = text.attributes.get("Label")
        yield (
            "abstract_sections",
            {
                "pmid": pmid,
                "position": n,
                "label": str(label) if label else None,
                "category": str(text.attributes.get("NlmCategory", "")),
                "text": str(text),
            },
        )
    for n, (person, name) in enumerate(zip(people, names, strict=True), 1):
        yield "authors", {"id": number("authors", name), "name": name}
        yield (
            "article_authors",
            {
                "pmid": pmid,
                "position": n,
                "author_id": number("authors", name),
                "last_name": str(person.get("LastName", "")),
                "fore_name": str(person.get("ForeName", "")),
                "initials": str(person.get("Initials", "")),
                "affiliation": "\n".join(
                    str(one["Affiliation"]) for one in person.get("AffiliationInfo", [])
                ),
            },
        )
    for n, heading in enumerate(headings, 1):
        name = str(heading["DescriptorName"])
        ui = str(heading["DescriptorName"].attributes["UI"])
        key = number("mesh_terms", name)
        yield "mesh_terms", {"id": key, "name": name, "kind": "descriptor", "ui": ui}
        yield (
            "article_mesh",
            {
                "pmid": pmid,
                "position": n,
                "mesh_id": key,
                "major": 0,
                "descriptor_major": 0,
                "qualifiers": "; ".join(str(one) for one in heading["QualifierName"]),
            },
        )
    plain: Sequence[tuple[str, str, str, str, list[str]]] = (
        ("keywords", "keyword", "article_keywords", "keyword_id", list(map(str, keywords))),
        (
            "substances",
            "name",
            "article_substances",
            "substance_id",
            [str(one["NameOfSubstance"]) for one in chemicals],
        ),
        (
            "publication_types",
            "name",
            "article_publication_types",
            "publication_type_id",
            [str(one) for one in article["PublicationTypeList"]],
        ),
    )
    for table, column, join, join_column, values in plain:
        for n, value in enumerate(values, 1):
            yield table, {"id": number(table, value), column: value}
            row = {"pmid": pmid, "position": n, join_column: number(table, value)}
            yield join, row | ({"major": 0} if table == "keywords" else {})
    for n, language in enumerate(article["Language"], 1):
        yield "article_languages", {"pmid": pmid, "position": n, "language": str(language)}
    for n, grant in enumerate(article.get("GrantList", []), 1):
        yield (
            "grants",
            {
                "pmid": pmid,
                "position": n,
                "grant_id": str(grant.get("GrantID", "")),
                "agency": str(grant.get("Agency", "")),
                "country": str(grant.get("Country", "")),
            },
        )
    for n, link in enumerate(citation.get("CommentsCorrectionsList", []), 1):
        yield (
            "corrections",
            {
                "pmid": pmid,
                "position": n,
                "kind": str(link.attributes["RefType"]),
                "other_pmid": int(link["PMID"]) if "PMID" in link else None,
                "source": str(link["RefSource"]),
            },
        )
    references = [one for part in data.get("ReferenceList", []) for one in part["Reference"]]
    for n, reference in enumerate(references, 1):
        cited = [
            i for i in reference.get("ArticleIdList", []) if i.attributes["IdType"] == "pubmed"
        ]
        yield (
            "citations",
            {
                "pmid": pmid,
                "position": n,
                "cited_pmid": int(cited[0]) if cited else None,
                "citation": str(reference["Citation"]),
            },
        )
    for n, (kind, value) in enumerate(ids.items(), 1):
        yield (
            "article_ids",
            {"pmid": pmid, "position": n, "kind": kind, "value": value, "source": "ArticleIdList"},
        )
    for n, date in enumerate(data["History"], 1):
        iso = f"{date['Year']}-{int(date['Month']):02}-{int(date['Day']):02}"
        kind = str(date.attributes["PubStatus"])
        yield "article_dates", {"pmid": pmid, "position": n, "kind": kind, "date": iso}


def _name(person: Record) -> str:
    if "CollectiveName" in person:
        return str(person["CollectiveName"])
    return f"{person.get('LastName', '')} {person.get('Initials', '')}".strip()


TASKS: dict[str, Callable[..., int]] = {
    task.__name__: task for task in (entrez, pubmed_parser, metapub, pymed, entrez_load, entrez_m2m)
}

if __name__ == "__main__":
    print(TASKS[sys.argv[1]](*sys.argv[2:]))
