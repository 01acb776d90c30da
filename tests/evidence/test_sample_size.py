"""How many took part: each way of saying it, and each number that is not it."""

import pytest

from harvester.evidence.derivation import findings_of
from harvester.evidence.findings import Finding, people
from harvester.pubmed.records import Article
from tests.evidence.records import record

TITLE = "A randomised trial of a drug in patients with depression"


def size(article: Article) -> Finding | None:
    found = [finding for finding in findings_of(article) if finding.facet == "sample_size"]
    assert len(found) <= 1
    return found[0] if found else None


def n(*abstract: str | tuple[str, str], title: str = TITLE) -> object:
    found = size(record(title, *abstract))
    return found and found.detail["n"]


@pytest.mark.parametrize(
    ("sentence", "number"),
    [
        ("Sixty patients were randomised.", 60),
        ("We enrolled 1,250 adults.", 1250),
        ("Patients (N = 44) received one infusion.", 44),
        ("Adults (N=80), of whom 54% (N=43) took other drugs, were randomly assigned.", 80),
        ("In a crossover trial, 34 Japanese patients with depression were randomised.", 34),
        ("A total of 403 patients were enrolled.", 403),
        ("One hundred and fifteen women took part.", 115),
        ("Forty-one patients were assigned to one of two groups.", 41),
        ("Conducted between June 2017 and December 2018, the trial enrolled 226 adults.", 226),
        ("Thirty healthy volunteers (12 women and 18 men) were scanned.", 30),
        ("Eighteen healthy participants aged 20 to 28 years were tested over 12 weeks.", 18),
        ("Seventy detoxified heroin-addicted patients were assigned to two groups.", 70),
        (
            "Sixty American Society of Anesthesiologists physical status I and II patients were "
            "divided.",
            60,
        ),
        ("In three separate studies (N = 73; 21 and 52), volunteers took the drug.", 73),
        ("Fifty postmenopausal BCS were randomised to exercise or rest.", 50),
        ("Blood of 36 patients was taken at 40, 80, 110 and 230 minutes.", 36),
        ("Of 329 people screened, 231 were enrolled and 168 were randomised.", 168),
        ("We screened 90 patients and randomised 62 patients.", 62),
        ("Of 67 patients randomised, 60 completed the trial.", 67),
        ("Forty-four of 82 patients (54%) were randomised to the drug.", 82),
        ("Fifty-two patients (30 women, mean age 40 years) were randomised.", 52),
        ("Review of 90 records revealed 60 cases that met inclusion criteria.", 60),
        ("The survey was completed by 1192 students (586 males and 606 females).", 1192),
        ("A sample of 3906 postpartum (2-6 months) women answered.", 3906),
        ("A cohort (N = 160 included; n = 157 treated) was followed.", 160),
        ("In total, 1116 of the respondents were users.", 1116),
        ("134 women were enrolled (65%).", 134),
        ("Drinkers aged 21 to 29 (N = 357) were recruited.", 357),
        ("All SJS/TEN patients were treated, and 24 patients were included.", 24),
        # People by other names.
        ("Data of 402 HIV-infected inmates were analysed.", 402),
        ("We measured lead in 158 traffic enforcers.", 158),
        ("A total of 774 EMS personnel were included.", 774),
        ("Based on a cohort study of 2081 older adults we asked why.", 2081),
        ("Participants (n = 30) had less of it (F(8, 143.4) = 3.4, p = 0.001, n = 29).", 30),
        ("In total, 535 HCWs completed the survey.", 535),
        ("The study was based on data from 273 veterinarians.", 273),
        # By and between people, not by raters and not between days.
        ("Interviews were given by seven females about their use.", 7),
        ("Ratings by 12 psychiatrists were compared in 30 patients.", 30),
        (
            "It involved 65 patients with TRD, 21 patients received one dose, 20 received another "
            "and 24 received saline.",
            65,
        ),
        (
            "The sample was 118 people (aged 9-10) at baseline and 65 people (aged 11-12) later.",
            118,
        ),
        ("A trial enrolled 150 patients. We saw 50 patients per site per year.", 150),
        ("Of 209 consecutive patients, 171 patients had taken the drug as told.", 209),
        ("Tests (in five patients) and signs in 19 patients were retrospectively reviewed.", 19),
        ("All tests were ordered by 121 physicians.", 121),
        ("Two cohorts came at Time 1 (total N = 421) and then at Time 2 (total N = 356).", 421),
        # Those who answered, by their answers.
        ("From May to July, 400 responses were recorded.", 400),
        ("In this survey with 22,289 responses, 472 participants named the drug.", 22289),
        ("We mailed a questionnaire to 900 nurses; 310 nurses answered it.", 310),
        ("Adults (N = 411) of up to 30 years who screened positive signed up.", 411),
        ("Nineteen out of 51 depressed patients showed an abnormal response.", 51),
        (
            "The survey was filled in by 345 people (56% retention), with 55 people reporting use.",
            345,
        ),
        ("There were 1,317 student responses from 49 universities.", 1317),
        ("The participants were 401.", 401),
        # Neither a year nor the name of a disease.
        ("We compared them to the 2016 respondents; 131 respondents were included.", 131),
        ("Nurses of a ward in Oct 2019 were recruited; its completion rate was 80% (n = 78).", 78),
        ("The coronavirus disease 2019 patients (n = 70) were enrolled.", 70),
        ("There were 205 (85%) patients who came back and were included.", 205),
        ("There were 15 enrolled and 10 received the drug.", 15),
        ("All patients (n = 8) had severe depression.", 8),
        ("We linked the data of 2439 women delivering 3482 live infants.", 2439),
        # In what stood for one dose, and in the second the same people.
        ("They had one session of 25 mg (n = 20) or 1 mg (n = 10) of the drug.", 30),
        ("They were given placebo (n = 19) followed by psilocybin (n = 15).", 19),
        ("Each group has 21 patients, totaling 42 participants.", 42),
        ("Twenty adults inhaled it; a subset of participants (n = 12) came again.", 20),
        (
            "Between May and June, 59 patients were enrolled and 30 (11 females [37%] and 19 males "
            "[63%]) were assigned to one group and 29 (9 females [31%] and 20 males [69%]) to the "
            "other group.",
            59,
        ),
        (
            "In all, 26 in-patients were randomly assigned, in equal numbers, to a spray (n = 13) "
            "or placebo (n = 13); 46 had been screened.",
            26,
        ),
    ],
)
def test_a_number_of_people(sentence: str, number: int) -> None:
    assert n(("METHODS", sentence)) == number


