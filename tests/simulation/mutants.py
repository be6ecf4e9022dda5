"""Sidecars and GUIs that break a promise on purpose: what the simulation is worth shows by how soon it finds them.

Each of them is the project's own code with one change.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gui.audit.sender
from gui.audit.outbox import Outbox, Skip
from gui.audit.recorder import Recorder
from gui.audit.sender import Sender
from shared.wire import Ack
from sidecar.admission import Admission, Gap
from sidecar.disk import Disk
from sidecar.part_files import PartFiles
from sidecar.run import Run
from sidecar.runlog import RunLog
from tests.simulation.by_seed import Change, Mutant


def _nothing(*_: object, **__: object) -> None:
    """Leaves out what is to be done."""


# The disk.


def _fsync_only_what_was_written() -> tuple[Change, ...]:
    written: set[int] = set()
    write, fsync = Disk.write, Disk.fsync

    def noting_write(self: Disk, fd: int, data: bytes, path: Path) -> None:
        written.add(fd)
        write(self, fd, data, path)

    def seldom_fsync(self: Disk, fd: int, path: Path) -> None:
        if fd in written:
            fsync(self, fd, path)

    return (Disk, "write", noting_write), (Disk, "fsync", seldom_fsync)


def _commit_before_fsync() -> Callable[..., bytes]:
    append = RunLog.append

    def appends(self: RunLog, bodies: list[bytes], last: int, lost: int = 0) -> bytes:
        before = self.last
        self.last = max(last, before)
        return append(self, bodies, last, lost)

    return appends


# Accounting.


def _admits_what_it_has(self: Admission, seq: int) -> bool:
    if seq > self.next:
        self._ask()
    elif seq == self.next:
        self.next += 1
    self.known = max(self.known, seq)
    return seq < self.next


def _skips_one_less(self: Admission, first: int, last: int) -> Gap | None:
    if first > self.next:
        self._ask()
        return None
    if last < self.next:
        return None
    gap = Gap(self.next, max(last - 1, self.next))
    self.next = last + 1
    self.known = max(self.known, last)
    return gap


def _skips_from_first(self: Admission, first: int, last: int) -> Gap | None:
    if first > self.next:
        self._ask()
        return None
    if last < self.next:
        return None
    self.next = last + 1
    self.known = max(self.known, last)
    return Gap(first, last)


def _acknowledges_what_was_heard() -> Callable[..., Ack]:
    ack = Run._ack

    def acknowledges(self: Run, wanted: int) -> Ack:
        true = ack(self, wanted)
        return Ack(true.run, self._heard, *[getattr(true, name) for name in Ack.__struct_fields__[2:]])

    return acknowledges


def _forgets_what_it_held() -> Callable[..., None]:
    take_held = Run._take_held

    def takes(self: Run, admission: Admission) -> None:
        self._held = []
        take_held(self, admission)

    return takes


def _closes_clean() -> Callable[..., Any]:
    close = Run.close

    def closes(self: Run) -> Any:  # noqa: ANN401 - whatever the other gives
        if self.said_bye:
            self._heard = self.log.last
            if self._admission is not None:
                self._admission.known = self.log.last
        return close(self)

    return closes


# Sending.


def _goes_on(self: Sender, transmit: Callable[[bytes], bool]) -> None:
    self._transmit = transmit
    self._send_from = self.recorder.outbox.cursor


def _leaves_the_cursor(self: Outbox, durable: int, most: int = 5_000) -> bool:
    through = min(durable, self.last, self.first - 1 + most)
    while self.first <= through:
        self._forget_first(delivered=True)
    self.durable = max(self.durable, through)
    if self.cursor == through + 1:
        self.in_flight = 0
    return through >= min(durable, self.last)


def _drops_without_a_word() -> Callable[[Outbox], bytes | Skip | None]:
    following = Outbox.next

    def next_(self: Outbox) -> bytes | Skip | None:
        if self.durable < self.cursor < self.first:
            self.cursor = self.first
        return following(self)

    return next_


def _forgets_what_it_sent(sending: Callable[..., None]) -> Callable[..., None]:
    def sends(self: Outbox, *arguments: object) -> None:
        sending(self, *arguments)
        self.acknowledge(self.cursor - 1)

    return sends


def _takes_questions_for_acknowledgements() -> Callable[..., None]:
    hear = Sender._take_ack

    def hears(self: Sender, ack: Ack) -> None:
        hear(self, ack)
        if ack.wanted:
            self.recorder.acknowledge(ack.wanted, 32)

    return hears


MUTANTS = (
    Mutant("no fsync before the acknowledgement", ((Disk, "fsync", _nothing),)),
    Mutant("no fsync of the directory behind a new file", ((Disk, "fsync_directory", _nothing),)),
    Mutant("no fsync of what is taken up", _fsync_only_what_was_written()),
    Mutant("no writing again of what is taken up", ((Disk, "rewrite", _nothing),)),
    Mutant("no truncation after a failed write", ((Disk, "truncate", _nothing),)),
    Mutant("the number moves before the fsync", ((RunLog, "append", _commit_before_fsync()),)),
    Mutant("a duplicate is taken for new", ((Admission, "admit", _admits_what_it_has),)),
    Mutant("a gap ends one too early", ((Admission, "skip", _skips_one_less),)),
    Mutant("a gap begins at what is there already", ((Admission, "skip", _skips_from_first),)),
    Mutant("what was heard is acknowledged", ((Run, "_ack", _acknowledges_what_was_heard()),)),
    Mutant("what is missing is never asked for", ((Admission, "_ask", _nothing),)),
    Mutant("a Hello does not allow to ask again", ((Admission, "greet", _nothing),)),
    Mutant("what was held while the disk refused is forgotten", ((Run, "_take_held", _forgets_what_it_held()),)),
    Mutant("a goodbye is believed although events are missing", ((Run, "close", _closes_clean()),)),
    Mutant("what earlier sidecars declared lost is not counted", ((PartFiles, "count_lost", lambda *_: 0),)),
    Mutant("no rewind for a new sidecar", ((Sender, "connect", _goes_on),)),
    Mutant("the cursor stays behind an acknowledgement", ((Outbox, "acknowledge", _leaves_the_cursor),)),
    Mutant("what the outbox drops is not declared", ((Outbox, "next", _drops_without_a_word()),)),
    Mutant(
        "what is sent is forgotten",
        tuple((Outbox, sending.__name__, _forgets_what_it_sent(sending)) for sending in (Outbox.put, Outbox.sent)),
    ),
    Mutant(
        "what is asked for is taken for acknowledged", ((Sender, "_take_ack", _takes_questions_for_acknowledgements()),)
    ),
    Mutant("what is asked for once is given up", ((gui.audit.sender, "WANTED_TRIES", 1),)),
    Mutant("what nobody can read is never given up", ((Recorder, "refuse", _nothing),)),
    Mutant("no progress is not noticed", ((Sender, "_note_no_progress", _nothing),)),
)
