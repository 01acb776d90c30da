"""Make data/sample.xml.gz, the built-in sample: invented PubMed records in PubMed's own XML.

    python data/make_sample.py

Needs the standard library only. The XML is the same on every machine, byte for byte. A file that
holds it already is left alone, because compression libraries differ in how they pack.
"""

import gzip
import io
import sys
from pathlib import Path

from sample.plan import make_records
from sample.render import DOCTYPE, render

SAMPLE = Path(__file__).with_name("sample.xml.gz")


def make_xml() -> bytes:
    """The whole sample as one PubmedArticleSet."""
    records, words = make_records()
    articles = "\n".join(render(record, words) for record in records)
    return f"{DOCTYPE}<PubmedArticleSet>\n{articles}\n</PubmedArticleSet>\n".encode()


def pack(xml: bytes) -> bytes:
    """Gzip without a name or a time in its header."""
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=packed, mtime=0) as file:
        file.write(xml)
    return packed.getvalue()


def main() -> None:
    xml = make_xml()
    if SAMPLE.exists() and gzip.decompress(SAMPLE.read_bytes()) == xml:
        sys.stderr.write(f"{SAMPLE.name} is up to date\n")
        return
    SAMPLE.write_bytes(pack(xml))
    sys.stderr.write(f"{SAMPLE.name}: {SAMPLE.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
