"""Faults of the daemon, its helpers, its disk, and the connection to it."""

import contextlib
import os
import shutil
import signal
import time

from faultlib.engine import sh
from faultlib.fault import FAILED, LOST, PASSED, Fault, built, in_a_step, nothing, slow
from faultlib.project import HELLO, hello, slow_steps, trial, with_slow_image
from faultlib.scene import Act, Scene

_HELLO = ("bootstrap", "configure", "build", "check", "install")


def daemon(number: signal.Signals) -> Act:
    """A signal to the daemon."""
    return lambda scene: scene.engine.send(number)


def _restart(scene: Scene) -> None:
    scene.engine.stop()
    scene.engine.start()


def _frozen(scene: Scene) -> None:
    """As short as a busy machine makes a daemon wait."""
    scene.engine.send(signal.SIGSTOP)
    time.sleep(5)
    scene.engine.send(signal.SIGCONT)


def _frozen_and(times: int) -> Act:
    """The daemon frozen, and Ctrl-C so many times."""

    def act(scene: Scene) -> None:
        scene.engine.send(signal.SIGSTOP)
        for _ in range(times):
            time.sleep(scene.chance.uniform(0.3, 3))
            scene.run.process.send_signal(signal.SIGINT)
        began = time.monotonic()
        scene.run.wait()
        scene.notes.append(f"ended {time.monotonic() - began:.0f} s later")

    return act


def _is_soon(scene: Scene) -> str:
    """A person who asks twice does not wait for a daemon."""
    waited = [int(note.split()[1]) for note in scene.notes if note.startswith("ended ")]
    return f"it took {waited[0]} s" if waited and waited[0] > 12 else ""


def _kill_containerd(scene: Scene) -> None:
    shims = scene.engine.processes("containerd-shim")
    for pid in set(scene.engine.processes("containerd")) - set(shims):
        os.kill(pid, signal.SIGKILL)


