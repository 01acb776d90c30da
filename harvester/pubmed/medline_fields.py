"""The fields of a record in the MEDLINE format, by tag.

Bio.Medline gives one string for a tag that it holds to be unique, and a list for the others.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from harvester.errors import ParseError
from harvester.pubmed.dates import clock_time, iso_date, printed_date, pub_date
from harvester.pubmed.draft import Draft
from harvester.pubmed.parts import step
from harvester.pubmed.records import (
    AbstractSection,
    ArticleId,
    Correction,
    DataBank,
    Grant,
    HistoryDate,
    Keyword,
    MeshHeading,
    PublicationType,
    Qualifier,
    Substance,
    Text,
)

__all__ = ["read_fields", "read_groups"]

_TEXTS = {
    "IP": "issue",
    "OWN": "owner",
    "PG": "pages",
    "PST": "publication_status",
    "PUBM": "publication_model",
    "STAT": "status",
    "VI": "volume",
}
_TITLES = {"COI": "coi_statement", "COIS": "coi_statement", "TI": "title", "TT": "vernacular_title"}
_JOURNAL = {"JT": "title", "TA": "medline_ta", "JID": "nlm_id", "PL": "country"}
_BOOK = {"EN": "edition", "PB": "publisher", "PL": "publisher_location"}
_BOOK_TITLES = {"BTI": "title", "CTI": "collection_title", "VTI": "volume_title"}
_DATES = {"DA": "created", "DCOM": "completed", "LR": "revised", "DRDT": "revised"}
_STAMPS = {"CRDT": "entrez", "EDAT": "pubmed", "MHDA": "medline", "PMCR": "pmc-release"}
_CORRECTIONS = {
    "CIN": "CommentIn",
    "CON": "CommentOn",
    "CRF": "CorrectedandRepublishedFrom",
    "CRI": "CorrectedandRepublishedIn",
    "DDIN": "AssociatedDataset",
    "DRIN": "AssociatedPublication",
    "ECF": "ExpressionOfConcernFor",
    "ECI": "ExpressionOfConcernIn",
    "EFR": "ErratumFor",
    "EIN": "ErratumIn",
    "ORI": "OriginalReportIn",
    "PRIN": "PartialRetractionIn",
    "PROF": "PartialRetractionOf",
    "RIN": "RetractionIn",
    "ROF": "RetractionOf",
    "RPF": "RepublishedFrom",
    "RPI": "RepublishedIn",
    "RRF": "RetractedandRepublishedFrom",
    "RRI": "RetractedandRepublishedIn",
    "SPIN": "SummaryForPatientsIn",
    "UIN": "UpdateIn",
    "UOF": "UpdateOf",
}
_OTHER = {"GS": "GeneSymbol", "RF": "NumberOfReferences", "SFM": "SpaceFlightMission", "SO": "SO"}
_OWNED = {"GN": ("GeneralNote", "Owner"), "OID": ("OtherID", "Source")}
# Read by `medline_people`, or with the lines around them.
_ELSEWHERE = frozenset(
    ("AD", "AU", "AUID", "CN", "ED", "FAU", "FED", "FIR", "FPS", "IR", "IRAD", "PS")
) | frozenset(("OAB", "OABL", "OCI", "OT", "OTO"))

_STAMP = re.compile(r"(\d{4})(?:[/-]?(\d{2})(?:[/-]?(\d{2}))?)?(?: +(\d{1,2}):(\d{2}))?")
_BRACKETED = re.compile(r"(.*\S) ?\[([a-z]+)\]")
_ISSN = re.compile(r"(\S{1,20}) \((\w+)\)")
_REGISTERED = re.compile(r"(EC [\d.-]+|\S+) \((.*)\)")
_LINKED = re.compile(r"(.*?)\.? *PMID: *(\d{1,9})\.?( .*)?")
_OWNER = re.compile(r"([A-Z]{2,9}|Publisher|plain-language-summary): (.*)")
# The countries that NLM names in grants; a number with a slash in it must not pass for one.
_COUNTRIES = frozenset(
    "Argentina|Australia|Austria|Belgium|Brazil|Canada|China|Denmark|England|Finland|France|Germany"
    "|India|International|Iran|Ireland|Israel|Italy|Japan|Korea (South)|Mexico|Netherlands"
    "|New Zealand|Norway|Poland|Portugal|Republic of Korea|Russia (Federation)|Scotland|Singapore"
    "|South Africa|Spain|Sweden|Switzerland|Taiwan|Turkey|United Arab Emirates|United Kingdom"
    "|United States|Wales".split("|")
)

Values = Sequence[str]


def read_fields(draft: Draft, record: Mapping[str, str | list[str]]) -> None:
    """Everything that does not hang on the order of the lines."""
    fields = {tag: [v] if isinstance(v, str) else v for tag, v in record.items()}
    book = "BTI" in fields
    for tag, values in fields.items():
        if tag in _ELSEWHERE:
            continue
        value = values[0]
        if tag in _TEXTS:
            setattr(draft, _TEXTS[tag], value)
        elif tag in _TITLES:
            setattr(draft, _TITLES[tag], Text(plain=" ".join(values)))
        elif tag in _CORRECTIONS:
            draft.corrections += (_correction(_CORRECTIONS[tag], text) for text in values)
        elif tag in _DATES:
            _add_date(draft, _DATES[tag], value)
        elif tag in _BOOK and book:
            draft.book[_BOOK[tag]] = value
        elif tag in _JOURNAL:
            draft.journal[_JOURNAL[tag]] = value
        elif tag in _BOOK_TITLES and book:
            draft.book[_BOOK_TITLES[tag]] = Text(plain=value)
        elif tag in _OTHER:
            for text in values:
                draft.add_other(_OTHER[tag], text)
        elif tag in _OWNED:
            name, attribute = _OWNED[tag]
            for text in values:
                owner, owned = _owner(text)
                draft.add_other(name, owned, [(attribute, owner)])
        elif reader := _READERS.get(tag):
            reader(draft, values)
        elif tag not in _STAMPS:
            for text in values:
                draft.add_other(tag, text)
    known = {date.kind for date in draft.dates}
    for tag, kind in _STAMPS.items():
        if tag in fields and kind not in known:
            _add_date(draft, kind, fields[tag][0])
    if book:
        draft.book["published"] = draft.published
        draft.published = draft.book.get("contribution") or draft.published
        if "TI" not in fields:
            draft.title = draft.book["title"]


def read_groups(draft: Draft, lines: Sequence[tuple[str, str]]) -> None:
    """Keywords with the owner named above them; other abstracts with what is below them."""
    owner: str | None = None
    for tag, value in lines:
        if tag == "OTO":
            owner = value
        elif tag == "OT":
            text = Text(plain=value.lstrip("*"))
            draft.keywords.append(Keyword(text=text, major=value[:1] == "*", owner=owner))
        elif tag == "OAB":
            type_, text_of = _owner(value)
            draft.abstract.append(
                AbstractSection(text=Text(plain=text_of), type=type_ or "unknown", language="eng")
            )
        elif tag == "OABL" and draft.abstract:
            draft.abstract[-1] = replace(draft.abstract[-1], language=value)
        elif tag == "OCI" and draft.abstract:
            draft.abstract[-1] = replace(draft.abstract[-1], copyright=value)


def _owner(text: str) -> tuple[str | None, str]:
    """ "PIP: 149073" is PIP's."""
    found = _OWNER.fullmatch(text)
    return (found[1], found[2]) if found else (None, text)


