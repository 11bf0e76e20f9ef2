"""A run whose report has everything in it: many systems, two causes, hostile text, a log, a drift."""

from pathlib import Path

from ciforge.model.cause import Cause, Trouble
from ciforge.model.diagnosis import Diagnosis, Drift, Warned
from ciforge.model.finding import Basis, Finding, FindingKind
from ciforge.model.result import Result, Run, SourceUsed, Status, StepResult
from ciforge.report.run_report import RunReport

TIME = "2026-11-22T14:40:57Z"
RUN = "20261122T144057Z-1f3a9c"
HOSTILE = "</script><img src=x onerror=alert(1)> ]]> `b` |c| @somebody #12 \x1b[31mred\x1b[0m \u202eolleh \0\x0b ::error::x %0A"
"""What a log may hold."""

RELEASES = (
    "debian-12",
    "debian-13",
    "ubuntu-26.04",
    "alpine-3.24",
    "fedora-44",
    "opensuse-leap-16.0",
)
MUSL = ("portable/alpine-3.24/default", "portable/alpine-3.24/clang")
REVISION = "4f1c8a2b9d3e5f60718293a4b5c6d7e8f9012345"
ROOT_LINE = "src/daemon.c:120:9: error: implicit declaration of function 'setgroups' [-Wimplicit-function-declaration]"
STEPS = ("prepare", "bootstrap", "configure", "build", "install")


def finding(**changed: object) -> Finding:
    """What is wrong on musl."""
    values: dict[str, object] = {
        "kind": FindingKind.IMPLICIT_DECLARATION, "subject": "setgroups", "file": "src/daemon.c",
        "line": 120, "log_line": 31, "root_line": ROOT_LINE, "step": "build",
        "advice": "add `#include <grp.h>` to src/daemon.c", "basis": Basis.ASKED,
        "excerpt": ("gcc -O2 -c src/daemon.c", ROOT_LINE, "  120 |         if (setgroups(1, &gid))",
                    "make: *** [Makefile:12: daemon.o] Error 1"),
    }  # fmt: skip
    return Finding(**(values | changed))  # type: ignore[arg-type]


def result(job: str, status: Status = Status.PASSED, **changed: object) -> Result:
    """A result with its steps up to the one that failed."""
    failed = status in (Status.FAILED, Status.TIMED_OUT)
    names = STEPS[:4] if failed else STEPS
    values: dict[str, object] = {
        "job": job, "status": status, "started": TIME, "seconds": 63.25,
        "failed_step": "build" if failed else None,
        "reason": "build ended with exit code 2" if failed else "",
        "steps": tuple(
            StepResult(name=name, exit_code=2 if failed and name == "build" else 0,
                       seconds=1.5 + 7 * at, started=TIME)
            for at, name in enumerate(names)
        ),
        "tail": ("cc -c x.c", HOSTILE, "make: *** Error 1") if failed else (),
        "packages": {"gcc": "14.2.0-19", "libc6": "2.41-12", "libevent-dev": "2.1.12-stable-10"},
        "image": "sha256:9f0c2b", "base": "docker.io/library/debian:trixie@sha256:77aa",
    }  # fmt: skip
    if status is Status.SKIPPED:
        values |= {"steps": (), "packages": {}, "image": "", "base": "", "seconds": 0.0}
    return Result(**(values | changed))  # type: ignore[arg-type]


def results() -> tuple[Result, ...]:
    """Every kind of result, in two repositories."""
    listed = [
        result(f"portable/{release}/{variant}")
        for release in RELEASES
        for variant in ("default", "clang")
    ]
    bad = {
        **dict.fromkeys(MUSL, Status.FAILED),
        "portable/fedora-44/clang": Status.TIMED_OUT,
        "portable/opensuse-leap-16.0/default": Status.INFRASTRUCTURE,
        "portable/opensuse-leap-16.0/clang": Status.CANCELLED,
    }
    changed = [result(one.job, bad[one.job]) if one.job in bad else one for one in listed]
    return (
        *changed,
        result("portable/debian-13/default@s390x", Status.FAILED, allow_failure=True),
        result("filter/debian-13/default"),
        result("filter/alpine-3.24/default", Status.SKIPPED, reason="alpine has no pam, says its descriptor"),
    )  # fmt: skip


