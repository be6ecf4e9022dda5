"""`python -m sidecar query`, as its user sees it."""

import os
import select
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, cast

import pytest

from shared.chain import event_body
from shared.naming import log_name
from tests.compress.logs import BUFFERED, closed, compress_by_hand, in_parts, sidecar, write
from tests.support.permissions import obeying
from tests.support.waiting import ROOT
from tests.verify.logs import RUN, closing, event, events, gap, joined, opening, sealed

OTHER = "20261124T153000Z-00000001"
OPENED = (
    f"a1b2c3d4      - 2026-11-23 15:30:00 info    audit     Log opened  run={RUN}  pid=4711  started=1795447799.5"
    "  host=desk  python=3.11.9  version=0.1.0  format=1  part=1"
)
LOST = "a1b2c3d4      - 2026-11-23 15:30:04 warning audit     Lost 2 to 4  lost_from=2  lost_to=4  reason=the outbox was full"


def query(*arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
    return sidecar("query", *arguments, **environ)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return write(tmp_path, opening(), event(1, filename="customers.csv"), gap(2, 4), event(5), closing(5, lost=3))


def test_all_lines_of_the_audit_directory_are_printed_for_reading(log: Path) -> None:
    done = query(DATATOOLS_AUDIT_DIR=str(log.parent))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        OPENED,
        "a1b2c3d4      1 2026-11-23 15:30:01 info    upload    Event number 1  session=a1b2c3d4  filename=customers.csv",
        LOST,
        "a1b2c3d4      5 2026-11-23 15:30:05 info    upload    Event number 5  session=a1b2c3d4",
        "a1b2c3d4      - 2026-11-23 15:30:05 info    audit     Log closed  outcome=clean  events=2  lost=3  known=5",
    ]


def test_json_prints_the_lines_as_they_stand(log: Path) -> None:
    done = query(log, "--json", "--category", "upload")
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, lines[1] + lines[3], "")


def test_nothing_found_exits_1_and_says_nothing(log: Path) -> None:
    done = query(log, "--level", "error")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


@pytest.mark.parametrize(
    ("arguments", "seqs"),
    [
        (["--text", "CUSTOMERS"], [1]),
        (["--category", "upload", "--limit", "1"], [5]),
        (["--category", "nav", "--category", "upload"], [1, 5]),
        (["--level", "info", "--level", "error", "--session", "a1b2c3d4"], [1, 5]),
        (["--session", "ffffffff"], []),
        (["--since", "2026-11-23T15:30:05", "--text", "event number"], [5]),
        (["--until", "2026-11-23 15:30:01", "--text", "event number"], [1]),
        (["--until", "2026-11-23T16:30:01+01:00", "--text", "event number"], [1]),
        (["--since", "2026-11-23", "--until", "2026-11-23", "--text", "event number"], [1, 5]),
        (["--since", "2026-11-24"], []),
        (["--run", RUN, "--text", "event number"], [1, 5]),
        (["--run", "a1b2c3d4", "--run", "00000000", "--text", "event number"], [1, 5]),
        (["--run", "b1b2c3d4"], []),
    ],
)
def test_options_choose_lines(log: Path, arguments: list[str], seqs: list[int]) -> None:
    done = query(log, *arguments)
    assert (done.returncode, done.stderr) == (0 if seqs else 1, "")
    assert [int(line.split()[1]) for line in done.stdout.splitlines()] == seqs


