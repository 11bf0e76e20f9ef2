"""Traits of the jobs of a run, from the plan or, without it, from ids and packages."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from ciforge.diagnose.causes.common_factors import libc_of
from ciforge.model.cross_id import CROSS
from ciforge.model.job import Job
from ciforge.model.job_traits import Traits
from ciforge.model.result import Result

_COMPILER = re.compile(r"(?:^|[-_])(?P<name>gcc|clang|tcc|pcc)\b")


def traits(results: Sequence[Result], jobs: Sequence[Job]) -> dict[str, Traits]:
    """By id, in the order of the results."""
    planned = {job.id: job for job in jobs}
    return {result.job: _of(result, planned.get(result.job)) for result in results}


def _of(result: Result, job: Job | None) -> Traits:
    repo, release, last = result.job.split("/", 2)
    variant, _, arch = last.partition("@")
    return Traits(
        repo=repo,
        distribution=job.system if job else release.rpartition("-")[0] or release,
        release=release,
        variant=variant,
        arch=arch or "amd64",
        libc=_libc(job, variant, result.packages),
        manager=job.manager.manager if job else "",
        compiler=_compiler(job, variant, result.packages),
        packages=result.packages,
    )  # fmt: skip


def _libc(job: Job | None, variant: str, packages: Mapping[str, str]) -> str:
    """The libc of the job's target system. The packages of a cross check are another system's."""
    if job and job.cross:
        return job.cross.libc
    if variant == CROSS:
        return ""
    return libc_of(packages) or (job.distribution.libc_on(job.release) if job else "")


def _compiler(job: Job | None, variant: str, packages: Mapping[str, str]) -> str:
    """The compiler in CC; without a plan, the variant's name if that compiler is installed."""
    if variant == CROSS:
        return "clang"
    command = (job.env.get("CC", "gcc") if job else variant).split()
    named = _COMPILER.search(PurePath(command[-1] if command else "").name)
    if named is None or (job is None and not _installed(named["name"], packages)):
        return "gcc"
    return named["name"]


def _installed(compiler: str, packages: Mapping[str, str]) -> bool:
    return any(name == compiler or name.startswith(f"{compiler}-") for name in packages)
