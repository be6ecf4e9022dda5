"""Are a disk that turns read-only and a directory without permission waited out? By the kernel's own refusal, no double."""

import errno
import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.fault.ext4 import ext4
from tests.fault.recording import Recording
from tests.fault.saying import refusal
from tests.fault.telling import EVENT
from tests.support.permissions import obeying
from tests.support.processes import Pair


@pytest.fixture
def pair() -> Iterator[Pair]:
    with ExitStack() as stack:
        pair = Pair(stack)
        pair.prefix = obeying()
        yield pair


def test_a_disk_that_the_kernel_makes_read_only_is_waited_out(pair: Pair) -> None:
    with ext4(pair.root / "disk") as disk:
        pair.audit = disk.path / "logs"
        recording = Recording(pair)
        recording.write(5)
        disk.break_down()
        with pytest.raises(OSError, match=os.strerror(errno.EROFS)):
            (disk.path / "probe").touch()
        recording.log(5)
        recording.check_failing(refusal(errno.EROFS), recording.log_file)
        disk.mount_anew()
        recording.check_recovered()
        recording.check_all_written_once()
        assert pair.verify()[0] == 0
        recording.kill_sidecar()


def test_permission_that_is_taken_away_and_given_back_is_waited_out(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATATOOLS_AUDIT_PART_BYTES", "2048")
    recording = Recording(pair)
    recording.write(1)
    pair.audit.chmod(0o000)
    recording.log(1, 2048)
    recording.check_shown(refusal(errno.EACCES), recording.log_file)
    pair.audit.chmod(0o700)
    recording.wait_durable()
    # The open part could be written; the next one cannot be made.
    pair.audit.chmod(0o500)
    recording.log(1)
    recording.check_shown(refusal(errno.EACCES), recording.part(2))
    pair.audit.chmod(0o700)
    recording.wait_durable()
    assert recording.parts == [recording.log_file, recording.part(2)]
    assert recording.told() == [EVENT] * 3
