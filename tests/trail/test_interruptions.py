"""`log_event` is called in the middle of `log_event`, and in processes that fork or load its modules again."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support import logs
from tests.support.processes import Answer, Pair, Producer
from tests.trail.forking import CHILD_EVENTS
from tests.trail.interrupting import OFTEN

THREADS = 32


def settle(producer: Producer, done: Answer) -> tuple[list[int], list[int]]:
    """Wait until all is on disk; the numbers of the outer and of the inner calls found there."""
    assert done["inside"] >= OFTEN
    producer.wait_for_status("pending", 0)
    records = logs.read(producer.log)
    assert logs.gaps(records) == []
    return numbers(records, "outer"), numbers(records, "inner")


def numbers(records: Sequence[logs.Record], kind: str) -> list[int]:
    return [event["n"] for event in logs.events(records) if event["message"].startswith(f"{kind} ")]


@pytest.mark.parametrize("command", ["log_from_del", "log_from_str", "log_from_signal_handler"])
def test_logging_from_within_logging_neither_hangs_nor_loses(pair: Pair, command: str) -> None:
    pair.ready_sidecar()
    producer = pair.producer()
    done = producer.ask(command)
    outer, inner = settle(producer, done)
    assert outer == list(range(1, done["outer_begun"] + 1))
    assert sorted(inner) == list(range(1, done["inner_begun"] + 1))


def test_a_signal_handler_that_raises_leaves_the_trail_whole(pair: Pair) -> None:
    pair.ready_sidecar()
    producer = pair.producer()
    done = producer.ask("log_from_raising_signal_handler")
    assert done["outer_begun"] - len(done["outer"]) > OFTEN / 2
    for kind, found in zip(("outer", "inner"), settle(producer, done), strict=True):
        # A call cut short may have recorded its event or not, but never twice.
        assert len(found) == len(set(found))
        assert set(done[kind]) <= set(found) <= set(range(1, done[f"{kind}_begun"] + 1))
    producer.ask("log", 1, 10)
    producer.wait_for_status("pending", 0)
    assert logs.messages(logs.read(producer.log))[-10:] == [f"event {n}" for n in range(1, 11)]


@pytest.mark.parametrize("command", ["fork", "fork_with_multiprocessing"])
def test_a_forked_child_has_a_run_of_its_own(pair: Pair, tmp_path: Path, command: str) -> None:
    pair.ready_sidecar()
    producer = pair.producer()
    producer.ask("flood", THREADS, 2000, 0)
    children = producer.ask(command, str(tmp_path), 3)["children"]
    logged = producer.ask("stop_flood")["logged"]
    producer.wait_for_durable(sum(logged))
    assert producer.end() == 0
    parent = logs.read(producer.log)
    assert len(logs.messages(parent)) == len(set(logs.messages(parent))) == sum(logged)
    assert len({child["run"] for child in children} | {producer.run}) == 4
    assert len(pair.log_files()) == 4
    for child in children:
        check_child(pair, child)


def test_a_child_forked_while_a_module_is_imported_records(pair: Pair, tmp_path: Path) -> None:
    pair.ready_sidecar()
    [child] = pair.producer().ask("fork_while_importing", str(tmp_path))["children"]
    check_child(pair, child)


def check_child(pair: Pair, child: Answer) -> None:
    path = pair.audit / f"datatools-{child['run']}.jsonl"
    assert pair.wait_for_closing(path)["outcome"] == "clean"
    records = logs.read(path)
    assert records[0]["pid"] == child["pid"]
    assert logs.messages(records) == [f"child {child['run']} event {n}" for n in range(1, CHILD_EVENTS + 1)]


def test_modules_executed_again_go_on_with_the_same_run(pair: Pair) -> None:
    pair.ready_sidecar()
    producer = pair.producer()
    producer.ask("log", 1, 3)
    again = producer.ask("reload_modules")
    assert again == {"run": producer.run, "copies": 1}
    producer.wait_for_durable(6)
    assert producer.end() == 0
    records = logs.read(producer.log)
    expected = ["event 1", "event 2", "event 3", "after reload", "after import", "from the first copy"]
    assert logs.messages(records) == expected
    assert pair.wait_for_closing(producer.log)["outcome"] == "clean"
    assert pair.log_files() == [producer.log]
