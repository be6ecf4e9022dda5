"""The files by which GUI and sidecar meet over TCP are whole, this user's alone, or refused."""

import os
from pathlib import Path

import pytest
import zmq

from shared import curve, transport
from shared.curve import KEYS_NAME, PORTS_NAME, Ports, new_keys, read_keys, read_ports, write_keys, write_ports
from shared.errors import SettingsError
from sidecar.keys import make_once

NOBODY = 65534
MENDS = "keys --replace"


def test_keys_are_made_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_keys(tmp_path)
    made = make_once(tmp_path)
    assert make_once(tmp_path) == read_keys(tmp_path) == made
    secrets = {made.sidecar_secret, made.client_secret, new_keys().sidecar_secret, new_keys().client_secret}
    assert len(secrets) == 4


def test_what_a_crash_left_half_written_is_replaced_and_never_read(tmp_path: Path) -> None:
    (tmp_path / f"{KEYS_NAME}.tmp").write_bytes(b'{"sidecar_pub')
    made = make_once(tmp_path)
    assert read_keys(tmp_path) == made
    assert [path.name for path in tmp_path.iterdir()] == [KEYS_NAME]


def test_a_write_that_fails_leaves_the_old_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_once(tmp_path)

    def refuse(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(SettingsError, match="No space left on device"):
        write_keys(tmp_path, new_keys())
    assert read_keys(tmp_path) == made


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o622, 0o666])
def test_a_file_that_others_may_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    make_once(tmp_path)
    (tmp_path / KEYS_NAME).chmod(mode)
    for look in (read_keys, make_once):
        with pytest.raises(SettingsError, match=f"other users.*{MENDS}"):
            look(tmp_path)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    make_once(tmp_path)
    os.chown(tmp_path / KEYS_NAME, NOBODY, NOBODY)
    with pytest.raises(SettingsError, match=f"another user.*{MENDS}"):
        read_keys(tmp_path)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    make_once(tmp_path)
    (tmp_path / KEYS_NAME).rename(tmp_path / "theirs")
    (tmp_path / KEYS_NAME).symlink_to(tmp_path / "theirs")
    with pytest.raises(SettingsError, match=MENDS):
        read_keys(tmp_path)


def test_a_pipe_or_a_directory_in_their_place_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / KEYS_NAME, 0o600)
    with pytest.raises(SettingsError, match="is not a file"):
        read_keys(tmp_path)
    (tmp_path / PORTS_NAME).mkdir(mode=0o700)
    with pytest.raises(SettingsError, match="is not a file"):
        read_ports(tmp_path)
    with pytest.raises(SettingsError, match="Remove what is there"):
        write_ports(tmp_path, Ports(1, 2, 3))


def test_keys_that_are_cut_or_do_not_fit_are_damaged(tmp_path: Path) -> None:
    keys = make_once(tmp_path)
    whole = (tmp_path / KEYS_NAME).read_bytes()
    other = new_keys().client_secret
    for damaged in (b"", whole[:100], whole.replace(keys.client_secret.encode(), other.encode()), b'{"events":1}'):
        (tmp_path / KEYS_NAME).write_bytes(damaged)
        with pytest.raises(SettingsError, match=f"damaged.*{MENDS}"):
            read_keys(tmp_path)


def test_ports_that_are_none_are_damaged(tmp_path: Path) -> None:
    write_ports(tmp_path, Ports(40001, 40002, 40003))
    assert read_ports(tmp_path) == Ports(40001, 40002, 40003)
    (tmp_path / PORTS_NAME).write_bytes(b'{"events":0,"acks":70000,"ask":1}')
    with pytest.raises(SettingsError, match="start the sidecar again"):
        read_ports(tmp_path)


def test_without_a_setting_what_zeromq_has_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (transport.choose(""), transport.choose("tcp"), transport.choose("ipc")) == ("ipc", "tcp", "ipc")
    has: set[str] = {"curve"}
    monkeypatch.setattr(zmq, "has", has.__contains__)
    assert transport.choose("") == "tcp"
    with pytest.raises(SettingsError, match=r"no ipc.*DATATOOLS_AUDIT_TRANSPORT to tcp"):
        transport.choose("ipc")
    has.clear()
    with pytest.raises(SettingsError, match="no CURVE"):
        transport.choose("")


def test_no_secret_is_shown(tmp_path: Path) -> None:
    keys = make_once(tmp_path)
    (tmp_path / KEYS_NAME).write_bytes((tmp_path / KEYS_NAME).read_bytes()[:-20])
    with pytest.raises(SettingsError) as caught:
        curve.read_keys(tmp_path)
    assert keys.client_secret not in str(caught.value)