def test_a_duration_counts_back_from_now(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    ago = [timedelta(days=3), timedelta(hours=3), timedelta(seconds=1)]
    microseconds = [(now - each - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) for each in ago]
    bodies = [event_body(ts, "info", "nav", "", f"Ago {ago[seq]}", {}, seq + 1) for seq, ts in enumerate(microseconds)]
    path = write(tmp_path, *bodies)
    for since, count in (("1h", 1), ("4h", 2), ("90m", 1), ("4d", 3)):
        assert len(query(path, "--since", since).stdout.splitlines()) == count, since
    assert len(query(path, "--until", "1h").stdout.splitlines()) == 2


def test_lines_of_several_logs_come_in_the_order_of_time_whatever_form_they_are_in(tmp_path: Path) -> None:
    compress_by_hand(write(tmp_path, *events(1, 4)))
    write(tmp_path, event(2, n=1), event(3, n=2), run=OTHER)
    (tmp_path / "notes.txt").write_text("no log")
    done = query(tmp_path)
    assert done.returncode == 0
    told = [(line.split()[0], line.split()[1]) for line in done.stdout.splitlines()]
    first, second = "a1b2c3d4", "00000001"
    assert told == [(first, "1"), (first, "2"), (second, "2"), (first, "3"), (second, "3"), (first, "4")]
    newest = query(tmp_path, "--limit", "2").stdout.splitlines()
    assert newest == done.stdout.splitlines()[-2:]


def test_a_renamed_log_is_known_by_its_first_line(tmp_path: Path) -> None:
    paths = in_parts(tmp_path)
    mailed = compress_by_hand(paths[1]).rename(tmp_path / "mailed.zst")
    paths[0].unlink()
    paths[2].unlink()
    done = query(mailed, "--run", "a1b2c3d4", "--text", "number 21")
    assert (done.returncode, done.stdout[:16]) == (0, "a1b2c3d4     21 ")


def test_lines_that_are_none_are_counted_and_exit_2(log: Path) -> None:
    log.write_bytes(b"junk\n" + log.read_bytes() + b"\x1b[2J\n\n" + b'{"ts":"2026')
    done = query(log, "--text", "event number")
    assert len(done.stdout.splitlines()) == 2
    assert (done.returncode, done.stderr) == (2, "3 lines could not be read; run `python -m sidecar verify`\n")


def test_what_cannot_be_read_is_named_and_does_not_hide_the_rest(log: Path) -> None:
    closed_to_us = log.with_name(log_name(OTHER))
    closed_to_us.touch(mode=0o000)
    broken = compress_by_hand(closed(log.parent, run="20261125T153000Z-00000002"))
    broken.write_bytes(broken.read_bytes()[:40])
    done = sidecar("query", log.parent, log.parent / "gone", prefix=obeying())
    assert (done.returncode, len(done.stdout.splitlines())) == (2, 5)
    assert done.stderr.splitlines() == [
        f"cannot read {log.parent}/gone: No such file or directory",
        f"cannot read {closed_to_us}: Permission denied",
        f"cannot read {broken}: the end is missing",
    ]


def test_a_directory_without_logs_exits_2(tmp_path: Path) -> None:
    done = query(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"cannot read {tmp_path}: there are no logs in it (datatools-<run>.jsonl)\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--since", "yesterday"], "not a time: 'yesterday'; give one like 2026-11-23, 2026-11-23T15:30 (UTC) or 15m"),
        (["--until", "2026-02-30"], "there is no such time: '2026-02-30'"),
        (["--run", "../x\x1b"], r"a run's id is like 20261123T153000Z-a1b2c3d4; this is '../x\x1b'"),
        (["--limit", "0"], "a number from 1 on; this is '0'"),
        (["--limit", "-1"], "a number from 1 on; this is '-1'"),
    ],
)
def test_an_argument_that_means_nothing_exits_2_and_says_what_would(arguments: list[str], words: str) -> None:
    done = query(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "\x1b" not in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_in_a_log_or_its_name_steers_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "evil\x1b[2J.jsonl"
    body = event_body(0, "in\x1bfo", "na\u202ev", "s\x9b", "two\nlines\x07", {"x\x1b": "\x1b]0;owned\x07"}, 1)
    path.write_bytes(joined(sealed([body])))
    done = query(path, tmp_path / "no\x1b[2J")
    assert done.stdout.rstrip("\n").isprintable()
    assert r"two\nlines\x07  session=s\x9b  x\x1b=\x1b]0;owned\x07" in done.stdout
    assert done.stderr.rstrip("\n").isprintable()


def test_an_output_that_knows_only_ascii_is_enough(tmp_path: Path) -> None:
    path = write(tmp_path, event(1, filename="zürich.csv"))
    done = query(path, PYTHONIOENCODING="ascii:strict")
    assert (done.returncode, done.stderr) == (0, "")
    assert r"filename=z\xfcrich.csv" in done.stdout
    assert query("--help", PYTHONIOENCODING="ascii:strict").returncode == 0


def started(directory: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "sidecar", "query", str(directory), *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=BUFFERED, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.fixture
def long_log(tmp_path: Path) -> Path:
    """More than a pipe takes."""
    return write(tmp_path, *events(1, 5000))


def test_a_reader_that_has_seen_enough_ends_it_quietly(long_log: Path) -> None:
    with started(long_log) as process:
        stdout, stderr = cast("IO[bytes]", process.stdout), cast("IO[bytes]", process.stderr)
        assert stdout.readline().startswith(b"a1b2c3d4      1 ")
        stdout.close()
        assert (stderr.read(), process.wait(60)) == (b"", 1)


def test_a_reader_that_sees_nothing_ends_it_quietly(tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    command = [sys.executable, "-m", "sidecar", "query", str(write(tmp_path, event(1)))]
    done = subprocess.run(
        command, cwd=ROOT, env=BUFFERED, stdout=write_end, stderr=subprocess.PIPE, check=False, timeout=60
    )
    os.close(write_end)
    assert (done.returncode, done.stderr) == (1, b"")


def test_ctrl_c_ends_it_quietly(long_log: Path) -> None:
    with started(long_log) as process:
        stdout = cast("IO[bytes]", process.stdout)
        assert select.select([stdout], [], [], 60)[0]
        # It is printing, and its pipe is full or will be.
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (130, b"")
