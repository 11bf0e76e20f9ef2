"""Verdicts by the inputs of a job, so that a job whose inputs passed is not run again."""

import attrs


@attrs.frozen(kw_only=True)
class PastVerdict:
    """What became of a job with certain inputs."""

    inputs: str
    """The hash of all inputs: see `run/input_digest.py`."""
    job: str
    run: str
    """The run that has its result and its log."""
    ended: str
    """RFC 3339, UTC."""
    passed: bool
    """Whether it passed; a failure is kept only so that a later success of the same inputs is no proof."""
