"""Checks a part by itself, without the lines before it, which may be checked at the same time elsewhere. Pure.

It finds no damage: where anything is not as it should be, only `check` can say what.
"""

from collections.abc import Container

from sidecar.verify.check import Part, beginning
from sidecar.verify.clean import count_clean
from sidecar.verify.line import Line, read_line
from sidecar.verify.report import Alone, Report


def check_alone(part: Part, stops: Container[str]) -> Alone | None:
    """What a part is whose lines all go on where the one before ends; None for any other.

    None, too, when the hash of one of its lines is in `stops`. Raises only what reading raises.
    """
    first, _ = beginning(part)
    if first.record and first.record.repaired_bytes is not None:
        # A log is as open behind a repair as it was before.
        return None
    before = Line("", 0, first.prev, "", first.first, first.first - 1)
    report = Report()
    number = 0
    for lines, complete in part.read():
        at = 0
        while at < len(lines):
            clean = count_clean(lines, at, before, stops) if complete else 0
            at += clean or 1
            number += clean or 1
            line = read_line(lines[at - 1], part.file, number)
            if clean:
                report.count_events(clean, line)
            elif (
                not complete
                or line.bad
                or (line.prev, line.first) != (before.hash, before.last + 1)
                or line.hash in stops
            ):
                return None
            else:
                report.count(line, "")
            before = line
    return Alone(first.prev, first.first, before, report) if number else None
