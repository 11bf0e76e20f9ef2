"""A step to its script."""

import shlex

from ciforge.model.job import Job, Step
from ciforge.render.paths import USER


def step_script(job: Job, step: Step) -> str:
    """The script that `sh -e` runs for a step, its environment included; the same on every machine."""
    env = {**job.env, **step.env}
    exports = [f"export {name}={shlex.quote(value)}" for name, value in sorted(env.items())]
    head = f"# {job.id}: {step.name}\n"
    body = "\n".join((*exports, step.run.rstrip("\n")))
    return f"{head}{body}\n"


def step_user(step: Step) -> str:
    """Whom the engine runs it as."""
    return "root" if step.root else step.user or USER
