"""From a call into the outbox: whatever interrupts it, nothing is lost, doubled or left locked."""

import contextlib
import gc
import itertools
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType, ModuleType

import pytest

import gui.audit
import gui.audit.outbox
import gui.audit.recorder
from gui.audit.client import UNRECORDED, Client
from gui.audit.coerce import MAX_MESSAGE
from gui.audit.frame import encode_event
from gui.audit.outbox import Outbox
from gui.audit.recorder import Recorder
from shared.naming import Directories
from shared.wire import Event, decode_upstream
from tests.audit.interrupting import Strike, Striker, raise_strike, two_signals

RUN = "20261123T153000Z-a1b2c3d4"
FILES = {module.__file__ for module in (gui.audit.recorder, gui.audit.outbox) if module.__file__}


def record(recorder: Recorder, message: str) -> None:
    seq = recorder.outbox.last + 1
    recorder.record(seq, encode_event(RUN, seq, 0, "info", "nav", "", message, {}))


class Wire:
    """Takes what is sent; `first` holds what arrived under each number, in the order of arrival."""

    def __init__(self) -> None:
        self.first: dict[int, str] = {}

    def transmit(self, frame: bytes) -> bool:
        message = decode_upstream(frame)
        if isinstance(message, Event):
            assert self.first.setdefault(message.seq, message.message) == message.message, "two events of one number"
        return True

    @property
    def messages(self) -> list[str]:
        return list(self.first.values())


def connected(capacity: int = 100_000) -> tuple[Recorder, Wire]:
    recorder, wire = Recorder(RUN, Outbox(capacity)), Wire()
    recorder.transmit = wire.transmit
    return recorder, wire


def drain(recorder: Recorder) -> None:
    while recorder.inbox or recorder.outbox.next() is not None:
        assert recorder.transmit is not None
        recorder.send_behind(32)


def is_free(recorder: Recorder) -> bool:
    """Whether another thread gets the lock."""
    got: list[bool] = []

    def take() -> None:
        got.append(recorder.lock.take(blocking=False))
        if got[0]:
            recorder.lock.release()

    thread = threading.Thread(target=take)
    thread.start()
    thread.join()
    return got[0]


def check_all_are_there_once(recorder: Recorder, wire: Wire, messages: list[str]) -> None:
    drain(recorder)
    assert sorted(wire.first) == list(range(1, len(wire.first) + 1))
    counts = Counter(wire.messages)
    assert [message for message in messages if counts[message] != 1] == []
    assert set(counts.values()) <= {1}
    assert recorder.outbox.held_bytes == sum(len(each) for each in recorder.outbox._frames if each is not None)
    if not recorder.outbox.dropped:
        assert recorder.outbox.in_flight == recorder.outbox.held_bytes


def test_a_recorded_event_is_numbered_and_sent_at_once() -> None:
    recorder, wire = connected()
    for number in range(100):
        record(recorder, str(number))
        assert len(wire.first) == number + 1
    assert wire.first == {number + 1: str(number) for number in range(100)}
    assert (recorder.outbox.last, recorder.pending, is_free(recorder)) == (100, 100, True)


def test_without_a_connection_events_wait_in_their_order() -> None:
    recorder, wire = connected()
    recorder.hang_up()
    for number in range(10):
        record(recorder, str(number))
    assert wire.first == {}
    assert recorder.send_again(wire.transmit, b"\x96\xa5hello\xb9%b\x01\x01\xcb%b\x00" % (RUN.encode(), bytes(8)), 1)
    drain(recorder)
    assert wire.first == {number + 1: str(number) for number in range(10)}


def test_a_full_pipe_is_tried_again_without_loss() -> None:
    recorder, wire = connected()
    tries = iter(range(10**6))
    recorder.transmit = lambda frame: next(tries) % 3 == 0 and wire.transmit(frame)
    for number in range(200):
        record(recorder, str(number))
    for _ in range(1000):
        recorder.send_behind(32)
    assert wire.first == {number + 1: str(number) for number in range(200)}


