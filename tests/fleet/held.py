"""A stream in memory: what a server holds, to be surveyed and checked without one."""

from collections.abc import Iterator, Sequence

from shared.chain import format_time
from sidecar.fleet.check import Wanted, check_run
from sidecar.fleet.message import Message
from sidecar.fleet.survey import RunSurvey, Survey
from sidecar.verify.report import Report
from tests.verify.logs import RUN, START, closing, events, gap, opening, sealed

HOST = "desk"
SUBJECT = f"audit.{HOST}.{RUN}"


class Held:
    """Messages by their sequence, which counts from 1; `reads` counts what was given out."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.reads = 0

    def put(self, body: bytes, message_id: str, subject: str = SUBJECT) -> None:
        stored = format_time(START + len(self.messages) * 1_000_000)
        self.messages.append(Message(len(self.messages) + 1, stored, subject, message_id, body))

    def delete(self, *sequences: int) -> None:
        self.messages = [each for each in self.messages if each.sequence not in sequences]

    def read(self, subject: str, first: int, last: int) -> Iterator[Message]:
        for message in self.messages:
            if message.subject == subject and first <= message.sequence <= last:
                self.reads += 1
                yield message

    def survey(self) -> list[RunSurvey]:
        survey = Survey("audit")
        for message in self.messages:
            survey.take(message)
        return survey.finish()

    def check(self, wanted: Wanted | None = None) -> Report:
        """Check the one run that is held."""
        [run] = self.survey()
        return check_run(run, self.read, wanted or Wanted())


def lines(count: int = 20) -> list[bytes]:
    """A run of `count` events and a gap, closed."""
    return sealed([opening(), *events(1, count), gap(count + 1, count + 3), closing(count + 3, lost=3)])


def two_parts(first: int = 10, second: int = 10) -> tuple[list[bytes], list[bytes]]:
    """The same over two parts."""
    whole = sealed([opening(), *events(1, first), opening(first, part=2), *events(first + 1, first + second)])
    return whole[: first + 1], whole[first + 1 :]


def message_id(line: int, part: int = 1) -> str:
    return f"{HOST}.{RUN}.{part}.{line}"


def held(bodies: Sequence[bytes], part: int = 1) -> Held:
    """These lines, each once, in their order."""
    stream = Held()
    for number, body in enumerate(bodies, 1):
        stream.put(body, message_id(number, part))
    return stream
