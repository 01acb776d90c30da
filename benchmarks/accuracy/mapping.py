"""How our values say what the label sets say: one table for each task of each set.

A table is given by our facet, our values, and the set's label for each; values that are not in a
table say nothing there. What no table can say (no value at all, a design that has no participants)
stands in the functions below.
"""

from collections.abc import Collection, Iterable, Mapping

from harvester.evidence.findings import Finding

__all__ = ["PSYNAMIC", "STUDY_TYPES", "psynamic_labels", "study_type", "values"]

# Designs without participants of their own, where PsyNamic says "Not applicable".
SECONDARY = frozenset(
    {"systematic_review", "meta_analysis", "scoping_review", "narrative_review", "comment"}
)

PSYNAMIC: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "study_type": (
        "design",
        {
            "rct": "Randomized-controlled trial (RCT)",
            "systematic_review": "Systematic review/meta-analysis",
            "meta_analysis": "Systematic review/meta-analysis",
            "scoping_review": "Systematic review/meta-analysis",
            "protocol": "Study protocol",
            "case_report": "Case report",
            "case_series": "Case series",
            "survey": "Real-world study",
            "pharmacovigilance": "Real-world study",
            "registry_analysis": "Real-world study",
            # "Qualitative Study" and "Cohort study" stand in the guideline, but its readers hardly
            # gave them: interviews and cohorts are "Real-world study" or "Other", as below.
        },
    ),
    "substances": (
        "drug",
        {
            "ketamine": "Ketamine",
            "esketamine": "S-Ketamine",
            "arketamine": "R-Ketamine",
            "mdma": "MDMA",
            "psilocybin": "Psilocybin",
            "lsd": "LSD",
            "ayahuasca": "Ayahuasca",
            "dmt": "DMT",
            "5_meo_dmt": "5-MeO-DMT",
            "ibogaine": "Ibogaine",
            "mescaline": "Mescaline",
            "salvinorin_a": "Salvinorin A",
            "psychedelic_mushrooms": "Psychedelic mushrooms",
            "psychedelics": "Unknown",
        },
    ),
    "application_form": (
        "route",
        {
            "iv": "Intravenous",
            "intranasal": "Nasal",
            "oral": "Oral",
            "sc": "Subcutaneous",
            "smoking": "Smoking",
            "sublingual": "Other",
            "im": "Other",
            "rectal": "Other",
            "epidural": "Other",
            "intrathecal": "Other",
        },
    ),
    "condition": (
        "condition",
        {
            "healthy": "Healthy Participants",
            "trd": "Depression",
            "mdd": "Depression",
            "depression": "Depression",
            "bipolar_depression": "Depression",
            "postpartum_depression": "Depression",
            "perioperative_depression": "Depression",
            "anxiety": "Anxiety",
            "ptsd": "Post-traumatic stress disorder (PTSD)",
            "pain": "(Chronic) Pain",
            "recreational_use": "Recreational Drug Use",
            "sud": "Other addictions (e.g. smoking)",
            "eating_disorder": "Anorexia",
            "ocd": "Psychiatric condition",
            "other_mental": "Psychiatric condition",
            # The guideline has no suicidality; the depression beside it is named apart.
            "suicidality": "Psychiatric condition",
            "palliative": "Palliative Setting",
        },
    ),
    "study_control": (
        "comparator",
        {
            "placebo": "Placebo",
            "vehicle": "Placebo",
            "placebo_pretreatment": "Placebo",
            **dict.fromkeys(
                (
                    "midazolam",
                    "quetiapine",
                    "aripiprazole",
                    "lithium",
                    "escitalopram",
                    "venlafaxine",
                    "fluoxetine",
                    "other_antidepressant",
                    "fentanyl",
                    "remifentanil",
                    "morphine",
                    "diphenhydramine",
                    "amphetamine",
                    "benzodiazepine",
                    "propofol",
                    "other_anaesthetic",
                    "other_drug",
                    "ascorbic_acid",
                ),
                "Active control",
            ),
            **dict.fromkeys(
                ("control_group", "waitlist", "treatment_as_usual", "psychotherapy", "ect", "rtms"),
                "Other control",
            ),
            "none": "Non-controlled",
        },
    ),
    "age_of_participants": (
        "population",
        {
            "adults": "Adult (≥18 years)",
            "older_adults": "Adult (≥18 years)",
            "adolescents": "Pediatric (< 18 years old)",
            "children": "Pediatric (< 18 years old)",
        },
    ),
}

# The 14 study types of StudyTypeTeller in the nine classes that our designs tell apart.
STUDY_TYPES: Mapping[str, str] = {
    "Human-RCT-drug-intervention": "rct",
    "Human-RCT-non-drug-intervention": "rct",
    "Human-RCT-non-intervention": "rct",
    "Human-non-RCT-drug-intervention": "other_human_trial",
    "Human-non-RCT-non-drug-intervention": "other_human_trial",
    "Human-case-report": "case_report",
    "Human-systematic-review": "systematic_review",
    "Non-systematic-review": "narrative_review",
    "Clinical-study-protocol": "protocol",
    "Animal-drug-intervention": "animal",
    "Animal-non-drug-intervention": "animal",
    "Animal-other": "animal",
    "In-vitro-study": "in_vitro",
    "Remaining": "remaining",
}
_OUR_STUDY_TYPES: Mapping[str, str] = {
    "rct": "rct",
    "open_label_trial": "other_human_trial",
    "clinical_other": "other_human_trial",
    "case_report": "case_report",
    "systematic_review": "systematic_review",
    "meta_analysis": "systematic_review",
    "scoping_review": "systematic_review",
    "narrative_review": "narrative_review",
    "comment": "narrative_review",
    "guideline": "narrative_review",
    "protocol": "protocol",
    "preclinical_in_vivo": "animal",
    "in_vitro": "in_vitro",
}

