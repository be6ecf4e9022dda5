"""Which numbers of one run are accounted for: go-back-N, the receiving half. Pure.

- The next number is accepted; a lower one was accepted before and is only acknowledged again.
- A higher one means that something was lost on the way: it is not accepted, and the next number is asked for, once
  until the GUI greets and sends again, so that asking twice means that it was sent twice.
- A `Skipped` becomes a gap from the next number on; what it names below that is on disk already.
"""

from typing import NamedTuple


class Gap(NamedTuple):
    """The numbers `first` to `last`, both included, are lost."""

    first: int
    last: int

    @property
    def events(self) -> int:
        """How many numbers are lost."""
        return self.last - self.first + 1


NOTHING = Gap(0, -1)


class Admission:
    """The accounting of one run. `next` is the lowest number not yet accounted for, `known` the highest heard of."""

    __slots__ = ("_asked", "_wanted", "known", "next")

    def __init__(self, last: int) -> None:
        self.next = last + 1
        self.known = last
        self._wanted = False
        self._asked = 0

    def admit(self, seq: int) -> bool:
        """Whether the event `seq` is to be written."""
        if seq == self.next:
            self.next = seq + 1
            if seq > self.known:  # noqa: PLR1730 - max() takes three times as long, for each event
                self.known = seq
            return True
        if seq > self.next:
            self._ask()
        return False

    def skip(self, first: int, last: int) -> Gap | None:
        """The gap to write for a `Skipped(first, last)`, if any."""
        if first > self.next:
            self._ask()
            return None
        if last < self.next:
            return None
        gap = Gap(self.next, last)
        self.next = last + 1
        self.known = max(self.known, last)
        return gap

    def announce(self, seq: int) -> None:
        """The GUI says that it sent everything through `seq` before this."""
        self.known = max(self.known, seq)
        if seq >= self.next:
            self._ask()

    def greet(self, known: int) -> None:
        """The GUI begins to send again; what does not arrive from here on may be asked for once more."""
        self.known = max(self.known, known)
        self._asked = 0

    def take_wanted(self) -> int:
        """The number to ask for, once; 0 for none."""
        wanted, self._wanted = self._wanted, False
        return self.next if wanted else 0

    def _ask(self) -> None:
        if self._asked != self.next:
            self._asked = self.next
            self._wanted = True
