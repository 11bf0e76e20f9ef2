"""Findings of all jobs to causes: one for each thing to fix, whatever each compiler calls it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from ciforge.diagnose.causes.cascades import Keyed, independent_causes
from ciforge.diagnose.causes.common_factors import shared
from ciforge.diagnose.causes.fingerprint import DISTRIBUTION, bounded, trouble_of
from ciforge.diagnose.causes.key_families import Families, families, with_libraries
from ciforge.diagnose.causes.titles import title
from ciforge.model.cause import Cause, Trouble
from ciforge.model.dependency_index import DependencyIndex
from ciforge.model.finding import Finding, FindingKind, Severity
from ciforge.model.job_traits import Traits

_MACHINE = frozenset({FindingKind.DISK_FULL, FindingKind.OUT_OF_MEMORY})
"""Kinds that hit whichever program comes along; their subject says nothing."""
_UNLINKED = frozenset({FindingKind.UNDEFINED_SYMBOL, FindingKind.MISSING_DSO})
_NO_TRAITS = Traits()


def causes(
    found: Mapping[str, Sequence[Finding]],
    jobs: Mapping[str, Traits],
    green: Collection[str],
    knowledge: DependencyIndex,
) -> tuple[Cause, ...]:
    """Causes of the jobs that did not pass, by their findings; every job is in a cause.

    `jobs` gives what is known of broken and green jobs, and their order. The source's causes come
    first, then those of most jobs, then in the order of the logs.
    """
    order = {job: place for place, job in enumerate(jobs)}
    broken = sorted(found, key=lambda job: (order.get(job, len(order)), job))
    keyed = {job: _of_job(job, found[job], jobs.get(job, _NO_TRAITS), knowledge) for job in broken}
    grouped = _grouped(keyed, _joined(keyed), jobs)
    made = [_cause(key, findings, jobs, green, knowledge) for key, findings in grouped.items()]
    return tuple(sorted(made, key=lambda cause: _weight(cause, grouped[cause.key])))


def _weight(
    cause: Cause, findings: Mapping[str, Sequence[Finding]]
) -> tuple[bool, int, int, tuple[str, int], str]:
    """The order of causes: those of the source, of most jobs, of most systems, then as in the log of the first job."""
    first = min((job, min(finding.log_line for finding in of)) for job, of in findings.items())
    systems = {"".join(job.split("/")[1:2]) for job in findings}
    jobs = len(cause.findings)
    return cause.trouble is not Trouble.SOURCE, -jobs, -len(systems), first, cause.key


def _of_job(
    job: str, findings: Sequence[Finding], traits: Traits, knowledge: DependencyIndex
) -> list[Keyed]:
    """The keys of one job; one that says nothing has a key of its own."""
    own = with_libraries(independent_causes(findings, knowledge), knowledge)
    if not own:
        return [(f"other:{job}", Finding(kind=FindingKind.OTHER))]
    return [(_of_machine(job, key, finding, traits), finding) for key, finding in own]


def _of_machine(job: str, key: str, finding: Finding, traits: Traits) -> str:
    """Trouble of a machine or mirror is keyed by whose it is, not by what it hit."""
    if finding.kind in _MACHINE:
        return finding.kind.value
    if finding.kind is FindingKind.DEPS_NETWORK:
        return f"{finding.kind.value}:{traits.distribution or _distribution(job)}"
    return f"other:{job}" if key == f"{FindingKind.OTHER.value}:" else key


def _distribution(job: str) -> str:
    """`debian`, by the id of a job of which nothing else is known."""
    release = job.split("/")[1] if "/" in job else job
    return release.rpartition("-")[0] or release


def _joined(keyed: Mapping[str, Sequence[Keyed]]) -> Mapping[str, Families]:
    """Families within each repository: a file of the same name elsewhere is another file."""
    logs: dict[str, list[Sequence[Keyed]]] = defaultdict(list)
    for job, finding in keyed.items():
        logs[_repo(job)].append(finding)
    return {repo: families(of) for repo, of in logs.items()}


def _repo(job: str) -> str:
    return job.partition("/")[0] if "/" in job else ""


def _grouped(
    keyed: Mapping[str, Sequence[Keyed]],
    joined: Mapping[str, Families],
    jobs: Mapping[str, Traits],
) -> dict[str, dict[str, list[Finding]]]:
    """Key to job to findings."""
    groups: dict[str, dict[str, list[Finding]]] = defaultdict(lambda: defaultdict(list))
    for job, pairs in keyed.items():
        for key, finding in pairs:
            groups[_full(joined[_repo(job)].name(key), job, finding)][job].append(finding)
    split: dict[str, dict[str, list[Finding]]] = {}
    for key, findings in groups.items():
        split |= _by_reason(key, findings, jobs)
    return split


def _full(key: str, job: str, finding: Finding) -> str:
    """The key, with its repository for faults of a source: a machine or mirror is fixed once for all."""
    of_source = finding.kind not in DISTRIBUTION and not key.startswith("other:" + job)
    return bounded(f"{_repo(job)}:{key}" if of_source and _repo(job) else key)


def _by_reason(
    key: str, findings: Mapping[str, Sequence[Finding]], jobs: Mapping[str, Traits]
) -> dict[str, dict[str, list[Finding]]]:
    """One symbol, broken for different reasons with different libcs: not declared, or not linked."""
    libcs: dict[str, set[str]] = defaultdict(set)
    for job in findings:
        libcs[jobs.get(job, _NO_TRAITS).libc].add(job)
    unlinked = {libc: _unlinked(findings, of) for libc, of in libcs.items()}
    if "" in libcs or len({*unlinked.values()}) == 1 or not _about_symbol(findings):
        return {key: {job: list(of) for job, of in findings.items()}}
    parts: dict[str, dict[str, list[Finding]]] = {}
    for libc, of in libcs.items():
        name = bounded(f"{key} (declared)") if unlinked[libc] else key
        part = parts.setdefault(name, {})
        part |= {job: list(findings[job]) for job in findings if job in of}
    return parts


def _unlinked(findings: Mapping[str, Sequence[Finding]], jobs: Iterable[str]) -> bool:
    """Only the linker complains: the compiler has seen a declaration, so nobody forgot a header."""
    return all(finding.kind in _UNLINKED for job in jobs for finding in findings[job])


def _about_symbol(findings: Mapping[str, Sequence[Finding]]) -> bool:
    kinds = {FindingKind.IMPLICIT_DECLARATION, FindingKind.UNDECLARED, *_UNLINKED}
    return all(finding.kind in kinds for of in findings.values() for finding in of)


def _cause(
    key: str,
    findings: Mapping[str, Sequence[Finding]],
    jobs: Mapping[str, Traits],
    green: Collection[str],
    knowledge: DependencyIndex,
) -> Cause:
    shown = {job: min(of, key=_telling) for job, of in findings.items()}
    face = _face(shown.values())
    subjects = {finding.subject for of in findings.values() for finding in of}
    names = [
        finding.subject
        for finding in max(findings.values(), key=len)
        if finding.header == face.header != ""
    ]
    return Cause(
        key=key, kind=face.kind, subject=face.subject, title=title(face, names),
        trouble=trouble_of(face.kind), findings=shown,
        shared=shared(face.kind, subjects, list(findings), jobs, green, knowledge),
    )  # fmt: skip


def _telling(finding: Finding) -> tuple[bool, int, int, str]:
    """Preference of findings: with a place in the source, then the earlier kind, then the earlier line."""
    warned = finding.severity is Severity.WARNING
    return (
        not finding.file or (warned and finding.line is None),
        list(FindingKind).index(finding.kind), finding.log_line, finding.subject,
    )  # fmt: skip


def _face(shown: Iterable[Finding]) -> Finding:
    """The finding of most jobs, in any order."""
    shown = list(shown)
    counted = Counter((list(FindingKind).index(finding.kind), finding.subject) for finding in shown)
    kind, subject = min(counted, key=lambda pair: (-counted[pair], pair))
    same = [
        finding
        for finding in shown
        if (list(FindingKind).index(finding.kind), finding.subject) == (kind, subject)
    ]
    return min(
        same, key=lambda finding: (finding.file, finding.line or 0, finding.root_line, finding.step)
    )
