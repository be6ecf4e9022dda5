"""One life of the sidecar: the project's own server, writer and backlog; simulated are sockets, threads and time.

The writer runs as it is. Whenever it would wait, for frames, for the disk or before it tries again, time passes, and in it
happens whatever else is due: the turns of the main thread and of the GUIs, and the end of this process.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from shared.naming import Directories
from shared.wire import TAIL_TOPIC, Ack, decode_downstream
from sidecar.descriptors import MAX_RUNS, Room
from sidecar.disk import Disk
from sidecar.limits import Limits
from sidecar.publisher import Publisher
from sidecar.run import Written
from sidecar.server import ABANDON_S, END_S, Server
from tests.fault.power_cut.forgetful import ForgetfulSystem, ProcessEndedError
from tests.fault.power_cut.world import AUDIT
from tests.simulation.clock import Turns
from tests.simulation.network import Network, Pull
from tests.simulation.plan import HELD_ALL, Plan
from tests.simulation.received import Received
from tests.simulation.standins import Abandon, Filled, NoGate, Output, Poller

if TYPE_CHECKING:
    import zmq

    from sidecar.listener import Listener

RUN_DIRECTORY = Path("/run/user/1000/datatools")
Tell = Callable[[str], None]


class Sidecar(Server):
    """`reports` are what the writer said to be durable. `check` is called before an acknowledgement goes out."""

    def __init__(
        self, plan: Plan, network: Network, system: ForgetfulSystem, tell: Tell, check: Callable[[Ack], None]
    ) -> None:
        clock = network.clock
        super().__init__(
            Directories(AUDIT, RUN_DIRECTORY),
            "ipc",
            Room(0, MAX_RUNS),
            Limits(plan.part_bytes),
            Disk(lambda: clock.now, system),
            Output(tell),
        )
        self.reports: list[Written] = []
        self.received = Received(holds_all=plan.held_bytes == HELD_ALL)
        self.power_is_cut = False
        self.left_behind = 0
        self._clock = clock
        self._network = network
        self._tell = tell
        self._check = check
        self._is_dead = self._is_over = self._is_in_a_call = False
        self._paused_until = 0.0
        self._turns = Turns(clock, self._have_turn)
        self._pull = Pull(self.wake)
        self._events = cast("zmq.Socket[bytes]", self._pull)
        self._publisher = Publisher(cast("zmq.Socket[bytes]", self))
        self._listener = cast("Listener", NoGate())
        # Nobody asks.
        self._ask = cast("zmq.Socket[bytes]", object())
        self._poller = cast("zmq.Poller", Poller(self._pull))
        self._filled = self._backlog._filled = Filled(self._wait)
        self._backlog._max_bytes = plan.backlog_bytes
        self._writer.abandon = Abandon(self._wait)
        self._note_what_is_received()

    @property
    def name(self) -> str:
        return self._id

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to end."""
        return self._stop_at is not None

    @property
    def has_closed_all(self) -> bool:
        """Whether no run is open, and every log that it found was looked at. One that was killed in a call does nothing more."""
        if self._is_dead:
            return False
        return self._filled.was_waited_for and not self._writer.runs and not self._writer._unfinished.is_busy

    @property
    def is_refused(self) -> bool:
        """Whether the disk refuses something, as far as the writer knows."""
        return self._writer.failure is not None

    def live(self) -> bool:
        """All of it. Returns whether it ended as it was told to; otherwise its process was killed."""
        self._network.listen(self._pull)
        self._turns.due(self._clock.now)
        try:
            self._writer.run()
        except ProcessEndedError:
            return False
        else:
            self._publish_last()
        finally:
            self._is_over = True
            self._network.go_down()
            self.close()
        return True

    # What happens to it.

    def kill(self, *, cut_power: bool = False) -> None:
        """`kill -9`. A process that hangs in the disk is gone when the call returns."""
        where = " in a call" if self._is_in_a_call else ""
        self._tell("The power is cut" if cut_power else f"The sidecar is killed{where}")
        self._is_dead = True
        self.power_is_cut |= cut_power

    def pause(self, seconds: float) -> None:
        """SIGSTOP, and SIGCONT after a while."""
        self._paused_until = self._clock.now + seconds

    def resume(self) -> None:
        """Nothing holds it up any more, neither SIGSTOP nor the disk."""
        self._paused_until = 0.0
        self._is_in_a_call = False

    def stop(self) -> None:
        """SIGTERM, once."""
        if self._stop_at is None:
            self._tell("The sidecar is told to end")
            self.request_stop()

    # What its writer waits for.

    def call(self, seconds: float) -> bool:
        """A call to the disk takes so long. Returns whether the process is still there then."""
        self._is_in_a_call = True
        # The call of a killed process returns, too; a machine without power returns nothing.
        self._clock.run(self._clock.now + seconds, lambda: self.power_is_cut or not self._is_in_a_call)
        self._is_in_a_call = False
        self._be_paused()
        return not self._is_dead

    def _wait(self, seconds: float, is_enough: Callable[[], bool]) -> None:
        self._clock.run(self._clock.now + seconds, lambda: self._is_dead or is_enough())
        self._be_paused()
        if self._is_dead:
            raise ProcessEndedError

    def _be_paused(self) -> None:
        while self._paused_until > self._clock.now and not self._is_dead:
            self._clock.run(self._paused_until, lambda: self._is_dead or not self._paused_until)

    # Its main thread.

    def wake(self) -> None:
        if not self._is_over:
            self._turns.due(self._clock.now)

    def _have_turn(self) -> None:
        if self._is_dead or self._is_over:
            return
        if self._clock.now < self._paused_until:
            self._turns.due(self._paused_until)
        elif self._is_drained():
            self._backlog.end()
            self._clock.at((self._stop_at or 0.0) + END_S, self._give_up)
        else:
            self.turn()
            self._turns.due(self._clock.now + self._poll_ms() / 1000)

    def _give_up(self) -> None:
        """As `shutdown` does when the writer takes too long."""
        if not self._is_over:
            self._writer.abandon.set()
            self._clock.after(ABANDON_S, lambda: None if self._is_over else self.kill())

    def _publish_last(self) -> None:
        self._publish_reports()
        self._publisher.acknowledge_due(math.inf)
        self.left_behind = self._writer.count_left_behind()

    def _take_report(self, written: Written) -> None:
        self.reports.append(written)
        self.received.check(written)
        super()._take_report(written)

    def _note_what_is_received(self) -> None:
        receive = self._writer._receive

        def noting(frame: bytes) -> None:
            self.received.note(frame)
            receive(frame)

        self._writer._receive = noting  # type: ignore[method-assign]

    # Its PUB socket.

    def send_multipart(self, parts: tuple[bytes, ...], _flags: int) -> None:
        topic, frame = parts[0], parts[-1]
        if topic == TAIL_TOPIC:
            return
        message = decode_downstream(frame)
        if isinstance(message, Ack):
            self._check(message)
        self._network.publish(topic, frame)
