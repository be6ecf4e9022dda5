"""What the page asks for until it has it: a drawing asks, the next one goes on; and why there is no answer yet."""

import threading
import time
from dataclasses import dataclass, field

from gui.audit import audit_status
from gui.trail.asking import Conversation, conversation
from gui.trail.trouble import Trouble, known_trouble, lasting, sentence, trouble_of
from shared.errors import AuditError, NoAnswerError
from shared.questions import Job, NotNow, Progress, Question

BEGINNING = "Beginning …"
# No byte for so long: it is said.
_SILENT_S = 2.0


@dataclass
class Inquiry:
    """Asks until `is_over`. `trouble` is what came between, if anything."""

    trouble: Trouble | None = field(default=None, init=False)
    # A session may be drawn by two threads at once, of which the older one is about to be stopped.
    _turn: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        raise NotImplementedError

    def ask(self) -> None:
        """Ask, or go on asking, for as long as a drawing may take."""
        now = time.time()
        if known := known_trouble(audit_status(), now):
            self._meet(known)
            return
        with self._turn:
            try:
                with conversation() as talk:
                    self._go_on(talk, now)
            except NoAnswerError:
                self._meet(Trouble("silent", now))
            except (AuditError, OSError) as error:
                self._meet(Trouble("failed", now, str(error)))

    def _go_on(self, talk: Conversation, now: float) -> None:
        raise NotImplementedError

    def _refuse(self, answer: object, now: float) -> None:
        """Take an answer that is none."""
        self._meet(trouble_of(answer, now) if isinstance(answer, NotNow) else Trouble("unknown", now))

    def _meet(self, trouble: Trouble) -> None:
        self.trouble = lasting(self.trouble, trouble)


@dataclass
class Watched(Inquiry):
    """A job that was asked for by `question`: `job` is how far it is, None before the sidecar has said so."""

    question: Question
    job: Job | None = field(default=None, init=False)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.job is not None and self.job.is_over

    def _go_on(self, talk: Conversation, now: float) -> None:
        answer = talk.ask(Progress(self.job.job) if self.job else self.question)
        match answer:
            case Job():
                self.job, self.trouble = answer, None
            case NotNow(why="gone"):
                # Another sidecar runs by now, which knows nothing of it: once more.
                self.job = None
            case _:
                self._refuse(answer, now)


def job_sentence(trouble: Trouble, now: float, *, is_own_run: bool) -> str:
    """Why a job does not go on, in one calm sentence. Pure."""
    if trouble.why == "busy":
        return (
            "The sidecar does one check or bundle at a time, and another one is on its way. This one begins by itself."
        )
    return sentence(trouble, now, is_own_run=is_own_run)


def silence_words(job: Job) -> str:
    """Behind how far a job is: for how long nothing has come of it, where that is long. Pure."""
    return f"; the disk has not answered for {job.silent_s:.0f} s" if job.silent_s > _SILENT_S else ""