def _correction(kind: str, text: str) -> Correction:
    if found := _LINKED.fullmatch(text):
        return Correction(kind=kind, pmid=int(found[2]), source=found[1], note=found[3])
    return Correction(kind=kind, source=text)


def _add_date(draft: Draft, kind: str, text: str) -> None:
    found = _STAMP.fullmatch(text)
    iso = iso_date(found[1], found[2], found[3]) if found else None
    if found is None or iso is None:
        draft.add_other("date", text, [("kind", kind)])
    else:
        draft.dates.append(HistoryDate(kind=kind, iso=iso, time=clock_time(found[4], found[5])))


def _pmid(draft: Draft, values: Values) -> None:
    if not re.fullmatch(r"0*[1-9][0-9]{0,8}", values[0]):
        raise ParseError(f"'{values[0][:40]}' is no PMID.")
    draft.pmid = int(values[0])
    draft.ids.insert(0, ArticleId(kind="pubmed", value=str(draft.pmid)))


def _abstract(draft: Draft, values: Values) -> None:
    draft.abstract.insert(0, AbstractSection(text=Text(plain=values[0])))


def _copyright(draft: Draft, values: Values) -> None:
    """It stands below the abstract, if there is one."""
    if not draft.abstract:
        _abstract(draft, [""])
    draft.abstract[0] = replace(draft.abstract[0], copyright=" ".join(values))


def _published(draft: Draft, values: Values) -> None:
    draft.published = printed_date(values[0])


def _electronic(draft: Draft, values: Values) -> None:
    _add_date(draft, "article-Electronic", values[0])


