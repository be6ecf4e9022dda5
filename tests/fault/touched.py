"""A run whose log somebody touched, and what must hold of it afterwards."""

from typing import NamedTuple

from tests.fault.recording import Recording
from tests.fault.saying import panel, said_of, told_by_status
from tests.fault.telling import EVENT, MISSING, first_line
from tests.fault.touches import Touch, delete, evidence
from tests.support.waiting import until


class Touched(NamedTuple):
    """A run, the part of its log that was touched when it held five events, and how that looked then."""

    touch: Touch
    recording: Recording
    number: int
    evidence: tuple[object, ...]

    @property
    def said(self) -> list[str]:
        return said_of(self.recording.sidecar.err, self.recording.producer.run)

    def said_once(self, words: str) -> str:
        """The one line that has `words` in it; it is printed a moment after it is true."""
        until(lambda: said_of(self.said, words), f"{words!r} said")
        [said] = said_of(self.said, words)
        return said

    def check_told(self) -> None:
        """What was acknowledged and is gone is a gap; it is counted, and said by the sidecar and by the panel."""
        lost = 5 - self.touch.left
        assert self.recording.told() == [EVENT] * self.touch.left + [MISSING] * lost + [EVENT] * 2
        status = self.recording.producer.wait_for_state("recording")
        assert status["lost"] == lost
        if lost:
            assert f"{lost} event" in self.said_once(MISSING)
        assert (f"{lost} event" in panel(status)) == (lost > 0)

    def check_left_alone(self, what: str) -> None:
        """The file is as it was left, and the log goes on beside it: said once, and by panel and `status`."""
        log, following = self.recording.part(self.number), self.recording.part(self.number + 1)
        assert evidence(log) == self.evidence
        said = self.said_once(f"the log goes on in {following.name}")
        left = "" if self.touch.do is delete else "it is left as it is, and "
        assert said.startswith(f"Log {log.name} {what}")
        assert f"; {left}the log goes on in {following.name}" in said
        assert first_line(following)["continues"].startswith(f"{log.name} {what}")
        status = self.recording.producer.wait_for_status("notice", said)
        assert status["log_path"] == str(following)
        assert f"{said}. Keep these files; `python -m sidecar verify` says what is wrong with them." in panel(status)
        assert said in "\n".join(told_by_status(self.recording.pair))

    def check_taken_up(self) -> None:
        """It looks like a crash, or is gone: the log goes on in its own file; a torn line is cut, which is said."""
        log = self.recording.log_file
        assert self.recording.parts == [log]
        content = self.evidence[-1]
        torn = len(content.rpartition(b"\n")[2]) if isinstance(content, bytes) else 0
        if torn:
            assert self.said_once(log.name) == f"Log {log.name}: cut a torn last line of {torn} bytes"
        else:
            assert said_of(self.said, log.name) == []

    def check_verified(self, printed: list[str], damage: str) -> None:
        """`verify` calls the damage by its name, if there is any, and checks what is left of the log."""
        run = self.recording.producer.run
        [summary] = [line for line in printed if line.startswith(run)]
        assert f": {'damaged' if damage else 'intact'}, " in summary, printed
        assert not damage or said_of(said_of(printed, run), f": {damage}: "), printed


def touch_part(touch: Touch, recording: Recording, number: int = 1) -> Touched:
    part = recording.part(number)
    touch.do(part)
    return Touched(touch, recording, number, evidence(part))
