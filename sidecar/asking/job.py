"""What takes long: one job at a time, in a process of its own. Who asks for the one that is on its way joins it.

A zip that comes of a job waits in the process that made it, and ends with it: whoever is killed, no copy of a log is left anywhere.
"""

import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from shared.questions import Job, NotNow, Piece, Progress, ZipPiece, decode_answer, encode
from sidecar.asking.asked import Asked, Send
from sidecar.asking.killed import Killed
from sidecar.asking.process import ReaderProcess

# Nobody asks about it any more: the page was closed.
FORGOTTEN_S = 30.0
# Who asks for another job need not wait for one that nobody looked at for so long.
LEFT_S = 5.0
# A piece of a zip is in memory: only a process that was stopped takes so long.
PIECE_S = 4.0
MOST_WAITING = 16


@dataclass
class _Work:
    question: bytes
    process: ReaderProcess
    state: Job
    told_at: float
    asked_at: float
    # Pieces asked for; the process has been asked for the first one.
    pieces: deque[tuple[ZipPiece, Asked]] = field(default_factory=deque)

    @property
    def is_waited_for(self) -> bool:
        """Whether something still comes of it."""
        return not self.state.is_over or self.state.zip is not None


class Jobs:
    """Begins jobs, knows how far the last one is, and gives it up when nobody asks."""

    def __init__(self, directory: Path, wake: Callable[[], None], send: Send, killed: Killed) -> None:
        self._directory = directory
        self._wake = wake
        self._send = send
        self._killed = killed
        self._work: _Work | None = None

    @property
    def is_any(self) -> bool:
        """Whether there is a job, or the result of one."""
        return self._work is not None

    def begin(self, question: bytes, now: float) -> Job | NotNow:
        """Begin the job, or join it when it is on its way."""
        work = self._work
        if work is not None and work.is_waited_for:
            is_left = now - work.asked_at > LEFT_S
            # A zip that nobody fetched is of a log that may have grown.
            if work.question == question and not (work.state.is_over and is_left):
                return self._state(work, now)
            if not is_left:
                return NotNow("busy")
            self._give_up(work, now)
        process = ReaderProcess(self._directory, question, self._wake)
        self._work = _Work(question, process, Job(secrets.token_hex(8), 0, 0), now, now)
        return self._work.state

    def progress(self, question: Progress, now: float) -> Job | NotNow:
        """How far the job is."""
        if self._work is None or self._work.state.job != question.job:
            return NotNow("gone")
        return self._state(self._work, now)

    def hand_out(self, question: ZipPiece, asked: Asked, now: float) -> NotNow | None:
        """Answer with a piece of the job's zip, in a moment; what is returned says why not."""
        work = self._work
        if work is None or work.state.job != question.job or work.state.zip is None:
            return NotNow("gone")
        if len(work.pieces) >= MOST_WAITING:
            return NotNow("busy")
        work.pieces.append((question, asked))
        work.asked_at = now
        if len(work.pieces) == 1:
            self._ask_for_piece(work, now)
        return None

    def tend(self, now: float) -> None:
        """Hear the process, and give the job up when nobody asks."""
        if (work := self._work) is None:
            return
        # Looked at first: what it said last came before.
        is_gone = work.process.is_gone
        while work.process.answers and not work.state.is_over:
            self._hear(work, work.process.answers.popleft(), now)
        if is_gone and not work.state.is_over:
            work.state = replace(work.state, trouble=work.process.trouble or "Reading the log broke off")
        if work.state.zip is not None:
            self._pass_on(work, now)
            if is_gone or (work.pieces and now - work.told_at > PIECE_S):
                self._give_up(work, now)
        if now - work.asked_at > FORGOTTEN_S:
            self._give_up(work, now)

    def close(self) -> None:
        """Kill the process."""
        if self._work is not None:
            self._work.process.kill()

    def _hear(self, work: _Work, frame: bytes, now: float) -> None:
        work.told_at = now
        match decode_answer(frame):
            case Job() as told:
                work.state = replace(told, job=work.state.job)
            case NotNow(reason=reason):
                work.state = replace(work.state, trouble=reason or "The log cannot be read")
            case _:
                # No job answers so.
                work.state = replace(work.state, trouble="Not the answer to this question")
        if work.state.is_over and work.state.zip is None:
            work.process.kill()

    def _ask_for_piece(self, work: _Work, now: float) -> None:
        work.told_at = now
        work.process.ask(work.pieces[0][1].frame)

    def _pass_on(self, work: _Work, now: float) -> None:
        if not work.process.answers or not work.pieces:
            return
        frame = work.process.answers.popleft()
        question, asked = work.pieces.popleft()
        self._send(asked.identity, asked.request, frame)
        answer = decode_answer(frame)
        size = work.state.zip.size if work.state.zip else 0
        if not isinstance(answer, Piece) or question.skip + len(answer.piece) >= size:
            self._give_up(work, now)
        elif work.pieces:
            self._ask_for_piece(work, now)

    def _state(self, work: _Work, now: float) -> Job:
        work.asked_at = now
        return work.state if work.state.is_over else replace(work.state, silent_s=now - work.told_at)

    def _give_up(self, work: _Work, now: float) -> None:
        for _, asked in work.pieces:
            self._send(asked.identity, asked.request, encode(NotNow("gone")))
        work.pieces.clear()
        if not work.process.is_gone:
            self._killed.kill(work.process, work.told_at, now)
        self._work = None
