"""What is taken out of a line is nowhere in it; everything else is still there."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.bundle.redaction import REDACTED, UNREADABLE, Redaction

LINE = (
    b'{"ts":"2026-11-23T15:30:00.123456Z","level":"info","message":"Uploaded my customers.csv","filename":"my customers.csv",'
    b'"details":{"rows":3,"iban":["DE02"],"note":"see old.xlsx"},"seq":7,"prev":"00"}'
)


def test_fields_are_replaced_at_any_depth_and_the_rest_stays_in_its_order() -> None:
    redacted = json.loads(Redaction(frozenset({"iban", "level"}))(LINE))
    before = json.loads(LINE)
    assert list(redacted) == list(before)
    assert (redacted["level"], redacted["details"]["iban"]) == (REDACTED, REDACTED)
    assert (redacted["message"], redacted["details"]["rows"], redacted["seq"]) == (before["message"], 3, 7)


def test_file_names_are_replaced_wherever_they_stand() -> None:
    redacted = Redaction(file_names=True)(LINE).decode()
    assert "customers" not in redacted
    assert "old.xlsx" not in redacted
    assert json.loads(redacted)["message"] == f"Uploaded {REDACTED}"


@pytest.mark.parametrize("line", [b"", b"{", b"[1]", b"\xff", b'{"a":' * 100_000])
def test_of_a_line_that_cannot_be_read_nothing_is_sent(line: bytes) -> None:
    assert Redaction(file_names=True)(line) == UNREADABLE


@given(
    st.text(st.characters(codec="utf-8"), min_size=6).filter(lambda text: text not in {REDACTED, "secret", "message"}),
    st.integers(0, 3),
)
def test_a_value_that_is_taken_out_is_nowhere_in_the_line(secret: str, depth: int) -> None:
    inner: object = {"secret": secret}
    for _ in range(depth):
        inner = {"more": [inner]}
    line = json.dumps({"message": "m", "inner": inner}, ensure_ascii=False).encode()
    redacted = Redaction(frozenset({"secret"}))(line)
    assert REDACTED.encode() in redacted
    assert json.dumps(secret, ensure_ascii=False).encode() not in redacted
