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
    assert redacted["prev"] == REDACTED


def test_file_names_are_replaced_wherever_they_stand() -> None:
    redacted = Redaction(file_names=True)(LINE).decode()
    assert "customers" not in redacted
    assert "old.xlsx" not in redacted
    assert json.loads(redacted)["message"] == f"Uploaded {REDACTED}"
    assert json.loads(redacted)["details"]["note"] == REDACTED


@pytest.mark.parametrize(
    ("line", "fields", "secret"),
    [
        ('{"message":"login by alice","user":"alice"}', ["user"], "alice"),
        ('{"message":"alice, again","users":["bob",{"name":"alice"}]}', ["users"], "alice"),
        ('{"message":"Removed 1,204 rows","rows":1204}', ["rows"], "1,204"),
        ('{"message":"Removed 1204 rows","rows":1204}', ["rows"], "1204"),
        ('{"message":"m","by":{"alice":3},"user":"alice"}', ["user"], "alice"),
        ('{"message":"Uploaded my salary list.csv"}', [], "salary"),
        ('{"message":"Read plan.parquet and Plan B.ods"}', [], "lan"),
        ('{"file":["Secret plan"],"message":"Secret plan opened"}', [], "Secret"),
        ('{"message":"m","counts":{"salaries.csv":3,"bonus.json":4}}', [], "salaries"),
        ('{"message":"m","deep":[{"path":"/home/alice/x"}],"text":"at /home/alice/x"}', [], "alice"),
        ('{"message":"m","prev":"0123456789abcdef"}', [], "0123456789abcdef"),
    ],
)
def test_what_is_taken_out_is_nowhere_in_its_line(line: str, fields: list[str], secret: str) -> None:
    redacted = Redaction(frozenset(fields), file_names=not fields)(line.encode()).decode()
    assert secret in line
    assert secret not in redacted
    assert REDACTED in redacted
    json.loads(redacted)


def test_names_that_become_the_same_stay_apart_and_numbers_within_others_stay() -> None:
    counts = json.loads(Redaction(file_names=True)(b'{"message":"m","counts":{"a.csv":3,"b.csv":4}}'))["counts"]
    assert counts == {REDACTED: 3, f"{REDACTED} 2": 4}
    line = b'{"ts":"2026-11-23T15:30:00.123456Z","message":"3 of 30, at 13","n":3,"seq":3}'
    redacted = json.loads(Redaction(frozenset({"n"}))(line))
    assert redacted == {**json.loads(line), "message": f"{REDACTED} of 30, at 13", "n": REDACTED}


def test_what_tells_support_where_it_went_wrong_stays() -> None:
    line = b'{"message":"Clean text: ValueError","stack":["cleaning.py:12 clean"],"note":"Log datatools-1.2.jsonl was cut"}'
    assert json.loads(Redaction(file_names=True)(line)) == json.loads(line)


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
