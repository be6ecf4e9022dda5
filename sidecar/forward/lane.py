"""The way of one run's lines into the stream: what each message demands of the stream, and what its answers mean. Pure.

- Lines go in bursts: a burst is sent without waiting, the next one when all of it was answered, or nothing came in time.
- The first message of a burst demands the sequence number of the run's last line in the stream, which is known exactly.
  Each further one demands that the stream's last message is the line before it. So when one is refused or lost, the server
  refuses all behind it, and nothing that is late, of a broken connection or of a forwarder that died, gets in out of order
  or twice: this does not hang on the deduplication window.
- Who else writes to the stream may get in between; the rest of the burst is refused then, and sent again in a shorter one.
  A burst of one line is never refused for that.
"""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from sidecar.forward.subject import message_id

MESSAGE_ID = "Nats-Msg-Id"
EXPECTED_STREAM = "Nats-Expected-Stream"
EXPECTED_SEQUENCE = "Nats-Expected-Last-Subject-Sequence"
EXPECTED_ID = "Nats-Expected-Last-Msg-Id"

# JetStream's error codes (server/errors.json of nats-server).
WRONG_LAST_ID, WRONG_LAST_SEQUENCE = 10070, 10071

MAX_WIDTH, FIRST_WIDTH = 256, 16


class Position(NamedTuple):
    """How far a log is forwarded: `line` lines of `part`, which end at byte `offset`.

    `seq` is the sequence number of the last one in the stream, 0 where it holds none of the run.
    """

    part: int = 1
    line: int = 0
    offset: int = 0
    seq: int = 0


class Message(NamedTuple):
    """What is published; `body` is a line without its newline."""

    headers: dict[str, str]
    body: bytes


class Stored(NamedTuple):
    """The stream holds the line, under this sequence number."""

    seq: int


class Refused(NamedTuple):
    """The stream does not take it. `code` is JetStream's, 0 where it gave none."""

    code: int
    reason: str


class Unanswered(NamedTuple):
    """Nothing came in time, or the connection broke: it may be stored or not."""

    reason: str


Answer = Stored | Refused | Unanswered


class Next(Enum):
    """What to do next: send on; ask the stream for the last line of the run; wait for a while, and then ask."""

    GO_ON = "go on"
    ASK = "ask"
    WAIT = "wait"


class Settled(NamedTuple):
    """What became of a burst: `moved` lines are in the stream. `reason` says why to wait."""

    moved: int
    next: Next
    reason: str = ""


class Lane:
    """One run's. `begin` it with what the stream holds, then by turns `burst` and `settle`."""

    def __init__(self, host: str, run: str, stream: str, most: int = MAX_WIDTH) -> None:
        self.position = Position()
        self.width = min(FIRST_WIDTH, most)
        self._host = host
        self._run = run
        self._stream = stream
        self._most = most
        self._sent: list[int] = []
        # Asked, and refused all the same without a line in between.
        self._is_doubted = False

    def begin(self, position: Position) -> None:
        """What was forwarded, as the stream says."""
        self.position = position
        self._sent = []

    def go_to(self, part: int) -> None:
        """The next line is the first one of `part`."""
        self.position = Position(part, 0, 0, self.position.seq)

    def burst(self, lines: Sequence[bytes]) -> list[Message]:
        """The messages for `lines`, at most `width` of them, which come without their newlines and follow `position`."""
        part, line, _, seq = self.position
        self._sent = [len(body) + 1 for body in lines]
        messages = []
        for number, body in enumerate(lines, line + 1):
            headers = {MESSAGE_ID: self._id(part, number), EXPECTED_STREAM: self._stream}
            if number == line + 1:
                headers[EXPECTED_SEQUENCE] = str(seq)
            else:
                headers[EXPECTED_ID] = self._id(part, number - 1)
            messages.append(Message(headers, body))
        return messages

    def settle(self, answers: Sequence[Answer]) -> Settled:
        """Take the answers to the last burst, one for each message. Only a stretch without a hole counts."""
        moved, seq = 0, self.position.seq
        for answer in answers:
            if not isinstance(answer, Stored):
                break
            moved, seq = moved + 1, answer.seq
        sent, self._sent = self._sent, []
        part, line, offset, _ = self.position
        self.position = Position(part, line + moved, offset + sum(sent[:moved]), seq)
        if moved:
            self._is_doubted = False
        if moved == len(sent):
            self.width = min(2 * self.width, self._most)
            return Settled(moved, Next.GO_ON)
        return self._refused(moved, answers[moved])

    def _id(self, part: int, line: int) -> str:
        return message_id(self._host, self._run, part, line)

    def _refused(self, moved: int, answer: Answer) -> Settled:
        match answer:
            case Refused(code=code) if code == WRONG_LAST_ID and moved:
                # Somebody else's message came between.
                self.width = max(self.width // 2, 1)
                return Settled(moved, Next.GO_ON)
            case Refused(code=code, reason=reason) if code == WRONG_LAST_SEQUENCE and not moved:
                if self._is_doubted:
                    return Settled(moved, Next.WAIT, reason)
                self._is_doubted = True
                return Settled(moved, Next.ASK)
            case Refused(reason=reason) | Unanswered(reason=reason):
                return Settled(moved, Next.WAIT, reason)
        raise AssertionError(answer)
