"""Is anything lost in silence, or told twice, when the directory of the logs goes away under the sidecar, and comes back?"""

import errno
import json
import os
import shutil
from contextlib import closing

import pytest

from tests.conftest import pair
from tests.fault.mount import Mount, needs_fuse
from tests.fault.recording import Recording
from tests.fault.saying import panel, refusal, said_of
from tests.fault.telling import EVENT, MISSING
from tests.fault.tmpfs import tmpfs
from tests.log.reading import raw_lines
from tests.support.permissions import obeying
from tests.support.processes import Pair

__all__ = ["pair"]


def check_gone_on(recording: Recording, part: int, first: int, last: int) -> None:
    """The log was said to be deleted, once; it goes on in `part`, where the numbers that went with it are a gap."""
    recording.wait_durable()
    name, following = recording.part(part - 1).name, recording.part(part).name
    said = recording.sidecar.wait_for_line(f"the log goes on in {following}", err=True)
    assert said.startswith(f"Log {name} was deleted; the log goes on in {following}")
    status = recording.producer.wait_for_status("notice", said)
    assert said in panel(status)
    assert f"{status['lost']} events lost" in panel(status)
    opening, gap, *_ = map(json.loads, raw_lines(recording.part(part)))
    assert (opening["continues"], opening["last"]) == (f"{name} was deleted", first - 1)
    assert (gap["lost_from"], gap["lost_to"], gap["reason"]) == (first, last, MISSING)


def test_a_directory_that_is_deleted_is_made_again_and_what_it_held_is_declared(recording: Recording) -> None:
    shutil.rmtree(recording.pair.audit)
    recording.write(3)
    check_gone_on(recording, 2, 1, 5)
    assert recording.parts == [recording.part(2)]
    assert recording.told() == [MISSING] * 5 + [EVENT] * 3
    assert recording.producer.status()["lost"] == 5
    code, printed, _ = recording.pair.verify()
    assert code == 1
    assert said_of(printed, "missing part")
    assert recording.pair.audit.stat().st_mode & 0o777 == 0o700


def test_a_directory_deleted_again_and_again_while_events_flow_leaves_no_number_untold(recording: Recording) -> None:
    audit = recording.pair.audit
    recording.producer.ask("flood", 1, 500, 100)
    for number in range(2, 6):
        audit.rename(audit.with_name(f"taken{number}"))
        shutil.rmtree(audit.with_name(f"taken{number}"))
        # Said when its first lines are durable. A part that is taken away before that is made again under its number.
        recording.sidecar.wait_for_line(f"the log goes on in {recording.part(number).name}", err=True)
    [logged] = recording.producer.ask("stop_flood")["logged"]
    recording.last += logged
    recording.write()
    assert recording.producer.status()["lost"] > 0
    assert set(recording.told()) == {EVENT, MISSING}


def test_a_file_or_a_link_to_nowhere_in_place_of_the_directory_is_waited_out(recording: Recording) -> None:
    audit = recording.pair.audit
    away, nowhere = audit.with_name("away"), audit.with_name("nowhere")
    audit.rename(away)
    audit.write_bytes(b"mine\n")
    recording.log(3)
    recording.check_failing(refusal(errno.ENOTDIR), recording.log_file)
    assert audit.read_bytes() == b"mine\n"
    recording.pause_sidecar()
    audit.unlink()
    away.rename(audit)
    recording.go_on()
    recording.wait_durable()
    audit.rename(away)
    audit.symlink_to(nowhere)
    recording.log(3)
    recording.check_shown(refusal(errno.EEXIST), audit)
    assert not nowhere.exists()
    away.rename(nowhere)
    recording.wait_durable()
    recording.check_all_written_once()


def test_a_file_in_place_of_the_directory_that_was_deleted_is_waited_out(recording: Recording) -> None:
    audit = recording.pair.audit
    shutil.rmtree(audit)
    audit.write_bytes(b"mine\n")
    recording.log(3)
    recording.wait_said("Disk failing:", 1)
    audit.unlink()
    check_gone_on(recording, 2, 1, 5)
    assert recording.told() == [MISSING] * 5 + [EVENT] * 3


def test_a_directory_that_is_back_or_behind_a_link_by_the_next_event_is_gone_on_with(recording: Recording) -> None:
    audit = recording.pair.audit
    larger = audit.with_name("larger")
    audit.rename(larger)
    larger.rename(audit)
    recording.write(3)
    # As one moves the logs to a larger disk.
    audit.rename(larger)
    audit.symlink_to(larger)
    recording.write(3)
    recording.check_all_written_once()
    assert recording.sidecar.err == []


def test_a_link_to_another_directory_is_followed_and_what_is_not_there_is_declared(recording: Recording) -> None:
    audit = recording.pair.audit
    other = audit.with_name("other")
    other.mkdir(0o700)
    audit.rename(audit.with_name("away"))
    audit.symlink_to(other)
    recording.log(3)
    check_gone_on(recording, 2, 1, 5)
    assert (other / recording.part(2).name).exists()


def test_what_was_written_while_a_directory_was_moved_away_is_declared_when_it_is_back(recording: Recording) -> None:
    audit = recording.pair.audit
    away = audit.rename(audit.with_name("away"))
    recording.write(2)
    check_gone_on(recording, 2, 1, 5)
    recording.pause_sidecar()
    audit.rename(audit.with_name("meanwhile"))
    away.rename(audit)
    recording.log(2)
    recording.go_on()
    check_gone_on(recording, 3, 6, 7)
    assert recording.told() == [EVENT] * 5 + [MISSING] * 2 + [EVENT] * 2
    assert recording.producer.status()["lost"] == 2


def test_an_empty_file_system_over_the_directory_takes_the_log_until_it_is_unmounted(recording: Recording) -> None:
    with tmpfs(recording.pair.audit):
        recording.write(2)
        check_gone_on(recording, 2, 1, 5)
        assert recording.parts == [recording.part(2)]
    recording.write(2)
    check_gone_on(recording, 3, 6, 7)
    assert recording.told() == [EVENT] * 5 + [MISSING] * 2 + [EVENT] * 2


def test_a_read_only_file_system_over_the_directory_is_waited_out_and_nothing_is_told_twice(
    recording: Recording,
) -> None:
    with tmpfs(recording.pair.audit, options="ro"):
        recording.log(3)
        recording.check_failing(refusal(errno.EROFS), recording.part(2))
    recording.wait_durable()
    recording.check_all_written_once()


@needs_fuse
@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount on a directory that it may not write to")
@pytest.mark.parametrize("inside", ["logs", ""], ids=["a directory on it", "its mount point"])
def test_a_disk_that_is_pulled_out_and_put_in_again_is_gone_on_with(pair: Pair, inside: str) -> None:
    pair.prefix = obeying()
    disk = pair.root / "disk"
    disk.mkdir()
    # As administrators do it: without the disk, nobody writes into its mount point by mistake.
    (disk / "mnt").mkdir(0o500)
    with closing(Mount(disk)) as mount:
        pair.audit = mount.path / inside
        recording = Recording(pair)
        recording.write(5)
        mount.take_away()
        recording.log(3)
        recording.check_failing(refusal(errno.ENOTCONN), recording.log_file)
    recording.check_shown(refusal(errno.EACCES), pair.audit if inside else recording.part(2))
    with closing(Mount(disk)):
        recording.wait_durable()
        recording.check_all_written_once()
        recording.kill_sidecar()
