"""The report as pages: what stands where, and that nothing in them can run or be asked for."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import attrs
import pytest
from reports import HOSTILE, MUSL, ROOT_LINE, report, result, run

from ciforge.errors import UsageError
from ciforge.model.diagnosis import Diagnosis
from ciforge.model.result import Status
from ciforge.report.html.site import MARK, write_site
from ciforge.report.html.views import LOOKS, matrices, verdicts
from ciforge.report.run_report import RunReport, became

pytestmark = pytest.mark.slow

JOB = "jobs/portable,alpine-3.24,default.html"


class Tags(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> list[str]:
        return [value for _, has in self.found if (value := has.get(name)) is not None]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return write_site(report(tmp_path / "run"), tmp_path / "site").parent


def pages(site: Path) -> Iterator[tuple[Path, Tags]]:
    return ((page, Tags(page)) for page in site.rglob("*.html"))


def test_site_has_a_page_for_every_job(site: Path) -> None:
    names = {page.name for page in site.glob("jobs/*.html")}
    assert names == {f"{job.replace('/', ',')}.html" for job in run().jobs}


def test_site_links_lead_to_files_or_places_in_them(site: Path) -> None:
    known = {page.resolve(): tags for page, tags in pages(site)}
    for page, tags in known.items():
        for link in tags.values("href"):
            path, _, anchor = unquote(link).partition("#")
            target = (page.parent / path).resolve() if path else page
            assert target.is_file(), link
            assert target.is_relative_to(site.resolve())
            if anchor:
                assert anchor in known[target].values("id"), f"{page.name}: {link}"


def test_site_ids_are_unique_in_a_page(site: Path) -> None:
    for page, tags in pages(site):
        ids = tags.values("id")
        assert len(ids) == len(set(ids)), page


def test_site_pages_run_and_load_nothing(site: Path) -> None:
    for _, tags in pages(site):
        names = {tag for tag, _ in tags.found}
        assert not names & {
            "script",
            "img",
            "iframe",
            "object",
            "embed",
            "link",
            "form",
            "base",
            "audio",
        }
        assert not [key for _, has in tags.found for key in has if key.startswith("on")]
        assert tags.values("src") == tags.values("style") == []
        (policy,) = [has["content"] for tag, has in tags.found if has.get("http-equiv")]
        assert policy is not None
        assert policy.startswith("default-src 'none'; style-src 'sha256-")


def test_site_shows_hostile_text_as_text(site: Path) -> None:
    seen = "</script><img src=x onerror=alert(1)> ]]> `b` |c| @somebody #12 red olleh"
    for name in ("index.html", JOB, "jobs/portable,fedora-44,clang.html"):
        assert seen in Tags(site / name).text
        assert not re.search(
            "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", (site / name).read_text()
        )


def test_site_lists_causes_before_the_matrix(site: Path) -> None:
    text = Tags(site / "index.html").text
    assert text.index("setgroups is not declared") < text.index("Distribution")
    for words in (
        "musl only",
        ROOT_LINE,
        "add #include <grp.h>",
        "ciforge run portable/alpine-3.24/default",
    ):
        assert words in text


def test_site_cause_links_to_the_line_of_each_log(site: Path) -> None:
    links = Tags(site / "index.html").values("href")
    assert "jobs/portable,alpine-3.24,default.html#L31" in links
    assert "jobs/portable,alpine-3.24,clang.html#L33" in links


def test_site_matrix_has_releases_by_variants_with_processors_together(tmp_path: Path) -> None:
    first, second = matrices(verdicts(report(tmp_path)))
    assert (first.repo, first.variants) == ("portable", ("default", "clang"))
    assert [(row.release, row.arch) for row in first.rows][:3] == [
        ("debian-12", ""), ("debian-13", ""), ("debian-13", "s390x"),
    ]  # fmt: skip
    assert first.rows[2].cells[1] is None
    assert [row.cells[0].word for row in second.rows if row.cells[0]] == [
        "passed", "skipped", "unknown",
    ]  # fmt: skip


def test_site_has_a_colour_and_a_sign_for_every_outcome(site: Path) -> None:
    drawn = re.findall(r'id="i-(\w+)"', (site / "index.html").read_text())
    outcomes = {
        became(result("a/b/c", status, allow_failure=allowed))
        for status in Status
        for allowed in (False, True)
    }
    assert {LOOKS[outcome][1] for outcome in outcomes} <= set(drawn)


def test_site_signs_differ_where_colours_may_look_alike() -> None:
    assert len({LOOKS[word][1] for word in ("passed", "failed", "infrastructure", "skipped")}) == 4


def test_job_page_has_steps_packages_and_log(site: Path) -> None:
    tags = Tags(site / JOB)
    for words in (
        "configure",
        "exit 2",
        "22.5 s",
        "libevent-dev",
        "2.1.12-stable-10",
        "line 60 of the build",
    ):
        assert words in tags.text
    assert {f"L{number}" for number in range(1, 61)} <= set(tags.values("id"))
    assert {"step-prepare", "step-configure", "step-build"} <= set(tags.values("id"))


def test_job_page_shows_a_finding_below_its_line(site: Path) -> None:
    text = (site / JOB).read_text()
    line, after = text.index('id="L31"'), text.index('id="L32"')
    assert "remark root" in text[line:after]
    assert "add <code>#include &lt;grp.h&gt;</code> to" in text[line:after]


def test_site_shows_drift_and_warnings(site: Path) -> None:
    for name in ("index.html", "jobs/portable,debian-12,default.html"):
        text = Tags(site / name).text
        assert "HAVE_SETGROUPS is missing, was defined (compared with the last green run)" in text
        assert "an error with gcc 14 and clang 16" in text


@pytest.mark.slow
def test_job_page_shortens_a_long_log_and_links_the_full_one(tmp_path: Path) -> None:
    whole = report(tmp_path, lines=200_000)
    site = write_site(whole, tmp_path / "site").parent
    assert (site / JOB).stat().st_size < 2_000_000
    assert "lines 1,001 to 199,000 are in the" in (site / JOB).read_text()
    copy = site / "logs" / "portable,alpine-3.24,default.txt"
    assert copy.read_bytes() == whole.logs[MUSL[0]].read_bytes()
    assert copy.stat().st_ino != whole.logs[MUSL[0]].stat().st_ino


def test_site_copies_artifacts_as_text(site: Path) -> None:
    (copy,) = list(site.glob("artifacts/*/*"))
    assert copy.name == "config.log.txt"
    assert {file.suffix for file in site.rglob("*") if file.is_file()} == {".html", ".txt", ""}


def test_site_does_not_follow_links_among_artifacts(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (tmp_path / "link").symlink_to(secret)
    whole = attrs.evolve(report(tmp_path), artifacts={MUSL[0]: (tmp_path / "link",)})
    site = write_site(whole, tmp_path / "site").parent
    assert list(site.glob("artifacts/*/*")) == []


def test_site_replaces_an_older_report(site: Path, tmp_path: Path) -> None:
    (site / "jobs" / "gone.html").touch()
    write_site(report(tmp_path), site)
    assert not (site / "jobs" / "gone.html").exists()


@pytest.mark.parametrize("name", ["index.html", "jobs/mine.txt", ".git/config"])
def test_site_refuses_a_folder_with_other_files(tmp_path: Path, name: str) -> None:
    file = tmp_path / "site" / name
    file.parent.mkdir(parents=True)
    file.write_text("mine")
    with pytest.raises(UsageError, match="is not empty and is not a ciforge report"):
        write_site(report(tmp_path), tmp_path / "site")
    assert file.read_text() == "mine"
    assert not (tmp_path / "site" / MARK).exists()


def test_site_in_an_unwritable_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="file"):
        write_site(report(tmp_path), tmp_path / "file")


def test_site_of_an_empty_run_has_a_page(tmp_path: Path) -> None:
    empty = RunReport(run=run(jobs=(), sources=(), ended=""), results=(), why=Diagnosis(run="r"))
    assert "did not finish" in Tags(write_site(empty, tmp_path / "site")).text


def test_site_shows_hostile_text_in_every_field_as_text(tmp_path: Path) -> None:
    odd = result(
        MUSL[0], Status.FAILED, reason=HOSTILE, failed_step=HOSTILE, image=HOSTILE, base=HOSTILE,
        started=HOSTILE, packages={HOSTILE: HOSTILE}, kept_machine=HOSTILE, tail=(HOSTILE,),
    )  # fmt: skip
    whole = RunReport(
        run=run(jobs=(MUSL[0],), project=HOSTILE, version=HOSTILE, started=HOSTILE),
        results=(odd,), why=Diagnosis(run="r", problems=(HOSTILE,)), repeats={MUSL[0]: HOSTILE},
    )  # fmt: skip
    site = write_site(whole, tmp_path / "site").parent
    for page, tags in pages(site):
        assert not {"script", "img"} & {tag for tag, _ in tags.found}, page
