"""The one design of a study, and what else is said of how it was made.

The design is decided in the order of the field's experts: what a paper is as a publication (a
comment, a plan, a review), whom it studied (animals, cells), then how people were studied. A title
says more than an abstract; an abstract's own methods more than its opening, whose words never
count. Each step below is one such decision, with what stands in its way; where no step finds words
or a publication type, there is no finding. "Letter" says where a paper stands, not what it is: a
letter that reports a trial is that trial; one that tells of no study is a comment.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from harvester.evidence.findings import Finding
from harvester.evidence.matching import Hit
from harvester.evidence.reading import Found, Reading, best, finding, from_heading
from harvester.evidence.rules import load_facets
from harvester.evidence.study import ABSTRACT, Study, read_study, tells_aim

__all__ = ["design"]

# How groups are called that were not made by the study.
_GROUPS = ("user", "cross-sectional", "cross sectional", "case-control", "case control")
# Sentences of a title and an abstract that could have told results; in a shorter one than
# `_TELLING`, a single word of own work tells of it.
_LONG = 4
_TELLING = 7
# A plan tells of what will be done; one such sentence can stand in any paper.
_PROMISES = 2
_MANY_PROMISES = 5
# How sentences begin that tell a plan in the present tense; in a trial without results they do.
_PRESENT = (
    *("the ", "this ", "present ", "current ", "we ", "main ", "primary ", "secondary "),
    *("patients ", "participants ", "subjects ", "volunteers "),
)


Words = Sequence[Hit] | bool
Step = tuple[str, Callable[[Study], Words]]


def design(reading: Reading, found: Found) -> Iterable[Finding]:
    """The first design whose words or publication type the record has, in the order of `_STEPS`."""
    study = read_study(reading, found.get("population", ()))
    rules = load_facets()["design"].rules
    for value, step in _STEPS:
        words = step(study)
        if not words:
            continue
        if words is True:
            if heading := reading.heading(rules[value]):
                yield from_heading(rules[value], *heading)
            return
        hit = best(words)
        # Where the title is the reason, it is said what is missing.
        detail = {"basis": "tells no work of its own"} if step is _no_work else None
        yield finding(rules[value], hit.sentence, hit.start, hit.end, detail)
        return
    if study.letter and not study.own_data:
        yield from_heading(rules["comment"], "publication_type", "Letter")


# --- papers about papers ------------------------------------------------------------------------


def _title_or_type(value: str) -> Callable[[Study], Words]:
    return lambda study: study.hits(value, "title") or study.typed(value)


def _titled(value: str) -> Callable[[Study], Words]:
    return lambda study: study.hits(value, "title")


def _protocol(study: Study) -> Words:
    """A plan by its title; or by its promises, while there are no results."""
    if title := study.hits("protocol", "title"):
        return title
    promises = study.told("protocol", *ABSTRACT, "conclusions")
    firm = _sentences(h for h in promises if not h.quote.lower().startswith(_PRESENT))
    if firm >= _MANY_PROMISES:
        return promises
    short = len(study.reading.passages.sentences) <= _LONG
    enough = _sentences(promises) >= _PROMISES and (firm or study.controlled)
    if (enough or (short and firm)) and not study.results:
        return promises
    # Much that is known may be told first, with results of others; after a plan come none.
    own = [hit for hit in promises if hit.sentence.part == "text"]
    if own and study.planned and not study.results_after(min(h.sentence.index for h in own)):
        return own
    return study.typed("protocol")


def _sentences(hits: Iterable[Hit]) -> int:
    return len({hit.sentence.index for hit in hits})


def _searched(value: str) -> Callable[[Study], Words]:
    """A review by its search; not a report of a case that also looks at the literature."""

    def step(study: Study) -> Words:
        if study.typed(value):
            return study.hits(value, "title") or True
        own = study.hits("case_report", "title") or study.flags("randomized", "title")
        return () if own else study.hits(value, "aims", "methods", "text")

    return step


# What a title calls a study that also tells of the literature.
_STUDIES_BY_NAME = ("case_report", "case_series", "cohort_prospective", "cohort_retrospective")


def _review(study: Study) -> Words:
    if any(study.hits(value, "title") for value in _STUDIES_BY_NAME):
        return ()
    if title := study.hits("narrative_review", "title"):
        return title
    # PubMed also calls some studies reviews, of which the methods and results tell otherwise.
    if study.typed("narrative_review") and not (study.methods and study.counted and study.results):
        return True
    text = study.hits("narrative_review", *ABSTRACT, "conclusions")
    return () if study.results and (study.controlled or study.counted) else text


# --- animals and cells --------------------------------------------------------------------------


def _called_narrative(study: Study) -> Words:
    hits = study.hits("narrative_review", "title")
    return [hit for hit in hits if hit.quote.lower() == "narrative review"]


def _animal(study: Study) -> Words:
    """Animals and no people; of both, those that the title alone names, or else more sentences."""
    animals = study.reading.of("population", "animal")
    if "animal" not in study.kinds:
        return ()
    both = study.people and not study.only_titled("animal")
    if both and (_own_people(study) or not _outnumber(animals, study)):
        return ()
    if "in_vitro" in study.kinds and study.only_titled("in_vitro"):
        return ()
    return animals


def _own_people(study: Study) -> bool:
    """Whether people took part, and did not only give material: in the title, or in a trial."""
    if study.hits("human", "title", facet="population"):
        return True
    told = {hit.sentence.index for hit in study.hits("human", facet="population")}
    return any(hit.sentence.index in told for hit in study.controlled)


def _organoids(study: Study) -> Words:
    """They are grown of people's or animals' cells, and are neither."""
    return [h for h in study.hits("in_vitro", "title") if "organoid" in h.quote.lower()]


def _in_vitro(study: Study) -> Words:
    """Cells and no people; of several, those that the title or most sentences name."""
    cells = study.reading.of("population", "in_vitro")
    if not study.kinds:
        cells = study.told("in_vitro")
        enough = _sentences(cells) > 1 or any(hit.sentence.part == "title" for hit in cells)
        return cells if enough and study.work else ()
    if "in_vitro" not in study.kinds:
        # People are named only where it is told what they suffer from.
        own, own_cells = study.hits("human", *ABSTRACT, facet="population"), study.hits("in_vitro")
        named = own or study.hits("human", "title", facet="population") or "animal" in study.kinds
        return own_cells if not named and _sentences(own_cells) > 1 else ()
    if not study.kinds & {"human", "animal"} or study.only_titled("in_vitro"):
        return cells
    return cells if study.kinds == {"human", "in_vitro"} and _outnumber(cells, study) else ()


def _outnumber(others: Sequence[Hit], study: Study) -> bool:
    """Whether more is told of them than of people: twice as much where people are counted, who
    else only have what is studied or gave the cells."""
    people = _sentences(study.hits("human", facet="population"))
    return study.own_data and _sentences(others) > people * (2 if study.counted else 1)


# --- people -------------------------------------------------------------------------------------


def _of_people(value: str, *parts: str) -> Callable[[Study], Words]:
    return lambda study: (study.hits(value, *parts) if study.people else ()) or study.typed(value)


def _case_report(study: Study) -> Words:
    if study.typed("case_report"):
        return study.told("case_report") or True
    return () if study.controlled or study.hits("case_series") else study.told("case_report")


def _case_series(study: Study) -> Words:
    return () if study.controlled else study.hits("case_series")


def _rct(study: Study) -> Words:
    """By its words; by its publication type, which PubMed also gives to analyses of trials."""
    if study.controlled:
        looked_back = not study.randomized and _looked_back(study)
        return study.controlled if study.people and not looked_back else ()
    later = study.hits("cohort_retrospective") or study.flags("secondary_analysis")
    later = later or study.flags("pooled_analysis")
    return not later and study.typed("rct")


# How a study is called that looks back, whatever the treatment was.
_LOOKED_BACK = ("chart", "retrospective cohort", "retrospective study", "historical cohort")


def _looked_back(study: Study) -> Sequence[Hit]:
    """A retrospective study by its own name; an open-label treatment can be looked back on."""
    hits = study.hits("cohort_retrospective", "aims", "methods", "text")
    return [h for h in hits if any(name in h.quote.lower() for name in _LOOKED_BACK)]


def _looked_back_titled(study: Study) -> Words:
    """By the title, unless people were asked to look back themselves."""
    title = study.hits("cohort_retrospective", "title")
    return () if title and study.hits("survey") and not _looked_back(study) else title


def _open_label(study: Study) -> Words:
    words = (
        study.flags("open_label")
        or study.flags("single_arm")
        or (study.treatment and study.hits("open_label_trial"))
    )
    return (words if study.people else ()) or study.typed("open_label_trial")


# How a study is called that follows people as they are.
_OBSERVED = ("cohort", "observational")
_FOLLOWED = (*_OBSERVED, "longitudinal", "prospective")


def _followed(study: Study) -> Sequence[Hit]:
    """A cohort by its title; where records were looked up, only one that says prospective."""
    hits = study.hits("cohort_prospective", "title") if study.people else ()
    names = _FOLLOWED[-1:] if study.hits("cohort_retrospective") else _FOLLOWED
    return [h for h in hits if any(name in h.quote.lower() for name in names)]


def _observed(study: Study) -> Words:
    """Observed by its title, whatever was given openly."""
    return [h for h in _followed(study) if h.quote.lower().startswith(_OBSERVED)]


# With these authors count; a study that tells what people said has none.
_COUNTS = re.compile(r"\bp ?[<=>]|\b95 ?% ?(?:ci|confidence)|\bcohen|\bhedges|\bregression\b", re.I)


def _told_in_words(study: Study) -> Words:
    """What people of a trial told, where nothing else is reported."""
    words = study.hits("qualitative", *ABSTRACT)
    alone = study.people and _sentences(words) > 1
    return words if alone and not _COUNTS.search(study.reading.passages.folded) else ()


def _experiment(study: Study) -> Words:
    if not study.people or not study.own_data:
        return ()
    return study.hits("human_experimental") or study.flags("healthy_volunteers")


# Titles of papers that tell what is known, where they have no results.
_SUBJECT = re.compile(
    r"\?$|\b(?:mechanisms?|pathophysiolog\w+|management|challenges?|perspectives?|implications|"
    r"approaches|understanding|towards?|future|current|consensus|past|emerging|advances|"
    r"insights|concepts?|models of|(?:diagnosis|identification) and treatment|"
    r"the role of)\b",
    re.IGNORECASE,
)


def _no_work(study: Study) -> Words:
    """An abstract of some length without any work of its own; the title is the reason."""
    sentences = study.reading.passages.sentences
    if len(sentences) < _LONG or study.kinds & {"animal", "in_vitro"} or study.letter:
        return ()
    if not study.kinds and _sentences(study.told("in_vitro")) > 1:
        return ()
    subject = _SUBJECT.search(sentences[0].text)
    if study.own_data or (study.work and not (study.kinds and subject)):
        return ()
    if study.any_work and len(sentences) < _TELLING and not subject:
        return ()
    title = sentences[0]
    if title.part != "title":
        return ()
    return (Hit(load_facets()["design"].rules["narrative_review"], title, 0, len(title.text)),)


def _counted(study: Study) -> Words:
    """People counted; a review tells counts of others, so there must be results."""
    return study.hits("epidemiology") if "human" in study.kinds and study.results else ()


def _compared(study: Study) -> Words:
    """Groups compared as they are: users and others, cases and controls."""
    hits = study.hits("cross_sectional") if study.people else ()
    named = [hit for hit in hits if any(word in hit.quote.lower() for word in _GROUPS)]
    return named or [hit for hit in hits if hit.sentence.part == "title"]


def _economic(study: Study) -> Words:
    """Costs by title or aim; a trial may count them too."""
    hits = study.hits("economic") if study.people else ()
    return [h for h in hits if h.sentence.part in ("title", "aims") or tells_aim(h.sentence)]


def _clinical(study: Study) -> Words:
    return study.treatment if "human" in study.kinds and study.own_data else ()


_STEPS: tuple[Step, ...] = (
    ("comment", _title_or_type("comment")),
    ("protocol", _protocol),
    ("scoping_review", _title_or_type("scoping_review")),
    ("systematic_review", _titled("systematic_review")),
    ("meta_analysis", _titled("meta_analysis")),
    ("narrative_review", _called_narrative),
    ("guideline", _title_or_type("guideline")),
    ("systematic_review", _searched("systematic_review")),
    ("meta_analysis", _searched("meta_analysis")),
    (
        "registry_analysis",
        lambda study: study.hits("registry_analysis", "title", "methods", "aims", "text"),
    ),
    ("pharmacovigilance", _of_people("pharmacovigilance", "title", "methods")),
    ("narrative_review", _review),
    ("preclinical_in_vivo", _titled("preclinical_in_vivo")),
    ("in_vitro", _organoids),
    ("preclinical_in_vivo", _animal),
    ("in_vitro", _in_vitro),
    # What a title calls the study decides before what the abstract says on the way.
    ("case_series", _titled("case_series")),
    ("case_report", _titled("case_report")),
    ("qualitative", _titled("qualitative")),
    ("rct", lambda study: study.people and study.flags("randomized", "title")),
    ("qualitative", _told_in_words),
    ("open_label_trial", lambda study: study.people and study.flags("open_label", "title")),
    ("survey", _titled("survey")),
    ("cohort_retrospective", _looked_back_titled),
    ("pharmacovigilance", _of_people("pharmacovigilance", "title", "aims", "methods", "text")),
    ("economic", _economic),
    ("rct", _rct),
    ("cohort_retrospective", lambda study: study.people and _looked_back(study)),
    ("cohort_prospective", _observed),
    ("open_label_trial", _open_label),
    ("case_series", _case_series),
    ("case_report", _case_report),
    ("cohort_prospective", _followed),
    ("survey", _of_people("survey")),
    ("cohort_retrospective", _of_people("cohort_retrospective")),
    ("qualitative", _of_people("qualitative")),
    ("narrative_review", _no_work),
    ("cross_sectional", _compared),
    ("cohort_prospective", _of_people("cohort_prospective")),
    ("human_experimental", _experiment),
    ("clinical_other", _clinical),
    ("epidemiology", _counted),
    ("cross_sectional", _of_people("cross_sectional")),
    ("laboratory_method", lambda study: study.hits("laboratory_method")),
)
