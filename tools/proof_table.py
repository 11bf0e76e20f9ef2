"""The proofs of `make proof`: which commands of ciforge are run, and what must hold of each."""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import yaml

from ciforge.model.result import green_status

ROOT = Path(__file__).resolve().parents[1]
HELLO = "examples/hello-portable"
OPENSMTPD = "examples/opensmtpd/ciforge.yml"
WIDE = "examples/opensmtpd/wide.yml"
TABLES = tuple(
    f"table-{name}"
    for name in ("passwd", "socketmap", "sqlite", "postgres", "mysql", "redis", "ldap")
)
RSPAMD = "docs/proof/rspamd.yml"
PORTABLE = "docs/proof/portable.yml"
RELEASES = "docs/proof/releases.yml"
BSDS = ("freebsd-14", "netbsd-10", "openbsd-7.9")
OTHERS = ("alpine-3.23", "manylinux-2_28")
OLD = "hello/manylinux-2014/cross"
"""The example needs getentropy, which glibc has since 2.25: a cross check for 2.17 has to say so."""
TARGETS = {
    "opensmtpd": (*(f"{one}/cross" for one in BSDS), "alpine-3.23/cross"),
    "opensmtpd-arm64": (*(f"{one}/cross@arm64" for one in BSDS), "alpine-3.23/cross@arm64"),
    "opensmtpd-releases": ("freebsd-15/cross", "netbsd-11/cross", "openbsd-7.8/cross"),
    "opensmtpd-glibc": ("manylinux-2014/cross", "manylinux-2_28/cross"),
    "opensmtpd-processors": tuple(f"debian-13/cross@{one}" for one in ("386", "armv7", "s390x")),
}
"""Cross checks of OpenSMTPD: names of rows to targets."""
HELD, BROKEN, IMPOSSIBLE = "held", "did not hold", "not possible here"
DRAFTED = {
    "hello-portable": HELLO,
    "cjson": "cjson",
    "libslirp": "libslirp",
    "scdoc": "scdoc",
    "entr": "entr",
    "opensmtpd-filter-senderscore": "opensmtpd-filter-senderscore",
    "opensmtpd": "opensmtpd",
}
"""Ids of repositories, as `ciforge init` names them, to what they are drawn from."""
TARBALLS = ("libmpdclient", "bubblewrap", "cmark", "libcbor", "fribidi", "lowdown", "opensmtpd")
"""Source packages whose release tarball is made, checked and built: Meson, CMake, automake, and git alone."""
LIBRARIES = {"openssl-1.1.1": "bullseye", "openssl-3.0": "bookworm", "openssl-3.5": "trixie"}
"""Sources of WIDE to the suites of Debian that serve them."""
SETGID = "file 2555 root _smtpq /usr/local/sbin/smtpctl"


@attrs.frozen(kw_only=True)
class Row:
    """One proof: what is run, and what must become of every one of `jobs`."""

    name: str
    words: tuple[str, ...]
    """Arguments of ciforge; `{opensmtpd}` stands for the newest release of that source package."""
    jobs: tuple[str, ...]
    failed_step: str = ""
    """The step that must fail; empty where the jobs must pass."""
    installed: str = ""
    """A regular expression for one line of the install manifest."""
    logged: str = ""
    """Words that the log of every job has."""
    library: str = ""
    """The source of WIDE whose tarball Debian serves; `{library}` is the project file that names it."""
    drafted: str = ""
    """The source package, or folder of ours, for whose tree `ciforge init` writes `{draft}`."""
    emulator: str = ""
    """The row is left out where the kernel has no such emulator, and nobody minds."""
    hosted: str = ""
    """A source package: act runs the workflow that `words` generate, in a tree of its release."""
    brought: str = ""
    """The release that `ciforge bisect` must find, among those of `released` as a git history, `{tree}`."""
    released: str = ""
    """A source package of which Debian serves several releases."""
    change: tuple[str, str, str] | tuple[()] = ()
    """What is broken in that tree first: a file, words in it, and what stands there instead."""


def rows() -> list[Row]:
    """The whole table, the quick ones first."""
    return [
        hello(),
        *breaks(),
        *filters(),
        *drafts(),
        *opensmtpd(),
        bisect(),
        *companions(),
        *dists(),
        *libraries(),
        *cross_checks(),
        *acted(),
        *emulated(),
    ]


def hello() -> Row:
    jobs = tuple(f"hello/debian-{r}/{v}" for r in (12, 13) for v in ("default", "clang", "objdir"))
    words = ("run", *jobs, "--any", "--file", f"{HELLO}/ciforge.yml")
    return Row(name="hello/passes", words=words, jobs=jobs)


