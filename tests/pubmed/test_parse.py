"""Articles: each shape of PubMed's XML beside the record that it becomes."""

import pytest

from harvester.errors import ParseError
from harvester.pubmed.parse import pmid_of, read_record
from harvester.pubmed.records import (
    AbstractSection,
    Article,
    ArticleId,
    Author,
    Correction,
    DataBank,
    Grant,
    HistoryDate,
    Investigator,
    Journal,
    Keyword,
    MeshHeading,
    OtherField,
    PubDate,
    PublicationType,
    Qualifier,
    Reference,
    Substance,
    Text,
)

JOURNAL = """<Journal><ISSN IssnType="Electronic">2999-0001</ISSN>
  <JournalIssue CitedMedium="Internet"><Volume>12</Volume><Issue>3 Suppl</Issue>
    <PubDate><Year>2024</Year><Month>Feb</Month><Day>09</Day></PubDate></JournalIssue>
  <Title>Journal of Invented Psychiatry</Title>
  <ISOAbbreviation>J Invent Psychiatry</ISOAbbreviation></Journal>"""
INFO = """<MedlineJournalInfo><Country>Norway</Country><MedlineTA>J Invent Psychiatry</MedlineTA>
  <NlmUniqueID>999000001</NlmUniqueID><ISSNLinking>2999-0009</ISSNLinking></MedlineJournalInfo>"""


def record(
    article: str = "",
    citation: str = "",
    data: str = "",
    *,
    pmid: str = '<PMID Version="1">90000001</PMID>',
    title: str = "<ArticleTitle>Ketamine in a teapot.</ArticleTitle>",
    attributes: str = 'Status="MEDLINE" Owner="NLM"',
) -> bytes:
    """A record with these children in Article, MedlineCitation and PubmedData."""
    return f"""<PubmedArticle><MedlineCitation {attributes}>{pmid}
      <Article PubModel="Print-Electronic">{JOURNAL}{title}{article}</Article>{INFO}{citation}
      </MedlineCitation><PubmedData><PublicationStatus>ppublish</PublicationStatus>{data}
      </PubmedData></PubmedArticle>""".encode()


def read(article: str = "", citation: str = "", data: str = "", **more: str) -> Article:
    return read_record(record(article, citation, data, **more))[0]


def test_the_least_record() -> None:
    assert read() == Article(
        pmid=90000001,
        version=1,
        title=Text(plain="Ketamine in a teapot."),
        journal=Journal(
            title="Journal of Invented Psychiatry",
            abbreviation="J Invent Psychiatry",
            medline_ta="J Invent Psychiatry",
            nlm_id="999000001",
            issn="2999-0001",
            issn_type="Electronic",
            issn_linking="2999-0009",
            country="Norway",
        ),
        volume="12",
        issue="3 Suppl",
        cited_medium="Internet",
        published=PubDate(iso="2024-02-09", printed="2024 Feb 9"),
        status="MEDLINE",
        owner="NLM",
        publication_model="Print-Electronic",
        publication_status="ppublish",
    )


def test_a_record_with_nothing_but_a_pmid() -> None:
    data = (
        b"<PubmedArticle><MedlineCitation><PMID>90000002</PMID></MedlineCitation></PubmedArticle>"
    )
    article, _ = read_record(data)
    assert article == Article(pmid=90000002, title=Text(plain=""), owner="NLM")


