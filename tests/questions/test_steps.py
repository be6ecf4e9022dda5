"""The lines of a part, gone through in either direction, in blocks of any size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.reader import steps
from sidecar.reader.steps import Step, backward, forward

PART = st.lists(st.sampled_from([b"\n", b"a", b"bc", b"def" * 5]), max_size=40).map(b"".join)


def whole_lines(part: bytes) -> list[Step]:
    found, begin = [], 0
    for line in part.split(b"\n")[:-1]:
        found.append(Step(begin, begin + len(line) + 1, line))
        begin += len(line) + 1
    return found


@given(PART, st.integers(1, 20), st.integers(0, 100))
def test_both_directions_give_each_whole_line_once_and_no_torn_one(part: bytes, block: int, from_line: int) -> None:
    lines = whole_lines(part)
    middle = lines[from_line % len(lines)].begin if lines else 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "BLOCK", block)
        back = list(backward(lambda start, end: part[start:end], len(part)))
        before = list(backward(lambda start, end: part[start:end], middle))
        behind = list(forward(lambda start, end: part[start:end], middle, len(part)))
    assert back == lines[::-1]
    assert before[::-1] + behind == lines


@pytest.mark.parametrize("long", [40, 41, 100])
def test_what_is_too_long_is_one_step_without_its_bytes_and_nothing_else_is_missed(
    long: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "BLOCK", 7)
    monkeypatch.setattr(steps, "MAX_LINE", 20)
    part = b"first\n" + b"x" * long + b"\nlast\n" + b"t" * long
    expected = [Step(0, 6, b"first"), Step(6, 7 + long, b""), Step(7 + long, 12 + long, b"last")]
    assert list(forward(lambda start, end: part[start:end], 0, len(part))) == expected
    assert list(backward(lambda start, end: part[start:end], len(part))) == expected[::-1]
