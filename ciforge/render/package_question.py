"""Package names of a release to the commands that ask its package manager for each of them. Pure."""

import re
import shlex
from collections.abc import Iterable, Sequence

import attrs

from ciforge.model.distro import Distribution, Manager, Release
from ciforge.sanitize import without_colours

_MARK = "ciforge-check:"
_LINE = re.compile(rf"^{_MARK} (\S+) (ok|stale) ?(.*)$", re.MULTILINE)
_DONE = f"{_MARK} all asked"


@attrs.frozen
class Answer:
    """The answer of a package manager about a name."""

    package: str
    installs: bool
    reason: str = ""
    """Its last line, where the name does not install."""


def check_script(
    distribution: Distribution, release: Release, manager: Manager, packages: Sequence[str]
) -> str:
    """A script for `sh`, run as root on a system of that release: it prints a line per package.

    It installs nothing but what `setup` of the descriptor installs."""
    setup = [*distribution.setup, *release.setup, manager.refresh]
    exports = [f"export {name}={shlex.quote(value)}" for name, value in manager.env.items()]
    lines = ["set -e", *exports, *(line for line in setup if line), _loop(manager, packages)]
    return "\n".join([*lines, f"echo '{_DONE}'"]) + "\n"


def _loop(manager: Manager, packages: Iterable[str]) -> str:
    """Letters outside of ASCII's printable ones are left out of what the manager says."""
    command = manager.check.replace("{package}", '"$name"')
    return f"""\
for name in {" ".join(packages)}; do
    if said=$({command} 2>&1); then echo "{_MARK} $name ok"
    else echo "{_MARK} $name stale $(printf '%s\\n' "$said" | LC_ALL=C tr -cd '\\n -~' | grep . | tail -n 1)"; fi
done"""


def check_dockerfile(image: str, script: str, nonce: str) -> str:
    """The script as a Dockerfile whose build always fails at its end, so that no image is left.

    The nonce keeps the daemon from taking an old answer."""
    lines = "".join(f" {shlex.quote(line)}" for line in script.splitlines())
    return (
        f"ARG BASE={image}\nFROM ${{BASE}}\n\n"
        f"RUN : {nonce}; printf '%s\\n'{lines} >/tmp/check && sh /tmp/check; exit 1\n"
    )


def answers(output: str) -> tuple[tuple[Answer, ...], bool]:
    """The answer for each package, and whether the list is complete.

    A builder colours what came on standard error, and ends the colour at the next line."""
    output = without_colours(output)
    found = tuple(
        Answer(package, word == "ok", reason.strip())
        for package, word, reason in _LINE.findall(output)
    )
    return found, any(line.strip() == _DONE for line in output.splitlines())