class TestTexts:
    def test_white_space_of_the_file_is_one_blank(self) -> None:
        title = "<ArticleTitle>\n   Ketamine\n\t\tand  its\r\n   kettle.\n </ArticleTitle>"
        assert read(title=title).title == Text(plain="Ketamine and its kettle.")

    @pytest.mark.parametrize("reference", ["&#13;", "&#9;", "&#xA;", "&#32;&#32;"])
    def test_white_space_may_be_a_reference(self, reference: str) -> None:
        title = f"<ArticleTitle>{reference}One{reference}two.{reference}</ArticleTitle>"
        assert read(title=title).title == Text(plain="One two.")

    def test_other_blanks_are_characters(self) -> None:
        title = "<ArticleTitle>0.5&#xa0;mg&#x2009;kg </ArticleTitle>"
        assert read(title=title).title.plain == "0.5\xa0mg\u2009kg"

    def test_inline_markup(self) -> None:
        title = (
            "<ArticleTitle>(<i>R</i>)-Ketamine at 5-HT<sub>2<b>A</b></sub>,"
            " 10<sup>-3</sup> &lt; <u>x</u> &amp; more</ArticleTitle>"
        )
        assert read(title=title).title == Text(
            plain="(R)-Ketamine at 5-HT2A, 10-3 < x & more",
            markup=(
                "(<i>R</i>)-Ketamine at 5-HT<sub>2<b>A</b></sub>,"
                " 10<sup>-3</sup> &lt; <u>x</u> &amp; more"
            ),
        )

    def test_a_less_than_sign_is_no_markup(self) -> None:
        title = "<ArticleTitle>p&lt;0.001 and q&gt;2 &amp;lt; 3</ArticleTitle>"
        assert read(title=title).title == Text(plain="p<0.001 and q>2 &lt; 3")

    def test_escaped_markup_stays_text(self) -> None:
        title = "<ArticleTitle>&lt;script&gt; and <i>&lt;b&gt;</i></ArticleTitle>"
        assert read(title=title).title == Text(
            plain="<script> and <b>", markup="&lt;script&gt; and <i>&lt;b&gt;</i>"
        )

    def test_mathml_loses_its_prefix(self) -> None:
        title = (
            '<ArticleTitle>Mean <mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"'
            ' display="inline"><mml:mover accent="true"><mml:mi>x</mml:mi><mml:mo>¯</mml:mo>'
            "</mml:mover></mml:math>.</ArticleTitle>"
        )
        assert read(title=title).title == Text(
            plain="Mean x¯.",
            markup=(
                'Mean <math display="inline"><mover accent="true"><mi>x</mi><mo>¯</mo></mover>'
                "</math>."
            ),
        )

    def test_a_prefix_may_be_declared_far_above(self) -> None:
        title = "<ArticleTitle>E<mml:math><mml:mi>c</mml:mi></mml:math></ArticleTitle>"
        assert read(title=title).title == Text(plain="Ec", markup="E<math><mi>c</mi></math>")

    def test_other_tags_are_their_text(self) -> None:
        title = "<ArticleTitle>A <bold>new</bold> <span class='x'>tag</span></ArticleTitle>"
        assert read(title=title).title == Text(plain="A new tag")

    def test_other_tags_beside_markup(self) -> None:
        title = "<ArticleTitle><bold>B<i>i</i></bold> <DispFormula>F</DispFormula></ArticleTitle>"
        assert read(title=title).title == Text(plain="Bi F", markup="B<i>i</i> F")

    def test_blanks_between_inline_elements_are_kept(self) -> None:
        title = "<ArticleTitle><i>In</i>\n   <b>vivo</b></ArticleTitle>"
        assert read(title=title).title == Text(plain="In vivo", markup="<i>In</i> <b>vivo</b>")

    def test_a_vernacular_title(self) -> None:
        title = "<ArticleTitle>[Ketamine at night].</ArticleTitle>"
        article = read("<VernacularTitle>Ketamin om natten.</VernacularTitle>", title=title)
        assert article.title.plain == "[Ketamine at night]."
        assert article.vernacular_title == Text(plain="Ketamin om natten.")
        assert read("<VernacularTitle> </VernacularTitle>").vernacular_title is None


class TestAbstract:
    def test_labelled_sections(self) -> None:
        article = read("""<Abstract>
          <AbstractText Label="BACKGROUND" NlmCategory="BACKGROUND">Tea is weak.</AbstractText>
          <AbstractText Label="METHODS &amp; TEA" NlmCategory="UNASSIGNED">We <i>stirred</i>.
          </AbstractText>
          <AbstractText>No label here.</AbstractText>
          <CopyrightInformation>© 2024 The Kettles.</CopyrightInformation></Abstract>""")
        assert article.abstract == (
            AbstractSection(
                text=Text(plain="Tea is weak."), label="BACKGROUND", category="BACKGROUND"
            ),
            AbstractSection(
                text=Text(plain="We stirred.", markup="We <i>stirred</i>."),
                label="METHODS & TEA",
                category="UNASSIGNED",
            ),
            AbstractSection(text=Text(plain="No label here."), copyright="© 2024 The Kettles."),
        )
        assert article.abstract_text == (
            "BACKGROUND: Tea is weak.\nMETHODS & TEA: We stirred.\nNo label here."
        )

    def test_abstracts_in_other_languages(self) -> None:
        article = read(
            "<Abstract><AbstractText>English.</AbstractText></Abstract>",
            """<OtherAbstract Type="Publisher" Language="nor">
            <AbstractText Label="MÅL">Norsk.</AbstractText><AbstractText Label="SVAR">Ja.
            </AbstractText><CopyrightInformation>Alle.</CopyrightInformation></OtherAbstract>
            <OtherAbstract Type="plain-language-summary"><AbstractText>Plainly.</AbstractText>
            </OtherAbstract>""",
        )
        publisher = {"type": "Publisher", "language": "nor"}
        assert article.abstract[1:] == (
            AbstractSection(text=Text(plain="Norsk."), label="MÅL", **publisher),
            AbstractSection(text=Text(plain="Ja."), label="SVAR", copyright="Alle.", **publisher),
            AbstractSection(
                text=Text(plain="Plainly."), type="plain-language-summary", language="eng"
            ),
        )
        assert article.abstract_text == "English."

    def test_an_empty_abstract_is_none(self) -> None:
        assert read("<Abstract><AbstractText/></Abstract>").abstract == ()

    def test_a_label_without_text_is_kept(self) -> None:
        article = read('<Abstract><AbstractText Label="AIM"/></Abstract>')
        assert article.abstract == (AbstractSection(text=Text(plain=""), label="AIM"),)
        assert article.abstract_text is None


