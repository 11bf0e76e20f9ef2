"""The steps of one job: the recipe's, changed, dropped and joined as the project says."""

import shlex
from collections.abc import Mapping
from pathlib import PurePosixPath

import attrs

from ciforge.model.job import Step
from ciforge.model.project import Repo, StepChange
from ciforge.plan.expect import expect_script
from ciforge.plan.overlay import Settled
from ciforge.plan.recipes import Recipe, RecipeStep

ROOT = "root"


def job_steps(
    recipe: Recipe, settled: Settled, *, repo_id: str, repo: Repo, make: str
) -> tuple[Step, ...]:
    """All steps in their order; the checks of `expect` follow the install."""
    words = _words(settled, repo_id=repo_id, repo=repo, make=make)
    steps = [
        _from_recipe(step, words, settled.builddir)
        for step in recipe.steps
        if _wanted(step, settled.steps.get(step.name))
    ]
    if settled.expect:
        _insert(steps, _expect_step(settled), after="install")
    for name, change in settled.steps.items():
        if isinstance(change, StepChange):
            _change(steps, name, change)
    return tuple(steps)


def _wanted(step: RecipeStep, change: StepChange | bool | None) -> bool:
    return step.on if change is None else change is not False


def _from_recipe(step: RecipeStep, words: Mapping[str, str], builddir: str) -> Step:
    run = step.run
    for word, text in words.items():
        run = run.replace("{" + word + "}", text)
    if step.in_builddir and builddir:
        place = shlex.quote(builddir)
        run = f"mkdir -p {place}\ncd {place}\n{run}"
    return Step(name=step.name, run=run, root=step.root, network=step.network, timeout=step.timeout)


def _words(settled: Settled, *, repo_id: str, repo: Repo, make: str) -> dict[str, str]:
    """What the words in braces of a recipe stand for; every one is a safe shell word."""
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
    address = git.partition("://")[2] or git.replace(":", "/", 1)
    return address.rpartition("@")[2].removesuffix("/").removesuffix(".git")


def _expect_step(settled: Settled) -> Step:
    return Step(name="expect", run=expect_script(settled.expect, settled.builddir), timeout=300)


def _change(steps: list[Step], name: str, change: StepChange) -> None:
    """Put one change of the project into the list, in place."""
    place = next((index for index, step in enumerate(steps) if step.name == name), None)
    if place is None:
        _insert(steps, _changed(Step(name=name, run=""), change), after=change.after)
    elif change.after is None:
        steps[place] = _changed(steps[place], change)
    else:
        _insert(steps, _changed(steps.pop(place), change), after=change.after)


def _changed(step: Step, change: StepChange) -> Step:
    user = change.user
    return attrs.evolve(
        step,
        run=step.run if change.run is None else change.run,
        root=step.root if user is None else user == ROOT,
        user=step.user if user is None else "" if user == ROOT else user,
        env={**step.env, **change.env},
        network=step.network if change.network is None else change.network,
        timeout=step.timeout if change.timeout is None else change.timeout,
    )


def _insert(steps: list[Step], step: Step, *, after: str | None) -> None:
    place = next(
        (index for index, other in enumerate(steps) if other.name == after), len(steps) - 1
    )
    steps.insert(place + 1, step)
