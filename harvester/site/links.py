"""Where a record's identifiers lead: other sites, and our own search. Everything is encoded."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_plus, urlencode

__all__ = [
    "Link",
    "article_path",
    "author_path",
    "bookshelf_url",
    "doi_url",
    "journal_path",
    "mesh_path",
    "orcid_url",
    "phrase",
    "pmc_url",
    "pubmed_url",
    "question_path",
    "registry_link",
    "report_path",
    "search_path",
    "segment",
    "substance_path",
    "trial_path",
    "trial_url",
    "unsegment",
]


# By registry as in the library: what the registries give out as a trial's lasting address. Others
# number their pages in another way.
_REGISTRIES = {
    "ANZCTR": "https://www.anzctr.org.au/{}.aspx",
    "ClinicalTrials.gov": "https://clinicaltrials.gov/study/{}",
    "DRKS, Germany": "https://drks.de/search/en/trial/{}",
    "EU Clinical Trials Information System": "https://euclinicaltrials.eu/ctis-public/view/{}",
    "EudraCT": "https://www.clinicaltrialsregister.eu/ctr-search/search?query=eudract_number:{}",
    "ISRCTN": "https://www.isrctn.com/{}",
    "jRCT, Japan": "https://jrct.mhlw.go.jp/latest-detail/{}",
    "ReBEC, Brazil": "https://ensaiosclinicos.gov.br/rg/{}",
    "TCTR, Thailand": "https://www.thaiclinicaltrials.org/show/{}",
}
# Dots matter where a path or a sentence may end with them.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f_~/\\%?#;&+]|^\.|\.$")
_TILDES = re.compile(r"(?:~[0-9A-Fa-f]{2})+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`href` is a path of this site, or with `external` a whole address."""

    label: str
    href: str
    external: bool = False


def article_path(pmid: int) -> str:
    return f"/article/{pmid}"


def author_path(name: str) -> str:
    """The articles of a name as PubMed prints it, or of an ORCID: `/author/Zarate_CA_Jr`."""
    return f"/author/{segment(name)}"


def journal_path(nlm_id: str) -> str:
    """The articles of a journal, by its number in NLM's catalogue."""
    return f"/journal/{segment(nlm_id)}"


def mesh_path(ui: str) -> str:
    """The articles with a MeSH heading, by its identifier, or by its name where it has none.

    `D007649Q000627` is the heading with that qualifier, as NLM writes it.
    """
    return f"/mesh/{segment(ui)}"


def substance_path(ui: str) -> str:
    """The articles with a substance, by its MeSH identifier, or by its name where it has none."""
    return f"/substance/{segment(ui)}"


def question_path(identifier: str) -> str:
    """An evidence question, by its id."""
    return f"/evidence/{identifier}"


def trial_path(number: str) -> str:
    """The articles of a registered trial."""
    return f"/trial/{segment(number)}"


def segment(text: str) -> str:
    """Any text as one part of a path; `unsegment` gives it back.

    A space is `_`. What servers on the way may decode, join or cut (slashes, dots that lead up)
    is written with `~`, as Datasette does in its own addresses.
    """
    return quote(_UNSAFE.sub(lambda m: f"~{ord(m[0]):02X}", text).replace(" ", "_"), safe="~_'(),")


def unsegment(part: str) -> str:
    """The text of one part of a path; any part has one, also one that was written by hand."""
    return _TILDES.sub(_bytes, unquote_plus(part).replace("_", " "))


def _bytes(tildes: re.Match[str]) -> str:
    """Datasette writes UTF-8 so, and sends a browser there that asks for what it does not know."""
    return bytes.fromhex(tildes[0].replace("~", "")).decode(errors="replace")


def search_path(query: str | None = None, **facets: str | int) -> str:
    """The search for a query and one value of each named facet."""
    pairs = [("q", query)] if query else []
    return "/search?" + urlencode([*pairs, *((k.rstrip("_"), str(v)) for k, v in facets.items())])


def phrase(text: str, *, field: str | None = None) -> str:
    """These words together, in our search language: `author:"Zarate CA Jr"`."""
    words = f'"{text.replace(chr(34), " ").strip()}"'
    return f"{field}:{words}" if field else words


def report_path(pmid: int, facet: str, value: str) -> str:
    """Where a wrong finding is reported."""
    return "/report?" + urlencode({"pmid": pmid, "facet": facet, "value": value})


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


def registry_link(number: str, registry: str) -> Link:
    """The trial at its registry where the address follows from the number, else at WHO's portal."""
    start = _REGISTRIES.get(registry)
    if start:
        label, href = f"See it at {registry}", start.format(quote(number, safe=""))
    else:
        label, href = "Look it up at WHO’s registry portal", trial_url(number, registry)
    return Link(label=label, href=href, external=True)


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
