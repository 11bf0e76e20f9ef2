"""The files of ciforge in a machine: step scripts, and what runs them."""

from collections.abc import Mapping

from ciforge.model.job import Job
from ciforge.render.configure_cache import CACHING
from ciforge.render.observer import OBSERVE, OBSERVE_PATH
from ciforge.render.paths import BIN, STEPS
from ciforge.render.step_script import step_script
from ciforge.render.wrapper import SCRIPTS


def machine_files(job: Job, *, cached: bool) -> Mapping[str, str]:
    """Paths to contents; with `cached`, also what keeps results of configure."""
    tools = {**SCRIPTS, **CACHING} if cached else SCRIPTS
    own = {f"{BIN}/{name}": text for name, text in tools.items()}
    own |= {OBSERVE_PATH: OBSERVE} if cached else {}
    return own | {f"{STEPS}/{step.name}.sh": step_script(job, step) for step in job.steps}
