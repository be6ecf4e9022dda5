"""A plain event is encoded as it is, and reads as if it had taken the walk of the coercion."""

import enum
import math

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gui.audit.body import MAX_PLAIN_EXTRAS, encode_body
from gui.audit.coerce import MAX_BYTES, MAX_MESSAGE, MAX_WORD, coerce_extra, coerce_text
from gui.audit.masking import MASKED
from gui.audit.outbox import Outbox
from gui.audit.recorder import Recorder
from shared.wire import MAX_FRAME, Event, encode

RUN = "20261123T153000Z-a1b2c3d4"
TS = 1_795_447_800_123_456

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=200)


class Weight(enum.IntEnum):
    HEAVY = 3


class Loud(str):
    __slots__ = ()


def walked(level: object, category: object, message: object, extra: dict[str, object]) -> bytes:
    return encode(
        (
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
    body = encode_body(TS, level, category, "a1b2c3d4", message, extra)
    assert body == walked(level, category, message, extra)


def test_secrets_are_masked_however_often_their_name_came_by() -> None:
    for _ in range(3):
        body = encode_body(TS, "info", "nav", "", "Signed in", {"user": "ada", "password": "hunter2"})
        assert msgspec.msgpack.decode(body)[-1] == {"user": "ada", "password": MASKED}


@pytest.mark.parametrize("letter", ["x", "é", "✓", "🎈"])
def test_texts_at_the_edge_of_what_is_plain_fit_a_frame(letter: str) -> None:
    for length in range(4_000, 4_200, 7):
        body = encode_body(TS, "info", "nav", "", letter * MAX_MESSAGE, {"text": letter * length})
        assert len(body) <= MAX_FRAME
        assert len(encode(msgspec.msgpack.decode(body)[-1])) <= MAX_BYTES + 100


def test_the_frame_is_that_of_an_event() -> None:
    recorder, sent = Recorder(RUN, Outbox()), list[bytes]()

    def transmit(frame: bytes) -> bool:
        sent.append(frame)
        return True

    recorder.transmit = transmit
    extra: dict[str, object] = {"rows": 48_112, "share": 0.64, "column": "Straße"}
    # Numbers of one, two, three and five bytes.
    for seq in (1, 127, 128, 255, 256, 65_535, 65_536):
        recorder.outbox.last = seq - 1
        recorder.outbox.cursor = recorder.outbox.first = seq
        recorder.record(encode_body(TS, "info", "nav", "a1b2c3d4", "Opened", extra))
        assert sent[-1] == encode(Event(RUN, seq, TS, "info", "nav", "a1b2c3d4", "Opened", extra))
