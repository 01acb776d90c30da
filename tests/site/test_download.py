"""The newest release is offered with what it is, and no address leads to any other file."""

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from harvester.release.manifest import Release, find_releases
from harvester.site.download import offer, open_file
from tests.release.libraries import TODAY, harvested, make_corpus, released
from tests.site import nights
from tests.site.conftest import Get, getter, serve
from tests.site.crawl import Document
from tests.site.test_linked_data import ROOT, Microdata, as_lists

Serve = Callable[[object], Get]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return harvested(tmp_path_factory.mktemp("download") / "literature.db", make_corpus())


@pytest.fixture(scope="module")
def folder(library: Path) -> Path:
    folder = library.parent / "releases"
    released(library, folder)
    released(library, folder, TODAY + timedelta(days=1))
    return folder


@pytest.fixture(scope="module")
def newest(folder: Path) -> Release:
    return find_releases(folder)[0]


@pytest.fixture(scope="module")
def offering(library: Path) -> Serve:
    """A site of the library that is told that releases are in this folder."""

    def make(folder: object) -> Get:
        metadata = {"plugins": {"harvester": {"releases": folder}}}
        return getter(serve(library, metadata=metadata))

    return make


@pytest.fixture(scope="module")
def get(offering: Serve, folder: Path) -> Get:
    return offering(str(folder))


@pytest.mark.parametrize("page", ["/download", "/"])
def test_search_engines_are_told_of_the_files(get: Get, newest: Release, page: str) -> None:
    html = get(page).text
    assert '<link rel="alternate" type="application/ld+json" href="/dataset.jsonld">' in html
    data = json.loads(get("/dataset.jsonld").content)
    assert Microdata(html).items == [as_lists(data)]
    released = {
        download["contentUrl"].rpartition("/download/2026-11-21/")[2]: download
        for download in data["distribution"]
        if "/download/" in download["contentUrl"]
    }
    assert set(released) == {file.path for file in newest.files}
    for file in newest.files:
        described = released[file.path]
        assert described["sha256"] == file.sha256
        assert described["contentSize"] == f"{file.size} B"
        assert described["encodingFormat"] == file.mediatype
        answer = get(described["contentUrl"].removeprefix(ROOT))
        assert len(answer.content) == file.size


def test_a_new_release_makes_the_pages_new(library: Path, offering: Serve, tmp_path: Path) -> None:
    ask = offering(str(tmp_path))
    paths = ("/download", "/dataset.jsonld", "/")
    before = {path: ask(path).headers["etag"] for path in paths}
    assert "/download/20" not in ask("/dataset.jsonld").text
    released(library, tmp_path)
    for path in paths:
        again = ask(path, headers={"if-none-match": before[path]})
        assert again.status_code == 200
        assert "/download/20" in again.text


def test_the_page_says_what_each_file_is(get: Get, newest: Release) -> None:
    answer = get("/download")
    assert answer.status_code == 200
    text = " ".join(Document(answer.text).texts)
    assert "Release 2026-11-21: 8 records" in text
    assert "21 November 2026, 12:00 UTC" in text
    links = [href for href, _ in Document(answer.text).links]
    for file in newest.files:
        assert f"/download/2026-11-21/{file.path}" in links
        assert file.sha256 in text
        assert f"{file.size:,}" in text
    assert "/download/2026-11-21/manifest.json" in links
    assert "/download/2026-11-20/manifest.json" in links
    assert "What changed since 2026-11-20" in text
    assert "Abstracts are left out" not in text


def test_it_is_found_from_every_page_and_for_programs(get: Get) -> None:
    for path in ("/", "/about", "/search"):
        assert "/download" in [href for href, _ in Document(get(path).text).links]
    assert "/download</loc>" in get("/sitemap.xml").text


@pytest.mark.parametrize("configured", [None, "", "  ", 7, "nowhere/at/all"])
def test_without_a_release_it_says_so_and_how_to_make_one(
    offering: Serve, configured: object
) -> None:
    get = offering(configured)
    text = get("/download").text
    assert "There is no release to download yet." in text
    assert "harvester release releases" in text
    for path in ("/download/latest/pmids.txt", "/download/2026-11-21/pmids.txt"):
        assert get(path).status_code == 404


