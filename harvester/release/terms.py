"""What is said of the data wherever they go: title, source, terms; and the README of a release."""

from dataclasses import dataclass
from functools import cache

import yaml

from harvester.settings import packaged_file

__all__ = ["Terms", "described_as", "load_terms", "readme"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The words of metadata.yml, so that the site and a release never differ."""

    title: str
    description: str
    source: str
    source_url: str
    license: str
    license_url: str


@cache
def load_terms() -> Terms:
    """Read them from metadata.yml."""
    path = packaged_file("metadata.yml", checkout="metadata.yml")
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Terms(**{name: found[name] for name in Terms.__dataclass_fields__})


# What a library is that was made from files; the description in metadata.yml is of a harvested one.
_FROM_FILES = (
    "Records of PubMed that were loaded from files. PubMed has not been asked which records there "
    "should be, so this is no complete collection of anything. Literature, not medical advice."
)


def described_as(*, harvested: bool) -> str:
    """What the library is; only one that was compared with PubMed can be called complete."""
    return load_terms().description if harvested else _FROM_FILES


def readme(*, version: str, records: int, abstracts: bool, harvested: bool) -> str:
    """README.md of a release: what it is, under which terms, how to check and to use it."""
    terms = load_terms()
    left_out = "" if abstracts else _LEFT_OUT
    return _README.format(
        title=terms.title,
        version=version,
        description=described_as(harvested=harvested),
        records=f"{records:,}",
        left_out=left_out,
        license_url=terms.license_url,
    )


_LEFT_OUT = """
Texts of abstracts are left out of this release: `articles.abstract` is empty, `abstract_sections`
and `raw_records` have no rows, the text index knows no word of an abstract, and findings show no
quote from one. `articles.has_abstract` still says whether PubMed has an abstract.
"""

_README = """\
# {title}, {version}

{description}

{records} records. This is literature, not medical advice. Look for retractions before you rely on
an article: `retracted.txt` has those of this release, and newer ones come every day.
{left_out}
## Terms

Data courtesy of the U.S. National Library of Medicine (NLM). The records were taken from PubMed
through its public service. They may not be the most current or accurate that NLM has, and NLM does
not endorse this release. NLM's terms: <{license_url}>.

Abstracts belong to their publishers or authors. Whoever wants to copy them in quantity needs the
owners' permission. Facts such as titles, names, dates and MeSH headings may be reused.

What was added (findings, with the rule behind each) is found by rules in the words of the records,
and is wrong at times. Findings and the arrangement of the tables were not made or checked by NLM;
whoever passes on data that they changed should say that they did.

## Files

| file | what it is |
|---|---|
| `literature.db` | the library, one SQLite file |
| `pmids.txt` | the PMIDs of all records but those that PubMed has withdrawn, sorted, one a line |
| `retracted.txt` | those of them that are retracted |
| `CHANGELOG.md` | which records came, changed or went since the release before |
| `datapackage.json` | every table and column, described (Data Package v2) |
| `CITATION.cff` | how to cite this release |
| `manifest.json` | bytes and SHA-256 of every file; rows and SHA-256 of every table; the last run |

## Check it

    jq -r '.files[] | "\\(.sha256)  \\(.path)"' manifest.json | sha256sum --check

The SHA-256 of a table is that of its rows, each one line of JSON, in the order of the primary key,
with all columns as in `datapackage.json` (bytes as `hex(...)`). The same content has the same hash:

    sqlite3 literature.db "SELECT json_array(name, title, term, rationale)
        FROM topics ORDER BY name" | sha256sum

## Use it

    sqlite3 literature.db "SELECT pmid, title FROM articles ORDER BY entered DESC LIMIT 10"
    grep -vxFf ../earlier/pmids.txt pmids.txt    # records that an earlier release had not
    datasette -i literature.db                   # browse it

The file never changes: open it immutable (`literature.db?immutable=1`). To search it with words,
use the index `articles_fts`.
"""
