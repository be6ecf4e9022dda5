"""Keeps what the page shows up to date: a few short questions a drawing, and when they cannot be answered, why.

What was known stays. While the sidecar is known to be down, nobody waits for it.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from gui.audit import audit_status
from gui.trail.asking import Conversation, conversation
from gui.trail.filters import Choice
from gui.trail.trouble import Trouble, known_trouble, lasting, trouble_of
from gui.trail.view import View
from shared.errors import AuditError, NoAnswerError
from shared.questions import (
    MAX_ROWS,
    Back,
    Forth,
    NotNow,
    OneLine,
    Place,
    Question,
    RunFiles,
    RunList,
    Runs,
    Stretch,
    Wanted,
    WholeLine,
)

T = TypeVar("T")

# So soon after no answer came, none is waited for again.
_PATIENCE_S = 0.7
_RUNS_EACH_S = 5.0


class _NotNowError(AuditError):
    """The sidecar answered that it cannot answer."""

    def __init__(self, answer: NotNow) -> None:
        super().__init__(answer.reason)
        self.answer = answer


@dataclass
class Following:
    """The page's memory, one a session. `read_at` is when the sidecar last answered, in unix seconds."""

    runs: list[RunFiles] = field(default_factory=list)
    more_runs: int = 0
    choice: Choice | None = None
    wanted: Wanted = field(default_factory=Wanted)
    view: View = field(default_factory=View)
    trouble: Trouble | None = None
    read_at: float = 0.0
    line: WholeLine | None = None
    line_raw: bytes = b""
    line_at: Place | None = None
    _met_at: float = 0.0
    # A session may be drawn by two threads at once, of which the older one is about to be stopped.
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _listed_at: float = 0.0

    def choose(self, choice: Choice) -> None:
        """Show what `choice` asks for."""
        with self._turn:
            if choice != self.choice:
                self.choice, self.view = choice, View()
                self.wanted = choice.wanted(datetime.now(UTC))
                self.read_at = 0.0
                self.line = self.line_at = None

    def list_runs(self) -> None:
        """Ask which runs there are, now and then."""
        if time.time() - self._listed_at > _RUNS_EACH_S:
            self._listed_at = time.time()
            self._ask(self._list_runs)

    def refresh(self) -> None:
        """Ask what is new, and go on counting what is old."""
        self._ask(self._refresh)

    def show_older(self) -> None:
        """Ask for further rows."""
        self._ask(self._show_older)

    def open_line(self, place: Place) -> None:
        """Ask for a whole line."""
        if place != self.line_at:
            self.line, self.line_raw = None, b""
            self._ask(lambda talk: self._open_line(talk, place))

    def _ask(self, talk_about: Callable[[Conversation], None]) -> None:
        """Let `talk_about` ask; what comes between becomes the trouble, and its end is the trouble's."""
        with self._turn:
            self._ask_in_turn(talk_about)

    def _ask_in_turn(self, talk_about: Callable[[Conversation], None]) -> None:
        now = time.time()
        if known := known_trouble(audit_status(), now):
            self._meet(known)
            return
        if now - self._met_at < _PATIENCE_S:
            return
        try:
            with conversation() as talk:
                talk_about(talk)
        except NoAnswerError:
            self._meet(Trouble("silent", now))
        except _NotNowError as error:
            self._meet(trouble_of(error.answer, now))
        except (AuditError, OSError) as error:
            self._meet(Trouble("failed", now, str(error)))
        else:
            self.trouble, self.read_at = None, time.time()

    def _meet(self, trouble: Trouble) -> None:
        self.trouble = lasting(self.trouble, trouble)
        self._met_at = time.time()

    def _list_runs(self, talk: Conversation) -> None:
        found = _answer(talk, Runs(), RunList)
        self.runs, self.more_runs = found.runs, found.more

    def _refresh(self, talk: Conversation) -> None:
        view = self.view
        if view.high is not None and self._chosen.is_live:
            found = _answer(talk, Forth(self._chosen.run, self.wanted, view.high, MAX_ROWS), Stretch)
            if found.changed or not found.complete:
                # The log is not what it was, or grew by more than can be read in a moment.
                view = self.view = View(most=view.most)
            else:
                view.take_above(found)
        if not view.complete:
            below = Back(self._chosen.run, self.wanted, view.low, view.wanted_rows, tally=True)
            found = _answer(talk, below, Stretch)
            if found.changed:
                self.view = View(most=view.most)
            else:
                view.take_below(found)

    def _show_older(self, talk: Conversation) -> None:
        below = Back(self._chosen.run, self.wanted, self.view.oldest, MAX_ROWS, tally=False)
        found = _answer(talk, below, Stretch)
        if found.changed:
            self.view = View(most=self.view.most)
        else:
            self.view.take_older(found)

    def _open_line(self, talk: Conversation, place: Place) -> None:
        found = _answer(talk, OneLine(self._chosen.run, place), WholeLine)
        raw = found.piece
        while len(raw) < found.size:
            piece = _answer(talk, OneLine(self._chosen.run, place, len(raw)), WholeLine).piece
            if not piece:
                raise AuditError("the line became shorter while it was read")
            raw += piece
        self.line, self.line_raw, self.line_at = found, raw, place

    @property
    def _chosen(self) -> Choice:
        return self.choice or Choice("")


def _answer(talk: Conversation, question: Question, kind: type[T]) -> T:
    """The answer, of the `kind` that belongs to the question. Raises _NotNowError, and what `ask` raises."""
    answer = talk.ask(question)
    if isinstance(answer, NotNow):
        raise _NotNowError(answer)
    if not isinstance(answer, kind):
        raise AuditError("what the sidecar answers does not belong to the question")
    return answer
