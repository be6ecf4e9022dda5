"""One run's client: what `gui.audit` calls, in one object that outlives a reload of these modules."""

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import time_ns

from gui.audit.frame import encode_event
from gui.audit.history import Sample
from gui.audit.link import LINGER_MS, Link
from gui.audit.outbox import Outbox
from gui.audit.recorder import Recorder
from gui.audit.sessions import current_session
from shared.naming import Directories, log_name, make_run_id
from shared.wire import EVENT, encode

# A sidecar that was started together with the GUI is up by then.
STARTING_S = 3.0
# Whose page is remembered; the oldest is forgotten, and its next rerun counts as a visit.
MAX_SESSIONS = 10_000

UNRECORDED = "An event could not be recorded"

# What a sidecar that says nothing is, by its process.
_SILENT = {"gone": "absent", "running": "unresponsive", "stopped": "suspended", "dying": "dying"}


@dataclass(frozen=True, slots=True)
class FlushResult:
    """What a flush reached: acknowledged through `durable`; `pending` events wait; `lost` are in gaps. True when none wait."""

    durable: int
    pending: int
    lost: int

    def __bool__(self) -> bool:
        return self.pending == 0


@dataclass(frozen=True, slots=True)
class ForwardingStatus:
    """How far the sidecar's forwarding to `target` is.

    `state` is `connecting`, `forwarding` or `stopped`, `since` (unix seconds) when that began, `reason` why. `waiting` lines
    wait, and behind them `uncounted` bytes. `notice` tells what of a log will not arrive, empty for nothing.
    """

    target: str
    state: str
    since: float
    reason: str
    waiting: int
    uncounted: int
    notice: str


@dataclass(frozen=True, slots=True)
class AuditStatus:
    """State of the audit trail as this process knows it, without asking anybody.

    `state` is `recording`, `starting` (no sidecar heard yet, within the first 3 s), `absent`, `stalled`, `failing`,
    `stopping`; or, of a sidecar that is silent and still there as process `pid`: `unresponsive`, `suspended` (by a
    signal) or `dying` (killed, but a call of it to the disk has not returned). `since` (unix seconds) is when it began,
    None if unknown; `reason` and `file` what is the matter and where.
    `pending` events wait in memory, `lost` are declared in the log's gaps, `dropped` were let go here unacknowledged:
    they are lost unless they were already on their way. `head` is the hash of the last durable line. `notice` is what
    somebody did to the log of this run and what the sidecar did about it, empty for nothing.
    `forwarding` is None where no line is to be forwarded, or nobody says so.
    """

    run: str
    log_path: Path
    state: str
    since: float | None
    reason: str
    file: str
    durable: int
    pending: int
    lost: int
    dropped: int
    head: str
    notice: str = ""
    forwarding: ForwardingStatus | None = None
    pid: int = 0