class TestAuthors:
    def test_a_person_with_everything(self) -> None:
        article = read("""<AuthorList CompleteYN="N"><Author ValidYN="N" EqualContrib="Y">
          <LastName>Kettle</LastName><ForeName>Maria Q</ForeName><Initials>MQ</Initials>
          <Suffix>Jr</Suffix>
          <Identifier Source="ORCID">https://orcid.org/0000-0009-0000-123x</Identifier>
          <Identifier Source="ISNI">0000 0000 9999</Identifier>
          <AffiliationInfo><Affiliation>Tea House, Oslo<sup>1</sup>.</Affiliation>
            <Identifier Source="ROR">https://ror.org/000000000</Identifier></AffiliationInfo>
          <AffiliationInfo><Affiliation>Pot Lab, Bergen.</Affiliation></AffiliationInfo>
          </Author></AuthorList>""")
        assert article.authors == (
            Author(
                last_name="Kettle",
                fore_name="Maria Q",
                initials="MQ",
                suffix="Jr",
                orcid="0000-0009-0000-123X",
                identifiers=(("ISNI", "0000 0000 9999"),),
                affiliations=(
                    Text(plain="Tea House, Oslo1.", markup="Tea House, Oslo<sup>1</sup>."),
                    Text(plain="Pot Lab, Bergen."),
                ),
                affiliation_identifiers=(("ROR", "https://ror.org/000000000"),),
                valid=False,
                equal_contribution=True,
            ),
        )
        assert article.authors[0].name == "Kettle MQ Jr"
        assert not article.authors_complete

    def test_a_group(self) -> None:
        article = read("""<AuthorList><Author><LastName>Solo</LastName></Author><Author>
          <CollectiveName>The <i>Kettle</i> Group</CollectiveName></Author></AuthorList>""")
        assert [author.name for author in article.authors] == ["Solo", "The Kettle Group"]
        assert article.authors[1].collective == Text(
            plain="The Kettle Group", markup="The <i>Kettle</i> Group"
        )
        assert article.authors_complete

    @pytest.mark.parametrize(
        "printed",
        [
            "0000-0009-0000-1234",
            "0000000900001234",
            "http://orcid.org/0000-0009-0000-1234",
            "https://orcid.org/0000-0009-0000-1234/",
            "https://www.orcid.org/0000000900001234",
            "orcid.org/0000-0009-0000-1234",
        ],
    )
    def test_forms_of_an_orcid(self, printed: str) -> None:
        article = read(f"""<AuthorList><Author><LastName>Pot</LastName>
          <Identifier Source="ORCID"> {printed}\n</Identifier></Author></AuthorList>""")
        assert article.authors[0].orcid == "0000-0009-0000-1234"
        assert article.authors[0].identifiers == ()

    @pytest.mark.parametrize("printed", ["0000-0009-0000-123", "me@example.org", "A-0000-2024"])
    def test_what_is_no_orcid_is_kept_as_it_is(self, printed: str) -> None:
        article = read(f"""<AuthorList><Author><LastName>Pot</LastName>
          <Identifier Source="ORCID">{printed}</Identifier></Author></AuthorList>""")
        assert article.authors[0].orcid is None
        assert article.authors[0].identifiers == (("ORCID", printed),)

    def test_a_second_orcid_is_kept(self) -> None:
        article = read("""<AuthorList><Author><LastName>Pot</LastName>
          <Identifier Source="ORCID">0000-0009-0000-1234</Identifier>
          <Identifier Source="ORCID">0000-0009-0000-5678</Identifier></Author></AuthorList>""")
        assert article.authors[0].identifiers == (("ORCID", "0000-0009-0000-5678"),)

    def test_the_one_affiliation_of_old_files(self) -> None:
        authors = """<AuthorList><Author><LastName>Eldest</LastName></Author>
          <Author><LastName>Younger</LastName></Author></AuthorList>"""
        article = read(f"<Affiliation>Old Town.</Affiliation>{authors}")
        assert [author.affiliations for author in article.authors] == [
            (Text(plain="Old Town."),),
            (),
        ]

    def test_an_affiliation_of_nobody(self) -> None:
        article = read("<Affiliation>Nowhere.</Affiliation>")
        assert article.other == (
            OtherField(name="MedlineCitation/Article/Affiliation", value="Nowhere."),
        )

    def test_an_affiliation_of_2014(self) -> None:
        article = read("""<AuthorList><Author><LastName>Pot</LastName>
          <Affiliation>Mid Town.</Affiliation></Author></AuthorList>""")
        assert article.authors[0].affiliations == (Text(plain="Mid Town."),)

    def test_investigators_know_their_group(self) -> None:
        article = read(
            """<AuthorList><Author><LastName>Lead</LastName></Author><Author>
            <CollectiveName Investigators="G1">Kettle Trialists</CollectiveName></Author>
            </AuthorList>""",
            """<InvestigatorList ID="G1"><Investigator ValidYN="Y"><LastName>Member</LastName>
            <ForeName>Ann</ForeName><Initials>A</Initials><Suffix>3rd</Suffix>
            <Identifier Source="ORCID">0000-0009-0000-1234</Identifier>
            <Identifier Source="ISNI">77</Identifier>
            <AffiliationInfo><Affiliation>Ward 9.</Affiliation></AffiliationInfo></Investigator>
            </InvestigatorList><InvestigatorList><Investigator><LastName>Loose</LastName>
            </Investigator></InvestigatorList>""",
        )
        assert article.investigators == (
            Investigator(
                last_name="Member",
                fore_name="Ann",
                initials="A",
                suffix="3rd",
                orcid="0000-0009-0000-1234",
                affiliations=(Text(plain="Ward 9."),),
                group="2",
            ),
            Investigator(last_name="Loose"),
        )
        assert article.other == (
            OtherField(
                name="MedlineCitation/InvestigatorList/Investigator/Identifier",
                value="77",
                attributes=(("Source", "ISNI"),),
            ),
        )


