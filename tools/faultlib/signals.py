"""Signals to ciforge itself, and what happens around it on its own machine."""

import contextlib
import os
import shutil
import signal
import time

from faultlib.engine import sh
from faultlib.fault import (
    KILLED,
    LATE,
    LOST,
    PASSED,
    STOPPED,
    Fault,
    built,
    in_a_step,
    nothing,
    slow,
)
from faultlib.project import (
    HELLO,
    SILENT,
    big_tree,
    hello,
    slow_steps,
    trial,
    with_slow_image,
)
from faultlib.scene import Act, Scene

_HELLO = ("bootstrap", "configure", "build", "check", "install")


def send(*numbers: signal.Signals, group: bool = False) -> Act:
    """Signals to ciforge, or to it and all that it started; a random moment between two of them."""

    def act(scene: Scene) -> None:
        for number in numbers:
            if scene.run.process.poll() is None:
                (os.killpg if group else os.kill)(scene.run.process.pid, number)
                scene.pause(0.4)

    return act


def _early(act: Act, most: float = 1.5) -> Act:
    """The act at a random moment from the very start on."""

    def later(scene: Scene) -> None:
        scene.pause(most, 0.3)
        act(scene)

    return later


def _preparing(act: Act) -> Act:
    """The act while the image is being made."""
    return in_a_step(act, "prepare")


def _frozen(scene: Scene) -> None:
    scene.run.process.send_signal(signal.SIGSTOP)
    time.sleep(scene.chance.uniform(3, 8))
    scene.run.process.send_signal(signal.SIGCONT)


def _two(scene: Scene) -> None:
    """A second run of the same project at the same time, killed while the first one goes on."""
    other = scene.begin()
    scene.somewhere("one", "two")
    other.process.send_signal(signal.SIGKILL)
    other.wait()


def _two_starts(scene: Scene) -> None:
    """Killed, and then two starts at the same moment that both find what it left."""
    scene.somewhere("one", "two")
    scene.run.process.send_signal(signal.SIGKILL)
    scene.run.wait()
    runs = [scene.begin(), scene.begin()]
    codes = [run.wait() for run in runs]
    if codes != [0, 0]:
        scene.notes.append(
            f"the two starts ended {codes}: {runs[0].said[-300:]}{runs[1].said[-300:]}"
        )


def _starts_passed(scene: Scene) -> str:
    return next((note for note in scene.notes if note.startswith("the two starts")), "")


def _hung(seconds: int, words: str = "trap '' TERM; ") -> Act:
    """A step that ignores SIGTERM and sits there in silence."""

    def prepare(scene: Scene) -> None:
        steps = {"hang": {"run": f"{words}echo begun; sleep 600", "timeout": f"{seconds}s"}}
        trial(scene.project, steps)

    return prepare


def _is_explained(scene: Scene) -> str:
    wanted = ("sleep 600", "its processes:", "begun")
    return "" if all(text in scene.log for text in wanted) else "the log does not explain the hang"


def _small(folder: str) -> Act:
    """The slow steps, and a disk of two MiB for what ciforge writes."""

    def prepare(scene: Scene) -> None:
        steps = slow_steps()
        noise = "head -c 3000000 /dev/urandom | od -An -tx1; "
        trial(scene.project, {**steps, "two": {**steps["two"], "run": noise + steps["two"]["run"]}})
        sh("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", getattr(scene, folder))

    return prepare


def _unmount(scene: Scene) -> None:
    sh("umount", "-l", scene.state, check=False)


def _read_only(scene: Scene) -> None:
    slow(scene)
    sh("mount", "-t", "tmpfs", "-o", "size=9m,ro", "tmpfs", scene.state)


def _fill_state(scene: Scene) -> None:
    with contextlib.suppress(OSError), (scene.state / "filler").open("wb") as file:
        while True:
            file.write(bytes(65536))


def _roomy(scene: Scene) -> None:
    slow(scene)
    sh("mount", "-t", "tmpfs", "-o", "size=9m", "tmpfs", scene.state)


def _remove_run(scene: Scene) -> None:
    shutil.rmtree(scene.folder)


def _remove_scratch(scene: Scene) -> None:
    for folder in scene.state.glob("*/tmp"):
        shutil.rmtree(folder)


def _spoil_index(scene: Scene) -> None:
    for file in scene.state.glob("*/history.db*"):
        file.write_bytes(b"this is no database" * 100)


def quiet(scene: Scene) -> str:
    """No traceback reaches a person."""
    return "a traceback was shown" if "Traceback" in scene.run.said else ""


def _image(scene: Scene) -> None:
    with_slow_image(scene.project)


def _silent_image(scene: Scene) -> None:
    with_slow_image(scene.project, pause=SILENT)


def _large(scene: Scene) -> None:
    big_tree(scene.project, 300)