def test_while_older_events_wait_a_newer_one_does_not_overtake() -> None:
    recorder, wire = connected()
    open_again: list[bool] = []
    recorder.transmit = lambda frame: bool(open_again) and wire.transmit(frame)
    record(recorder, "old")
    open_again.append(True)
    record(recorder, "new")
    assert wire.messages == []
    drain(recorder)
    assert wire.messages == ["old", "new"]


def interrupted(at: int, action: Callable[[Recorder], None], capacity: int) -> bool:
    """Record five events with an interruption at the point `at`. Returns whether there was such a point."""
    recorder, wire = connected(capacity)
    returned: list[str] = []
    striker = Striker(at, lambda: action(recorder), FILES)
    for number in range(5):
        with contextlib.suppress(Strike):
            striker.run(lambda number=number: record(recorder, str(number)))  # type: ignore[misc]
            returned.append(str(number))
    assert is_free(recorder), f"point {at}: the lock is left taken"
    recorder.pump()
    check_all_are_there_once(recorder, wire, returned)
    return striker.struck


def strike_everywhere(action: Callable[[Recorder], None], capacity: int) -> int:
    at = 1
    while interrupted(at, action, capacity):
        at += 1
    return at


@pytest.mark.parametrize("capacity", [100, 2], ids=["roomy", "overflowing"])
def test_a_signal_handler_that_raises_at_any_point_costs_nothing(capacity: int) -> None:
    assert strike_everywhere(lambda _: raise_strike(), capacity) > 50


@pytest.mark.parametrize("capacity", [100, 2], ids=["roomy", "overflowing"])
def test_a_signal_handler_that_logs_at_any_point_costs_nothing(capacity: int) -> None:
    assert strike_everywhere(lambda recorder: record(recorder, "from the handler"), capacity) > 50


def test_a_signal_handler_that_logs_and_raises_at_any_point_costs_nothing() -> None:
    def log_and_raise(recorder: Recorder) -> None:
        record(recorder, "from the handler")
        raise Strike

    assert strike_everywhere(log_and_raise, 100) > 50


def test_two_signal_handlers_that_raise_one_behind_the_other_at_any_point_cost_nothing() -> None:
    struck, at = True, 0
    with two_signals() as strike_twice:
        while struck:
            at += 1
            recorder, wire = connected()
            striker = Striker(at, strike_twice, FILES)
            strikes = 0
            try:
                try:
                    striker.run(lambda recorder=recorder: record(recorder, "1"))  # type: ignore[misc]
                except Strike:
                    strikes += 1
                # The second may have been too late for the recorder: here at the latest.
                for _ in range(3):
                    os.getpid()
            except Strike:
                strikes += 1
            struck = striker.struck
            assert (strikes > 0) == struck
            assert is_free(recorder), f"point {at}: the lock is left taken"
            record(recorder, "2")
            check_all_are_there_once(recorder, wire, ["2"])
    assert at > 10


