"""Without a descriptor to look at processes with, nobody is taken for gone, and who comes is heard a little later."""

import errno
import os

import psutil
import pytest

from shared.wire import UNKNOWN_RUN, VERSION, Hello, encode
from sidecar import liveness, run
from tests.log.bench import OWNER, RUN, Bench, event


def refuse(_: object) -> None:
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def test_a_gui_whose_process_cannot_be_looked_at_is_asked_for_its_hello_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    sidecar = bench.sidecar()
    with monkeypatch.context() as without:
        without.setattr(run, "find", refuse)
        sidecar.writer._receive(encode(Hello(RUN, VERSION, OWNER.pid, OWNER.started, 1)))
        assert sidecar.hear(event(1)).part == UNKNOWN_RUN
    sidecar.greet(1)
    assert sidecar.hear(event(1)).durable == 1
    assert sidecar.complaints == []


def test_a_process_that_cannot_be_looked_at_is_not_taken_for_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    process = psutil.Process()
    monkeypatch.setattr(psutil.Process, "is_running", refuse)
    assert liveness.is_alive(process)
