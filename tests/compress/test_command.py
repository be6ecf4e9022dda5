"""`python -m sidecar compress`, as its user sees it."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from shared.naming import compressed_name, log_name
from tests.compress.logs import BUFFERED, closed, compress_by_hand, content, in_parts, me, names, sidecar, write
from tests.fault.mount import Mount, needs_fuse
from tests.fault.tmpfs import tmpfs
from tests.support import logs
from tests.support.permissions import obeying
from tests.support.processes import Pair
from tests.support.waiting import ROOT
from tests.verify.logs import RUN, event, opening

OTHER = "20261124T153000Z-00000001"
THIRD = "20261125T153000Z-00000002"


def sizes(before: int, after: int, parts: str = "1 part") -> str:
    return f"{parts}, {before:,} to {after:,} bytes"


def test_the_audit_directory_is_compressed_and_summed_up(tmp_path: Path) -> None:
    paths = in_parts(tmp_path, last=2)
    before = sum(path.stat().st_size for path in paths)
    done = sidecar("compress", DATATOOLS_AUDIT_DIR=str(tmp_path))
    told = sizes(before, sum(path.stat().st_size for path in tmp_path.iterdir()), "2 parts")
    total = f"1 log: 1 compressed, 0 compressed before, 0 left; {told}"
    assert (done.returncode, done.stdout.splitlines(), done.stderr) == (0, [f"{RUN}: {told}", total], "")
    again = sidecar("compress", tmp_path)
    assert (again.returncode, again.stdout) == (0, "1 log: 0 compressed, 1 compressed before, 0 left\n")


def test_an_open_log_is_left_with_the_reason(tmp_path: Path) -> None:
    closed(tmp_path)
    write(tmp_path, opening(run=OTHER), event(1), run=OTHER)
    closed(tmp_path, run=THIRD, owner=me())
    done = sidecar("compress", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{OTHER}: left as it is: its last line does not close it\n" in done.stdout
    assert f"{THIRD}: left as it is: its process (pid {os.getpid()}) still runs\n" in done.stdout
    assert "\n3 logs: 1 compressed, 0 compressed before, 2 left; " in done.stdout
    assert names(tmp_path) == [compressed_name(RUN), log_name(OTHER), log_name(THIRD)]


def test_a_damaged_log_is_left_and_exits_1(tmp_path: Path) -> None:
    path = closed(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"file 4.csv", b"file 5.csv"))
    closed(tmp_path, run=OTHER)
    done = sidecar("compress", tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"cannot compress {path}: it is damaged; `python -m sidecar verify` says how\n"
    assert names(tmp_path) == [path.name, compressed_name(OTHER)]


def test_one_file_stands_for_all_parts_of_its_log(tmp_path: Path) -> None:
    paths = in_parts(tmp_path)
    closed(tmp_path, run=OTHER)
    assert sidecar("compress", paths[0]).returncode == 0
    assert names(tmp_path) == sorted([*(compressed_name(RUN, part) for part in (1, 2, 3)), log_name(OTHER)])


def test_a_log_under_another_name_is_left_and_exits_1(tmp_path: Path) -> None:
    renamed = closed(tmp_path).rename(tmp_path / "from a customer\x1b[2J.jsonl")
    done = sidecar("compress", renamed)
    assert done.returncode == 1
    assert r"from a customer\x1b[2J.jsonl: its name is not that of a log" in done.stderr
    assert renamed.exists()


@pytest.mark.parametrize(
    ("name", "reason"),
    [(".", "there are no logs in it (datatools-<run>.jsonl)"), ("nowhere", "No such file or directory")],
)
def test_where_there_is_nothing_to_compress_it_exits_2(tmp_path: Path, name: str, reason: str) -> None:
    path = tmp_path / name
    done = sidecar("compress", path)
    assert (done.returncode, done.stderr) == (2, f"cannot compress {path}: {reason}\n")
    assert done.stdout == "0 logs: 0 compressed, 0 compressed before, 0 left\n"


def test_a_directory_that_must_not_be_written_to_is_left_as_it_is(tmp_path: Path) -> None:
    path = closed(tmp_path)
    tmp_path.chmod(0o500)
    done = sidecar("compress", tmp_path, prefix=obeying())
    tmp_path.chmod(0o700)
    assert done.returncode == 1
    assert done.stderr == f"cannot compress {path}.zst.tmp: Permission denied\n"
    assert names(tmp_path) == [path.name]


def test_on_a_full_disk_the_log_stays_and_the_unfinished_file_goes(tmp_path: Path) -> None:
    with tmpfs(tmp_path / "disk") as disk:
        path = closed(disk.path)
        whole = content(disk.path)
        disk.fill()
        disk.check_full()
        done = sidecar("compress", disk.path)
        assert done.returncode == 1
        assert done.stderr == f"cannot compress {path}.zst.tmp: No space left on device\n"
        assert names(disk.path) == ["ballast", path.name]
        disk.free()
        assert sidecar("compress", disk.path).returncode == 0
        assert names(disk.path) == [compressed_name(RUN)]
        assert content(disk.path) == whole


@needs_fuse
@pytest.mark.parametrize("operation", ["write", "fsync"])
def test_ctrl_c_leaves_the_log_and_no_unfinished_file(mount: Mount, operation: str) -> None:
    path = closed(mount.path)
    whole = content(mount.path)
    mount.hang(operation)
    command = [sys.executable, "-m", "sidecar", "compress", str(mount.path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        mount.wait_for("hung", operation)
        process.send_signal(signal.SIGINT)
        mount.release()
        assert process.communicate(timeout=60) == (b"", b"")
    assert process.returncode == 130
    assert names(mount.backing) == [path.name]
    assert content(mount.path) == whole


def test_two_at_once_compress_each_log_once(tmp_path: Path) -> None:
    runs = [f"20261124T153000Z-{number:08x}" for number in range(20)]
    for run in runs:
        closed(tmp_path, run=run, last=200)
    command = [sys.executable, "-m", "sidecar", "compress", str(tmp_path)]
    with ExitStack() as stack:
        both = [
            stack.enter_context(
                subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            )
            for _ in range(2)
        ]
        outputs = [process.communicate(timeout=60) for process in both]
    assert [(process.returncode, err) for process, (_, err) in zip(both, outputs, strict=True)] == [(0, "")] * 2
    told = [
        line.split(":")[0] for out, _ in outputs for line in out.splitlines() if " bytes" in line and "log" not in line
    ]
    assert sorted(told) == runs
    assert names(tmp_path) == sorted(map(compressed_name, runs))
    assert sidecar("verify", tmp_path).returncode == 0


@pytest.mark.long
def test_beside_a_sidecar_the_ended_run_is_compressed_and_the_living_one_is_not(pair: Pair) -> None:
    pair.ready_sidecar()
    ended, living = pair.producer(), pair.producer()
    for producer in (ended, living):
        producer.ask("log", 1, 100)
        producer.wait_for_status("pending", 0)
    assert ended.end() == 0
    pair.wait_for_closing(ended.log)
    code, out, err = pair.run("-m", "sidecar", "compress")
    assert (code, err) == (0, [])
    assert f"{living.run}: left as it is: " in "\n".join(out)
    assert [path.name for path in pair.log_files()] == sorted([f"{ended.log.name}.zst", living.log.name])
    living.ask("log", 101, 200)
    living.wait_for_status("pending", 0)
    assert len(logs.events(logs.read(living.log))) == 200
    code, out, err = pair.verify()
    assert (code, err) == (0, [])
    assert out[-1] == "2 logs, 2 intact, 0 damaged"


@pytest.mark.parametrize("command", ["compress", "verify"])
def test_a_reader_that_sees_nothing_ends_it_quietly(tmp_path: Path, command: str) -> None:
    closed(tmp_path)
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [sys.executable, "-m", "sidecar", command, str(tmp_path)],
        cwd=ROOT, env=BUFFERED, stdout=write_end, stderr=subprocess.PIPE, check=False, timeout=60,
    )  # fmt: skip
    os.close(write_end)
    assert (done.returncode, done.stderr) == (1, b"")


def test_help_says_what_it_does() -> None:
    done = sidecar("compress", "--help")
    assert done.returncode == 0
    assert "a fifth" in done.stdout


def test_a_broken_compressed_part_is_damage_too(tmp_path: Path) -> None:
    one, two = in_parts(tmp_path, last=2)
    packed = compress_by_hand(one)
    packed.write_bytes(packed.read_bytes()[:-1])
    done = sidecar("compress", tmp_path)
    assert (done.returncode, names(tmp_path)) == (1, sorted([packed.name, two.name]))
    assert "it is damaged" in done.stderr
