"""The steps of a cross check: those of the recipe up to the install, and no program of the target runs."""

import shlex
from collections.abc import Mapping

import attrs

from ciforge.model.cross import DESTDIR, TOOLS, CrossCheck
from ciforge.model.job import Step
from ciforge.model.project import Repo
from ciforge.plan.expect_script import INSTALLED
from ciforge.plan.job_steps import EXPECT, job_steps
from ciforge.plan.overlay import ResolvedOverlay
from ciforge.plan.recipes import Recipe, RecipeStep

VERIFY = "verify"
_INSTALL = "install"
_BIG_ENDIAN = ("s390x",)

# A program of another compiler would prove nothing about the target.
_VERIFY = f"""\
PATH=/usr/sbin:/usr/bin:/sbin:/bin
machine() {{ readelf -h -W "$1" | grep ' Machine:' | sort -u; }}
loader() {{ readelf -l -W "$1" | sed -n '/interpreter:/p'; }}
sample={TOOLS}/sample
find {DESTDIR} -type f >/tmp/installed
while IFS= read -r file; do
    case $(head -c 4 "$file" | tr -d '\\177') in
        ELF) found=$(loader "$file") ;;
        '!<ar') found= ;;
        *) continue ;;
    esac
    # A program for musl is static until it needs a shared library, and so is the sample.
    case $(loader "$sample"):$found in
        :*/lib/ld-musl-* | *:) fits=yes ;;
        *) [ "$(loader "$sample")" = "$found" ] && fits=yes || fits= ;;
    esac
    if [ -z "$fits" ] || [ "$(machine "$file")" != "$(machine "$sample")" ]; then
        echo "verify: ${{file#{DESTDIR}}} was compiled for another system than the target" >&2
        exit 1
    fi
    echo "linked: ${{file#{DESTDIR}}}" | tee -a /tmp/linked
done </tmp/installed
if [ ! -s /tmp/linked ]; then
    echo 'verify: nothing that was compiled is installed below DESTDIR' >&2
    exit 1
fi"""


def cross_steps(
    recipe: Recipe,
    settled: ResolvedOverlay,
    check: CrossCheck,
    *,
    repo_id: str,
    repo: Repo,
    make: str,
) -> tuple[Step, ...]:
    """Steps of the recipe, and those of the project before the install; then the check of what is installed.

    Tests, and what the project runs after the install, would run programs of the target. Of `expect`
    remain macros in files: who owns a file on the target is not known here."""
    left = attrs.evolve(settled, expect=_without_installed(settled.expect))
    steps = job_steps(
        _crossing(recipe), left, repo_id=repo_id, repo=repo, make=make, further=_words(check)
    )  # fmt: skip
    names = [step.name for step in steps]
    end = names.index(_INSTALL) + 1 if _INSTALL in names else len(names)
    kept = [_staged(step) for at, step in enumerate(steps) if at < end or step.name == EXPECT]
    verify = (Step(name=VERIFY, run=_VERIFY, timeout=300),) if _INSTALL in names else ()
    return (*kept, *verify)


def _staged(step: Step) -> Step:
    """The install with DESTDIR in its environment, for commands of the project that do not set it."""
    if step.name != _INSTALL or DESTDIR in step.run:
        return step
    return attrs.evolve(step, env={"DESTDIR": DESTDIR, **step.env})


def _crossing(recipe: Recipe) -> Recipe:
    steps = (_crossing_step(step) for step in recipe.steps if step.cross != "")
    return attrs.evolve(recipe, steps=tuple(steps))


def _crossing_step(step: RecipeStep) -> RecipeStep:
    return step if step.cross is None else attrs.evolve(step, run=step.cross)


def _without_installed(expect: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {place: lines for place, lines in expect.items() if place != INSTALLED}


def _words(check: CrossCheck) -> dict[str, str]:
    """Values of the words in braces of a cross check."""
    processor = check.target.target.partition("-")[0]
    return {
        "cross": "".join(f" {shlex.quote(word)}" for word in check.configure),
        "uname": shlex.quote(check.system.uname),
        "meson_system": check.system.uname.lower(),
        "processor": processor,
        "endian": "big" if processor in _BIG_ENDIAN else "little",
        "destdir": DESTDIR,
        "toolchain": f"{TOOLS}/toolchain.cmake",
    }
