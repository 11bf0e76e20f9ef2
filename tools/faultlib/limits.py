"""Faults that a job causes itself: it uses up its limits, prints hostile text, or lies about its end."""

from faultlib.fault import FAILED, LATE, LOST, PASSED, Check, Fault, nothing
from faultlib.project import trial
from faultlib.scene import Act, Scene

MIB = 1024**2
_MEMORY = 200 * MIB
"""Bytes that ciforge itself may use, whatever a job prints."""


def step(run: str, **more: object) -> Act:
    """A project of one step, and one after it that says `whole`."""

    def prepare(scene: Scene) -> None:
        last = {"run": "echo whole", "after": "act"}
        trial(scene.project, {"act": {"run": run, **more}, "last": last})

    return prepare


def says(*texts: str) -> Check:
    """The log has all of these."""
    return lambda s: "".join(f"the log lacks {text!r}; " for text in texts if text not in s.log)


def _clean(scene: Scene) -> str:
    """Nothing that a terminal would act on came out, and the memory stayed small."""
    run = scene.run
    if run.escapes:
        return f"{run.escapes} escape characters came out"
    return f"{run.peak // MIB} MiB of memory" if run.peak > _MEMORY else ""


def _log_size(least: int, most: int) -> Check:
    def check(scene: Scene) -> str:
        sizes = [file.stat().st_size for file in scene.folder.glob("*/log.txt")]
        right = len(sizes) == 1 and least <= sizes[0] <= most
        return _clean(scene) if right else f"the log has {sizes} bytes"

    return check


_PERL_BOMB = "perl -e '$x .= \"y\" x 500_000_000 while 1'"
_FORK_BOMB = "bomb() { bomb | bomb & }; bomb; sleep 8; exit 1"
_FULL = (
    "full() { for f in /sys/fs/cgroup/pids.current /sys/fs/cgroup/pids/pids.current; do "
    '[ ! -r $f ] || read -r n <$f; done; [ "$n" -gt 1900 ]; }'
)
"""Whether there are about as many processes as there may be: a busy machine is slow in making them."""
_DISK_BOMB = "cat /dev/zero >big"
_TITLE = r"printf '\033]0;gotcha\007\033[2J\033[?1049h\033c\233]2;x\234\n'; echo '::set-output name=x::y'"

FAULTS = (
    Fault(name="a memory bomb", prepare=step(_PERL_BOMB), act=nothing, ends=(FAILED,),
          reason="used up its memory"),
    Fault(name="a fork bomb", prepare=step(_FORK_BOMB), act=nothing, ends=(FAILED,),
          reason="limit of .* processes"),
    Fault(name="a fork bomb that ends 0", act=nothing, ends=(FAILED, LOST),
          prepare=step(f"bomb() {{ bomb | bomb & }}; {_FULL}; bomb; until full; do :; done; exit 0")),
    Fault(name="a disk bomb", prepare=step(_DISK_BOMB), act=nothing, ends=(FAILED, LOST),
          reason="wrote more than|disk of the engine is full", once=True),
    Fault(name="a disk bomb in the compiler cache", act=nothing, ends=(FAILED, LOST), once=True,
          prepare=step("cat /dev/zero >/ciforge/ccache/big"),
          reason="wrote more than|disk of the engine is full|ended with exit code"),
    Fault(name="a log of 300 MB", prepare=step("yes 0123456789abcdef | head -c 300000000"),
          act=nothing, ends=(PASSED,), green=says("whole", "bytes are left out here"),
          check=_log_size(67 * MIB, 69 * MIB)),
    Fault(name="a log of 2 GB", prepare=step("yes 0123456789abcdef | head -c 2000000000"),
          act=nothing, ends=(PASSED,), green=says("whole", "bytes are left out here"),
          check=_log_size(67 * MIB, 69 * MIB), once=True),
    Fault(name="a log of many short lines", act=nothing, ends=(PASSED,), green=says("whole"),
          prepare=step("seq 1500000"), check=_log_size(10 * MIB, 11 * MIB)),
    Fault(name="a line of 100 MB without an end", act=nothing, ends=(PASSED,), green=says("whole"),
          prepare=step("head -c 100000000 /dev/zero | tr '\\0' x"),
          check=_log_size(67 * MIB, 69 * MIB)),
    Fault(name="NUL bytes", prepare=step("head -c 100000 /dev/zero; echo"), act=nothing,
          ends=(PASSED,), green=says("whole", "\0"), check=_clean),
    Fault(name="invalid UTF-8 and random bytes", act=nothing, ends=(PASSED,), check=_clean,
          prepare=step("head -c 2000000 /dev/urandom; echo"), green=says("whole")),
    Fault(name="escape sequences that retitle and clear", prepare=step(_TITLE), act=nothing,
          ends=(PASSED,), green=says("whole", "\x1b]0;gotcha"), check=_clean),
    Fault(name="kill -9 -1 as the one who builds", prepare=step("kill -9 -1; sleep 5"), act=nothing,
          ends=(FAILED, LOST)),
    Fault(name="kill -9 -1 as root", prepare=step("kill -9 -1; sleep 5", **{"as": "root"}),
          act=nothing, ends=(FAILED, LOST)),
    Fault(name="kill -9 1 as root", prepare=step("kill -9 1; echo alive", **{"as": "root"}),
          act=nothing, ends=(PASSED, FAILED, LOST), green=says("whole")),
    Fault(name="a step that kills its wrapper and ends 0", act=nothing, ends=(FAILED, LOST),
          prepare=step("kill -9 $PPID; sleep 1; exit 0")),
    Fault(name="a child that keeps the output open", act=nothing, ends=(PASSED,),
          prepare=step("sleep 300 & echo left"), green=says("left", "whole")),
    Fault(name="a child that goes on talking", act=nothing, ends=(PASSED,),
          prepare=step("(while :; do echo talk; sleep 0.3; done) & echo left"),
          green=says("left", "whole")),
    Fault(name="children that flood the output for ever", act=nothing, ends=(PASSED,),
          prepare=step("for i in 1 2 3 4 5 6 7 8; do yes flood & done; echo left"),
          green=says("left", "whole"), check=_clean),
    Fault(name="a forged exit record", act=nothing, ends=(LOST, FAILED),
          prepare=step("(sleep 1; echo 0 >/ciforge/records/ciforge/act.exit) & exec kill -9 $PPID")),
    Fault(name="a forged exit record of a failure", act=nothing, ends=(LOST, FAILED), reason="",
          prepare=step("(while sleep 0.05; do echo 0 >/ciforge/records/ciforge/act.exit; done) & exit 5")),
    Fault(name="the exit record made unwritable", act=nothing, ends=(PASSED,),
          prepare=step("mkdir /ciforge/records/ciforge/act.exit"), green=says("whole")),
    Fault(name="a step that reads its script's input", act=nothing, ends=(PASSED,),
          prepare=step("cat; read x || echo nothing to read"), green=says("nothing to read", "whole")),
    Fault(name="a step that detaches and hangs at its limit", act=nothing, ends=(LATE,),
          prepare=step("setsid sleep 500 & setsid -w sleep 500", timeout="3s")),
    Fault(name="too many open files", act=nothing, ends=(FAILED,),
          prepare=step("perl -e 'while(1){open(my $f,\"<\",\"/dev/null\") or exit 9; push @x,$f}'")),
)  # fmt: skip
