"""Package names of a release to the commands that list the versions of each that can be installed. Pure."""

import re
import shlex
from collections.abc import Iterable

from ciforge.model.distro import Distribution, Manager, Release
from ciforge.model.identifiers import PACKAGE, VERSION
from ciforge.sanitize import without_colours

_MARK = "ciforge-version:"
_LINE = re.compile(rf"^{_MARK} (\S+) (\S+)$", re.MULTILINE)
_DONE = f"{_MARK} end"


def versions_script(
    distribution: Distribution, release: Release, manager: Manager, packages: Iterable[str]
) -> str:
    """Returns a script for `sh`, run as root on a system of that release, that prints lines for `versions_in`."""
    setup = [*distribution.setup, *release.setup, manager.refresh]
    exports = [f"export {name}={shlex.quote(value)}" for name, value in manager.env.items()]
    command = manager.available.replace("{package}", '"$name"')
    names = " ".join(name for name in packages if PACKAGE.fullmatch(name))
    lines = ["set -e", *exports, *(line for line in setup if line)]
    loop = f'for name in {names}; do {command} | while read -r version; do echo "{_MARK} $name $version"; done; done'
    return "\n".join([*lines, loop, f"echo '{_DONE}'"]) + "\n"


def versions_in(output: str) -> tuple[dict[str, tuple[str, ...]], bool]:
    """Returns the versions of each package, the oldest first, and whether all were asked.

    What is no name or no version is left out, since an index may have anything."""
    output = without_colours(output)
    found: dict[str, dict[str, None]] = {}
    for name, version in _LINE.findall(output):
        if PACKAGE.fullmatch(name) and VERSION.fullmatch(version):
            found.setdefault(name, {})[version] = None
    done = any(line.strip() == _DONE for line in output.splitlines())
    return {name: tuple(versions) for name, versions in found.items()}, done
