"""When to send which acknowledgement. Pure; one per batch would triple what an event costs the GUI."""

from shared.wire import Ack

PERIOD_S = 0.05
EVERY = 500


class Acknowledger:
    """Per run: the first at once, then at most one per 50 ms or 500 events; urgent and asking ones at once."""

    def __init__(self) -> None:
        self._sent: dict[str, tuple[float, int]] = {}
        self._held: dict[str, Ack] = {}

    def offer(self, ack: Ack, now: float, *, urgent: bool) -> bool:
        """Whether to send `ack` at `now` (monotonic seconds); if not, it is held until `due`."""
        at, durable = self._sent.get(ack.run, (-PERIOD_S, 0))
        if urgent or ack.wanted or now - at >= PERIOD_S or ack.durable - durable >= EVERY:
            self._note(ack, now)
            return True
        self._held[ack.run] = ack
        return False

    def is_new(self, run: str) -> bool:
        """Whether nothing of `run` was offered yet, or it was closed since."""
        return run not in self._sent

    def due(self, now: float) -> list[Ack]:
        """The held ones whose time has come."""
        ready = [ack for run, ack in self._held.items() if now - self._sent[run][0] >= PERIOD_S]
        for ack in ready:
            self._note(ack, now)
        return ready

    @property
    def is_holding(self) -> bool:
        """Whether any are held."""
        return bool(self._held)

    def forget(self, run: str) -> None:
        """The run is closed."""
        self._sent.pop(run, None)
        self._held.pop(run, None)

    def _note(self, ack: Ack, now: float) -> None:
        self._sent[ack.run] = (now, ack.durable)
        self._held.pop(ack.run, None)
