"""A log whose parts are checked ahead, each by itself, is reported as one whose parts are read one behind the other."""

import argparse
import os
import random
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, cast

import psutil
import pytest

from shared.chain import GENESIS, head_of
from shared.naming import log_name
from shared.questions import Verify
from sidecar import bundle
from sidecar.parts import Log, find_logs, fixed
from sidecar.reader.framing import write_frame
from sidecar.reader.verifying import verify
from sidecar.verify import ahead, check_files
from sidecar.verify.alone import check_alone
from sidecar.verify.check import Part, check_log
from sidecar.verify.report import Alone
from tests.compress.logs import compress_by_hand, in_parts
from tests.support.permissions import obeying
from tests.support.waiting import DEADLINE, ROOT, until
from tests.verify.damage import batches, damaged
from tests.verify.logs import RUN, closing, event, gap, joined, opening, repair, sealed
from tests.verify.test_command import run

CASES = 1500
FILES = 6
SOMETIMES, OFTEN = 0.15, 0.5
WORKER = [sys.executable, "-m", "sidecar.verify.worker"]
# The command on two CPUs, with processes for a log of any size, started as its arguments say.
ASKS = """
import sys
from sidecar import __main__ as command, verify
from sidecar.verify import ahead
verify.usable_cpus = lambda: 2
ahead._LEAST_BYTES = 0
ahead._COMMAND = sys.argv[2:] or ahead._COMMAND
sys.exit(command.main(["verify", sys.argv[1]]))
"""


def body(chance: random.Random, last: int) -> tuple[bytes, int]:
    """One line behind the number `last`, and the last number with it."""
    match chance.randrange(20):
        case 0:
            return gap(last + 1, last + 3), last + 3
        case 1:
            return repair(last), last
        case 2:
            return closing(last, chance.choice(["clean", "vanished", ""])), last
        case 3:
            # A number that is left out, or comes twice.
            last = max(last + chance.choice([1, -1]), 0)
            return event(last + 1), last + 1
        case _:
            return event(last + 1), last + 1


def whole_log(chance: random.Random) -> list[list[bytes]]:
    """Parts of a log that nobody damaged; some go on from another line than the last one before them."""
    places = [(GENESIS, 0)]
    parts: list[list[bytes]] = []
    for number in range(1, chance.randrange(2, 7)):
        extra: dict[str, object] = {}
        head, last = places[-1]
        if parts and chance.random() < SOMETIMES:
            extra["continues"] = "was damaged"
            head, last = chance.choice(places[-12:])
            parts[-1] += chance.choice([[], [b"\0" * 60]])
        elif chance.random() < SOMETIMES / 3:
            last += 1
        begin = repair(last) if chance.random() < SOMETIMES / 3 else opening(last, number, **extra)
        lines = sealed([begin], head)
        places.append((head_of(lines[-1]), last))
        for _ in range(chance.choice([0, 1, 15, 30])):
            written, last = body(chance, last)
            lines += sealed([written], head_of(lines[-1]))
            places.append((head_of(lines[-1]), last))
        parts.append(lines)
    return parts


def some_log(seed: int) -> tuple[dict[int, list[bytes]], set[int], str]:
    """The lines of parts by their numbers, in which of them the last line has no newline, and a head to look for."""
    chance = random.Random(seed)  # noqa: S311 - a replayable choice
    lines = dict(enumerate(whole_log(chance), 1))
    head = head_of(chance.choice(chance.choice(list(lines.values()))))
    for number in list(lines):
        if chance.random() < SOMETIMES:
            lines[number] = damaged(lines[number], chance)
        if chance.random() < SOMETIMES / 5:
            lines[number] = []
        if chance.random() < SOMETIMES / 3 and len(lines) > 1:
            del lines[number]
    torn = {number for number, each in lines.items() if each and chance.random() < SOMETIMES / 2}
    return lines, torn, head if chance.random() < SOMETIMES else ""


@contextmanager
def one_by_one(parts: Sequence[Part], fits: list[bool], stops: Collection[str]) -> Iterator[Iterator[Alone | None]]:
    found = [check_alone(part, stops) for part in parts]
    fits += [each is not None for each in found]
    yield iter(found)


