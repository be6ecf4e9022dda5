"""The runs that have logs in a directory, and the logs of some of them. Only looks."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from shared.errors import SettingsError
from shared.naming import parse_part_name
from shared.questions import MAX_RUNS, RunFiles, RunList
from sidecar.parts import Log, find_logs


def run_list(directory: Path) -> RunList:
    """The newest runs first, by their ids, which begin with the time. Raises OSError when the directory cannot be read."""
    found: dict[str, dict[int, os.stat_result]] = {}
    try:
        entries = list(os.scandir(directory))
    except FileNotFoundError:
        # No sidecar has written there yet.
        entries = []
    named = [(entry, parsed) for entry in entries if (parsed := parse_part_name(entry.name))]
    runs = sorted({run for _, (run, _, _) in named}, reverse=True)
    newest = set(runs[:MAX_RUNS])
    for entry, (run, part, _) in named:
        if run in newest:
            # It may be compressed or deleted by now.
            with contextlib.suppress(FileNotFoundError):
                found.setdefault(run, {})[part] = entry.stat()
    return RunList([_summary(run, found[run]) for run in runs if run in found], max(len(runs) - MAX_RUNS, 0))


def logs_of(runs: Iterable[str], directory: Path) -> list[Log]:
    """The logs of `runs`, in their order. Raises OSError, SettingsError where there is none."""
    found = {log.run: log for log in find_logs(directory)}
    for run in runs:
        if run not in found:
            raise SettingsError(f"There is no log of run {run}")
    return [found[run] for run in dict.fromkeys(runs)]


def _summary(run: str, parts: dict[int, os.stat_result]) -> RunFiles:
    stats = parts.values()
    return RunFiles(run, len(parts), sum(each.st_size for each in stats), max(int(each.st_mtime) for each in stats))
