"""Actions of others, each pinned to a commit: which ones, and newer ones that a file has already."""

import json
import re
from collections.abc import Mapping

import attrs

from ciforge.ci.yaml_values import Pinned

_PINNED = re.compile(
    r"uses: (?P<action>(?:https://)?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+)@(?P<commit>[0-9a-f]{40})"
    r" # v(?P<version>[0-9]{1,6}(?:\.[0-9]{1,6}){0,3})$",
    re.MULTILINE,
)


@attrs.frozen(eq=False, repr=False)
class Pin:
    """One action at one commit."""

    commit: str
    version: str
    """`7.0.1`."""

    @property
    def order(self) -> tuple[int, ...]:
        """For comparing versions."""
        return tuple(map(int, self.version.split(".")))


Pins = Mapping[str, Pin]


def read_pins(text: str) -> Pins:
    """The pins of the data file `actions.json`."""
    return {name: Pin(**pin) for name, pin in json.loads(text).items()}


def newer(pins: Pins, committed: str) -> Pins:
    """`pins`, but those that a committed file has in a later version as it has them."""
    found: dict[str, Pin] = dict(pins)
    for match in _PINNED.finditer(committed):
        pin = Pin(match["commit"], match["version"])
        if match["action"] in found and pin.order > found[match["action"]].order:
            found[match["action"]] = pin
    return found


def uses(pins: Pins) -> dict[str, Pinned]:
    """The value of `uses:` for an action, by its short name (`checkout`)."""
    return {
        name.rpartition("/")[2]: Pinned(f"{name}@{pin.commit} # v{pin.version}")
        for name, pin in pins.items()
    }
