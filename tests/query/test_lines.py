"""What is a line, what it shows, and which lines are asked for."""

from dataclasses import replace
from typing import Any

import pytest

from shared.chain import event_body
from sidecar.query.lines import Filter, extras, read, read_opening
from sidecar.query.scan import Match
from sidecar.query.shown import as_json, as_text
from tests.verify import golden
from tests.verify.logs import RUN, START, event, events, everything, opening, sealed

UPLOAD = sealed([event(7, filename="customers straße.csv", rows=310, columns=["Name", "Straße"], ok=True)])[0]


@pytest.mark.parametrize("line", [*everything(), *golden.one().split(b"\n")[:-1], *golden.two().split(b"\n")[:-1]])
def test_every_line_that_a_sidecar_writes_is_read(line: bytes) -> None:
    found = read(line)
    assert found is not None
    assert (found.seq is None) == (b'"seq":' not in line)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"junk", b"[]", b"null", UPLOAD[:-1], UPLOAD + b"x", UPLOAD.replace(b"csv", b"\xff"),
        UPLOAD.replace(b'"level"', b'"Level"'), UPLOAD.replace(b'"prev"', b'"prey"'),
        UPLOAD.replace(b'"seq":7,', b""), UPLOAD.replace(b'"seq":7', b'"seq":7,"last":7'),
        UPLOAD.replace(b'"seq":7', b'"seq":"7"'), UPLOAD.replace(b"customers", b"\\ud800"),
        UPLOAD.replace(b'"ok":true', b'"ok":' + b"[" * 100_000 + b"]" * 100_000),
    ],
)  # fmt: skip
def test_anything_else_is_none(raw: bytes) -> None:
    assert raw != UPLOAD
    assert read(raw) is None
    assert read_opening(raw) is None


def test_extras_are_shown_as_they_stand_and_texts_as_they_are() -> None:
    assert extras(UPLOAD) == ["filename=customers straße.csv", "rows=310", 'columns=["Name","Straße"]', "ok=true"]
    odd = {"seq": "x", "big": 2**63, "tiny": 1e-300, "text": 'a "quoted"\n\ttext', "none": None}
    shown = ["extra_seq=x", "big=9223372036854775808", "tiny=1e-300", 'text=a "quoted"\n\ttext', "none=null"]
    assert extras(sealed([event_body(START, "info", "nav", "", "Odd things", odd, 7)])[0]) == shown


def shown(raw: bytes, run: str = RUN) -> str:
    line = read(raw)
    assert line is not None
    match = Match(line.ts, run, raw, line)
    assert as_json(match) == raw
    return as_text(match)


def test_a_line_is_shown_with_its_run_its_number_and_its_time() -> None:
    details = 'session=a1b2c3d4  filename=customers straße.csv  rows=310  columns=["Name","Straße"]  ok=true'
    expected = f"a1b2c3d4      7 2026-11-23 15:30:07 info    upload    Event number 7  {details}"
    assert shown(UPLOAD) == expected
    assert shown(sealed([event(1)])[0], "").startswith("?             1 2026-11-23 15:30:01 info ")


def test_a_record_of_the_sidecar_has_no_number() -> None:
    assert shown(sealed([opening()])[0]).startswith(
        "a1b2c3d4      - 2026-11-23 15:30:00 info    audit     Log opened  run="
    )


def test_nothing_in_a_line_steers_the_terminal() -> None:
    evil = (
        UPLOAD.replace(b"upload", b"up\xc2\x9b2J")
        .replace(b"info", "in\u202efo".encode())
        .replace(b"Event", b"\\u001b[2J\\n")
    )
    evil = evil.replace(b"filename", b"file\\rname").replace(b"2026-11-23T15", b"\\u001b]0;x\\u0007T15")
    assert shown(evil).isprintable()
    assert r"\x1b[2J\n number 7" in shown(evil)
    assert r"file\rname=" in shown(evil)


def test_long_details_are_cut() -> None:
    text = shown(sealed([event(7, stack="x" * 10_000)])[0])
    assert len(text) < 400
    assert text.endswith("xxx…")


EVERYTHING = Filter()


def takes(raw: bytes, **wanted: Any) -> bool:  # noqa: ANN401 - whatever a field of it may be
    line = read(raw)
    assert line is not None
    return replace(EVERYTHING, **wanted).takes(line, raw)


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [
        ({}, True),
        ({"categories": {"upload"}}, True),
        ({"categories": {"nav", "upload"}}, True),
        ({"categories": {"Upload"}}, False),
        ({"levels": {"warning", "info"}}, True),
        ({"levels": {"warning"}}, False),
        ({"sessions": {"a1b2c3d4"}}, True),
        ({"sessions": {"a1b2"}}, False),
        ({"since": "2026-11-23T15:30:07.123456Z"}, True),
        ({"since": "2026-11-23T15:30:07.123457Z"}, False),
        ({"until": "2026-11-23T15:30:07.123456Z"}, True),
        ({"until": "2026-11-23T15:30:07.123455Z"}, False),
        ({"text": "event NUMBER"}, True),
        ({"text": "CUSTOMERS STRASSE"}, True),
        ({"text": "rows=310"}, True),
        ({"text": "name"}, True),
        ({"text": '"Name","Straße"'}, True),
        ({"text": "310 "}, False),
        ({"text": "info"}, False),
        ({"text": "prev"}, False),
        ({"text": "a1b2c3d4"}, False),
        ({"categories": {"upload"}, "levels": {"info"}, "text": "310"}, True),
        ({"categories": {"upload"}, "levels": {"error"}, "text": "310"}, False),
    ],
)
def test_a_filter_takes_what_holds_in_every_respect(wanted: dict[str, Any], taken: bool) -> None:  # noqa: FBT001 - of a table
    assert takes(UPLOAD, **wanted) is taken


def test_escapes_of_json_do_not_hide_a_text() -> None:
    raw = sealed([event(7, path='C:\\temp\\"new"')])[0]
    assert takes(raw, text='c:\\temp\\"NEW"')
    assert not takes(raw, text="\\\\")


def test_a_record_of_the_sidecar_is_taken_like_any_other_line() -> None:
    line = sealed([opening()])[0]
    assert takes(line, categories={"audit"}, text="python=3.11")
    assert not any(takes(each, categories={"audit"}) for each in sealed(events(1, 3)))
