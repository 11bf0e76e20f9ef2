"""Finds what a run left behind: in the engine, among the processes, in its state folder."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from faultlib.engine import PrivateEngine
from faultlib.scene import MARK, Scene


def leftovers(scene: Scene) -> list[str]:
    """A word for each thing that is there and should not be."""
    return [
        *_containers(scene.engine),
        *_volumes(scene.engine),
        *(f"process {name}" for name in _processes(scene.home.name)),
        *_files(scene),
    ]


def _containers(engine: PrivateEngine) -> Iterator[str]:
    """All of them: the engine is ours alone."""
    with engine.client() as client:
        for box in client.api.containers(all=True):
            kind = "box" if "org.ciforge.box" in (box["Labels"] or {}) else "container"
            yield f"{kind} ({box['State']})"


def _volumes(engine: PrivateEngine) -> Iterator[str]:
    with engine.client() as client:
        for volume in client.api.volumes()["Volumes"] or ():
            if not volume["Name"].startswith("ciforge-cache-"):
                yield "volume"


def _processes(mark: str) -> Iterator[str]:
    """Programs that carry the mark of this scene in their environment."""
    wanted = f"{MARK}={mark}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                yield (folder / "comm").read_text().strip()


def _files(scene: Scene) -> Iterator[str]:
    """Scratch folders, half-made runs and files, crash reports, locks that somebody holds."""
    for path in sorted(scene.state.rglob("*")):
        below = path.relative_to(scene.state).parts[1:]
        if path.name.startswith("ciforge-crash-"):
            yield "crash report"
        elif len(below) == 2 and below[0] == "tmp":
            yield "scratch folder"
        elif path.name.startswith(".") and "mirrors" not in below:
            yield f"half-made {path.name.split('.')[1]}"
        elif path.name.endswith((".lock", "lock")) and _is_held(path):
            yield "held lock"
    for path in scene.temp.iterdir():
        yield "crash report" if "crash" in path.name else "temporary file"


def _is_held(path: Path) -> bool:
    try:
        with path.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    return False
