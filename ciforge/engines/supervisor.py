"""Runs scripts as root in a container around the steps; they come from outside each time.

A step can change nothing of it but what it has from the system itself, and that only as root.
"""

import re
import shlex
from collections.abc import Mapping

import attrs

from ciforge.engines.client import Connection
from ciforge.engines.helper_exec import HelperExec
from ciforge.engines.limits import Usage, read_usage
from ciforge.engines.root_shell import RootShell
from ciforge.errors import EngineLost

INSTALL = "install"
"""The step whose files are listed; that may take longer than other questions."""
_SUPERVISE, _PROCESSES = "/ciforge/bin/supervise", "/ciforge/bin/processes"
_COUNT = r"^left (\d+)$"
_MANIFEST = """
manifest=/ciforge/records/manifest.txt
if [ -f "$manifest" ] && [ ! -h "$manifest" ] && size=$(wc -c <"$manifest") && [ "$size" -lt 2000000 ]; then
    printf 'manifest %d\\n' "$size"
    cat "$manifest"
fi
"""
"""Prints the install manifest with its size, unless it is long: an exec of its own would cost more."""


@attrs.frozen(kw_only=True)
class LeftoverProcesses:
    """The leftovers of a step, after its processes were ended."""

    processes: int
    exit_code: str
    """The exit code that the wrapper recorded; empty if it recorded none."""
    usage: Usage
    """The resources that the container used so far."""
    manifest: bytes | None = None
    """The install manifest after the install; None if it is too long for this, and has to be read."""


class Supervisor:
    """Supervises the processes of one container; `scripts` are those of `render.wrapper` by path.

    `processes` is the container's process limit. Without a shell, each script has an exec of its own.
    """

    def __init__(
        self,
        connection: Connection,
        container: str,
        processes: int,
        scripts: Mapping[str, str],
        shell: RootShell | None = None,
    ) -> None:
        self._shell = shell
        self._helper = HelperExec(connection, container, processes, shell)
        self._scripts = scripts
        self._own: tuple[str, ...] | None = None
        self.usage = Usage()
        """The resources that the container had used before the running step."""

    def open(self) -> None:
        """Records the container's own processes, before any step. Raises EngineError."""
        if self._own is None:
            text = self._run("open").decode(errors="replace")
            asker = set(re.findall(r"^asker (\d+)$", text, re.MULTILINE))
            pids = re.findall(r"^pid (\d+)$", text, re.MULTILINE)
            self._own = tuple(pid for pid in pids if pid not in asker)
            self.usage = read_usage(text)

    def before(self, step: str, user: str) -> None:
        """Before a step. Raises EngineError."""
        self.open()
        if step == INSTALL:
            self._run("before", step)
        if user == "root" and self._shell:
            self._shell.pause()

    def after(self, step: str, user: str) -> LeftoverProcesses:
        """Ends all that a step left running. Raises EngineError where that cannot be done."""
        text, manifest = self._after(step, user)
        if not _is_whole(text):
            # A busy engine may cut the output of an exec. What was ended stays ended.
            text, manifest = self._after(step, user)
        count = re.search(_COUNT, text, re.MULTILINE)
        if count is None or not _is_whole(text):
            raise EngineLost(f"cannot find out which processes {step} left running")
        if re.search(r"^alive \d+$", text, re.MULTILINE):
            raise EngineLost(f"cannot end the processes that {step} left running")
        if self._shell:
            self._shell.resume()  # no process of a step is there any more
        code = re.search(r"^exit (\d+)$", text, re.MULTILINE)
        usage = read_usage(text)
        return LeftoverProcesses(
            processes=int(count[1]), exit_code=code[1] if code else "", usage=usage, manifest=manifest
        )  # fmt: skip

    def _after(self, step: str, user: str) -> tuple[str, bytes | None]:
        """What the script says after a step, and the install manifest if that is whole."""
        text, _, rest = self._run("after", step, user, *self._own or ()).partition(b"\nmanifest ")
        size, _, manifest = rest.partition(b"\n")
        whole = size.isdigit() and int(size) == len(manifest)
        return f"{text.decode(errors='replace')}\n", manifest if whole else None

    def signal(self, name: str) -> None:
        """Sends a signal to all processes of a step. Raises EngineError."""
        self._run("signal", name, *self._own or ())

    def processes(self) -> bytes:
        """A list of processes, and what each of them waits for. Raises EngineError."""
        return self._helper.output(self._scripts[_PROCESSES])

    def _run(self, *arguments: str) -> bytes:
        # What runs the script is no process of the job; an exec has no parent in the container, which is 0.
        asker = "printf 'asker %s\\n' $PPID\nset -- \"$@\" $PPID"
        script = f"set -- {shlex.join(arguments)}\n{asker}\n{self._scripts[_SUPERVISE]}"
        if arguments[:2] == ("after", INSTALL):
            script += _MANIFEST
        return self._helper.output(script, patient=INSTALL in arguments)


def _is_whole(text: str) -> bool:
    """Whether the output has its first and its last line."""
    first, last = (
        re.search(_COUNT, text, re.MULTILINE),
        re.search(r"^disk .+ /", text, re.MULTILINE),
    )
    return bool(first and last)