class TestDates:
    def test_history_and_the_dates_elsewhere(self) -> None:
        article = read(
            """<ArticleDate DateType="Electronic"><Year>2023</Year><Month>12</Month><Day>31</Day>
            </ArticleDate>""",
            """<DateCreated><Year>2023</Year><Month>11</Month><Day>01</Day></DateCreated>
            <DateCompleted><Year>2024</Year><Month>03</Month><Day>05</Day></DateCompleted>
            <DateRevised><Year>2024</Year><Month>04</Month><Day>06</Day></DateRevised>""",
            """<History><PubMedPubDate PubStatus="revised"><Year>2023</Year><Month>1</Month>
            <Day>2</Day></PubMedPubDate><PubMedPubDate PubStatus="entrez"><Year>2024</Year>
            <Month>2</Month><Day>10</Day><Hour>6</Hour><Minute>1</Minute></PubMedPubDate></History>
            """,
        )
        assert article.dates == (
            HistoryDate(kind="article-Electronic", iso="2023-12-31"),
            HistoryDate(kind="created", iso="2023-11-01"),
            HistoryDate(kind="completed", iso="2024-03-05"),
            HistoryDate(kind="revised", iso="2024-04-06"),
            HistoryDate(kind="manuscript-revised", iso="2023-01-02"),
            HistoryDate(kind="entrez", iso="2024-02-10", time="06:01"),
        )
        assert article.other == ()

    def test_what_is_no_real_date_is_kept_as_it_stands(self) -> None:
        article = read(
            data="""<History><PubMedPubDate PubStatus="revised"><Year>2024</Year><Month>2</Month>
            <Day>30</Day></PubMedPubDate><PubMedPubDate PubStatus="accepted"><Year>0</Year>
            <Month>0</Month><Day>0</Day></PubMedPubDate><PubMedPubDate PubStatus="entrez">
            <Year>2024</Year><Month>2</Month><Day>9</Day><Hour>25</Hour></PubMedPubDate></History>
            """
        )
        assert article.dates == (
            HistoryDate(kind="manuscript-revised", iso="2024-02"),
            HistoryDate(kind="entrez", iso="2024-02-09"),
        )
        path = "PubmedData/History/PubMedPubDate"
        assert article.other == (
            OtherField(name=path, value="2024 2 30", attributes=(("kind", "manuscript-revised"),)),
            OtherField(name=path, value="0 0 0", attributes=(("kind", "accepted"),)),
            OtherField(name=path, value="2024 2 9 25", attributes=(("kind", "entrez"),)),
        )


