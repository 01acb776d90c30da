"""Changes to a record's XML, as PubMed makes them; each takes the record and gives the new one."""

import re
from xml.sax.saxutils import escape

__all__ = ["add_correction", "add_type", "set_revised", "set_title"]

REVISED = re.compile(rb"<DateRevised>.*?</DateRevised>", re.DOTALL)
PMID = re.compile(rb"<PMID\b[^>]*>[^<]*</PMID>")
COMPLETED = re.compile(rb"<DateCompleted>.*?</DateCompleted>", re.DOTALL)
TITLE = re.compile(rb"(<ArticleTitle\b[^>]*>).*?(</ArticleTitle>)", re.DOTALL)
# What the DTD lets follow CommentsCorrectionsList.
AFTER_CORRECTIONS = re.compile(
    rb"<(GeneSymbolList|MeshHeadingList|NumberOfReferences|PersonalNameSubjectList|OtherID"
    rb"|OtherAbstract|KeywordList|CoiStatement|SpaceFlightMission|InvestigatorList|GeneralNote)\b"
    rb"|</MedlineCitation>"
)


def _date(iso: str) -> bytes:
    year, month, day = iso.split("-")
    return (
        f"<DateRevised><Year>{year}</Year><Month>{month}</Month><Day>{day}</Day></DateRevised>"
    ).encode()


def _insert(xml: bytes, at: int, new: bytes) -> bytes:
    return xml[:at] + new + xml[at:]


def set_revised(xml: bytes, iso: str) -> bytes:
    if REVISED.search(xml):
        return REVISED.sub(_date(iso), xml, count=1)
    before = COMPLETED.search(xml) or PMID.search(xml)
    assert before is not None
    return _insert(xml, before.end(), _date(iso))


def set_title(xml: bytes, title: str) -> bytes:
    new = escape(title).encode()
    return TITLE.sub(lambda found: found[1] + new + found[2], xml, count=1)


def add_type(xml: bytes, name: str, ui: str) -> bytes:
    element = f'<PublicationType UI="{ui}">{name}</PublicationType>'.encode()
    return _insert(xml, xml.index(b"</PublicationTypeList>"), element)


def add_correction(xml: bytes, kind: str, pmid: int) -> bytes:
    element = (
        f'<CommentsCorrections RefType="{kind}"><RefSource>J Made Up Res</RefSource>'
        f'<PMID Version="1">{pmid}</PMID></CommentsCorrections>'
    ).encode()
    end = xml.find(b"</CommentsCorrectionsList>")
    if end >= 0:
        return _insert(xml, end, element)
    after = AFTER_CORRECTIONS.search(xml)
    assert after is not None
    whole = b"<CommentsCorrectionsList>" + element + b"</CommentsCorrectionsList>"
    return _insert(xml, after.start(), whole)