def breaks() -> Iterator[Row]:
    """Every patch in `breaks/` fails in the step that its first line names."""
    jobs = ("hello/debian-12/default", "hello/debian-13/default")
    for patch in sorted((ROOT / HELLO / "breaks").glob("*.patch")):
        step = patch.read_text().partition(":")[0].removeprefix("Breaks ")
        files = ("--file", f"{HELLO}/ciforge.yml", "--patch", f"{HELLO}/breaks/{patch.name}")
        name = f"hello/breaks/{patch.stem}"
        yield Row(name=name, words=("run", *jobs, *files), jobs=jobs, failed_step=step)


def filters() -> Iterator[Row]:
    for release in ("debian-12", "debian-13"):
        for repo, file in (("filter-senderscore", OPENSMTPD), ("filter-rspamd", RSPAMD)):
            job = f"{repo}/{release}/default"
            words = ("run", job, "--file", file, "--source", f"{repo}={{opensmtpd-{repo}}}")
            installed = f"file 755 root root /usr/local/bin/{repo}"
            yield Row(name=job, words=words, jobs=(job,), installed=installed)


def drafts() -> Iterator[Row]:
    """What `ciforge init` writes builds without an edit."""
    for name, source in DRAFTED.items():
        job = f"{name}/debian-13/default"
        words = ("run", job, "--file", "{draft}", "--source", f"{name}={{tree}}")
        yield Row(name=f"init/{name}", words=words, jobs=(job,), drafted=source)


def opensmtpd() -> Iterator[Row]:
    for release in ("debian-13", "debian-12", "debian-11", "debian-testing", "debian-sid"):
        for variant in ("default", "clang", "objdir"):
            listed = release in {"debian-12", "debian-13"} and variant != "objdir"
            yield portable(f"portable/{release}/{variant}", *(() if listed else ("--any",)))


def portable(job: str, *options: str, emulator: str = "") -> Row:
    words = ("run", job, *options, "--file", OPENSMTPD, "--source", "portable={opensmtpd}")
    return Row(name=job, words=words, jobs=(job,), installed=SETGID, emulator=emulator)


def companions() -> Iterator[Row]:
    """The project file with other options and compilers, the tables, and a filter that needs a library of its own."""
    for variant in ("path-empty", "table-db", "gcc-12", "clang-19"):
        job = f"portable/debian-13/{variant}"
        words = ("run", job, "--file", WIDE, "--source", "portable={opensmtpd}")
        yield Row(name=f"wide/{job}", words=words, jobs=(job,), installed=SETGID)
    for table in TABLES:
        job = f"{table}/debian-13/default"
        words = ("run", job, "--file", WIDE, "--source", f"{table}={{opensmtpd-{table}}}")
        yield Row(name=f"wide/{job}", words=words, jobs=(job,))
    jobs = ("libopensmtpd/debian-13/default", "filter-dkimsign/debian-13/default")
    sources = ("libopensmtpd={libopensmtpd}", "filter-dkimsign={opensmtpd-filter-dkimsign}")
    words = ("run", "filter-dkimsign", "--file", WIDE)
    words += tuple(word for source in sources for word in ("--source", source))
    yield Row(name="wide/filter-dkimsign", words=words, jobs=jobs)


def dists() -> Iterator[Row]:
    """Release tarballs, which are built without the tree; one that lacks a header fails, and names it."""
    for name in TARBALLS:
        job = f"{name}/debian-13/dist"
        words = ("run", job, "--file", "{draft}", "--source", f"{name}={{tree}}")
        row = Row(name=f"dist/{name}", words=words, jobs=(job,), drafted=name)
        yield row
    header = "\t\tbase64.h\t\t\t\\\n"
    yield attrs.evolve(
        row, name="dist/opensmtpd/header", failed_step="dist",
        change=("openbsd-compat/Makefile.am", header, ""),
        logged="openbsd-compat/base64.h is in the tree but not in the tarball",
    )  # fmt: skip


def libraries() -> Iterator[Row]:
    """OpenSMTPD with each OpenSSL, and a job that names one and links the system's."""
    for library in LIBRARIES:
        loads = f"linked: /usr/local/sbin/smtpd: /opt/{library}/lib/libcrypto.so."
        yield with_library(f"portable/debian-13/{library}", library, loads)
    told = "not the library of sources/openssl-3.5 in /opt/openssl-3.5"
    yield attrs.evolve(
        with_library("portable/debian-12/lost", "openssl-3.5", told), failed_step="linked"
    )


def with_library(job: str, library: str, logged: str) -> Row:
    words = ("run", job, "--any", "--file", "{library}", "--source", "portable={opensmtpd}")
    return Row(name=f"wide/{job}", words=words, jobs=(job,), library=library, logged=logged)