class TestSubjects:
    def test_mesh(self) -> None:
        article = read(
            citation="""<SupplMeshList><SupplMeshName Type="Protocol" UI="C000001">TEA protocol
            </SupplMeshName></SupplMeshList><MeshHeadingList>
            <MeshHeading><DescriptorName UI="D999001" MajorTopicYN="N">Kettles</DescriptorName>
            <QualifierName UI="Q999001" MajorTopicYN="Y">adverse effects</QualifierName>
            <QualifierName UI="Q999002" MajorTopicYN="N">history</QualifierName></MeshHeading>
            <MeshHeading><DescriptorName UI="D999002" MajorTopicYN="Y" Type="Geographic">Norway
            </DescriptorName></MeshHeading><MeshHeading><DescriptorName>Tea</DescriptorName>
            </MeshHeading></MeshHeadingList>"""
        )
        assert article.mesh == (
            MeshHeading(name="TEA protocol", ui="C000001", kind="supplementary", type="Protocol"),
            MeshHeading(
                name="Kettles",
                ui="D999001",
                major=True,
                qualifiers=(
                    Qualifier(name="adverse effects", ui="Q999001", major=True),
                    Qualifier(name="history", ui="Q999002"),
                ),
            ),
            MeshHeading(
                name="Norway",
                ui="D999002",
                major=True,
                descriptor_major=True,
                type="Geographic",
            ),
            MeshHeading(name="Tea"),
        )

    def test_substances(self) -> None:
        article = read(
            citation="""<ChemicalList><Chemical><RegistryNumber>690G0D6V8H</RegistryNumber>
            <NameOfSubstance UI="D007649">Ketamine</NameOfSubstance></Chemical></ChemicalList>"""
        )
        assert article.substances == (
            Substance(name="Ketamine", ui="D007649", registry_number="690G0D6V8H"),
        )

    def test_keyword_lists_with_owners(self) -> None:
        article = read(
            citation="""<KeywordList Owner="NOTNLM"><Keyword MajorTopicYN="N"><i>N</i>-methyl
            </Keyword><Keyword/></KeywordList><KeywordList Owner="NASA"><Keyword
            MajorTopicYN="Y">Orbit</Keyword></KeywordList>"""
        )
        assert article.keywords == (
            Keyword(text=Text(plain="N-methyl", markup="<i>N</i>-methyl"), owner="NOTNLM"),
            Keyword(text=Text(plain="Orbit"), major=True, owner="NASA"),
        )

    def test_types_languages_and_subsets(self) -> None:
        article = read(
            """<Language>nor</Language><Language>eng</Language><PublicationTypeList>
            <PublicationType UI="D016428">Journal Article</PublicationType>
            <PublicationType UI="D016449">Randomized Controlled Trial</PublicationType>
            </PublicationTypeList>""",
            "<CitationSubset>IM</CitationSubset><CitationSubset>N</CitationSubset>",
        )
        assert article.languages == ("nor", "eng")
        assert article.publication_types == (
            PublicationType(name="Journal Article", ui="D016428"),
            PublicationType(name="Randomized Controlled Trial", ui="D016449"),
        )
        assert article.citation_subsets == ("IM", "N")


