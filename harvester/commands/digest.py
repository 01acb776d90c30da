"""What is new since a day, to be read or piped into mail."""

import re

import click

from harvester.commands.context import (
    Context,
    check_day,
    reading,
    topic_option,
    wanted_topics,
)
from harvester.errors import SettingsError

__all__ = ["digest"]

_ADDRESS = re.compile(r"https?://[^\s<>()\"'\\]+")


@click.command()
@click.option("--since", metavar="DATE", required=True, help="First day, UTC, YYYY-MM-DD.")
@topic_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "html", "text"]),
    default="markdown",
    show_default=True,
    help="What to print.",
)
@click.option(
    "--url",
    metavar="ADDRESS",
    help="Of the site, for links to it; without one they lead to PubMed.",
)
@click.pass_obj
def digest(context: Context, since: str, topic: str | None, form: str, url: str | None) -> None:
    """Print what is new since a day, and what it is.

    What was retracted, called in doubt, corrected or removed comes first, then new randomised
    trials, new reviews, and the rest by study design, each with its sample size, the words that
    these were found in, and links. Needs no network.

    \b
    Examples:
        harvester digest --since 2026-11-01
        harvester digest --since 2026-11-01 --topic trd --format text
        harvester digest --since 2026-11-01 --url https://example.org
    """
    from harvester.digest.digest import digest as make
    from harvester.digest.writers import WRITERS
    from harvester.library.news import read_news

    check_day(since)
    if url is not None and not _ADDRESS.fullmatch(url):
        raise SettingsError(f"{url} is no address of a site; write it like https://example.org.")
    _, topics, _ = wanted_topics(context, topic)
    with reading(context.settings.db) as connection:
        news = read_news(connection, since=since, topic=topic)
    title = topics[0].title if topic else None
    made = make(news, topic=title, url=url.rstrip("/") if url else None)
    click.echo(WRITERS[form](made), nl=False)
