"""The parts of a job's result that must not depend on a cache."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import attrs

from ciforge.model.cache_audit import Cache
from ciforge.model.result import Result

COMPARED = ("config.h", "manifest.txt")
"""Artifacts that are the same each time if the inputs are."""


@attrs.frozen(kw_only=True)
class JobAnswer:
    """What a run says of a job."""

    run: str
    failed_step: str
    """Empty if all steps passed."""
    exit_codes: Mapping[str, int | None]
    """Steps to their exit codes."""
    artifacts: Mapping[str, str]
    """Names in COMPARED to the SHA-256 of the files that there are."""
    replayed: tuple[str, ...] = ()
    """Steps that saved ones stood for."""
    restarted: str = ""
    """Why it ran again without caches; empty if it did not."""
    cache_hits: int | None = None
    """Compilations and configures that a cache answered; None if unknown."""


def answer(run: str, result: Result, folder: Path) -> JobAnswer:
    """Returns what a result says of its job, whose folder has the artifacts. Raises OSError."""
    files = {name: folder / "artifacts" / name for name in COMPARED}
    return JobAnswer(
        run=run, failed_step=result.failed_step or "",
        exit_codes={step.name: step.exit_code for step in result.steps},
        artifacts={
            name: hashlib.sha256(file.read_bytes()).hexdigest()
            for name, file in files.items()
            if file.is_file()
        },
        replayed=result.replayed, restarted=result.restarted, cache_hits=result.cache_hits,
    )  # fmt: skip


def differences(cached: JobAnswer, cold: JobAnswer) -> list[str]:
    """Returns a sentence for each way in which the cached answer is not the cold one."""
    found = []
    if cached.restarted and not cached.failed_step:
        found.append(f"{cached.restarted}, and it passed without the cache")
    if cached.failed_step != cold.failed_step:
        found.append(f"{_ended(cached)} with the cache, {_ended(cold)} without")
    elif cached.exit_codes != cold.exit_codes:
        names = sorted(set(cached.exit_codes) | set(cold.exit_codes))
        differ = [n for n in names if cached.exit_codes.get(n) != cold.exit_codes.get(n)]
        found.append(f"exit codes of {', '.join(differ)} differ")
    if not (cached.failed_step or cold.failed_step):
        names = sorted(set(cached.artifacts) | set(cold.artifacts))
        found += [f"{n} differs" for n in names if cached.artifacts.get(n) != cold.artifacts.get(n)]
    return found


def answered(cache: Cache, given: JobAnswer) -> bool | None:
    """Whether a cache had a part in an answer; None if that is not known."""
    if cache is Cache.STEPS:
        return True if given.replayed else None if given.restarted else False
    if cache is Cache.COMPILERS:
        return None if given.cache_hits is None else given.cache_hits > 0
    return True


def _ended(given: JobAnswer) -> str:
    return f"failed in {given.failed_step}" if given.failed_step else "passed"
