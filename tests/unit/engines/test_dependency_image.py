"""Whose fault it is that an image cannot be built, by what the daemon and the package manager said."""

import pytest
from projects import real_catalogue

from ciforge.engines.base import PrepareFailed
from ciforge.engines.dependency_image import _failure
from ciforge.errors import EngineError

APT = real_catalogue().managers["apt"]
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
def test_the_job_is_to_blame_for_what_it_asked(heard: str, said: str) -> None:
    error = blamed(heard)
    assert isinstance(error, PrepareFailed)
    assert (str(error), error.exit_code) == (said, 100)


@pytest.mark.parametrize(
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
def test_the_machine_is_to_blame_for_the_rest(
    heard: str, error: str, code: int | None, said: str
) -> None:
    found = blamed(heard, error, code)
    assert isinstance(found, EngineError)
    assert said in str(found)
