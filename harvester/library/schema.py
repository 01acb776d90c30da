"""The tables of the library, as data: one place that says what a row and a column mean.

The database is made from this (`migrations`), `docs/schema.md` is generated from it, and a test
compares it with `metadata.yml`. Each column has a word on its source: element names are those of
PubMed's XML; "ours" is what the harvester adds.
"""

from dataclasses import dataclass, field

__all__ = ["FTS_COLUMNS", "FTS_TABLE", "FTS_TOKENIZER", "TABLES", "Column", "Table"]


@dataclass(frozen=True, slots=True)
class Column:
    """SQL type (with constraints), meaning, and the `table.column` it refers to."""

    type: str
    about: str
    references: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`key` is the primary key; with `rowid` False the table is stored by that key alone.

    `per_article` tables are replaced as a whole when an article is stored again.
    """

    about: str
    columns: dict[str, Column]
    key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    rowid: bool = True
    per_article: bool = False
    internal: bool = field(default=False)


def _pmid(about: str = "The article") -> Column:
    return Column("INTEGER NOT NULL", about, "articles.pmid")


def _position(about: str) -> Column:
    return Column("INTEGER NOT NULL", about)


TABLES: dict[str, Table] = {
    "journals": Table(
        about="Journals, one row for each NLM catalogue number.",
        key=("nlm_id",),
        columns={
            "nlm_id": Column("TEXT", "NLM catalogue number (NlmUniqueID)"),
            "title": Column("TEXT NOT NULL", "Full title (Title)"),
            "abbreviation": Column("TEXT", "Abbreviation used in citations (ISOAbbreviation)"),
            "medline_ta": Column("TEXT", "NLM's own abbreviation (MedlineTA)"),
            "issn_linking": Column("TEXT", "ISSN that joins print and electronic (ISSNLinking)"),
            "country": Column("TEXT", "Country of publication (Country)"),
        },
    ),
    "articles": Table(
        about="One row for each PubMed record that the library holds, articles and books.",
        key=("pmid",),
        indexes=(
            ("year",),
            ("published",),
            ("journal",),
            ("journal_id",),
            ("entered",),
            ("design",),
            ("doi",),
            ("retracted",),
        ),
        columns={
            "pmid": Column("INTEGER", "PubMed's number of the record (PMID)"),
            "title": Column("TEXT NOT NULL", "Title without markup (ArticleTitle, BookTitle)"),
            "title_markup": Column("TEXT", "Title with i, b, u, sub, sup; empty when it has none"),
            "vernacular_title": Column("TEXT", "Title in the language of the article"),
            "abstract": Column("TEXT", "PubMed's abstract, labelled sections one a line"),
            "authors": Column("TEXT", "Names as PubMed prints them, joined by '; '"),
            "mesh": Column("TEXT", "MeSH headings, qualifiers after '/', joined by '; '"),
            "keywords": Column("TEXT", "Keywords, joined by '; '"),
            "substances": Column("TEXT", "Names of substances, joined by '; '"),
            "journal": Column("TEXT", "Full title of the journal, or of the book"),
            "journal_id": Column("TEXT", "The journal", "journals.nlm_id"),
            "journal_abbreviation": Column("TEXT", "Journal as cited (ISOAbbreviation)"),
            "issn": Column("TEXT", "ISSN of the issue's medium (ISSN)"),
            "volume": Column("TEXT", "Volume"),
            "issue": Column("TEXT", "Issue"),
            "pages": Column("TEXT", "Pages or article number (MedlinePgn)"),
            "year": Column("INTEGER", "Year of publication"),
            "published": Column("TEXT", "Date of the issue, ISO, may be a year or a month"),
            "published_printed": Column("TEXT", "The same date as PubMed prints it (PubDate)"),
            "published_online": Column("TEXT", "Electronic publication (ArticleDate)"),
            "doi": Column("TEXT", "DOI"),
            "pmcid": Column("TEXT", "PubMed Central id: free full text"),
            "language": Column("TEXT", "First language, ISO 639-2 (Language)"),
            "country": Column("TEXT", "Country of the journal (MedlineJournalInfo/Country)"),
            "kind": Column("TEXT NOT NULL", "article or book"),
            "status": Column("TEXT", "NLM's processing status (MEDLINE, Publisher, ...)"),
            "indexing_method": Column(
                "TEXT", "How MeSH was assigned: Automated, Curated, or by hand"
            ),
            "publication_model": Column("TEXT", "Print, Electronic, ... (PubModel)"),
            "publication_status": Column("TEXT", "ppublish, epublish, aheadofprint, ..."),
            "entered": Column("TEXT", "Day on which PubMed added it (PubStatus entrez, CRDT)"),
            "pubmed_date": Column("TEXT", "PubMed's entry date (PubStatus pubmed, EDAT)"),
            "mesh_date": Column("TEXT", "Day of MeSH indexing (PubStatus medline, MHDA)"),
            "completed": Column("TEXT", "DateCompleted"),
            "revised": Column("TEXT", "Last revision by NLM (DateRevised)"),
            "retracted": Column("INTEGER NOT NULL DEFAULT 0", "1: retracted"),
            "concern": Column("INTEGER NOT NULL DEFAULT 0", "1: an expression of concern exists"),
            "corrected": Column(
                "INTEGER NOT NULL DEFAULT 0", "1: an erratum or a corrected reprint"
            ),
            "retraction_notice": Column("INTEGER NOT NULL DEFAULT 0", "1: a notice, not a study"),
            "has_abstract": Column("INTEGER NOT NULL DEFAULT 0", "1: PubMed has an abstract"),
            "coi_statement": Column("TEXT", "Conflict of interest, as printed (CoiStatement)"),
            "copyright": Column("TEXT", "Copyright of the abstract (CopyrightInformation)"),
            "authors_complete": Column("INTEGER NOT NULL DEFAULT 1", "0: PubMed lists only some"),
            "grants_complete": Column("INTEGER NOT NULL DEFAULT 1", "0: PubMed lists only some"),
            "cited_medium": Column("TEXT", "Print or Internet (CitedMedium)"),
            "owner": Column("TEXT", "Who made the record (Owner)"),
            "citation_subsets": Column("TEXT", "Journal subsets (CitationSubset)"),
            "version": Column("INTEGER NOT NULL DEFAULT 1", "Version of the record (PMID Version)"),
            "design": Column("TEXT", "Study design, by rule (ours; see findings)"),
            "sample_size": Column(
                "INTEGER", "Number of participants, by rule (ours; see findings)"
            ),
            "content_hash": Column("TEXT NOT NULL", "Hash of the record's content (ours)"),
            "source": Column("TEXT NOT NULL", "efetch, xml file or medline file (ours)"),
            "first_seen": Column("TEXT NOT NULL", "When the library first held it, UTC (ours)"),
            "last_changed": Column("TEXT NOT NULL", "When its content last changed, UTC (ours)"),
            "first_run": Column("INTEGER", "The run that added it (ours)", "runs.id"),
            "last_run": Column("INTEGER", "The run that last changed it (ours)", "runs.id"),
            "withdrawn": Column("TEXT", "When PubMed was found to know it no more, UTC (ours)"),
        },
    ),
    "abstract_sections": Table(
        about="The parts of each abstract, and abstracts in other languages or by other makers.",
        key=("pmid", "position"),
        rowid=False,
        per_article=True,
        columns={
            "pmid": _pmid(),
            "position": _position("Order in the record, from 1"),
            "label": Column("TEXT", "Label as printed (AbstractText Label)"),
            "category": Column("TEXT", "NLM's category of the label (NlmCategory)"),
            "text": Column("TEXT NOT NULL", "The text without markup"),
            "markup": Column("TEXT", "The text with inline elements; empty when it has none"),
            "type": Column("TEXT", "Empty: PubMed's abstract; else OtherAbstract Type"),
            "language": Column("TEXT", "Language of another abstract, ISO 639-2"),
            "copyright": Column("TEXT", "Copyright of this abstract"),
        },
    ),
    "authors": Table(
        about="Names of authors as PubMed prints them. Persons of one name share a row.",
        key=("id",),
        unique=(("name",),),
        columns={
            "id": Column("INTEGER", "Number in this file; not stable between files"),
            "name": Column("TEXT NOT NULL", "Last name, initials, suffix; or the group's name"),
            "collective": Column("INTEGER NOT NULL DEFAULT 0", "1: a group (CollectiveName)"),
        },
    ),
    "article_authors": Table(
        about="Who wrote an article, in order, with affiliation and ORCID.",
        key=("pmid", "position"),
        indexes=(("author_id", "pmid"), ("orcid",)),
        rowid=False,
        per_article=True,
        columns={
            "pmid": _pmid(),
            "position": _position("Order in the record, from 1"),
            "author_id": Column("INTEGER NOT NULL", "The name", "authors.id"),
            "last_name": Column("TEXT", "LastName"),
            "fore_name": Column("TEXT", "ForeName"),
            "initials": Column("TEXT", "Initials"),
            "suffix": Column("TEXT", "Suffix"),
            "orcid": Column("TEXT", "ORCID, 0000-0000-0000-0000"),
            "identifiers": Column("TEXT", "Other identifiers, JSON [[source, value], ...]"),
            "affiliation": Column("TEXT", "Affiliations, one a line"),
            "affiliation_identifiers": Column("TEXT", "JSON [[source, value], ...]"),
            "role": Column("TEXT NOT NULL DEFAULT 'author'", "author, or editor of a book"),
            "valid": Column("INTEGER NOT NULL DEFAULT 1", "0: superseded by an erratum (ValidYN)"),
            "equal_contribution": Column("INTEGER NOT NULL DEFAULT 0", "1: EqualContrib"),
        },
    ),
    "investigators": Table(
        about="Members of the study groups named as authors.",
        key=("pmid", "position"),
        rowid=False,
        per_article=True,
        columns={
            "pmid": _pmid(),
            "position": _position("Order in the record, from 1"),
            "name": Column("TEXT NOT NULL", "Last name, initials, suffix"),
            "last_name": Column("TEXT", "LastName"),
            "fore_name": Column("TEXT", "ForeName"),
            "initials": Column("TEXT", "Initials"),
            "suffix": Column("TEXT", "Suffix"),
            "orcid": Column("TEXT", "ORCID"),
            "affiliation": Column("TEXT", "Affiliations, one a line"),
            "list_id": Column("TEXT", "InvestigatorList ID, when a record has several lists"),
            "valid": Column("INTEGER NOT NULL DEFAULT 1", "0: superseded by an erratum (ValidYN)"),
        },
    ),
    "mesh_terms": Table(
        about="MeSH descriptors and supplementary concepts that occur in the library.",
        key=("id",),
        unique=(("name", "kind"),),
        columns={
            "id": Column("INTEGER", "Number in this file; not stable between files"),
            "name": Column("TEXT NOT NULL", "Heading (DescriptorName, SupplMeshName)"),
            "kind": Column("TEXT NOT NULL", "descriptor or supplementary"),
            "ui": Column("TEXT", "MeSH unique identifier, D... or C..."),
            "type": Column("TEXT", "Geographic, Disease, Protocol, ... (Type)"),
        },
    ),
    "article_mesh": Table(
        about="MeSH headings of an article.",
        key=("pmid", "position"),
        indexes=(("mesh_id", "pmid"),),
        rowid=False,
        per_article=True,
        columns={
            "pmid": _pmid(),
            "position": _position("Order in the record, from 1"),
            "mesh_id": Column("INTEGER NOT NULL", "The heading", "mesh_terms.id"),
            "major": Column("INTEGER NOT NULL", "1: a main point of the article (MajorTopicYN)"),
            "descriptor_major": Column("INTEGER NOT NULL", "1: the star is on the descriptor"),
            "qualifiers": Column("TEXT", "Subheadings, '; ' between, '*' after a major one"),
            "qualifier_uis": Column("TEXT", "Their MeSH identifiers, same order"),
        },
    ),
    "substances": Table(
        about="Substances named in records (Chemical).",
        key=("id",),
        unique=(("name",),),
        columns={
            "id": Column("INTEGER", "Number in this file; not stable between files"),
            "name": Column("TEXT NOT NULL", "NameOfSubstance"),
            "ui": Column("TEXT", "MeSH unique identifier"),
            "registry_number": Column("TEXT", "UNII or CAS number, 0 when there is none"),
        },
    ),
    "article_substances": Table(
        about="Substances of an article.",
        key=("pmid", "position"),
        indexes=(("substance_id", "pmid"),),
        rowid=False,
        per_article=True,
        columns={
            "pmid": _pmid(),
            "position": _position("Order in the record, from 1"),
            "substance_id": Column("INTEGER NOT NULL", "The substance", "substances.id"),
        },
    ),
    "keywords": Table(
        about="Keywords given by authors or indexers.",
        key=("id",),
        unique=(("keyword",),),
        columns={
            "id": Column("INTEGER", "Number in this file; not stable between files"),
            "keyword": Column("TEXT NOT NULL", "The keyword without markup"),
        },
    ),
    "article_keywords": Table(
        about="Keywords of an article.",
        key=("pmid", "position"),
        indexes=(("keyword_id", "pmid"),),
        rowid=False,
        per_article=True,
        columns={
            "pmid": _pmid(),
            "position": _position("Order in the record, from 1"),
            "keyword_id": Column("INTEGER NOT NULL", "The keyword", "keywords.id"),
            "markup": Column("TEXT", "With inline elements; empty when it has none"),
            "major": Column("INTEGER NOT NULL", "1: MajorTopicYN"),
            "owner": Column("TEXT", "Who gave it: NOTNLM is the authors (Owner)"),
        },
    ),
    "publication_types": Table(
        about="Publication types (PublicationType).",
        key=("id",),
        unique=(("name",),),
        columns={
            "id": Column("INTEGER", "Number in this file; not stable between files"),
            "name": Column("TEXT NOT NULL", "Name, such as Randomized Controlled Trial"),
            "ui": Column("TEXT", "MeSH unique identifier"),
        },
    ),
    "article_publication_types": Table(
        about="Publication types of an article.",
        key=("pmid", "position"),
        indexes=(("publication_type_id", "pmid"),),
        rowid=False,
        per_article=True,
        columns={
            "pmid": _pmid(),
            "position": _position("Order in the record, from 1"),
            "publication_type_id": Column("INTEGER NOT NULL", "The type", "publication_types.id"),
        },
    ),
    "article_languages": Table(
        about="Languages of an article, ISO 639-2.",
        key=("pmid", "position"),
        indexes=(("language", "pmid"),),
        rowid=False,
        per_article=True,
        columns={
            "pmid": _pmid(),
            "position": _position("Order in the record, from 1"),
            "language": Column("TEXT NOT NULL", "Code, such as eng"),
        },
    ),
    "grants": Table(
        about="Grants named in records.",
        key=("pmid", "position"),
        indexes=(("agency",),),
        rowid=False,
        per_article=True,
        columns={
            "pmid": _pmid(),
            "position": _position("Order in the record, from 1"),
            "grant_id": Column("TEXT", "GrantID"),
            "acronym": Column("TEXT", "Acronym"),
            "agency": Column("TEXT", "Agency"),
            "country": Column("TEXT", "Country"),
        },
    ),
    "trials": Table(
        about="Registered trials, one row for each registration number.",
        key=("id",),
        columns={
            "id": Column("TEXT", "Registration number, such as NCT01234567"),
            "registry": Column("TEXT NOT NULL", "Registry, such as ClinicalTrials.gov"),
        },
    ),
    "article_trials": Table(
        about="Which articles name which trial registration.",
        key=("pmid", "trial_id"),
        indexes=(("trial_id", "pmid"),),
        rowid=False,
        per_article=True,
        columns={
            "pmid": _pmid(),
            "trial_id": Column("TEXT NOT NULL", "The registration", "trials.id"),
            "source": Column("TEXT NOT NULL", "databank (DataBankList) or abstract"),
        },
    ),
    "data_banks": Table(
        about="Accession numbers of data banks, trial registries among them (DataBankList).",
        key=("pmid", "position"),
        indexes=(("accession",),),
        rowid=False,
        per_article=True,
        columns={
            "pmid": _pmid(),
            "position": _position("Order in the record, from 1"),
            "name": Column("TEXT NOT NULL", "DataBankName"),
            "accession": Column("TEXT NOT NULL", "AccessionNumber"),
        },
    ),
    "corrections": Table(
        about="Retractions, errata, comments, updates: links between records.",
        key=("pmid", "position"),
        indexes=(("other_pmid", "kind"), ("kind", "pmid")),
        rowid=False,
        per_article=True,
        columns={
            "pmid": _pmid("The article whose record has the link"),
            "position": _position("Order in the record, from 1"),
            "kind": Column("TEXT NOT NULL", "RefType: RetractionIn, ErratumIn, CommentOn, ..."),
            "other_pmid": Column("INTEGER", "The other record, often not in the library"),
            "source": Column("TEXT", "Its citation as printed (RefSource)"),
            "note": Column("TEXT", "Note"),
        },
    ),
    "citations": Table(
        about="Reference lists, where PubMed has them.",
        key=("pmid", "position"),
        indexes=(("cited_pmid", "pmid"),),
        rowid=False,
        per_article=True,
        columns={
            "pmid": _pmid("The citing article"),
            "position": _position("Order in the record, from 1"),
            "cited_pmid": Column("INTEGER", "The cited record, often not in the library"),
            "citation": Column("TEXT", "The reference as printed (Citation)"),
            "ids": Column("TEXT", "Its other identifiers, JSON [[kind, value], ...]"),
            "section": Column("TEXT", "Title of the part of the list it stands in"),
        },
    ),
    "article_ids": Table(
        about="All identifiers of an article (ArticleIdList, ELocationID).",
        key=("pmid", "position"),
        indexes=(("value",),),
        rowid=False,
        per_article=True,
        columns={
            "pmid": _pmid(),
            "position": _position("Order in the record, from 1"),
            "kind": Column("TEXT NOT NULL", "doi, pii, pmc, mid, pubmed, ..."),
            "value": Column("TEXT NOT NULL", "The identifier"),
            "source": Column("TEXT NOT NULL", "Element it came from"),
            "valid": Column("INTEGER NOT NULL DEFAULT 1", "0: ValidYN is N"),
        },
    ),
    "article_dates": Table(
        about="All dates of a record: history, completion, revision, electronic publication.",
        key=("pmid", "position"),
        indexes=(("kind", "date"),),
        rowid=False,
        per_article=True,
        columns={
            "pmid": _pmid(),
            "position": _position("Order in the record, from 1"),
            "kind": Column("TEXT NOT NULL", "PubStatus, or completed, revised, article-Electronic"),
            "date": Column("TEXT NOT NULL", "ISO date, may be a year or a month"),
            "time": Column("TEXT", "HH:MM when PubMed gives it"),
        },
    ),
    "article_fields": Table(
        about="What has no column of its own: notes, other ids, gene symbols, named subjects.",
        key=("pmid", "position"),
        rowid=False,
        per_article=True,
        columns={
            "pmid": _pmid(),
            "position": _position("Order in the record, from 1"),
            "name": Column("TEXT NOT NULL", "Element name"),
            "value": Column("TEXT NOT NULL", "Its text"),
            "attributes": Column("TEXT", "Its attributes, JSON"),
        },
    ),
    "books": Table(
        about="The books that Bookshelf records are, or are chapters of.",
        key=("pmid",),
        per_article=True,
        columns={
            "pmid": Column("INTEGER", "The record", "articles.pmid"),
            "title": Column("TEXT NOT NULL", "BookTitle"),
            "bookshelf_id": Column("TEXT", "Bookshelf id, NBK... (book attribute, bookaccession)"),
            "publisher": Column("TEXT", "PublisherName"),
            "publisher_location": Column("TEXT", "PublisherLocation"),
            "published": Column("TEXT", "PubDate, ISO, may be partial"),
            "beginning": Column("TEXT", "BeginningDate"),
            "ending": Column("TEXT", "EndingDate"),
            "contribution": Column("TEXT", "ContributionDate"),
            "edition": Column("TEXT", "Edition"),
            "volume": Column("TEXT", "Volume"),
            "volume_title": Column("TEXT", "VolumeTitle"),
            "collection_title": Column("TEXT", "CollectionTitle"),
            "isbns": Column("TEXT", "ISBNs, '; ' between"),
            "medium": Column("TEXT", "Medium"),
            "report_numbers": Column("TEXT", "Report numbers, '; ' between"),
            "location_labels": Column("TEXT", "JSON [[type, label], ...]"),
            "sections": Column("TEXT", "JSON [{level, label, title}, ...]"),
        },
    ),
    "topics": Table(
        about="The searches that the library is made of.",
        key=("name",),
        columns={
            "name": Column("TEXT", "Short name"),
            "title": Column("TEXT NOT NULL", "Title"),
            "term": Column("TEXT NOT NULL", "The search as sent to PubMed"),
            "rationale": Column("TEXT", "What it is for"),
        },
    ),
    "article_topics": Table(
        about="Which searches found an article, and since when.",
        key=("pmid", "topic"),
        indexes=(("topic", "left_run", "pmid"),),
        rowid=False,
        columns={
            "pmid": _pmid(),
            "topic": Column("TEXT NOT NULL", "The search", "topics.name"),
            "first_run": Column("INTEGER NOT NULL", "Run that first found it", "runs.id"),
            "left_run": Column("INTEGER", "Run in which the search no longer found it", "runs.id"),
        },
    ),
    "findings": Table(
        about="What a record says, by rule, each with the words it rests on.",
        key=("pmid", "position"),
        indexes=(("facet", "value", "pmid"),),
        rowid=False,
        per_article=True,
        columns={
            "pmid": _pmid(),
            "position": _position("Order among the record's findings, from 1"),
            "facet": Column("TEXT NOT NULL", "drug, route, design, population, ..."),
            "value": Column("TEXT NOT NULL", "The value"),
            "rule": Column("TEXT NOT NULL", "Rule and its version"),
            "source": Column("TEXT NOT NULL", "Where the words stand: title, abstract, mesh, ..."),
            "section": Column("TEXT", "Label or position of the abstract's section"),
            "quote": Column("TEXT", "The words, verbatim"),
            "start": Column("INTEGER", "Where the quote begins in its text, in characters"),
            "detail": Column("TEXT", "JSON: numbers, polarity, basis"),
        },
    ),
    "runs": Table(
        about="Every harvest, load and derivation: what was asked, found and changed.",
        key=("id",),
        columns={
            "id": Column("INTEGER", "Number of the run"),
            "command": Column("TEXT NOT NULL", "harvest, load or derive"),
            "topic": Column("TEXT NOT NULL", "The topic, or all"),
            "status": Column("TEXT NOT NULL", "running, new, unchanged, partial, failed"),
            "started": Column("TEXT NOT NULL", "UTC"),
            "finished": Column("TEXT", "UTC; empty while it runs, or when it was killed"),
            "reported": Column("INTEGER", "Records that PubMed says match"),
            "held": Column("INTEGER", "Records that the library holds of them after the run"),
            "added": Column("INTEGER NOT NULL DEFAULT 0", "New records stored"),
            "revised": Column("INTEGER NOT NULL DEFAULT 0", "Records whose content changed"),
            "unchanged": Column("INTEGER NOT NULL DEFAULT 0", "Fetched, but the same as held"),
            "left": Column("INTEGER NOT NULL DEFAULT 0", "Records that left the searches"),
            "withdrawn": Column("INTEGER NOT NULL DEFAULT 0", "Records PubMed knows no more"),
            "problems": Column("INTEGER NOT NULL DEFAULT 0", "Rows in problems"),
            "requests": Column("INTEGER NOT NULL DEFAULT 0", "Requests sent to PubMed"),
            "seconds": Column("REAL", "Duration"),
            "version": Column("TEXT NOT NULL", "Version of the program"),
            "source": Column("TEXT", "Service asked, or names of the files loaded"),
            "complete": Column(
                "INTEGER NOT NULL DEFAULT 0",
                "1: every set was read whole and all that was asked for came; moves the window",
            ),
            "database_build": Column("TEXT", "PubMed's DbBuild (einfo)"),
            "database_updated": Column("TEXT", "PubMed's LastUpdate (einfo)"),
            "error": Column("TEXT", "Why it failed, one sentence"),
        },
    ),
    "run_topics": Table(
        about="Each run's searches as sent, with PubMed's translation and warnings.",
        key=("run_id", "topic"),
        rowid=False,
        columns={
            "run_id": Column("INTEGER NOT NULL", "The run", "runs.id"),
            "topic": Column("TEXT NOT NULL", "The search", "topics.name"),
            "term": Column("TEXT NOT NULL", "The search as sent"),
            "translation": Column("TEXT", "PubMed's QueryTranslation"),
            "warnings": Column("TEXT", "PubMed's warnings and errors, JSON list"),
            "since": Column("TEXT", "First day of the window for revised records"),
            "reported": Column("INTEGER", "Records that PubMed says match"),
            "held": Column("INTEGER", "Records that the library holds of them after the run"),
            "added": Column("INTEGER NOT NULL DEFAULT 0", "New in this search"),
            "revised": Column("INTEGER NOT NULL DEFAULT 0", "Of this search, content changed"),
            "unchanged": Column("INTEGER NOT NULL DEFAULT 0", "Of this search, fetched, same"),
            "left": Column("INTEGER NOT NULL DEFAULT 0", "Left this search"),
            "withdrawn": Column("INTEGER NOT NULL DEFAULT 0", "Of this search, gone from PubMed"),
            "problems": Column("INTEGER NOT NULL DEFAULT 0", "Of this search, rows in problems"),
        },
    ),
    "run_slices": Table(
        about="The parts in which a set was read: PMID ranges that must add up to the whole.",
        key=("id",),
        indexes=(("run_id",),),
        columns={
            "id": Column("INTEGER", "Number"),
            "run_id": Column("INTEGER NOT NULL", "The run", "runs.id"),
            "topic": Column("TEXT NOT NULL", "The search", "topics.name"),
            "kind": Column("TEXT NOT NULL", "set, or revised (a window of days)"),
            "low": Column("INTEGER", "First PMID of the range; empty: the whole set"),
            "high": Column("INTEGER", "Last PMID of the range"),
            "reported": Column("INTEGER NOT NULL", "Count that PubMed gave for the range"),
            "received": Column("INTEGER NOT NULL", "PMIDs received"),
            "stored": Column("INTEGER", "Records of the range held after the run"),
        },
    ),
    "changes": Table(
        about="What happened to which record in which run.",
        key=("id",),
        indexes=(("run_id",), ("pmid", "run_id"), ("kind", "run_id")),
        columns={
            "id": Column("INTEGER", "Number"),
            "run_id": Column("INTEGER NOT NULL", "The run", "runs.id"),
            "pmid": Column("INTEGER NOT NULL", "The record", "articles.pmid"),
            "kind": Column(
                "TEXT NOT NULL",
                "added, revised, retracted, corrected, indexed, left, returned, withdrawn",
            ),
            "fields": Column("TEXT", "Columns or tables that changed, JSON list"),
            "topic": Column("TEXT", "The search, for left and returned"),
            "old_hash": Column("TEXT", "content_hash before"),
            "new_hash": Column("TEXT", "content_hash after"),
        },
    ),
    "problems": Table(
        about="Records and parts of a run that could not be dealt with, nothing dropped silently.",
        key=("id",),
        indexes=(("run_id",), ("pmid",)),
        columns={
            "id": Column("INTEGER", "Number"),
            "run_id": Column("INTEGER NOT NULL", "The run", "runs.id"),
            "pmid": Column("INTEGER", "The record, when it is known"),
            "topic": Column("TEXT", "The search, when it concerns one"),
            "stage": Column("TEXT NOT NULL", "search, fetch, parse, store or derive"),
            "reason": Column("TEXT NOT NULL", "One sentence"),
            "raw": Column("BLOB", "What was received"),
            "solved_run": Column("INTEGER", "Run that later stored the record", "runs.id"),
        },
    ),
    "raw_records": Table(
        about="Each record as received, compressed (zlib), so that nothing is downloaded twice.",
        key=("pmid",),
        internal=True,
        columns={
            "pmid": Column("INTEGER", "The record", "articles.pmid"),
            "format": Column("TEXT NOT NULL", "xml or medline"),
            "size": Column("INTEGER NOT NULL", "Bytes before compression"),
            "data": Column("BLOB NOT NULL", "zlib-compressed bytes"),
        },
    ),
    "settings": Table(
        about="Facts about this file: its kind (real or sample).",
        key=("name",),
        internal=True,
        columns={
            "name": Column("TEXT", "Name"),
            "value": Column("TEXT NOT NULL", "Value"),
        },
    ),
}

FTS_TABLE = "articles_fts"
FTS_COLUMNS = ("title", "abstract", "authors", "mesh", "keywords", "substances")
FTS_TOKENIZER = "porter unicode61 remove_diacritics 2"