class Client:
    """The audit trail of one run."""

    def __init__(self, directories: Directories) -> None:
        self.directories = directories
        self.run = make_run_id(datetime.now(UTC), os.urandom(4))
        self._recorder = Recorder(self.run, Outbox())
        self._link = Link(self._recorder, directories.run)
        self._born = time.monotonic()
        self._born_at = time.time()
        # A second close, at exit behind an explicit one, must not wait again for what the first could not deliver.
        self._closed_through = 0
        self._pages: dict[str, str] = {}

    def log(
        self, category: object, message: object, level: object, extra: dict[str, object], session: str | None = None
    ) -> None:
        """Record one event: of `session`, or of the one whose script runs. Waits for nothing; raises no Exception."""
        try:
            if session is None:
                session = current_session()
            recorder = self._recorder
            seq = recorder.outbox.last + 1
            now = time_ns() // 1000
            recorder.record(seq, encode_event(self.run, seq, now, level, category, session, message, extra))
        except Exception as error:  # noqa: BLE001 - the program goes on, and the trail says that something is missing
            # The caller may stand at the edge of its stack or memory: nothing here calls a Python function.
            what = f"{UNRECORDED}: {type(error).__name__}"
            frame = encode((EVENT, self.run, 0, time_ns() // 1000, "error", "error", "", what, {}))
            self._recorder.inbox.append((0, frame))
        try:
            if not self._link.running:
                self._link.start()
        except Exception:  # noqa: BLE001 - there as well; the next call starts it
            return

    def is_first_of_session(self, session: str) -> bool:
        """Whether `session` was not seen before."""
        first = session not in self._pages
        self._pages.setdefault(session, "")
        return first

    def is_new_page(self, session: str, page: str) -> bool:
        """Whether `session` was on another page, or none, at the last call."""
        new = self._pages.get(session) != page
        self._pages[session] = page
        if len(self._pages) > MAX_SESSIONS:
            self._pages.pop(next(iter(self._pages)), None)
        return new

    def flush(self, timeout_s: float) -> FlushResult:
        """Wait until what is logged by now is durable, at most `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        last = self._recorder.settle(timeout_s)
        self._link.start()
        self._link.wait_durable(last, max(deadline - time.monotonic(), 0.0))
        return self._result()

    def close(self, timeout_s: float) -> FlushResult:
        """Flush, say Bye, end the back thread. An event logged later starts it again."""
        last = self._recorder.settle(timeout_s)
        if self._recorder.pending and last != self._closed_through:
            self.flush(timeout_s)
        self._link.stop(2 * LINGER_MS / 1000)
        self._closed_through = last
        return self._result()

    def log_path(self) -> Path:
        """Path of the file the run is in now."""
        ack = self._link.sender.ack
        part = ack.part if ack else 1
        return self.directories.audit / log_name(self.run, part)

    def history(self) -> list[Sample]:
        """The last five minutes, a sample a second, oldest first."""
        return self._link.history.samples()

    def status(self) -> AuditStatus:
        """Return what is known now, from memory."""
        state, since, reason, file = self._state()
        outbox, ack = self._recorder.outbox, self._link.sender.ack
        return AuditStatus(
            run=self.run,
            log_path=self.log_path(),
            state=state,
            since=since,
            reason=reason,
            file=file,
            durable=outbox.durable,
            pending=self._recorder.pending,
            lost=ack.lost if ack else 0,
            dropped=max(outbox.dropped, 0),
            head=ack.head if ack else "",
            notice=ack.notice if ack else "",
            forwarding=self._forwarding(),
            pid=self._link.peer.pid,
        )

    def _forwarding(self) -> ForwardingStatus | None:
        heartbeat = self._link.sender.heartbeat
        if heartbeat is None or heartbeat.forwarding is None or self._link.is_silent:
            return None
        told = heartbeat.forwarding
        return ForwardingStatus(
            told.target, told.state, told.since / 1e6, told.reason, told.waiting, told.uncounted, told.notice
        )

    def _state(self) -> tuple[str, float | None, str, str]:
        link = self._link
        heartbeat, heard_at = link.sender.heartbeat, link.sender.heard_at
        if not link.is_silent and not link.trouble:
            if heartbeat is None:
                # It acknowledges already, and will say more within half a second.
                return "recording", time.time() - (time.monotonic() - heard_at), "", ""
            return heartbeat.state, heartbeat.since / 1e6, heartbeat.reason, heartbeat.file
        if heartbeat is None:
            young = time.monotonic() - self._born < STARTING_S and not link.trouble
            return "starting" if young else "absent", self._born_at, link.trouble, ""
        state = "absent" if link.trouble else _SILENT[link.peer.presence]
        return state, time.time() - (time.monotonic() - heard_at), link.trouble, ""

    def _result(self) -> FlushResult:
        ack = self._link.sender.ack
        return FlushResult(self._recorder.outbox.durable, self._recorder.pending, ack.lost if ack else 0)
