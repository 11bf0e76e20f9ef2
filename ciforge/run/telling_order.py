"""The order of jobs in which the first ones tell most about a source."""

import re
from collections.abc import Callable, Collection, Sequence
from pathlib import PurePath

from ciforge.model.job import Job

_TLS = re.compile(r"libressl|libretls|openssl|libssl|gnutls|mbedtls|wolfssl|bearssl")
_COMPILER = re.compile(r"gcc|clang|tcc|pcc")


def telling_order(jobs: Sequence[Job], failed: Collection[str], platform: str) -> tuple[Job, ...]:
    """Jobs that failed last come first, then natively run ones, cross checks, and emulated ones.

    Within each of these groups, the next job is the one that differs most in libc, compiler and TLS
    library from all before it; the order of the plan decides between equals. `failed` are ids, and
    `platform` is the one that runs without emulation.
    """
    groups: tuple[Callable[[Job], bool], ...] = (
        lambda job: job.id in failed,
        lambda job: job.cross is None and str(job.platform) == platform,
        lambda job: job.cross is not None,
        lambda _: True,
    )
    waiting, ordered = list(jobs), list[Job]()
    seen: set[tuple[str, str]] = set()
    for belongs in groups:
        group = [job for job in waiting if belongs(job)]
        waiting = [job for job in waiting if job not in group]
        while group:
            chosen = max(group, key=lambda job: len(_traits(job) - seen))
            group.remove(chosen)
            ordered.append(chosen)
            seen |= _traits(chosen)
    return tuple(ordered)


def _traits(job: Job) -> set[tuple[str, str]]:
    """What sources stumble over: libc, compiler and TLS library."""
    libc = job.cross.libc if job.cross else job.distribution.libc_on(job.release)
    command = PurePath((job.env.get("CC") or "gcc").split()[-1]).name
    compiler = "clang" if job.cross else _word(_COMPILER, command)
    return {("libc", libc), ("compiler", compiler), *(("tls", name) for name in _tls(job))}


def _tls(job: Job) -> set[str]:
    """The TLS libraries of its packages and sources; Debian's name for that of OpenSSL is libssl."""
    names = [*job.packages, *job.sources]
    found = {match[0] for name in names if (match := _TLS.search(name))}
    return {"openssl" if name == "libssl" else name for name in found}


def _word(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[0] if match else text
