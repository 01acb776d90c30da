"""The field tags of PubMed's query language, and what each looks at in a record.

Source: PubMed Help (NBK3827), "Search field tags", and the names that PubMed uses itself when it
repeats a query (`QueryTranslation`).
"""

from collections.abc import Mapping

from harvester.pubmed.query_match import DateField, NameField, TextField, Trait

__all__ = [
    "DATES",
    "LANGUAGES",
    "NAMES",
    "NUMBERS",
    "SUBSETS",
    "TEXTS",
    "TRAITS",
    "TREES",
    "is_known",
    "tag_name",
]

TEXTS: Mapping[str, TextField] = {
    "tiab": "tiab",
    "title/abstract": "tiab",
    "ti": "title",
    "title": "title",
    "ab": "abstract",
    "abstract": "abstract",
    "ot": "keywords",
    "other term": "keywords",
    "tw": "text_words",
    "text word": "text_words",
    "text words": "text_words",
    "all": "everything",
    "all fields": "everything",
}
NAMES: Mapping[str, TextField] = {
    "nm": "substances",
    "supplementary concept": "substances",
    "substance name": "substances",
    "la": "languages",
    "lang": "languages",
    "language": "languages",
    "ta": "journals",
    "jour": "journals",
    "journal": "journals",
    "au": "authors",
    "author": "authors",
    "fau": "authors",
    "full author name": "authors",
}
TREES: Mapping[str, tuple[NameField, TextField]] = {
    "mh": ("headings", "heading_lines"),
    "mesh": ("headings", "heading_lines"),
    "mesh terms": ("headings", "heading_lines"),
    "majr": ("major_headings", "heading_lines"),
    "mesh major topic": ("major_headings", "heading_lines"),
    "pt": ("types", "types_lines"),
    "ptyp": ("types", "types_lines"),
    "publication type": ("types", "types_lines"),
}
DATES: Mapping[str, DateField] = {
    "crdt": "crdt",
    "date - create": "crdt",
    "create date": "crdt",
    "edat": "edat",
    "date - entry": "edat",
    "entry date": "edat",
    "entrez date": "edat",
    "lr": "mdat",
    "mdat": "mdat",
    "date - modification": "mdat",
    "modification date": "mdat",
    "mhda": "mhda",
    "date - mesh": "mhda",
    "mesh date": "mhda",
    "dcom": "dcom",
    "date - completion": "dcom",
    "completion date": "dcom",
    "dp": "pdat",
    "pdat": "pdat",
    "date - publication": "pdat",
    "publication date": "pdat",
}
NUMBERS = frozenset(("uid", "pmid"))
SUBSETS = frozenset(("sb", "subset", "filter"))
TRAITS: Mapping[str, Trait] = {
    "all": "all",
    "pubmed": "all",
    "pubmed books": "books",
    "medline": "medline",
    "hasabstract": "abstract",
}
UNCHECKED = frozenset(
    (
        *("sb", "subset", "filter", "sh", "subheading", "mesh subheading", "pa"),
        *("pharmacological action", "1au", "author - first", "lastau", "author - last", "cn"),
        *("author - corporate", "ir", "fir", "investigator", "ed", "editor", "auid"),
        *("author - identifier", "ad", "affiliation", "gr", "grants and funding", "si"),
        *("secondary source id", "aid", "lid", "location id", "doi", "rn", "ec/rn number"),
        *("vi", "volume", "ip", "issue", "pg", "pagination", "pl", "place of publication", "pubn"),
        *("publisher", "is", "issn", "isbn", "jid", "tt", "transliterated title", "book", "ps"),
        *("subject - personal name", "cois", "conflict of interest statements", "epdat"),
        *("electronic publication date", "ppdat", "print publication date", "publisher id"),
        *("author cluster id", "extended pmid", "dso", "p1dat", "corporate author"),
        *("first author name", "last author name", "personal name as subject", "grant number"),
        *("nlm unique id",),
    )
)
LANGUAGES = {
    "arabic": "ara",
    "chinese": "chi",
    "danish": "dan",
    "dutch": "dut",
    "english": "eng",
    "french": "fre",
    "german": "ger",
    "italian": "ita",
    "japanese": "jpn",
    "korean": "kor",
    "norwegian": "nor",
    "polish": "pol",
    "portuguese": "por",
    "russian": "rus",
    "spanish": "spa",
    "swedish": "swe",
    "turkish": "tur",
}


def tag_name(tag: str) -> str:
    """The tag alone: a modifier stands behind a colon, as in `tiab:~3` and `mh:noexp`."""
    return " ".join(tag.lower().split()).partition(":")[0].strip()


def is_known(tag: str) -> bool:
    """Whether PubMed has this field tag (written without its brackets)."""
    name = tag_name(tag)
    return any(name in known for known in (TEXTS, NAMES, TREES, DATES, NUMBERS, UNCHECKED))
