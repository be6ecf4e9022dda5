"""Times as a user gives them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.chain import format_time
from sidecar.query.when import earlier, since, until

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-11-23", "2026-11-23T00:00:00.000000Z", "2026-11-23T23:59:59.999999Z"),
        ("2026-11-23T15:30", "2026-11-23T15:30:00.000000Z", "2026-11-23T15:30:59.999999Z"),
        ("2026-11-23 15:30", "2026-11-23T15:30:00.000000Z", "2026-11-23T15:30:59.999999Z"),
        ("2026-11-23T15:30:07", "2026-11-23T15:30:07.000000Z", "2026-11-23T15:30:07.999999Z"),
        ("2026-11-23T15:30:07Z", "2026-11-23T15:30:07.000000Z", "2026-11-23T15:30:07.999999Z"),
        ("2026-11-23T15:30+01:00", "2026-11-23T14:30:00.000000Z", "2026-11-23T14:30:59.999999Z"),
        ("2026-11-23T00:15:00-0530", "2026-11-23T05:45:00.000000Z", "2026-11-23T05:45:00.999999Z"),
        ("2026-11-23T15:30:07.5", "2026-11-23T15:30:07.500000Z", "2026-11-23T15:30:07.599999Z"),
        ("2026-11-23T15:30:07.123456Z", "2026-11-23T15:30:07.123456Z", "2026-11-23T15:30:07.123456Z"),
        ("2024-02-29", "2024-02-29T00:00:00.000000Z", "2024-02-29T23:59:59.999999Z"),
        ("9999-12-31", "9999-12-31T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_a_point_in_time_is_the_span_that_it_names(text: str, first: str, last: str) -> None:
    assert (since(text, NOW), until(text, NOW)) == (first, last)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("0s", "2026-11-23T15:30:00.000000Z"),
        ("30s", "2026-11-23T15:29:30.000000Z"),
        ("15m", "2026-11-23T15:15:00.000000Z"),
        ("2h", "2026-11-23T13:30:00.000000Z"),
        ("7d", "2026-11-16T15:30:00.000000Z"),
        ("2w", "2026-11-09T15:30:00.000000Z"),
    ],
)
def test_a_duration_is_so_long_ago(text: str, moment: str) -> None:
    assert since(text, NOW) == until(text, NOW) == moment


@pytest.mark.parametrize(
    "text",
    [
        "", "yesterday", "15", "m", "-5m", "1.5h", "5 m", "5M", "15:30", "2026-11", "20261123", "2026-11-23Z", "2026-11-23T15",
        "2026-11-23T15:30:00.1234567", "2026-11-23t15:30", " 2026-11-23", "2026-11-23\n", "\u0662h", "2026-11-23T15:30 Z",
    ],
)  # fmt: skip
def test_anything_else_says_what_a_time_looks_like(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a time: .*; give one like 2026-11-23"):
        since(text, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30",
        "2026-13-01",
        "2026-11-23T24:30",
        "0000-01-01",
        "999999999d",
        "999999999w",
        "0001-01-01T00:00+05:00",
    ],
)
def test_a_time_that_there_is_not_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no such time"):
        until(text, NOW)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.datetimes(timezones=st.just(UTC), min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1))  # noqa: DTZ001 - the zone is given


@given(MOMENTS, st.sampled_from(["minutes", "seconds", "milliseconds", "microseconds"]), st.integers(-720, 720))
def test_a_moment_lies_in_the_span_that_its_own_time_names(moment: datetime, precision: str, minutes: int) -> None:
    written = moment + timedelta(minutes=minutes)
    text = written.replace(tzinfo=None).isoformat("T", precision)
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    logged = format_time((moment - EPOCH) // timedelta(microseconds=1))
    assert since(text + zone, NOW) <= logged <= until(text + zone, NOW)


def test_earlier_than_a_time() -> None:
    assert earlier("2026-11-23T15:30:00.000001Z", timedelta(days=1)) == "2026-11-22T15:30:00.000001Z"
    assert earlier("0001-01-01T05:00:00.000000Z", timedelta(days=1)) == ""
    assert earlier("", timedelta(days=1)) == ""
