"""`python -m tests.hostile.fuzz TARGET --seconds N`: a target of targets.py under a fuzzer that follows the coverage.

Needs atheris: `uv sync --group fuzz`. What it finds is written to `--found` and can be given back as a path; it belongs into
the corpus of test_targets.py.
"""

import argparse
import importlib
import os
import sys
import tempfile
from pathlib import Path

# Of a group of its own, so that nothing else needs it.
atheris = importlib.import_module("atheris")

with atheris.instrument_imports(include=["gui.audit", "shared", "sidecar"]):
    from tests.hostile.corpus import seeds_of
    from tests.hostile.targets import TARGETS


def main() -> None:
    """Ends the process: 0 when nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.fuzz", description=__doc__)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("again", nargs="*", help="files with inputs to run once")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=int, default=4096, help="bytes of an input")
    parser.add_argument("--found", type=Path, default=Path(tempfile.gettempdir(), "datatools-fuzz"))
    arguments = parser.parse_args()
    target = TARGETS[arguments.target]
    corpus = arguments.found / arguments.target
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds_of(arguments.target)):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = [
        f"-max_total_time={arguments.seconds}", f"-seed={arguments.seed}", f"-max_len={arguments.longest}", "-timeout=10",
        "-rss_limit_mb=2048", f"-artifact_prefix={corpus}{os.sep}found-", "-print_final_stats=1",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, *(arguments.again or [str(corpus)])], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
