"""Two ordinary users of one machine, who are in no list of users: what is started with their prefix is theirs, and no root."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.support.waiting import ROOT

ANNA, BERT = 54_321, 54_322

# What a user needs to run this checkout; root may have it in a home that nobody else can enter.
NEEDED = (sys.base_prefix, sys.prefix, str(ROOT))

# setpriv itself may get at an interpreter whose own files its user cannot read; it then runs with those of another one.
PROBE = "import sys, shared.wire; sys.exit(sys.base_prefix != sys.argv[1])"

# In a view of the files of its own, $1 is covered by a directory that anybody can enter, with $2 … in it as they are.
OPEN_CLOSED = """
# Else what another test unmounts and mounts anew would live on here meanwhile.
while read -r _ place _; do
    case $place in /tmp/*) umount -l "$place" ;; esac
done < /proc/self/mounts
closed=$1; shift
holder=$(mktemp -d /tmp/dt-view-XXXXXX)
mount -t tmpfs -o mode=755 tmpfs "$holder"
number=0
for needed; do
    [ "$needed" = -- ] && break
    number=$((number + 1)); mkdir "$holder/$number"; mount --bind "$needed" "$holder/$number"
done
mount -t tmpfs -o mode=755 tmpfs "$closed"
number=0
for needed; do
    shift
    [ "$needed" = -- ] && break
    number=$((number + 1)); mkdir -p "$needed"; mount --bind "$holder/$number" "$needed"
done
umount -l "$holder"; rmdir "$holder"
exec "$@"
"""


def as_user(uid: int) -> list[str]:
    """What to put before a command so that it runs as the user `uid`; skips the test where that cannot be."""
    if os.getuid() != 0:
        pytest.skip("only root can become two other users")
    view = _view()
    if isinstance(view, str):
        pytest.skip(f"another user cannot run this Python here: {view}")
    return [*view, *_become(uid)]


def _become(uid: int) -> list[str]:
    setpriv = shutil.which("setpriv") or "setpriv"
    return [setpriv, f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]


@cache
def _view() -> list[str] | str:
    """What shows other users what they need; or why that cannot be."""
    why = _why_not([])
    if not why:
        return []
    closed = {str(place) for needed in NEEDED for place in Path(needed).parents if not place.stat().st_mode & 0o001}
    if len(closed) != 1:
        return why
    [place] = closed
    needed = [each for each in NEEDED if Path(place) in Path(each).parents]
    view = ["unshare", "--mount", "sh", "-e", "-c", OPEN_CLOSED, "sh", place, *needed, "--"]
    return _why_not(view) or view


def _why_not(view: list[str]) -> str:
    """Empty when another user can run this Python with `view`."""
    try:
        command = [*view, *_become(ANNA), sys.executable, "-c", PROBE, sys.base_prefix]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    except OSError as error:
        return str(error)
    except subprocess.CalledProcessError as error:
        return f"{error}: {error.stderr.decode(errors='replace').strip()[-200:]}"
    return ""
