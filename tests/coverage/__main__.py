"""`python -m tests.coverage [ARGUMENT …]`: run all tests, or pytest with these arguments, and print the branches not taken.

What it lists is not all untested. Not counted are:

- what a process did that was killed or that ended by `os._exit`: `sidecar/doors.py` and `descriptors.py` at the limit on open files,
  `shared/dying.py` and `sidecar/lock.py` beside a process that hangs in the kernel, `_leave_at_once` of `sidecar/server.py`;
- what runs on Windows and macOS alone: `sidecar/portable.py`, the send of `gui/audit/push.py` without `PyDLL`;
- what another user's process did: `shared/rundir.py` and `sidecar/risk.py` under `tests/neighbours`;
- what is only for a moment that cannot be called up: a directory that goes between two looks at it, no memory, no thread to be had.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = ROOT / ".coverage"
# Its signal handler raises in the middle of coverage's own work, too, which does not survive it.
LEFT_OUT = "tests/trail/test_interruptions.py::test_a_signal_handler_that_raises_leaves_the_trail_whole"


def main(arguments: list[str]) -> int:
    """Return pytest's exit status."""
    DATA.mkdir(exist_ok=True)
    # The plugin is needed while the interpreter starts, when it does not look in the current directory yet.
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    coverage = [sys.executable, "-m", "coverage"]
    subprocess.run([*coverage, "erase"], cwd=ROOT, env=environment, check=True)
    run = [*coverage, "run", "-m", "pytest", "--deselect", LEFT_OUT, *(arguments or ["-m", "", "--timeout", "900"])]
    tested = subprocess.run(run, cwd=ROOT, env=environment, check=False)
    subprocess.run([*coverage, "combine", "--quiet"], cwd=ROOT, env=environment, check=True)
    subprocess.run([*coverage, "report"], cwd=ROOT, env=environment, check=True)
    return tested.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
