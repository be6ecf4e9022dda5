"""Root stands above permissions; a command started with this prefix does not."""

import os
import shutil
import subprocess

import pytest


def obeying() -> list[str]:
    """What to put before a command so that permissions apply to it; skips the test where that is refused."""
    if os.getuid() != 0:
        return []
    prefix = [shutil.which("setpriv") or "setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    try:
        subprocess.run([*prefix, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"root may read and write anywhere, and cannot give that up here: {error}")
    return prefix
