"""Images of the compiler of cross checks: one with the compiler, and one on top of it for each target.

Both are stages of a cross check's Dockerfile. They are built and named by themselves, once, so that no
job's packages or day make the daemon download or compile them again.
"""

import hashlib
from pathlib import Path

from ciforge.engines import labels
from ciforge.engines.base_image import BaseImage
from ciforge.engines.client import Connection, translated
from ciforge.engines.dependency_image import run_build
from ciforge.engines.local_image import find
from ciforge.engines.named_locks import NamedLocks
from ciforge.engines.protocol import OutputHandler, PrepareFailed, Stop
from ciforge.errors import EngineError
from ciforge.model.cross import STAGES
from ciforge.model.job import Job

_REPOSITORY = "ciforge/toolchain"
_CERTIFICATES = "/ciforge/certificates.pem"
_WITH_CERTIFICATES = f"""\
FROM {{base}}
COPY certificates.pem {_CERTIFICATES}
ENV PIP_CERT={_CERTIFICATES}
"""
_HINT = "the log has pip's message; PIP_CERT names a file with certificates, CIFORGE_BASE_RELEASE=IMAGE another image"
_MOST = 4 * 1024 * 1024
"""Bytes of a file with certificates."""


class ToolchainImages:
    """Builds the stages of the compiler before an image that needs them; each one once.

    `certificates` is the file that PIP_CERT names on this machine, if it does: anyone who needs certificates
    of their own for pip needs them in an image too.
    """

    def __init__(self, connection: Connection, certificates: Path | None) -> None:
        self._connection = connection
        self._certificates = certificates
        self._locks = NamedLocks()

    def prepare(
        self, job: Job, dockerfile: str, base: BaseImage, on_output: OutputHandler, stop: Stop
    ) -> BaseImage:
        """The base image for `dockerfile`, whose first stages the engine then has."""
        with self._locks.of("certificates"):
            base = self._with_certificates(job, base, stop)
        for stage in STAGES:
            name = _name(stage, job, dockerfile, base)
            with self._locks.of(name):
                stop.check()
                if not find(self._connection.client(), name, job.platform):
                    self._build(job, dockerfile, base, stage, name, on_output, stop)
        return base

    def existing(self, job: Job, base: BaseImage) -> BaseImage | None:
        """The base image that `prepare` would return without a build; None if it would build one.

        Raises EngineError.
        """
        if self._certificates is None:
            return base
        name = self._certified_name(base, self._read_certificates(self._certificates))
        found = find(self._connection.client(), name, job.platform)
        return BaseImage(base.name, found["Id"], base.days) if found else None

    def _build(
        self,
        job: Job,
        dockerfile: str,
        base: BaseImage,
        stage: str,
        name: str,
        on_output: OutputHandler,
        stop: Stop,
    ) -> None:
        on_output(f"making {name}, once for this engine\n".encode())
        marks = {labels.IMAGE: "toolchain", labels.BASE: base.name}
        try:
            built = run_build(
                self._connection, job, dockerfile, {"BASE": base.id}, marks, on_output, stop,
                stage=stage,
            )  # fmt: skip
        except PrepareFailed as error:  # no project has a part in these stages
            reason = f"the compiler of cross checks cannot be prepared ({error})"
            raise EngineError(reason, hint=_HINT) from error
        self._tag(built, name)

    def _tag(self, image: str, name: str) -> None:
        with translated(f"naming the image {name}"):
            repository, _, tag = name.rpartition(":")
            self._connection.client().tag(image, repository, tag)

    def _with_certificates(self, job: Job, base: BaseImage, stop: Stop) -> BaseImage:
        if self._certificates is None:
            return base
        data = self._read_certificates(self._certificates)
        name = self._certified_name(base, data)
        if not find(self._connection.client(), name, job.platform):
            built = run_build(
                self._connection, job, _WITH_CERTIFICATES.format(base=base.id), {},
                {labels.IMAGE: "toolchain", labels.BASE: base.name}, lambda _: None, stop,
                files={"certificates.pem": data},
            )  # fmt: skip
            self._tag(built, name)
        found = find(self._connection.client(), name, job.platform)
        assert found is not None
        return BaseImage(base.name, found["Id"], base.days)

    def _certified_name(self, base: BaseImage, data: bytes) -> str:
        key = hashlib.sha256(base.id.encode() + data).hexdigest()[:32]
        return f"{_REPOSITORY}:certificates-{key}"

    def _read_certificates(self, file: Path) -> bytes:
        try:
            with file.open("rb") as stream:
                return stream.read(_MOST)
        except OSError as error:
            reason = f"PIP_CERT names {file}, which cannot be read: {error.strerror}"
            raise EngineError(reason) from None


def _name(stage: str, job: Job, dockerfile: str, base: BaseImage) -> str:
    """The name of a stage's image, with a hash of all that it is made from."""
    text, _, _ = dockerfile.partition(f"\nFROM {stage}")
    key = hashlib.sha256("\0".join((text, base.id, str(job.platform))).encode()).hexdigest()[:32]
    return f"{_REPOSITORY}:{stage}-{key}"