class TestLinks:
    def test_all_identifiers_but_those_of_the_references(self) -> None:
        article = read(
            """<ELocationID EIdType="pii" ValidYN="N">e77</ELocationID>
            <ELocationID EIdType="doi" ValidYN="Y">10.9999/tea.1</ELocationID>""",
            data="""<ArticleIdList><ArticleId IdType="pubmed">90000001</ArticleId>
            <ArticleId IdType="pmc">PMC99999991</ArticleId><ArticleId IdType="doi"/></ArticleIdList>
            <ReferenceList><Reference><Citation>Other.</Citation><ArticleIdList>
            <ArticleId IdType="doi">10.9999/other</ArticleId></ArticleIdList></Reference>
            </ReferenceList>""",
        )
        assert article.ids == (
            ArticleId(kind="pii", value="e77", source="ELocationID", valid=False),
            ArticleId(kind="doi", value="10.9999/tea.1", source="ELocationID"),
            ArticleId(kind="pubmed", value="90000001"),
            ArticleId(kind="pmc", value="PMC99999991"),
        )
        assert article.id("doi") == "10.9999/tea.1"
        assert article.id("pii") is None

    def test_comments_and_corrections(self) -> None:
        article = read(
            citation="""<CommentsCorrectionsList>
            <CommentsCorrections RefType="RetractionIn"><RefSource>J Tea. 2024;1:2</RefSource>
            <PMID Version="1">90000009</PMID><Note>[withdrawn]</Note></CommentsCorrections>
            <CommentsCorrections RefType="ErratumIn"><RefSource>J Tea. 2025;1:3</RefSource>
            </CommentsCorrections><CommentsCorrections RefType="UpdateOf">
            <RefSource>Pot</RefSource><PMID Version="2">90000008</PMID></CommentsCorrections>
            </CommentsCorrectionsList>"""
        )
        assert article.corrections == (
            Correction(
                kind="RetractionIn", pmid=90000009, source="J Tea. 2024;1:2", note="[withdrawn]"
            ),
            Correction(kind="ErratumIn", source="J Tea. 2025;1:3"),
            Correction(kind="UpdateOf", pmid=90000008, source="Pot"),
        )
        assert article.retracted
        assert article.other == (
            OtherField(
                name="MedlineCitation/CommentsCorrectionsList/CommentsCorrections/PMID",
                value="90000008",
                attributes=(("Version", "2"),),
            ),
        )

    def test_lists_of_references_within_lists(self) -> None:
        article = read(
            data="""<ReferenceList><Title>Sources</Title><Reference><Citation>One <i>et al</i>.
            </Citation><ArticleIdList><ArticleId IdType="pubmed">90000021</ArticleId>
            <ArticleId IdType="doi">10.9999/one</ArticleId></ArticleIdList></Reference>
            <ReferenceList><Title>Films</Title><Reference><Citation>Two.</Citation></Reference>
            </ReferenceList></ReferenceList><ReferenceList><Reference><Citation>Three.</Citation>
            <ArticleIdList><ArticleId IdType="pubmed">none</ArticleId></ArticleIdList></Reference>
            </ReferenceList>"""
        )
        assert article.references == (
            Reference(
                citation=Text(plain="One et al.", markup="One <i>et al</i>."),
                pmid=90000021,
                ids=(("doi", "10.9999/one"),),
                section="Sources",
            ),
            Reference(citation=Text(plain="Two."), section="Sources: Films"),
            Reference(citation=Text(plain="Three."), ids=(("pubmed", "none"),)),
        )

    def test_data_banks_and_grants(self) -> None:
        article = read("""<DataBankList CompleteYN="N"><DataBank>
          <DataBankName>ClinicalTrials.gov</DataBankName><AccessionNumberList>
          <AccessionNumber>NCT99999991</AccessionNumber><AccessionNumber>NCT99999992
          </AccessionNumber></AccessionNumberList></DataBank><DataBank>
          <DataBankName>figshare</DataBankName></DataBank></DataBankList>
          <GrantList CompleteYN="N"><Grant><GrantID>T 1/2</GrantID><Acronym>TE</Acronym>
          <Agency>Tea Council</Agency><Country>Norway</Country></Grant><Grant>
          <Agency>Pot Fund</Agency></Grant></GrantList>""")
        assert article.data_banks == (
            DataBank(name="ClinicalTrials.gov", accession="NCT99999991"),
            DataBank(name="ClinicalTrials.gov", accession="NCT99999992"),
        )
        assert article.grants == (
            Grant(grant_id="T 1/2", acronym="TE", agency="Tea Council", country="Norway"),
            Grant(agency="Pot Fund"),
        )
        assert not article.grants_complete
        assert article.other == (
            OtherField(name="DataBankList", value="", attributes=(("CompleteYN", "N"),)),
            OtherField(name="DataBank", value="figshare"),
        )


