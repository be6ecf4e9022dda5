"""`python -m sidecar bundle`, as its user sees it."""

import json
import stat
import zipfile
from hashlib import sha256
from pathlib import Path

from tests.compress.logs import closed, compress_by_hand, sidecar
from tests.verify.logs import RUN

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
    assert sidecar("bundle", path, *options, "--output", target).returncode == 0
    with zipfile.ZipFile(target) as bundle:
        copy = bundle.read(f"logs/{path.name}").decode()
        assert copy.splitlines()[-5:] == seen.stdout.splitlines()
        assert [secret in bundle.read(name).decode() for name in bundle.namelist()].count(True) == 0
        assert "no longer fit together as a chain" in bundle.read("README.txt").decode()


def test_without_a_log_or_a_place_to_write_nothing_is_left(tmp_path: Path) -> None:
    nothing = sidecar("bundle", closed(tmp_path), "--run", "00000002", "--output", tmp_path / "a.zip")
    assert (nothing.returncode, nothing.stderr) == (1, "There is no log to put into a bundle.\n")
    nowhere = sidecar("bundle", tmp_path, "--output", tmp_path / "no" / "a.zip")
    assert nowhere.returncode == 1
    assert "cannot be written: No such file or directory. Name another with --output." in nowhere.stderr
    assert list(tmp_path.glob("*.zip")) == []
