"""The matrix of all jobs that could be, and the jobs of it that a project lists."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import attrs

from ciforge.model.cross_id import CROSS
from ciforge.model.distro import Catalogue, Distribution, Release
from ciforge.model.job import job_id
from ciforge.model.platform import Platform
from ciforge.model.project import JobEntry, Project
from ciforge.plan.cross_check import cross_cells
from ciforge.plan.selector import Names, Selector, chosen, names_of, read_selector
from ciforge.plan.served_platforms import unserved


@attrs.frozen(eq=False, repr=False)
class MatrixCoordinates:
    """A place in the matrix of all jobs that could be."""

    repo: str
    distribution: Distribution
    release: Release
    variant: str
    platform: Platform

    @property
    def release_id(self) -> str:
        return self.distribution.release_id(self.release)

    @property
    def id(self) -> str:
        """The id that its job has."""
        return job_id(self.repo, self.release_id, self.variant, self.platform)

    def matched_by(self, selector: Selector) -> bool:
        """Whether `selector` elsewhere means it."""
        name = self.distribution.distribution
        return selector.matches(self.repo, name, self.release_id, self.variant, self.platform)


ListedJobs: TypeAlias = Mapping[str, tuple[MatrixCoordinates, JobEntry]]
"""Ids of jobs to their places in the matrix, and to the entries of `jobs:` whose settings hold."""


def listed_jobs(project: Project, catalogue: Catalogue, names: Names) -> ListedJobs:
    """Returns the jobs that all entries of `jobs:` leave, in their order. An exclusion (`!`) takes away what is
    listed before it; a later entry can list it again. Raises ValueError for an unreadable entry."""
    listed: ListedJobs = {}
    for entry in project.jobs:
        selector = read_selector(entry.job, names)
        if selector.negated:
            listed = without_excluded(listed, selector)
        else:
            cells = listed_coordinates(selector, catalogue, names)
            listed = {**listed, **{cell.id: (cell, entry) for cell in cells}}
    return listed


def listed_of_variant(
    project: Project, catalogue: Catalogue, variant: str
) -> Iterator[MatrixCoordinates]:
    """Yields the places that entries of `jobs:` list with a ready variant by its name, in their order."""
    names = names_of(project, catalogue)
    for entry in project.jobs:
        selector = read_selector(entry.job, names)
        if variant in selector.variant and not selector.negated:
            cells = listed_coordinates(selector, catalogue, names)
            yield from (cell for cell in cells if cell.variant == variant)


def without_excluded(listed: ListedJobs, exclusion: Selector) -> ListedJobs:
    """The listed jobs that a selector with `!` does not exclude."""
    return {id_: found for id_, found in listed.items() if found[0].matched_by(exclusion)}


def listed_coordinates(
    selector: Selector, catalogue: Catalogue, names: Names
) -> Iterator[MatrixCoordinates]:
    """Every job that `selector` in `jobs:` means: repositories, releases, variants and platforms
    are chosen each by itself, so that a large matrix is never built to be searched.

    A pattern means only what can run; what cannot has to be named. A release that no engine runs
    stands for its cross check. Cross checks and ready variants have to be named."""
    variants = [
        name
        for name in chosen(selector.variant, names.variants)
        if name != CROSS and (name not in names.to_be_named or name in selector.variant)
    ]
    for repo in chosen(selector.repo, names.repos):
        for distribution in catalogue.distributions.values():
            for release in distribution.releases:
                if not selector.lists_release(distribution.release_id(release), names):
                    continue
                crossing = tuple(cross_cells(selector, distribution, release, catalogue))
                for platform in crossing:
                    yield MatrixCoordinates(repo, distribution, release, CROSS, platform)
                if crossing and "*" in selector.variant and not release.image:
                    continue
                named = selector.names_release(distribution, release)
                platforms = [
                    platform
                    for platform in release.platforms
                    if selector.lists_arch(platform.arch)
                    and (named or not unserved(distribution, release, platform))
                ]
                for variant in variants:
                    for platform in platforms:
                        yield MatrixCoordinates(repo, distribution, release, variant, platform)
