"""The command that makes a release."""

from datetime import UTC, datetime
from pathlib import Path

import click

from harvester.commands.context import Context, echo

__all__ = ["release"]


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--without-abstracts", is_flag=True, help="Leave every text of an abstract out of the release."
)
@click.pass_obj
def release(context: Context, folder: Path, without_abstracts: bool) -> None:
    """Make a release of the library: a folder in DIR, named for today, with all its files.

    The library as one SQLite file, the PMIDs, what changed since the last release in DIR, and what
    is needed to check and to cite it. Prints the new folder. Abstracts belong to their publishers;
    before you publish them, read the terms of NLM, or leave them out. The site offers the newest
    release of the folder that HARVESTER_RELEASES names, at /download.

    \b
    Examples:
        harvester release releases
        harvester release --without-abstracts public-releases
    """
    from harvester.release.making import release as make_release

    made = make_release(
        context.settings.db, folder, now=datetime.now(UTC), abstracts=not without_abstracts
    )
    manifest = made.manifest
    size = sum(file.size for file in made.files)
    before = manifest["previous"]
    since = f"; changes since {before} are in CHANGELOG.md" if before else ""
    echo(f"Release {made.version}: {manifest['records']:,} records, {size:,} bytes{since}.")
    click.echo(made.folder)
