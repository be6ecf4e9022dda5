"""`python -m tests.many [--events EVENTS]`: one run of many events, as fast as they become durable; the result printed.

Printed with each tenth of them: durable events per second, and the memory of both processes.
"""

import argparse
import sys
from contextlib import ExitStack
from time import monotonic

from tests.fault.parts import read_run
from tests.soak.growth import sample
from tests.support import logs
from tests.support.processes import Pair

# Fits into the outbox, so that none is dropped however fast they are logged.
AT_ONCE = 2_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.many", description=__doc__)
    parser.add_argument("--events", type=int, default=2_000_000)
    events = parser.parse_args().events
    with ExitStack() as stack:
        pair = Pair(stack)
        sidecar, gui = pair.ready_sidecar(), pair.producer()
        gui.ask("stay", 24 * 3600)
        begun = tenth_begun = monotonic()
        for last in range(AT_ONCE, events + 1, AT_ONCE):
            gui.ask("log", last - AT_ONCE + 1, last)
            while gui.status()["pending"] > AT_ONCE:
                pass
            if last % (events // 10) < AT_ONCE:
                now = monotonic()
                memory = [f"{sample(each.pid, 0).memory:.1f}" for each in (sidecar, gui)]
                say(
                    f"{last:9} logged, {events / 10 / (now - tenth_begun):7.0f} /s, sidecar {memory[0]} MiB, GUI {memory[1]} MiB"
                )
                tenth_begun = now
        logged = events // AT_ONCE * AT_ONCE
        gui.wait_for_durable(logged)
        say(f"{logged} events durable in {monotonic() - begun:.0f} s: {logged / (monotonic() - begun):.0f} /s")
        assert gui.end() == 0
        sidecar.wait_for_line("event 1")
        numbers = [event["n"] for event in logs.events(read_run(pair.audit, gui.run))]
        assert numbers == list(range(1, logged + 1))
        say("each there once, none lost")
    return 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
