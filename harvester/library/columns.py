"""How a table and a column are described."""

from dataclasses import dataclass

__all__ = ["Column", "Table", "pmid", "position"]


@dataclass(frozen=True, slots=True)
class Column:
    """SQL type (with constraints), meaning, and the `table.column` it refers to."""

    type: str
    about: str
    references: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`key` is the primary key; with `rowid` False the table is stored by that key alone.

    The columns of an index may have a collation. `per_article` tables are replaced as a whole when
    an article is stored again.
    """

    about: str
    columns: dict[str, Column]
    key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    rowid: bool = True
    per_article: bool = False
    internal: bool = False


def pmid(about: str = "The article") -> Column:
    return Column("INTEGER NOT NULL", about, "articles.pmid")


def position(about: str) -> Column:
    return Column("INTEGER NOT NULL", about)
