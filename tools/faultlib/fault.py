"""A fault: how it is made to happen, and what may become of the run."""

import re
from collections.abc import Callable

import attrs

from faultlib.project import SLOW, is_whole, slow_steps, trial
from faultlib.scene import Act, Scene

PASSED, FAILED, LATE = "passed 0", "failed 1", "timed-out 1"
LOST, STOPPED, KILLED = "infrastructure 3", "cancelled 130", "nothing -9"
Check = Callable[[Scene], str]


def slow(scene: Scene) -> None:
    """The project of most faults: three slow steps and one that needs them all."""
    trial(scene.project, slow_steps())


def nothing(_scene: Scene) -> None:
    """No act at all."""


def whole(scene: Scene) -> str:
    """The difference from a green run of the slow steps; empty if there is none."""
    return "" if is_whole(scene.log) else "the log of a green run lacks lines"


def built(scene: Scene) -> str:
    """What a green run of hello-portable lacks, if anything."""
    wanted = {"config.log", "config.h", "manifest.txt"}
    lacking = wanted - set(scene.result.get("artifacts", ()))
    return f"a green run lacks {', '.join(sorted(lacking))}" if lacking else ""


@attrs.frozen(kw_only=True)
class Fault:
    """One row of the table."""

    name: str
    act: Act
    """Injects it, into a run that has begun."""
    ends: tuple[str, ...]
    """What may become of it: status and exit code."""
    prepare: Act = slow
    """Writes the project, and arranges what has to be there before the run begins."""
    heal: Act = nothing
    """Takes back what would be in the way of the next run."""
    green: Check = whole
    """What a run that passed lacks."""
    check: Check = lambda _: ""
    """What else is wrong, whatever became of the run."""
    reason: str = ""
    """A regular expression that the result's reason matches, unless it passed."""
    words: tuple[str, ...] = ()
    proxy: bool = False
    sweep: bool = False
    """Whether something may be left until the next start."""
    once: bool = False
    """Whether it is too heavy to be repeated."""

    def wrong(self, scene: Scene, end: str) -> list[str]:
        """Everything that is not as it should be; empty for a good end."""
        found = [] if end in self.ends else [f"ended {end}, not {' or '.join(self.ends)}"]
        found += filter(None, [self.check(scene)])
        if end.startswith("passed"):
            found += filter(None, [self.green(scene)])
        elif self.reason and end in self.ends and not self._explains(scene):
            found.append(f"the reason is {scene.result.get('reason')!r}")
        return found

    def _explains(self, scene: Scene) -> bool:
        reason = str(scene.result.get("reason", "")) or scene.run.said
        return re.search(self.reason, reason) is not None


def in_a_step(act: Act, *steps: str) -> Act:
    """The act at a random moment in one of the slow steps."""

    def later(scene: Scene) -> None:
        if scene.somewhere(*(steps or SLOW)):
            act(scene)

    return later
