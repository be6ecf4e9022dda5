"""Names of runs and logs, and where a pair meets."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest

from shared.errors import SettingsError
from shared.naming import (
    SOCKET_PATH_MAX,
    Directories,
    check_socket_path,
    is_run_id,
    log_name,
    make_run_id,
    parse_log_name,
    resolve_directories,
)
from shared.wire import Hello, decode_upstream

RUN = "20261123T153000Z-a1b2c3d4"
NO_RUNS = [
    "", "../../etc/passwd", f"{RUN}/..", f"../{RUN}", f"{RUN}\n", f" {RUN}", f"{RUN}\0", RUN.upper(), RUN[:-1], f"{RUN}0",
    "20261123T153000Z-a1b2c3dg", "\u0662\u0660\u0662\u06661123T153000Z-a1b2c3d4", f"{RUN}.jsonl", "20261123T153000Z_a1b2c3d4",
]  # fmt: skip


def test_a_run_id_is_its_start_in_utc_and_eight_hex_digits() -> None:
    started = datetime(2026, 11, 23, 17, 30, tzinfo=timezone(timedelta(hours=2)))
    assert make_run_id(started, bytes.fromhex("a1b2c3d4ffff")) == RUN
    assert is_run_id(make_run_id(datetime.now(UTC), bytes(4)))


@pytest.mark.parametrize("text", NO_RUNS)
def test_what_is_no_run_id_never_becomes_a_path(text: str) -> None:
    assert not is_run_id(text)
    with pytest.raises(ValueError, match="not a run id"):
        log_name(text)
    assert parse_log_name(f"datatools-{text}.jsonl") is None


@pytest.mark.parametrize("text", NO_RUNS)
def test_what_is_no_run_id_does_not_even_decode(text: str) -> None:
    frame = msgspec.msgpack.encode(["hello", text, 1, 4711, 0.0, 0])
    with pytest.raises(msgspec.ValidationError):
        decode_upstream(frame)
    assert decode_upstream(msgspec.msgpack.encode(["hello", RUN, 1, 4711, 0.0, 0])) == Hello(RUN, 1, 4711, 0.0, 0)


@pytest.mark.parametrize(("part", "name"), [(1, f"datatools-{RUN}.jsonl"), (2, f"datatools-{RUN}.2.jsonl")])
def test_a_log_is_named_after_its_run_and_part(part: int, name: str) -> None:
    assert log_name(RUN, part) == name
    assert parse_log_name(name) == (RUN, part)


@pytest.mark.parametrize(
    "name",
    [
        f"datatools-{RUN}.1.jsonl", f"datatools-{RUN}.0.jsonl", f"datatools-{RUN}.02.jsonl", f"datatools-{RUN}.-2.jsonl",
        f"datatools-{RUN}.jsonl.bak", f"xdatatools-{RUN}.jsonl", f"datatools-{RUN}.jsonl\n", f"datatools-{RUN}.\u0662.jsonl",
        f"datatools-{RUN}.9999999999.jsonl", ".", "",
    ],
)  # fmt: skip
def test_other_files_are_nobodys_logs(name: str) -> None:
    assert parse_log_name(name) is None


def resolve(**environ: str) -> Directories:
    return resolve_directories(environ, Path("/home/ann"), Path("/srv"), Path("/tmp"), "1000")  # noqa: S108 - a name


def test_the_defaults_with_a_runtime_directory() -> None:
    found = resolve(XDG_RUNTIME_DIR="/run/user/1000")
    assert found.audit == Path("/home/ann/.datatools/logs")
    assert found.run.parent == Path("/run/user/1000")
    assert found.run.name.startswith("datatools-")
    assert len(found.run.name) == len("datatools-") + 8


@pytest.mark.parametrize("environ", [{}, {"XDG_RUNTIME_DIR": ""}])
def test_the_defaults_without_a_runtime_directory_are_the_users_own(environ: dict[str, str]) -> None:
    found = resolve(**environ)
    assert found.run.parent == Path("/tmp/datatools-1000")  # noqa: S108 - a name
    assert found.run.name == resolve(XDG_RUNTIME_DIR="/run/user/1000").run.name


def test_a_relative_runtime_directory_does_not_make_the_meeting_place_depend_on_where_one_stands() -> None:
    # The XDG base directory specification: a relative path is invalid and to be ignored.
    assert resolve(XDG_RUNTIME_DIR="run").run.is_absolute()


def test_two_audit_directories_do_not_share_a_sidecar_and_one_does() -> None:
    one, two = resolve(DATATOOLS_AUDIT_DIR="/a/logs"), resolve(DATATOOLS_AUDIT_DIR="/b/logs")
    assert one.run != two.run
    for same in ("/a/logs/", "/a//logs", "/a/./logs", "/a/b/../logs", "../a/logs"):
        assert resolve(DATATOOLS_AUDIT_DIR=same) == one


@pytest.mark.parametrize(
    ("setting", "path"),
    [
        ("~", "/home/ann"), ("~/logs", "/home/ann/logs"), ("logs", "/srv/logs"), ("./x/../logs", "/srv/logs"),
        ("~ann", "/srv/~ann"), ("", "/home/ann/.datatools/logs"), ("/a b/ü", "/a b/ü"),
    ],
)  # fmt: skip
def test_a_setting_may_be_relative_or_begin_with_a_tilde(setting: str, path: str) -> None:
    assert resolve(DATATOOLS_AUDIT_DIR=setting).audit == Path(path)


def test_a_chosen_run_directory_is_taken_as_it_is() -> None:
    assert resolve(DATATOOLS_RUN_DIR="~/r", XDG_RUNTIME_DIR="/run/user/1000").run == Path("/home/ann/r")


def test_a_path_that_no_encoding_fits_is_resolved() -> None:
    assert resolve(DATATOOLS_AUDIT_DIR="/logs\udcff").audit == Path("/logs\udcff")


def test_a_run_directory_too_long_for_a_socket_is_said_with_what_to_do() -> None:
    fits = Path("/" + "x" * (SOCKET_PATH_MAX - len("//events")))
    check_socket_path(fits)
    for too_long in (Path(f"{fits}x"), Path("/" + "ü" * 50)):
        with pytest.raises(SettingsError, match="Set DATATOOLS_RUN_DIR to a shorter path") as caught:
            check_socket_path(too_long)
        assert str(too_long) in str(caught.value)
