"""Ways to make a sidecar hang: in each operation of the file system, at start-up and in the middle."""

import errno
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from shared.naming import Directories
from tests.fault.mount import Mount
from tests.stack.running import Stack
from tests.support.processes import Pair, Producer, Sidecar

# Events logged before the hang.
BEFORE = 10
# Parts of less than one event: a log goes on in its next part with each batch.
SMALL_PARTS = ["env", "DATATOOLS_AUDIT_PART_BYTES=1024"]
LARGE_EVENT = 1024


class Bench:
    """A mount with a producer, and mostly a sidecar, of its own."""

    sidecar: Sidecar
    producer: Producer

    def __init__(self, mount: Mount, pair: Pair) -> None:
        self.mount, self.pair = mount, pair
        # How many events the producer has logged, and how many bytes each has beside its message.
        self.logged, self.size = 0, 0

    def log(self, events: int) -> None:
        """Log so many events more. It returns, so no call waited."""
        self.producer.ask("log", self.logged + 1, self.logged + events, self.size)
        self.logged += events

    @contextmanager
    def stack(self, gui: str) -> Iterator[Stack]:
        """honcho with a GUI and a keeper, instead of the producer and the sidecar."""
        stack = Stack(Directories(self.pair.audit, self.pair.run_dir), self.pair.root, gui)
        try:
            yield stack
        finally:
            stack.close()

    @property
    def backing(self) -> Path:
        """The directory of the logs, where looking at it never hangs."""
        return self.mount.backing / "logs"


@contextmanager
def bench(root: Path) -> Iterator[Bench]:
    """A bench whose mount lies in `root`."""
    root.mkdir(exist_ok=True)
    with ExitStack() as stack:
        pair, mount = Pair(stack), Mount(root)
        pair.audit = mount.path / "logs"
        try:
            yield Bench(mount, pair)
        finally:
            # First: a process that hangs in there would be waited for in vain.
            mount.close()


class Scenario(NamedTuple):
    """`operation` of the file system hangs, `moment` says when; the sidecar has its own word for the call.

    After `prepare` the hang is ordered; `provoke` makes the sidecar run into it.
    """

    operation: str
    moment: str
    word: str
    prepare: Callable[[Bench], None]
    provoke: Callable[[Bench], None]

    @property
    def name(self) -> str:
        return f"{self.operation} {self.moment}"


def nothing_yet(bench: Bench) -> None:
    bench.producer = bench.pair.producer()
    bench.log(BEFORE)


def running(bench: Bench) -> None:
    bench.sidecar = bench.pair.ready_sidecar()
    nothing_yet(bench)
    bench.producer.wait_for_durable(BEFORE)


def running_with_small_parts(bench: Bench) -> None:
    bench.pair.prefix, bench.size = SMALL_PARTS, LARGE_EVENT
    running(bench)


def a_log_is_there(bench: Bench) -> None:
    running(bench)
    bench.sidecar.kill()
    assert bench.sidecar.wait() == -signal.SIGKILL


def a_torn_log_is_there(bench: Bench) -> None:
    a_log_is_there(bench)
    with (bench.backing / bench.producer.log.name).open("ab") as log:
        log.write(b'{"ts":"2026')


def another_run_has_ended_and_its_directory_is_gone(bench: Bench) -> None:
    bench.sidecar = bench.pair.ready_sidecar()
    ended = bench.pair.producer()
    ended.ask("log", 1, BEFORE)
    assert ended.end() == 0
    bench.pair.wait_for_closing(ended.log)
    shutil.move(bench.backing, bench.mount.backing / "moved away")


def start(bench: Bench) -> None:
    bench.sidecar = bench.pair.ready_sidecar()


def log_one(bench: Bench) -> None:
    bench.log(1)


def fail_to_write_one(bench: Bench) -> None:
    """It opens the file again, looks at it, and cuts off what may have got into it."""
    bench.mount.fail("write", errno.EIO, times=1)
    bench.log(1)


def say_hello(bench: Bench) -> None:
    nothing_yet(bench)


def say_hello_too(bench: Bench) -> None:
    bench.pair.producer().ask("log", 1, 1)
    bench.log(1)


AT_START_UP, IN_THE_MIDDLE = "at start-up", "in the middle"

SCENARIOS = [
    Scenario("getattr", AT_START_UP, "getattr", nothing_yet, start),
    Scenario("mkdir", AT_START_UP, "mkdir", nothing_yet, start),
    Scenario("fsyncdir", AT_START_UP, "fsync", nothing_yet, start),
    Scenario("readdir", AT_START_UP, "readdir", nothing_yet, start),
    Scenario("create", AT_START_UP, "open", nothing_yet, start),
    Scenario("write", AT_START_UP, "write", nothing_yet, start),
    Scenario("fsync", AT_START_UP, "fsync", nothing_yet, start),
    Scenario("open", AT_START_UP, "open", a_log_is_there, start),
    Scenario("read", AT_START_UP, "read", a_log_is_there, start),
    Scenario("truncate", AT_START_UP, "truncate", a_torn_log_is_there, start),
    Scenario("getattr", IN_THE_MIDDLE, "getattr", running, log_one),
    Scenario("mkdir", IN_THE_MIDDLE, "mkdir", another_run_has_ended_and_its_directory_is_gone, say_hello),
    Scenario("fsyncdir", IN_THE_MIDDLE, "fsync", running_with_small_parts, log_one),
    Scenario("readdir", IN_THE_MIDDLE, "readdir", running, say_hello_too),
    Scenario("create", IN_THE_MIDDLE, "open", running_with_small_parts, log_one),
    Scenario("write", IN_THE_MIDDLE, "write", running, log_one),
    Scenario("fsync", IN_THE_MIDDLE, "fsync", running, log_one),
    Scenario("open", IN_THE_MIDDLE, "open", running, fail_to_write_one),
    Scenario("read", IN_THE_MIDDLE, "read", running, fail_to_write_one),
    Scenario("truncate", IN_THE_MIDDLE, "truncate", running, fail_to_write_one),
    Scenario("flush", IN_THE_MIDDLE, "close", running_with_small_parts, log_one),
]