def test_parts_checked_ahead_are_reported_as_parts_read_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    fits: list[bool] = []
    damages = 0
    for seed in range(CASES):
        lines, torn, head = some_log(seed)
        chance = random.Random(seed)  # noqa: S311 - a replayable choice
        # So that it is smaller than a part, too.
        monkeypatch.setattr("sidecar.verify.check._WINDOW", chance.choice([2, 7, 1000]))
        sizes = [chance.randrange(12) for _ in range(4)]
        parts = [
            Part(log_name(RUN, number), RUN, number, partial(batches, each, sizes, torn=number in torn))
            for number, each in lines.items()
        ]
        whole = chance.random() < OFTEN
        expected = check_log(parts, head=head, whole=whole)
        assert check_log(parts, head=head, whole=whole, ahead=partial(one_by_one, parts, fits)) == expected, seed
        damages += bool(expected.findings)
    assert fits.count(True) > CASES
    assert fits.count(False) > CASES / 4
    assert damages > CASES / 4


def test_what_is_beyond_the_lists_of_a_report_is_counted_as_in_one_pass() -> None:
    numbers = range(1, 1300)
    one = sealed([opening(), *(gap(number, number) for number in numbers)])
    two = sealed([opening(1299, 2), *(gap(number, number) for number in range(1300, 1310))], head_of(one[-1]))
    three = sealed([opening(1309, 3), event(1310)], head_of(two[-1]))
    lines = enumerate([one, two, three], 1)
    parts = [Part(log_name(RUN, number), RUN, number, partial(batches, each, [], torn=False)) for number, each in lines]
    fits: list[bool] = []
    report = check_log(parts, ahead=partial(one_by_one, parts, fits))
    assert report == check_log(parts)
    assert (fits, report.more_gaps, report.lost) == ([True] * 3, 309, 1309)


