"""The format page, the golden bytes and the code say the same."""

import os
import re
import shutil
import subprocess
from functools import partial
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

import shared
from shared.chain import RESERVED
from sidecar import records, verify
from sidecar.admission import Gap
from sidecar.verify import explain
from sidecar.verify.check import Part, check_log
from sidecar.verify.files import read_chunks
from sidecar.verify.line import read_line
from tests.verify import golden
from tests.verify.logs import RUN

PAGE = Path(shared.__file__).with_name("FORMAT.md").read_text(encoding="utf-8")
EXAMPLES = [line.encode() for line in PAGE.split("\n") if line.startswith("{")]
GOLDEN = [line for path in (golden.ONE, golden.TWO) for line in path.read_bytes().split(b"\n") if line]
needs_shell = pytest.mark.skipif(
    not (shutil.which("sh") and shutil.which("sha256sum")), reason="the commands are a Unix shell's"
)
FIXED_KEYS = ["ts", "level", "category", "session", "message"]


def test_the_golden_bytes_are_what_the_chain_makes() -> None:
    assert golden.one() == golden.ONE.read_bytes()
    assert golden.two() == golden.TWO.read_bytes()


def test_the_golden_chain_holds_by_hashlib_alone() -> None:
    head = "0" * 64
    for line in GOLDEN:
        assert line[-75:] == b',"prev":"%b"}' % head.encode()
        head = sha256(line).hexdigest()


def test_the_golden_logs_are_intact() -> None:
    paths = {1: golden.ONE, 2: golden.TWO}
    report = check_log([Part(path.name, RUN, number, partial(read_chunks, path)) for number, path in paths.items()])
    assert (report.findings, report.events, report.lost, report.state) == ([], 5, 3, "open")


@pytest.mark.parametrize("line", GOLDEN)
def test_keys_stand_in_the_documented_order(line: bytes) -> None:
    keys = list(msgspec.json.decode(line))
    assert keys[:5] == FIXED_KEYS
    assert keys[-2] in {"seq", "last"}
    assert keys[-1] == "prev"
    assert RESERVED.isdisjoint(keys[5:-2])


def test_every_example_of_the_page_is_a_golden_line() -> None:
    assert len(EXAMPLES) == 10
    for line in EXAMPLES:
        assert read_line(line, "page", 1).bad == ""
        assert line in GOLDEN


def test_the_page_names_the_reserved_keys() -> None:
    listed = re.search(r"named like a key of the format \((.*?)\)", PAGE, re.DOTALL)
    assert listed is not None
    assert set(re.findall(r"`(\w+)`", listed[1])) == RESERVED


def test_the_page_names_every_kind_and_no_other() -> None:
    source = "".join(Path(module.__file__ or "").read_text(encoding="utf-8") for module in (explain, verify))
    source += Path(verify.__file__ or "").with_name("check.py").read_text(encoding="utf-8")
    used = set(re.findall(r'Finding\(\s*"([a-z ]+)"', source)) | set(re.findall(r'"(head not found)', source))
    table = PAGE.split("## What `verify` calls a damage")[1]
    assert set(re.findall(r"^\| `([a-z ]+)` \|", table, re.MULTILINE)) == used


def test_the_sidecar_writes_the_documented_records() -> None:
    owner = records.Owner(4711, 1.5)
    written = [
        records.opening(0, RUN, owner, 1, 0, 0),
        records.gap(0, Gap(3, 5), "outbox full"),
        records.repair(0, 118, 5),
        records.closing(0, records.CLEAN, 6, 3, 6),
        records.closing(0, records.VANISHED, 7, 3, 9),
        records.opening(0, RUN, owner, 2, 3, 6, continues="was cut"),
        records.deletion(0, RUN, 2, 10, "older than 30 days", 8),
        records.attestation(0, 60, 8, 3),
    ]
    documented = [list(msgspec.json.decode(line)) for line in EXAMPLES if b'"category":"audit"' in line]
    assert [list(msgspec.json.decode(body + b',"prev":""}')) for body in written] == documented


def shell(command: str, log: Path) -> str:
    environ = {**os.environ, "LOG": str(log)}
    return subprocess.run(["sh", "-c", command], env=environ, check=True, capture_output=True, text=True).stdout


@needs_shell
def test_the_commands_of_the_page_check_a_log_by_hand() -> None:
    commands = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    head = sha256(golden.ONE.read_bytes().split(b"\n")[-2]).hexdigest()
    assert [shell(command, golden.ONE) for command in commands] == [f"{head}  -\n", f"7 lines, head {head}\n"]


@needs_shell
def test_the_command_of_the_page_sees_an_edit(tmp_path: Path) -> None:
    edited = tmp_path / "log.jsonl"
    edited.write_bytes(golden.one().replace(b"customers", b"strangers"))
    command = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)[1]
    assert shell(command, edited).startswith("line 3 is not chained to the line before it\n7 lines")