def _kill_shim(scene: Scene) -> None:
    for pid in scene.engine.processes("containerd-shim"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _no_socket(scene: Scene) -> None:
    scene.engine.socket.unlink()


def _slow_image(scene: Scene) -> None:
    with_slow_image(scene.project)


def _hello(scene: Scene) -> None:
    hello(scene.project)


def all_connections(fault: str) -> Act:
    """A fault of every connection."""
    return lambda scene: scene.proxy.hurt_all(fault) if scene.proxy else None


def stream(fault: str) -> Act:
    """A fault of the step's output alone."""
    return lambda scene: scene.proxy.hurt_streams(fault) if scene.proxy else None


def _cut_once(scene: Scene) -> None:
    if scene.proxy:
        scene.proxy.cut()


def _slow_from_the_start(scene: Scene) -> None:
    slow(scene)
    assert scene.proxy is not None
    scene.proxy.fault = "slow"


_FILLER = "filler"


def fill(scene: Scene) -> None:
    """Leaves nothing on the disk of the engine."""
    with (scene.engine.disk / _FILLER).open("wb") as file:
        free = shutil.disk_usage(scene.engine.disk).free
        os.posix_fallocate(file.fileno(), 0, max(1, free - 4 * 1024**2))


def _make_room(scene: Scene) -> None:
    (scene.engine.disk / _FILLER).unlink(missing_ok=True)
    sh("fstrim", scene.engine.disk, check=False)


def _writing(scene: Scene) -> None:
    """The slow steps, each of which also writes a file of 40 MB."""
    steps = slow_steps()
    for name in ("one", "two", "three"):
        write = f"; head -c 40000000 /dev/urandom >{name}.data; rm -f big"
        steps[name]["run"] += write
    trial(scene.project, steps)


def _full_from_the_start(scene: Scene) -> None:
    _writing(scene)
    fill(scene)


def _dead_mirror(scene: Scene) -> None:
    """A dependency that no image here has, and a network that leads nowhere."""
    trial(scene.project, slow_steps(), dependencies=["autoconf", "bison", "flex"])


def _remove_images(scene: Scene) -> None:
    with scene.engine.client() as client:
        for tag in client.images.get(scene.box().attrs["Image"]).tags:
            if tag.startswith("ciforge/deps"):
                client.api.remove_image(tag, force=True)


def _save_image(scene: Scene) -> None:
    """The job's image under a further name, so that it can have its own again."""
    slow(scene)
    with scene.engine.client() as client:
        for image in client.images.list("ciforge/deps"):
            image.tag("ciforge-faults/saved", image.tags[0].rpartition(":")[2])


def _restore_image(scene: Scene) -> None:
    with scene.engine.client() as client:
        for image in client.images.list("ciforge-faults/saved"):
            for tag in image.tags:
                if tag.startswith("ciforge-faults"):
                    image.tag("ciforge/deps", tag.rpartition(":")[2])
                    client.api.remove_image(tag)


def _writing_image(scene: Scene) -> None:
    with_slow_image(scene.project, "head -c 40000000 /dev/zero >/x")


def _broken_image(scene: Scene) -> None:
    with_slow_image(scene.project, "exit 7")


TERM, KILL, STOP = signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP
_PREPARED = (PASSED, LOST)
"""Preparing is tried twice, so both are right."""

FAULTS = (
    Fault(name="the daemon stopped (SIGTERM)", act=in_a_step(daemon(TERM)), ends=(LOST,), sweep=True),
    Fault(name="the daemon killed", act=in_a_step(daemon(KILL)), ends=(LOST,), sweep=True),
    Fault(name="the daemon killed in hello-portable", prepare=_hello, sweep=True, ends=(LOST,),
          act=in_a_step(daemon(KILL), *_HELLO), words=(HELLO,), green=built),
    Fault(name="the daemon restarted", act=in_a_step(_restart), ends=(LOST,), sweep=True),
    Fault(name="the daemon frozen for 5 s", act=in_a_step(_frozen), ends=(PASSED,)),
    Fault(name="the daemon frozen for ever", act=in_a_step(daemon(STOP)), ends=(LOST,), sweep=True),
    Fault(name="Ctrl-C while the daemon is frozen", act=in_a_step(_frozen_and(1)), sweep=True,
          ends=("cancelled 130", "infrastructure 130")),
    Fault(name="Ctrl-C twice while the daemon is frozen", act=in_a_step(_frozen_and(2)),
          sweep=True, ends=("nothing 130",), check=_is_soon),
    Fault(name="its containerd killed", act=in_a_step(_kill_containerd), ends=(LOST, PASSED),
          sweep=True),
    Fault(name="the box's shim killed", act=in_a_step(_kill_shim), ends=(LOST,),
          sweep=True),
    Fault(name="its socket removed", act=in_a_step(_no_socket), ends=(LOST, PASSED), sweep=True),
    Fault(name="the daemon killed while the image is made", prepare=_slow_image, sweep=True,
          act=in_a_step(daemon(KILL), "prepare"), ends=(LOST,)),
    Fault(name="the daemon restarted while the image is made", prepare=_slow_image, sweep=True,
          act=in_a_step(_restart, "prepare"), ends=_PREPARED),
    Fault(name="the daemon frozen while the image is made", prepare=_slow_image, sweep=True,
          act=in_a_step(daemon(STOP), "prepare"), ends=(LOST,)),
    Fault(name="every connection cut, for good", proxy=True, act=in_a_step(all_connections("cut")),
          ends=(LOST,), sweep=True),
    Fault(name="every connection cut once", proxy=True, act=in_a_step(_cut_once), ends=(LOST,)),
    Fault(name="the step's stream cut", proxy=True, act=in_a_step(stream("cut")), ends=(LOST,)),
    Fault(name="the stream cut in the middle of a frame", proxy=True,
          act=in_a_step(stream("middle")), ends=(LOST,)),
    Fault(name="the stream cut in hello-portable", prepare=_hello, proxy=True, ends=(LOST,),
          act=in_a_step(stream("cut"), *_HELLO), words=(HELLO,), green=built),
    Fault(name="every connection stalls for ever", proxy=True, sweep=True,
          act=in_a_step(all_connections("stall")), ends=(LOST,)),
    Fault(name="the stream stalls for ever", proxy=True, act=in_a_step(stream("stall")),
          ends=(LOST,)),
    Fault(name="garbage in the stream", proxy=True, act=in_a_step(stream("garbage")), ends=(LOST,)),
    Fault(name="garbage in every answer", proxy=True, act=in_a_step(all_connections("garbage")),
          ends=(LOST,), sweep=True),
    Fault(name="a slow connection", proxy=True, prepare=_slow_from_the_start, act=nothing,
          ends=(PASSED,)),
    Fault(name="every connection cut once while the image is made", prepare=_slow_image, proxy=True,
          act=in_a_step(_cut_once, "prepare"), ends=_PREPARED),
    Fault(name="every connection stalls while the image is made", prepare=_slow_image, proxy=True,
          act=in_a_step(all_connections("stall"), "prepare"), ends=(LOST,), sweep=True),
    Fault(name="garbage while the image is made", prepare=_slow_image, proxy=True, sweep=True,
          act=in_a_step(all_connections("garbage"), "prepare"), ends=(LOST,)),
    Fault(name="the engine's disk full in a step", prepare=_writing, act=in_a_step(fill),
          heal=_make_room, ends=(LOST,), reason="disk of the engine is full|no space"),
    Fault(name="the engine's disk full from the start", prepare=_full_from_the_start, act=nothing,
          heal=_make_room, ends=(LOST,)),
    Fault(name="the engine's disk full while the image is made", heal=_make_room, ends=(LOST,),
          prepare=_writing_image,
          act=in_a_step(fill, "prepare")),
    Fault(name="the image removed under the job", prepare=_save_image, heal=_restore_image,
          act=in_a_step(_remove_images), ends=(PASSED, LOST)),
    Fault(name="a package mirror that does not answer", prepare=_dead_mirror, act=nothing,
          ends=(LOST,), reason="mirror does not answer", once=True),
    Fault(name="an image that cannot be built", act=nothing, ends=(FAILED,),
          prepare=_broken_image, reason="Dockerfile"),
)  # fmt: skip
