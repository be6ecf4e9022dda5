"""The directories of this process and how it connects, read from its environment once."""

import functools
import getpass
import os
import tempfile
from pathlib import Path

from shared.naming import Directories, resolve_directories
from shared.transport import TRANSPORT_VARIABLE, Transport, choose


@functools.cache
def directories() -> Directories:
    """Return the directories of this process, resolved at the first call and the same ever after."""
    user = str(os.getuid()) if hasattr(os, "getuid") else getpass.getuser()
    return resolve_directories(
        os.environ, home=Path("~").expanduser(), cwd=Path.cwd(), temp=Path(tempfile.gettempdir()), user=user
    )


@functools.cache
def transport() -> Transport:
    """How this process connects. Raises SettingsError for a setting that cannot be."""
    return choose(os.environ.get(TRANSPORT_VARIABLE, "").strip())
