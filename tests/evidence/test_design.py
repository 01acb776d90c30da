"""The one design of a study, with the traps that its words set, and what is told beside it."""

import pytest

from harvester.evidence.derivation import findings_of
from harvester.evidence.findings import Finding
from harvester.pubmed.records import Article, Journal, PublicationType
from tests.evidence.records import record


def said(article: Article, facet: str = "design") -> list[Finding]:
    return [finding for finding in findings_of(article) if finding.facet == facet]


def design(title: str, *abstract: str | tuple[str, str], **more: object) -> str | None:
    found = said(record(title, *abstract, **more))
    assert len(found) <= 1, "a study has one design"
    return found[0].value if found else None


def types(*names: str) -> tuple[PublicationType, ...]:
    return tuple(PublicationType(name=name) for name in names)


FOLLOWED = "Twenty patients were followed for a year. Mood was measured weekly."


@pytest.mark.parametrize(
    ("title", "abstract", "expected"),
    [
        # Words of trials stand in reviews, comments and plans.
        (
            "Ketamine for depression: a review",
            "Randomized trials were found. This review discusses them.",
            "narrative_review",
        ),
        (
            "Comment on “Ketamine: a randomized trial”",
            "The patients were randomly assigned.",
            "comment",
        ),
        (
            "Ketamine for pain",
            "Sixty patients will be randomized. They will receive ketamine or saline.",
            "protocol",
        ),
        ("Ketamine for pain: study protocol for a randomized trial", "", "protocol"),
        # A study that will be is no study that was.
        (
            "Ketamine for pain",
            "Sixty patients were randomized to ketamine or saline. Pain was significantly lower. "
            "Long-term effects will be assessed. Further patients will receive ketamine.",
            "rct",
        ),
        ("Ketamine for pain", "PRIMARY OUTCOME: Pain. INCLUSION CRITERIA: Adults.", "protocol"),
        # A trial and a meta-analysis in one title: what sums up others decides.
        (
            "Ketamine for depression: a randomized trial and meta-analysis",
            "Patients were randomly assigned.",
            "meta_analysis",
        ),
        # Response to a drug is no response to a letter.
        (
            "Efficacy of, and antidepressant response to ketamine",
            "Patients were treated with ketamine. Mood improved significantly (p < 0.01).",
            "clinical_other",
        ),
        # Trials that somebody should do, or somebody else did.
        (
            "Ketamine at a clinic",
            "Charts of 20 patients were reviewed in this retrospective study. "
            "Larger, randomized, controlled trials are needed.",
            "cohort_retrospective",
        ),
        (
            "Ketamine and rehospitalisation",
            "We emulated a randomized trial in health records of 900 patients.",
            "cohort_retrospective",
        ),
        # Animals, however well randomised.
        (
            "Ketamine in sheep: a randomized blinded crossover study",
            "Eight sheep were given ketamine or placebo.",
            "preclinical_in_vivo",
        ),
        (
            "A preclinical randomized controlled trial of ketamine",
            "Rats were randomly assigned to ketamine or saline.",
            "preclinical_in_vivo",
        ),
        # Grown of people's cells, and no people.
        (
            "Cerebral organoids of patients with depression",
            "Organoids were cultured from patients' cells. Ketamine was added.",
            "in_vitro",
        ),
        # Open-label and yet randomised.
        (
            "Ketamine and convulsive therapy",
            "In this open-label trial, patients were randomly assigned to either.",
            "rct",
        ),
        (
            "Ketamine in late life: an open-label study",
            "Twenty patients received ketamine. Double-blind trials had found an effect.",
            "open_label_trial",
        ),
        ("Cystitis after ketamine: a case report", "A patient had dysuria.", "case_report"),
        ("Cystitis after ketamine", "We report three patients with dysuria.", "case_series"),
        ("Cystitis after ketamine", "We present a 34-year-old woman with dysuria.", "case_report"),
        (
            "Ketamine: an overview of case reports",
            "Several case reports suggest harm. Their lessons are discussed.",
            "narrative_review",
        ),
        (
            "Harms of ketamine",
            "Reports in FAERS were analysed for disproportionality in patients.",
            "pharmacovigilance",
        ),
        (
            "Trends of trials",
            "Trials registered at ClinicalTrials.gov were counted.",
            "registry_analysis",
        ),
        (
            "Ketamine users",
            "We did an online survey among people who use drugs. 300 answered.",
            "survey",
        ),
        (
            "Depression",
            "We searched PubMed and Embase for studies of patients.",
            "systematic_review",
        ),
        (
            "Memory under ketamine",
            "Twelve healthy volunteers were given ketamine and saline. Recall was lower.",
            "human_experimental",
        ),
        # Nobody's own work: a review that does not call itself one.
        (
            "Mood and its treatment",
            "Mood is hard to treat. Drugs may help. Their use is growing. Doctors should know.",
            "narrative_review",
        ),
        (
            "Psychiatric illness: current mechanisms and challenges",
            "Mood of patients is hard to treat. It was thought to be one illness. It had many "
            "names. Now it has others. This was reported before.",
            "narrative_review",
        ),
        (
            "Depression now: a narrative review",
            "We searched PubMed and Embase for studies of patients.",
            "narrative_review",
        ),
        # Told in the present, with a plan at the end and no results after it.
        (
            "Effects of a drug in volunteers",
            "The drug is used widely. Its effects were found to be strong. Harm was observed in "
            "users. Mood was lower. Therefore, the present study compares both doses in a "
            "double-blind, crossover design in healthy people.",
            "protocol",
        ),
        ("The trial of walking for bone health: Trial Design and Methods", "", "protocol"),
        ("Design and methodology of the first open-label trial of a drug", "", "protocol"),
        # People of a trial who are asked what it was like.
        (
            "What patients say of ketamine: a qualitative study",
            "Eleven patients of a randomized trial were interviewed.",
            "qualitative",
        ),
        # A scale by the name of a survey; and placebo without the word controlled.
        (
            "Values after a drug",
            "Forty participants received the drug (n = 20) or placebo (n = 20). The Schwartz Value "
            "Survey was used.",
            "rct",
        ),
        # Blinding, trials and samples of others.
        (
            "Drugs come and go",
            "The role of double-blinding is unclear. Randomized controlled trials demonstrated "
            "effects. A randomised stratified sampling is used. They differ.",
            "narrative_review",
        ),
        ("Arketamine: presentation of 3 cases", "Mood improved.", "case_series"),
        (
            "Trials of a drug on ClinicalTrials.gov: an analysis",
            "Two trials were double-blind in patients.",
            "registry_analysis",
        ),
        (
            "Memory of drug users: an observational study",
            "Given the growing literature on memory, we tested 24 users.",
            "cohort_prospective",
        ),
        # The name of a drug, by its stem.
        (
            "Amantadine in Parkinson's disease",
            "Twenty patients were treated with amantadine. Movement improved (p < 0.01). "
            "Adverse events were found in two.",
            "clinical_other",
        ),
        # People are named only as those who have the disease.
        (
            "A protein fragment reduces cytotoxicity",
            "Patients have inclusions. Their origin is unknown. We tagged the protein. Plasmids "
            "were used. Cell death was lower.",
            "in_vitro",
        ),
        # A treatment that is looked back on is no trial, however open it was.
        (
            "Two treatments of depressive episodes",
            "This retrospective chart review of open-label treatment compared 90 patients who "
            "received ketamine with 50 who had convulsive therapy. Scores were lower in both.",
            "cohort_retrospective",
        ),
        # A cohort that answers surveys.
        (
            "A drug in older adults: a prospective cohort study",
            "Sixty people completed surveys before and four weeks after a session.",
            "cohort_prospective",
        ),
        # Of mice and patients, who gave what the mice received.
        (
            "Gut bacteria and social fear",
            "We gave the bacteria of patients or of healthy controls to mice. Mice with those of "
            "patients were more fearful. The mice were otherwise alike.",
            "preclinical_in_vivo",
        ),
        # Of patients and rats, where the patients were in a trial, and where the title has both.
        (
            "Ketamine and helpfulness: a translational study",
            "Patients with depression were treated in a randomized, placebo-controlled study. "
            "Rats were tested in a maze. Scores of the patients improved. The rats that had "
            "ketamine helped other rats. Control rats did not. The brains of the rats were alike.",
            "rct",
        ),
        (
            "A drug in the blood of humans and of mice",
            "Healthy volunteers received ketamine and gave blood. Mice received it too. The mice "
            "had more of it. In mice it was gone in an hour. The mice slept.",
            "human_experimental",
        ),
        # A trial for which this one prepares.
        (
            "Intranasal ketamine in suicidal crises",
            "As preparation for a subsequent double-blind randomized placebo-controlled trial, "
            "12 patients received a single open-label dose of ketamine.",
            "open_label_trial",
        ),
        # A study that stands on a trial's data is what it calls itself.
        (
            "Cost-per-remitter of two drugs",
            "Costs were modelled using data from a phase 3 clinical trial of 600 adults.",
            "economic",
        ),
        # Nothing was done in a review of animals, whatever they are called.
        (
            "Arketamine: a promise",
            "The drug works in animal models. It is less sedating in rodents. Animal models of "
            "pain say the same. Studies in humans are under way.",
            None,
        ),
        # What people of a trial said of it, and nothing else of the trial.
        (
            "Music in a randomized trial",
            "Data were analysed by theme.",
            "rct",
        ),
        (
            "The part of music in a therapy",
            "Thirteen participants of a randomized controlled trial told of the music in "
            "semi-structured interviews. Thematic analysis was used. Four themes emerged.",
            "qualitative",
        ),
        # Observed by its title, although it was given openly.
        (
            "Acute effects of a stimulant: a naturalistic observational study",
            "In this non-controlled, open-label study 30 users took the drug themselves.",
            "cohort_prospective",
        ),
        # Records were looked up for it.
        (
            "Injury among children: a population-based cohort study",
            "We used administrative data of 900 families. Injury was more frequent.",
            "cohort_retrospective",
        ),
        # One order after the other in one person is no random allocation.
        (
            "Reaction time and the cortex",
            "Twenty-eight patients did four tasks in a within-subject design.",
            None,
        ),
        # Papers about papers are no therapy.
        (
            "Publications on ketamine: a bibliometric analysis",
            "We analysed 4,274 publications with CiteSpace. Therapy was a hotspot.",
            "narrative_review",
        ),
        # Words that mean many things make no treatment the subject.
        (
            "Quality of brain images",
            "We tested the effects of editing in 259 participants. The effects of the program "
            "were small. A reduction in error was found. Training was short.",
            None,
        ),
        # A colon ends what the words before it mean.
        (
            "Changes in most patients from a clinic: a randomized trial",
            "Sixty patients were treated.",
            "rct",
        ),
        (
            "Ayahuasca for grief: a non-randomized clinical trial",
            "Eighty-four adults were treated.",
            "open_label_trial",
        ),
        # On data of a trial: costs, and whatever else was asked of them.
        (
            "Impact of access to ketamine",
            "This study estimated the economic impact of ketamine. A model was made with "
            "parameters from a randomized trial of 400 patients.",
            "economic",
        ),
        (
            "Substance use and symptoms: a longitudinal analysis",
            "Using data from a randomized controlled trial of 300 people, we tested whether use "
            "predicted symptoms a year later.",
            "cohort_prospective",
        ),
        # Authors compare what they found with the literature.
        (
            "Sleep and ketamine",
            "We studied the sleep of 28 inpatients in a naturalistic study. It was unchanged "
            "(p = 0.4). This is in line with current literature.",
            "cohort_prospective",
        ),
        # Nobody was experimented with to tell what a placebo should be.
        (
            "Active placebos for psychedelics",
            "Weak blinding limits trials. Here, we aimed to describe candidates. An ideal placebo "
            "has acute effects. Several drugs may have potential.",
            None,
        ),
        (
            "What orthodontists know of surgery",
            "A questionnaire was sent to 1615 members. 233 filled it out.",
            "survey",
        ),
        # People who look back in a survey, and what they wrote in a forum.
        (
            "Altered states in users: a retrospective study",
            "A retrospective online survey of 804 users was conducted.",
            "survey",
        ),
        (
            "Gender in experiences with LSD: a subreddit analysis",
            "In this retrospective observational study, 94 posts were coded.",
            "qualitative",
        ),
        # A disease in a soil is epidemiology only of people.
        (
            "Drugs in wastewater",
            "Samples were collected. Nine drugs were found and measured in sediment.",
            None,
        ),
        # The name of a scanner is no guideline for reviews.
        (
            "Cortical thickness and awareness",
            "Twenty-seven people with dementia were scanned on a Siemens Prisma. Awareness was "
            "associated with thickness (p < 0.01).",
            None,
        ),
        # A short abstract that tells of own work, in however few words.
        (
            "A questionnaire of self esteem",
            "A questionnaire has been built of eight parts. Each has a meaning. Each may predict "
            "more than a whole. Reliability is given for a sample.",
            None,
        ),
        # A title alone says nothing of how it was done.
        ("Ketamine in depression", "", None),
    ],
)
def test_traps(title: str, abstract: str, expected: str | None) -> None:
    assert design(title, abstract) == expected


