"""Compile a module once, not in each of the thousands of processes that the tests start."""

import os
import sys
from pathlib import Path


def keep_bytecode(directory: Path) -> None:
    """Keep bytecode in `directory`, also that of the processes started from now on, where it may not lie beside the sources."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(directory)
        sys.dont_write_bytecode = False
