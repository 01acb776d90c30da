"""Documents made from the library's ledger."""

import click

from harvester.commands.context import Context, reading, topic_option, wanted_topics
from harvester.errors import LibraryError

__all__ = ["report"]


@click.group()
def report() -> None:
    """Print a document made from the ledger.

    \b
    Example:
        harvester report prisma-s
    """


@report.command("prisma-s")
@topic_option
@click.pass_obj
def prisma_s(context: Context, topic: str | None) -> None:
    """Print the search appendix of a review (PRISMA-S), as Markdown.

    Every item that the ledger knows is filled in; what only the reviewer knows is marked.

    \b
    Example:
        harvester report prisma-s --topic ketamine-trd > appendix.md
    """
    from harvester.library.search_log import (
        duplicate_dois,
        held_in_all,
        logged_searches,
        strategy_changes,
    )
    from harvester.prisma import prisma_s as render

    _, topics, _ = wanted_topics(context, topic)
    with reading(context.settings.db) as connection:
        searches = logged_searches(connection, [item.name for item in topics])
        held = held_in_all(connection, [search.topic for search in searches])
        shared = duplicate_dois(connection)
        changes = strategy_changes(connection)
    if not searches:
        raise LibraryError("No complete harvest is on record yet; run: harvester harvest.")
    text = render(searches, topics, changes=changes, held=held, duplicate_dois=shared)
    click.echo(text, nl=False)
