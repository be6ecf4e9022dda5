"""The sidecar is killed at each named step of its life, one life after the other, and its keeper starts it again."""

import signal
import sys

import pytest

from tests.kills.checking import check_flood, closings, read_run
from tests.kills.leftovers import wait_until_nothing_is_left
from tests.kills.plans import Plan
from tests.support.processes import Pair, Process, Producer

pytestmark = pytest.mark.long

# A step and the how-manieth time in that life; those before it is ready alternate with the others, or the keeper would wait longer.
WAY_OF_AN_EVENT = [
    ("received", 4), ("importing", 1), ("admitted", 30), ("locked", 1), ("half appended", 5),
    ("created", 2), ("bound", 3), ("appended", 5), ("listed", 1), ("fsynced", 5), ("recovering", 1), ("reported", 5),
    ("recovered", 1), ("acknowledging", 3), ("ready", 1), ("acknowledged", 3),
]  # fmt: skip
# A new part every few batches, so that killed lives begin some.
PART_BYTES = "4096"


def keeper_of(pair: Pair, plan: Plan) -> Process:
    return pair.python("-m", "shared.keeper", "--", sys.executable, *plan.arguments)


def test_killed_at_each_step_of_an_event_and_of_its_own_start_nothing_is_lost_and_nothing_twice(pair: Pair) -> None:
    pair.settings["DATATOOLS_AUDIT_PART_BYTES"] = PART_BYTES
    plan = Plan(pair.root / "plan", "sidecar")
    names = [plan.strike(*blow) for blow in WAY_OF_AN_EVENT]
    producer = pair.producer()
    producer.ask("flood", 2, 150, 0)
    keeper = keeper_of(pair, plan)
    pids = [plan.wait_struck(name) for name in names]
    assert len(set(pids)) == len(WAY_OF_AN_EVENT)
    logged = producer.ask("stop_flood")["logged"]
    assert producer.wait_for_durable(sum(logged))["lost"] == 0
    assert producer.end() == 0
    keeper.signal(signal.SIGTERM)
    assert keeper.wait() == 0
    wait_until_nothing_is_left(pair)
    check_flood(pair.audit, producer.run, logged)
    assert pair.verify()[0] == 0


def test_killed_while_it_closes_a_run_and_while_it_ends_each_run_is_closed_once(pair: Pair) -> None:
    plan = Plan(pair.root / "plan", "sidecar")
    producers = []
    for step in ("closing", "closed"):
        name = plan.strike(step)
        pair.python(*plan.arguments)
        producers.append(log_10(pair))
        assert producers[-1].end() == 0
        plan.wait_struck(name)
    for step in ("draining", "ending", "settled", "sockets closed"):
        name = plan.strike(step)
        sidecar = pair.python(*plan.arguments)
        sidecar.wait_for_line("Sidecar ready")
        if step == "draining":
            producers.append(log_10(pair))
        sidecar.signal(signal.SIGTERM)
        assert plan.wait_struck(name) == sidecar.pid
        assert sidecar.wait() == -signal.SIGKILL
    pair.ready_sidecar()
    assert producers[-1].end() == 0
    for producer in producers:
        pair.wait_for_closing(producer.log)
        records = read_run(pair.audit, producer.run)
        assert [record["n"] for record in records if "n" in record] == list(range(1, 11))
        assert closings(records) == records[-1:]


def log_10(pair: Pair) -> Producer:
    """A producer of which 10 events are on disk."""
    producer = pair.producer()
    producer.ask("log", 1, 10)
    producer.wait_for_durable(10)
    return producer
