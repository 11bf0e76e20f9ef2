"""Two jobs have the same digest only if nothing differs that a machine could see."""

import enum
from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import pytest
from projects import plan, real_catalogue

from ciforge.engines.protocol import MachineSpec
from ciforge.model.job import Job
from ciforge.model.project import Patch, Source
from ciforge.model.trust_domain import Trust, TrustDomain
from ciforge.run.input_digest import SourceInputs, Surroundings, input_digest

TEXT = """
project: p
repos:
  tree:
    path: .
    recipe: make
    env: {CFLAGS: -O1}
    users: {_smtpd: /var/empty}
    expect: {installed: [/usr/local/bin/hello mode=0755]}
    steps: {build: {run: make, env: {V: "1"}}}
jobs: [tree/debian-13/default]
"""
JOB = plan(TEXT).jobs[0]
CROSS = plan(TEXT.replace("debian-13/default", "freebsd/cross"), real_catalogue()).jobs[0]
TREE = TrustDomain(trust=Trust.TREE, facts=("here",))
SOURCE = SourceInputs(digest="a", order="b", git="c")
MACHINE = MachineSpec(
    job=JOB.id, run="r", project="p", life=60, memory=1, ccache="volume", ccache_reads="main", domain=TREE
)  # fmt: skip
AROUND = Surroundings(image="sha256:1", engine="docker", code="0")
PARTS = {"steps", "sources", "users"}
"""Fields of a job that have tests of their own."""
NOT_SEEN = {"run", "keep"}
"""Fields of a machine that no job can see, and that never decide."""


def digest(
    job: Job = JOB,
    source: SourceInputs = SOURCE,
    machine: MachineSpec = MACHINE,
    around: Surroundings = AROUND,
) -> str:
    return input_digest(job, source, machine, around)


def other(value: Any) -> Any:
    """A value of the same type that differs as little as possible."""
    if attrs.has(type(value)):
        field = attrs.fields(type(value))[0].name
        return attrs.evolve(value, **{field: other(getattr(value, field))})
    if isinstance(value, enum.Enum):
        return next(member for member in type(value) if member is not value)
    if isinstance(value, Mapping):
        return {name: other(one) for name, one in value.items()} or {"x": "x"}
    if isinstance(value, tuple):
        return (*value[:-1], other(value[-1])) if value else ("x",)
    if value is None:
        return "x"
    return not value if isinstance(value, bool) else value + type(value)(1)


def variations(value: Any) -> Iterator[tuple[str, Any]]:
    """The value with each of its fields changed, one at a time."""
    for field in attrs.fields(type(value)):
        yield field.name, attrs.evolve(value, **{field.name: other(getattr(value, field.name))})


@pytest.mark.parametrize("job", [JOB, CROSS], ids=["native", "cross"])
def test_each_field_of_the_plan_changes_the_digest(job: Job) -> None:
    seen = {digest(job): "unchanged"}
    for name, changed in variations(job):
        if name in PARTS or (name == "cross" and job.cross is None):
            continue
        assert digest(changed) not in seen, name
        seen[digest(changed)] = name


def test_each_library_user_and_cross_check_changes_the_digest() -> None:
    source = Source(url="https://example.org/lib.tar.gz", sha256="0" * 64, prefix="/opt/lib")
    with_library = attrs.evolve(JOB, sources={"lib": source})
    apart = ("recipe", "needs", "patches")
    others = [one for name, one in variations(source) if name not in apart]
    others.append(attrs.evolve(source, recipe="cmake"))
    patches = [
        Patch(file=file, data=data) for file in ("a.diff", "b.diff") for data in ("QQ==", "Qg==")
    ]
    others += [attrs.evolve(source, patches=(patch,)) for patch in patches]
    changed = [attrs.evolve(JOB, sources={"lib": one}) for one in others]
    both = (source, attrs.evolve(source, needs=("other",)))
    changed += [attrs.evolve(JOB, sources={"other": source, "lib": one}) for one in both]
    changed += [attrs.evolve(JOB, users={"_smtpd": "/"}), attrs.evolve(JOB, users={}), CROSS]
    assert CROSS.cross
    checks = [one for name, one in variations(CROSS.cross) if name != "dependencies"]
    changed += [attrs.evolve(CROSS, cross=one) for one in checks]
    found = [digest(job) for job in (JOB, with_library, *changed)]
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("at", range(len(JOB.steps)))
def test_each_field_of_each_step_changes_the_digest(at: int) -> None:
    for name, changed in variations(JOB.steps[at]):
        steps = (*JOB.steps[:at], changed, *JOB.steps[at + 1 :])
        assert digest(attrs.evolve(JOB, steps=steps)) != digest(), name


def test_each_field_of_the_machine_changes_the_digest_unless_no_job_sees_it() -> None:
    differing = {
        name for name, changed in variations(MACHINE) if digest(machine=changed) != digest()
    }
    assert differing == {field.name for field in attrs.fields(MachineSpec)} - NOT_SEEN


def test_source_order_image_engine_and_code_change_the_digest() -> None:
    changed = [digest(source=one) for _, one in variations(SOURCE)]
    changed += [digest(around=one) for _, one in variations(AROUND)]
    assert len({digest(), *changed}) == 7


def test_order_of_steps_changes_the_digest() -> None:
    assert digest(attrs.evolve(JOB, steps=JOB.steps[::-1])) != digest()


def test_digest_is_the_same_for_a_plan_that_is_read_again() -> None:
    assert digest(plan(TEXT).jobs[0]) == digest()


def test_value_without_a_fixed_text_is_refused() -> None:
    with pytest.raises(TypeError, match="set has no place"):
        digest(attrs.evolve(JOB, artifacts=({"a", "b"},)))
