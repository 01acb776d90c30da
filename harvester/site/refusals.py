"""Why a stock page of a table refuses an address, in words that say what it takes."""

from datasette.utils.asgi import Base400

__all__ = ["reason"]

_FACETS = (
    "This table is counted by the columns that its page shows, and by no others (_facet). "
    "The search, /search.json, counts articles by every filter that it has."
)


def reason(refusal: Base400, *, most_rows: int) -> str | None:
    """What Datasette says of it, or more where that says too little; None when it says nothing."""
    says = str(refusal).strip()
    if says.startswith("_size must"):
        return (
            f"A page of a table has at most {most_rows:,} rows: _size is a number from 0 to "
            f"{most_rows}, or max. next_url leads on; a .csv with _stream=on has all rows."
        )
    if says.startswith("_facet= is not allowed"):
        return _FACETS
    return f"{says.rstrip('.')}." if says else None
