"""The search appendix of a review by PRISMA-S (Rethlefsen and others, 2021), from the ledger.

Pure: data in, Markdown out. What a program cannot know is marked as an open point, never guessed.
"""

from collections.abc import Sequence

from harvester.library.search_log import LoggedSearch, StrategyChange
from harvester.topics import Topic

__all__ = ["prisma_s"]

OPEN = "**Open point, to be completed by the reviewer:**"


def prisma_s(
    searches: Sequence[LoggedSearch],
    topics: Sequence[Topic],
    *,
    changes: Sequence[StrategyChange] = (),
    held: int,
    duplicate_dois: int,
) -> str:
    """The appendix; `searches` is the last complete harvest of each topic.

    `held` is how many records they find together, each counted once.
    """
    parts = ["# Search appendix (PRISMA-S)", _items(searches, topics, held, duplicate_dois)]
    for search in searches:
        parts.append(_strategy(search))
        parts += [_change(change) for change in changes if change.topic == search.topic]
    return "\n\n".join(parts) + "\n"


def _items(
    searches: Sequence[LoggedSearch], topics: Sequence[Topic], held: int, duplicate_dois: int
) -> str:
    last, first = max(s.started for s in searches), min(s.first for s in searches)
    prior = [f"{c.name}: {c.text}" for t in topics for c in t.citations]
    items = [
        (
            "Database name",
            "PubMed (MEDLINE, PubMed Central and Bookshelf records), National Library of Medicine; "
            "interface: NCBI E-utilities (esearch, efetch).",
        ),
        ("Multi-database searching", "Not applicable: one database was searched."),
        (
            "Study registries",
            "None searched. Registration numbers were taken from the PubMed records.",
        ),
        ("Online resources and browsing", f"{OPEN} none by this program."),
        ("Citation searching", "None."),
        ("Contacts", f"{OPEN} none by this program."),
        ("Other methods", f"{OPEN} none by this program."),
        ("Full search strategies", "Below, as sent, with PubMed's translation of each."),
        (
            "Limits and restrictions",
            "None beyond the words of the strategies (below). Sets of more than "
            "9,999 records were read in ranges of PMIDs that add up to the whole (below).",
        ),
        ("Search filters", "None beyond the words of the strategies (below)."),
        (
            "Prior work",
            "The strategies were checked against: " + "; ".join(dict.fromkeys(prior)) + "."
            if prior
            else f"{OPEN} none named in the topic file.",
        ),
        (
            "Updates",
            f"Repeated by program: {max(s.harvests for s in searches):,} complete harvests from "
            f"{first} to {last} (UTC). Each compares PubMed's complete set with the records held, "
            "and fetches what is new or was revised since the last one minus 30 days.",
        ),
        ("Dates of searches", _dates(searches)),
        ("Peer review", f"{OPEN} no peer review of the strategies (PRESS) is on record."),
        (
            "Total records",
            "; ".join(
                f"{s.title}: {s.reported:,} reported by PubMed, {s.held:,} held" for s in searches
            )
            + f". Together, each record counted once: {held:,} held.",
        ),
        (
            "Deduplication",
            "By PMID, when records were stored; of several versions the latest is held. "
            f"{duplicate_dois:,} records share their DOI with another record; they are kept apart.",
        ),
    ]
    rows = [
        f"| {number} | {name} | {text.replace('|', chr(92) + '|')} |"
        for number, (name, text) in enumerate(items, 1)
    ]
    return "\n".join(["| Item | | |", "| --- | --- | --- |", *rows])


def _dates(searches: Sequence[LoggedSearch]) -> str:
    return "; ".join(
        f"{s.title}: {s.started} (UTC, run {s.run_id}, program version {s.version}; "
        f"PubMed's database build {s.database_build or 'not given'}, "
        f"last updated {s.database_updated or 'not given'})"
        for s in searches
    )


def _strategy(search: LoggedSearch) -> str:
    lines = [
        f"## {search.title}",
        f"As sent on {search.started} (UTC):",
        f"```\n{search.term}\n```",
        "As translated by PubMed:",
        f"```\n{search.translation}\n```",
        f"Reported by PubMed: {search.reported:,}. "
        f"Received: {sum(part[3] for part in search.slices):,}. Held: {search.held:,}. "
        f"Left the search since the first harvest: {search.left:,}. "
        f"Withdrawn by PubMed: {search.withdrawn:,}.",
    ]
    if search.warnings:
        lines.append("PubMed's warnings: " + "; ".join(search.warnings) + ".")
    if len(search.slices) > 1:
        rows = [
            f"| {low or 1} to {high or 99_999_999} | {reported:,} | {received:,} |"
            for low, high, reported, received in search.slices
        ]
        table = ["| PMIDs | reported | received |", "| --- | --- | --- |", *rows]
        lines.append("\n".join(table))
    return "\n\n".join(lines)


def _change(change: StrategyChange) -> str:
    return "\n\n".join(
        [
            f"### Another strategy until {change.started} (UTC)",
            f"```\n{change.former_term}\n```",
            f"Records: {change.former_reported:,} by this strategy when it was last sent (run "
            f"{change.former_run_id}), {change.reported:,} by the one that followed (run "
            f"{change.run_id}).",
            f"Gained: {_listed(change.gained)}.",
            f"Lost: {_listed(change.lost)}.",
        ]
    )


def _listed(pmids: Sequence[int]) -> str:
    return f"{len(pmids):,} (PMID {', '.join(map(str, pmids))})" if pmids else "none"
