"""The directories of this process, read from its environment once."""

import functools
import getpass
import os
import tempfile
from pathlib import Path

from shared.naming import Directories, resolve_directories


@functools.cache
def directories() -> Directories:
    """Return the directories of this process, resolved at the first call and the same ever after."""
    user = str(os.getuid()) if hasattr(os, "getuid") else getpass.getuser()
    return resolve_directories(
        os.environ, home=Path("~").expanduser(), cwd=Path.cwd(), temp=Path(tempfile.gettempdir()), user=user
    )