@pytest.mark.parametrize(
    ("sentence", "number"),
    [
        ("Patients received ketamine (n = 40) or midazolam (n = 41).", 81),
        (
            "They were assigned to a low dose (n = 20), a high dose (n = 21) or placebo (n = 19).",
            60,
        ),
        ("In all, 336 were assigned to the esketamine group and 340 to the quetiapine group.", 676),
        ("Thirty-six patients were randomised to ketamine and 25 were randomised to ECT.", 61),
        ("Nineteen users and 21 controls were examined.", 40),
        ("A total of 14 female users and 10 women who did not use drugs took part.", 24),
        ("We tested 45 ecstasy polydrug, 48 cannabis polydrug and 40 legal drug users.", 133),
        ("Thirty patients were compared with 28 matched healthy controls.", 58),
        ("A study of 33 unmedicated patients with depression and 26 healthy controls.", 59),
        ("In Study 1, 20 volunteers drank tea, and in Study 2, 17 patients drank it.", 37),
        ("Patients were divided into two groups (n = 20 in each group).", 40),
        ("Patients with epilepsy (n = 44) and healthy controls (n = 44) were compared.", 88),
        ("1920 women were randomised to anastrozole and 1944 to placebo.", 3864),
        ("A study including 15 patients with diabetes and 15 healthy controls.", 30),
        ("A group of 11 users was compared to a group of 11 non-users.", 22),
        ("Ten subjects received ketamine and ten received placebo.", 20),
        ("Thirty people who reported use were compared with 30 who did not.", 60),
        ("15 cannabis users, 15 ecstasy users as well as 15 non-users took part.", 45),
        ("Current users (23), ex-users (19) and controls (21) were compared.", 63),
        ("Patients (n = 10) were compared to 10 healthy controls.", 20),
        ("24 patients (aged 18-65) were assigned to ketamine and 23 to ECT.", 47),
        ("Healthy participants (16 males, 4 female) took part.", 20),
        ("Fifteen ecstasy users were compared to controls (n = 15).", 30),
        ("Two groups of 20 participants were compared.", 40),
        ("A sample of 82 users was recruited, and 40 students served as controls.", 122),
        ("In the first study, 20 subjects drank; the second study included 14 subjects.", 34),
        (
            "They received ketamine (cohort 1 n = 33; cohort 2 n = 53) or midazolam (cohort 1 "
            "n = 35; cohort 2 n = 53).",
            174,
        ),
        ("Patients were randomised to three groups (15 patients per group).", 45),
        ("We compared sleep between 63 people with depression and 41 healthy volunteers.", 104),
        ("Sixteen drug group participants and 18 control group participants were analysed.", 34),
        ("We saw 94 patients with the disease. Seventeen people were recruited as controls.", 111),
        ("They saw 101 patients (71 women and 30 men, aged 16-71) and 51 healthy people.", 152),
        ("A cohort of 78 patients was analysed, along with 25 healthy controls.", 103),
        ("Healthy participants (n=38 men, 45 women) were randomised.", 83),
        (
            "The methadone group (n = 42) was older. The buprenorphine group (n = 61) paid less.",
            103,
        ),
        ("They were divided into Group C (n = 30) receiving one dose and Group L (n = 30).", 60),
        ("Group A (n = 10) was seen before tea. Group B (n = 10) was seen before a course.", 20),
        ("We found N = 19 users and N = 21 controls.", 40),
        ("We chose 35 patients (20 with one disorder) matched to 25 healthy control-subjects.", 60),
    ],
)
def test_groups_are_added(sentence: str, number: int) -> None:
    assert n(("METHODS", sentence)) == number