@pytest.mark.parametrize(
    ("pagination", "pages", "other"),
    [
        ("<MedlinePgn>117-26</MedlinePgn>", "117-26", ()),
        ("<StartPage>e9</StartPage>", "e9", ("StartPage",)),
        ("<StartPage>5</StartPage><EndPage>5</EndPage>", "5", ("StartPage", "EndPage")),
        (
            "<StartPage>117</StartPage><EndPage>126</EndPage><MedlinePgn>117-26</MedlinePgn>",
            "117-26",
            ("StartPage", "EndPage"),
        ),
        ("<StartPage>117</StartPage><EndPage>126</EndPage>", "117-126", ("StartPage", "EndPage")),
        ("<MedlinePgn/>", None, ()),
    ],
)
def test_pages(pagination: str, pages: str | None, other: tuple[str, ...]) -> None:
    article = read(f"<Pagination>{pagination}</Pagination>")
    assert article.pages == pages
    assert tuple(field.name for field in article.other) == other


class TestOther:
    def test_what_has_no_place_of_its_own(self) -> None:
        article = read(
            citation="""<CoiStatement>None <b>whatever</b>.</CoiStatement>
            <GeneSymbolList><GeneSymbol>kett1</GeneSymbol></GeneSymbolList>
            <NumberOfReferences>17</NumberOfReferences><PersonalNameSubjectList>
            <PersonalNameSubject><LastName>Potter</LastName><ForeName>Bea</ForeName>
            <Initials>B</Initials></PersonalNameSubject></PersonalNameSubjectList>
            <OtherID Source="NLM">PMC99999991</OtherID>
            <SpaceFlightMission>STS-999</SpaceFlightMission>
            <GeneralNote Owner="PIP">TJ: TEA</GeneralNote>""",
            data="""<ObjectList><Object Type="keyword"><Param Name="value">Tea</Param>
            <Param Name="lang">eng</Param></Object></ObjectList>""",
        )
        assert article.coi_statement == Text(plain="None whatever.", markup="None <b>whatever</b>.")
        names = (("LastName", "Potter"), ("ForeName", "Bea"), ("Initials", "B"))
        assert article.other == (
            OtherField(name="GeneSymbol", value="kett1"),
            OtherField(name="NumberOfReferences", value="17"),
            OtherField(name="PersonalNameSubject", value="Potter B", attributes=names),
            OtherField(name="OtherID", value="PMC99999991", attributes=(("Source", "NLM"),)),
            OtherField(name="SpaceFlightMission", value="STS-999"),
            OtherField(name="GeneralNote", value="TJ: TEA", attributes=(("Owner", "PIP"),)),
            OtherField(
                name="Object", value="keyword", attributes=(("value", "Tea"), ("lang", "eng"))
            ),
        )

    def test_elements_of_a_dtd_to_come(self) -> None:
        article = read(
            "<Plain>words</Plain>",
            """<Deep Kind="new"><Er>one</Er><Est Unit="mg">two <i>2</i></Est><None/></Deep>""",
            "<Flag On='Y'/>",
        )
        assert article.other == (
            OtherField(name="MedlineCitation/Article/Plain", value="words"),
            OtherField(name="MedlineCitation/Deep", value="", attributes=(("Kind", "new"),)),
            OtherField(name="MedlineCitation/Deep/Er", value="one"),
            OtherField(
                name="MedlineCitation/Deep/Est", value="two 2", attributes=(("Unit", "mg"),)
            ),
            OtherField(name="PubmedData/Flag", value="", attributes=(("On", "Y"),)),
        )

    def test_attributes_of_a_dtd_to_come(self) -> None:
        article = read(
            citation="""<MeshHeadingList><MeshHeading><DescriptorName UI="D1" AutoHM="Y">Tea
            </DescriptorName></MeshHeading><MeshHeading><DescriptorName UI="D2" AutoHM="Y">Pots
            </DescriptorName></MeshHeading></MeshHeadingList>""",
            attributes='Status="MEDLINE" VersionID="2" VersionDate="2024/01/02"',
        )
        assert article.mesh == (
            MeshHeading(name="Tea", ui="D1"),
            MeshHeading(name="Pots", ui="D2"),
        )
        automatic = (("AutoHM", "Y"),)
        path = "MedlineCitation/MeshHeadingList/MeshHeading/DescriptorName"
        assert article.other == (
            OtherField(
                name="MedlineCitation",
                value="",
                attributes=(("VersionID", "2"), ("VersionDate", "2024/01/02")),
            ),
            OtherField(name=path, value="Tea", attributes=automatic),
            OtherField(name=path, value="Pots", attributes=automatic),
        )

    def test_a_child_in_an_unusual_place(self) -> None:
        citation = "<KeywordList><Sub>word</Sub></KeywordList>"
        assert read(citation=citation).other == (
            OtherField(name="MedlineCitation/KeywordList/Sub", value="word"),
        )


