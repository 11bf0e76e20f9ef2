"""One fault, really injected: what became of the run, what is left, and whether the next run works."""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from faultlib.engine import PrivateEngine, Trouble, sh
from faultlib.fault import Fault
from faultlib.leftovers import leftovers
from faultlib.project import HELLO, ROOT, trial
from faultlib.scene import Hanging, Running, Scene, scene

_ATTEMPTS = 4


@attrs.frozen(kw_only=True)
class Trial:
    """The outcome of one injection."""

    fault: str
    seed: str
    moment: str
    end: str
    reason: str
    at_once: tuple[str, ...]
    """What was left when ciforge had ended."""
    later: tuple[str, ...]
    """What was left after its next start."""
    wrong: tuple[str, ...]
    seconds: float
    peak: int
    """Bytes of memory that ciforge had at most."""
    late: bool
    """Whether the job was over before the fault came."""


@contextmanager
def snapshot() -> Iterator[Path]:
    """A copy of the code, so that a table is about one state of it."""
    with tempfile.TemporaryDirectory(prefix="cif-code-") as name:
        for part in ("ciforge", "distros", "workflows"):
            shutil.copytree(ROOT / part, Path(name, part))
        yield Path(name)


def load_images(engine: PrivateEngine, code: Path) -> None:
    """Copies the images of hello-portable from the usual engine, so that no run needs a network."""
    with tempfile.TemporaryDirectory(prefix="cif-run-") as name:
        env = {**os.environ, "PYTHONPATH": str(code), "CIFORGE_STATE": name}
        done = subprocess.run(
            [sys.executable, "-m", "ciforge", "run", HELLO, "--json", "--force"], env=env, check=False,
            cwd=ROOT / "examples" / "hello-portable", capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise Trouble(f"hello-portable does not run on the usual engine:\n{done.stderr}")
        result = json.loads(next(Path(name).glob("*/runs/*/*/result.json")).read_text())
    tags = sh("docker", "image", "inspect", "-f", "{{index .RepoTags 0}}", result["image"]).split()
    base = engine.base = result["base"].partition("@")[0]
    for image in (base, *tags):
        pipe = f"docker save {image} | docker -H {engine.host} load"
        sh("sh", "-c", pipe)


def attempt(engine: PrivateEngine, fault: Fault, seed: str, code: Path) -> Trial:
    """Injects the fault once, and again where it came when all was over."""
    for number in range(_ATTEMPTS):
        trial = _attempt(engine, fault, seed if not number else f"{seed}/{number}", code)
        if not trial.late:
            break
    return trial


def _attempt(engine: PrivateEngine, fault: Fault, seed: str, code: Path) -> Trial:
    engine.mend()
    engine.clear()
    with scene(engine, random.Random(seed), code) as where:  # noqa: S311 (chance, not secrets)
        if fault.proxy:
            where.through_proxy()
        fault.prepare(where)
        where.words = fault.words
        end = _end(fault, where)
        late = where.late
        wrong = _examined(fault, where, end)
        run = where.run
        took = sum(e.get("seconds", 0) for e in run.events if e["event"] == "run_ended")
        fault.heal(where)
        _let_the_engine_settle(where)
        at_once = tuple(leftovers(where))
        wrong += [f"left: {thing}" for thing in at_once if not fault.sweep]
        later, trouble = _after(where)
        wrong += [f"left after the next start: {thing}" for thing in later] + trouble
        return Trial(
            fault=fault.name, seed=seed, moment=", ".join(where.notes)[:200], end=end,
            reason=str(where_reason(where, run)), at_once=at_once, later=tuple(later),
            wrong=tuple(wrong), seconds=took, peak=run.peak, late=late,
        )  # fmt: skip


def where_reason(where: Scene, run: Running) -> str:
    """Returns the cause that was reported, without the paths of this machine."""
    said = run.said.strip().splitlines()
    text = where.result.get("reason") or (said[-1] if said else "")
    plain = "".join(filter(str.isprintable, str(text).replace(str(where.home), "…")))
    return plain if plain.isascii() or len(plain) < 150 else plain[:80] + "…"


def _end(fault: Fault, where: Scene) -> str:
    """Status and exit code; a run that hangs has neither."""
    run = where.begin()
    try:
        fault.act(where)
    except (LookupError, StopIteration) as error:
        where.notes.append(f"nothing to hurt: {error}")
    except Exception as error:
        where.notes.append(f"the fault could not be made: {type(error).__name__}: {error}"[:300])
    try:
        code = run.wait()
    except Hanging as error:
        where.notes.append(str(error))
        return "hangs"
    if run is not where.run:
        raise AssertionError("the first run is the one that is hurt")
    for other in where.others:
        other.wait()
    return f"{where.result.get('status', 'nothing')} {code}"


def _examined(fault: Fault, where: Scene, end: str) -> list[str]:
    """Lists what is wrong; a fault that came too late, or not at all, proves nothing."""
    missed = [note for note in where.notes if note.startswith("nothing to hurt")]
    broken = [note for note in where.notes if note.startswith("the fault could not")]
    if missed and end == "passed 0":
        return [*broken, fault.green(where)] if fault.green(where) else broken
    return [*broken, *fault.wrong(where, end)]


def _let_the_engine_settle(where: Scene) -> None:
    """The engine as it should be; ciforge is not asked yet."""
    if where.proxy:
        where.proxy.close()
        where.proxy = None
    where.engine.mend()


def _after(where: Scene) -> tuple[list[str], list[str]]:
    """The next ordinary start of the project: what is left then, and what is wrong with it."""
    name = "hello-portable" if (where.project / "configure.ac").exists() else "trial"
    shutil.rmtree(where.project)
    where.project.mkdir()
    trial(where.project, {"next": {"run": "echo next"}}, name)
    run = Running(where.project, where.env(), ())
    code = run.wait(120)
    left = leftovers(where)
    return left, [] if code == 0 else [f"the next run ended {code}: {run.said[-300:]}"]
