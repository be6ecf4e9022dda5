"""A machine without runtime directories: its users meet their sidecars in one temporary directory that all can write to."""

import os
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

from shared.naming import resolve_directories
from tests.neighbours.users import as_user
from tests.support.processes import Pair, Process
from tests.support.waiting import ROOT


class Machine:
    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.temp = Path(tempfile.mkdtemp(dir="/tmp", prefix="dt-"))
        stack.callback(shutil.rmtree, self.temp)
        self.temp.chmod(0o1777)

    def user(self, uid: int) -> "User":
        return User(self._stack, uid, self.temp)


class User(Pair):
    """What a user starts has no setting but the audit directory, unless `chosen` is where sidecar and GUI are to meet."""

    def __init__(self, stack: ExitStack, uid: int, temp: Path) -> None:
        super().__init__(stack)
        os.chown(self.root, uid, uid)
        self.uid = uid
        self.temp = temp
        self.prefix = as_user(uid)
        self.run_dir = resolve_directories(
            {"DATATOOLS_AUDIT_DIR": str(self.audit)}, self.root, self.root, temp, str(uid)
        ).run
        self.chosen: Path | None = None

    def choose(self, run_dir: Path) -> None:
        self.chosen = self.run_dir = run_dir

    @property
    def environ(self) -> dict[str, str]:
        taken = {"XDG_RUNTIME_DIR", "DATATOOLS_RUN_DIR", "DATATOOLS_AUDIT_DIR"}
        kept = {name: value for name, value in os.environ.items() if name not in taken}
        chosen = {"DATATOOLS_RUN_DIR": str(self.chosen)} if self.chosen else {}
        home = {"HOME": str(self.root), "TMPDIR": str(self.temp), "DATATOOLS_AUDIT_DIR": str(self.audit)}
        return {**kept, **home, **chosen, **self.settings}

    def do(self, *command: str) -> None:
        """Do it as this user; it must be allowed."""
        subprocess.run([*self.prefix, *command], cwd=ROOT, check=True)

    def spy(self, directory: Path) -> Process:
        """Listen at the names of a sidecar's sockets in `directory`; what it prints behind `listening` was heard."""
        spy = self.python("-m", "tests.neighbours.spy", str(directory))
        spy.wait_for_line("listening")
        return spy

    def try_at(self, *other: Path) -> list[str]:
        """How each way to get at these paths of somebody else ends; see tests/neighbours/prying.py."""
        code, printed, complaints = self.run("-m", "tests.neighbours.prying", *map(str, other))
        assert (code, complaints) == (0, [])
        return printed
