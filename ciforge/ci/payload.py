"""What jobs take along to a hosted machine, as one script: Dockerfiles, wrapper, steps and facts."""

import functools
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping

from ciforge.ci.heredoc_texts import Texts, here
from ciforge.ci.hosted_jobs import base_image_variable
from ciforge.model.job import Job, Step
from ciforge.render.dockerfile import dockerfile
from ciforge.render.step_script import step_user
from ciforge.render.wrapper import SCRIPTS

_HEAD = """\
# Everything that a job is made of, byte for byte as on one's own machine.
home=${CIFORGE_HOME:-$RUNNER_TEMP/ciforge}
rm -rf "$home"
mkdir -p "$home/bin" "$home/steps" "$home/result" "$home/texts"
cd "$home"
printf '%s\\n' "$CIFORGE_JOB" >job

# What runs on this machine.
"""

_ROWS = """\

# Of which texts each job is made: {columns}; of a step its environment and what it runs.
row=$(awk -v "job=$CIFORGE_JOB" '$1 == job' <<'END'
{rows}
END
)
cd ..
# shellcheck disable=SC2086
set -- $row
shift
for file in {files}; do
    if [ "$1" = 0 ]; then : >"$file"; else cat "texts/$file.$1" >"$file"; fi
    shift
done
for step in {steps}; do
    printf '# %s: %s\\n' "$CIFORGE_JOB" "$step" >"steps/$step.sh"
    [ "${{1%/*}}" = 0 ] || cat "texts/env.${{1%/*}}" >>"steps/$step.sh"
    cat "texts/$step.sh.${{1#*/}}" >>"steps/$step.sh"
    shift
done
"""


def bundle(jobs: Iterable[Job], scripts: Mapping[str, str]) -> str:
    """A script that makes the folder of the job that CIFORGE_JOB names, one of `jobs`.

    All of them have the same steps; `scripts` are those that run on the hosted machine itself.
    """
    texts = Texts()
    rows: list[str] = []
    files: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    for job in jobs:
        own = _files(job)
        files, steps = tuple(own), tuple(step.name for step in job.steps)
        numbers = [str(texts.number(file, text)) for file, text in own.items()]
        pairs = [_pair(job, step, texts) for step in job.steps]
        rows.append(" ".join((job.id, *numbers, *pairs)))
    return "".join(
        (
            _HEAD,
            *(here(name, text) for name, text in scripts.items()),
            "\n# What runs in the box.\n",
            *(here(f"bin/{name}", text) for name, text in SCRIPTS.items()),
            "\ncd texts\n",
            *texts.script(),
            _ROWS.format(
                columns=", ".join((*files, *steps)), rows="\n".join(rows),
                files=" ".join(files), steps=" ".join(steps),
            ),
        )
    )  # fmt: skip


def _files(job: Job) -> dict[str, str]:
    return {
        "facts": _facts(job),
        "step-list": "".join(f"{_listed(step)}\n" for step in job.steps),
        "versions": f"{job.manager.versions}\n",
        "unreachable": _any(job.manager.unreachable),
        "unknown": _any(_only_package(pattern) for pattern in job.manager.unknown_package),
        "Dockerfile": dockerfile(job),
    }


def _facts(job: Job) -> str:
    """Shell assignments."""
    facts = {
        "repo": job.repo,
        "release": job.release_id,
        "platform": str(job.platform),
        "image": job.release.image,
        "variable": base_image_variable(job.release_id),
        "builddir": f"{job.builddir}/" if job.builddir else "",
        "artifacts": " ".join(job.artifacts),
        "allow_failure": "true" if job.allow_failure else "false",
    }
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in facts.items())


def _listed(step: Step) -> str:
    network = "network" if step.network else "no-network"
    return f"{step.name} {step_user(step)} {network} {step.timeout}"


def _pair(job: Job, step: Step, texts: Texts) -> str:
    """The numbers of a step's environment and of what it runs: together its script but for the head."""
    env = {**job.env, **step.env}
    exports = [_export(name, value) for name, value in sorted(env.items())]
    body = step.run.rstrip("\n") + "\n"
    return f"{texts.whole('env', 'export', exports)}/{texts.number(f'{step.name}.sh', body)}"


@functools.lru_cache(maxsize=4096)
def _export(name: str, value: str) -> str:
    return f"export {name}={shlex.quote(value)}\n"


def _any(patterns: Iterable[str]) -> str:
    """One regular expression in Perl's words, which is as many as grep takes."""
    text = "|".join(f"(?:{pattern})" for pattern in patterns)
    return f"{text}\n" if text else ""


def _only_package(pattern: str) -> str:
    """`pattern` so that only its group `package` is what it matches."""
    begin = pattern.find("(?P<package>")
    if begin < 0:
        return pattern
    inner = begin + len("(?P<package>")
    end = next(_closing(pattern, inner))
    return rf"{pattern[:begin]}\K(?:{pattern[inner:end]})(?={pattern[end + 1 :]})"


def _closing(pattern: str, start: int) -> Iterator[int]:
    """Where the group ends that began before `start`."""
    depth, words = 1, re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]])*\]|[()]")
    for found in words.finditer(pattern, start):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth == 0:
            yield found.start()
    yield len(pattern)