def test_an_aim_at_the_end_of_a_background_names_the_design() -> None:
    found = said(
        record(
            "Stress and response to a drug",
            ("BACKGROUND", "Stress is common. This historical cohort study examined stress."),
            ("METHODS", "Adults who received the drug were included. Scores were rated."),
        )
    )
    assert [one.value for one in found] == ["cohort_retrospective"]


def test_publication_types_count_where_words_are_missing() -> None:
    assert design("Ketamine", FOLLOWED, publication_types=types("Review")) == "narrative_review"
    assert design("Ketamine", FOLLOWED, publication_types=types("Case Reports")) == "case_report"
    assert (
        design("Ketamine", FOLLOWED, publication_types=types("Randomized Controlled Trial"))
        == "rct"
    )


def test_a_study_that_pubmed_calls_a_review_is_a_study() -> None:
    found = said(
        record(
            "Quality of life after convulsive therapy",
            ("METHODS", "Seventy-nine people were enrolled in this prospective cohort study."),
            ("RESULTS", "49 patients were followed. It improved significantly (p < 0.01)."),
            publication_types=types("Review"),
        )
    )
    assert [one.value for one in found] == ["cohort_prospective"]


def test_a_publication_type_does_not_make_a_secondary_analysis_a_trial() -> None:
    assert (
        design(
            "Sleep and ketamine",
            "In this retrospective study we pooled data of patients from two studies.",
            publication_types=types("Randomized Controlled Trial"),
        )
        == "cohort_retrospective"
    )


