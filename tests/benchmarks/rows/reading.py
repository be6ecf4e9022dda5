"""What a long log costs: checking it, the restart of the sidecar, and a question about its end."""

import subprocess
import sys
import time
from contextlib import ExitStack

from shared.chain import format_time
from tests.benchmarks.inside import Metrics
from tests.benchmarks.long_log import START, STEP, write_log
from tests.benchmarks.suite import Figure, Options, Row, Trial
from tests.support.processes import Pair
from tests.support.waiting import ROOT

# The system counts what the starting process held as the started one's own, so a small one starts it.
STARTER = """
import resource, subprocess, sys, time
begun = time.perf_counter()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""
MINUTE = 12_000
NAME = "long log"
QUICK_BYTES = 1


def long_log(options: Options) -> Metrics:
    """All on the same log, which is in the page cache as far as it fits there."""
    with ExitStack() as stack:
        pair = Pair(stack)
        last = write_log(pair.audit, QUICK_BYTES if options.quick else int(options.gigabytes * 1e9))
        files = [str(path) for path in pair.log_files()]
        size = sum(path.stat().st_size for path in pair.log_files())
        summed, _ = timed(pair, ["sha256sum", *files])
        verified, memory = timed(pair, [sys.executable, "-m", "sidecar", "verify", str(pair.audit)])
        _, memory_of_part = timed(pair, [sys.executable, "-m", "sidecar", "verify", files[0]])
        since = format_time(START + (last - MINUTE) * STEP)
        asked, _ = timed(pair, [sys.executable, "-m", "sidecar", "query", "--since", since, str(pair.audit)])
        begun = time.perf_counter()
        sidecar = pair.sidecar(read=False)
        assert sidecar.popen.stdout is not None
        assert b"ready" in sidecar.popen.stdout.readline()
        restarted = time.perf_counter() - begun
        return {
            "verify MB/s": size / verified / 1e6,
            "sha256sum MB/s": size / summed / 1e6,
            "verify MiB": memory,
            "verify MiB of a part": memory_of_part,
            "restart": restarted,
            "query": asked,
            "GB": size / 1e9,
        }


def timed(pair: Pair, command: list[str]) -> tuple[float, float]:
    """Seconds that a command took, and the most MiB that it, or a process that it started, held."""
    measured = [sys.executable, "-c", STARTER, *command]
    done = subprocess.run(measured, env=pair.environ, stdout=subprocess.PIPE, cwd=ROOT, check=True)
    seconds, mib = map(float, done.stdout.split())
    return seconds, mib


TRIALS = [Trial(NAME, long_log, rounds=3)]
ROWS = [
    Row(
        "reading",
        "verify / sha256sum",
        Figure(NAME, "verify MB/s"),
        "MB/s",
        0.6,
        Figure(NAME, "sha256sum MB/s"),
        at_most=False,
    ),
    Row(
        "reading",
        "verify: most memory of a process / on its first 64 MiB alone",
        Figure(NAME, "verify MiB"),
        "MiB",
        1.2,
        Figure(NAME, "verify MiB of a part"),
    ),
    Row("reading", "a long log: restart of the sidecar", Figure(NAME, "restart"), "ms", 0.5),
    Row("reading", "a long log: query of its last minute", Figure(NAME, "query"), "ms", 1.0),
]
