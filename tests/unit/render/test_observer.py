"""The script that observes a step is understood by every shell."""

import shutil
import subprocess

import pytest
from projects import EVERY_SHELL

from ciforge.render.observer import OBSERVE

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_observer_has_no_syntax_error_in_any_shell(shell: tuple[str, ...]) -> None:
    done = subprocess.run([*shell, "-n"], input=OBSERVE.encode(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_accepts_the_observer() -> None:
    # It is called by its name, and its functions are called by theirs.
    words = ["shellcheck", "--shell=sh", "--exclude=SC2329,SC2317", "-"]
    done = subprocess.run(words, input=OBSERVE.encode(), capture_output=True, check=False)
    assert done.stdout.decode() == ""