def test_behind_a_part_of_repairs_a_log_is_as_open_or_closed_as_before() -> None:
    one = sealed([opening(), event(1), closing(1)])
    lines = enumerate([one, sealed([repair(1), repair(1)], head_of(one[-1]))], 1)
    parts = [Part(log_name(RUN, number), RUN, number, partial(batches, each, [], torn=False)) for number, each in lines]
    report = check_log(parts, ahead=partial(one_by_one, parts, []))
    assert report == check_log(parts)
    assert report.state == "closed"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes are started for small logs, too."""
    monkeypatch.setattr(ahead, "_LEAST_BYTES", 0)


def write(directory: Path, seed: int) -> tuple[Log, str]:
    lines, torn, head = some_log(seed)
    for number, each in lines.items():
        data = joined(each)
        path = directory / log_name(RUN, number)
        path.write_bytes(data[:-1] if number in torn else data)
        if seed % 3 == number % 3:
            packed = compress_by_hand(path)
            if seed % 2:
                packed.write_bytes(packed.read_bytes()[:-9])
    [log] = find_logs(directory)
    return log, head


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("seed", range(FILES))
def test_processes_report_what_one_pass_does(tmp_path: Path, seed: int) -> None:
    log, head = write(tmp_path, seed)
    assert check_files(log, head, processes=2 + seed % 2) == check_files(log, head)


@pytest.mark.usefixtures("small")
def test_of_a_log_that_is_written_to_its_length_is_meant(tmp_path: Path) -> None:
    log = fixed(find_logs(in_parts(tmp_path)[2])[0])
    expected = check_files(log)
    with log.path.with_name(log_name(RUN, 3)).open("ab") as file:
        file.write(joined(sealed([event(61)], expected.head)))
    assert check_files(log, processes=2) == expected
    assert (expected.findings, expected.last) == ([], 60)


@pytest.mark.usefixtures("small")
def test_a_line_that_is_nested_too_deeply_only_for_who_asks_is_reported_so(tmp_path: Path) -> None:
    nested = event(21).replace(b'"seq":', b'"x":%b%b,"seq":' % (b"[" * 960, b"]" * 960))
    one = sealed([opening(), *(event(number) for number in range(1, 21))])
    two = sealed([opening(20, 2), nested, event(22)], head_of(one[-1]))
    for number, each in enumerate([one, two], 1):
        (tmp_path / log_name(RUN, number)).write_bytes(joined(each))
    [log] = find_logs(tmp_path)
    expected = check_files(log)
    assert bool(expected.findings) == (sys.version_info < (3, 12))
    assert check_files(log, processes=2) == expected


@pytest.mark.usefixtures("small")
def test_an_intact_log_is_read_by_the_processes_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [log] = find_logs(in_parts(tmp_path, last=5)[4])
    expected = check_files(log)
    monkeypatch.setattr("sidecar.verify.check._Checker.read", lambda *_, **__: pytest.fail("a part was read here"))
    assert check_files(log, processes=2) == expected


def output(directory: Path, capsys: pytest.CaptureFixture[str], cpus: int, *more: str) -> tuple[int, str, str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sidecar.verify.usable_cpus", lambda: cpus)
        status = run(directory, *more)
    shown = capsys.readouterr()
    return status, shown.out, shown.err


@pytest.mark.usefixtures("small")
def test_the_command_says_the_same_with_processes_and_ends_with_the_same_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = in_parts(tmp_path)
    head = head_of(paths[1].read_bytes().split(b"\n")[3])

    def status(*more: str) -> int:
        alone, beside = output(tmp_path, capsys, 1, *more), output(tmp_path, capsys, 2, *more)
        assert alone == beside
        return alone[0]

    assert status() == 0
    assert status("--head", head) == 0
    assert status("--head", "ab" * 32) == 1
    whole = paths[1].read_bytes()
    paths[1].write_bytes(whole.replace(b"file 33.csv", b"file 34.csv"))
    assert status() == 1
    paths[1].write_bytes(whole)
    paths[1].rename(tmp_path / "aside")
    assert status() == 1
    (tmp_path / "aside").rename(paths[1])
    paths[2].unlink()
    paths[2].mkdir()
    assert status() == 1


@pytest.mark.usefixtures("small")
def test_a_part_that_cannot_be_read_is_said_once_by_the_command_itself(tmp_path: Path) -> None:
    in_parts(tmp_path)[1].chmod(0o000)
    done = subprocess.run(
        [*obeying(), sys.executable, "-c", ASKS, tmp_path], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (2, f"cannot verify {tmp_path / log_name(RUN, 2)}: Permission denied\n")


def test_a_command_that_takes_no_module_from_beside_the_logs_has_no_process_that_does(tmp_path: Path) -> None:
    in_parts(tmp_path)
    (tmp_path / "sidecar").mkdir()
    (tmp_path / "sidecar" / "__init__.py").write_text("open('taken', 'w').close()")
    command = [sys.executable, "-P", "-c", ASKS, "."]
    done = subprocess.run(command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == 0
    assert not (tmp_path / "taken").exists()


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "command",
    [
        ["no such command"],
        ["false"],
        ["sh", "-c", "kill -9 $$"],
        ["sh", "-c", "head -c 4 >/dev/null; kill -9 $$"],
        # Killed in the middle of its first answer, and of a later one.
        ["sh", "-c", 'exec "$@" | head -c 100', "sh", *WORKER],
        ["sh", "-c", 'exec "$@" | head -c 600', "sh", *WORKER],
    ],
)
def test_the_parts_of_a_process_that_is_killed_are_checked_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    paths = in_parts(tmp_path, last=6)
    paths[3].write_bytes(paths[3].read_bytes().replace(b"file 70.csv", b"file 71.csv"))
    [log] = find_logs(tmp_path)
    expected = check_files(log)
    assert [each.first.file for each in expected.findings] == [paths[3].name]
    monkeypatch.setattr(ahead, "_COMMAND", command)
    assert check_files(log, processes=2) == expected


@pytest.mark.usefixtures("small")
def test_what_is_printed_where_a_process_starts_changes_no_report_and_takes_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [log] = find_logs(in_parts(tmp_path)[2])
    expected = check_files(log)
    # As a `sitecustomize` may do. Its first letters are the length of a frame of 1.2 GB.
    monkeypatch.setattr(ahead, "_COMMAND", ["sh", "-c", 'echo Good morning; exec "$@"', "sh", *WORKER])
    tracemalloc.start()
    try:
        assert check_files(log, processes=2) == expected
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * 1024 * 1024


@pytest.mark.parametrize("is_terminal", [True, False])
def test_ctrl_c_ends_the_command_and_its_processes_though_they_hang(tmp_path: Path, *, is_terminal: bool) -> None:
    in_parts(tmp_path)
    command = [sys.executable, "-c", ASKS, str(tmp_path), "sh", "-c", "echo Trouble >&2; kill -STOP $$"]
    started = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True)
    with started as process:
        asked = psutil.Process(process.pid)
        until(lambda: [each.status() for each in asked.children()] == ["stopped"] * 2, "two processes that hang")
        hung = asked.children()
        # Ctrl-C reaches all of a terminal's processes, `kill -INT` one.
        (os.killpg if is_terminal else os.kill)(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=DEADLINE)
    assert (process.returncode, said) == (130, b"")
    _, left = psutil.wait_procs(hung, DEADLINE)
    for each in left:
        each.kill()
    assert left == []


def test_a_process_ends_when_the_command_is_gone(tmp_path: Path) -> None:
    path = in_parts(tmp_path)[0]
    with subprocess.Popen(WORKER, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        asking = cast("IO[bytes]", process.stdin)
        # So many answers are more than a pipe holds, and nobody reads them.
        write_frame(asking.fileno(), ahead.encode(ahead.Job([(os.fsencode(path), None)] * 10_000, [])))
        asking.close()
        assert process.wait(DEADLINE) == 1


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The commands of processes that were to be started, none of which is."""
    commands: list[object] = []

    def popen(command: object, **_: object) -> None:
        commands.append(command)
        raise FileNotFoundError

    monkeypatch.setattr(ahead, "Popen", popen)
    return commands


