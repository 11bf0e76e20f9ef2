"""What a step depends on besides the files that it reads, as one hash."""

import hashlib
import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ciforge.engines.protocol import Image, MachineSpec
from ciforge.model.job import Job, Step
from ciforge.render.step_script import step_script

_FORMAT = 2
"""Increased when the same parts get another meaning."""
OF_COMMIT = ("CIFORGE_REVISION", "CIFORGE_DESCRIBE", "CIFORGE_DATE", "SOURCE_DATE_EPOCH")
"""Variables that differ with each commit."""
_NAMED = re.compile("|".join(OF_COMMIT).encode())
_DATES = ("%Y-%m-%d", "%Y%m%d", "%B %Y", "%b %Y", "%d %B %Y", "%B %d, %Y", "%b %d %Y", "%d %b %Y")
"""Forms in which programs write the date of SOURCE_DATE_EPOCH."""


def step_key(
    job: Job, steps: Sequence[Step], image: Image, machine: MachineSpec, *, shape: str, around: str
) -> str:
    """The key of the last one of `steps`, which began with a source of that shape.

    `around` names the engine, its processor and the code of ciforge.
    """
    env = {name: text for name, text in machine.env.items() if name not in OF_COMMIT}
    parts = [
        _FORMAT, job.project, job.id, str(job.platform), image.id, around, sorted(env.items()),
        machine.domain.digest if machine.domain else "",
        [[step.name, step_script(job, step), step.timeout] for step in steps], shape,
        machine.memory, machine.processes, machine.disk, machine.make_jobs,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]


def commit_variables(env: Mapping[str, str], contents: Iterable[bytes]) -> dict[str, str]:
    """The variables of the commit if one of the contents names them or has its date; else none.

    One that is not set is empty, as none that is set ever is.

    Programs such as help2man write the date of SOURCE_DATE_EPOCH without naming it.
    """
    found = {name: env.get(name, "") for name in OF_COMMIT}
    epoch = found["SOURCE_DATE_EPOCH"]
    dates = [_NAMED.pattern, *map(re.escape, _dates(int(epoch)))] if epoch else [_NAMED.pattern]
    pattern = re.compile(b"|".join(dates))
    return found if any(pattern.search(content) for content in contents) else {}


def _dates(epoch: int) -> Iterator[bytes]:
    moment = time.gmtime(epoch)
    for text in (str(epoch), *(time.strftime(form, moment) for form in _DATES)):
        for zero in ("0", "", " "):
            yield re.sub(r"\b0(?=\d\b)", zero, text).encode()
