"""After random edits of the example, a run with every cache says what a cold run says."""

import subprocess
import sys

from rig import ROOT, Ended


def test_warm_run_after_random_edits_says_what_a_cold_one_says(hello_run: Ended) -> None:
    words = [sys.executable, str(ROOT / "tools" / "random_edits.py"), "--hello", "--edits", "5"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    told = f"{done.stdout}\n{done.stderr}"
    assert (done.returncode, done.stdout.count(" same  ")) == (0, 5), told