def run(**changed: object) -> Run:
    """What `run.json` says; one job has left no result."""
    values: dict[str, object] = {
        "id": RUN, "project": "opensmtpd", "started": TIME, "version": "0.1.0",
        "command": ("ciforge", "run"), "ended": "2026-11-22T14:45:57Z", "seconds": 300.4, "exit_code": 3,
        "sources": (SourceUsed(repo="portable", origin="https://example.org/portable.git", revision=REVISION, changes=2),),
        "jobs": (*(one.job for one in results()), "filter/fedora-44/default"),
    }  # fmt: skip
    return Run(**(values | changed))  # type: ignore[arg-type]


def log_text(lines: int = 60) -> str:
    """A log with the root at line 31 and hostile lines at 40 and 41."""
    text = [f"line {number} of the build" for number in range(1, lines + 1)]
    text[0], text[9], text[19] = (
        f"--- ciforge: {name} ---" for name in ("prepare", "configure", "build")
    )
    text[30], text[39] = ROOT_LINE, HOSTILE
    text[40] = "\u05e9\u05dc\u05d5\u05dd \u0639\u0631\u0628 right to left"
    return "\n".join(text) + "\n"


def report(folder: Path, lines: int = 60) -> RunReport:
    """All of it, with logs and artifacts in `folder`."""
    root = finding()
    other = finding(log_line=33, line=131, basis=Basis.DEDUCED)
    strange = finding(
        kind=FindingKind.TIMEOUT, subject=HOSTILE, file="", line=None, log_line=40, root_line=HOSTILE,
        excerpt=(HOSTILE, HOSTILE + "1"), advice=f"look at {HOSTILE}", basis=Basis.DEDUCED,
    )  # fmt: skip
    mirror = finding(
        kind=FindingKind.DEPS_NETWORK, subject="mirror.example.org", file="", line=None, log_line=5,
        root_line="Could not resolve 'mirror.example.org'", excerpt=(), advice="", basis=Basis.DEDUCED,
    )  # fmt: skip
    warned = Warned(
        key="implicit-function-declaration:setgroups", option="implicit-function-declaration",
        subject="setgroups", file="src/daemon.c", line=7, log_line=35, new=True, times=3,
        text=ROOT_LINE.replace("error", "warning"), fatal="an error with gcc 14 and clang 16",
    )  # fmt: skip
    drift = Drift(name="HAVE_SETGROUPS", before="defined", against="the last green run")
    causes = (
        Cause(key="implicit-declaration:setgroups", kind=FindingKind.IMPLICIT_DECLARATION, subject="setgroups",
              title="setgroups is not declared", findings={MUSL[0]: root, MUSL[1]: other}, shared="musl only"),
        Cause(key="timeout:" + HOSTILE[:40], kind=FindingKind.TIMEOUT, subject=HOSTILE, title=HOSTILE,
              findings={"portable/fedora-44/clang": strange}, shared=HOSTILE),
        Cause(key="deps-network:mirror", kind=FindingKind.DEPS_NETWORK, title="mirror.example.org does not answer",
              trouble=Trouble.DISTRIBUTION, findings={"portable/opensuse-leap-16.0/default": mirror}),
    )  # fmt: skip
    logs = {
        one.job: _log(folder, one.job, lines)
        for one in results()
        if one.status is not Status.SKIPPED
    }
    artifact = folder / "config.log"
    artifact.write_text("<script>document.title = 'hurt'</script>\n")
    odd = finding(
        kind=FindingKind.OTHER, log_line=40, root_line=HOSTILE, subject="", line=None, file=""
    )
    why = Diagnosis(
        run=RUN,
        causes=causes,
        findings={
            MUSL[0]: (root, odd),
            MUSL[1]: (other,),
            "portable/fedora-44/clang": (strange,),
            "portable/opensuse-leap-16.0/default": (mirror,),
        },
        warnings={"portable/debian-13/default": (warned,), "portable/debian-12/default": (warned,)},
        drift={"portable/debian-12/default": (drift,)},
        problems=("config.h of portable/debian-12/clang is damaged",),
    )
    return RunReport(
        run=run(),
        results=results(),
        why=why,
        logs=logs,
        artifacts={MUSL[0]: (artifact,)},
        repeats={one.job: f"ciforge run {one.job}" for one in results()},
    )


def _log(folder: Path, job: str, lines: int) -> Path:
    log = folder / f"{job.replace('/', ',')}.log"
    log.write_text(log_text(lines), newline="")
    return log
