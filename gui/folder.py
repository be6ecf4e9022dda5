"""Opening a folder in the desktop's file manager, without ever looking at the folder itself."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path


def find_opener(platform: str, environ: Mapping[str, str]) -> str | None:
    """Path of the program that opens folders on this desktop, or None where there is none."""
    if platform == "win32":
        return shutil.which("explorer", path=environ.get("PATH"))
    if platform == "darwin":
        return shutil.which("open", path=environ.get("PATH"))
    # Over ssh or in a container xdg-open is there but has nowhere to show a window.
    if not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return None
    return shutil.which("xdg-open", path=environ.get("PATH"))


def open_folder(folder: Path) -> str:
    """Start the desktop's opener on `folder` and return at once. The sentence returned says what happened."""
    opener = find_opener(sys.platform, os.environ)
    if opener is None:
        return f"There is no file manager to open here. The logs are in {folder}"
    nothing = subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            [opener, str(folder)], stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
        )
    except OSError as error:
        return f"The file manager did not start ({error.strerror}). The logs are in {folder}"
    # Somebody must take its exit status, and it may take as long as a virus scanner likes.
    threading.Thread(target=process.wait, name="folder-opener", daemon=True).start()
    return f"Opening {folder}"
