"""Reads handwritten workflows, job by job, and Dockerfiles."""

import re
from collections.abc import Iterator, Mapping, Sequence

import attrs

from ciforge.draft.ci_text import (
    CiFile,
    CiPatterns,
    ListedPackage,
    NamedImage,
    configure_calls,
    first_ones,
    packages_among,
    packages_in,
    read,
    users_in,
    without_comments,
)
from ciforge.draft.evidence import TextFile
from ciforge.draft.github_jobs import WorkflowJob, blanked, is_workflow, workflow_jobs
from ciforge.draft.tree_reader import TreeReader, is_aside

MARK = "# ciforge-mark:"
"""The beginning of files that ciforge generated."""
FILES = (
    ".github/workflows/*.yml", ".github/workflows/*.yaml", ".builds/*.yml", ".build.yml",
    ".gitlab-ci.yml", ".cirrus.yml", ".travis.yml", ".woodpecker.yml",
    "Dockerfile*", "Containerfile*", "*.Dockerfile",
)  # fmt: skip
_MANY = 100
_WORDS = re.compile(r"[^\s\"',\[\]{}]+")
_WHOLE_IMAGE = re.compile(
    r"([a-z][a-z0-9./-]{1,80})(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,60}))?(?:@sha256:[0-9a-f]+)?"
)


def look(tree: TreeReader, ci_patterns: CiPatterns) -> Iterator[CiFile]:
    """Every file of the kind that ciforge did not generate."""
    for name in list(tree.named(*FILES, depth=4))[:_MANY]:
        file = None if is_aside(name) else tree.read(name)
        if file and MARK not in file.text[:2000]:
            jobs = workflow_jobs(file) if is_workflow(file) else ()
            yield from (_read_job(file, job, ci_patterns) for job in jobs)
            if not is_workflow(file):
                yield read(file, ci_patterns)


def _read_job(file: TextFile, job: WorkflowJob, ci_patterns: CiPatterns) -> CiFile:
    """The same for one job of a workflow, from its places and its commands only."""
    places, commands = (
        without_comments(blanked(file.text, spans)) for spans in (job.places, job.commands)
    )
    images = _on_one_processor(first_ones(_job_images(file, places, job, ci_patterns.runner)))
    if sentence := _why_left_out(file, job, images, ci_patterns):
        return CiFile(file=file, images=(), packages=(), users=(), words=(), left_out=sentence)
    packages = (
        *packages_in(file, commands, ci_patterns.install),
        *_inserted_packages(file, commands, job, ci_patterns.install),
    )
    return CiFile(
        file=file,
        images=images,
        packages=first_ones(packages if job.builds else ()),
        users=first_ones(users_in(file, commands)),
        words=first_ones(configure_calls(file, commands)),
        builds=job.builds,
        left_out=_left_out_of_matrix(job, images, ci_patterns),
    )


def _left_out_of_matrix(
    job: WorkflowJob, images: Sequence[NamedImage], ci_patterns: CiPatterns
) -> str:
    """The systems without containers on which a job runs beside others; empty if there are none."""
    without = [image for image in images if image.name in ci_patterns.without_containers]
    if not without:
        return ""
    names = ", ".join(dict.fromkeys(f"{image.name}-{image.tag}" for image in without))
    return f"{without[0].clue.file}:{without[0].clue.line}: job {job.name} on {names}"


def _on_one_processor(images: tuple[NamedImage, ...]) -> tuple[NamedImage, ...]:
    """Containers run on the processor of their runner, if the job has only one."""
    arches = {image.arch for image in images if image.runner}
    if len(arches) != 1:
        return images
    return tuple(attrs.evolve(image, arch=image.arch or next(iter(arches))) for image in images)


def _why_left_out(
    file: TextFile, job: WorkflowJob, images: Sequence[NamedImage], ci_patterns: CiPatterns
) -> str:
    """The reason why a job is left out: a virtual machine, or a system without containers."""
    if job.virtual:
        return f"{file.name}:{file.line(job.begin)}: job {job.name} runs in {job.virtual}"
    if images and all(image.name in ci_patterns.without_containers for image in images):
        first = images[0]
        return (
            f"{first.clue.file}:{first.clue.line}: job {job.name} runs on {first.name}-{first.tag}"
        )
    return ""


def _job_images(
    file: TextFile, places: str, job: WorkflowJob, runner: "re.Pattern[str]"
) -> Iterator[NamedImage]:
    for span in job.places:
        for match in _WORDS.finditer(places, span.begin, span.end):
            clue = file.clue(match.start())
            label, image = runner.fullmatch(match[0]), _WHOLE_IMAGE.fullmatch(match[0])
            if label:
                yield NamedImage(
                    name=label[1], tag=label[2], clue=clue, runner=True,
                    arch="arm64" if label[3] else "",
                )  # fmt: skip
            elif image:
                yield NamedImage(name=image[1], tag=image[2] or "", clue=clue, listed=True)


def _inserted_packages(
    file: TextFile, commands: str, job: WorkflowJob, install: Mapping[str, "re.Pattern[str]"]
) -> Iterator[ListedPackage]:
    """Packages that an expression of an install command stands for."""
    for place, span in job.inserted:
        begin = commands.rfind("\n", 0, place) + 1
        for manager, pattern in install.items():
            if pattern.search(commands, begin, place):
                arguments = re.sub(r"[\[\]\"',|>]", " ", file.text[span.begin : span.end]).split()
                for package in packages_among(arguments):
                    found = file.text.find(package, span.begin)
                    yield ListedPackage(manager=manager, package=package, clue=file.clue(found))