def test_the_parts_of_a_whole_are_not_added_to_it() -> None:
    assert n(("METHODS", "We studied 58 people (33 with depression and 25 without).")) == 58
    assert n(("METHODS", "Fifty patients took part: 24 on ketamine and 26 on saline.")) == 50


def test_what_groups_add_up_to_is_the_whole() -> None:
    assert (
        n(
            ("METHODS", "During five years 126 patients with depression were seen."),
            ("RESULTS", "Of them 61 patients received ketamine and 65 patients received ECT."),
        )
        == 126
    )


def test_controls_may_be_told_in_a_later_sentence() -> None:
    assert (
        n(
            (
                "METHODS",
                "Patients with depression (n = 60) were scanned. 20 healthy controls were too.",
            )
        )
        == 80
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "Patients received 741 infusions.",
        "Ratings were made at 40, 80 and 230 minutes in the patients.",
        "Patients with a score of 20 or more were treated with 84 mg.",
        "Twelve patients (24%) responded.",
        "Patients aged 18 to 65 years were treated.",
        "The trial will take place at 12 sites in patients.",
        "Six patients dropped out.",
        "Patients took part in 2 sessions.",
        "Staff at 0307 saw patients.",
        "Six (10%) patients were intubated.",
        "Barriers were cost (n = 255, 12.2%) and safety (n = 152, 55.0%).",
        "The sample was representative of 253,824,662 adults.",
        "They were asked three times (n = 33, n = 24, and n = 24).",
        "Data of patients in 704 pharmacies (471 chain, 233 independent) were included.",
        "Patients had a greater rise (215 +/- 60, n = 11) than others (123 +/- 54, n = 12).",
        "In Trial 2 (the second) those patients were treated.",
        "Patients were seen by two psychiatrists.",
        "The answers made 2536 responses of patients.",
        "Patients were compared with 28 controls.",
        "Compared to controls without obesity (n = 44) patients had more of it.",
    ],
)
def test_other_numbers_are_not_taken(sentence: str) -> None:
    assert n(("METHODS", sentence)) is None


def test_a_short_abstract_has_its_number_in_its_opening() -> None:
    assert n("Guilt and anger in sixty asthmatic children were measured. They were mild. So.") == 60


def test_a_background_may_tell_the_methods() -> None:
    results = ("RESULTS", "All of them were well.")
    own = "Depression is frequent. This study asked why. A sample of 398 students was selected."
    assert n(("BACKGROUND", own), results) == 398
    assert n(("BACKGROUND", own), ("METHODS", "We asked."), results) is None
    assert n(("BACKGROUND", "Earlier, 71 patients were randomised."), results) is None


def test_earlier_work_is_not_counted() -> None:
    assert (
        n(("BACKGROUND", "Earlier, 71 patients were randomised."), ("METHODS", "We wait.")) is None
    )


def test_a_review_counts_the_people_of_its_studies() -> None:
    title = "Ketamine for depression: a systematic review and meta-analysis"
    found = size(record(title, ("RESULTS", "We included 24 studies with 2,174 participants.")))
    assert found is not None
    assert found.value == "participants_in_included_studies"
    assert found.detail["n"] == 2174
    assert (
        n(("RESULTS", "Seven randomised trials (N = 24 studies) were identified."), title=title)
        is None
    )
    assert n(("RESULTS", "A total of 118 records were identified."), title=title) is None
    studies = "Nine trials were found that examine anxiety (N = 2) or depression (N = 7)."
    assert n(("RESULTS", studies), title=title) is None
    assert n(("RESULTS", "Ten papers were included, 8 targeting adults."), title=title) is None
    assert n(("RESULTS", "Including 12,105 participants, it favoured both."), title=title) == 12105


def test_people_of_so_many_studies_are_no_studies() -> None:
    title = "Ketamine for depression: a systematic review"
    assert n(("RESULTS", "Nine studies (n = 281) were included."), title=title) == 281
    arms = "Of 1079 studies screened, 5 met the criteria (n=1727 postures vs n=1641 controls)."
    assert n(("RESULTS", arms), title=title) == 3368
    many = "Of 21 trials of such therapies (N = 1034), all were small."
    assert n(("RESULTS", many), title=title) == 1034
    assert n(("RESULTS", "Of mood disorders (n = 25), 12 were found to help."), title=title) is None