def _hello(scene: Scene) -> None:
    hello(scene.project)


INT, TERM, HUP, KILL = signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL
_UNBEGUN = ("nothing 130", STOPPED)

FAULTS = (
    Fault(name="Ctrl-C in a step", act=in_a_step(send(INT)), ends=(STOPPED,), reason="SIGINT"),
    Fault(name="Ctrl-C to the whole process group", act=in_a_step(send(INT, group=True)),
          ends=(STOPPED,), reason="SIGINT"),
    Fault(name="SIGTERM in a step", act=in_a_step(send(TERM)), ends=(STOPPED,), reason="SIGTERM"),
    Fault(name="SIGHUP in a step", act=in_a_step(send(HUP)), ends=(STOPPED,), reason="SIGHUP"),
    Fault(name="Ctrl-C twice in a step", act=in_a_step(send(INT, INT)), ends=_UNBEGUN, sweep=True),
    Fault(name="Ctrl-C while the image is made", act=_preparing(send(INT)),
          prepare=_image, ends=(STOPPED,)),
    Fault(name="Ctrl-C while the image is made in silence", act=_preparing(send(INT)),
          prepare=_silent_image, ends=(STOPPED,)),
    Fault(name="Ctrl-C twice while the image is made in silence", act=_preparing(send(INT, INT)),
          prepare=_silent_image, ends=_UNBEGUN, sweep=True),
    Fault(name="kill -9 while the image is made in silence", act=_preparing(send(KILL)),
          prepare=_silent_image, ends=(KILLED,), sweep=True),
    Fault(name="the limit of the job while the image is made in silence", act=nothing,
          prepare=_silent_image, words=("--timeout", "3"), ends=(LATE,)),
    Fault(name="Ctrl-C at the start, sources large", act=_early(send(INT)),
          prepare=_large, ends=_UNBEGUN),
    Fault(name="SIGTERM at the start, sources large", act=_early(send(TERM)),
          prepare=_large, ends=(*_UNBEGUN, "nothing -15")),
    Fault(name="kill -9 in a step", act=in_a_step(send(KILL)), ends=(KILLED,), sweep=True),
    Fault(name="kill -9 while the image is made", act=_preparing(send(KILL)),
          prepare=_image, ends=(KILLED,), sweep=True),
    Fault(name="kill -9 at the start, sources large", act=_early(send(KILL)),
          prepare=_large, ends=(KILLED,), sweep=True),
    Fault(name="kill -9, then two starts at once", act=_two_starts, ends=(KILLED,), sweep=True,
          check=_starts_passed),
    Fault(name="two runs at once, the other one killed", act=_two, ends=(PASSED,), sweep=True),
    Fault(name="Ctrl-C in hello-portable", prepare=_hello,
          act=in_a_step(send(INT), *_HELLO), ends=(STOPPED,), words=(HELLO,), green=built),
    Fault(name="kill -9 in hello-portable", prepare=_hello, sweep=True,
          act=in_a_step(send(KILL), *_HELLO), ends=(KILLED,), words=(HELLO,), green=built),
    Fault(name="stopped and continued (SIGSTOP, SIGCONT)", act=in_a_step(_frozen), ends=(PASSED,)),
    Fault(name="the reader of its output gone", act=in_a_step(lambda s: s.run.go_deaf()),
          ends=("cancelled 141",)),
    Fault(name="a step that ignores SIGTERM and is silent, at its limit", prepare=_hung(3),
          act=nothing, ends=(LATE,), check=_is_explained, reason="still running at its limit"),
    Fault(name="the same at the limit of the job", prepare=_hung(900), words=("--timeout", "5"),
          act=nothing, ends=(LATE,), check=_is_explained, reason="still running at its limit"),
    Fault(name="Ctrl-C while such a step hangs", prepare=_hung(900), ends=(STOPPED,),
          act=in_a_step(send(INT), "hang")),
    Fault(name="state folder full", prepare=_small("state"), act=nothing, heal=_unmount,
          ends=(LOST, "nothing 3", "nothing 2"), check=quiet),
    Fault(name="state folder read-only from the start", heal=_unmount, act=nothing,
          prepare=_read_only, ends=("nothing 2", "nothing 3")),
    Fault(name="state folder fills up", prepare=_roomy, act=in_a_step(_fill_state),
          heal=_unmount, ends=(LOST, "nothing 3", "nothing 2")),
    Fault(name="the run's folder removed", act=in_a_step(_remove_run),
          ends=(LOST, "nothing 3", "nothing 2")),
    Fault(name="the scratch folder removed", act=in_a_step(_remove_scratch), ends=(PASSED, LOST)),
    Fault(name="the history's index overwritten", act=in_a_step(_spoil_index), ends=(PASSED,)),
)  # fmt: skip
