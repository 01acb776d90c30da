"""The utilities themselves: parameters in, a reply out."""

import itertools
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from xml.sax.saxutils import escape

from . import replies, summaries
from .corpus import Corpus
from .replies import Reply
from .terms import Found, Index

__all__ = ["LIMIT", "Params", "Service"]

LIMIT = replies.LAST + 1  # PubMed gives out the first 9,999 records of any set
MOST_SUMMARIES = 500  # in JSON
NOT_ASCII = re.compile("[^\x00-\x7f]")
DATE = re.compile(r"\d{4}(/\d{1,2}(/\d{1,2})?)?")
DATE_TYPES = {
    "edat": "Date - Entry",
    "pdat": "Date - Publication",
    "mdat": "Date - Modification",
    "crdt": "Date - Create",
}
NO_IDS = "ID list is empty! Possibly it has no correct IDs."


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
        """`id=1&id=2` and `id=1,2` are the same, but for elink."""
        return [i.strip() for value in self.get("id", []) for i in value.split(",") if i.strip()]


@dataclass(slots=True)
class Service:
    """PubMed behind E-utilities: a corpus, its searches, and the history server.

    A set of the history server lives `history_seconds`, for ever without; `dtd` is the version
    that efetch declares.
    """

    corpus: Corpus
    history_seconds: float | None = None
    dtd: str = "250101"
    clock: Callable[[], float] = time.monotonic
    index: Index = field(init=False)
    _history: dict[str, tuple[float, list[list[int]]]] = field(default_factory=dict)
    _counter: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.index = Index(self.corpus)

    def answer(self, utility: str, params: Params) -> Reply:
        known = {
            "einfo": self.einfo,
            "esearch": self.esearch,
            "epost": self.epost,
            "esummary": self.esummary,
            "efetch": self.efetch,
            "elink": self.elink,
        }
        if utility not in known:
            return replies.page(404, "Not found")
        if utility != "einfo":
            name = params.one("dbfrom" if utility == "elink" else "db")
            if not name:
                text = b"Mandatory parameter: db - is omitted"
                return Reply(body=text, type=replies.TEXT, status=400)
            if name != "pubmed":
                return self._wrong_database(utility, name, params)
        return known[utility](params)

    def _wrong_database(self, utility: str, name: str, params: Params) -> Reply:
        text = f"Invalid db name specified: {name}"
        if params.one("retmode") == "json":
            header = replies.header(utility)
            return replies.json_reply({"header": header, f"{utility}result": {"ERROR": text}})
        roots = {name.lower(): name for name in replies.DOCTYPES}
        return replies.error(roots[f"{utility}result"], text)

    # History -----------------------------------------------------------------------------------

    def forget_history(self) -> None:
        """Every set kept on the server expires now."""
        self._history.clear()

    def _keep(self, ids: Iterable[int], web_env: str) -> tuple[int, str]:
        if web_env not in self._history:
            web_env = f"MCID_{next(self._counter):024x}"
            self._history[web_env] = (self.clock(), [])
        sets = self._history[web_env][1]
        sets.append(list(ids))
        return len(sets), web_env

    def _sets(self, params: Params) -> list[list[int]]:
        made, sets = self._history.get(params.one("WebEnv"), (0.0, []))
        expired = self.history_seconds is not None and self.clock() - made > self.history_seconds
        return [] if expired else sets

    def _kept(self, params: Params) -> list[int] | None:
        sets = self._sets(params)
        key = params.number("query_key", 0)
        return sets[key - 1] if 1 <= key <= len(sets) else None

    # einfo, esearch, epost ---------------------------------------------------------------------

    def einfo(self, params: Params) -> Reply:
        name = params.one("db")
        as_json = params.one("retmode") == "json"
        if name == "pubmed":
            return replies.einfo(len(self.corpus), self.corpus.today, as_json=as_json)
        if not name:
            return replies.databases(as_json=as_json)
        text = f"Can not retrieve DbInfo for db={name}"
        if as_json:
            header = replies.header("einfo")
            return replies.json_reply({"header": header, "einforesult": {"ERROR": text}})
        return replies.error("eInfoResult", text)

    def esearch(self, params: Params) -> Reply:
        as_json = params.one("retmode") == "json"
        start = params.number("retstart", 0)
        asked = params.number("retmax", 20)
        term = self._term(params)
        if not term:
            return replies.error("eSearchResult", "Empty term and query_key - nothing todo")
        if start >= LIMIT:
            return replies.wall(as_json=as_json)
        found = self.index.search(term, self._sets(params))
        if params.one("rettype") == "count":
            return replies.count(len(found.pmids), as_json=as_json)
        if start + asked > LIMIT:
            asked = LIMIT - start
            found.warnings.messages.append(
                f"Restrictions achieved. start and count adjusted to {start}, {asked}"
            )
        ordered = self._sorted(found, params.one("sort"))
        history = None
        if params.one("usehistory") == "y":
            history = self._keep(ordered, params.one("WebEnv"))
        write = replies.esearch_json if as_json else replies.esearch_xml
        return write(
            count=len(ordered),
            start=start,
            ids=ordered[start : start + asked],
            translation=found.translation,
            history=history,
            warnings=found.warnings,
        )

    def _term(self, params: Params) -> str:
        """The term with the other conditions of the request written into it."""
        term = params.one("term").strip()
        key = params.one("query_key")
        if key.isdigit() and params.one("WebEnv"):
            term = f"({term}) AND #{key}" if term else f"#{key}"
        name = DATE_TYPES.get(params.one("datetype", "pdat"))
        low, high = params.one("mindate"), params.one("maxdate")
        if params.one("reldate").isdigit():
            first = self.corpus.today - timedelta(days=params.number("reldate", 0))
            low, high = f"{first:%Y/%m/%d}", f"{self.corpus.today:%Y/%m/%d}"
        if term and name and DATE.fullmatch(low) and DATE.fullmatch(high):
            term = f"({term}) AND {low}:{high}[{name}]"
        return term

    def _sorted(self, found: Found, sort: str) -> Sequence[int]:
        if sort != "pub_date":
            return found.pmids
        records = self.corpus.records
        return sorted(found.pmids, key=lambda p: (records[p].dates["pdat"], p), reverse=True)

    def epost(self, params: Params) -> Reply:
        """Keeps the order, and whatever looks like a number: nobody asks whether it exists."""
        ids = [int(i) for i in params.ids if i.isdecimal()]
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

    # efetch, esummary, elink -------------------------------------------------------------------

    def efetch(self, params: Params) -> Reply:
        as_text = params.one("retmode") == "text"
        wanted = self._wanted(params, as_text=as_text)
        if isinstance(wanted, Reply):
            return wanted
        records = [self.corpus.records[p] for p in wanted if p in self.corpus.records]
        kind = params.one("rettype")
        if kind == "uilist":
            return summaries.uilist([record.pmid for record in records], as_text=as_text)
        if as_text and kind in ("medline", "abstract"):
            write = summaries.medline if kind == "medline" else summaries.citation
            articles = [record.own_article for record in records]
            body = "".join(f"\n{write(article)}" for article in articles)
            return Reply(body=body.encode(), type=replies.TEXT)
        body = "".join(_referenced(record.xml) for record in records)
        return Reply(body=f"{replies.efetch_head(self.dtd)}{body}</PubmedArticleSet>".encode())

    def _wanted(self, params: Params, *, as_text: bool) -> list[int] | Reply:
        """The PMIDs that efetch delivers, in the order asked, each once."""
        if "id" in params:
            if not "".join(params["id"]).strip():
                return replies.error("eFetchResult", "Supplied id parameter is empty.")
            asked = [1 if i == "-1" else int(i) for i in params.ids if re.fullmatch(r"\d+|-1", i)]
            wanted = [pmid for pmid in dict.fromkeys(asked) if pmid]
            if wanted:
                return wanted
            if as_text:
                body = NO_IDS.replace(" ", "+").encode()
                return Reply(body=body, type=replies.TEXT, status=400)
            return replies.error("eFetchResult", NO_IDS, status=400)
        kept = self._kept(params)
        if kept is None:
            key = params.one("query_key", "1")
            return replies.error("eFetchResult", f"Unable to obtain query #{key}")
        start = params.number("retstart", 0)
        if start >= LIMIT:
            return replies.history_wall()
        return kept[start : min(start + params.number("retmax", LIMIT), LIMIT)]  # silently

    def esummary(self, params: Params) -> Reply:
        as_json = params.one("retmode") == "json"
        ids: list[str] = params.ids
        if "id" not in params:
            kept = self._kept(params)
            if kept is None:
                text = "Neither query_key nor id specified"
                if "WebEnv" in params:
                    text = f"Unable to obtain query #{params.one('query_key', '1')}"
                return replies.error("eSummaryResult", text)
            start = params.number("retstart", 0)
            ids = [str(pmid) for pmid in kept[start : start + params.number("retmax", LIMIT)]]
        wrong = next((at for at, i in enumerate(ids) if not i.isdecimal()), None)
        if wrong is not None:
            text = f"Invalid uid {ids[wrong]} at position= {wrong}"
            if as_json:
                return replies.json_reply({"header": replies.header("esummary"), "error": text})
            return replies.error("eSummaryResult", text)
        if as_json and len(ids) > MOST_SUMMARIES:
            text = (
                "Too many UIDs in request. Maximum number of UIDs is "
                f"{MOST_SUMMARIES} for JSON format output."
            )
            return replies.json_reply({"header": replies.header("esummary"), "error": text})
        found = {
            int(i): record.own_article
            for i in ids
            if (record := self.corpus.records.get(int(i))) is not None
        }
        numbers = list(dict.fromkeys(int(i) for i in ids))
        if as_json:
            return summaries.as_json(numbers, found)
        if params.one("version") == "2.0":
            return summaries.version_2(numbers, found)
        return summaries.version_1(numbers, found)

    def elink(self, params: Params) -> Reply:
        """Neighbours within PubMed, as far as a corpus knows any: each record is its own.

        `id=1&id=2` makes one LinkSet for each, `id=1,2` one for all.
        """
        sets = [
            [int(i) for i in value.split(",") if i.strip().isdecimal()]
            for value in params.get("id", [])
        ]
        sets = [ids for ids in sets if ids]
        if not sets:
            text = "Empty list of IDs in the request"
            inner = f"\n  <LinkSet>\n<ERROR>{text}</ERROR>\n</LinkSet>\n"
            return Reply(body=replies.document("eLinkResult", inner))
        linked = [(ids, [pmid for pmid in ids if pmid in self.corpus.records]) for ids in sets]
        if params.one("retmode") == "json":
            return summaries.links_json(linked)
        return summaries.links_xml(linked)


def _referenced(xml: bytes) -> str:
    """efetch sends ASCII: every other character comes as a hexadecimal reference."""
    text = xml.decode()
    return text if text.isascii() else NOT_ASCII.sub(lambda c: f"&#x{ord(c[0]):x};", text)
