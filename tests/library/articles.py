"""Records for the library's tests, written as data: no XML, no parser."""

from collections.abc import Sequence
from typing import Any

from harvester.evidence.findings import Finding
from harvester.library.changes import Change
from harvester.library.rows import article_rows
from harvester.library.store import Stored, packed
from harvester.pubmed.records import (
    AbstractSection,
    Article,
    ArticleId,
    Author,
    Correction,
    DataBank,
    HistoryDate,
    Journal,
    Keyword,
    MeshHeading,
    PubDate,
    PublicationType,
    Qualifier,
    Reference,
    Substance,
    Text,
)

NOW = "2026-11-01T03:00:00Z"


def article(pmid: int = 90_000_001, **parts: Any) -> Article:
    """A whole small record; any part can be replaced."""
    record: dict[str, Any] = {
        "pmid": pmid,
        "title": Text(plain=f"Ketamine in sample {pmid}", markup=None),
        "abstract": (
            AbstractSection(text=Text(plain="People were asked."), label="METHODS"),
            AbstractSection(text=Text(plain="Mood rose."), label="RESULTS", category="RESULTS"),
        ),
        "authors": (
            Author(last_name="Quill", fore_name="Ada B", initials="AB", suffix="Jr"),
            Author(collective=Text(plain="Sample Study Group")),
        ),
        "journal": Journal(
            title="Journal of Samples",
            abbreviation="J Samples",
            nlm_id="9900001",
            country="Nowhere",
        ),
        "published": PubDate(iso="2024-05", printed="2024 May"),
        "dates": (
            HistoryDate(kind="entrez", iso="2024-05-02", time="06:00"),
            HistoryDate(kind="revised", iso="2024-06-01"),
        ),
        "languages": ("eng",),
        "publication_types": (PublicationType(name="Journal Article", ui="D016428"),),
        "mesh": (
            MeshHeading(
                name="Ketamine",
                ui="D007649",
                major=True,
                qualifiers=(Qualifier(name="therapeutic use", ui="Q000627", major=True),),
            ),
        ),
        "substances": (Substance(name="Ketamine", ui="D007649", registry_number="690G0D6V8H"),),
        "keywords": (Keyword(text=Text(plain="mood"), owner="NOTNLM"),),
        "data_banks": (DataBank(name="ClinicalTrials.gov", accession="NCT90000001"),),
        "corrections": (Correction(kind="CommentIn", pmid=90_000_009, source="J Samples. 2024"),),
        "references": (Reference(citation=Text(plain="An older sample."), pmid=90_000_002),),
        "ids": (ArticleId(kind="doi", value=f"10.5555/sample.{pmid}"),),
    }
    return Article(**(record | parts))


def stored(
    record: Article,
    content_hash: str = "h1",
    *changes: Change,
    raw: bytes = b"<PubmedArticle/>",
    findings: Sequence[Finding] = (),
) -> Stored:
    """The record as the store takes it."""
    return Stored(
        pmid=record.pmid,
        content_hash=content_hash,
        rows=article_rows(record, findings),
        raw=packed(raw),
        size=len(raw),
        format="xml",
        source="efetch",
        changes=changes or (Change(kind="added", new_hash=content_hash),),
    )
