"""A real sidecar starts on a directory of damaged logs: it serves all their runs, and the log of the dead one is closed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.chain import head_of, sidecar_body
from tests.conftest import pair
from tests.fault.damage import chained, deleted, joined
from tests.log.bench import NOW
from tests.support import logs
from tests.support.processes import Pair
from tests.support.waiting import until

__all__ = ["pair"]

BEFORE, AFTER = 20, 5


def edit(old: bytes, new: bytes) -> Callable[[list[bytes]], list[bytes]]:
    return lambda lines: [line.replace(old, new) for line in lines]


def append(line: bytes) -> Callable[[list[bytes]], list[bytes]]:
    return lambda lines: [*lines, line]


def forge_a_gap(lines: list[bytes]) -> list[bytes]:
    extra: dict[str, object] = {"lost_from": BEFORE + 1, "lost_to": 10**6, "reason": "forged"}
    return [*lines, *chained([sidecar_body(NOW, "warning", "Forged", extra, 10**6)], head_of(lines[-1]))]


# What is done to a log, and how many of its events then count as missing.
DAMAGES: dict[str, tuple[Callable[[list[bytes]], list[bytes]], int]] = {
    "the last number": (edit(b'"seq":20,', b'"seq":28,'), 1),
    "a line that is no UTF-8": (edit(b'"message":"event 15"', b'"message":"event \xf5"'), 6),
    "a line nested deeply": (append(b'{"a":' * 50_000 + b"1" + b"}" * 50_000), 0),
    "a forged gap": (forge_a_gap, 0),
    "a deleted line": (lambda lines: deleted(lines, 18), 3),
}


@pytest.mark.long
def test_runs_whose_logs_were_damaged_while_no_sidecar_ran_lose_nothing_more(pair: Pair) -> None:
    first = pair.ready_sidecar()
    runs = {name: pair.producer() for name in [*DAMAGES, "dead"]}
    for run in runs.values():
        run.ask("log", 1, BEFORE)
        run.wait_for_durable(BEFORE)
    first.kill()
    first.wait()
    runs["dead"].kill()
    runs["dead"].wait()
    for name, run in runs.items():
        damage(run.log, DAMAGES.get(name, DAMAGES["a deleted line"])[0])
    found = {name: run.log.read_bytes() for name, run in runs.items()}

    second = pair.ready_sidecar()
    for name, (_, missing) in DAMAGES.items():
        runs[name].ask("log", BEFORE + 1, BEFORE + AFTER)
        assert runs[name].wait_for_durable(BEFORE + AFTER)["lost"] == missing, name
        assert runs[name].end() == 0
    for name, run in runs.items():
        part = run.log.with_suffix(".2.jsonl")
        closing = wait_for_closing(part)
        assert run.log.read_bytes() == found[name], name
        assert second.wait_for_line(f"goes on in {part.name}", err=True)
        seqs = [json.loads(line).get("seq") for line in part.read_bytes().splitlines()]
        assert [seq for seq in seqs if seq] == ([] if name == "dead" else [*range(BEFORE + 1, BEFORE + AFTER + 1)]), (
            name
        )
        assert closing["outcome"] == ("vanished" if name == "dead" else "clean"), name
    code, printed, _ = pair.verify()
    assert (code, printed[-1]) == (1, f"{len(runs)} logs, 0 intact, {len(runs)} damaged")


def wait_for_closing(part: Path) -> logs.Record:
    """The last line of a part that goes on from a line of another."""

    def lines() -> list[bytes]:
        return part.read_bytes().splitlines() if part.exists() else []

    until(lambda: b'"outcome":' in b"".join(lines()[-1:]), lambda: f"the closing line of {part.name}")
    closing: logs.Record = json.loads(lines()[-1])
    return closing


def damage(path: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    before = path.read_bytes()
    lines = change(before.split(b"\n")[:-1])
    assert joined(lines) != before
    # In place, as an editor or a failing disk does.
    path.write_bytes(joined(lines))
