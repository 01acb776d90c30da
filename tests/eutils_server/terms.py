"""A search term evaluated over the corpus, as sets of PMIDs."""

import re
from dataclasses import dataclass

from .corpus import Corpus

RANGE = re.compile(r'"?(\d+)"?\s*:\s*"?(\d+)"?\s*\[UID\]', re.IGNORECASE)


@dataclass(slots=True)
class Index:
    """The searches of one corpus, remembered until the corpus changes."""

    corpus: Corpus

    def search(self, term: str) -> list[int]:
        """The PMIDs that match, newest entry first."""
        found: set[int] | None = None
        for low, high in RANGE.findall(term):
            part = set(self.corpus.between(int(low), int(high)))
            found = part if found is None else found & part
        pmids = set(self.corpus.records) if found is None else found
        records = self.corpus.records
        return sorted(pmids, key=lambda pmid: (records[pmid].entered, pmid), reverse=True)
