"""The steps of one job: the recipe's, changed, dropped and joined as the project says."""

import re
import shlex
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

import attrs

from ciforge.model.job import Step
from ciforge.model.project import Repo, StepChange
from ciforge.plan.backtrace import with_backtrace
from ciforge.plan.expect_script import expect_script
from ciforge.plan.overlay import ResolvedOverlay, StepSetting
from ciforge.plan.recipes import Recipe, RecipeStep
from ciforge.plan.step_prefix import commands, in_terminal, with_tries

ROOT = "root"
EXPECT = "expect"
CHECK = "check"
TEST_LOGS = "test-logs"
"""In place of a pattern: the logs that automake, CTest and Meson leave."""


def job_steps(
    recipe: Recipe,
    settled: ResolvedOverlay,
    *,
    repo_id: str,
    repo: Repo,
    make: str,
    further: Mapping[str, str] | None = None,
) -> tuple[Step, ...]:
    """All steps in their order; the checks of `expect` follow the install.

    `further` are words in braces that other recipes than those of RECIPES have."""
    values = _words(settled, repo_id=repo_id, repo=repo, make=make) | dict(further or {})
    steps = {step.name: _from_recipe(step, values, settled.builddir) for step in recipe.steps}
    if any(settled.expect.values()):
        steps[EXPECT] = _expect_step(settled)
    for name, setting in settled.steps.items():
        if name in steps or setting.change.run is not None:
            steps[name] = _changed(steps.get(name, Step(name=name, run="")), setting.change)
    after = {name: setting.change.after for name, setting in settled.steps.items()}
    off = {step.name for step in recipe.steps if not step.on}
    return tuple(
        _placed(steps[name], repo.folder, settled)
        for name in _in_order(steps, after)
        if _is_on(settled.steps.get(name, StepSetting()), otherwise=name not in off)
    )


def kept(settled: ResolvedOverlay, steps: Iterable[Step]) -> tuple[str, ...]:
    """Patterns of files to keep; with logs of tests if there is a step for them."""
    logs = (TEST_LOGS,) if any(step.name == CHECK for step in steps) else ()
    return (*logs, *settled.keep)


def _placed(step: Step, folder: str, settled: ResolvedOverlay) -> Step:
    """The step with its whole script: backtraces outside, then tries, a terminal, the folder."""
    change = settled.steps.get(step.name, StepSetting()).change
    placed = _in_folder(step, folder)
    if change.tty:
        placed = attrs.evolve(placed, run=in_terminal(placed.run))
    tried = with_tries(placed, settled.flaky.get(step.name, 1))
    return with_backtrace(tried) if change.backtrace else tried


def _in_folder(step: Step, folder: str) -> Step:
    """The step, run in a folder of the source; the line that it prints says which files its messages name."""
    if not folder:
        return step
    place = f"cd {shlex.quote(folder)} || exit\necho \"ciforge: Entering directory '$PWD'\"\n"
    return attrs.evolve(step, run=place + step.run)


def _is_on(setting: StepSetting, *, otherwise: bool) -> bool:
    return otherwise if setting.on is None else setting.on


def _in_order(names: Iterable[str], after: Mapping[str, str | None]) -> list[str]:
    """Steps, each after the one that its `after` names, followed by its own followers.

    Steps that are off keep a place, so that one may come after them. Steps that come after each
    other in a circle, or after one that is not in this job, stand where they would without it."""
    unique = dict.fromkeys(names)
    roots: list[str] = []
    followers: dict[str, list[str]] = {}
    for name in unique:
        target = after.get(name)
        placed = target is not None and target in unique and not _circles(name, after)
        (followers.setdefault(target or "", []) if placed else roots).append(name)
    order: list[str] = []
    waiting = roots[::-1]
    while waiting:
        order.append(waiting.pop())
        waiting += followers.get(order[-1], [])[::-1]
    return order


def _circles(name: str, after: Mapping[str, str | None]) -> bool:
    """Whether it comes after itself, by however many others."""
    seen = {name}
    target = after.get(name)
    while target is not None and target not in seen:
        seen.add(target)
        target = after.get(target)
    return target == name


def _from_recipe(step: RecipeStep, values: Mapping[str, str], builddir: str) -> Step:
    # All at once: what the project says may hold braces too.
    run = re.sub(r"\{([a-z_]+)\}", lambda found: values.get(found[1], found[0]), step.run)
    if step.in_builddir and builddir:
        place = shlex.quote(builddir)
        run = f"mkdir -p {place}\ncd {place} || exit\n{run}"
    return Step(name=step.name, run=run, root=step.root, network=step.network, timeout=step.timeout)


def _words(settled: ResolvedOverlay, *, repo_id: str, repo: Repo, make: str) -> dict[str, str]:
    """Values of the words in braces of a recipe; each is a safe shell word."""
    up = "/".join(".." for _ in PurePosixPath(settled.builddir).parts)
    go_path = PurePosixPath(_import_path(repo.git) or repo_id)
    return {
        "make": make,
        "configure": "".join(f" {shlex.quote(word)}" for word in settled.configure),
        "top": f"{up or '.'}/",
        "source": up or ".",
        "builddir": shlex.quote(settled.builddir or "."),
        "repo": shlex.quote(repo_id),
        "go_path": shlex.quote(str(go_path)),
        "go_parent": shlex.quote(str(go_path.parent)),
    }


def _import_path(git: str) -> str:
    """`https://github.com/a/b.git` to Go's `github.com/a/b`; empty where there is no host."""
    scheme, _, rest = git.rpartition("://")
    host, _, path = (rest if scheme else git.replace(":", "/", 1)).partition("/")
    parts = [part for part in path.removesuffix("/").removesuffix(".git").split("/") if part]
    host = host.rpartition("@")[2].partition(":")[0]
    return "/".join((host, *parts)) if host and parts and ".." not in parts else ""


def _expect_step(settled: ResolvedOverlay) -> Step:
    return Step(name=EXPECT, run=expect_script(settled.expect, settled.builddir), timeout=300)


def _changed(step: Step, change: StepChange) -> Step:
    user = change.user
    changed = attrs.evolve(
        step,
        run=step.run if change.run is None else change.run,
        root=step.root if user is None else user == ROOT,
        user=step.user if user is None else "" if user == ROOT else user,
        env={**step.env, **change.env},
        network=step.network if change.network is None else change.network,
        timeout=step.timeout if change.timeout is None else change.timeout,
        setuid=step.setuid or change.privileges == "setuid",
        tty=bool(change.tty),
        locale=change.locale,
    )
    return attrs.evolve(changed, run=commands(changed, change))
