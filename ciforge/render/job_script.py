"""A job as one plain sh script, for people who have Docker but not ciforge."""

import hashlib
import shlex

from ciforge.model.job import Job, Step
from ciforge.render.dockerfile import dockerfile
from ciforge.render.heredoc import end_of
from ciforge.render.step_script import step_script, step_user
from ciforge.render.wrapper import SCRIPTS

_HEAD = """\
#!/bin/sh
# Repeats {job} without ciforge: the same image, the same steps, in its own container.
{skipped}#
#   sh FILE [SOURCE]      SOURCE is the folder with the source; default: the current folder
#
# BASE=image uses another base image; KEEP=1 keeps the container after the job. CIFORGE_REVISION,
# CIFORGE_DESCRIBE, CIFORGE_DATE and SOURCE_DATE_EPOCH reach the steps if they are set.
set -eu
source=${{1:-.}}
image=ciforge-script/{image}
platform={platform}

work=$(mktemp -d)
container=
finish() {{
    code=$?
    rm -rf "$work"
    if [ -n "$container" ] && [ -n "${{KEEP:-}}" ]; then
        echo "The container is kept: docker exec -it $container sh; docker rm -f $container"
    elif [ -n "$container" ]; then
        docker rm -f -v "$container" >/dev/null || :
    fi
    exit "$code"
}}
trap finish EXIT
trap 'exit 130' HUP INT TERM
mkdir "$work/bin" "$work/steps"
"""

_STEPS = """
here=$(docker version -f '{{.Server.Os}}/{{.Server.Arch}}')
if [ "$here" = "$platform" ]; then platform=; fi

echo '==> prepare'
docker build --force-rm ${platform:+--platform "$platform"} ${BASE:+--build-arg "BASE=$BASE"} \\
    -t "$image" - <"$work/Dockerfile"
set -- # ::1, where the kernel has it
[ ! -e /proc/sys/net/ipv6 ] || set -- --sysctl net.ipv6.conf.all.disable_ipv6=0
container=$(docker create "$@" --init ${platform:+--platform "$platform"} \\
    --env CIFORGE_REVISION --env CIFORGE_DESCRIBE --env CIFORGE_DATE --env SOURCE_DATE_EPOCH \\
    --security-opt no-new-privileges "$image" sleep 21600)
docker network disconnect bridge "$container"
docker start "$container" >/dev/null
chmod 755 "$work" "$work/bin" "$work/bin"/* "$work/steps"
chmod 644 "$work/steps"/*
docker cp "$work/bin" "$container:/ciforge/" >/dev/null
docker cp "$work/steps" "$container:/ciforge/" >/dev/null
docker cp "$source/." "$container:/ciforge/src/" >/dev/null
docker exec "$container" chown -R -h ciforge:ciforge /ciforge/src

# Runs as root around the steps, by a script that no step can change.
supervise() {
    docker exec -u root "$container" /bin/sh -c "$(cat "$work/bin/supervise")" supervise "$@"
}
own=$(supervise open | sed -n 's/^pid //p')

step() {
    echo "==> $1"
    supervise before "$1"
    if [ "$3" = network ]; then docker network connect bridge "$container"; fi
    code=0
    docker exec -u "$2" "$container" /bin/sh /ciforge/bin/step "$1" || code=$?
    if [ "$3" = network ]; then docker network disconnect bridge "$container"; fi
    # shellcheck disable=SC2086
    supervise after "$1" "$2" $own >/dev/null
    if [ "$2" = root ]; then
        docker cp "$work/bin" "$container:/ciforge/" >/dev/null
        docker cp "$work/steps" "$container:/ciforge/" >/dev/null
    fi
    if [ "$code" -ne 0 ]; then
        echo "==> $1 failed with exit code $code"
        exit 1
    fi
}

"""


def job_script(job: Job) -> str:
    """A script that needs nothing but `sh` and `docker`; ends 0 when the job passes, 1 when not."""
    text = dockerfile(job)
    head = _HEAD.format(
        job=job.id,
        skipped=f"# ciforge itself skips it: {job.skipped}\n" if job.skipped else "",
        image=hashlib.sha256(f"{job.platform}\n{text}".encode()).hexdigest()[:16],
        platform=shlex.quote(str(job.platform)),
    )
    files = [
        _here("Dockerfile", text),
        *(_here(f"bin/{name}", script) for name, script in SCRIPTS.items()),
        *(_here(f"steps/{step.name}.sh", step_script(job, step)) for step in job.steps),
    ]
    return (
        head + "".join(files) + _steps(job) + "".join(map(_call, job.steps)) + "echo '==> passed'\n"
    )


def _steps(job: Job) -> str:
    """The part that runs a step; any step of a job with setuid programs may have been root."""
    if not job.setuid:
        return _STEPS
    text = _STEPS.replace("no-new-privileges", "no-new-privileges:false")
    return text.replace('if [ "$2" = root ]', "if true")


def _call(step: Step) -> str:
    network = "network" if step.network else "no-network"
    return f"step {step.name} {step_user(step)} {network}\n"


def _here(name: str, text: str) -> str:
    """A here-document whose end is no line of the text."""
    end = end_of(text)
    return f"\ncat >\"$work/{name}\" <<'{end}'\n{text}{end}\n"
