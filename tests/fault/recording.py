"""A sidecar and one run that it records; what has been logged so far, and what is said when there is trouble."""

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

import psutil

from tests.fault.saying import panel, said_of, told_by_status
from tests.fault.telling import told_by
from tests.log.reading import parts_of
from tests.support import logs
from tests.support.processes import Answer, Pair, Producer, Sidecar
from tests.support.waiting import until


class Recording:
    """Its sidecar and producer are ready; `last` is the last number logged, `durable` the last one seen acknowledged."""

    def __init__(self, pair: Pair, sidecar: Sidecar | None = None) -> None:
        self.pair = pair
        self.sidecar: Sidecar = sidecar or pair.sidecar()
        self.producer: Producer = pair.producer()
        self.sidecar.wait_ready()
        self.last = self.durable = 0
        self._episodes = 0

    @classmethod
    def several(cls, pair: Pair, number: int) -> list[Self]:
        """So many runs that one sidecar records."""
        sidecar = pair.sidecar()
        with ThreadPoolExecutor(4) as starters:
            return list(starters.map(lambda _: cls(pair, sidecar), range(number)))

    @property
    def log_file(self) -> Path:
        return self.producer.log

    @property
    def parts(self) -> list[Path]:
        return [path for path in parts_of(self.pair.audit) if self.producer.run in path.name]

    def part(self, number: int) -> Path:
        return self.log_file if number == 1 else self.log_file.with_suffix(f".{number}.jsonl")

    def log(self, events: int = 1, size: int = 0) -> None:
        """Log so many more, each with an extra of `size` bytes."""
        self.producer.ask("log", self.last + 1, self.last + events, size)
        self.last += events

    def wait_durable(self) -> Answer:
        """Wait until all that was logged is acknowledged."""
        self.durable = self.last
        return self.producer.wait_for_durable(self.last)

    def write(self, events: int = 1, size: int = 0) -> None:
        """Log so many more and wait until they are acknowledged."""
        self.log(events, size)
        self.wait_durable()

    def kill_sidecar(self) -> None:
        self.sidecar.kill()
        self.sidecar.wait()

    def start_sidecar(self) -> None:
        self.sidecar = self.pair.ready_sidecar()
        self._episodes = 0

    def pause_sidecar(self) -> None:
        """Keep it from looking until `go_on`: what the test does meanwhile happens at once for it."""
        self.sidecar.signal(signal.SIGSTOP)
        stopped = psutil.Process(self.sidecar.pid)
        until(lambda: stopped.status() == psutil.STATUS_STOPPED, "the sidecar stopped")

    def go_on(self) -> None:
        self.sidecar.signal(signal.SIGCONT)

    # What is said.

    def check_failing(self, reason: str, file: Path) -> None:
        """A trouble begins: the sidecar's output says so once, and so do all others."""
        self._episodes += 1
        self.wait_said("Disk failing:", self._episodes)
        assert said_of(self.sidecar.err, "Disk failing:")[-1] == (
            f"Disk failing: {file}: {reason}. Events wait; it is tried again until it works."
        )
        self.check_shown(reason, file)

    def check_shown(self, reason: str, file: Path) -> None:
        """Panel and `status` name the error, the file and what to do, and nothing more is acknowledged."""
        self.producer.wait_for_status("reason", reason)
        status = self.producer.wait_for_status("file", str(file))
        assert (status["state"], status["reason"]) == ("failing", reason)
        assert status["durable"] == self.durable
        assert status["pending"] + status["dropped"] == self.last - self.durable
        assert f"`{file}`: {reason}." in panel(status)
        said = told_by_status(self.pair)[0]
        assert said.startswith("Failing for ")
        assert said.endswith(f": {file}: {reason}")

    def check_recovered(self) -> None:
        """Everything is acknowledged by itself, and the end of each trouble was said once, as was its beginning."""
        self.wait_durable()
        self.wait_said("Disk recovered after", self._episodes)
        assert len(said_of(self.sidecar.err, "Disk failing:")) == self._episodes
        assert self.producer.wait_for_state("recording")["pending"] == 0

    def wait_said(self, words: str, times: int) -> None:
        sidecar = self.sidecar
        until(
            lambda: len(said_of(sidecar.out + sidecar.err, words)) >= times,
            lambda: f"{words!r} {times} times in {sidecar.out} and {sidecar.err}",
        )
        assert len(said_of(sidecar.out + sidecar.err, words)) == times

    # What is written.

    def check_all_written_once(self) -> list[logs.Record]:
        """One file with every event once, in order, and none lost."""
        assert self.parts == [self.log_file]
        records = logs.read(self.log_file)
        assert logs.messages(records) == [f"event {number}" for number in range(1, self.last + 1)]
        assert self.producer.status()["lost"] == 0
        return records

    def told(self) -> list[str]:
        """What the parts say of each number, from 1 on: `event`, or why it is lost."""
        told = told_by(self.parts)
        assert len(told) == self.last
        return told
