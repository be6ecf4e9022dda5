"""What sidecar and GUI process hold, and how soon they are there."""

import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from tests.benchmarks.inside import Metrics
from tests.benchmarks.suite import Figure, Options, Row, Trial, Unavailable, child, go_on, measured
from tests.fault.hanging import bench
from tests.fault.mount import HAS_FUSE
from tests.support.processes import Pair

MIB = 2**20
GUIS = 4
# So many of that size fill the outbox by both of its bounds.
TEXT, EVENTS = 3_100, 5_000
IDLE_S, QUICK_IDLE_S = 10.0, 1.0


def idle(options: Options) -> Metrics:
    """A sidecar with nothing to do. From its start to its word that it is ready, as its parent reads it."""
    with ExitStack() as stack:
        pair = Pair(stack)
        begun = time.perf_counter()
        sidecar = pair.sidecar(read=False)
        assert sidecar.popen.stdout is not None
        assert b"ready" in sidecar.popen.stdout.readline()
        ready = time.perf_counter() - begun
        sidecar.read()
        process = psutil.Process(sidecar.pid)
        before = sum(process.cpu_times()[:2])
        seconds = QUICK_IDLE_S if options.quick else IDLE_S
        time.sleep(seconds)
        cpu = (sum(process.cpu_times()[:2]) - before) / seconds
        return {"ready": ready, "MiB": process.memory_info().rss / MIB, "cpu share": cpu}


def backlog(options: Options) -> Metrics:
    """The most that it held while the disk hung and four GUIs had full outboxes."""
    del options
    if not HAS_FUSE:
        raise Unavailable("FUSE is not installed (Debian: fuse3); without it no disk can be made to hang")
    with TemporaryDirectory() as scratch, bench(Path(scratch)) as stage:
        sidecar = stage.pair.ready_sidecar()
        guis = [child(stage.pair, "audited", "backlog", text=TEXT, events=EVENTS) for _ in range(GUIS)]
        for gui in guis:
            gui.wait_for_line("begun")
        stage.mount.hang("fsync")
        for gui in guis:
            go_on(gui)
        for gui in guis:
            gui.wait_for_line("logged")
        stage.mount.wait_for("hung", "fsync")
        # What is under way has arrived when it takes no more.
        held = [0.0, memory_mib(sidecar.pid)]
        while held[-1] > held[-2]:
            time.sleep(1)
            held.append(memory_mib(sidecar.pid))
        return {"MiB": max(held)}


def memory_mib(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss) / MIB


def outbox(options: Options) -> Metrics:
    del options
    return measured("audited", "outbox", text=TEXT)


def importing(options: Options) -> Metrics:
    del options
    return measured("audited", "importing")


TRIALS = [
    Trial("sidecar idle", idle),
    Trial("sidecar with a full backlog", backlog, rounds=3),
    Trial("full outbox", outbox),
    Trial("import of gui.audit", importing),
]
ROWS = [
    Row("memory", "sidecar: memory idle", Figure("sidecar idle", "MiB"), "MiB", 40),
    Row(
        "memory", "sidecar: memory, 4 full backlogs of 16 MiB", Figure("sidecar with a full backlog", "MiB"), "MiB", 150
    ),
    Row("memory", "sidecar: CPU idle", Figure("sidecar idle", "cpu share"), "%", 0.003),
    Row("memory", "sidecar: start to ready", Figure("sidecar idle", "ready"), "ms", 0.4),
    Row("memory", "GUI process: memory added, full outbox", Figure("full outbox", "MiB"), "MiB", 40),
    Row("memory", "GUI process: import of gui.audit", Figure("import of gui.audit", "seconds"), "ms", 0.06),
]