class TestVersions:
    def test_the_version_of_a_record(self) -> None:
        assert read(pmid='<PMID Version="3">90000001</PMID>').version == 3
        assert read(pmid="<PMID>090000001</PMID>").pmid == 90000001


class TestHash:
    def test_formatting_does_not_change_it(self) -> None:
        plain = record("<Language>eng</Language><VernacularTitle>Å &lt; é</VernacularTitle>")
        same = record(
            "\n<Language\n>eng</Language>  <VernacularTitle>&#xC5; &#60; &#233; </VernacularTitle>",
            attributes="Owner='NLM'   Status='MEDLINE'",
        )
        assert read_record(plain)[1] == read_record(same)[1]
        assert len(read_record(plain)[1]) == 32

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("teapot", "tea pot"),
            ('Status="MEDLINE"', 'Status="Publisher"'),
            ("<Volume>12</Volume>", "<Volume/>"),
            ("<Volume>12</Volume>", ""),
            (
                "<Volume>12</Volume><Issue>3 Suppl</Issue>",
                "<Volume>3 Suppl</Volume><Issue>12</Issue>",
            ),
            ("<Day>09</Day></PubDate>", "</PubDate><Day>09</Day>"),
            ('IssnType="Electronic"', 'Issntype="Electronic"'),
            ("<MedlineTA>", '<MedlineTA x="1">'),
        ],
    )
    def test_any_change_of_content_does(self, before: str, after: str) -> None:
        data = record().decode()
        assert before in data
        changed = data.replace(before, after).encode()
        assert read_record(record())[1] != read_record(changed)[1]

    def test_an_attribute_that_moves(self) -> None:
        first = "<Abstract><AbstractText Label='A'>x</AbstractText><AbstractText>y</AbstractText>"
        second = "<Abstract><AbstractText>x</AbstractText><AbstractText Label='A'>y</AbstractText>"
        hashes = {read_record(record(f"{part}</Abstract>"))[1] for part in (first, second)}
        assert len(hashes) == 2

    def test_a_text_that_leaves_its_element(self) -> None:
        titles = ("<i>in</i> vivo", "<i>in vivo</i>", "<i/>in vivo", "in <i>vivo</i>")
        hashes = {
            read_record(record(title=f"<ArticleTitle>{title}</ArticleTitle>"))[1]
            for title in titles
        }
        assert len(hashes) == len(titles)


class TestErrors:
    @pytest.mark.parametrize(
        ("data", "pmid"),
        [
            (b"", None),
            (b"PMID- 90000001", None),
            (b"<html><body>Error</body></html>", None),
            (b"<PubmedArticleSet></PubmedArticleSet>", None),
            (b"<PubmedArticle/>", None),
            (b"<PubmedArticle></PubmedBookArticle>", None),
            (b"<PubmedArticle><MedlineCitation/></PubmedArticle>", None),
            (record(pmid=""), None),
            (record(pmid="<PMID>none</PMID>"), None),
            (record(pmid="<PMID>0</PMID>"), 0),
            (record(pmid="<PMID>90000001234</PMID>"), None),
            (record()[:400], 90000001),
            (record(title="<ArticleTitle>R&D</ArticleTitle>"), 90000001),
            (record(title="<ArticleTitle>&bomb;</ArticleTitle>"), 90000001),
            (record(title="<ArticleTitle>\x01</ArticleTitle>"), 90000001),
            (record().replace(b"teapot", b"t\xffa"), 90000001),
            (record(title="<x:y>unbound</x:y>"), 90000001),
            (
                record(title="<ArticleTitle>" + "<i>" * 5000 + "</i>" * 5000 + "</ArticleTitle>"),
                90000001,
            ),
        ],
    )
    def test_an_unreadable_record_says_its_pmid(self, data: bytes, pmid: int | None) -> None:
        with pytest.raises(ParseError) as caught:
            read_record(data)
        assert caught.value.pmid == pmid
        assert str(caught.value).endswith(".")
        assert pmid_of(data) == pmid

    def test_no_dtd_is_read(self) -> None:
        bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
        with pytest.raises(ParseError, match="no PubmedArticle"):
            read_record(bomb + record(title="<ArticleTitle>&b;</ArticleTitle>"))

    def test_the_pmid_is_the_records_own(self) -> None:
        data = record(pmid="", citation="<X><PMID>90000099</PMID></X>")
        assert pmid_of(data) is None
