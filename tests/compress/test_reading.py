"""Parts are read the same in either form, and found whichever form they are in."""

import os
from pathlib import Path

import pytest

from shared.errors import SettingsError
from sidecar.complaints import Complaints
from sidecar.compression import BrokenError
from sidecar.parts import Log, collect, find_logs, run_inside
from sidecar.reading import read_blocks, read_lines
from tests.compress.logs import closed, compress_by_hand, in_parts
from tests.verify.logs import RUN

LONGEST = 1 << 20


def only(path: Path) -> Log:
    [log] = find_logs(path)
    return log


@pytest.mark.parametrize("data", [b"one\ntwo\n", b"one\n\nto", b"", b"x" * 3 * LONGEST + b"\nend", b"\n" * 300_000])
def test_lines_are_the_same_in_either_form(tmp_path: Path, data: bytes) -> None:
    plain = tmp_path / "log"
    plain.write_bytes(data)
    packed = compress_by_hand(plain, keep=True)
    lines = list(read_lines(plain, LONGEST))
    assert list(read_lines(packed, LONGEST)) == lines
    assert len(lines) == data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


def test_a_part_that_is_compressed_after_it_was_found_is_still_read(tmp_path: Path) -> None:
    path = closed(tmp_path)
    [found] = only(tmp_path).parts.values()
    data = path.read_bytes()
    compress_by_hand(path)
    assert b"".join(read_blocks(found)) == data


def test_a_file_that_is_gone_says_its_own_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        list(read_blocks(tmp_path / "gone"))
    assert caught.value.filename == str(tmp_path / "gone")


def test_an_empty_file_is_no_compressed_part(tmp_path: Path) -> None:
    path = tmp_path / "log.zst"
    path.touch()
    with pytest.raises(BrokenError, match="the end is missing"):
        list(read_blocks(path))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "log.zst"
    os.mkfifo(path)
    with pytest.raises(OSError, match="not a regular file"):
        list(read_blocks(path))


def test_a_directory_gives_each_part_in_its_forms(tmp_path: Path) -> None:
    one, two, three = in_parts(tmp_path)
    packed_one, packed_two = compress_by_hand(one), compress_by_hand(two, keep=True)
    log = only(tmp_path)
    assert (log.run, log.name, log.directory) == (RUN, RUN, tmp_path)
    assert log.parts == {1: packed_one, 2: two, 3: three}
    assert log.doubles == [(two, packed_two)]


@pytest.mark.parametrize("named", [0, 1, 2])
def test_a_file_brings_the_parts_before_it_in_either_form(tmp_path: Path, named: int) -> None:
    paths = in_parts(tmp_path)
    paths[0] = compress_by_hand(paths[0])
    paths[2] = compress_by_hand(paths[2])
    assert only(paths[named]).parts == dict(enumerate(paths[: named + 1], 1))


def test_the_plain_name_still_finds_a_compressed_part(tmp_path: Path) -> None:
    path = closed(tmp_path)
    packed = compress_by_hand(path)
    assert only(path).parts == {1: packed}
    packed.unlink()
    with pytest.raises(FileNotFoundError) as caught:
        find_logs(path)
    assert caught.value.filename == str(path)


def test_the_two_forms_named_one_after_the_other_are_one_part(tmp_path: Path) -> None:
    plain = closed(tmp_path)
    packed = compress_by_hand(plain, keep=True)
    complain = Complaints("read")
    [log] = collect([packed, plain, packed], complain)
    assert (log.doubles, complain.count) == ([(plain, packed)], 0)


@pytest.mark.parametrize("name", ["from a customer.txt", "from a customer.zst"])
def test_a_renamed_log_says_by_its_first_line_whose_it_is(tmp_path: Path, name: str) -> None:
    paths = in_parts(tmp_path)
    path = compress_by_hand(paths[1]) if name.endswith(".zst") else paths[1]
    log = only(path.rename(tmp_path / name))
    assert (log.run, log.name, run_inside(log)) == (None, name, RUN)
    assert list(log.parts) == [2]


@pytest.mark.parametrize("content", [b"", b"shopping list\n", b"\xff\n", b"(\xb5/\xfd"])
def test_a_file_that_is_no_log_is_nobodys(tmp_path: Path, content: bytes) -> None:
    for name in ("x.txt", "x.zst"):
        path = tmp_path / name
        path.write_bytes(content)
        assert run_inside(only(path)) == ""


def test_a_directory_without_logs_has_none(tmp_path: Path) -> None:
    (tmp_path / f"datatools-{RUN}.jsonl.zst.tmp").touch()
    with pytest.raises(SettingsError, match="no logs in it"):
        find_logs(tmp_path)
