"""Records that break writers of reference files, each a case for every format."""

from typing import Any

from harvester.evidence.findings import Finding
from harvester.library.holdings import Holding
from harvester.library.parts import Trial
from harvester.pubmed.records import (
    AbstractSection,
    ArticleId,
    Author,
    Correction,
    PubDate,
    PublicationType,
    Text,
)
from tests.library.articles import article

__all__ = ["NASTY", "RETRACTED", "holding"]


def holding(pmid: int = 90_000_001, **parts: Any) -> Holding:
    """A record; parts of the library's own are told from those of PubMed by their names."""
    ours = {
        name: parts.pop(name)
        for name in ("findings", "trials", "linked_from", "withdrawn", "invented")
        if name in parts
    }
    return Holding(article=article(pmid, **parts), **ours)


def _types(*names: str) -> tuple[PublicationType, ...]:
    return tuple(PublicationType(name=name) for name in names)


def _finding(facet: str, value: str, **detail: Any) -> Finding:
    return Finding(
        facet=facet, value=value, rule="test/1", source="abstract", quote="words", detail=detail
    )


def _abstract(text: str) -> tuple[AbstractSection, ...]:
    return (AbstractSection(text=Text(plain=text)),)


RETRACTED = holding(
    90_000_106,
    title=Text(plain="A trial that nobody should rely on."),
    publication_types=_types("Randomized Controlled Trial", "Retracted Publication"),
    corrections=(
        Correction(kind="RetractionIn", pmid=90_000_999, source="J Samples. 2025 Mar;13(1):9"),
    ),
)

NASTY: dict[str, Holding] = {
    "plain": holding(
        findings=(
            _finding("design", "rct"),
            _finding("sample_size", "randomised", n=236),
            _finding("drug", "esketamine"),
            _finding("safety", "dissociation", polarity="absent"),
        ),
        trials=(Trial(id="NCT90000001", registry="ClinicalTrials.gov", source="databank"),),
        volume="12",
        issue="3",
        pages="428-38",
    ),
    "collective only": holding(
        90_000_101, authors=(Author(collective=Text(plain="Sample Study Group, and others")),)
    ),
    "no abstract": holding(90_000_102, abstract=()),
    "vernacular": holding(
        90_000_103,
        title=Text(plain="[A sample in another language]."),
        vernacular_title=Text(plain="Œuvre d'échantillons"),
        languages=("fre",),
    ),
    "title only in its language": holding(
        90_000_104,
        title=Text(plain="[Not Available]."),
        vernacular_title=Text(plain="样本标题"),
        languages=("chi",),
    ),
    "electronic page, no doi": holding(90_000_105, pages="e1234", ids=()),
    "retracted": RETRACTED,
    "retracted by a notice here": holding(
        90_000_107,
        corrections=(),
        linked_from=(Correction(kind="RetractionOf", pmid=90_000_998),),
    ),
    "crowd": holding(
        90_000_108,
        authors=tuple(Author(last_name=f"Person{n}", initials="P") for n in range(120)),
    ),
    "superscript": holding(
        90_000_109,
        title=Text(
            plain="Uptake of 11C in H2O", markup="Uptake of <sup>11</sup>C in H<sub>2</sub>O"
        ),
    ),
    "quotes and braces": holding(
        90_000_110,
        title=Text(plain='A "brace" { alone, } and \\back'),
        abstract=_abstract("It costs 5 % & $3 #1 a_b ~x^2 {ends with \\"),
        authors=(Author(last_name="O'Brace {", fore_name="A \\"),),
    ),
    "right to left": holding(
        90_000_111,
        title=Text(plain="الكيتامين والاكتئاب"),
        authors=(Author(last_name="כהן", fore_name="דוד"),),
        languages=("ara",),
    ),
    "lines like tags": holding(
        90_000_112,
        title=Text(plain="One\nKW  - injected"),
        abstract=_abstract(
            "First.\r\nER  - \n\nTY  - BOOK\nPMID- 1\nAU  - Nobody, N\u2028AU  - N\x85TI  - x\n"
            "@book{x,\n}"
        ),
    ),
    "control characters": holding(
        90_000_113, title=Text(plain="A\x00 b\x1b c\u202e d\x0be"), abstract=_abstract("\x07x\x0cy")
    ),
    "formula": holding(
        90_000_114,
        title=Text(plain='=HYPERLINK("http://127.0.0.1","x")'),
        abstract=_abstract("@SUM(1)"),
        authors=(Author(last_name="+1-2", initials="A"),),
        journal=None,
    ),
    "and in a name": holding(
        90_000_115, authors=(Author(last_name="Smith and Sons, Ltd", fore_name="A"),)
    ),
    "year only": holding(90_000_116, published=PubDate(iso="2026", printed="2026 Fall")),
    "no date": holding(90_000_117, published=None),
    "long word": holding(
        90_000_118,
        title=Text(plain=f"{'x' * 200} and {'yy ' * 60}end"),
        ids=(ArticleId(kind="doi", value="10.5555/a{b}_c%d\\e"),),
    ),
    "no author": holding(90_000_119, authors=()),
    "preprint": holding(90_000_120, publication_types=_types("Preprint")),
    "markup as text": holding(90_000_121, title=Text(plain="<script>alert(1)</script> & p < 0.05")),
    "withdrawn": holding(90_000_122, withdrawn="2026-11-01T03:00:00Z"),
}
