"""What one send costs its caller while other Python threads are busy: `python -m tests.benchmarks.send`.

Side by side in one run, each in a process of its own: the GUI's send, which keeps the GIL, and pyzmq's. Medians of rounds.
"""

import argparse
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import zmq

from gui.audit.push import send_with_pyzmq, transmitter

SENDERS = ("keeps the GIL", "pyzmq")
ROUNDS, SENDS, PACE_S = 3, 400, 0.002
FRAME = bytes(200)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.send", description=__doc__)
    parser.add_argument("--measure", nargs=2, metavar=("SENDER", "BUSY"), help=argparse.SUPPRESS)
    chosen = parser.parse_args().measure
    if chosen:
        print(*measure(chosen[0], int(chosen[1])))
        return
    print(f"{platform.machine()}, Python {platform.python_version()}, medians of {ROUNDS} rounds of {SENDS} sends")
    print(f"{'busy threads':>12}  {'send':<14} {'p50 ms':>8} {'p99 ms':>8}")
    for busy in (0, 2):
        for sender in SENDERS:
            p50, p99 = (statistics.median(each) for each in zip(*(in_a_process(sender, busy) for _ in range(ROUNDS))))
            print(f"{busy:>12}  {sender:<14} {p50 * 1e3:>8.3f} {p99 * 1e3:>8.3f}")


def in_a_process(sender: str, busy: int) -> tuple[float, float]:
    command = [sys.executable, "-m", "tests.benchmarks.send", "--measure", sender, str(busy)]
    p50, p99 = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(p50), float(p99)


def measure(sender: str, busy: int) -> tuple[float, float]:
    """Seconds that half, and 99 of 100, of the sends took at most."""
    with tempfile.TemporaryDirectory() as scratch, zmq.Context() as context:
        address = f"ipc://{Path(scratch, 'events')}"
        with context.socket(zmq.PULL) as pull, context.socket(zmq.PUSH) as push:
            pull.bind(address)
            push.connect(address)
            push.poll(flags=zmq.POLLOUT)
            ended = threading.Event()
            for _ in range(busy):
                threading.Thread(target=be_busy, args=(ended,), daemon=True).start()
            taken = sorted(time_sends(sender, push))
            ended.set()
    return taken[len(taken) // 2], taken[len(taken) * 99 // 100]


def time_sends(sender: str, push: zmq.Socket[bytes]) -> list[float]:
    transmit = transmitter(push) if sender == SENDERS[0] else lambda frame: send_with_pyzmq(push, frame)
    taken = []
    for _ in range(SENDS):
        time.sleep(PACE_S)
        start = time.perf_counter()
        assert transmit(FRAME), "the pipe is full"
        taken.append(time.perf_counter() - start)
    return taken


def be_busy(ended: threading.Event) -> None:
    while not ended.is_set():
        sum(range(1000))


if __name__ == "__main__":
    main()
