"""What must hold when an attack is over."""

from tests.hostile.frames import GREETED
from tests.support.processes import Pair, Sidecar


def check_aftermath(pair: Pair, sidecar: Sidecar, honest: int = 1) -> None:
    """The sidecar lives, said once that it refused something, steered no terminal, and left logs that verify.

    There were so many `honest` runs.
    """
    assert sidecar.popen.poll() is None
    assert sum(line.startswith("Refused ") for line in sidecar.err) == 1
    assert [line for line in sidecar.out + sidecar.err if not line.isprintable()] == []
    assert {path.name for path in pair.root.iterdir()} == {"logs", "run"}
    assert {path.name for path in pair.run_dir.iterdir()} == {"events", "acks", "ask", "lock"}
    names = {path.name for path in pair.log_files()}
    assert {f"datatools-{run}.jsonl" for run in GREETED} <= names
    assert len({name[:35] for name in names}) == len(GREETED) + honest
    code, printed, complained = pair.verify()
    assert (code, complained) == (0, []), printed[-20:]
    code, printed, complained = pair.run("-m", "sidecar", "query", "--text", "thread 0 event 1", str(pair.audit))
    assert (code, complained) == (0, [])
    assert [line for line in printed if not line.isprintable()] == []
