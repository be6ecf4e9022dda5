"""A directory of many logs as sidecars left them: some closed, some of GUIs that are gone."""

from pathlib import Path

from shared.chain import GENESIS, event_body, seal
from shared.naming import log_name
from sidecar import records
from sidecar.records import CLEAN, Owner
from tests.log.bench import NOW

# No process has this number.
GONE = Owner(2**22 + 1, 1_795_447_000.0)
EVENTS = 5


def run_id(number: int) -> str:
    return f"20261123T153000Z-{number:08x}"


def write_logs(directory: Path, many: int) -> list[Path]:
    """So many logs of a few events each, every other one closed."""
    directory.mkdir(mode=0o700)
    paths = []
    for number in range(many):
        run = run_id(number)
        bodies = [records.opening(NOW, run, GONE, 1, 0, 0)]
        bodies += [event_body(NOW + n, "info", "nav", "a1b2c3d4", f"Event {n}", {}, n) for n in range(1, EVENTS + 1)]
        if number % 2:
            bodies.append(records.closing(NOW, CLEAN, EVENTS, 0, EVENTS))
        path = directory / log_name(run)
        path.write_bytes(seal(GENESIS, bodies)[0])
        paths.append(path)
    return paths
