"""The tables of the library, as data: what a row and a column mean.

The database is made from this (`migrations`), `docs/schema.md` is generated from it, and a test
compares it with `metadata.yml`.
"""

from harvester.library.attached_tables import ATTACHED_TABLES
from harvester.library.columns import Column, Table
from harvester.library.ledger_tables import LEDGER_TABLES
from harvester.library.record_tables import RECORD_TABLES

__all__ = ["FTS_COLUMNS", "FTS_TABLE", "FTS_TOKENIZER", "TABLES", "Column", "Table"]

TABLES: dict[str, Table] = RECORD_TABLES | ATTACHED_TABLES | LEDGER_TABLES

FTS_TABLE = "articles_fts"
FTS_COLUMNS = ("title", "abstract", "authors", "mesh", "keywords", "substances")
FTS_TOKENIZER = "porter unicode61 remove_diacritics 2"
