import contextlib
import os
import re
import select
from collections.abc import Callable, Iterator
from time import monotonic

import pytest

from shared.printer import Printer
from tests.keeper.running import DEADLINE, Kept

Keep = Callable[..., Kept]

LEFT_OUT = re.compile(r"\.\.\. (\d+) lines? not shown")
# Two of these lives say more than the pipe (64 KiB) and the printer (twice 256 KiB) can hold.
LINES = 5000


def test_what_the_child_says_on_stdout_and_stderr_is_relayed_byte_for_byte(keep: Keep) -> None:
    kept = keep("lines=2")
    kept.wait_for_line("UTF-8")
    assert kept.lines == ["Sidecar ready", f"line 0 {'x' * 80}", f"line 1 {'x' * 80}", "not \xff UTF-8"]


def test_a_blocked_terminal_stops_neither_restarts_nor_the_end(keep: Keep) -> None:
    kept = keep(f"lines={LINES}", read=False)
    talk_until_blocked(kept)
    kept.signal()
    assert kept.wait() == 0
    assert kept.diary()[-1] == "asked"


def test_what_was_not_shown_is_counted_when_reading_resumes(keep: Keep) -> None:
    kept = keep(f"lines={LINES}", read=False)
    talk_until_blocked(kept)
    kept.read()
    kept.wait_for_line("not shown")
    kept.kill_child(kept.pids()[-1])
    lives, restarts, lines_of_a_life = 5, 4, LINES + 2
    said = lives * lines_of_a_life + restarts
    kept.wait_until(lambda: shown(kept.lines) + left_out(kept.lines) >= said, f"{said} lines accounted for")
    kept.signal()
    assert kept.wait() == 0
    assert shown(kept.lines) + left_out(kept.lines) == said
    assert left_out(kept.lines) > LINES


def talk_until_blocked(kept: Kept) -> None:
    """Four lives talk while nobody reads."""
    for life in (1, 2, 3):
        kept.wait_for_diary("printed", life)
        kept.kill_child(kept.pids()[-1])
    kept.wait_for_diary("printed", 4)


def left_out(lines: list[str]) -> int:
    return sum(int(match[1]) for match in map(LEFT_OUT.fullmatch, lines) if match)


def shown(lines: list[str]) -> int:
    return sum(not LEFT_OUT.fullmatch(line) for line in lines)


class FullPipe:
    """A pipe that takes no more until `empty` is called."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.writer, False)
        self._size = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                self._size += os.write(self.writer, b"x")
        os.set_blocking(self.writer, True)
        self.output = os.fdopen(self.reader, "rb")

    def empty(self) -> None:
        assert set(self.output.read(self._size)) == {ord("x")}

    def lines_through(self, last: str) -> list[str]:
        lines = [""]
        while not re.fullmatch(last, lines[-1]):
            lines.append(self.output.readline().decode().removesuffix("\n"))
        return lines[1:]


@pytest.fixture
def pipe() -> Iterator[FullPipe]:
    pipe = FullPipe()
    yield pipe
    pipe.output.close()
    os.close(pipe.writer)


def test_the_count_stands_in_the_place_of_the_lines_left_out(pipe: FullPipe) -> None:
    printer = Printer(pipe.writer, room=100)
    for number in range(50):
        printer.line(b"line %d" % number)
    printer.line(b"-")  # would still fit
    pipe.empty()
    *lines, count = pipe.lines_through(LEFT_OUT.pattern)
    printer.line(b"end")
    printer.finish(DEADLINE)
    assert lines == [f"line {number}" for number in range(len(lines))]
    assert left_out([count]) == 51 - len(lines)
    assert 0 < len(lines) < 50
    assert pipe.lines_through("end") == ["end"]


def test_what_is_left_out_when_all_else_was_printed_is_counted_at_once(pipe: FullPipe) -> None:
    printer = Printer(pipe.writer)
    pipe.empty()
    # By the second time at the latest, it waits for something to print.
    for _ in range(20):
        printer.leave_out(3)
        assert select.select([pipe.reader], [], [], DEADLINE)[0]
        assert pipe.lines_through(LEFT_OUT.pattern) == ["... 3 lines not shown"]
    printer.finish(DEADLINE)


def test_a_terminal_made_non_blocking_by_others_is_waited_for(pipe: FullPipe) -> None:
    os.set_blocking(pipe.writer, False)
    printer = Printer(pipe.writer)
    printer.line(b"first")
    printer.line(b"end")
    pipe.empty()
    assert pipe.lines_through("end") == ["first", "end"]
    printer.finish(DEADLINE)


def test_a_terminal_that_is_gone_holds_nobody_up(pipe: FullPipe) -> None:
    pipe.output.close()
    printer = Printer(pipe.writer, room=100)
    for number in range(50):
        printer.line(b"line %d" % number)
    begun = monotonic()
    printer.finish(DEADLINE)
    assert monotonic() - begun < DEADLINE / 2


def test_an_end_with_a_stuck_terminal_takes_no_longer_than_allowed(pipe: FullPipe) -> None:
    printer = Printer(pipe.writer)
    printer.line(b"stuck")
    begun = monotonic()
    printer.finish(0.1)
    assert monotonic() - begun < DEADLINE / 2
    pipe.empty()
    assert pipe.lines_through("stuck") == ["stuck"]
    printer.finish(DEADLINE)
