"""Where a record's identifiers lead: other sites, and our own search. Everything is encoded."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

__all__ = [
    "Link",
    "article_path",
    "bookshelf_url",
    "doi_url",
    "orcid_url",
    "phrase",
    "pmc_url",
    "pubmed_url",
    "search_path",
    "trial_url",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`href` is a path of this site, or with `external` a whole address."""

    label: str
    href: str
    external: bool = False


def article_path(pmid: int) -> str:
    return f"/article/{pmid}"


def search_path(query: str | None = None, **facets: str | int) -> str:
    """The search for a query and one value of each named facet."""
    pairs = [("q", query)] if query else []
    return "/search?" + urlencode([*pairs, *((k.rstrip("_"), str(v)) for k, v in facets.items())])


def phrase(text: str, *, field: str | None = None) -> str:
    """These words together, in our search language: `author:"Zarate CA Jr"`."""
    words = f'"{text.replace(chr(34), " ").strip()}"'
    return f"{field}:{words}" if field else words


def pubmed_url(pmid: int) -> str:
    return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"


def doi_url(doi: str) -> str:
    return "https://doi.org/" + quote(doi, safe="/()")


def pmc_url(pmcid: str) -> str:
    return f"https://pmc.ncbi.nlm.nih.gov/articles/{quote(pmcid, safe='')}/"


def bookshelf_url(bookshelf_id: str) -> str:
    return f"https://www.ncbi.nlm.nih.gov/books/{quote(bookshelf_id, safe='')}/"


def orcid_url(orcid: str) -> str:
    return f"https://orcid.org/{quote(orcid, safe='')}"


def trial_url(number: str, registry: str) -> str:
    """The registry's own page where its address follows from the number, else WHO's portal."""
    encoded = quote(number, safe="")
    match registry:
        case "ClinicalTrials.gov":
            return f"https://clinicaltrials.gov/study/{encoded}"
        case "ISRCTN":
            return f"https://www.isrctn.com/{encoded}"
        case _:
            return f"https://trialsearch.who.int/Trial2.aspx?TrialID={encoded}"