def test_a_letter_that_reports_a_study_is_that_study() -> None:
    letter = {"publication_types": types("Letter", "Journal Article")}
    trial = "Sixty patients were randomly assigned to ketamine or midazolam. Mood was better."
    assert design("Ketamine or midazolam", trial, **letter) == "rct"
    assert design("Ketamine after a stroke", "We report a 60-year-old woman.", **letter) == (
        "case_report"
    )
    assert design("Ketamine or midazolam: a randomized trial", **letter) == "rct"


def test_a_letter_without_a_study_is_a_comment() -> None:
    letter = {"publication_types": types("Letter")}
    found = said(record("Ketamine: what next?", **letter))
    assert [(f.value, f.source, f.quote) for f in found] == [
        ("comment", "publication_type", "Letter")
    ]
    assert design("Ketamine for mood: a study on 82 patients", **letter) != "comment"
    opinion = "Mood is hard to treat. Drugs may help. Their use is growing. Doctors should know."
    assert design("Mood and its treatment", opinion, **letter) == "comment"


def test_the_words_shown_are_those_that_decided() -> None:
    [found] = said(
        record(
            "Ketamine in depression",
            ("BACKGROUND", "Open-label studies were promising."),
            ("METHODS", "Forty patients were randomly assigned to ketamine or midazolam."),
        )
    )
    assert (found.value, found.quote, found.section) == ("rct", "randomly assigned", "METHODS")


