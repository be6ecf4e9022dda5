"""How fast lines are forwarded to a stream on this machine, and what that costs events and calls beside it."""

import statistics
from contextlib import ExitStack
from datetime import datetime

from tests.benchmarks.inside import Metrics
from tests.benchmarks.suite import LONG_S, Figure, Options, Row, Trial, Unavailable, child, go_on, outcome
from tests.forward.nats_server import BINARY, STREAM, Server
from tests.support.processes import Pair, Process
from tests.support.waiting import until

EVENTS, QUICK_EVENTS = 100_000, 1_000
# Of a turn; fewer than what would have to wait for room in the outbox.
TURNS, QUICK_TURNS, TURN_EVENTS, PACED, PACE_S = 15, 1, 3_000, 300, 0.002
BACKLOG, TURN = "forwarding a backlog", "by turns, forwarded and not"


def server_of(stack: ExitStack, pair: Pair, storage: str = "file") -> Server:
    if BINARY is None:
        raise Unavailable("nats-server is not installed (the group dev has it)")
    server = Server(stack, pair.root / "nats")
    # It belongs to another machine, and is not to be measured by what it takes from this one.
    server.prefix = ["nice", "-n", "19"]
    server.start().wait_listening()
    server.make_stream(storage=storage)
    return server


def by_turns(options: Options) -> Metrics:
    """Two sidecars, of which one forwards, and a program each: the medians of what each turn took of the other's."""
    with ExitStack() as stack:
        plain, forwarding = Pair(stack), Pair(stack)
        # Nor is its disk this machine's.
        server = server_of(stack, forwarding, "memory")
        forwarding.settings["DATATOOLS_AUDIT_FORWARD"] = server.url
        plain.ready_sidecar()
        forwarding.ready_sidecar().wait_for_line("Forwarding to")
        arguments = {"events": TURN_EVENTS, "paced": PACED, "pace_s": PACE_S}
        programs = [child(pair, "audited", "by_turns", **arguments) for pair in (plain, forwarding)]
        for program in programs:
            program.wait_for_line("begun")
        turns: list[tuple[list[float], list[float]]] = []
        for number in range(QUICK_TURNS if options.quick else TURNS):
            first, second = (0, 1) if number % 2 else (1, 0)
            taken = {first: turn(programs[first]), second: [0.0]}
            # What one left to forward must not be measured with the other.
            until(lambda: server.count() >= (number + (first == 1)) * (TURN_EVENTS + PACED), "all is forwarded")  # noqa: B023
            taken[second] = turn(programs[second])
            until(lambda: server.count() >= (number + 1) * (TURN_EVENTS + PACED), "all is forwarded")  # noqa: B023
            turns.append((taken[0], taken[1]))
        return {
            "durable ratio": statistics.median(plain[0] / forwarded[0] for plain, forwarded in turns),
            "p50 ratio": statistics.median(forwarded[1] / plain[1] for plain, forwarded in turns),
        }


def turn(program: Process) -> list[float]:
    done = len(program.out)
    go_on(program)
    until(lambda: len(program.out) > done, lambda: f"a turn: {program.err}", LONG_S)
    return [float(each) for each in program.out[done].split()[1:]]


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


TRIALS = [Trial(BACKLOG, backlog, rounds=3), Trial(TURN, by_turns, rounds=3)]
ROWS = [
    Row("forwarding", "forwarded lines per second", Figure(BACKLOG, "per second"), "/s", 5_000, at_most=False),
    Row(
        "forwarding",
        "durable events per second, forwarded / not",
        Figure(TURN, "durable ratio"),
        "",
        0.95,
        at_most=False,
    ),
    Row("forwarding", "log_event p50, forwarded / not", Figure(TURN, "p50 ratio"), "", 1.05),
]
