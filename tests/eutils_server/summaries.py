"""The shorter forms of records: summaries, MEDLINE text, lists of ids, links."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from harvester.pubmed.records import Article

from .replies import PROLOG, TEXT, Reply, document, header, json_reply

NO_SUMMARY = "cannot get document summary"
VERSION_2 = (
    '<!DOCTYPE eSummaryResult PUBLIC "-//NLM//DTD esummary pubmed 20151202//EN" '
    '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20151202/esummary_pubmed.dtd">\n'
)
UILIST = (
    '<?xml version="1.0" ?>\n<!DOCTYPE eEfetchResult PUBLIC "-//NLM//DTD efetch 20020605//EN" '
    '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20020605/uilist.dtd">\n'
)
Articles = Mapping[int, Article]
Linked = Sequence[tuple[Sequence[int], Sequence[int]]]


def uilist(pmids: Sequence[int], *, as_text: bool) -> Reply:
    if as_text:
        return Reply(body="".join(f"{pmid}\n" for pmid in pmids).encode(), type=TEXT)
    ids = "".join(f"    <Id>{pmid}</Id>\n" for pmid in pmids)
    return Reply(body=f"{UILIST}<IdList>\n{ids}</IdList>\n".encode())


def _source(article: Article) -> str:
    return (article.journal.abbreviation or article.journal.title) if article.journal else ""


def _printed(article: Article) -> str:
    return article.published.printed if article.published else ""


def medline(article: Article) -> str:
    """MEDLINE text: the fields that say which record it is, not all of them."""
    journal = article.journal
    pairs = [
        ("PMID", str(article.pmid)),
        ("OWN", article.owner),
        ("STAT", article.status),
        ("LR", (article.date("revised") or "").replace("-", "")),
        ("VI", article.volume),
        ("IP", article.issue),
        ("DP", _printed(article)),
        ("TI", article.title.plain),
        ("PG", article.pages),
        ("AB", (article.abstract_text or "").replace("\n", " ")),
        *(("AU", author.name) for author in article.authors if not author.collective),
        *(("CN", author.name) for author in article.authors if author.collective),
        *(("LA", language) for language in article.languages),
        *(("PT", kind.name) for kind in article.publication_types),
        ("TA", journal.medline_ta if journal else None),
        ("JT", journal.title if journal else None),
        *(("MH", f"{'*' if h.descriptor_major else ''}{h.name}") for h in article.mesh),
        *(("OT", keyword.text.plain) for keyword in article.keywords),
        ("CRDT", (article.date("entrez") or "").replace("-", "/")),
        ("SO", f"{_source(article)}. {_printed(article)}"),
    ]
    lines = [
        textwrap.fill(
            value,
            width=88,
            initial_indent=f"{tag:<4}- ",
            subsequent_indent="      ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for tag, value in pairs
        if value
    ]
    return "\n".join(lines) + "\n"


def citation(article: Article) -> str:
    names = ", ".join(author.name for author in article.authors)
    parts = [
        f"1. {_source(article)}. {_printed(article)}.",
        article.title.plain,
        f"{names}." if names else "",
        article.abstract_text or "",
        f"PMID: {article.pmid}",
    ]
    return "\n\n".join(textwrap.fill(part, 80) for part in parts if part) + "\n"


def as_json(pmids: Sequence[int], found: Articles) -> Reply:
    result: dict[str, Any] = {"uids": [str(pmid) for pmid in pmids]}
    for pmid in pmids:
        article = found.get(pmid)
        if article is None:
            result[str(pmid)] = {"uid": str(pmid), "error": NO_SUMMARY}
            continue
        result[str(pmid)] = {
            "uid": str(pmid),
            "pubdate": _printed(article),
            "epubdate": "",
            "source": _source(article),
            "authors": [
                {"name": author.name, "authtype": "Author", "clusterid": ""}
                for author in article.authors
            ],
            "title": article.title.plain,
            "volume": article.volume or "",
            "issue": article.issue or "",
            "pages": article.pages or "",
            "lang": list(article.languages),
            "pubtype": [kind.name for kind in article.publication_types],
            "articleids": [{"idtype": i.kind, "idtypen": 1, "value": i.value} for i in article.ids],
            "fulljournalname": article.journal.title if article.journal else "",
            "booktitle": article.book.title.plain if article.book else "",
        }
    return json_reply({"header": header("esummary"), "result": result})


def version_1(pmids: Sequence[int], found: Articles) -> Reply:
    parts = []
    for pmid in pmids:
        article = found.get(pmid)
        if article is None:
            parts.append(f"\t<ERROR>UID={pmid}: {NO_SUMMARY}</ERROR>\n")
            continue
        authors = "".join(
            f'\t\t<Item Name="Author" Type="String">{escape(author.name)}</Item>\n'
            for author in article.authors
        )
        parts.append(
            f"<DocSum>\n\t<Id>{pmid}</Id>\n"
            f'\t<Item Name="PubDate" Type="Date">{escape(_printed(article))}</Item>\n'
            f'\t<Item Name="Source" Type="String">{escape(_source(article))}</Item>\n'
            f'\t<Item Name="AuthorList" Type="List">\n{authors}\t</Item>\n'
            f'\t<Item Name="Title" Type="String">{escape(article.title.plain)}</Item>\n'
            "</DocSum>\n"
        )
    return Reply(body=document("eSummaryResult", "\n" + "\n".join(parts)))


def version_2(pmids: Sequence[int], found: Articles) -> Reply:
    parts = []
    for pmid in pmids:
        article = found.get(pmid)
        if article is None:
            inner = f"\t<error>{NO_SUMMARY}</error>\n"
        else:
            authors = "".join(
                f"\t\t<Author>\n\t\t\t<Name>{escape(author.name)}</Name>\n\t\t</Author>\n"
                for author in article.authors
            )
            inner = (
                f"\t<PubDate>{escape(_printed(article))}</PubDate>\n"
                f"\t<Source>{escape(_source(article))}</Source>\n"
                f"\t<Authors>\n{authors}\t</Authors>\n"
                f"\t<Title>{escape(article.title.plain)}</Title>\n"
            )
        parts.append(f'<DocumentSummary uid="{pmid}">\n{inner}</DocumentSummary>\n')
    body = (
        f"{PROLOG}{VERSION_2}<eSummaryResult>\n"
        f'<DocumentSummarySet status="OK">\n{"".join(parts)}</DocumentSummarySet>\n'
        "</eSummaryResult>\n"
    )
    return Reply(body=body.encode())


def links_xml(linked: Linked) -> Reply:
    sets = []
    for ids, links in linked:
        listed = "".join(f"      <Id>{pmid}</Id>\n" for pmid in ids)
        found = "".join(f"      <Link>\n\t\t\t\t<Id>{p}</Id>\n\t\t\t</Link>\n" for p in links)
        database = (
            "    <LinkSetDb>\n      <DbTo>pubmed</DbTo>\n"
            f"      <LinkName>pubmed_pubmed</LinkName>\n{found}    </LinkSetDb>\n"
        )
        sets.append(
            "  <LinkSet>\n    <DbFrom>pubmed</DbFrom>\n"
            f"    <IdList>\n{listed}    </IdList>\n{database if links else ''}  </LinkSet>\n"
        )
    return Reply(body=document("eLinkResult", "\n\n" + "".join(sets)))


def links_json(linked: Linked) -> Reply:
    sets = []
    for ids, links in linked:
        one: dict[str, Any] = {"dbfrom": "pubmed", "ids": list(ids)}
        if links:
            database = {"dbto": "pubmed", "linkname": "pubmed_pubmed", "links": list(links)}
            one["linksetdbs"] = [database]
        sets.append(one)
    return json_reply({"header": header("elink"), "linksets": sets})
