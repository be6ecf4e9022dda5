"""Forwarders that break a promise on purpose: what the simulation is worth shows by how soon it finds them.

Each of them is the project's own code with one change.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sidecar.forward import lane, logs, sender
from sidecar.forward.extent import PartFile, Stretch, Told, extent
from sidecar.forward.lane import (
    EXPECTED_ID,
    EXPECTED_SEQUENCE,
    MESSAGE_ID,
    Answer,
    Lane,
    Message,
    Position,
    Settled,
    Stored,
)
from sidecar.forward.logs import Logs
from sidecar.forward.resume import BEGINNING, Held, Resume, resume
from sidecar.forward.subject import message_id
from tests.simulation.by_seed import Mutant
from tests.simulation.forwarding import desk

_burst, _settle, _resume, _recall = Lane.burst, Lane.settle, resume, Logs.recall


def _without(*headers: str) -> Callable[..., list[Message]]:
    def burst(self: Lane, lines: Sequence[bytes]) -> list[Message]:
        return [
            each._replace(headers={name: value for name, value in each.headers.items() if name not in headers})
            for each in _burst(self, lines)
        ]

    return burst


def _of_no_host(_: str, run: str, part: int, line: int) -> str:
    return message_id("any", run, part, line)


def _moves_before_the_answer(self: Lane, answers: Sequence[Answer]) -> Settled:
    seq = max((each.seq for each in answers if isinstance(each, Stored)), default=self.position.seq)
    return _settle(self, [each if isinstance(each, Stored) else Stored(seq) for each in answers])


def _believes_the_cursor(remembered: Position | None, held: Held | None, stream_seq: int) -> Resume:
    if remembered is not None:
        return Resume(*remembered[:3], seq=held.seq if held else 0)
    return _resume(remembered, held, stream_seq)


def _never_asks(remembered: Position | None, held: Held | None, stream_seq: int) -> Resume:
    return _resume(remembered, None, stream_seq)._replace(seq=held.seq if held else 0)


def _forgets_what_was_let_go(remembered: Position | None, held: Held | None, stream_seq: int) -> Resume:
    return _resume(remembered, held, stream_seq) if held else BEGINNING


def _one_behind(remembered: Position | None, held: Held | None, stream_seq: int) -> Resume:
    return _resume(remembered, held and held._replace(line=max(held.line - 1, 1)), stream_seq)


def _newest_part_first(files: Sequence[PartFile], told: Told | None, closed: int | None) -> list[Stretch]:
    return extent(files, told, closed)[::-1]


def _all_there_is(files: Sequence[PartFile], told: Told | None, closed: int | None) -> list[Stretch]:
    return [each._replace(limit=None) for each in extent(files, told, closed)]


def _tells_at_once(self: Logs, told: dict[str, Told]) -> None:
    for run, each in told.items():
        self._tell(run, each)


def _nothing(*_: object) -> None:
    """Leaves out what is to be done."""


def _says_nothing(self: Logs, run: str) -> None:
    del self._logs[run]


def _remembers_nothing(self: Logs, _: object) -> None:
    _recall(self, [])


def _change(owner: object, name: str, value: Any) -> tuple[tuple[object, str, Any], ...]:  # noqa: ANN401 - whatever stands there
    return ((owner, name, value),)


MUTANTS = (
    Mutant("only the deduplication window keeps lines from coming twice", _change(Lane, "burst", _without(EXPECTED_SEQUENCE, EXPECTED_ID))),
    Mutant("the first of a burst demands nothing", _change(Lane, "burst", _without(EXPECTED_SEQUENCE))),
    Mutant("the others of a burst demand nothing", _change(Lane, "burst", _without(EXPECTED_ID))),
    Mutant("sent without a message id", _change(Lane, "burst", _without(MESSAGE_ID))),
    Mutant(
        "ids do not name the machine",
        (*_change(lane, "message_id", _of_no_host), *_change(desk, "message_id", _of_no_host)),
    ),
    Mutant("the cursor moves before the answer", _change(Lane, "settle", _moves_before_the_answer)),
    Mutant("the cursor is believed more than the stream", _change(sender, "resume", _believes_the_cursor)),
    Mutant("the last line in the stream is not looked at", _change(sender, "resume", _never_asks)),
    Mutant("what the stream let go is sent again", _change(sender, "resume", _forgets_what_was_let_go)),
    Mutant("goes on one line too early", _change(sender, "resume", _one_behind)),
    Mutant("the newest part goes first", _change(logs, "extent", _newest_part_first)),
    Mutant("what is not durable goes as well", _change(logs, "extent", _all_there_is)),
    Mutant("a part begun since the last look is passed over", _change(Logs, "take", _tells_at_once)),
    Mutant("what is told before the cursor is read is begun anew", _change(Logs, "recall", _nothing)),
    Mutant("what is deleted before it went is not said", _change(Logs, "_lose", _says_nothing)),
    Mutant("what was deleted while nobody looked is not said", _change(Logs, "recall", _remembers_nothing)),
)  # fmt: skip
