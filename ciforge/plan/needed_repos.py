"""Repositories whose install other repositories need: the jobs that have to run first, and the steps that carry it over. Pure."""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from ciforge.errors import UsageError, did_you_mean
from ciforge.model.cross_id import CROSS
from ciforge.model.flaw import Flaw
from ciforge.model.job import Job, Step
from ciforge.model.project import Project, Repo
from ciforge.plan.dist_script import DIST, DIST_PACKED
from ciforge.plan.need_order import need_order
from ciforge.plan.ready_variants import READY_VARIANTS
from ciforge.plan.recipes import RECIPES

PACK = "pack-install"
"""The last step of a job whose install another repository needs."""
UNPACK = "install-needed"
"""The first step of a job that needs it."""
PACKED = "/ciforge/records/install.tar"
FOLDER = "/ciforge/home"
"""Where the archives of needed installs are put, named by `archive_name`."""

_PACK = f"""\
manifest=/ciforge/records/manifest.txt
sed -n -e 's|^file [^ ]* [^ ]* [^ ]* /||p' -e 's|^link [^ ]* [^ ]* [^ ]* /||p' "$manifest" >/ciforge/records/installed
[ -s /ciforge/records/installed ] || {{
    echo '{PACK}: nothing was installed, and another repository needs it' >&2
    exit 1
}}
cd /
tar -cf {PACKED} -T /ciforge/records/installed
echo "{PACK}: files: $(wc -l </ciforge/records/installed)"
"""


def needed_by_order(project: Project, repo: str) -> tuple[str, ...]:
    """Returns the repositories that one needs, directly or not, each after those that it needs itself."""
    repos = project.repos
    order = need_order((repo,), lambda name: filter(repos.__contains__, repos[name].needs))
    return tuple(name for name in order if name != repo)


def needed_flaws(project: Project) -> Iterator[Flaw]:
    """Yields the flaws of `needs`: unknown repositories, and circles."""
    needed = {id_: frozenset(needed_by_order(project, id_)) for id_ in project.repos}
    for id_, repo in project.repos.items():
        for place, name in enumerate(repo.needs):
            path = ("repos", id_, "needs", place)
            if name not in project.repos:
                yield Flaw(path, f"no repository {name!r}{did_you_mean(name, project.repos)}")
            elif name == id_ or id_ in needed[name]:
                yield Flaw(
                    path, f"{id_} needs {name}, and {name} needs {id_}: neither can be first"
                )
            elif not _installs(project.repos[name]):
                yield Flaw(
                    path,
                    f"{name} has no step install, so there is nothing that {id_} could be given",
                )


def _installs(repo: Repo) -> bool:
    """Returns whether the steps of a repository, before its variants, install anything."""
    change = repo.steps.get("install")
    if change is not None:
        return change is not False
    recipe = RECIPES.get(repo.recipe)
    return recipe is None or any(step.name == "install" and step.on for step in recipe.steps)


def is_needed(project: Project, repo: str) -> bool:
    """Returns whether another repository needs the install of one."""
    return any(repo in other.needs for other in project.repos.values())


def needed_variant(project: Project, variant: str) -> str:
    """Returns the variant in which a needed repository is built: the same, if it is one of the project's own."""
    own = variant in project.variants and variant not in (*READY_VARIANTS, CROSS)
    return variant if own else "default"


def packed_path(job_id: str) -> str:
    """Returns the path of the archive that a job hands on: its install, or its release tarball."""
    return DIST_PACKED if is_dist(job_id) else PACKED


def is_dist(job_id: str) -> bool:
    """Returns whether a job makes the release tarball."""
    return job_id.rpartition("/")[2].partition("@")[0] == DIST


def needs_only_tarballs(job: Job) -> bool:
    """Returns whether all that a job needs of others are release tarballs."""
    return all(map(is_dist, job.needs))


def archive_name(job_id: str) -> str:
    """Returns the name of the archive of what a job installed."""
    return f"needed,{job_id.replace('/', ',')}.tar"


def with_needed_steps(
    steps: Sequence[Step], needs: Iterable[str], *, packs: bool
) -> tuple[Step, ...]:
    """Returns the steps of a job, with one that lays in what others installed, and one that packs its own install."""
    archives = [f"{FOLDER}/{archive_name(id_)}" for id_ in needs]
    calls = "".join(
        f"tar -C / -xf {shlex.quote(file)}\necho {UNPACK}: {shlex.quote(file)}\n"
        for file in archives
    )
    calls += "! command -v ldconfig >/dev/null || ldconfig\n"
    first = (Step(name=UNPACK, run=calls, root=True, timeout=300),) if archives else ()
    last = (Step(name=PACK, run=_PACK, root=True, timeout=300),) if packs else ()
    return (*first, *steps, *last)


def refuse_needs(jobs: Iterable[Job], what: str, hint: str) -> None:
    """Raises UsageError if one of the jobs needs an install; `what` is what is given none: `a script`.

    `{repo}` in the hint is the repository of that job.
    """
    if needing := next((job for job in jobs if job.needs), None):
        made = "tarball" if is_dist(needing.needs[-1]) else "install"
        message = f"{needing.id} needs the {made} of {needing.needs[-1]}, which {what} is not given"
        raise UsageError(message, hint=hint.replace("{repo}", needing.repo))


def with_needed_jobs(jobs: Sequence[Job], jobs_by_id: Mapping[str, Job]) -> tuple[Job, ...]:
    """Returns the jobs, and before them those that they need and that are not among them.

    `jobs_by_id` has the jobs that the plan can make of the ids in `needs`. A job whose needed job is skipped is skipped."""
    every = {job.id: job for job in jobs}
    further = dict.fromkeys(id_ for job in jobs for id_ in job.needs if id_ not in every)
    every = {id_: jobs_by_id[id_] for id_ in further} | every
    return tuple(_skipped_like(job, every) for job in every.values())


def _skipped_like(job: Job, every: Mapping[str, Job]) -> Job:
    reasons = [f"it needs {id_}: {every[id_].skipped}" for id_ in job.needs if every[id_].skipped]
    return attrs.evolve(job, skipped=job.skipped or reasons[0]) if reasons else job
