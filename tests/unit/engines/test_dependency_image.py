"""Whose fault it is that an image cannot be built, by what the daemon and the package manager said."""

import datetime
from typing import Any

import attrs
import pytest
from images import NOW, Images
from projects import plan, real_catalogue

from ciforge.engines import dependency_image as module
from ciforge.engines import labels
from ciforge.engines.base_image import BaseImage
from ciforge.engines.dependency_image import DependencyImages, _failure, image_key
from ciforge.engines.protocol import EngineExhausted, Image, PrepareFailed, Stop
from ciforge.errors import EngineError
from ciforge.model.job import Job
from tests.tables import each

APT = real_catalogue().managers["apt"]
TEXT = "project: p\nrepos: {t: {path: ., recipe: make}}\njobs: [t/debian-13]\n"
JOB: Job = attrs.evolve(plan(TEXT).jobs[0], manager=APT)
FAILED = {"error": "The command '/bin/sh -c apt-get …' returned a non-zero code: 100"}


def blamed(heard: str, error: str = FAILED["error"], code: int | None = 100) -> Exception:
    detail = {"code": code} if code is not None else {"message": error}
    return _failure({"error": error, "errorDetail": detail}, heard, APT)


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("E: Unable to locate package libfoo-dev\n", "there is no package 'libfoo-dev'"),
        ("groupadd: invalid group name\n", "a command of the Dockerfile failed"),
        ("", "a command of the Dockerfile failed"),
    ],
)
def test_dependency_image_without_a_requested_package_is_the_fault_of_the_job(
    heard: str, said: str
) -> None:
    error = blamed(heard)
    assert isinstance(error, PrepareFailed)
    assert (str(error), error.exit_code) == (said, 100)


def test_missing_privilege_of_a_package_manager_is_not_blamed_on_the_mirror() -> None:
    heard = (
        "error: switching to sandbox user 'alpm' failed!\n"
        "error: failed to synchronize all databases (unexpected error)\n"
    )
    manager = real_catalogue().managers["pacman"]
    found = _failure({"error": FAILED["error"], "errorDetail": {"code": 1}}, heard, manager)
    assert isinstance(found, EngineError)
    assert str(found) == (
        "the package manager lacks a right in this container: switching to sandbox user 'alpm' failed"
    )


@each(
    ("heard", "error", "code", "said"),
    [
        (
            "Err:1 http://deb.example.org trixie InRelease\n"
            "  Temporary failure resolving 'deb.example.org'\n",
            FAILED["error"], 100, "mirror does not answer",
        ),
        ("cp: error writing '/x': No space left on device\n", FAILED["error"], 1, "disk of the"),
        ("", "write /x: No space left on device", None, "disk of the engine is full"),
        ("", "OCI runtime create failed: no such device", None, "no such device"),
    ],
)  # fmt: skip
def test_dependency_image_that_fails_otherwise_is_infrastructure(
    heard: str, error: str, code: int | None, said: str
) -> None:
    found = blamed(heard, error, code)
    assert isinstance(found, EngineError)
    assert said in str(found)
    assert isinstance(found, EngineExhausted) == said.startswith("disk of the")


DOCKERFILE = "FROM ${BASE}\nRUN install gcc\n"
BASE = BaseImage("base", "sha256:base")
MIRROR_DOWN = {"error": "E: Failed to fetch http://mirror/x", "errorDetail": {"code": 100}}
NO_PACKAGE = {
    "error": "E: Unable to locate package gcc\n", "errorDetail": {"code": 100},
}  # fmt: skip


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Images:
    """An engine with an empty cache, on a day that does not change."""
    monkeypatch.setattr(module.time, "time", lambda: NOW)
    return Images()


def images_of(engine: Images) -> DependencyImages:
    connection: Any = engine
    return DependencyImages(connection)


def get(images: DependencyImages, said: list[bytes] | None = None, job: Job = JOB) -> Image:
    hear = (said if said is not None else list[bytes]()).append
    return images.get(job, DOCKERFILE, BASE, "2027-W02", hear, Stop())


