"""Faults that hit a container from outside: killed, paused, joined to a network, its processes ended."""

import contextlib
import os
import signal

from docker.errors import APIError

from faultlib.fault import FAILED, LOST, PASSED, Fault, in_a_step
from faultlib.scene import Act, Scene

_TRIES = 20
"""Times that a process is looked for which comes and goes."""


def _box(method: str, **how: object) -> Act:
    return lambda scene: getattr(scene.box(), method)(**how)


def _restart(scene: Scene) -> None:
    with contextlib.suppress(APIError):  # ciforge may be quicker in removing what ended
        scene.box().restart(timeout=1)


def _kill_init(scene: Scene) -> None:
    box = scene.box()
    box.reload()
    os.kill(box.attrs["State"]["Pid"], signal.SIGKILL)


def _kill_inside(command: str) -> Act:
    """Ends a process of the step by somebody who looks into the box."""

    def act(scene: Scene) -> None:
        for _ in range(_TRIES):
            rows = scene.box().top()["Processes"]
            pids = [int(row[1]) for row in rows if command in row[-1]]
            # A short command may have ended by itself since.
            with contextlib.suppress(IndexError, ProcessLookupError):
                os.kill(scene.chance.choice(pids), signal.SIGKILL)
                return
        raise LookupError(f"no process of {command}")

    return act


def _inside(script: str) -> Act:
    """A command in the box, as root, by somebody else."""
    return lambda scene: scene.box().exec_run(["sh", "-c", script], user="root")


def _connect(scene: Scene) -> None:
    with scene.engine.client() as client:
        client.api.connect_container_to_network(scene.box().id, "bridge")


FAULTS = (
    Fault(name="docker kill", act=in_a_step(_box("kill")), ends=(LOST,)),
    Fault(name="docker stop", act=in_a_step(_box("stop", timeout=1)), ends=(LOST,)),
    Fault(name="docker rm -f", act=in_a_step(_box("remove", force=True)), ends=(LOST,)),
    Fault(name="docker pause", act=in_a_step(_box("pause")), ends=(LOST,), reason="paused"),
    Fault(name="docker restart", act=in_a_step(_restart), ends=(LOST,)),
    Fault(name="the box's init killed", act=in_a_step(_kill_init), ends=(LOST,)),
    Fault(name="a command of the step killed", act=in_a_step(_kill_inside("sleep 0.08")),
          ends=(FAILED,), reason="signal 9"),
    Fault(name="the step's shell killed", act=in_a_step(_kill_inside("sh -e /ciforge/steps")),
          ends=(FAILED,), reason="signal 9"),
    Fault(name="the step's wrapper killed", act=in_a_step(_kill_inside("/ciforge/bin/step")),
          ends=(FAILED, LOST)),
    Fault(name="every process but init killed from outside", ends=(LOST, FAILED),
          act=in_a_step(_inside("kill -9 -1"))),
    Fault(name="a network joined to the box from outside", act=in_a_step(_connect),
          ends=(PASSED, LOST)),
    Fault(name="the records of the step removed", act=in_a_step(_inside("rm -rf /ciforge/records")),
          ends=(LOST,)),
    Fault(name="the source removed", act=in_a_step(_inside("rm -rf /ciforge/src")),
          ends=(FAILED, LOST)),
    Fault(name="the scripts removed", act=in_a_step(_inside("rm -rf /ciforge/bin /ciforge/steps")),
          ends=(FAILED, LOST)),
)  # fmt: skip
