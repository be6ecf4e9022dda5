"""`python -m sidecar status` and `tail`, as their user sees them."""

import json
import os
import select
import signal
import subprocess
import sys
from time import monotonic
from typing import IO, cast

import pytest

from tests.support import logs
from tests.support.processes import Pair, Process, Producer
from tests.support.transports import over_both
from tests.support.waiting import ROOT, until


def status(pair: Pair) -> tuple[int, list[str], list[str]]:
    return pair.run("-m", "sidecar", "status")


def test_status_tells_state_run_and_head(pair: Pair) -> None:
    sidecar = pair.ready_sidecar()
    producer = pair.producer()
    producer.ask("log", 1, 1234)
    shown = producer.wait_for_durable(1234)
    code, printed, complaints = status(pair)
    assert (code, complaints) == (0, [])
    assert printed[0].startswith("Recording for ")
    text = "\n".join(printed)
    assert f"pid {sidecar.pid}" in text
    assert f"run {producer.run} (pid {producer.pid}): durable through 1,234, 0 lost" in text
    assert f"head    {logs.head(producer.log)}" in text
    assert str(producer.log) in text
    assert shown["head"] == logs.head(producer.log)
    assert shown["log_path"] == str(producer.log)


def test_status_without_a_gui(pair: Pair) -> None:
    pair.ready_sidecar()
    code, printed, _ = status(pair)
    assert (code, printed[-1]) == (0, "  No GUI is connected.")


def test_status_without_a_sidecar_exits_3(pair: Pair) -> None:
    begun = monotonic()
    code, printed, complaints = status(pair)
    # A second, and the start of an interpreter.
    assert monotonic() - begun < 10
    assert (code, printed) == (3, [])
    assert complaints == [f"No sidecar answers at {pair.run_dir}. Start one with: python -m shared.keeper"]


def test_status_of_a_stopped_sidecar_exits_3_and_says_how_it_goes_on(pair: Pair) -> None:
    sidecar = pair.ready_sidecar()
    sidecar.signal(signal.SIGSTOP)
    code, printed, complaints = status(pair)
    assert (code, printed) == (3, [])
    # Another one could not be started beside it.
    assert complaints == [
        f"No sidecar answers at {pair.run_dir}.",
        f"The last one is pid {sidecar.pid}, which is suspended. Let it go on with: kill -CONT {sidecar.pid}",
    ]
    sidecar.signal(signal.SIGCONT)
    assert status(pair)[0] == 0


def test_status_tells_the_last_sidecar_from_a_later_process_with_its_pid(pair: Pair) -> None:
    sidecar = pair.ready_sidecar()
    sidecar.kill()
    sidecar.wait()
    assert status(pair)[2][1] == f"The last one was pid {sidecar.pid}."
    lock = pair.run_dir / "lock"
    lock.write_text(str(os.getpid()))
    assert f"The last one is pid {os.getpid()}. It runs and says nothing" in status(pair)[2][1]
    os.utime(lock, (0, 0))
    assert status(pair)[2][1] == f"The last one was pid {os.getpid()}."


def follow(pair: Pair, producer: Producer, category: str, *arguments: str) -> Process:
    """A tail that has begun to print lines of `category`."""
    tail = pair.python("-m", "sidecar", "tail", *arguments)

    def is_following() -> bool:
        producer.ask("say", category, "are you there")
        return bool(tail.out)

    until(is_following, lambda: f"{tail.out} {tail.err}")
    return tail


def stop(tail: Process) -> None:
    tail.signal(signal.SIGINT)
    assert tail.wait() == 0
    assert not any("Traceback" in line for line in tail.err)


def test_tail_prints_lines_as_they_become_durable(pair: Pair) -> None:
    pair.ready_sidecar()
    producer = pair.producer()
    tail = follow(pair, producer, "nav")
    producer.ask("say", "upload", "Uploaded \x1b[31mcustomers.csv")
    line = tail.wait_for_line("Uploaded")
    assert line.endswith(r"info    upload    Uploaded \x1b[31mcustomers.csv")
    assert any("Uploaded" in message for message in logs.messages(logs.read(producer.log)))
    stop(tail)


@over_both
def test_tail_goes_on_behind_a_killed_sidecar(pair: Pair) -> None:
    sidecar = pair.ready_sidecar()
    producer = pair.producer()
    tail = follow(pair, producer, "nav")
    sidecar.kill()
    sidecar.wait()
    pair.ready_sidecar()
    seen = len(tail.out)

    def goes_on() -> bool:
        producer.ask("say", "nav", "still there")
        return len(tail.out) > seen

    until(goes_on, lambda: f"{tail.out} {tail.err}")
    stop(tail)


def test_tail_filters_by_run_and_category_and_prints_lines_as_they_stand(pair: Pair) -> None:
    pair.ready_sidecar()
    wanted, other = pair.producer(), pair.producer()
    tail = follow(pair, wanted, "upload", "--json", "--run", wanted.run, "--category", "upload")
    for producer in (wanted, other):
        producer.ask("say", "upload", f"Uploaded by {producer.run}")
        producer.ask("say", "nav", "Opened home")
        producer.wait_for_status("pending", 0)
    wanted.ask("say", "upload", "That is all")
    tail.wait_for_line("That is all")
    stop(tail)
    assert {json.loads(line)["category"] for line in tail.out} == {"upload"}
    assert set(tail.out) <= set(wanted.log.read_text(encoding="utf-8").split("\n"))
    assert f"Uploaded by {wanted.run}" in tail.out[-2]
    assert not any(other.run in line for line in tail.out)


def test_tail_ends_quietly_when_its_reader_does(pair: Pair) -> None:
    pair.ready_sidecar()
    producer = pair.producer()
    tail = pair.python("-m", "sidecar", "tail", read=False)
    stdout = cast("IO[bytes]", tail.popen.stdout)

    def has_printed() -> bool:
        producer.ask("say", "nav", "are you there")
        return bool(select.select([stdout], [], [], 0)[0])

    until(has_printed, "a line")
    # As `head` does.
    stdout.close()

    def has_ended() -> bool:
        producer.ask("say", "nav", "still there")
        return tail.popen.poll() is not None

    until(has_ended, "its end")
    assert tail.wait() == 1
    assert tail.err == ["Following what is written from now on; Ctrl-C ends."]


@pytest.mark.parametrize("command", ["tail", "status"])
def test_ctrl_c_ends_it_wherever_it_strikes(pair: Pair, command: str) -> None:
    pair.ready_sidecar()
    interrupted = pair.python("-m", "tests.trail.interrupted_commands", command)
    times = int(interrupted.wait_for_line("ended").split()[1])
    # Through the making of context and socket, and the meeting.
    assert times > 50
    assert interrupted.wait() == 0


def test_ctrl_c_while_a_command_reads_its_arguments_ends_it_without_a_traceback() -> None:
    interrupted = """
import signal, sys
from sidecar import __main__ as command
command._parser = lambda: signal.raise_signal(signal.SIGINT)
sys.exit(command.main(["status"]))
"""
    done = subprocess.run([sys.executable, "-c", interrupted], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (130, b"")
