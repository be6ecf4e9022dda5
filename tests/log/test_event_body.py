"""The line of an event is put together from pieces; one made of a dictionary says what it has to be."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.chain import RESERVED, event_body

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST, LAST = -62_135_596_800_000_000, 253_402_300_799_999_999

texts = st.text(max_size=20)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
extras = st.dictionaries(texts | st.sampled_from(sorted(RESERVED)), values, max_size=5)


def whole(ts: int, level: str, category: str, session: str, message: str, extra: dict[str, object], seq: int) -> bytes:
    """What a dictionary makes of it."""
    moment = (EPOCH + timedelta(microseconds=ts)).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")
    free = {}
    for key, value in extra.items():
        name = key
        while name in RESERVED or (name != key and name in extra):
            name = f"extra_{name}"
        free[name] = value
    fields = {"ts": moment, "level": level, "category": category, "session": session, "message": message, **free}
    return msgspec.json.encode({**fields, "seq": seq}).removesuffix(b"}")


@given(st.integers(FIRST, LAST), texts, texts, texts, texts, extras, st.integers(1, 2**63 - 1))
def test_a_line_says_what_a_dictionary_would(
    ts: int, level: str, category: str, session: str, message: str, extra: dict[str, object], seq: int
) -> None:
    assert event_body(ts, level, category, session, message, extra, seq) == whole(
        ts, level, category, session, message, extra, seq
    )


@pytest.mark.parametrize("ts", [FIRST, -1, 0, 1, 999_999, 1_000_000, LAST])
def test_a_time_has_six_digits_behind_its_second(ts: int) -> None:
    assert event_body(ts, "info", "100 %s", "", "%d", {}, 1) == whole(ts, "info", "100 %s", "", "%d", {}, 1)