def test_the_sample_offers_none(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    nights.make_library(path, kind="sample")
    get = getter(serve(path, metadata={"plugins": {"harvester": {"releases": str(folder)}}}))
    assert "There is no release to download yet." in get("/download").text


def test_a_release_that_lacks_abstracts_says_so(
    library: Path, offering: Serve, tmp_path: Path
) -> None:
    released(library, tmp_path, abstracts=False)
    assert "Abstracts are left out of this release" in offering(str(tmp_path))("/download").text


def test_the_page_is_new_after_a_release(library: Path, offering: Serve, tmp_path: Path) -> None:
    get = offering(str(tmp_path))
    before = get("/download").headers["etag"]
    assert get("/download", headers={"if-none-match": before}).status_code == 304
    released(library, tmp_path)
    answer = get("/download", headers={"if-none-match": before})
    assert (answer.status_code, "Release 2026-11-20" in answer.text) == (200, True)


def test_every_file_comes_as_it_is(get: Get, newest: Release) -> None:
    for name in [*(file.path for file in newest.files), "manifest.json"]:
        answer = get(f"/download/2026-11-21/{name}")
        content = (newest.folder / name).read_bytes()
        assert answer.content == content, name
        assert answer.headers["content-length"] == str(len(content))
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "vary" not in answer.headers
        head = get(f"/download/2026-11-21/{name}", method="HEAD")
        assert (head.content, head.headers["content-length"]) == (b"", str(len(content)))
    saved = get("/download/2026-11-21/literature.db").headers
    assert saved["content-type"] == "application/vnd.sqlite3"
    assert saved["content-disposition"] == 'attachment; filename="literature-2026-11-21.db"'
    assert get("/download/2026-11-21/CHANGELOG.md").headers["content-type"] == (
        "text/plain; charset=utf-8"
    )


def test_the_newest_file_has_an_address_that_stays(get: Get) -> None:
    answer = get("/download/latest/pmids.txt")
    assert answer.status_code == 302
    assert answer.headers["location"] == "/download/2026-11-21/pmids.txt"


def test_who_has_the_file_is_told_so(get: Get, newest: Release) -> None:
    path = "/download/2026-11-21/pmids.txt"
    tag = get(path).headers["etag"]
    assert tag == f'"{newest.manifest["pmids_sha256"]}"'
    answer = get(path, headers={"if-none-match": tag})
    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-3", 0, 3), ("bytes=9-", 9, 71), ("bytes=-5", 67, 71), ("bytes=70-999", 70, 71)],
)
def test_a_broken_download_can_be_gone_on_with(
    get: Get, newest: Release, asked: str, first: int, last: int
) -> None:
    content = (newest.folder / "pmids.txt").read_bytes()
    assert len(content) == 72
    answer = get("/download/2026-11-21/pmids.txt", headers={"range": asked})
    assert answer.status_code == 206
    assert answer.content == content[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/72"
    assert answer.headers["content-length"] == str(last - first + 1)


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,3-4", "lines=1-2", "bytes=-", "bytes=5-2", "bytes=x", "bytes=" + "9" * 99]
)
def test_a_range_that_is_none_is_passed_over(get: Get, asked: str) -> None:
    answer = get("/download/2026-11-21/pmids.txt", headers={"range": asked})
    assert (answer.status_code, len(answer.content)) == (200, 72)


def test_a_range_beyond_the_end_is_refused(get: Get) -> None:
    for asked in ("bytes=72-", "bytes=99-100", "bytes=-0"):
        answer = get("/download/2026-11-21/pmids.txt", headers={"range": asked})
        assert (answer.status_code, answer.content) == (416, b"")
        assert answer.headers["content-range"] == "bytes */72"


def test_a_part_of_another_version_is_not_mixed_in(get: Get) -> None:
    headers = {"range": "bytes=9-", "if-range": '"another"'}
    answer = get("/download/2026-11-21/pmids.txt", headers=headers)
    assert (answer.status_code, len(answer.content)) == (200, 72)


