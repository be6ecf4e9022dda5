"""Two or three damages at once, drawn by a seed: `verify` calls nothing intact that is not, a sidecar survives all of it.

A failure names its seed; the same seed draws the same damages.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from random import Random

import pytest

from tests.fault.damage import draw, joined
from tests.fault.read_once import read_each_line_once
from tests.fault.recovering import DEAD, HELD, LOGGED, Files, Recovery, with_dead_gui, with_living_gui
from tests.fault.whole_log import whole_log, whole_log_in_parts
from tests.verify.logs import check

__all__ = ["read_each_line_once"]

LINES = whole_log(DEAD, 60)
OTHER = whole_log(DEAD._replace(started=2.0), 60)
PARTS = whole_log_in_parts(DEAD, 60, 3)
WHOLE = {part: joined(lines) for part, lines in enumerate(PARTS, 1)}
LAST: int = json.loads(LINES[-1])["seq"]
SEEDS = 400


@contextmanager
def damaged(seed: int, *, in_parts: bool) -> Iterator[Files]:
    chance = Random(seed)  # noqa: S311 - a repeatable choice
    files, names = (dict(WHOLE) if in_parts else {1: joined(LINES)}), list[str]()
    for _ in range(chance.choice((2, 3))):
        part = chance.choice(list(files))
        name, files[part] = draw(chance, files[part], OTHER)
        names.append(f"part {part}: {name}")
    try:
        yield files
    except Exception as error:
        error.add_note(f"Seed {seed}: {'; '.join(names)}")
        raise


def could_be_honest(files: Files) -> bool:
    """Whether all lines but the last are those of a log, from its beginning on."""
    found = [line for data in files.values() for line in data.split(b"\n")[:-1]]
    return any(found[:-1] == log[: max(len(found) - 1, 0)] for log in (LINES, OTHER, [*chain(*PARTS)]))


@pytest.mark.parametrize("in_parts", [False, True])
def test_verify_calls_nothing_intact_but_what_could_be_honest(*, in_parts: bool) -> None:
    intact = 0
    for seed in range(SEEDS):
        with damaged(seed, in_parts=in_parts) as files:
            report = check(*files.values())
            assert report.findings or could_be_honest(files)
            intact += not report.findings
    # Two that undo each other, or that only cut.
    assert 0 < intact < SEEDS / 4


@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize("living", [True, False])
def test_a_sidecar_survives_it(tmp_path: Path, *, living: bool, in_parts: bool) -> None:
    for seed in range(0, SEEDS, 2 if living else 4):
        with damaged(seed, in_parts=in_parts) as files:
            recovery = Recovery(tmp_path / "logs", files, with_living_gui(LAST) if living else with_dead_gui)
            recovery.check_evidence()
            recovery.check_said()
            check_still_found(recovery)
            if not in_parts:
                recovery.check_accounts(LAST + HELD + LOGGED if living else 0)
            recovery.clear()


def check_still_found(recovery: Recovery) -> None:
    before, after = (check(*files.values(), numbers=list(files)) for files in (recovery.before, recovery.after))
    # Zeros behind the line from which the log goes on are told from nothing that a power cut leaves.
    is_hole = any(note.text.startswith("unfinished write") for note in after.notes)
    assert bool(before.findings) == bool(after.findings) or is_hole