def test_a_small_log_is_checked_without_processes(tmp_path: Path, started: list[object]) -> None:
    check_files(find_logs(in_parts(tmp_path)[2])[0], processes=8)
    assert started == []


@pytest.mark.usefixtures("small")
def test_a_log_of_one_part_on_one_cpu_or_for_the_page_is_checked_without_processes(
    tmp_path: Path, started: list[object]
) -> None:
    one, *_, three = in_parts(tmp_path)
    check_files(find_logs(one)[0], processes=8)
    check_files(find_logs(three)[0], processes=1)
    verify(Verify(RUN), tmp_path, lambda *_: None)
    assert started == []
    check_files(find_logs(three)[0], processes=8)
    assert len(started) == 1


@pytest.mark.usefixtures("small")
def test_what_goes_into_a_bundle_is_checked_with_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[object]
) -> None:
    in_parts(tmp_path)
    monkeypatch.setattr("sidecar.bundle.usable_cpus", lambda: 2)
    parser = argparse.ArgumentParser()
    bundle.add_arguments(parser)
    assert bundle.run(parser.parse_args([str(tmp_path), "--output", str(tmp_path / "bundle.zip")])) == 0
    assert len(started) == 1


@pytest.mark.usefixtures("small")
def test_when_no_second_process_is_to_be_had_the_first_one_goes_and_the_log_is_checked_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first: list[subprocess.Popen[bytes]] = []

    def popen(command: object, **streams: int) -> subprocess.Popen[bytes]:
        if first:
            raise BlockingIOError
        assert command
        first.append(subprocess.Popen(["sh", "-c", "kill -STOP $$"], **streams))  # type: ignore[call-overload]
        return first[0]

    [log] = find_logs(in_parts(tmp_path)[2])
    expected = check_files(log)
    monkeypatch.setattr(ahead, "Popen", popen)
    assert check_files(log, processes=2) == expected
    assert first[0].returncode == -signal.SIGKILL


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("parts", "processes", "expected"), [(3, 2, 2), (3, 8, 3), (9, 64, 8)])
def test_no_more_processes_are_started_than_can_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parts: int, processes: int, expected: int
) -> None:
    counted: list[object] = []

    def popen(command: list[str], **streams: int) -> subprocess.Popen[bytes]:
        counted.append(command)
        return subprocess.Popen(["sh", "-c", "exec cat >/dev/null"], **streams)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(ahead, "Popen", popen)
    check_files(find_logs(in_parts(tmp_path, last=parts)[-1])[0], processes=processes)
    assert len(counted) == expected
