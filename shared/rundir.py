"""The run directory on disk: made by the sidecar, checked by both sides before anything in it is trusted.

- Another user may put nothing in its place: every directory on the way to it is root's or this user's, and nobody else
  can write there, or it is sticky, as /tmp is.
- Whoever connects holds on to the directory that was checked, not to its path: where /tmp is cleaned, the path becomes
  free for anybody.
"""

import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from shared.errors import SettingsError
from shared.naming import RUN_DIR_VARIABLE, check_socket_path

_SET_ANOTHER = f"Set {RUN_DIR_VARIABLE} to a directory of yours."
_SOCKETS = ("events", "acks", "ask")
# More links than the kernel follows (path_resolution(7)).
_MOST_LINKS = 40
# Where Linux leads from a descriptor to what it is open on.
_DESCRIPTORS = Path("/proc/self/fd")


class Held:
    """A run directory that was checked. `path` leads to that very directory for as long as it is held."""

    def __init__(self, run_dir: Path, path: Path, found: os.stat_result) -> None:
        self.path = path
        self._run_dir = run_dir
        self._found = found

    def is_replaced(self) -> bool:
        """Whether the run directory's own path leads elsewhere by now, or nowhere."""
        try:
            return not os.path.samestat(self._run_dir.lstat(), self._found)
        except OSError:
            # Whatever is there now is for the next check to say.
            return True


def prepare(run_dir: Path, *, sockets: bool = True) -> None:
    """Make the run directory, mode 0700, and check it. Raises SettingsError with what to do."""
    if sockets:
        check_socket_path(run_dir)
    _check_way(run_dir)
    try:
        for each in (*reversed(run_dir.parents), run_dir):
            if not os.path.lexists(each):
                each.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"Cannot make the run directory {run_dir}: {error.strerror}. {_SET_ANOTHER}") from error
    check(run_dir, sockets=sockets)


def check(run_dir: Path, *, sockets: bool = True) -> None:
    """Raise SettingsError unless `run_dir` is a directory of this user's, in which nobody else can put anything.

    Raises FileNotFoundError while it is not there. `sockets`: whether its path must fit the address of one.
    """
    if sockets:
        check_socket_path(run_dir)
    _check_way(run_dir)
    _check_directory(run_dir, _look(run_dir))
    for path in (run_dir / name for name in _SOCKETS):
        with contextlib.suppress(FileNotFoundError):  # it is made later, by us
            if _is_foreign(_look(path)):
                raise SettingsError(f"{path} belongs to another user. Remove {run_dir}; it is made again.")


@contextlib.contextmanager
def held(run_dir: Path, *, sockets: bool = True) -> Iterator[Held]:
    """Check `run_dir` and hold on to it. Raises what `check` raises."""
    check(run_dir, sockets=sockets)
    if sys.platform == "win32":
        yield Held(run_dir, run_dir, run_dir.lstat())
    else:
        fd = os.open(run_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            found = os.fstat(fd)
            _check_directory(run_dir, found)
            yield Held(run_dir, _DESCRIPTORS / str(fd) if _DESCRIPTORS.is_dir() else run_dir, found)
        finally:
            os.close(fd)


def _check_directory(run_dir: Path, found: os.stat_result) -> None:
    if _is_foreign(found):
        raise SettingsError(f"{run_dir} belongs to another user. {_SET_ANOTHER}")
    if not stat.S_ISDIR(found.st_mode):
        raise SettingsError(f"{run_dir} is not a directory. Remove it, or set {RUN_DIR_VARIABLE} to another path.")
    if hasattr(os, "getuid") and found.st_mode & 0o022:
        raise SettingsError(f"Other users can write to {run_dir}. Run: chmod go-w {run_dir}")


def _is_foreign(found: os.stat_result) -> bool:
    return hasattr(os, "getuid") and found.st_uid != os.getuid()


def _check_way(run_dir: Path) -> None:
    """Raise SettingsError where somebody else could put another directory in the place of one on the way to `run_dir`."""
    if not hasattr(os, "getuid"):
        return
    # In a sandbox the system's directories may belong to a user that has no number there, as / does.
    trusted = {0, os.getuid(), Path("/").stat().st_uid}
    for place, found in _way_to(run_dir):
        if found.st_uid not in trusted:
            raise SettingsError(f"{place} belongs to another user. {_SET_ANOTHER}")
        if stat.S_ISDIR(found.st_mode) and found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX:
            raise SettingsError(
                f"Other users can write to {place} and put a directory of theirs in the place of {run_dir}. "
                f"{_SET_ANOTHER}"
            )


def _way_to(path: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """What stands above `path`, from / on, each link and what it leads to; as far as it is there."""
    here, names, links = Path("/"), list(reversed(path.parts[1:-1])), 0
    yield here, here.lstat()
    while names:
        name = names.pop()
        here = here.parent if name == ".." else here / name
        try:
            found = _look(here)
        except FileNotFoundError:
            return
        yield here, found
        if stat.S_ISLNK(found.st_mode):
            links += 1
            if links > _MOST_LINKS:
                raise SettingsError(f"{path} leads through too many symbolic links. {_SET_ANOTHER}")
            target = here.readlink()
            names += reversed(target.parts[1:] if target.is_absolute() else target.parts)
            here = Path("/") if target.is_absolute() else here.parent


def _look(path: Path) -> os.stat_result:
    """What stands at `path`. Raises FileNotFoundError where nothing does, SettingsError when that cannot be told."""
    try:
        return path.lstat()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SettingsError(f"Cannot look at {path}: {error.strerror}. {_SET_ANOTHER}") from error