@contextlib.contextmanager
def alarms(period_s: float, handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Real signals in quick succession."""
    before = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, period_s, period_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# pytest-timeout's own alarm is the one that is used here.
@pytest.mark.timeout(60, method="thread")
def test_thousands_of_real_signals_that_log_lose_nothing() -> None:
    recorder, wire = connected()
    logged: list[str] = []
    numbers = itertools.count()

    def log(_number: int, _frame: FrameType | None) -> None:
        # The next signal may interrupt this handler.
        name = f"signal {next(numbers)}"
        logged.append(name)
        record(recorder, name)

    with alarms(0.000_2, log):
        for number in range(20_000):
            record(recorder, str(number))
    recorder.pump()
    assert len(logged) > 12
    assert is_free(recorder)
    check_all_are_there_once(recorder, wire, [*map(str, range(20_000)), *logged])
    assert [each for each in wire.messages if each.isdecimal()] == [str(number) for number in range(20_000)]


@pytest.mark.timeout(60, method="thread")
def test_thousands_of_real_signals_that_raise_lose_nothing_that_was_returned_from() -> None:
    recorder, wire = connected()
    returned: list[str] = []
    struck = []
    at_work = False

    def strike(_number: int, _frame: FrameType | None) -> None:
        # Ten alarms may be due at once on a busy machine, and two people do not press Ctrl-C within a microsecond.
        nonlocal at_work
        if at_work:
            at_work = False
            struck.append(1)
            raise Strike

    with alarms(0.000_5, strike):
        for number in range(20_000):
            with contextlib.suppress(Strike):
                at_work = True
                record(recorder, str(number))
                at_work = False
                returned.append(str(number))
    recorder.pump()
    assert len(struck) > 12
    assert is_free(recorder)
    check_all_are_there_once(recorder, wire, returned)


def test_eight_threads_keep_each_its_order_and_lose_nothing() -> None:
    recorder, wire = connected()
    started = threading.Barrier(9)

    def work(thread: int) -> None:
        started.wait(30)
        for number in range(2000):
            record(recorder, f"{thread} {number}")

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(8)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.000_01)
    try:
        for each in threads:
            each.start()
        started.wait(30)
        while any(each.is_alive() for each in threads):
            recorder.send_behind(32)
        for each in threads:
            each.join()
    finally:
        sys.setswitchinterval(interval)
    check_all_are_there_once(recorder, wire, [f"{thread} {number}" for thread in range(8) for number in range(2000)])
    for thread in range(8):
        mine = [message for message in wire.messages if message.startswith(f"{thread} ")]
        assert mine == [f"{thread} {number}" for number in range(2000)]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    root = Path(tempfile.mkdtemp(dir="/tmp", prefix="dt-"))
    client = Client(Directories(root / "logs", root / "run"))
    monkeypatch.setattr(gui.audit._the_holder, "client", client)
    yield client
    client.close(0)
    shutil.rmtree(root)


def logged_by(client: Client) -> list[Event]:
    """Everything in the inbox and the outbox."""
    client._recorder.settle(10)
    outbox = client._recorder.outbox
    events = []
    for seq in range(outbox.first, outbox.last + 1):
        frame = outbox._frames[seq % len(outbox._frames)]
        assert frame is not None
        message = decode_upstream(frame)
        assert isinstance(message, Event)
        assert message.seq == seq
        events.append(message)
    return events


class Talkative:
    """Logs whenever somebody looks at it or it goes."""

    def __str__(self) -> str:
        gui.audit.log_event("nav", "from __str__", value=1)
        return "talkative"

    def __del__(self) -> None:
        gui.audit.log_event("nav", "from __del__")


def test_a_text_that_logs_is_logged_beside_its_event(client: Client) -> None:
    talker = Talkative()
    gui.audit.log_event("nav", "outer", value=talker, listed=[talker], key={talker: 1})
    messages = [each.message for each in logged_by(client)]
    assert messages == ["from __str__"] * 3 + ["outer"]


def test_an_object_that_logs_when_it_goes_is_logged(client: Client) -> None:
    for _ in range(10):
        ring: list[object] = [Talkative()]
        ring.append(ring)
        gui.audit.log_event("nav", "outer", value=Talkative())
        del ring
        gc.collect()
    counts = Counter(each.message for each in logged_by(client))
    assert counts == {"outer": 10, "from __str__": 10, "from __del__": 20}


def test_objects_that_log_when_the_collector_strikes_inside_a_call_are_logged(client: Client) -> None:
    threshold = gc.get_threshold()
    gc.set_threshold(1)
    try:
        for _ in range(200):
            ring: list[object] = [Talkative()]
            ring.append(ring)
            del ring
            gui.audit.log_event("nav", "outer", value={"a": [1, 2, {"b": 3}]})
    finally:
        gc.set_threshold(*threshold)
    gc.collect()
    counts = Counter(each.message for each in logged_by(client))
    assert counts == {"outer": 200, "from __del__": 200}


def test_a_message_and_a_category_of_any_kind_are_recorded(client: Client) -> None:
    class Broken:
        def __str__(self) -> str:
            return str(self)

    gui.audit.log_event(None, Broken(), level=7)  # type: ignore[arg-type]
    gui.audit.log_event("my own", "x" * 10_000, level="loud", category=1, message=2, self=3)
    first, second = logged_by(client)
    assert (first.category, first.message, first.level) == ("None", "<unprintable Broken>", "7")
    assert (second.category, second.level, len(second.message)) == ("my own", "loud", MAX_MESSAGE)
    assert second.extra["self"] == 3
    assert second.extra["message"] == 2


def test_an_event_that_cannot_be_recorded_raises_nothing_and_another_says_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "streamlit.runtime.scriptrunner", ModuleType("without a context"))
    gui.audit.log_event("nav", "Opened")
    monkeypatch.undo()
    client.log("nav", "afterwards", "info", {})
    first, second = logged_by(client)
    assert (first.level, first.category, first.message) == ("error", "error", f"{UNRECORDED}: AttributeError")
    assert second.message == "afterwards"


def test_of_an_event_that_was_taken_nothing_is_said_where_a_signal_handler_raises_while_it_is_sent(
    client: Client,
) -> None:
    def strike() -> None:
        raise TimeoutError

    striker = Striker(3, strike, {gui.audit.outbox.__file__})
    client._recorder.outbox = Outbox(2)
    for number in range(4):
        striker.run(lambda number=number: client.log("nav", str(number), "info", {}))  # type: ignore[misc]
    assert striker.struck
    assert [each.message for each in logged_by(client)] == ["2", "3"]


def test_at_the_edge_of_the_stack_an_event_is_recorded_or_another_says_so_and_never_both(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall(depth: int) -> None:
        # A thread has yet to be started: that too takes some of the stack.
        client._link.running = False
        gui.audit.log_event("nav", f"at {depth}", value=1)
        entered.append(depth)
        fall(depth + 1)

    monkeypatch.setattr("_thread.start_new_thread", lambda *_: None)
    entered: list[int] = []
    with pytest.raises(RecursionError):
        fall(0)
    monkeypatch.undo()
    told = [each.message for each in logged_by(client)]
    unrecorded = [message for message in told if message.startswith(UNRECORDED)]
    assert set(unrecorded) == {f"{UNRECORDED}: RecursionError"}
    assert told == [f"at {depth}" for depth in range(len(entered) - len(unrecorded))] + unrecorded


def test_a_session_of_any_kind_is_recorded(client: Client) -> None:
    class Loud(str):
        __slots__ = ()

    for session in ("\ud800", Loud("a1b2c3d4"), "x" * 1_000, 7, None):
        gui.audit.log_for_session(session, "session", "Browser returned")  # type: ignore[arg-type]
    assert [each.session for each in logged_by(client)] == [r"\ud800", "a1b2c3d4", "x" * 63 + "…", "7", "None"]


def test_an_event_logged_at_the_edge_of_the_stack_is_not_passed_over_in_silence(client: Client) -> None:
    def fall(depth: int) -> int:
        gui.audit.log_event("nav", f"at {depth}", value=[depth])
        return fall(depth + 1)

    with pytest.raises(RecursionError):
        fall(0)
    gui.audit.log_event("nav", "afterwards", value=[1])
    events = logged_by(client)
    assert events[-1].message == "afterwards"
    assert events[-1].extra == {"value": [1]}
    assert [each.message for each in events[:100]] == [f"at {depth}" for depth in range(100)]
    assert is_free(client._recorder)
