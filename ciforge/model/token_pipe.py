"""How a step's make is told how many processes it may have: the names that both sides know."""

MAKE_JOBS = "/ciforge/bin/make-jobs"
"""The script that prints the words that call make."""
WITH_TOKENS = "/ciforge/bin/with-tokens"
"""The script that runs a make which takes its tokens from a descriptor."""
VARIABLE = "CIFORGE_MAKE_TOKENS"
"""Names the pipe, in steps that have one."""
DESCRIPTOR = 8


def pipe(user: str) -> str:
    """The pipe of the steps of a user, who alone can write to it."""
    return f"/ciforge/records/{user}/tokens"
