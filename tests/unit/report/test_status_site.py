"""The status page and its badges: what is written where, and that nothing in them runs or is asked for."""

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import HOSTILE

from ciforge.errors import UsageError
from ciforge.model.cause import Cause
from ciforge.model.finding import Finding, FindingKind
from ciforge.model.incident import BranchRef, Incident, RunRef
from ciforge.report.current_matrix import BranchMatrix, CurrentResult
from ciforge.report.formatting import BASES
from ciforge.report.html.badge import LABEL, TEXT, Badge, badge_image, branch_folder
from ciforge.report.html.palette import LIGHT, STATES
from ciforge.report.html.status_site import (
    STATUS_MARK,
    CurrentStatus,
    status_files,
    write_status_site,
)
from ciforge.report.html.views import LOOKS
from tests.tables import each
from tests.unit.report.test_palette import contrast

NOW = 1_790_000_000.0
WORDS = {
    "daemon/debian-13/default": "passed",
    "daemon/debian-13/clang": "stale",
    "daemon/debian-13/default@s390x": "infrastructure",
    "daemon/alpine-3.24/default": "failed",
    "daemon/fedora-44/default": "failed (allowed)",
    "daemon/arch-latest/default": "no result",
    "daemon/sid/default": "skipped",
}


def matrix(words: dict[str, str], branch: str = "master") -> BranchMatrix:
    results = tuple(
        CurrentResult(
            job=job, distribution=re.sub(r"-.*", "", job.split("/")[1]), word=word, since=NOW - 60,
            commit="4f1c8a2b9d3e", detail=HOSTILE,
        )
        for job, word in words.items()
    )  # fmt: skip
    return BranchMatrix(branch=BranchRef(repo="daemon", branch=branch), results=results)


def status(*matrices: BranchMatrix) -> CurrentStatus:
    return CurrentStatus(project="mine", version="1.0", now=NOW, matrices=matrices)


def title_of(image: bytes) -> str:
    return ET.fromstring(image).findtext("{http://www.w3.org/2000/svg}title") or ""


def images(**words: str) -> dict[str, str]:
    """Paths of badges below the branch's folder to their titles."""
    made = status_files(status(matrix({f"daemon/{job}": word for job, word in words.items()})))
    return {
        path.removeprefix("badges/daemon/master/"): title_of(data)
        for path, data in made.items()
        if path.endswith(".svg")
    }


def test_repository_distribution_and_job_each_have_a_badge() -> None:
    assert images(**{"debian-12/default": "passed", "debian-13/default@s390x": "failed"}) == {
        "repository.svg": "daemon master: 1 of 2 failed (2026-09-21 14:13 UTC)",
        "distributions/debian.svg": "daemon master debian: 1 of 2 failed (2026-09-21 14:13 UTC)",
        "jobs/debian-12,default.svg": "daemon master debian-12/default: passed (2026-09-21 14:13 UTC)",
        "jobs/debian-13,default@s390x.svg": "daemon master debian-13/default@s390x: failed (2026-09-21 14:13 UTC)",
    }


def test_badge_is_green_only_if_it_says_passed() -> None:
    for path, data in status_files(status(matrix(WORDS))).items():
        if path.endswith(".svg"):
            green = LIGHT["good"] in data.decode()
            assert green is (": passed (" in title_of(data)), path


def test_badge_text_has_enough_contrast_in_every_colour() -> None:
    for ground in (LABEL, *(LIGHT[name] for name in STATES)):
        assert contrast(TEXT, ground) >= 4.5


def test_badge_loads_and_runs_nothing_and_shows_hostile_text_as_text() -> None:
    badge = Badge(path="x", subject=HOSTILE, label=HOSTILE, word="failed", message=HOSTILE)
    image = badge_image(badge, NOW).decode()
    found = ET.fromstring(image)
    tags = {one.tag.partition("}")[2] for one in found.iter()}
    assert tags == {"svg", "title", "rect", "path", "g", "text"}
    names = {name for one in found.iter() for name in one.attrib}
    assert not [
        name for name in names if name.startswith("on") or "href" in name or name == "style"
    ]
    assert re.findall(r"https?:[^\"]*", image) == ["http://www.w3.org/2000/svg"]
    assert "<img" not in image and "&lt;img src=x onerror=alert(1)&gt;" in image
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", image)


@pytest.mark.parametrize(
    ("branch", "folder"),
    [
        ("master", "master"),
        ("feature/x.y", "feature,x.y"),
        ("OPENBSD_7_5", "OPENBSD_7_5"),
    ],
)
def test_status_folder_of_a_plain_branch_has_its_name(branch: str, folder: str) -> None:
    assert branch_folder(branch) == folder


@each(
    "branch",
    ["", "..", "../../etc", "a/../b", ".hidden", "a,b", "a b", "é", "a~1", "-x", "\ud800", "a" * 300,
     "a/", "a\n", "a%2f", "CON:"],
)  # fmt: skip
def test_status_folder_of_any_other_branch_has_a_hash(branch: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9-]{1,40}~[0-9a-f]{16}", branch_folder(branch))


@given(
    st.lists(st.text(alphabet="aA/,.~-% \u00e9", max_size=6), min_size=2, max_size=2, unique=True)
)
def test_status_folders_of_branches_are_separate(pair: list[str]) -> None:
    one, other = map(branch_folder, pair)
    assert one != other


