"""Bookshelf records: a chapter with its own authors, and a whole book."""

from harvester.pubmed.parse import read_record
from harvester.pubmed.records import (
    AbstractSection,
    Article,
    ArticleId,
    Author,
    Book,
    BookSection,
    Grant,
    HistoryDate,
    Keyword,
    OtherField,
    PubDate,
    PublicationType,
    Reference,
    Text,
)

CHAPTER = b"""<PubmedBookArticle><BookDocument><PMID Version="2">90000100</PMID>
<ArticleIdList><ArticleId IdType="bookaccession">NBK999999</ArticleId></ArticleIdList>
<Book><Publisher><PublisherName>Tea <i>Press</i></PublisherName>
  <PublisherLocation>Oslo</PublisherLocation></Publisher>
  <BookTitle book="teabook">The Book of Tea<sup>2</sup></BookTitle>
  <PubDate><Year>2019</Year><Season>Spring</Season></PubDate>
  <BeginningDate><Year>2001</Year></BeginningDate>
  <EndingDate><Year>2024</Year><Month>5</Month></EndingDate>
  <AuthorList Type="editors"><Author><LastName>Editor</LastName><Initials>E</Initials></Author>
  </AuthorList><AuthorList Type="authors"><Author><LastName>Founder</LastName></Author></AuthorList>
  <Volume>7</Volume><VolumeTitle>On <b>Cups</b></VolumeTitle><Edition>2nd</Edition>
  <CollectionTitle book="c">Drinks</CollectionTitle><Isbn>9999999999991</Isbn>
  <Isbn>9999999999992</Isbn><ELocationID EIdType="doi" ValidYN="Y">10.9999/whole</ELocationID>
  <Medium>Internet</Medium><ReportNumber>TR-1</ReportNumber></Book>
<LocationLabel Type="chapter">Chapter 4</LocationLabel>
<ArticleTitle book="teabook" part="ch4">Ketamine <i>and</i> tea</ArticleTitle>
<VernacularTitle>Te</VernacularTitle><Pagination><MedlinePgn>1-9</MedlinePgn></Pagination>
<Language>eng</Language>
<AuthorList Type="authors" CompleteYN="Y"><Author ValidYN="Y"><LastName>Writer</LastName>
  <ForeName>W</ForeName><Initials>W</Initials></Author></AuthorList>
<PublicationType UI="D016454">Review</PublicationType>
<Abstract><AbstractText Label="SUMMARY">Short.</AbstractText>
  <CopyrightInformation>Ours.</CopyrightInformation></Abstract>
<Sections><Section><LocationLabel Type="section">1</LocationLabel>
  <SectionTitle book="teabook" part="ch4" sec="s1">First</SectionTitle>
  <Section><SectionTitle>Within</SectionTitle></Section></Section>
  <Section><SectionTitle>Second</SectionTitle></Section></Sections>
<KeywordList Owner="NLM"><Keyword MajorTopicYN="N">Cups</Keyword></KeywordList>
<ContributionDate><Year>2020</Year><Month>2</Month><Day>3</Day></ContributionDate>
<DateRevised><Year>2023</Year><Month>4</Month><Day>5</Day></DateRevised>
<GrantList><Grant><Agency>Tea Council</Agency></Grant></GrantList>
<ItemList ListType="Synonyms"><Item>Chai</Item><Item>Cha</Item></ItemList>
<ReferenceList><Reference><Citation>Leaf.</Citation></Reference></ReferenceList>
<GroupList><Group><GroupName>New group</GroupName></Group></GroupList></BookDocument>
<PubmedBookData><History><PubMedPubDate PubStatus="pubmed"><Year>2020</Year><Month>2</Month>
  <Day>4</Day><Hour>6</Hour><Minute>0</Minute></PubMedPubDate></History>
<PublicationStatus>ppublish</PublicationStatus><ArticleIdList>
  <ArticleId IdType="pubmed">90000100</ArticleId></ArticleIdList></PubmedBookData>
</PubmedBookArticle>"""


