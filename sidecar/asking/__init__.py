"""Answers questions about logs without touching a disk: processes of its own read, and are killed when the disk hangs.

- One process answers questions one after the other, and stays for a while; another one does a job, which may take long.
- Nobody waits for an answer without end: after ANSWER_S the process is killed, and the asker hears why there is none.
- A process that cannot be killed hangs in the disk. While there is one, askers hear at once since when the disk has not
  answered, and no further process runs into it.
"""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import msgspec

from shared.questions import Answer, Bundle, NotNow, Progress, Verify, ZipPiece, decode_question, encode
from sidecar.asking.asked import Asked, Send
from sidecar.asking.job import Jobs
from sidecar.asking.killed import Killed
from sidecar.asking.process import ReaderProcess

# A page waits a little longer.
ANSWER_S = 1.0
# A new process first loads Python, beside whatever else the machine does.
START_S = 4.0
# Asked again within so long, it need not be started anew.
IDLE_S = 60.0
MOST_WAITING, MOST_WAITING_OF_ONE = 16, 4


class Asking:
    """`send` takes an asker's identity, a request id and an answer. `wake` is called from threads when `tend` has to look.

    `turned_away` counts what was no question, and what had to be refused because too many waited.
    """

    def __init__(self, directory: Path, wake: Callable[[], None], send: Send) -> None:
        self.turned_away = 0
        self._directory = directory
        self._wake = wake
        self._send = send
        self._waiting: deque[Asked] = deque()
        self._process: ReaderProcess | None = None
        self._current: Asked | None = None
        self._begun_at = 0.0
        # The process has answered a question.
        self._has_answered = False
        # Whoever asked the process that was just killed; why it was is known in a moment.
        self._unanswered: Asked | None = None
        self._killed = Killed()
        self._jobs = Jobs(directory, wake, send, self._killed)

    @property
    def is_busy(self) -> bool:
        """Whether a deadline is running."""
        return self._current is not None or self._unanswered is not None

    def ask(self, identity: bytes, request: bytes, frame: bytes) -> None:
        """Take a question; the answer comes by `send`, now or later."""
        asked = Asked(identity, request, frame)
        try:
            question = decode_question(frame)
        except msgspec.DecodeError:
            self._turn_away(asked, NotNow("unknown"))
            return
        now = monotonic()
        hung_s = self._killed.hung_s(now)
        if isinstance(question, Progress):
            self._reply(asked, self._jobs.progress(question, now))
        elif isinstance(question, ZipPiece):
            # Of memory: whatever the disk does.
            if refusal := self._jobs.hand_out(question, asked, now):
                self._turn_away(asked, refusal)
        elif hung_s:
            self._reply(asked, NotNow("hung", hung_s))
        elif isinstance(question, Verify | Bundle):
            self._reply(asked, self._jobs.begin(frame, now))
        elif len(self._waiting) >= MOST_WAITING or self._waiting_of(identity) >= MOST_WAITING_OF_ONE:
            self._turn_away(asked, NotNow("busy"))
        else:
            self._waiting.append(asked)
            self._ask_next(now)

    def tend(self) -> None:
        """Pass on what the processes said, keep the deadlines. Does nothing where nobody asks."""
        if self._process is None and not self._killed.some and not self._jobs.is_any:
            return
        now = monotonic()
        if self._process is not None:
            self._hear(self._process, now)
        self._jobs.tend(now)
        self._killed.tend()
        if self._unanswered is not None:
            self._explain(self._unanswered, now)
        self._ask_next(now)

    def close(self) -> None:
        """Kill all processes; nobody waits for their end."""
        if self._process is not None:
            self._process.kill()
        self._jobs.close()

    def _ask_next(self, now: float) -> None:
        if self.is_busy or not self._waiting:
            return
        self._current, self._begun_at = self._waiting.popleft(), now
        if self._process is None:
            self._has_answered = False
            self._process = ReaderProcess(self._directory, self._current.frame, self._wake)
        else:
            self._process.ask(self._current.frame)

    def _hear(self, process: ReaderProcess, now: float) -> None:
        # Looked at first: what it said last came before.
        is_gone = process.is_gone
        if process.answers and self._current is not None:
            self._send(self._current.identity, self._current.request, process.answers.popleft())
            self._current, self._begun_at, self._has_answered = None, now, True
        if is_gone:
            self._process = None
            if self._current is not None and self._has_answered:
                # It had ended before it was asked, by somebody's kill say; a new one is asked.
                self._waiting.appendleft(self._current)
                self._current = None
            elif self._current is not None:
                self._reply(self._current, NotNow("failed", reason=process.trouble or "Reading the log broke off"))
                self._current = None
        elif self._current is None:
            if now - self._begun_at > IDLE_S:
                process.kill()
        elif now > (max(process.ready_at, self._begun_at) + ANSWER_S if process.ready_at else self._begun_at + START_S):
            self._killed.kill(process, self._begun_at, now)
            self._unanswered, self._process, self._current = self._current, None, None

    def _explain(self, asked: Asked, now: float) -> None:
        """Say why the process was killed, once that is known."""
        if hung_s := self._killed.hung_s(now):
            for each in (asked, *self._waiting):
                self._reply(each, NotNow("hung", hung_s))
            self._waiting.clear()
        elif not self._killed.some:
            self._reply(asked, NotNow("slow"))
        else:
            return
        self._unanswered = None

    def _waiting_of(self, identity: bytes) -> int:
        return sum(each.identity == identity for each in self._waiting)

    def _turn_away(self, asked: Asked, answer: NotNow) -> None:
        self.turned_away += 1
        self._reply(asked, answer)

    def _reply(self, asked: Asked, answer: Answer) -> None:
        self._send(asked.identity, asked.request, encode(answer))
