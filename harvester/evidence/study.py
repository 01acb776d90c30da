"""A study as the steps of design.py ask about it: words by part, whom it studied, what it tells."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice

from harvester.evidence.expressions import Expression, compiled, searched
from harvester.evidence.findings import Finding
from harvester.evidence.matching import Hit
from harvester.evidence.passages import Sentence
from harvester.evidence.reading import Reading
from harvester.evidence.rules import load_facets

__all__ = ["ABSTRACT", "Study", "read_study", "tells_aim"]

_OWN = ("title", "aims", "methods", "text", "results")
_KINDS = ("human", "animal", "in_vitro")
ABSTRACT = ("aims", "methods", "text", "results")

# Words with which authors tell results of their own; a plan has none.
_RESULTS = compiled(
    r"\bp ?[<>=≤]|\bsignificantly\b|\brespectively\b|\b95% ?ci\b|\bmean age\b|\bregression\b|"
    r"\bour (?:data|results|findings|patients)\b|\bresults (?:showed|revealed|indicated|suggest)|"
    r"\b(?:were|was) (?:\w+ly )?(?:found|observed|measured|enrolled|recruited|compared|collected|"
    r"tested|assessed|examined|analy[sz]ed|performed|administered|included|obtained|evaluated|"
    r"associated|treated|studied|seen|used|given|higher|lower|increased|decreased|reduced|greater)\b|"
    r"\b(?:patients|subjects|participants|groups?|mice|rats) (?:had|showed|were|received)\b"
)
_RESULTS_ENOUGH = 2
# Words of work of one's own; a review, which tells of others' in the present tense, has hardly any.
_WORK = compiled(
    r"\b(?:was|were|had|did|showed|found|reported|underwent|received|revealed|developed|presented|"
    r"sample|scores?|compared|model|results)\b|\b(?:this|present|our|current|the) study\b|"
    r"\bwe (?:\w+ )?\w+ed\b|\bhere,? we\b|\bcorrelat|\bp ?[<=>]|\bn ?= ?\d|\d%|"
    r"\bwe (?:\w+ )?(?:show|find|report|present|describe|use|analy[sz]e|compare|test|examine|apply|"
    r"investigate|demonstrate|identify|estimate|observe|measure)\b|\bour (?:results|data)\b"
)
_WORK_ENOUGH = 2
_DATA = compiled(
    r"\bn ?= ?\d|\b\d+ (?:\w+ ){0,2}(?:(?:in|out)?patients|participants|subjects|people|adults|"
    r"students|workers|respondents|individuals|women|men|children|veterans|volunteers)\b"
)
_OWN_WORK = compiled(
    r"\bwe (?:\w+ )?(?:acquired|recorded|measured|recruited|enrol+ed|tested|asked|surveyed|treated|"
    r"scanned|interviewed|analy[sz]ed|collected|compared|randomi[sz]ed|found|observed|showed)\b|"
    r"\b(?:in|of) (?:this|the present|the current) study\b|\bstatistically\b|"
    r"\bhealthy (?:participants|volunteers|subjects|controls|individuals)\b"
)
# Sentences with words for treatment that make it the subject, where the title does not.
_TREATED = 3
# Words for treatment that mean many other things; alone they make none the subject.
_WEAK = frozenset(
    {"effect of", "effects of", "reduction in", "agents", "inhibitor", "inhibitors", "program"}
    | {"programme", "stimulation", "training", "beneficial", "session", "sessions", "daily"}
    | {"improved", "improvement in", "medication", "medications", "underwent"}
)
# How an opening sentence tells of the authors' own trial.
_OWN_TRIAL = compiled(
    r"^(?:\w+: )?(?:in|using) (?:a|this) |\bmethods:|\bthis (?:\w+ ){0,4}(?:study|trial)\b|"
    r"\b\d+ (?:\w+ ){0,2}(?:patients|participants|subjects|adults)\b[^.]{0,160}"
    r"\b(?:were|was) (?:then )?random|\bwe (?:then )?random|"
    r"\b(?:was|were) (?:evaluated|assessed|tested|compared|examined|challenged|studied|"
    r"investigated|measured|administered|given)\b"
)


# How authors tell what they set out to do; in a labelled abstract often at the background's end.
_AIM = compiled(
    r"\bhere(?:in)?,? we\b|\b(?:present|current) (?:study|trial|analysis|review)\b|"
    r"\bthis (?:[\w-]+ ){0,4}(?:study|trial|analysis|review|chapter|report|article|paper)\b|"
    r"\bwe (?:here |then |also |thus |therefore )?(?:aim|sought|investigat|examin|assess|evaluat|"
    r"compar|test|report|conduct|explor)|"
    r"\b(?:aim|purpose|objective|goal)s? (?:of (?:this|the|our)|was|is|were)\b"
)


def tells_aim(sentence: Sentence) -> bool:
    """Whether the authors tell in it what they set out to do."""
    return _tells_aim(sentence.searched)


@lru_cache(maxsize=64)  # asked for each word of a sentence
def _tells_aim(text: str | bytes) -> bool:
    return _AIM.search(text) is not None


@dataclass(frozen=True)
class Study:
    """What a record has of the designs' words, and whom it studied."""

    reading: Reading
    kinds: frozenset[str]

    def hits(self, value: str, *parts: str, facet: str = "design") -> tuple[Hit, ...]:
        """Words of a design in these parts; never those of an opening."""
        hits = self.reading.of(facet, value)
        if not hits:  # as for most of the many values that are asked for
            return hits
        wanted = parts or _OWN
        aims = "aims" in wanted
        return tuple(
            [
                hit
                for hit in hits
                if ((part := hit.sentence.part) in wanted and not hit.sentence.opening)
                or (aims and part == "background" and tells_aim(hit.sentence))
            ]
        )

    def told(self, value: str, *parts: str) -> tuple[Hit, ...]:
        """Words of a design in these parts; of an opening too, as nobody else's are told so."""
        wanted = parts or _OWN
        return tuple(h for h in self.reading.of("design", value) if h.sentence.part in wanted)

    def flags(self, value: str, *parts: str) -> tuple[Hit, ...]:
        """Words of a detail, likewise."""
        return self.hits(value, *parts, facet="design_flag")

    def typed(self, value: str) -> bool:
        """Whether PubMed's publication types say so."""
        return self.reading.heading(load_facets()["design"].rules[value]) is not None

    @property
    def letter(self) -> bool:
        """Whether NLM says that it is a letter."""
        return any(kind.name == "Letter" for kind in self.reading.article.publication_types)

    @property
    def people(self) -> bool:
        return "human" in self.kinds or not self.kinds

    def only_titled(self, kind: str) -> bool:
        """Whether the title names this kind of subject, and no other."""
        return [k for k in _KINDS if self.hits(k, "title", facet="population")] == [kind]

    @cached_property
    def results(self) -> bool:
        """Whether the authors tell results of their own."""
        return self._tells(_RESULTS, _RESULTS_ENOUGH)

    @cached_property
    def work(self) -> bool:
        """Whether the authors tell of work of their own."""
        return self._tells(_WORK, _WORK_ENOUGH)

    @property
    def any_work(self) -> bool:
        """Whether a word of theirs, even one alone, is of work of their own."""
        return self._tells(_WORK, 1)

    def results_after(self, index: int) -> bool:
        """Whether they tell results after the sentence."""
        passages = self.reading.passages
        rest = passages.folded[passages.starts[index] + len(passages.sentences[index].text) :]
        return bool(_RESULTS.search(rest.encode()))

    @property
    def methods(self) -> bool:
        """Whether a part of the abstract tells the methods."""
        return any(one.part == "methods" for one in self.reading.passages.sentences)

    @property
    def counted(self) -> bool:
        """Whether people are counted."""
        return bool(_DATA.search(self.reading.passages.folded.encode()))

    @property
    def own_data(self) -> bool:
        """Whether the authors tell results, or how they worked and with how many."""
        passages = self.reading.passages
        parts = {"methods", "results"} & {sentence.part for sentence in passages.sentences}
        return bool(self.results or parts or self.counted or self._tells(_OWN_WORK, 1))

    @property
    def planned(self) -> bool:
        """Whether people are told of and a controlled experiment, even in an opening."""
        flags = ("double_blind", "crossover")
        told = any(self.reading.of("design_flag", flag) for flag in flags)
        return self.people and (told or bool(self.reading.of("design", "rct")))

    def _tells(self, words: Expression, enough: int) -> bool:
        passages = self.reading.passages
        abstract = passages.folded[passages.starts[1] :] if len(passages.starts) > 1 else ""
        return sum(1 for _ in islice(words.finditer(abstract.encode()), enough)) == enough

    @cached_property
    def randomized(self) -> tuple[Hit, ...]:
        """Words of the authors' own random allocation; some begin an abstract with it."""
        hits = self.reading.of("design_flag", "randomized")
        return self.flags("randomized") or tuple(
            h for h in hits if _OWN_TRIAL.search(searched(h.sentence.text))
        )

    @cached_property
    def controlled(self) -> tuple[Hit, ...]:
        """Words of a controlled experiment; that it was randomised comes first."""
        return (
            self.randomized
            or self.hits("rct")
            or self.flags("double_blind")
            or tuple(hit for hit in self.flags("crossover") if "cross" in hit.quote.lower())
        )

    @cached_property
    def treatment(self) -> tuple[Hit, ...]:
        """Words for the effects of a treatment, where it is the subject."""
        title = self.hits("clinical_other", "title")
        text = self.flags("treatment", *ABSTRACT, "conclusions")
        if len({hit.sentence.index for hit in text}) < (1 if title else _TREATED):
            return ()
        if not title and all(hit.quote.lower() in _WEAK for hit in text):
            return ()
        # The longest words say most: "treated with" more than "dose".
        return title or (max(text, key=lambda hit: hit.end - hit.start),)


def read_study(reading: Reading, population: Iterable[Finding]) -> Study:
    """The study, given whom or what it studied."""
    return Study(reading, frozenset(finding.value for finding in population))
