"""What is checked in a loop is found as what is checked line by line."""

import random
from collections.abc import Container, Sequence
from functools import partial

import pytest

from shared.chain import head_of
from shared.naming import log_name
from sidecar.verify.check import Part, check_log
from sidecar.verify.clean import count_clean
from sidecar.verify.line import Line
from tests.verify.damage import batches, damaged
from tests.verify.logs import RUN, events, everything, opening, sealed

CASES = 600
SOMETIMES = 0.2


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
