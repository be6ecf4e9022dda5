"""`python -m tests.coverage [ARGUMENT …]`: run all tests, or pytest with these arguments, and print the branches not taken.

What a killed process did is not counted, nor what runs only on Windows and macOS.
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