_BINS = ((20, "1-20"), (40, "21-40"), (60, "41-60"), (80, "61-80"), (100, "81-100"))
_MORE = ((199, "100-199"), (499, "200-499"), (999, "500-999"))


def values(findings: Iterable[Finding], facet: str) -> list[str]:
    """Our values of a facet."""
    return [finding.value for finding in findings if finding.facet == facet]


def psynamic_labels(findings: Collection[Finding], task: str) -> set[str]:
    """What we say, in PsyNamic's words."""
    designs = set(values(findings, "design"))
    if task == "number_of_participants":
        return {_participants(findings, designs)}
    if task == "study_type":
        users = "recreational_use" in values(findings, "condition")
        return {_psynamic_design(designs, set(values(findings, "design_flag")), users=users)}
    facet, table = PSYNAMIC[task]
    found = {table[value] for value in values(findings, facet) if value in table}
    if task == "application_form" and designs & SECONDARY:
        # PsyNamic's readers gave a review a route only where its title names one.
        titled = [f for f in findings if f.source == "title"]
        found = {table[value] for value in values(titled, facet) if value in table}
    if task == "age_of_participants":
        return _ages(findings, found, designs)
    if task == "condition":
        return _conditions(found, findings)
    if task == "substances":
        together = values(findings, "combination")
        return (found | {"Combination Therapy"} if together else found) or {"Unknown"}
    if task == "study_control":
        # To PsyNamic's readers a review has no control of its own, a study that compares nothing
        # but doses is not controlled, and placebo is the control of a trial with more arms.
        if designs & SECONDARY:
            return {"Not applicable"}
        return ({"Placebo"} if "Placebo" in found else found) or {"Non-controlled"}
    if found:
        return found
    return {"Not applicable" if designs & SECONDARY else "Unknown"}


_PSYCHIATRIC = frozenset(
    {
        "Depression",
        "Anxiety",
        "Post-traumatic stress disorder (PTSD)",
        "Other addictions (e.g. smoking)",
        "Alcoholism",
        "Anorexia",
        "Psychiatric condition",
    }
)


def _conditions(found: set[str], findings: Iterable[Finding]) -> set[str]:
    """PsyNamic names the group beside each psychiatric condition; users count as healthy."""
    alcohol = any(f.value == "sud" and f.detail.get("substance") == "alcohol" for f in findings)
    if alcohol:
        found = found - {"Other addictions (e.g. smoking)"} | {"Alcoholism"}
    more = {"Psychiatric condition"} if found & _PSYCHIATRIC else set()
    if not found or "Recreational Drug Use" in found:
        more |= {"Healthy Participants"}
    return found | more


def _ages(findings: Collection[Finding], found: set[str], designs: Collection[str]) -> set[str]:
    """PsyNamic's readers took people for adults unless the abstract says otherwise, and gave an
    age to a review when it counts the people of its studies."""
    counted = bool(values(findings, "sample_size"))
    if SECONDARY & set(designs) and not counted:
        return {"Not applicable"}
    people = counted or "human" in values(findings, "population")
    return found or {"Adult (≥18 years)" if people else "Unknown"}


def _participants(findings: Iterable[Finding], designs: Collection[str]) -> str:
    """PsyNamic's readers gave the people whom a protocol plans, and those of a review's studies
    where its abstract counts them; all groups together, controls among them. "About" counts, too.
    """
    sizes = [
        f.detail["n"]
        for f in findings
        if f.facet == "sample_size" and f.value != "animals" and "n" in f.detail
    ]
    if not sizes:
        return "Not applicable" if SECONDARY & set(designs) else "Unknown"
    n = int(sizes[0] or 0)
    return next((name for most, name in (*_BINS, *_MORE) if n <= most), "≥1000")


# Designs in which nothing is done to people, and those that count answers or cases.
_OBSERVED = frozenset(
    {"cross_sectional", "cohort_prospective", "cohort_retrospective", "qualitative", "epidemiology"}
)
_COUNTED = frozenset({"survey", "case_series"})


def _psynamic_design(designs: Collection[str], flags: set[str], *, users: bool) -> str:
    """As in PsyNamic's guideline: an RCT is one trial that says it is randomised; people who are
    asked how they live, and users, are "Real-world"; those treated, scanned or tested for it are
    "Other"."""
    table = PSYNAMIC["study_type"][1]
    design = next(iter(designs), "")
    if design == "rct" and ("randomized" not in flags or "pooled_analysis" in flags):
        return "Other"
    if design in _OBSERVED:
        asked = "self_report" in flags or (users and "tests" not in flags)
        tested = {"imaging", "treatment"} & flags
        return "Real-world study" if asked and not tested else "Other"
    return table.get(design, "Other")


def study_type(findings: Iterable[Finding]) -> str:
    """What we say, in the classes of `STUDY_TYPES`; what evaluates a treatment is a trial there,
    whether it looks forward or back."""
    findings = tuple(findings)
    flags = set(values(findings, "design_flag"))
    design = next(iter(values(findings, "design")), "")
    if design == "rct" and "randomized" not in flags:
        return "other_human_trial"
    if (design in _OBSERVED or design in _COUNTED) and "treatment" in flags:
        return "other_human_trial"
    return _OUR_STUDY_TYPES.get(design, "remaining")