def test_a_chapter() -> None:
    article, _ = read_record(CHAPTER)
    assert article == Article(
        pmid=90000100,
        version=2,
        title=Text(plain="Ketamine and tea", markup="Ketamine <i>and</i> tea"),
        vernacular_title=Text(plain="Te"),
        abstract=(AbstractSection(text=Text(plain="Short."), label="SUMMARY", copyright="Ours."),),
        authors=(
            Author(last_name="Writer", fore_name="W", initials="W"),
            Author(last_name="Founder", role="book author"),
            Author(last_name="Editor", initials="E", role="editor"),
        ),
        book=Book(
            title=Text(plain="The Book of Tea2", markup="The Book of Tea<sup>2</sup>"),
            bookshelf_id="teabook",
            part="ch4",
            publisher="Tea Press",
            publisher_location="Oslo",
            published=PubDate(iso="2019", printed="2019 Spring"),
            beginning=PubDate(iso="2001", printed="2001"),
            ending=PubDate(iso="2024-05", printed="2024 May"),
            contribution=PubDate(iso="2020-02-03", printed="2020 Feb 3"),
            edition="2nd",
            volume="7",
            volume_title=Text(plain="On Cups", markup="On <b>Cups</b>"),
            collection_title=Text(plain="Drinks"),
            isbns=("9999999999991", "9999999999992"),
            medium="Internet",
            report_numbers=("TR-1",),
            location_labels=(("chapter", "Chapter 4"),),
            sections=(
                BookSection(title=Text(plain="First"), label="1", part="ch4", anchor="s1"),
                BookSection(title=Text(plain="Within"), level=2),
                BookSection(title=Text(plain="Second")),
            ),
        ),
        pages="1-9",
        published=PubDate(iso="2020-02-03", printed="2020 Feb 3"),
        dates=(
            HistoryDate(kind="revised", iso="2023-04-05"),
            HistoryDate(kind="pubmed", iso="2020-02-04", time="06:00"),
        ),
        languages=("eng",),
        publication_types=(PublicationType(name="Review", ui="D016454"),),
        keywords=(Keyword(text=Text(plain="Cups"), owner="NLM"),),
        grants=(Grant(agency="Tea Council"),),
        references=(Reference(citation=Text(plain="Leaf.")),),
        ids=(
            ArticleId(kind="bookaccession", value="NBK999999"),
            ArticleId(kind="pubmed", value="90000100"),
        ),
        publication_status="ppublish",
        other=(
            OtherField(
                name="Book/ELocationID",
                value="10.9999/whole",
                attributes=(("EIdType", "doi"), ("ValidYN", "Y")),
            ),
            OtherField(name="Item", value="Chai", attributes=(("ListType", "Synonyms"),)),
            OtherField(name="Item", value="Cha", attributes=(("ListType", "Synonyms"),)),
            OtherField(name="BookDocument/GroupList/Group/GroupName", value="New group"),
        ),
    )
    assert article.id("doi") is None


def test_a_whole_book() -> None:
    article, _ = read_record(
        b"""<PubmedBookArticle><BookDocument><PMID Version="1">90000101</PMID>
        <Book><BookTitle book="pots">Pots</BookTitle><PubDate><Year>2011</Year></PubDate>
        <AuthorList Type="editors"><Author><LastName>Editor</LastName></Author></AuthorList>
        <AuthorList Type="authors"><Author><LastName>Writer</LastName></Author></AuthorList>
        </Book></BookDocument></PubmedBookArticle>"""
    )
    assert article.title == Text(plain="Pots")
    assert article.published == PubDate(iso="2011", printed="2011")
    assert [(author.last_name, author.role) for author in article.authors] == [
        ("Writer", "author"),
        ("Editor", "editor"),
    ]
    assert article.journal is None
    assert article.book is not None
    assert article.book.part is None


def test_a_book_record_without_a_book() -> None:
    article, _ = read_record(
        b"<PubmedBookArticle><BookDocument><PMID>90000102</PMID></BookDocument></PubmedBookArticle>"
    )
    assert article == Article(pmid=90000102, title=Text(plain=""))
