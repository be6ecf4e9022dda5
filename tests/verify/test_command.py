"""`python -m sidecar verify`, as its user sees it."""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from shared.chain import GENESIS
from shared.naming import log_name
from sidecar import verify
from sidecar.verify.line import MAX_LINE
from tests.support.permissions import obeying
from tests.verify.logs import RUN, closing, event, events, gap, head_line, joined, opening, sealed

ROOT = Path(__file__).parents[2]
LINES = sealed([opening(), *events(1, 6), gap(7, 9), event(10), closing(10, lost=3)])
HEAD = head_line(LINES)
NAME = log_name(RUN)
SUMMARY = f"{RUN}: intact, closed, 1 part, 7 events (1 to 10), 3 lost, head {HEAD}"
GAP_NOTE = f"{NAME}:8: note: gap: 7 to 9 lost: the outbox was full"


def command(*arguments: object, prefix: Sequence[str] = (), **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*prefix, sys.executable, "-m", "sidecar", "verify", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def run(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    verify.add_arguments(parser)
    return verify.run(parser.parse_args([str(argument) for argument in arguments]))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / NAME
    path.write_bytes(joined(LINES))
    return path


def parts(directory: Path) -> list[Path]:
    """Three parts of one log."""
    written: list[Path] = []
    head = GENESIS
    for part in (1, 2, 3):
        lines = sealed([opening((part - 1) * 3, part), *events(part * 3 - 2, part * 3)], head)
        head = head_line(lines)
        written.append(directory / log_name(RUN, part))
        written[-1].write_bytes(joined(lines))
    return written


def test_an_intact_audit_directory_exits_0(log: Path) -> None:
    done = command(DATATOOLS_AUDIT_DIR=str(log.parent))
    expected = [f"In {log.parent}:", GAP_NOTE, SUMMARY, "1 log, 1 intact, 0 damaged"]
    assert (done.returncode, done.stdout.splitlines(), done.stderr) == (0, expected, "")


def test_a_damaged_log_exits_1_and_names_file_line_and_kind(log: Path) -> None:
    log.write_bytes(joined(LINES).replace(b"file 3.csv", b"file 4.csv"))
    done = command(log)
    assert (done.returncode, done.stderr) == (1, "")
    assert f"{NAME}:4: edited: Changed after it was written" in done.stdout
    assert done.stdout.endswith("1 log, 0 intact, 1 damaged\n")


def test_a_missing_file_exits_2(tmp_path: Path) -> None:
    done = command(tmp_path / "nowhere.jsonl")
    assert done.returncode == 2
    assert done.stderr == f"cannot verify {tmp_path}/nowhere.jsonl: No such file or directory\n"
    assert "Traceback" not in done.stderr


def test_a_head_that_is_none_exits_2(log: Path) -> None:
    done = command(log, "--head", "abc")
    assert done.returncode == 2
    assert "a head is 64 hex characters" in done.stderr


def test_the_head_of_the_last_line_matches(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(log, "--head", HEAD.upper()) == 0
    assert f"head matches: {NAME}:10, the last line\n" in capsys.readouterr().out


def test_an_earlier_head_says_how_many_lines_were_added(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(log, "--head", head_line(LINES[:7])) == 0
    assert f"head matches: {NAME}:7, 3 lines were added since\n" in capsys.readouterr().out
    assert run(log, "--head", head_line(LINES[:9])) == 0
    assert f"head matches: {NAME}:9, 1 line was added since\n" in capsys.readouterr().out


def test_a_cut_end_is_found_by_the_head_alone(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.write_bytes(joined(LINES[:-1]))
    assert run(log) == 0
    capsys.readouterr()
    assert run(log, "--head", HEAD) == 1
    assert "head not found: no line has this hash" in capsys.readouterr().out


def test_a_torn_tail_is_a_note(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.write_bytes(joined(LINES)[:-20])
    assert run(log) == 0
    out = capsys.readouterr().out
    assert f"{NAME}:10: note: torn tail: {len(LINES[-1]) - 19} bytes" in out
    assert "intact, open" in out


def test_parts_of_a_directory_are_one_log_and_a_missing_one_is_damage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = parts(tmp_path)
    assert run(tmp_path) == 0
    assert f"{RUN}: intact, open, 3 parts, 9 events (1 to 9)" in capsys.readouterr().out
    written[1].unlink()
    assert run(tmp_path) == 1
    assert f"{written[2].name}: missing part: Part 2 is not here." in capsys.readouterr().out
    written[0].unlink()
    assert run(tmp_path) == 1
    assert "missing part: Parts 1 to 2 are not here." in capsys.readouterr().out


def test_a_later_part_is_checked_against_the_ones_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two, three = parts(tmp_path)
    assert run(three) == 0
    assert "intact, open, 3 parts" in capsys.readouterr().out
    two.write_bytes(two.read_bytes().replace(b"file 6.csv", b"file 7.csv"))
    assert run(three) == 1
    assert f"{two.name}:4: edited" in capsys.readouterr().out
    two.unlink()
    assert run(three) == 0
    assert f"{three.name}: note: the part before is not here" in capsys.readouterr().out
    assert run(three, one) == 1
    assert "missing part: Part 2" in capsys.readouterr().out


def test_what_is_named_twice_is_checked_once(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(log, log.parent, log) == 0
    assert capsys.readouterr().out.endswith("1 log, 1 intact, 0 damaged\n")


def test_a_renamed_log_is_still_checked(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    renamed = log.rename(log.with_name("from a customer.txt"))
    assert run(renamed) == 0
    assert "from a customer.txt: intact, closed, 1 part" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"name,city\nAnna,Bern\n", b"\x00" * 5000])
def test_a_file_that_is_no_log_cannot_be_verified(
    tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "customers.csv"
    path.write_bytes(content)
    assert run(path) == 2
    assert "it is not a log" in capsys.readouterr().err


def test_a_directory_without_logs_cannot_be_verified(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    assert run(tmp_path) == 2
    captured = capsys.readouterr()
    assert captured.err == f"cannot verify {tmp_path}: there are no logs in it (datatools-<run>.jsonl)\n"
    assert captured.out == "0 logs, 0 intact, 0 damaged, 1 could not be read\n"


def test_something_else_than_a_file_is_not_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pipe = tmp_path / NAME
    os.mkfifo(pipe)
    assert run(pipe) == 2
    assert "neither a file nor a directory" in capsys.readouterr().err
    assert run(tmp_path) == 2
    assert "not a regular file" in capsys.readouterr().err


def test_a_file_without_permission_does_not_hide_the_others(log: Path) -> None:
    other = log.with_name(log_name("20261124T153000Z-a1b2c3d4"))
    other.touch(mode=0o000)
    ran = command(log.parent, prefix=obeying())
    assert ran.returncode == 2
    assert ran.stderr == f"cannot verify {other}: Permission denied\n"
    assert ran.stdout.endswith("1 log, 1 intact, 0 damaged, 1 could not be read\n")


def test_a_directory_in_place_of_a_log_does_not_hide_the_others(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.with_name(log_name("20261124T153000Z-a1b2c3d4")).mkdir()
    assert run(log.parent) == 2
    captured = capsys.readouterr()
    assert "not a regular file" in captured.err
    assert captured.out.endswith("1 log, 1 intact, 0 damaged, 1 could not be read\n")


def test_nothing_from_a_log_steers_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "evil\x1b[2J\u202e.jsonl"
    path.write_bytes(joined(sealed([opening(), gap(1, 2, "\x1b]0;owned\x07\nsecond line " + "x" * 1000)])))
    assert run(path) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert r"evil\x1b[2J\u202e.jsonl:2: note: gap: 1 to 2 lost: \x1b]0;owned\x07\nsecond line x" in out
    assert max(map(len, out.splitlines())) < 400


def test_an_output_that_knows_only_ascii_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "zürich.jsonl"
    path.write_bytes(joined(LINES))
    done = command(path, PYTHONIOENCODING="ascii:strict")
    assert (done.returncode, done.stderr) == (0, "")
    assert r"z\xfcrich.jsonl: intact" in done.stdout


def test_a_line_without_end_is_read_in_bounded_memory(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with log.open("ab") as file:
        file.write(b"x" * (3 * MAX_LINE))
    assert run(log) == 1
    assert f"{NAME}:11: not a line: Not what a sidecar writes: it is longer than" in capsys.readouterr().out


def test_a_log_larger_than_a_block_is_read_right(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = sealed([opening(), *(event(seq, pad="ü" * 5000) for seq in range(1, 400))])
    log.write_bytes(joined(lines))
    assert log.stat().st_size > 3 * MAX_LINE
    assert run(log, "--head", head_line(lines)) == 0
    assert "intact, open, 1 part, 399 events (1 to 399)" in capsys.readouterr().out
