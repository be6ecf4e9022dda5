"""Does the trouble of one run hold up another? One log cannot be written; the other run is recorded meanwhile."""

import errno
import fcntl
from contextlib import closing
from pathlib import Path

from tests.conftest import pair
from tests.fault.mount import Mount, needs_fuse
from tests.fault.recording import Recording
from tests.fault.saying import refusal, told_by_status
from tests.support.permissions import obeying
from tests.support.processes import Pair

__all__ = ["pair"]


def check_other_goes_on(troubled: Recording, other: Recording) -> None:
    """What waits for the disk is not acknowledged; the other run is written, acknowledged and shown as it is."""
    other.write(20)
    other.check_all_written_once()
    assert troubled.producer.status()["durable"] == troubled.durable


def test_logs_that_the_sidecar_may_not_read_or_that_another_process_holds_hold_up_no_other(pair: Pair) -> None:
    pair.prefix = obeying()
    unreadable, held, other = recordings = Recording.several(pair, 3)
    for recording in recordings:
        recording.write(3)
    other.kill_sidecar()
    unreadable.log_file.chmod(0o000)
    with held.log_file.open("rb") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        for recording in recordings:
            recording.log(3)
        other.start_sidecar()
        unreadable.sidecar = held.sidecar = other.sidecar
        other.wait_durable()
        other.sidecar.wait_for_line("Disk failing", err=True)
        mend = {unreadable: lambda: unreadable.log_file.chmod(0o600), held: lambda: fcntl.flock(holder, fcntl.LOCK_UN)}
        reasons = {
            unreadable: refusal(errno.EACCES),
            held: "Another process writes this file; another sidecar writes this log: stop it",
        }
        # Shown is the trouble that began first, until it ends, and then the other.
        first = unreadable if is_shown(unreadable) else held
        for troubled in (first, held if first is unreadable else unreadable):
            troubled.check_shown(reasons[troubled], troubled.log_file)
            check_other_goes_on(troubled, other)
            mend[troubled]()
            troubled.wait_durable()
            troubled.check_all_written_once()


def is_shown(recording: Recording) -> bool:
    return str(recording.log_file) in told_by_status(recording.pair)[0]


@needs_fuse
def test_a_log_on_a_bad_spot_of_the_disk_holds_up_no_other(pair: Pair, tmp_path: Path) -> None:
    with closing(Mount(tmp_path)) as mount:
        pair.audit = mount.path / "logs"
        troubled, other = Recording.several(pair, 2)
        troubled.write(3)
        other.write(3)
        mount.fail("fsync", errno.EIO, only=troubled.producer.run)
        troubled.log(3)
        troubled.check_failing(refusal(errno.EIO), troubled.log_file)
        check_other_goes_on(troubled, other)
        third = Recording(pair, other.sidecar)
        third.write(20)
        assert {fact["path"] for fact in mount.met("failed", "fsync")} == {f"/logs/{troubled.log_file.name}"}
        mount.mend()
        troubled.wait_durable()
        troubled.check_all_written_once()
        third.check_all_written_once()
        troubled.kill_sidecar()
