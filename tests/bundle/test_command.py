"""`python -m sidecar bundle`, as its user sees it."""

import io
import json
import stat
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from shared.chain import head_of
from sidecar.bundle.contents import Checked
from sidecar.bundle.contents import write as write_bundle
from sidecar.bundle.redaction import Redaction
from sidecar.parts import find_logs, fixed
from sidecar.verify import check_files
from tests.compress.logs import closed, compress_by_hand, sidecar, write
from tests.verify.logs import RUN, closing, events, gap, opening, sealed

OTHER = "20261124T153000Z-00000001"


def test_a_bundle_holds_the_logs_as_they_are_and_what_verify_says(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    path = closed(tmp_path / "logs")
    compress_by_hand(closed(tmp_path / "logs", run=OTHER))
    target = tmp_path / "support.zip"
    settings = {"DATATOOLS_AUDIT_DIR": f"{tmp_path}/logs", "DATATOOLS_TOMORROW": "secret", "HOME": str(tmp_path)}
    made = sidecar("bundle", tmp_path / "logs", "--output", target, **settings)
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout == f"{target}: 2 logs, {target.stat().st_size:,} bytes. Look into it before you send it.\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with zipfile.ZipFile(target) as bundle:
        assert bundle.read(f"logs/{path.name}") == path.read_bytes()
        facts = json.loads(bundle.read("bundle.json"))
        assert {each["run"]: (each["events"], each["damages"]) for each in facts["logs"]} == {
            RUN: (30, 0),
            OTHER: (30, 0),
        }
        assert facts["settings"] == {"DATATOOLS_AUDIT_DIR": "~/logs"}
        for each in facts["files"]:
            assert sha256(bundle.read(each["name"])).hexdigest() == each["sha256"]
        assert f"{RUN}: intact, closed" in bundle.read("verify.txt").decode()
        bundle.extractall(tmp_path / "there")
    assert sidecar("verify", tmp_path / "there" / "logs").returncode == 0
    again = sidecar("bundle", tmp_path / "logs", "--output", target)
    assert (again.returncode, again.stderr) == (1, f"{target} is there already. Name another with --output.\n")


def test_what_is_redacted_is_in_no_file_of_the_bundle_and_the_preview_shows_just_that(tmp_path: Path) -> None:
    path = closed(tmp_path)
    secret = json.loads(path.read_bytes().split(b"\n")[5])["message"]
    options = ("--run", RUN[-8:], "--redact", "message")
    seen = sidecar("bundle", path, *options, "--preview")
    assert secret not in seen.stdout
    assert len(seen.stdout.splitlines()) == 5
    target = tmp_path / "support.zip"
    made = sidecar("bundle", path, *options, "--redact", "mesage", "--output", target)
    # Who mistypes a field must not believe that it is gone.
    said = "No line has a field of this name, so nothing was taken out for it: mesage\n"
    assert (made.returncode, made.stderr) == (0, said)
    with zipfile.ZipFile(target) as bundle:
        copy = bundle.read(f"logs/{path.name}").decode()
        assert copy.splitlines()[-5:] == seen.stdout.splitlines()
        assert [secret in bundle.read(name).decode() for name in bundle.namelist()].count(True) == 0
        assert "no longer fit together as a chain" in bundle.read("README.txt").decode()


def test_losses_are_listed_one_by_one_and_a_reason_that_is_redacted_is_in_no_file(tmp_path: Path) -> None:
    reason, name = "alice pulled the plug", "at payroll.xlsx"
    bodies = [gap(3, 7, reason), gap(8, 8, name), closing(8, "vanished", lost=6)]
    path = write(tmp_path, opening(), *events(1, 2), *bodies)
    losses = [
        {"file": path.name, "line": 4, "first": 3, "last": 7},
        {"file": path.name, "line": 5, "first": 8, "last": 8},
    ]
    for options, reasons in (
        ([], [reason, name]),
        (["--redact", "reason"], ["<redacted>", "<redacted>"]),
        (["--redact-file-names"], [reason, "<redacted>"]),
        (["--redact", "message"], [reason, name]),
    ):
        target = tmp_path / f"{len(options)}{options}.zip"
        assert sidecar("bundle", path, *options, "--output", target).returncode == 0
        with zipfile.ZipFile(target) as bundle:
            [facts] = json.loads(bundle.read("bundle.json"))["logs"]
            assert facts["gaps"] == [loss | {"reason": each} for loss, each in zip(losses, reasons, strict=True)]
            assert (facts["lost"], facts["more_gaps"]) == (6, 0)
            verdict = bundle.read("verify.txt").decode().splitlines()
            assert verdict[:3] == [
                f"{path.name}:4: note: gap: 3 to 7 lost: {reasons[0]}",
                f"{path.name}:5: note: gap: 8 lost: {reasons[1]}",
                f"{path.name}:6: note: the GUI vanished; the last number known is 8",
            ]
            everything = b"".join(map(bundle.read, bundle.namelist())).decode()
            assert [each in everything for each in (reason, name)] == [each in reasons for each in (reason, name)]


@pytest.mark.parametrize("redaction", [Redaction(), Redaction(frozenset({"rows"}))])
def test_of_a_log_that_grows_meanwhile_the_copy_and_the_verdict_are_of_the_same_bytes(
    tmp_path: Path, redaction: Redaction
) -> None:
    path = write(tmp_path, opening(), *events(1, 5))
    before = path.read_bytes()
    [log] = map(fixed, find_logs(tmp_path))
    with path.open("ab") as file:
        file.write(sealed(events(6, 7), head_of(before.splitlines()[-1]))[0] + b"\n")
        file.flush()
        checked = Checked(log, RUN, check_files(log))
        file.write(b'{"ts":"2026')
    out = io.BytesIO()
    write_bundle(out, [checked], redaction)
    with zipfile.ZipFile(out) as bundle:
        copy = bundle.read(f"logs/{path.name}")
        assert len(copy.splitlines()) == len(before.splitlines())
        assert bool(redaction) or copy == before
        assert (
            f"5 events (1 to 5), 0 lost, head {head_of(before.splitlines()[-1])}" in bundle.read("verify.txt").decode()
        )
    path.write_bytes(before[:-10])
    with pytest.raises(OSError, match="it became shorter while it was read"):
        write_bundle(io.BytesIO(), [checked], redaction)


def test_of_a_compressed_part_that_is_broken_what_is_whole_goes_in(tmp_path: Path) -> None:
    path = compress_by_hand(closed(tmp_path, last=20_000))
    path.write_bytes(path.read_bytes()[:-500])
    target = tmp_path / "support.zip"
    assert sidecar("bundle", tmp_path, "--redact", "rows", "--output", target).returncode == 0
    with zipfile.ZipFile(target) as bundle:
        assert len(bundle.read(f"logs/{path.name.removesuffix('.zst')}").splitlines()) > 1_000
        assert "broken compression" in bundle.read("verify.txt").decode()
    assert len(sidecar("bundle", tmp_path, "--redact", "rows", "--preview").stdout.splitlines()) == 5


def test_without_a_log_or_a_place_to_write_nothing_is_left(tmp_path: Path) -> None:
    nothing = sidecar("bundle", closed(tmp_path), "--run", "00000002", "--output", tmp_path / "a.zip")
    assert (nothing.returncode, nothing.stderr) == (1, "There is no log of run 00000002 to put into a bundle.\n")
    nowhere = sidecar("bundle", tmp_path, "--output", tmp_path / "no" / "a.zip")
    assert nowhere.returncode == 1
    assert "cannot be written: No such file or directory. Name another with --output." in nowhere.stderr
    assert list(tmp_path.glob("*.zip")) == []
