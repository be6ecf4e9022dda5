"""A starting sidecar meets every damage: it never dies, overwrites no evidence, says what it did, and loses no number."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

import pytest

from sidecar import log_tail
from tests.fault.damage import deleted, digits, edits, flipped, inserted, joined, swapped
from tests.fault.read_once import read_each_line_once
from tests.fault.recovering import DEAD, HELD, LOGGED, STAYS_OPEN, Files, Recovery, with_dead_gui, with_living_gui
from tests.fault.whole_log import whole_log, whole_log_in_parts

__all__ = ["read_each_line_once"]

# All kinds of lines; few enough for each to meet all damages.
LINES = whole_log(DEAD, 40)
OTHER = whole_log(DEAD._replace(started=2.0), 40)
DATA = joined(LINES)
LAST = json.loads(LINES[-1])["seq"]
SEED = 20261123
# So many at any place, and one at each digit of each number; another seed takes others.
FLIPS = 400
SHARES = 2

Damages = Iterable[tuple[str, bytes]]


def meet(directory: Path, damages: Damages, *, living: bool, part: int = 1, others: Files | None = None) -> None:
    """A sidecar starts on each of these, and then the next one."""
    for name, data in damages:
        try:
            meet_one(directory / "logs", {**(others or {}), part: data}, living=living)
        except Exception as error:
            error.add_note(f"This was: {name}")
            raise


def meet_one(directory: Path, files: Files, *, living: bool) -> None:
    last = LAST + HELD + LOGGED if living else 0
    recovery = Recovery(directory, files, with_living_gui(LAST) if living else with_dead_gui)
    recovery.check(last)
    following = recovery.again(with_living_gui(last) if living else with_dead_gui)
    found = [said for said in following.said if STAYS_OPEN not in said]
    assert found == [], "the next sidecar, too, found something the matter"
    following.check_evidence()
    if living:
        following.check_numbers(last + HELD + LOGGED)
    else:
        assert following.after == following.before
    following.clear()


def flips() -> Iterator[tuple[str, bytes]]:
    chance = Random(SEED)  # noqa: S311 - a repeatable choice
    places = [*chance.choices(range(len(DATA)), k=FLIPS), *digits(DATA)]
    for byte in places:
        bit = chance.randrange(8)
        yield f"bit {bit} of byte {byte} flipped", flipped(DATA, byte, bit)


@pytest.mark.parametrize("living", [True, False])
@pytest.mark.parametrize("share", range(SHARES))
def test_a_flipped_bit(tmp_path: Path, share: int, *, living: bool) -> None:
    meet(tmp_path, list(flips())[share :: SHARES if living else 2 * SHARES], living=living)


@pytest.mark.parametrize("living", [True, False])
@pytest.mark.parametrize("share", range(SHARES))
def test_lines_deleted_inserted_exchanged_spliced_and_rewritten(tmp_path: Path, share: int, *, living: bool) -> None:
    damages = [(name, joined(lines)) for name, lines in edits(LINES, OTHER, Random(SEED))]  # noqa: S311
    meet(tmp_path, damages[share :: SHARES if living else 4 * SHARES], living=living)


@pytest.mark.parametrize("living", [True, False])
def test_an_end_cut_at_any_byte(tmp_path: Path, *, living: bool) -> None:
    sizes = [*range(len(DATA) - len(LINES[-1]) - 2, len(DATA)), *range(0, len(LINES[0]), 17)]
    meet(tmp_path, [(f"cut to {size} bytes", DATA[:size]) for size in sizes][:: 1 if living else 5], living=living)


# Not what a crash leaves.
BEHIND = [
    b"\n",
    b"\n\n\n",
    b"x\n",
    b"\xff\xfe\n",
    b"{}\n",
    b"null\n",
    b"x",
    b"somebody's note",
    joined(LINES[-1:])[:200] * 3_000,
    b"x" * 3_000_000 + b"\n",
    LINES[-1] + b"\n",
]
# What a crash may leave: the beginning of a line, and zeros.
TORN = [b"{", b'{"ts":"2026', LINES[-1][:-1], LINES[-1], bytes(1), bytes(5000), b'{"ts"' + bytes(300)]


@pytest.mark.parametrize("living", [True, False])
def test_whatever_stands_behind_the_last_line(tmp_path: Path, *, living: bool) -> None:
    meet(tmp_path, [(f"{behind[:20]!r} behind", DATA + behind) for behind in (*BEHIND, *TORN)], living=living)


@pytest.mark.parametrize("living", [True, False])
def test_a_file_without_a_line(tmp_path: Path, *, living: bool) -> None:
    meet(tmp_path, [(f"only {data[:20]!r}", data) for data in (b"", *BEHIND[:-1], *TORN)], living=living)


# Further back than it looks.


def test_damage_further_back_is_not_looked_at_and_left_to_verify(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_tail, "WINDOW", len(joined(LINES[-20:])))
    monkeypatch.setattr(log_tail, "LONGEST_LINE", max(map(len, LINES)))
    chance = Random(SEED)  # noqa: S311 - a repeatable choice
    for at in range(18):
        byte = len(joined(LINES[:at])) + chance.randrange(len(LINES[at]))
        for name, data in (
            (f"bit 0 of byte {byte} flipped", flipped(DATA, byte, 0)),
            (f"line {at} deleted", joined(deleted(LINES, at))),
            (f"garbage at {at}", joined(inserted(LINES, at, b"\xff"))),
            (f"line {at} swapped with the next", joined(swapped(LINES, at, at + 1))),
        ):
            recovery = Recovery(tmp_path / "logs", {1: data}, with_living_gui(LAST))
            recovery.check_evidence()
            recovery.check_verify()
            assert (recovery.said, list(recovery.after)) == ([], [1]), name
            assert [each["seq"] for each in recovery.new_records()] == [LAST + 1, LAST + 2, LAST + 3], name
            recovery.clear()


# In parts.

PARTS = whole_log_in_parts(DEAD, 40, 2)


@pytest.mark.parametrize("living", [True, False])
def test_the_last_part_of_several(tmp_path: Path, *, living: bool) -> None:
    whole = {part: joined(lines) for part, lines in enumerate(PARTS, 1)}
    damages = [(name, joined(lines)) for name, lines in edits(PARTS[1], PARTS[0], Random(SEED))]  # noqa: S311
    meet(tmp_path, damages[:: 1 if living else 5], living=living, part=2, others=whole)
