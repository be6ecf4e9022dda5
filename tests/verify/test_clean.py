"""What is checked in a loop is found as what is checked line by line."""

import random
from collections.abc import Container, Iterator, Sequence
from functools import partial

import pytest

from shared.chain import head_of
from shared.naming import log_name
from sidecar.verify.check import Part, check_log
from sidecar.verify.clean import count_clean
from sidecar.verify.line import Line
from tests.verify.logs import RUN, event, events, everything, gap, opening, sealed

CASES = 600
SOMETIMES = 0.2
STRANGE = [b"", b"{}", b"\xff", b"\0" * 40, b"[" * 3000, b"x" * 2000]


def damaged(lines: list[bytes], chance: random.Random) -> list[bytes]:
    lines = lines.copy()
    for _ in range(chance.choice([0, 1, 1, 2, 5])):
        at = chance.randrange(len(lines))
        match chance.randrange(7):
            case 0:
                del lines[at : at + chance.randrange(1, 4)]
            case 1:
                lines.insert(at, chance.choice([lines[at], *STRANGE]))
            case 2:
                lines[at], lines[-1] = lines[-1], lines[at]
            case 3:
                place = chance.randrange(max(len(lines[at]), 1))
                lines[at] = lines[at][:place] + bytes([chance.randrange(256)]) + lines[at][place + 1 :]
            case 4:
                lines[at:] = sealed([gap(at, at + 2), event(at + 3)], head_of(lines[at]))
            case 5:
                lines[at] = lines[at].replace(b'"seq":', chance.choice([b'"seq":1', b'"last":3,"seq":', b'"row":']))
            case _:
                # The right hash in a place that is not its own.
                lines[at] = b'{"prev":"%b",' % lines[at][-66:-2] + lines[at][1:-75] + b"}"
        if not lines:
            return [b""]
    return lines


def batches(lines: list[bytes], sizes: list[int], *, torn: bool) -> Iterator[tuple[list[bytes], bool]]:
    rest = lines[:-1] if torn else lines
    for size in sizes:
        yield rest[:size], True
        rest = rest[size:]
    yield rest, True
    if torn:
        yield lines[-1:], False


def files_of(chance: random.Random) -> tuple[list[bytes], list[bytes]]:
    """Two parts, each perhaps damaged; the second goes on at the end of the first, or from a line before it."""
    whole = everything()
    at = chance.choice([len(whole), chance.randrange(2, len(whole))])
    continues: dict[str, object] = {} if at == len(whole) else {"continues": "was replaced"}
    last = check_log([Part("", None, 1, partial(batches, whole[:at], [], torn=False))]).last
    behind = sealed([opening(last, 2, **continues), *events(last + 1, last + 20)], head_of(whole[at - 1]))
    return damaged(whole, chance), damaged(behind, chance)


def test_whatever_was_done_to_a_log_the_loop_reports_what_reading_each_line_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passed = 0

    def counted(lines: Sequence[bytes], start: int, before: Line, stops: Container[str | None]) -> int:
        nonlocal passed
        clean = count_clean(lines, start, before, stops)
        passed += clean
        return clean

    for seed in range(CASES):
        chance = random.Random(seed)  # noqa: S311 - a replayable choice
        files = files_of(chance)
        torn = chance.random() < SOMETIMES
        parts = [
            Part(
                log_name(RUN, number),
                RUN,
                number,
                partial(batches, lines, [chance.randrange(12) for _ in range(4)], torn=torn and number == len(files)),
            )
            for number, lines in enumerate(files, 1)
        ]
        head = head_of(chance.choice(chance.choice(files)))
        monkeypatch.setattr("sidecar.verify.check.count_clean", counted)
        by_loop = check_log(parts, head=head)
        monkeypatch.setattr("sidecar.verify.check.count_clean", lambda *_: 0)
        assert by_loop == check_log(parts, head=head), f"seed {seed}"
    assert passed > CASES * 20
