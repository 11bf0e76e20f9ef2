"""Which sources share a cache: every kind of source in real repositories, and what sets two apart."""

import os
import subprocess
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from projects import plan

from ciforge.app.source_options import (
    SourceOptions,
    archive_sources,
    current_checkout,
    source_specs,
)
from ciforge.app.trust_domains import within_domains
from ciforge.app.workspace import open_workspace
from ciforge.model.platform import Platform
from ciforge.model.trust_domain import Trust, TrustDomain, alone, cache_volume
from ciforge.plan.selection import select
from ciforge.store.identity import identity_of

pytestmark = pytest.mark.slow

PROJECT = """\
project: mine
repos:
  tree: {{git: "{address}", branches: [main, stable], recipe: make}}
jobs: [tree/debian-13/default]
"""


def git(tree: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ["git", "-C", str(tree), *who, *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(tree: Path, text: str) -> str:
    (tree / "file").write_text(text)
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "-m", text)
    return git(tree, "rev-parse", "HEAD")


@pytest.fixture(autouse=True)
def no_settings_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@attrs.define
class World:
    """An upstream repository, a project file that follows it, and a person with a state folder."""

    root: Path

    @property
    def upstream(self) -> Path:
        return self.root / "upstream.git"

    @property
    def project(self) -> Path:
        return self.root / "project" / "ciforge.yml"

    def address(self) -> str:
        return f"file://{self.upstream}"

    def clone(self, name: str, origin: str = "") -> Path:
        git(self.root, "clone", "--quiet", origin or self.address(), name)
        return self.root / name

    def domain(
        self, *, at: str = "", file: Path | None = None, state: str = "state", **said: object
    ) -> TrustDomain:
        """That of the repository `tree` in a run that is typed `at` a folder."""
        here = self.root / at
        opened = open_workspace(file or self.project, here)
        # A project file names no folder of this machine; here one stands for the address.
        repo = attrs.evolve(opened.project.repos["tree"], git=self.address())
        project = attrs.evolve(opened.project, repos={"tree": repo})
        opened = opened._replace(project=project)
        tree = current_checkout(opened, here)
        jobs = select(opened.plan, ())
        wanted = source_specs(opened, jobs, tree, SourceOptions(**said))  # type: ignore[arg-type]
        folder = self.root / state / "mine"
        (folder / "tmp").mkdir(parents=True, exist_ok=True)
        carried = archive_sources(wanted, folder / "tmp", folder / "mirrors", lambda _: None)
        return within_domains(carried, wanted, opened, folder)["tree"].domain


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    origin = tmp_path / "origin"
    origin.mkdir()
    git(origin, "init", "--quiet")
    commit(origin, "one")
    git(origin, "branch", "stable")
    commit(origin, "two")
    git(origin, "checkout", "--quiet", "-b", "topic")
    pull = commit(origin, "a pull request")
    git(origin, "update-ref", "refs/pull/12/head", pull)
    git(origin, "checkout", "--quiet", "main")
    git(tmp_path, "clone", "--quiet", "--mirror", str(origin), str(world.upstream))
    world.project.parent.mkdir()
    world.project.write_text(PROJECT.format(address="https://example.org/x.git"))
    return world


@pytest.mark.slow
def test_fetched_source_of_a_followed_branch_is_in_the_domain_of_the_branch(world: World) -> None:
    domain = world.domain()
    assert (domain.trust, domain.about) == (Trust.BRANCH, "followed branch main")
    assert world.domain() == domain


@pytest.mark.slow
@pytest.mark.parametrize("revision", ["main", "refs/heads/main", "main~0"])
def test_named_head_of_a_followed_branch_is_in_the_domain_of_the_branch(
    world: World, revision: str
) -> None:
    assert world.domain(revisions=(revision,)) == world.domain()


@pytest.mark.slow
def test_commits_of_a_followed_branch_are_in_the_domain_of_the_branch(world: World) -> None:
    old = git(world.upstream, "rev-parse", "main~1")
    assert world.domain(revisions=(old,)) == world.domain()


def test_followed_branches_are_different_domains(world: World) -> None:
    clone = world.clone("clone")
    git(clone, "checkout", "--quiet", "stable")
    commit(clone, "only in stable")
    git(clone, "push", "--quiet", str(world.upstream), "stable")
    domain = world.domain(revisions=("stable",))
    assert (domain.trust, domain.about) == (Trust.BRANCH, "followed branch stable")
    assert domain != world.domain()


def test_pull_request_has_no_domain_however_it_is_named(world: World) -> None:
    commit_ = git(world.upstream, "rev-parse", "topic")
    for revision in ("refs/pull/12/head", "topic", commit_, "refs/pull/12/head~0"):
        domain = world.domain(revisions=(revision,))
        assert domain.trust is Trust.ALONE, revision


@pytest.mark.slow
def test_patched_source_has_no_domain(world: World) -> None:
    clone = world.clone("clone")
    patch = world.root / "fix.diff"
    patch.write_text(
        "--- a/file\n+++ b/file\n@@ -1 +1 @@\n-two\n\\ No newline at end of file\n+x\n"
    )
    assert world.domain(patch=str(patch)).trust is Trust.ALONE
    assert world.domain(at=clone.name, patch=str(patch)).trust is Trust.ALONE


@pytest.mark.slow
def test_archive_and_foreign_address_have_no_domain(world: World) -> None:
    archive = world.root / "tree.tar"
    git(world.upstream, "archive", "--prefix=tree/", "-o", str(archive), "main")
    fork = world.root / "fork.git"
    git(world.root, "clone", "--quiet", "--mirror", str(world.upstream), str(fork))
    for place in (archive, f"file://{fork}", fork):
        assert world.domain(sources=(f"tree={place}",)).trust is Trust.ALONE, place


def test_checkout_is_a_domain_that_reads_the_one_of_the_followed_branch(world: World) -> None:
    world.clone("clone")
    domain = world.domain(at="clone")
    assert (domain.trust, domain.about) == (Trust.TREE, "working tree, branch main")
    assert domain.followed == world.domain()
    (world.root / "clone" / "file").write_text("edited")
    assert world.domain(at="clone") == domain


@pytest.mark.slow
def test_local_branch_and_clone_are_each_a_domain(world: World) -> None:
    clone, _ = world.clone("clone"), world.clone("other")
    domains = [world.domain(at="clone"), world.domain(at="other")]
    git(clone, "checkout", "--quiet", "-b", "review")
    domains.append(world.domain(at="clone"))
    assert {one.trust for one in domains} == {Trust.TREE}
    assert len({one.digest for one in domains}) == 3
    assert {one.followed for one in domains} == {world.domain()}


@pytest.mark.slow
def test_clone_at_the_path_of_an_earlier_one_is_another_domain(world: World) -> None:
    clone = world.clone("clone")
    before = world.domain(at="clone")
    clone.rename(world.root / "gone")
    world.clone("clone")
    assert world.domain(at="clone") != before


@pytest.mark.slow
def test_detached_checkout_and_revision_of_a_clone_have_no_domain(world: World) -> None:
    clone = world.clone("clone")
    assert world.domain(at="clone", revisions=("origin/main",)).trust is Trust.ALONE
    git(clone, "checkout", "--quiet", "--detach")
    assert world.domain(at="clone").trust is Trust.ALONE


@pytest.mark.slow
def test_named_clone_has_a_domain_only_if_it_belongs_to_the_project(
    world: World,
) -> None:
    own = world.clone("own")
    fork = world.root / "fork.git"
    git(world.root, "clone", "--quiet", "--mirror", str(world.upstream), str(fork))
    foreign = world.clone("foreign", f"file://{fork}")
    assert world.domain(sources=(f"tree={own}",)).trust is Trust.TREE
    assert world.domain(sources=(f"tree={foreign}",)).trust is Trust.ALONE


def test_folder_without_git_is_a_domain_by_its_path(world: World) -> None:
    for name in ("one", "two"):
        (world.root / name).mkdir()
        (world.root / name / "file").write_text(name)
    one, two = (world.domain(sources=(f"tree={world.root / name}",)) for name in ("one", "two"))
    assert {one.trust, two.trust} == {Trust.TREE}
    assert one != two


@pytest.mark.slow
def test_state_folder_is_part_of_the_domain_and_a_later_one_another(world: World) -> None:
    first, other = world.domain(), world.domain(state="elsewhere")
    (world.root / "state").rename(world.root / "gone")
    assert len({first.digest, other.digest, world.domain().digest}) == 3


@pytest.mark.slow
def test_domain_of_a_followed_branch_depends_on_project_file_and_its_branch(
    world: World,
) -> None:
    """Its steps are other ones: those of a pull request write to no cache of the followed branch."""
    theirs = world.root / "theirs" / "ciforge.yml"
    theirs.parent.mkdir()
    theirs.write_text(world.project.read_text())
    folder = world.project.parent
    git(folder, "init", "--quiet")
    commit(folder, "ours")
    domains = [world.domain(), world.domain(file=theirs)]
    git(folder, "checkout", "--quiet", "-b", "pull-12")
    domains.append(world.domain())
    git(folder, "checkout", "--quiet", "--detach")
    domains.append(world.domain())
    assert {one.trust for one in domains} == {Trust.BRANCH}
    assert len({one.digest for one in domains}) == 4


@pytest.mark.slow
def test_project_file_in_the_tree_reads_the_domain_of_its_followed_branch(world: World) -> None:
    clone = world.clone("clone")
    file = clone / "ciforge.yml"
    file.write_text(world.project.read_text())
    followed = world.domain(file=file)
    git(clone, "checkout", "--quiet", "-b", "feature")
    tree = world.domain(at="clone", file=file)
    assert (followed.trust, tree.trust, tree.followed) == (Trust.BRANCH, Trust.TREE, followed)


def test_checkout_that_git_refuses_shares_no_domain(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(world.project.parent, "init", "--quiet")
    monkeypatch.setenv("PATH", str(world.root / "nowhere"))
    (world.root / "plain").mkdir()
    domain = world.domain(sources=(f"tree={world.root / 'plain'}",))
    assert domain.trust is Trust.ALONE
    assert "git" in domain.about


def test_identity_of_a_state_folder_is_constant(tmp_path: Path) -> None:
    first = identity_of(tmp_path / "one")
    assert (identity_of(tmp_path / "one"), len(first)) == (first, 32)
    assert identity_of(tmp_path / "two") != first


S390X = Platform("linux", "s390x")
JOB, OTHER = plan(
    PROJECT.format(address="https://example.org/x.git").replace("debian-13", "debian")
).jobs[:2]
FACTS = st.lists(st.text(max_size=4), max_size=4).map(tuple)
DOMAINS = st.builds(TrustDomain, trust=st.sampled_from(Trust), facts=FACTS)


@given(one=DOMAINS, other=DOMAINS)
def test_two_domains_share_no_volume(one: TrustDomain, other: TrustDomain) -> None:
    volumes = [cache_volume(JOB, domain) for domain in (one, other)]
    if one != other:
        assert volumes[0] != volumes[1] or volumes == ["", ""]
    assert [bool(volume) for volume in volumes] == [one.shares, other.shares]


def test_two_jobs_share_no_volume() -> None:
    domain = TrustDomain(trust=Trust.TREE, facts=("here",))
    jobs = (JOB, OTHER, attrs.evolve(JOB, project="b"), attrs.evolve(JOB, platform=S390X))
    assert len({cache_volume(job, domain) for job in jobs}) == 4


def test_source_without_a_domain_has_no_volume() -> None:
    assert cache_volume(JOB, alone("it has a patch")) == ""
