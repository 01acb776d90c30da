"""The tables of what is attached to a record: grants, trials, links, references, ids, dates, books.

Element names are those of PubMed's XML.
"""

from harvester.library.columns import Column, Table, pmid, position

__all__ = ["ATTACHED_TABLES"]

ATTACHED_TABLES: dict[str, Table] = {
    "grants": Table(
        about="Grants named in records.",
        key=("pmid", "position"),
        indexes=(("agency",),),
        rowid=False,
        per_article=True,
        columns={
            "pmid": pmid(),
            "position": position("Order in the record, from 1"),
            "grant_id": Column("TEXT", "GrantID"),
            "acronym": Column("TEXT", "Acronym"),
            "agency": Column("TEXT", "Agency"),
            "country": Column("TEXT", "Country"),
        },
    ),
    "trials": Table(
        about="Registered trials, one row for each registration number.",
        key=("id",),
        indexes=(("id COLLATE NOCASE",),),
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
            "pmid": pmid(),
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
            "pmid": pmid(),
            "position": position("Order in the record, from 1"),
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
            "pmid": pmid("The article whose record has the link"),
            "position": position("Order in the record, from 1"),
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
            "pmid": pmid("The citing article"),
            "position": position("Order in the record, from 1"),
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
            "pmid": pmid(),
            "position": position("Order in the record, from 1"),
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
            "pmid": pmid(),
            "position": position("Order in the record, from 1"),
            "kind": Column(
                "TEXT NOT NULL",
                "PubStatus (the authors' revision: manuscript-revised); completed; revised (NLM)",
            ),
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
            "pmid": pmid(),
            "position": position("Order in the record, from 1"),
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
            "part": Column("TEXT", "Bookshelf's name of the part that the record is"),
            "location_labels": Column("TEXT", "JSON [[type, label], ...]"),
            "sections": Column("TEXT", "JSON [{level, label, title, part, anchor}, ...]"),
        },
    ),
}