def _history(draft: Draft, values: Values) -> None:
    for value in values:
        date, _, kind = value.partition(" [")
        _add_date(draft, step(kind.rstrip("]")), date)


def _contribution(draft: Draft, values: Values) -> None:
    if found := _STAMP.fullmatch(values[0]):
        draft.book["contribution"] = pub_date(found[1], found[2], found[3])


def _issns(draft: Draft, values: Values) -> None:
    for issn, type_ in _ISSN.findall(" ".join(values)):
        if type_ == "Linking":
            draft.journal["issn_linking"] = issn
        elif "issn" in draft.journal:
            draft.add_other("ISSN", issn, [("IssnType", type_)])
        else:
            draft.journal |= {"issn": issn, "issn_type": type_}


def _isbns(draft: Draft, values: Values) -> None:
    draft.book["isbns"] = tuple(values)


def _chapter(draft: Draft, values: Values) -> None:
    draft.book["location_labels"] = tuple(("chapter", value) for value in values)


def _languages(draft: Draft, values: Values) -> None:
    draft.languages += (value.lower() for value in values)


def _subsets(draft: Draft, values: Values) -> None:
    draft.citation_subsets += " ".join(values).split()


def _types(draft: Draft, values: Values) -> None:
    draft.publication_types += (PublicationType(name=value) for value in values)


def _ids(source: str) -> Callable[[Draft, Values], None]:
    """A reader of "10.9999/x [doi]"; Bio.Medline joins several such values."""

    def read(draft: Draft, values: Values) -> None:
        for text in re.split(r"(?<=[a-z]\]) ", " ".join(values)):
            if found := _BRACKETED.fullmatch(text):
                draft.ids.append(ArticleId(kind=found[2], value=found[1], source=source))
            else:
                draft.add_other(source, text)

    return read


def _pmc_id(draft: Draft, values: Values) -> None:
    draft.ids += (ArticleId(kind="pmc", value=value) for value in " ".join(values).split())


def _manuscript_ids(draft: Draft, values: Values) -> None:
    draft.ids += (ArticleId(kind="mid", value=value) for value in values)


def _mesh(draft: Draft, values: Values) -> None:
    for value in values:
        name, *subheadings = value.split("/")
        star = name.startswith("*")
        qualifiers = tuple(Qualifier(name=s.lstrip("*"), major=s[:1] == "*") for s in subheadings)
        draft.mesh.append(
            MeshHeading(
                name=name.lstrip("*"),
                major=star or any(qualifier.major for qualifier in qualifiers),
                descriptor_major=star,
                qualifiers=qualifiers,
            )
        )


def _registered(draft: Draft, values: Values) -> None:
    """Substances; a protocol or disease (PMID 22202258), which is no substance, has no number."""
    for value in values:
        if found := _REGISTERED.fullmatch(value):
            draft.substances.append(Substance(name=found[2], registry_number=found[1]))
        else:
            draft.mesh.insert(0, MeshHeading(name=value, kind="supplementary"))


def _substances(draft: Draft, values: Values) -> None:
    draft.substances += (Substance(name=value) for value in values)


def _grants(draft: Draft, values: Values) -> None:
    """`id/acronym/agency/country`, of which any but the agency may be missing."""
    for value in values:
        parts = value.split("/")
        country = parts.pop() if len(parts) > 1 and parts[-1] in _COUNTRIES else None
        agency = parts.pop()
        acronym = None
        if len(parts) > 1 and re.fullmatch(r"[A-Z][A-Z_]{1,4}", parts[-1]):
            acronym = parts.pop()
        grant_id = "/".join(parts) or None
        draft.grants.append(
            Grant(grant_id=grant_id, acronym=acronym, agency=agency, country=country)
        )


def _data_banks(draft: Draft, values: Values) -> None:
    for value in values:
        name, _, accession = value.partition("/")
        if accession:
            draft.data_banks.append(DataBank(name=name, accession=accession))
        else:
            draft.add_other("DataBank", name)


_READERS: dict[str, Callable[[Draft, Values], None]] = {
    "AB": _abstract,
    "AID": _ids("ArticleIdList"),
    "CI": _copyright,
    "CP": _chapter,
    "CTDT": _contribution,
    "DEP": _electronic,
    "DP": _published,
    "GR": _grants,
    "IS": _issns,
    "ISBN": _isbns,
    "LA": _languages,
    "LID": _ids("ELocationID"),
    "MH": _mesh,
    "MID": _manuscript_ids,
    "NM": _substances,
    "PHST": _history,
    "PMC": _pmc_id,
    "PMID": _pmid,
    "PT": _types,
    "RN": _registered,
    "SB": _subsets,
    "SI": _data_banks,
}
