"""A plain event is encoded as it is, and reads as if it had taken the walk of the coercion."""

import enum
import math

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gui.audit.coerce import MAX_BYTES, MAX_MESSAGE, MAX_WORD, coerce_extra, coerce_text
from gui.audit.frame import MAX_PLAIN_EXTRAS, encode_event
from gui.audit.masking import MASKED
from shared.wire import MAX_FRAME, MAX_SEQ, Event, encode, renumber
from tests.audit.odd import OfHostileKind

RUN = "20261123T153000Z-a1b2c3d4"
TS = 1_795_447_800_123_456

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=200)


class Weight(enum.IntEnum):
    HEAVY = 3


class Loud(str):
    __slots__ = ()


def walked(level: object, category: object, message: object, extra: dict[str, object]) -> bytes:
    return encode(
        Event(
            RUN,
            7,
            TS,
            coerce_text(level, MAX_WORD),
            coerce_text(category, MAX_WORD),
            "a1b2c3d4",
            coerce_text(message, MAX_MESSAGE),
            coerce_extra(extra),
        )
    )


@given(
    level=SCALARS,
    category=SCALARS,
    message=SCALARS,
    extra=st.dictionaries(st.text(st.characters(codec=None), max_size=20), SCALARS, max_size=8),
)
@example("info", "nav", "Opened", {"a": math.nan})
@example("info", "nav", "Opened", {"a": -math.inf})
@example("info", "nav", "Opened", {"a": 2**64})
@example("info", "nav", "Opened", {"a": -(2**63) - 1})
@example("info", "nav", "Opened", {f"{number:0100}": number for number in range(MAX_PLAIN_EXTRAS)})
@example(
    "info", "nav", "Signed in by https://ada:hunter2@example.org", {"a": "password=hunter2", "b": "Bearer s3cr3t-t0ken"}
)
@example("info", "nav", "Opened", {"a": "password=hunter2"})
@example("info", "nav", "Opened", {"password=hunter2": 1, "tokens": 1_200})
@example("info", "password=hunter2", "Opened", {})
@example("info", "nav", "Opened", {"a": "\ud800"})
@example("info", "nav", "Opened \udfff", {})
@example("💥" * MAX_WORD, "n" * (MAX_WORD + 1), "m" * (MAX_MESSAGE + 1), {"Zürich": "Zürich", "a" * 99: 0})
@example("info", "nav", "Opened", {"password": "hunter2", "apiKey": 1})
@example("info", "nav", "Opened", {"a" * 101: 1, "a" * 102: 2})
@example("info", "nav", "Opened", {str(number): number for number in range(MAX_PLAIN_EXTRAS + 1)})
@example("info", Loud("nav"), Loud("Opened"), {"a": Weight.HEAVY, "b": Loud("b"), "c": [1], "d": {"token": 1}})
@example("info", "nav", "Opened", {"a": "x" * 5_000, "b": "x" * 20_000})
def test_it_reads_as_if_it_had_been_walked(
    level: object, category: object, message: object, extra: dict[str, object]
) -> None:
    frame = encode_event(RUN, 7, TS, level, category, "a1b2c3d4", message, extra)
    assert frame == walked(level, category, message, extra)


def test_a_value_whose_type_can_be_neither_hashed_nor_compared_is_walked() -> None:
    extra: dict[str, object] = {"a": OfHostileKind(), "b": 1}
    assert encode_event(RUN, 7, TS, "info", "nav", "a1b2c3d4", "Opened", extra) == walked(
        "info", "nav", "Opened", extra
    )


def test_secrets_are_masked_however_often_their_name_came_by() -> None:
    for _ in range(3):
        frame = encode_event(RUN, 7, TS, "info", "nav", "", "Signed in", {"user": "ada", "password": "hunter2"})
        assert msgspec.msgpack.decode(frame)[-1] == {"user": "ada", "password": MASKED}


@pytest.mark.parametrize("letter", ["x", "é", "✓", "🎈"])
def test_texts_at_the_edge_of_what_is_plain_fit_a_frame(letter: str) -> None:
    for length in range(4_000, 4_200, 7):
        frame = encode_event(RUN, 7, TS, "info", "nav", "", letter * MAX_MESSAGE, {"text": letter * length})
        assert len(frame) <= MAX_FRAME
        assert len(encode(msgspec.msgpack.decode(frame)[-1])) <= MAX_BYTES + 100


# Of one, two, three, five and nine bytes.
NUMBERS = [0, 1, 127, 128, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, MAX_SEQ]


@pytest.mark.parametrize("made_for", NUMBERS)
@pytest.mark.parametrize("seq", NUMBERS[1:])
def test_a_frame_that_was_made_for_another_number_is_renumbered(made_for: int, seq: int) -> None:
    extra: dict[str, object] = {"rows": 48_112, "share": 0.64, "column": "Straße"}
    frame = encode_event(RUN, made_for, TS, "info", "nav", "a1b2c3d4", "Opened", extra)
    event = encode(Event(RUN, seq, TS, "info", "nav", "a1b2c3d4", "Opened", extra))
    assert renumber(frame, RUN, made_for, seq) == event
