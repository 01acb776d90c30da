"""The bodies of E-utilities replies, byte for byte in the shapes that NCBI sends."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

XML = "text/xml; charset=UTF-8"
JSON = "application/json; charset=UTF-8"
TEXT = "text/plain; charset=UTF-8"
HTML = "text/html; charset=utf-8"

LAST = 9_998  # the last position that PubMed gives access to
WALL = (
    f"'retstart' cannot be larger than {LAST}. For PubMed, ESearch can only retrieve the first "
    "9,999 records matching the query. To obtain more than 9,999 PubMed records, consider using "
    "EDirect that contains additional logic to batch PubMed search results automatically so that "
    "an arbitrary number can be retrieved. For details see "
    "https://www.ncbi.nlm.nih.gov/books/NBK25499/"
)
DTD = "https://eutils.ncbi.nlm.nih.gov/eutils/dtd"
PROLOG = '<?xml version="1.0" encoding="UTF-8" ?>\n'
DOCTYPES = {
    "eInfoResult": ("einfo 20190110", "20190110/einfo.dtd"),
    "eSearchResult": ("esearch 20060628", "20060628/esearch.dtd"),
    "ePostResult": ("epost 20090526", "20090526/epost.dtd"),
    "eSummaryResult": ("esummary v1 20041029", "20041029/esummary-v1.dtd"),
    "eLinkResult": ("elink 20101123", "20101123/elink.dtd"),
    "eFetchResult": ("efetch 20131226", "20131226/efetch.dtd"),
}
FIELDS = (
    ("ALL", "All Fields", "N"),
    ("UID", "UID", "N"),
    ("MESH", "MeSH Terms", "N"),
    ("TIAB", "Title/Abstract", "N"),
    ("SUBS", "Supplementary Concept", "N"),
    ("PDAT", "Date - Publication", "Y"),
    ("EDAT", "Date - Entry", "Y"),
    ("MDAT", "Date - Modification", "Y"),
    ("CRDT", "Date - Create", "Y"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes over the wire; `gateway` when the web server in front answers for the service."""

    body: bytes
    type: str = XML
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    gateway: bool = False
    close: bool = False

    def with_body(self, body: bytes) -> "Reply":
        return replace(self, body=body)


@dataclass(slots=True, kw_only=True)
class Warnings:
    """esearch's ErrorList and WarningList."""

    phrases_not_found: list[str] = field(default_factory=list)
    fields_not_found: list[str] = field(default_factory=list)
    phrases_ignored: list[str] = field(default_factory=list)
    quoted_phrases_not_found: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    group_tag: bool = False

    @property
    def errors(self) -> bool:
        return bool(self.phrases_not_found or self.fields_not_found or self.group_tag)

    @property
    def warnings(self) -> bool:
        return bool(self.phrases_ignored or self.quoted_phrases_not_found or self.messages)


def document(root: str, inner: str) -> bytes:
    """One XML document with NCBI's prolog."""
    name, path = DOCTYPES[root]
    declared = "eEfetchResult" if root == "eFetchResult" else root  # NCBI's own slip
    doctype = f'<!DOCTYPE {declared} PUBLIC "-//NLM//DTD {name}//EN" "{DTD}/{path}">'
    line = "" if root == "ePostResult" else "\n"
    return f"{PROLOG}{doctype}{line}<{root}>{inner}</{root}>\n".encode()


def json_reply(body: Mapping[str, Any], *, status: int = 200, type_: str = JSON) -> Reply:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Reply(body=text.encode(), type=type_, status=status)


def error(root: str, text: str, *, status: int = 200) -> Reply:
    return Reply(body=document(root, f"\n\t<ERROR>{escape(text)}</ERROR>\n"), status=status)


def wall(*, as_json: bool) -> Reply:
    """esearch beyond the first 9,999: HTTP 200, and in JSON a raw line feed inside a string."""
    text = f"Search Backend failed: Exception:\n{WALL}"
    if as_json:
        head = '{"header":{"type":"esearch","version":"0.3"},"esearchresult":{"ERROR":"'
        return Reply(body=f'{head}{text}"}}}}\n'.encode(), type=JSON)
    return Reply(body=document("eSearchResult", f"<ERROR>{escape(text)}</ERROR>"))


def history_wall() -> Reply:
    """efetch from history beyond the first 9,999: HTTP 400."""
    reason = f"Search backend cannot retrieve history data. Reason: Exception: {WALL}"
    return error("eFetchResult", reason, status=400)


def _elements(tag: str, values: Sequence[str]) -> str:
    return "".join(f"<{tag}>{escape(value)}</{tag}>" for value in values)


def efetch_head(dtd: str) -> str:
    """What stands before the records; `dtd` is a version such as `250101`."""
    year = 2000 + int(dtd[:2])
    return (
        '<?xml version="1.0" ?>\n'
        f'<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January {year}//EN" '
        f'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_{dtd}.dtd">\n<PubmedArticleSet>\n'
    )


