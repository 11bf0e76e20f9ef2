"""Which pull requests were answered, and with what."""

from collections.abc import Mapping

import attrs


@attrs.frozen(kw_only=True)
class AnsweredPull:
    """The last answer to a pull request."""

    revision: str
    run: str
    """The run that the answer is about."""
    comment: int = 0
    """The id of its comment; 0 if it has none."""


@attrs.frozen(kw_only=True)
class PullLedger:
    """The answers so far, by `OWNER/REPO#NUMBER`."""

    answers: Mapping[str, AnsweredPull] = attrs.field(factory=dict)