def old_image(engine: Images, days: int) -> str:
    """A dependency image of that age, under the name of the job's own."""
    key = image_key(JOB, DOCKERFILE, BASE, "")
    return engine.add(f"ciforge/deps:{key}", days, **{labels.PACKAGES: '{"gcc": "0"}'})


def test_dependency_image_that_is_young_is_used(engine: Images) -> None:
    young = old_image(engine, days=30)
    assert get(images_of(engine)).id == young
    assert engine.built == []


def test_dependency_image_that_is_old_is_rebuilt_and_the_run_says_so(engine: Images) -> None:
    old, said = old_image(engine, days=31), list[bytes]()
    image = get(images_of(engine), said)
    assert (image.id != old, image.fresh, image.packages) == (True, True, {"gcc": "1"})
    assert said[0].decode().endswith(" is 31 days old: building it again\n")
    assert get(images_of(engine)).fresh is False


def test_dependency_image_that_cannot_be_rebuilt_is_used_and_tried_once_a_run(
    engine: Images,
) -> None:
    old, said, engine.trouble = old_image(engine, days=40), list[bytes](), MIRROR_DOWN
    images = images_of(engine)
    assert get(images, said).id == old
    assert "mirror does not answer" in said[-1].decode()
    assert said[-1].decode().endswith("using the old image\n")
    tries = len(engine.built)
    assert get(images).id == old
    assert len(engine.built) == tries


def test_package_removed_from_the_mirror_is_the_fault_of_the_job(engine: Images) -> None:
    old_image(engine, days=40)
    engine.trouble = NO_PACKAGE
    with pytest.raises(PrepareFailed):
        get(images_of(engine))


def test_layer_cache_of_the_engine_lasts_for_a_day(engine: Images) -> None:
    get(images_of(engine))
    day = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d")
    assert f"FROM ${{BASE}}\nLABEL {labels.CREATED}={day}\nRUN install gcc\n" in engine.built[0]


def test_dependency_image_depends_on_the_command_that_lists_versions() -> None:
    other = attrs.evolve(JOB, manager=attrs.evolve(APT, versions="echo gcc 99"))
    assert image_key(other, DOCKERFILE, BASE, "") != image_key(JOB, DOCKERFILE, BASE, "")


def test_podman_says_the_exit_code_of_a_command_in_a_sentence() -> None:
    error = 'building at STEP "RUN apt-get": while running runtime: exit status 100'
    found = blamed("E: Unable to locate package libfoo-dev\n", error, None)
    assert isinstance(found, PrepareFailed)
    assert (str(found), found.exit_code) == ("there is no package 'libfoo-dev'", 100)


def test_container_that_podman_cannot_start_is_no_fault_of_the_job() -> None:
    error = 'building at STEP "RUN true": while running runtime: exit status 1'
    output = "STEP 2/2: RUN true\nerror running container: cgroups in hybrid mode not supported\n"
    found = blamed(output, error, None)
    assert isinstance(found, EngineError)
    assert str(found) == (
        "no container of the build can be started: cgroups in hybrid mode not supported"
    )


@pytest.mark.parametrize("is_podman", [False, True])
def test_builds_are_named_for_docker_only_as_podman_lists_none(is_podman: bool) -> None:
    engine = Images(is_podman=is_podman)
    images = DependencyImages(engine)  # type: ignore[arg-type]
    base = BaseImage("base", engine.add("base"))
    images.get(JOB, "FROM base\n", base, "", lambda _: None, Stop())
    assert all(("extra_hosts" in words) is not is_podman for words in engine.words)


def test_existing_image_is_the_one_of_the_same_key_unless_it_is_too_old() -> None:
    engine = Images()
    connection: Any = engine
    images, base = DependencyImages(connection), BaseImage("debian:13", "sha256:base")
    assert images.existing(JOB, "FROM x", base, "w", NOW) is None
    own = engine.add(f"ciforge/deps:{image_key(JOB, 'FROM x', base, 'w')}")
    found = images.existing(JOB, "FROM x", base, "w", NOW)
    assert found and (found.id, found.fresh) == (own, False)
    assert images.existing(JOB, "FROM y", base, "w", NOW) is None
    assert images.existing(JOB, "FROM x", base, "w", NOW + 40 * 86400) is None
    assert not engine.built