def test_a_review_that_does_not_say_so_says_why_it_is_taken_for_one() -> None:
    abstract = "Mood is hard to treat. Drugs may help. Their use is growing. Doctors should know."
    [found] = said(record("Mood and its treatment", abstract))
    assert (found.quote, found.detail) == (
        "Mood and its treatment",
        {"basis": "tells no work of its own"},
    )


def flags(title: str, *abstract: str, **more: object) -> set[str]:
    return {finding.value for finding in said(record(title, *abstract, **more), "design_flag")}


def test_details_are_told_beside_the_design() -> None:
    found = flags(
        "Ketamine for pain: a multicentre phase 3 non-inferiority trial",
        "This is a secondary analysis of an open-label, randomized trial. "
        "Patients were treated with ketamine.",
    )
    assert found == {
        "randomized",
        "open_label",
        "noninferiority",
        "multicentre",
        "phase3",
        "secondary_analysis",
        "treatment",
    }


def test_pooled_data_are_told() -> None:
    assert "pooled_analysis" in flags(
        "Ketamine and sleep", "Data of 80 patients were pooled from three randomized trials."
    )


def test_details_of_other_studies_are_not_those_of_a_review() -> None:
    assert not flags("Ketamine: a review", "Phase 3 randomized trials were double-blind.")


def test_a_preprint_is_told_whatever_it_is() -> None:
    assert "preprint" in flags("Ketamine: a review", publication_types=types("Preprint"))


@pytest.mark.parametrize(
    ("journal", "flag"),
    [
        ("medRxiv : the preprint server for health sciences", "preprint"),
        ("The Cochrane database of systematic reviews", "cochrane"),
    ],
)
def test_a_journal_can_say_what_a_paper_is(journal: str, flag: str) -> None:
    article = record("Ketamine: a review", journal=Journal(title=journal))
    [found] = said(article, "design_flag")
    assert (found.value, found.source, found.quote) == (flag, "journal", journal)


def test_a_detail_in_a_crossover_of_cases_is_none() -> None:
    assert "crossover" not in flags(
        "Heat and mood", "This case-crossover study compared hot days of patients with others."
    )
