"""The run directory is trusted only when it is this user's alone."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared import rundir
from shared.errors import SettingsError

NOBODY = 65534
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can give a directory away")


@pytest.fixture
def place() -> Iterator[Path]:
    # Short, for the sockets' sake.
    place = Path(tempfile.mkdtemp(dir="/tmp", prefix="dt-"))
    yield place
    shutil.rmtree(place)


def refused(path: Path, why: str) -> None:
    for look in (rundir.prepare, rundir.check):
        with pytest.raises(SettingsError, match=why) as caught:
            look(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_it_is_made_with_its_parents_for_its_owner_alone(place: Path) -> None:
    run = place / "a" / "b"
    rundir.prepare(run)
    assert run.stat().st_mode & 0o777 == 0o700
    rundir.prepare(run)
    rundir.check(run)


def test_while_it_is_not_there_the_check_says_just_that(place: Path) -> None:
    with pytest.raises(FileNotFoundError):
        rundir.check(place / "run")


def test_a_file_in_its_place_is_said(place: Path) -> None:
    (place / "run").write_text("")
    refused(place / "run", "is not a directory.*DATATOOLS_RUN_DIR")


def test_a_file_among_its_parents_is_said(place: Path) -> None:
    (place / "file").write_text("")
    with pytest.raises(SettingsError, match="Cannot make the run directory"):
        rundir.prepare(place / "file" / "run")


def test_a_link_is_not_followed(place: Path) -> None:
    (place / "mine").mkdir(mode=0o700)
    (place / "run").symlink_to(place / "mine")
    refused(place / "run", "is not a directory")


def test_a_dangling_link_is_said(place: Path) -> None:
    (place / "run").symlink_to(place / "nowhere")
    with pytest.raises(SettingsError):
        rundir.prepare(place / "run")
    assert not (place / "nowhere").exists()


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702, 0o720, 0o1777])
def test_one_that_others_may_write_to_is_refused(place: Path, mode: int) -> None:
    (place / "run").mkdir()
    (place / "run").chmod(mode)
    refused(place / "run", "chmod go-w")


def test_one_that_others_may_only_read_is_accepted(place: Path) -> None:
    (place / "run").mkdir()
    (place / "run").chmod(0o755)
    rundir.prepare(place / "run")


def test_a_path_too_long_for_a_socket_is_said_before_anything_is_made(place: Path) -> None:
    refused(place / ("x" * 100), "shorter path")
    assert list(place.iterdir()) == []


def test_over_tcp_a_path_may_be_longer_than_a_socket_s(place: Path) -> None:
    run = place / ("x" * 100)
    rundir.prepare(run, sockets=False)
    rundir.check(run, sockets=False)


@as_root
def test_one_that_belongs_to_somebody_else_is_refused(place: Path) -> None:
    (place / "run").mkdir(mode=0o700)
    os.chown(place / "run", NOBODY, NOBODY)
    refused(place / "run", "belongs to another user")


@as_root
def test_one_inside_a_directory_of_somebody_else_is_refused(place: Path) -> None:
    # Whoever owns the parent can put another directory in its place after the check.
    parent = place / "datatools-0"
    parent.mkdir(mode=0o755)
    os.chown(parent, NOBODY, NOBODY)
    with pytest.raises(SettingsError):
        rundir.prepare(parent / "run")
