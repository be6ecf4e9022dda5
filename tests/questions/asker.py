"""Asks a running sidecar about logs, over one connection."""

import uuid
from pathlib import Path
from types import TracebackType
from typing import Self

import zmq

from shared.questions import Answer, Job, NotNow, Progress, Question, Stretch, decode_answer, encode
from tests.support.waiting import DEADLINE, until


class Asker:
    def __init__(self, run_dir: Path) -> None:
        self._context = zmq.Context()
        self.dealer: zmq.Socket[bytes] = self._context.socket(zmq.DEALER)
        self.dealer.set(zmq.LINGER, 0)
        self.dealer.connect(f"ipc://{run_dir / 'ask'}")

    def ask(self, question: Question | bytes) -> Answer:
        """The answer; fails when none comes."""
        request = self.send(question)
        while True:
            found, answer = self.receive()
            if found == request:
                return answer

    def send(self, question: Question | bytes) -> bytes:
        request = uuid.uuid4().bytes
        self.dealer.send_multipart([request, question if isinstance(question, bytes) else encode(question)])
        return request

    def receive(self) -> tuple[bytes, Answer]:
        assert self.dealer.poll(int(DEADLINE * 1000)), "no answer"
        request, frame = self.dealer.recv_multipart()
        return request, decode_answer(frame)

    def stretch(self, question: Question) -> Stretch:
        answer = self.ask(question)
        assert isinstance(answer, Stretch), answer
        return answer

    def job(self, question: Question) -> Job:
        answer = self.ask(question)
        assert isinstance(answer, Job), answer
        return answer

    def result(self, question: Question) -> Job:
        """Begin a job, and wait for its end."""
        return self.end_of(self.job(question))

    def end_of(self, job: Job) -> Job:
        """Wait for the end of a job that was begun."""
        states = [job]

        def is_over() -> bool:
            states.append(self.job(Progress(job.job)))
            return states[-1].is_over

        until(is_over, "the end of the job")
        return states[-1]

    def refusal(self, question: Question | bytes) -> NotNow:
        answer = self.ask(question)
        assert isinstance(answer, NotNow), answer
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.dealer.close()
        self._context.term()
