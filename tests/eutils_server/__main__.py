"""By hand: `python -m tests.eutils_server FILE... [--port N] [--latency 0.3] [--rate-limit 3]`.

Serves the records of PubMed XML files, and made-up ones with `--made N`, until it is interrupted.
"""

import argparse
import threading
import time
from pathlib import Path

from . import Corpus, EutilsServer


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.eutils_server", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="PubMed XML, also .gz")
    parser.add_argument("--made", type=int, default=0, metavar="N", help="add N made-up records")
    parser.add_argument("--port", type=int, default=0, help="default: any free port")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that an answer takes")
    parser.add_argument(
        "--rate-limit", type=int, default=3, help="requests a second; 0 for no limit (default: 3)"
    )
    options = parser.parse_args()
    if not options.files and not options.made:
        parser.error("name a file, or ask for made-up records with --made")
    started = time.monotonic()
    corpus = Corpus.from_files(options.files)
    corpus.add_many(options.made)
    server = EutilsServer(
        corpus=corpus,
        port=options.port,
        latency=options.latency,
        rate_limit=options.rate_limit or None,
    )
    with server:
        print(f"{len(corpus):,} records, read in {time.monotonic() - started:.1f} s.")
        print(f"HARVESTER_EUTILS_URL={server.url}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print(f"\n{len(server.requests)} requests were answered.")


if __name__ == "__main__":
    main()