@pytest.mark.parametrize(
    "path",
    [
        "/download/2026-11-21/secret.txt",
        "/download/2026-11-21/%2e%2e",
        "/download/%2e%2e/secret.txt",
        "/download/2026-11-21/%2e%2e%2fsecret.txt",
        "/download/2026-11-21/..%2f..%2fliterature.db",
        "/download/%2e%2e/literature.db",
        "/download/..%2f/literature.db",
        "/download/2026-11-21/%252e%252e/secret.txt",
        "/download/2026-11-19/pmids.txt",
        "/download/2026-11-21/pmids.txt%00",
        "/download/2026-11-21/",
        "/download/2026-11-21",
        "/download//etc/passwd",
    ],
)
def test_no_address_leads_to_another_file(
    get: Get, folder: Path, newest: Release, path: str
) -> None:
    for place in (folder, newest.folder):
        (place / "secret.txt").write_text("secret")
    try:
        answer = get(path)
        if answer.status_code == 302:
            answer = get(answer.headers["location"])
        assert answer.status_code in (400, 403, 404)
        assert "secret" not in answer.text.replace("secret.txt", "")
    finally:
        (newest.folder / "secret.txt").unlink()


@pytest.mark.parametrize(
    "name", ["../secret.txt", "/etc/passwd", ".hidden", "a/b.txt", "", "x" * 99, "x\n.txt"]
)
def test_a_manifest_that_names_other_files_is_no_manifest(
    library: Path, tmp_path: Path, name: str
) -> None:
    made = released(library, tmp_path)
    (tmp_path / "secret.txt").write_text("secret")
    manifest = json.loads((made.folder / "manifest.json").read_text())
    manifest["files"][0] |= {"path": name, "bytes": 6}
    (made.folder / "manifest.json").write_text(json.dumps(manifest))
    assert find_releases(tmp_path) == []
    assert open_file(tmp_path, made.version, name) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"files": 3}', "\x00"])
def test_what_is_no_release_is_passed_over(library: Path, tmp_path: Path, text: str) -> None:
    made = released(library, tmp_path)
    (tmp_path / "2026-12-31").mkdir()
    (tmp_path / "2026-12-31" / "manifest.json").write_text(text)
    (tmp_path / "2026-12-30").write_text("no folder")
    assert [release.version for release in find_releases(tmp_path)] == [made.version]


def test_a_download_reads_the_manifest_of_its_release_alone(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = released(library, tmp_path)
    read: list[str] = []
    shutil.copytree(made.folder, tmp_path / "2026-12-31")
    original = Path.read_text

    def noted(path: Path, *given: Any, **named: Any) -> str:
        read.append(path.parent.name)
        return original(path, *given, **named)

    monkeypatch.setattr(Path, "read_text", noted)
    assert open_file(tmp_path, made.version, "pmids.txt")
    assert read == [made.version]
    for other in ("2026-12-31", "2026-01-01", ".", "..", f"../{tmp_path.name}/{made.version}"):
        assert open_file(tmp_path, other, "pmids.txt") is None


def test_a_link_or_a_file_of_another_size_is_not_served(library: Path, tmp_path: Path) -> None:
    made = released(library, tmp_path)
    (made.folder / "pmids.txt").unlink()
    assert open_file(tmp_path, made.version, "pmids.txt") is None
    secret = tmp_path / "secret.txt"
    secret.write_bytes(b"x" * made.files[1].size)
    (made.folder / "pmids.txt").symlink_to(secret)
    assert open_file(tmp_path, made.version, "pmids.txt") is None
    (made.folder / "README.md").write_text("cut off")
    assert open_file(tmp_path, made.version, "README.md") is None


def test_sizes_are_in_words(newest: Release) -> None:
    shown = offer([newest])
    assert shown
    assert {file.name: file.size for file in shown.files}["pmids.txt"] == "72 bytes"
    from harvester.site.download import _in_words

    sizes = (0, 999, 1000, 1234, 99_949, 999_499, 999_500, 216_657_920, 3_400_000_000)
    assert [_in_words(size) for size in sizes] == [
        *("0 bytes", "999 bytes", "1.0 kB", "1.2 kB", "100 kB", "999 kB", "1.0 MB", "217 MB"),
        "3.4 GB",
    ]


def test_a_page_of_a_site_below_a_path_links_below_it(library: Path, folder: Path) -> None:
    metadata = {"plugins": {"harvester": {"releases": str(folder)}}}
    site = serve(library, metadata=metadata, settings={"base_url": "/lit/"})
    answer: httpx.Response = getter(site)("/download")
    assert 'href="/lit/download/2026-11-21/literature.db"' in answer.text
    assert getter(site)("/download/2026-11-21/pmids.txt").status_code == 200