def cross_checks() -> Iterator[Row]:
    """Unmodified releases: where one of these fails, a cross check gives a false alarm."""
    hello = tuple(f"hello/{one}/cross" for one in (*BSDS, *OTHERS))
    words = ("run", *hello, "--file", f"{HELLO}/ciforge.yml")
    yield Row(name="cross/hello", words=words, jobs=hello)
    words = ("run", OLD, "--file", f"{HELLO}/ciforge.yml")
    yield Row(name="cross/hello/glibc-2.17", words=words, jobs=(OLD,), failed_step="build")
    for name, targets in TARGETS.items():
        jobs = tuple(f"portable/{one}" for one in targets)
        words = ("run", *jobs, "--file", OPENSMTPD, "--source", "portable={opensmtpd}")
        yield Row(name=f"cross/{name}", words=words, jobs=jobs)
    portables = yaml.safe_load((ROOT / PORTABLE).read_text())
    for project in portables["repos"]:
        wanted = (f"{project}/{one}/cross" for one in BSDS)
        jobs = tuple(job for job in wanted if f"!{job}" not in portables["jobs"])
        words = ("run", *jobs, "--file", PORTABLE, "--source", f"{project}={{{project}}}")
        yield Row(name=f"cross/{project}", words=words, jobs=jobs)


def acted() -> Iterator[Row]:
    """The generated workflow of OpenSMTPD, whole and in a tree that is broken."""
    broken = ("usr.sbin/smtpd/smtpd.c", '#include "smtpd.h"', '#include "no-such-header.h"')
    for release in ("debian-13", "debian-12"):
        job = f"portable/{release}/default"
        words = ("generate", job, "--file", OPENSMTPD)
        act = {"words": words, "jobs": (job,), "hosted": "opensmtpd"}
        yield Row(name=f"act/{job}", installed=SETGID, **act)
        yield Row(name=f"act/broken/{job}", failed_step="build", change=broken, **act)
    job = f"portable/{BSDS[-1]}/cross"
    missing = ("usr.sbin/smtpd/smtpd.c", "#include <signal.h>\n", "")
    act = {"words": ("generate", job, "--file", OPENSMTPD), "jobs": (job,), "hosted": "opensmtpd"}
    yield Row(name=f"act/{job}", **act)
    yield Row(name=f"act/broken/{job}", failed_step="build", change=missing, **act)


def emulated() -> Iterator[Row]:
    """A big-endian machine."""
    job = "hello/debian-13/default@s390x"
    words = ("run", job, "--any", "--file", f"{HELLO}/ciforge.yml")
    yield Row(name=job, words=words, jobs=(job,), emulator="qemu-s390x")
    job = "portable/debian-13/default@s390x"
    yield portable(job, "--any", "--timeout", "14400", emulator="qemu-s390x")


def bisect() -> Row:
    """The release of OpenSMTPD since which an install on Debian has no formatted manual pages."""
    job = "portable/debian-13/default"
    words = ("bisect", job, "--file", RELEASES, "--source", "portable={tree}", "--good", "6.8.0p2")
    return Row(
        name="bisect/opensmtpd", words=words, jobs=(job,), released="opensmtpd", brought="7.6.0p1"
    )


def judge(row: Row, code: int, events: Sequence[Mapping[str, Any]], said: str) -> tuple[str, str]:
    """An outcome and a sentence, by exit code, events and last words; only what is certain held."""
    ended = {event["job"]: event for event in events if event.get("event") == "job_ended"}
    lost = [event for event in ended.values() if event["status"] in {"infrastructure", "cancelled"}]
    if lost:
        return IMPOSSIBLE, lost[0].get("reason") or lost[0]["status"]
    if code == 3:
        return IMPOSSIBLE, said
    if not ended:
        return BROKEN, f"exit code {code}: {said}"
    problems = [amiss(row, job, ended.get(job)) for job in row.jobs]
    problems += [f"{job} ran, too" for job in ended if job not in row.jobs]
    if code != (1 if row.failed_step else 0):
        problems.append(f"exit code {code}")
    found = "; ".join(filter(None, problems))
    return (BROKEN, found) if found else (HELD, "")


def amiss(row: Row, job: str, ended: Mapping[str, Any] | None) -> str:
    """The difference between one job and its expectation; empty if there is none."""
    if ended is None:
        return f"{job} did not run"
    status, step = ended["status"], ended.get("failed_step") or ""
    wanted = "failed" if row.failed_step else green_status(job).value
    if (status, step) != (wanted, row.failed_step):
        where = f" in {step}" if step else ""
        return f"{job} {status}{where}: {ended.get('reason') or 'no reason given'}"
    if row.logged and row.logged not in Path(ended["log"]).read_text(errors="replace"):
        return f"{job}: its log does not say {row.logged!r}"
    if row.installed and not installs(Path(ended["log"]).parent, row.installed):
        return f"{job}: no line {row.installed!r} in its install manifest"
    return ""


def installs(folder: Path, pattern: str) -> bool:
    """Whether a job's manifest has such a line: ciforge's own `expect` is not asked."""
    with contextlib.suppress(OSError):
        lines = (folder / "artifacts" / "manifest.txt").read_text(errors="replace").splitlines()
        return any(re.fullmatch(pattern, line) for line in lines)
    return False
