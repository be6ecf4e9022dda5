"""What the sidecar prints can hold up nothing and steer no terminal."""

import signal
from time import monotonic

from tests.support import logs
from tests.support.processes import Pair, Producer, Sidecar
from tests.support.waiting import until

EVENTS = 20_000


def answers(pair: Pair) -> bool:
    return pair.run("-m", "sidecar", "status")[0] == 0


def flood(pair: Pair) -> Producer:
    """Far more events than pipe and queue together can take; the last one is said alone."""
    producer = pair.producer()
    producer.ask("flood", 1, 1_000_000, EVENTS)
    [logged] = producer.ask("stop_flood")["logged"]
    assert logged == EVENTS
    producer.wait_for_durable(EVENTS)
    assert logs.gaps(logs.read(producer.log)) == []
    return producer


def check_ends_at_once(producer: Producer, sidecar: Sidecar) -> None:
    assert producer.end() == 0
    begun = monotonic()
    sidecar.signal(signal.SIGTERM)
    assert sidecar.popen.wait(10) == 0
    assert monotonic() - begun < 5


def test_with_nobody_reading_its_output_all_is_durable_and_it_ends(pair: Pair) -> None:
    sidecar = pair.sidecar(read=False)
    until(lambda: answers(pair), "an answer")
    check_ends_at_once(flood(pair), sidecar)
    sidecar.read()
    sidecar.wait()
    # The pipe was full: far from all was printed.
    assert 100 < len(sidecar.out) < EVENTS / 2


def test_with_its_output_closed_all_is_durable_and_it_ends(pair: Pair) -> None:
    sidecar = pair.sidecar(read=False)
    assert sidecar.popen.stdout is not None
    sidecar.popen.stdout.close()
    until(lambda: answers(pair), "an answer")
    check_ends_at_once(flood(pair), sidecar)


def test_lines_left_out_are_counted_when_reading_resumes(pair: Pair) -> None:
    sidecar = pair.sidecar(read=False)
    until(lambda: answers(pair), "an answer")
    producer = flood(pair)
    sidecar.read()
    sidecar.wait_for_line("lines not shown")
    producer.ask("say", "nav", "Opened home")
    sidecar.wait_for_line("Opened home")
    [counted] = [line for line in sidecar.out if "lines not shown" in line]
    left_out = int(counted.split()[1])
    shown = sum(" event " in line for line in sidecar.out)
    assert shown + left_out == EVENTS
    assert "Sidecar ready" in sidecar.out[0]


ODD = {
    "\x1b[31mred\x07": r"\x1b[31mred\x07",
    "two\nlines\r": r"two\nlines\r",
    "\x9b2J\u202eback\u2028": r"\x9b2J\u202eback\u2028",
    "grün ✓": "grün ✓",
}


def test_control_characters_reach_the_log_and_no_terminal(pair: Pair) -> None:
    sidecar = pair.ready_sidecar()
    producer = pair.producer()
    for message in ODD:
        producer.ask("say", f"cat{message}", message)
    producer.ask("say", "nav", "Opened home")
    sidecar.wait_for_line("Opened home")
    assert [line[9:] for line in sidecar.out[1:-1]] == [f"info    cat{shown:<6} {shown}" for shown in ODD.values()]
    # The log keeps them as JSON does.
    events = logs.events(logs.read(producer.log))[:-1]
    assert [(event["category"], event["message"]) for event in events] == [(f"cat{text}", text) for text in ODD]
    assert b"\x1b" not in producer.log.read_bytes()
