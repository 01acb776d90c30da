"""Made-up PubMed records, cheap to make by the thousand; their XML is written when it is asked for.

PMIDs start at 70,000,000, far above any that PubMed has given out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape
from zlib import crc32

__all__ = ["FIRST_PMID", "Kind", "Made", "kinds"]

FIRST_PMID = 70_000_000
DEFAULT_ISSN = "0000-0000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The words that all records of one kind share: they match the same strategies."""

    title: str
    abstract: str
    mesh: tuple[str, ...] = ()
    substances: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    types: tuple[str, ...] = ("Journal Article",)
    corrections: tuple[tuple[str, int], ...] = ()


TRIAL = Kind(
    title="Single ketamine infusion in treatment-resistant depression: trial {n}",
    abstract=(
        "Made-up record {n}. Adults with treatment-resistant depression were randomly assigned to "
        "one ketamine infusion (0.5 mg/kg) or midazolam. Depression scores, dissociation and blood "
        "pressure were measured for {hours} hours."
    ),
    mesh=("Ketamine", "Depressive Disorder, Treatment-Resistant", "Humans"),
    substances=("Ketamine",),
    types=("Randomized Controlled Trial", "Journal Article"),
)
MOUSE = Kind(
    title="Antidepressant-like effect of ketamine in stressed mice, series {n}",
    abstract="Made-up record {n}. Ketamine shortened immobility in the forced swim test.",
    mesh=("Ketamine", "Depression", "Mice", "Animals"),
    substances=("Ketamine",),
)
STIMULATION = Kind(
    title="Magnetic stimulation for treatment-resistant depression, cohort {n}",
    abstract="Made-up record {n}. People with treatment-resistant depression were followed up.",
    mesh=("Depressive Disorder, Treatment-Resistant", "Humans"),
)
BLADDER = Kind(
    title="Cystitis in people who use ketamine, case {n}",
    abstract="Made-up record {n}. Urinary symptoms after recreational ketamine.",
    mesh=("Ketamine", "Cystitis", "Humans"),
    substances=("Ketamine",),
    types=("Case Reports", "Journal Article"),
)
OTHER = Kind(
    title="A survey of garden birds, part {n}",
    abstract="Made-up record {n}. Sparrows and finches were counted.",
    mesh=("Birds", "Animals"),
)
NOTICE = Kind(
    title="Retraction: a made-up record about ketamine and depression, notice {n}",
    abstract="Made-up record {n}. The article named here is retracted by its authors.",
    mesh=("Ketamine",),
    types=("Retraction Notice",),
)

kinds = {
    "trial": TRIAL,
    "mouse": MOUSE,
    "stimulation": STIMULATION,
    "bladder": BLADDER,
    "other": OTHER,
    "notice": NOTICE,
}


def _date(tag: str, iso: str, attributes: str = "") -> str:
    year, month, day = iso.split("-")
    return f"<{tag}{attributes}><Year>{year}</Year><Month>{month}</Month><Day>{day}</Day></{tag}>"


def _ui(name: str) -> str:
    """A made-up identifier, the same for the same name."""
    return f"D9{crc32(name.encode()) % 100_000:05}"


def _each(wrapper: str, parts: Sequence[str]) -> str:
    return f"<{wrapper}>{''.join(parts)}</{wrapper}>" if parts else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One made-up record; `created` is CRDT, `entered` EDAT, `revised` DateRevised (ISO days)."""

    pmid: int
    kind: Kind
    created: str
    entered: str
    revised: str
    published: str

    def xml(self) -> bytes:
        kind, pmid = self.kind, self.pmid
        words = {"n": pmid, "hours": 24 + pmid % 48}
        mesh = [
            f'<MeshHeading><DescriptorName UI="{_ui(name)}" MajorTopicYN="N">{escape(name)}'
            "</DescriptorName></MeshHeading>"
            for name in kind.mesh
        ]
        substances = [
            "<Chemical><RegistryNumber>0</RegistryNumber>"
            f'<NameOfSubstance UI="{_ui(name)}">{escape(name)}</NameOfSubstance></Chemical>'
            for name in kind.substances
        ]
        types = [
            f'<PublicationType UI="{_ui(name)}">{escape(name)}</PublicationType>'
            for name in kind.types
        ]
        corrections = [
            f'<CommentsCorrections RefType="{relation}"><RefSource>J Made Up Res</RefSource>'
            f'<PMID Version="1">{other}</PMID></CommentsCorrections>'
            for relation, other in kind.corrections
        ]
        keywords = "".join(
            f'<Keyword MajorTopicYN="N">{escape(word)}</Keyword>' for word in kind.keywords
        )
        return (
            '<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM">'
            f'<PMID Version="1">{pmid}</PMID>{_date("DateRevised", self.revised)}'
            '<Article PubModel="Print"><Journal>'
            f'<ISSN IssnType="Print">{DEFAULT_ISSN}</ISSN><JournalIssue CitedMedium="Print">'
            f"<Volume>{pmid % 90 + 1}</Volume><Issue>{pmid % 12 + 1}</Issue>"
            f"{_date('PubDate', self.published)}</JournalIssue>"
            "<Title>Journal of made-up results</Title>"
            "<ISOAbbreviation>J Made Up Res</ISOAbbreviation></Journal>"
            f"<ArticleTitle>{escape(kind.title.format(**words))}</ArticleTitle>"
            f"<Pagination><MedlinePgn>{pmid % 900 + 1}-9</MedlinePgn></Pagination>"
            f"<Abstract><AbstractText>{escape(kind.abstract.format(**words))}</AbstractText>"
            '</Abstract><AuthorList CompleteYN="Y"><Author ValidYN="Y"><LastName>Example</LastName>'
            "<ForeName>Ada</ForeName><Initials>A</Initials></Author></AuthorList>"
            f"<Language>eng</Language>{_each('PublicationTypeList', types)}</Article>"
            "<MedlineJournalInfo><Country>Switzerland</Country>"
            "<MedlineTA>J Made Up Res</MedlineTA><NlmUniqueID>000000000</NlmUniqueID>"
            f"</MedlineJournalInfo>{_each('ChemicalList', substances)}"
            f"{_each('CommentsCorrectionsList', corrections)}{_each('MeshHeadingList', mesh)}"
            + (f'<KeywordList Owner="NOTNLM">{keywords}</KeywordList>' if keywords else "")
            + "</MedlineCitation><PubmedData><History>"
            + _date("PubMedPubDate", self.entered, ' PubStatus="pubmed"')
            + _date("PubMedPubDate", self.created, ' PubStatus="entrez"')
            + "</History><PublicationStatus>ppublish</PublicationStatus>"
            f'<ArticleIdList><ArticleId IdType="pubmed">{pmid}</ArticleId></ArticleIdList>'
            "</PubmedData></PubmedArticle>"
        ).encode()