class Page(HTMLParser):
    """Elements and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def page(*matrices: BranchMatrix) -> Page:
    return Page(status_files(status(*matrices))["index.html"].decode())


def test_status_page_shows_each_state_with_its_own_look() -> None:
    made = page(matrix(WORDS))
    for word in WORDS.values():
        assert word in made.text
    looks = [has["class"] for tag, has in made.found if tag == "td" and has["class"] != "none"]
    assert sorted(map(str, looks)) == sorted(LOOKS[word][0] for word in WORDS.values())
    assert looks.count("good") == 1
    assert "State at 2026-09-21 14:13 UTC" in made.text


def test_status_page_runs_and_loads_nothing_and_shows_hostile_text_as_text() -> None:
    cause = Incident(
        id="1" * 16, project="mine", branch_ref=BranchRef(repo="daemon", branch=HOSTILE), key="k",
        cause=Cause(key="k", kind=FindingKind.OTHER, title=HOSTILE, subject=""), broken=("a/b/c",),
    )  # fmt: skip
    hostile = attrs.evolve(matrix(WORDS, HOSTILE), incidents=(cause,))
    made = page(hostile)
    assert not {tag for tag, _ in made.found} & {
        "script", "img", "iframe", "object", "embed", "link", "form", "base",
    }  # fmt: skip
    assert not [key for _, has in made.found for key in has if key.startswith("on")]
    assert made.text.count("<img src=x onerror=alert(1)>") >= len(WORDS)
    (policy,) = [has["content"] for _, has in made.found if has.get("http-equiv")]
    assert str(policy).startswith("default-src 'none'; style-src 'sha256-")


def test_status_page_says_of_each_cause_whose_it_is_who_works_on_it_and_what_to_do() -> None:
    finding = Finding(kind=FindingKind.MISSING_HEADER, advice="Add `libevent` to `dependencies`.")
    cause = Cause(key="k", kind=FindingKind.OTHER, title="event.h not found", findings={"a/b/c": finding})  # fmt: skip
    few = Incident(
        id="1" * 16, project="mine", branch_ref=BranchRef(repo="daemon", branch="master"), key="k",
        cause=cause, broken=("a/b/c",), good=RunRef(revision="a" * 40), bad=RunRef(revision="b" * 40),
        opened=RunRef(at=NOW - 86400), assignee="ann@example.org", muted_until=NOW + 86400,
        mute_reason="the next libc",
    )  # fmt: skip
    many = attrs.evolve(
        few, id="2" * 16, cause=attrs.evolve(cause, title="grp.h not found"), broken=("a/b/c", "a/d/c"),
        assignee="", muted_until=0.0,
    )  # fmt: skip
    text = page(attrs.evolve(matrix(WORDS), incidents=(few, many))).text
    assert "1 job on 1 system, for " in text
    assert (
        "after commit aaaaaaaaaaaa, by bbbbbbbbbbbb at the latest; assigned to ann; muted until"
        in text
    )
    assert "UTC: the next libc" in text
    assert f"Add libevent to dependencies. {BASES[finding.basis]}" in text
    assert "example.org" not in text
    assert text.index("grp.h not found") < text.index("event.h not found")


def test_status_page_links_lead_to_existing_badges() -> None:
    files = status_files(status(matrix(WORDS), matrix(WORDS, "a/b"), matrix(WORDS, "ä ö")))
    made = Page(files["index.html"].decode())
    links = [str(has["href"]) for tag, has in made.found if tag == "a" and "href" in has]
    targets = [unquote(link) for link in links if not link.startswith("#")]
    assert sorted(targets) == sorted(path for path in files if path.endswith(".svg"))
    ids = [has["id"] for _, has in made.found if "id" in has]
    assert len(ids) == len(set(ids))


def test_status_site_replaces_an_older_one_and_removes_obsolete_badges(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "public"
    write_status_site(status(matrix(WORDS), matrix(WORDS, "old")), folder)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine.svg").write_text("mine")
    (folder / "badges" / "link").symlink_to(outside)
    index = write_status_site(status(matrix({"daemon/debian-13/default": "passed"})), folder)
    assert index == folder / "index.html"
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()) == [
        STATUS_MARK, "badges/daemon/master/distributions/debian.svg",
        "badges/daemon/master/jobs/debian-13,default.svg", "badges/daemon/master/repository.svg",
        "index.html",
    ]  # fmt: skip
    assert not (folder / "badges" / "daemon" / "old").exists()
    assert (outside / "mine.svg").read_text() == "mine"


def test_status_site_refuses_a_folder_with_other_files(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(UsageError, match="is not a status page"):
        write_status_site(status(matrix(WORDS)), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_status_site_follows_no_link_of_an_older_one(tmp_path: Path) -> None:
    folder, outside = tmp_path / "public", tmp_path / "outside"
    outside.mkdir()
    write_status_site(status(matrix(WORDS)), folder)
    (folder / "index.html").unlink()
    (folder / "index.html").symlink_to(outside / "page")
    write_status_site(status(matrix(WORDS)), folder)
    assert list(outside.iterdir()) == []
    link = tmp_path / "link"
    link.symlink_to(folder)
    with pytest.raises(UsageError, match="symbolic link"):
        write_status_site(status(matrix(WORDS)), link)
    (folder / "badges").rename(tmp_path / "away")
    (folder / "badges").symlink_to(outside)
    with pytest.raises(UsageError, match="symbolic link"):
        write_status_site(status(matrix(WORDS)), folder)
    assert list(outside.iterdir()) == []


def test_status_site_names_a_folder_that_cannot_be_created(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"file/public"):
        write_status_site(status(matrix(WORDS)), tmp_path / "file" / "public")