def page(status: int, title: str) -> Reply:
    """A page of the web server in front: HTML, and the end of the connection."""
    body = f"<html><head><title>{status} {title}</title></head><body><h1>{title}</h1></body></html>"
    return Reply(body=body.encode(), type=HTML, status=status, gateway=True, close=True)


def count(number: int, *, as_json: bool) -> Reply:
    """rettype=count: the number, and no word about any warning."""
    if as_json:
        result = {"count": str(number)}
        return json_reply({"header": header("esearch"), "esearchresult": result})
    return Reply(body=document("eSearchResult", f"\n\t<Count>{number}</Count>\n"))


def databases(*, as_json: bool) -> Reply:
    if as_json:
        return json_reply({"header": header("einfo"), "einforesult": {"dblist": ["pubmed"]}})
    return Reply(
        body=document("eInfoResult", "\n<DbList>\n\n\t<DbName>pubmed</DbName>\n</DbList>\n\n")
    )


def einfo(records: int, day: date, *, as_json: bool) -> Reply:
    """What PubMed says about itself; the build moves with the server's day."""
    about: dict[str, Any] = {
        "DbName": "pubmed",
        "MenuName": "PubMed",
        "Description": "PubMed bibliographic record",
        "DbBuild": f"Build-{day:%Y.%m.%d}.06.33",
        "Count": str(records),
        "LastUpdate": f"{day:%Y/%m/%d} 06:33",
    }
    if as_json:
        info: dict[str, Any] = {name.lower(): value for name, value in about.items()}
        info["fieldlist"] = [{"name": n, "fullname": f, "isdate": d} for n, f, d in FIELDS]
        return json_reply({"header": header("einfo"), "einforesult": {"dbinfo": [info]}})
    lines = [f"\t\t<{name}>{value}</{name}>" for name, value in about.items()]
    fields = [
        f"\t\t\t<Field>\n\t\t\t\t<Name>{name}</Name>\n\t\t\t\t<FullName>{full}</FullName>\n"
        f"\t\t\t\t<TermCount/>\n\t\t\t\t<IsDate>{is_date}</IsDate>\n\t\t\t</Field>"
        for name, full, is_date in FIELDS
    ]
    inner = "\n".join(
        [
            "",
            "\t<DbInfo>",
            *lines,
            "\t\t<FieldList>",
            *fields,
            "\t\t</FieldList>",
            "\t</DbInfo>",
            "",
        ]
    )
    return Reply(body=document("eInfoResult", inner))


def esearch_xml(
    *,
    count: int,
    start: int,
    ids: Sequence[int],
    translation: str,
    history: tuple[int, str] | None,
    warnings: Warnings,
) -> Reply:
    inner = [f"<Count>{count}</Count><RetMax>{len(ids)}</RetMax><RetStart>{start}</RetStart>"]
    if history:
        inner.append(f"<QueryKey>{history[0]}</QueryKey><WebEnv>{history[1]}</WebEnv>")
    lines = "\n".join(f"<Id>{pmid}</Id>" for pmid in ids)
    inner.append(f"<IdList>\n{lines}\n</IdList>" if ids else "<IdList/>")
    inner.append(f"<TranslationSet/><QueryTranslation>{escape(translation)}</QueryTranslation>")
    if warnings.errors:
        inner.append(
            "<ErrorList>"
            + _elements("PhraseNotFound", warnings.phrases_not_found)
            + _elements("FieldNotFound", warnings.fields_not_found)
            + "</ErrorList>"
        )
    if warnings.warnings:
        inner.append(
            "<WarningList>"
            + _elements("PhraseIgnored", warnings.phrases_ignored)
            + _elements("QuotedPhraseNotFound", warnings.quoted_phrases_not_found)
            + _elements("OutputMessage", warnings.messages)
            + "</WarningList>"
        )
    return Reply(body=document("eSearchResult", "".join(inner)))


def esearch_json(
    *,
    count: int,
    start: int,
    ids: Sequence[int],
    translation: str,
    history: tuple[int, str] | None,
    warnings: Warnings,
) -> Reply:
    result: dict[str, Any] = {
        "count": str(count),
        "retmax": str(len(ids)),
        "retstart": str(start),
    }
    if history:
        result |= {"querykey": str(history[0]), "webenv": history[1]}
    result |= {
        "idlist": [str(pmid) for pmid in ids],
        "translationset": [],
        "querytranslation": translation,
    }
    if warnings.errors:
        result["errorlist"] = {
            "phrasesnotfound": warnings.phrases_not_found,
            "fieldsnotfound": warnings.fields_not_found,
        }
    if warnings.warnings:
        result["warninglist"] = {
            "phrasesignored": warnings.phrases_ignored,
            "quotedphrasesnotfound": warnings.quoted_phrases_not_found,
            "outputmessages": warnings.messages,
        }
    return json_reply({"header": header("esearch"), "esearchresult": result})


def header(utility: str) -> dict[str, str]:
    return {"type": utility, "version": "0.3"}