def test_the_treatments_pooled_are_not_people() -> None:
    title = "Blood pressure after ketamine: a meta-analysis"
    assert (
        n(("RESULTS", "Data on a total N = 2,252 ketamine treatments in adults."), title=title)
        is None
    )


def test_a_protocol_plans() -> None:
    title = "Ketamine for depression: protocol of a randomised trial"
    found = size(record(title, ("METHODS", "Two hundred patients will be randomised.")))
    assert found is not None
    assert (found.value, found.detail["n"]) == ("planned", 200)
    assert n("At least 69 people who lost a relative will take part.", title=title) == 69


def test_a_case_is_one_and_cases_are_counted() -> None:
    one = size(record("Ketamine in bipolar depression: a case report", "We treated a woman of 40."))
    assert one is not None
    assert (one.value, one.detail["n"]) == ("case", 1)
    two = size(record("Ketamine at home: a case report", "We report on two cases of relapse."))
    assert two is not None
    assert two.detail["n"] == 2
    many = size(record("Ketamine at home: a case series", "We report on six patients."))
    assert many is not None
    assert (many.value, many.detail["n"]) == ("cases", 6)


def test_the_basis_is_what_the_words_say() -> None:
    def basis(sentence: str) -> object:
        found = size(record(TITLE, ("METHODS", sentence)))
        return found and found.value

    assert basis("Sixty patients were randomised.") == "randomized"
    assert basis("Sixty patients were enrolled.") == "enrolled"
    assert basis("Sixty patients were treated.") == "treated"
    assert basis("Sixty patients were analysed.") == "analysed"
    assert basis("We asked people who planned to use the drug (N = 60).") != "planned"


def test_arms_and_quote_are_kept() -> None:
    text = "Patients received ketamine (n = 40) or midazolam (n = 41)."
    found = size(record(TITLE, ("METHODS", text)))
    assert found is not None
    assert found.detail["arms"] == "40 + 41"
    assert found.quote in text


def test_animals_are_not_people() -> None:
    both = n(
        ("METHODS", "Twelve male rats and 24 healthy volunteers were treated."),
        title="Rats and people",
    )
    assert both == 24


@pytest.mark.parametrize(
    ("sentence", "number"),
    [
        ("Forty male Sprague-Dawley rats were treated.", 40),
        ("Thirteen healthy Dorset-cross adult ewes were anesthetized.", 13),
        ("Sixty mice were divided: 20 mice had ketamine and 40 mice saline.", 60),
        # Of each group, by age and dose, or of several that make no whole: not said of all.
        ("Rats were divided (eight rats per group).", None),
        ("On day 10 rats were given ketamine (5 mg/kg in mice).", None),
        ("Twelve rats swam. Nine rats rested.", None),
    ],
)
def test_animals_are_counted_as_animals(sentence: str, number: int | None) -> None:
    found = size(record("Ketamine in animals", ("METHODS", sentence)))
    assert (found and found.detail["n"]) == number
    if found:
        assert (found.value, found.detail["basis"]) == ("animals", "animals")
        assert people([found]) is None


def test_a_tie_is_not_decided() -> None:
    text = "The first drug was given to 16 patients, then the second was given to 14 patients."
    assert n(("METHODS", text)) is None


def test_a_narrow_lead_is_marked() -> None:
    clear = size(record(TITLE, ("METHODS", "Sixty patients were randomised.")))
    assert clear is not None
    assert "unsure" not in clear.detail
    narrow = size(
        record(
            TITLE, ("METHODS", "The drug was given to 16 patients. It was given to 14 patients.")
        )
    )
    assert narrow is not None
    assert narrow.detail["unsure"] is True
    assert (people([clear]), people([narrow])) == (60, None)


@pytest.mark.parametrize(
    ("sentence", "unsure"),
    [
        ("Nineteen users and 21 controls were examined.", False),
        ("More than 3200 outpatients were analysed.", True),
        # Others took part who are not counted.
        ("The performance of 13 users and a control group was compared.", True),
        # A larger number is told, if not as clearly.
        ("Among 290 patients in 6 hospitals, 55 patients were assessed.", True),
        # Both may be parts of the 13.
        (
            "We drew blood from 13 adolescents. It was enough from 11 adolescents for one test "
            "and from 10 adolescents for the other.",
            True,
        ),
    ],
)
def test_a_number_is_sure_without_a_rival(sentence: str, unsure: bool) -> None:
    found = size(record(TITLE, ("METHODS", sentence)))
    assert found is not None
    assert found.detail.get("unsure", False) is unsure
