"""The images of the compiler: made once, named by what they are made from, and nobody's fault but the engine's."""

from pathlib import Path

import pytest
from images import Images
from projects import plan, real_catalogue

from ciforge.engines.base_image import BaseImage
from ciforge.engines.protocol import Stop
from ciforge.engines.toolchain_image import ToolchainImages
from ciforge.errors import EngineError
from ciforge.model.job import Job
from ciforge.plan.selection import select
from ciforge.render.dockerfile import dockerfile

PLAN = plan(
    "project: p\nrepos: {d: {path: ., recipe: autotools}}\njobs: [debian-13]\n", real_catalogue()
)
BASE = BaseImage("base", "sha256:base")


def one(text: str) -> Job:
    (job,) = select(PLAN, [text])
    return job


def prepare(engine: Images, release: str, certificates: Path | None = None) -> BaseImage:
    images = ToolchainImages(engine, certificates)  # type: ignore[arg-type]
    job = one(release)
    return images.prepare(job, dockerfile(job), BASE, lambda _: None, Stop())


def test_toolchain_image_of_a_target_is_built_once() -> None:
    engine = Images()
    assert prepare(engine, "openbsd-7.8") == BASE
    assert sorted(name.partition("-")[0] for name in engine.there if "ciforge" in name) == [
        "ciforge/toolchain:target", "ciforge/toolchain:toolchain",
    ]  # fmt: skip
    built = len(engine.built)
    prepare(engine, "openbsd-7.8")
    assert len(engine.built) == built


def test_toolchain_images_of_two_targets_share_the_compiler() -> None:
    engine = Images()
    prepare(engine, "openbsd-7.8")
    prepare(engine, "freebsd-14")
    names = [name.partition("-")[0] for name in engine.there if "ciforge" in name]
    assert names.count("ciforge/toolchain:toolchain") == 1
    assert names.count("ciforge/toolchain:target") == 2


def test_toolchain_download_that_fails_is_infrastructure() -> None:
    engine = Images(trouble={"error": "pip3 failed", "errorDetail": {"code": 1}})
    with pytest.raises(EngineError, match="compiler of cross checks cannot be prepared") as caught:
        prepare(engine, "openbsd-7.8")
    assert "PIP_CERT" in caught.value.hint


def test_certificates_for_pip_are_in_an_image_below_the_compiler(tmp_path: Path) -> None:
    engine, file = Images(), tmp_path / "own.pem"
    file.write_text("-----BEGIN CERTIFICATE-----\n")
    base = prepare(engine, "openbsd-7.8", file)
    assert base != BASE
    assert (
        engine.there[next(name for name in engine.there if "certificates" in name)]["Id"] == base.id
    )
    assert "PIP_CERT=/ciforge/certificates.pem" in engine.built[0]


def test_unreadable_certificates_are_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"PIP_CERT names .*none\.pem, which cannot be read"):
        prepare(Images(), "openbsd-7.8", tmp_path / "none.pem")
