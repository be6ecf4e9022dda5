"""How long the logs are makes no difference to the memory that reading them takes."""

import subprocess
import sys
from pathlib import Path

import pytest

from sidecar.compression import BLOCK, compressed
from tests.compress.logs import closed, compress_by_hand
from tests.support.waiting import ROOT
from tests.verify.logs import RUN

MIB = 1024 * 1024
# Runs a command, and says last on stderr how much memory this took at the most, in KiB.
MEASURED = """
import sys
from pathlib import Path
from sidecar.__main__ import main
try:
    sys.exit(main(sys.argv[1:]))
finally:
    status = Path("/proc/self/status").read_text()
    print(status.partition("VmHWM:")[2].split()[0], file=sys.stderr)
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux says what a process takes")


def measured(*arguments: object) -> tuple[int, bytes]:
    """Bytes of memory at the most, and what was printed."""
    command = [sys.executable, "-c", MEASURED, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=120)
    return int(done.stderr.splitlines()[-1]) * 1024, done.stdout


@pytest.fixture(scope="module")
def long_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """25 MB in 100,000 lines, and the same compressed."""
    path = closed(tmp_path_factory.mktemp("long"), last=100_000)
    compress_by_hand(path, keep=True)
    return path


@pytest.mark.parametrize("form", ["", pytest.param(".zst", marks=pytest.mark.long)])
@pytest.mark.parametrize(
    ("arguments", "lines"),
    [(["query"], 100_002), (["query", "--limit", "10"], 10), (["verify"], 3)],
    ids=["all", "newest", "verify"],
)
def test_a_hundred_thousand_lines_are_read_in_bounded_memory(
    tmp_path: Path, long_log: Path, form: str, arguments: list[str], lines: int
) -> None:
    short = closed(tmp_path)
    compress_by_hand(short, keep=True)
    little, _ = measured(*arguments, f"{short}{form}")
    much, out = measured(*arguments, f"{long_log}{form}")
    assert out.count(b"\n") == lines
    assert b"100000" in out
    assert much - little < 8 * MIB


@pytest.mark.parametrize("command", ["query", "verify", "compress"])
def test_a_bomb_is_read_in_bounded_memory(tmp_path: Path, command: str) -> None:
    little, _ = measured("query", closed(tmp_path))
    bomb = tmp_path / f"datatools-{RUN}.jsonl.zst"
    blocks = 2000
    bomb.write_bytes(b"".join(compressed((bytes(BLOCK) for _ in range(blocks)), blocks * BLOCK)))
    assert bomb.stat().st_size < blocks * BLOCK / 10_000
    much, _ = measured(command, bomb.parent)
    # A line is kept up to a MiB, and zstd has its window.
    assert much - little < 16 * MIB
