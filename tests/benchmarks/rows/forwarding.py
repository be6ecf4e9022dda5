"""How fast lines are forwarded to a stream on this machine, and what that costs events and calls beside it."""

from contextlib import ExitStack
from datetime import datetime
from functools import partial

from tests.benchmarks.inside import Metrics
from tests.benchmarks.suite import LONG_S, Figure, Options, Row, Trial, Unavailable, child, go_on, outcome
from tests.forward.nats_server import BINARY, STREAM, Server
from tests.support.processes import Pair
from tests.support.waiting import until

EVENTS, QUICK_EVENTS = 100_000, 1_000
CALLS, QUICK_CALLS, PACE_S = 4_000, 50, 0.002
DURABLE, DURABLE_FORWARDED = "durable: nothing forwarded", "durable: forwarded beside it"
PACED, PACED_FORWARDED = "calls: nothing forwarded", "calls: forwarded beside them"
BACKLOG = "forwarding a backlog"


def server_of(stack: ExitStack, pair: Pair) -> Server:
    if BINARY is None:
        raise Unavailable("nats-server is not installed (the group dev has it)")
    server = Server(stack, pair.root / "nats")
    # It belongs to another machine, and is not to be measured by what it takes from this one.
    server.prefix = ["nice", "-n", "19"]
    server.start().wait_listening()
    server.make_stream()
    return server


def durable(options: Options, *, forwarded: bool) -> Metrics:
    with ExitStack() as stack:
        pair = Pair(stack)
        if forwarded:
            pair.settings["DATATOOLS_AUDIT_FORWARD"] = server_of(stack, pair).url
        sidecar = pair.ready_sidecar()
        if forwarded:
            sidecar.wait_for_line("Forwarding to")
        return outcome(child(pair, "audited", "durable", events=QUICK_EVENTS if options.quick else EVENTS))


def paced(options: Options, *, forwarded: bool) -> Metrics:
    with ExitStack() as stack:
        pair = Pair(stack)
        if forwarded:
            pair.settings["DATATOOLS_AUDIT_FORWARD"] = server_of(stack, pair).url
        sidecar = pair.ready_sidecar()
        if forwarded:
            sidecar.wait_for_line("Forwarding to")
        calling = child(pair, "audited", "steady", events=QUICK_CALLS if options.quick else CALLS, pace_s=PACE_S)
        calling.wait_for_line("begun")
        go_on(calling)
        return outcome(calling)


def backlog(options: Options) -> Metrics:
    """All that lies there, as fast as it goes: from the first line's time in the stream to the last one's."""
    with ExitStack() as stack:
        pair = Pair(stack)
        server = server_of(stack, pair)
        recording = pair.ready_sidecar()
        events = QUICK_EVENTS if options.quick else EVENTS
        outcome(child(pair, "audited", "durable", events=events))
        recording.kill()
        recording.wait()
        pair.settings |= {"DATATOOLS_AUDIT_FORWARD": server.url, "DATATOOLS_AUDIT_FORWARD_RATE": "0"}
        pair.ready_sidecar()
        until(lambda: server.count() >= events, lambda: f"{server.count()} of {events} lines forwarded", LONG_S)
        state = server.api(f"STREAM.INFO.{STREAM}")["state"]
        first, last = (datetime.fromisoformat(state[each][:26]) for each in ("first_ts", "last_ts"))
        return {"per second": int(state["messages"]) / (last - first).total_seconds()}


TRIALS = [
    Trial(DURABLE, partial(durable, forwarded=False)),
    Trial(DURABLE_FORWARDED, partial(durable, forwarded=True)),
    Trial(PACED, partial(paced, forwarded=False)),
    Trial(PACED_FORWARDED, partial(paced, forwarded=True)),
    Trial(BACKLOG, backlog, rounds=3),
]

ROWS = [
    Row("forwarding", "forwarded lines per second", Figure(BACKLOG, "per second"), "/s", 5_000, at_most=False),
    Row(
        "forwarding",
        "durable events per second, forwarded / not",
        Figure(DURABLE_FORWARDED, "per second"),
        "/s",
        0.95,
        Figure(DURABLE, "per second"),
        at_most=False,
    ),
    Row(
        "forwarding",
        "log_event p50, forwarded / not",
        Figure(PACED_FORWARDED, "p50"),
        "µs",
        1.05,
        Figure(PACED, "p50"),
    ),
]
