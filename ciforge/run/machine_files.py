"""The files of ciforge in a machine: step scripts, and what runs them."""

from collections.abc import Mapping

from ciforge.model.job import Job
from ciforge.render.configure_cache import CACHING
from ciforge.render.make_jobs import MAKE_TOKEN_SCRIPTS, with_tokens
from ciforge.render.observer import OBSERVE, OBSERVE_PATH
from ciforge.render.paths import BIN, STEPS
from ciforge.render.step_script import step_script
from ciforge.render.wrapper import SCRIPTS


def machine_files(job: Job, *, cached: bool, tokens: bool) -> Mapping[str, str]:
    """Paths to contents; with `cached`, also what keeps results of configure; with `tokens`, make takes some."""
    tools = {**SCRIPTS, **CACHING} if cached else SCRIPTS
    own = {f"{BIN}/{name}": text for name, text in tools.items()}
    own |= {OBSERVE_PATH: OBSERVE} if cached else {}
    steps = {f"{STEPS}/{step.name}.sh": step_script(job, step) for step in job.steps}
    if not tokens:
        return own | steps
    return own | MAKE_TOKEN_SCRIPTS | {path: with_tokens(text) for path, text in steps.items()}
