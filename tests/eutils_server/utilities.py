"""The utilities themselves: parameters in, a reply out."""

import itertools
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from . import replies
from .corpus import Corpus
from .replies import Reply, Warnings
from .terms import Index

__all__ = ["Params", "Service"]

LIMIT = replies.LAST + 1  # PubMed gives out the first 9,999 records of any set
EFETCH_HEAD = (
    '<?xml version="1.0" ?>\n'
    '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>\n'
)


class Params(dict[str, list[str]]):
    """The parameters of a request: query string and form together."""

    def one(self, name: str, default: str = "") -> str:
        values = self.get(name)
        return values[0] if values else default

    def number(self, name: str, default: int) -> int:
        value = self.one(name)
        return int(value) if value.isdigit() else default

    @property
    def ids(self) -> list[str]:
        """`id=1&id=2` and `id=1,2` are the same."""
        return [i.strip() for value in self.get("id", []) for i in value.split(",") if i.strip()]


@dataclass(slots=True)
class Service:
    """PubMed behind E-utilities: a corpus, its searches, and the history server."""

    corpus: Corpus
    history_seconds: float | None = None
    clock: Callable[[], float] = time.monotonic
    _index: Index = field(init=False)
    _history: dict[str, tuple[float, list[list[int]]]] = field(default_factory=dict)
    _counter: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self._index = Index(self.corpus)

    def answer(self, utility: str, params: Params) -> Reply:
        known: Mapping[str, Callable[[Params], Reply]] = {
            "einfo": self.einfo,
            "esearch": self.esearch,
            "epost": self.epost,
            "efetch": self.efetch,
        }
        if utility not in known:
            return Reply(body=b"<html><body>Not found</body></html>", type=replies.HTML, status=404)
        return known[utility](params)

    # History -----------------------------------------------------------------------------------

    def forget_history(self) -> None:
        """Every set kept on the server expires now."""
        self._history.clear()

    def _keep(self, ids: Sequence[int], web_env: str) -> tuple[int, str]:
        if web_env not in self._history:
            web_env = f"MCID_{next(self._counter):024x}"
            self._history[web_env] = (self.clock(), [])
        sets = self._history[web_env][1]
        sets.append(list(ids))
        return len(sets), web_env

    def _kept(self, params: Params) -> list[int] | None:
        made, sets = self._history.get(params.one("WebEnv"), (0.0, []))
        key = params.number("query_key", 0)
        expired = self.history_seconds is not None and self.clock() - made > self.history_seconds
        if expired or not 1 <= key <= len(sets):
            return None
        return sets[key - 1]

    # Utilities ---------------------------------------------------------------------------------

    def einfo(self, params: Params) -> Reply:
        day = self.corpus.today
        build = f"{day:%Y.%m.%d}.06.33"
        inner = (
            "\n\t<DbInfo>\n\t\t<DbName>pubmed</DbName>\n\t\t<MenuName>PubMed</MenuName>\n"
            "\t\t<Description>PubMed bibliographic record</Description>\n"
            f"\t\t<DbBuild>Build-{build}</DbBuild>\n\t\t<Count>{len(self.corpus)}</Count>\n"
            f"\t\t<LastUpdate>{day:%Y/%m/%d} 06:33</LastUpdate>\n"
            "\t\t<FieldList>\n\t\t</FieldList>\n\t</DbInfo>\n"
        )
        return Reply(body=replies.document("eInfoResult", inner))

    def esearch(self, params: Params) -> Reply:
        as_json = params.one("retmode") == "json"
        start = params.number("retstart", 0)
        asked = params.number("retmax", 20)
        if start >= LIMIT:
            return replies.wall(as_json=as_json)
        found = self._index.search(params.one("term"))
        warnings = Warnings()
        if params.one("rettype") == "count":
            if as_json:
                body = {
                    "header": replies.header("esearch"),
                    "esearchresult": {"count": str(len(found))},
                }
                return replies.json_reply(body)
            inner = f"\n\t<Count>{len(found)}</Count>\n"
            return Reply(body=replies.document("eSearchResult", inner))
        if start + asked > LIMIT:
            asked = LIMIT - start
            warnings.messages.append(
                f"Restrictions achieved. start and count adjusted to {start}, {asked}"
            )
        if not found:
            warnings.messages.append("No items found.")
        history = None
        if params.one("usehistory") == "y":
            history = self._keep(found, params.one("WebEnv"))
        write = replies.esearch_json if as_json else replies.esearch_xml
        return write(
            count=len(found),
            start=start,
            ids=found[start : start + asked],
            translation=params.one("term"),
            history=history,
            warnings=warnings,
        )

    def epost(self, params: Params) -> Reply:
        ids = [int(i) for i in params.ids if i.isdigit()]
        if not ids:
            texts = ["Empty ID list; Nothing to store"]
            if params.ids:
                texts.append(
                    "Some IDs have invalid value and were omitted. "
                    "Maximum ID value 18446744073709551615"
                )
            inner = "".join(f"\n\t<ERROR>{escape(text)}</ERROR>" for text in texts)
            return Reply(body=replies.document("ePostResult", inner))
        key, web_env = self._keep(ids, params.one("WebEnv"))
        inner = f"\n\t<QueryKey>{key}</QueryKey>\n\t<WebEnv>{web_env}</WebEnv>\n"
        return Reply(body=replies.document("ePostResult", inner))

    def efetch(self, params: Params) -> Reply:
        if "id" in params:
            if not "".join(params["id"]).strip():
                return replies.error("eFetchResult", "Supplied id parameter is empty.")
            asked = [1 if i == "-1" else int(i) for i in params.ids if re.fullmatch(r"\d+|-1", i)]
            wanted = [pmid for pmid in dict.fromkeys(asked) if pmid]
            if not wanted:
                text = "ID list is empty! Possibly it has no correct IDs."
                return replies.error("eFetchResult", text, status=400)
        else:
            kept = self._kept(params)
            if kept is None:
                key = params.one("query_key", "1")
                return replies.error("eFetchResult", f"Unable to obtain query #{key}")
            start = params.number("retstart", 0)
            if start >= LIMIT:
                return replies.history_wall()
            stop = min(start + params.number("retmax", LIMIT), LIMIT)  # silently
            wanted = kept[start:stop]
        pieces = [self.corpus.records[p].xml for p in wanted if p in self.corpus.records]
        return Reply(body=EFETCH_HEAD.encode() + b"".join(pieces) + b"</PubmedArticleSet>")
