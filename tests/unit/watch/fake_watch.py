"""`ciforge`, whose `watch` starts `fake_ciforge.py` in place of the program itself."""

import functools
import sys
from pathlib import Path

from ciforge.app import watch_child, watch_loop
from ciforge.cli.main import main

PROGRAM = (sys.executable, str(Path(__file__).with_name("fake_ciforge.py")))

if __name__ == "__main__":
    watch_loop.run_child = functools.partial(watch_child.run_child, program=PROGRAM)
    main()
