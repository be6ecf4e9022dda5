"""Whatever a caller hands over becomes what JSON can say, in bounded size."""

import datetime as dt
import enum
import json
import threading
import uuid
from array import array
from collections import OrderedDict, UserDict, UserList, deque
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gui.audit.coerce import MAX_BYTES, MAX_MESSAGE, MAX_NODES, MAX_WORD, coerce_extra, coerce_text
from shared.chain import event_body
from shared.wire import MAX_FRAME, Event, decode_upstream, encode
from sidecar.log_line import parse
from tests.audit.odd import (
    FormattedError,
    HostileDict,
    HostileList,
    HostileName,
    HostileText,
    Pretender,
    Saying,
    UnprintableFrame,
    UnprintableSeries,
    bottomless,
    raiser,
    refuse,
)

RUN = "20261123T153000Z-a1b2c3d4"


class Colour(enum.Enum):
    RED = "red"


class Weight(enum.IntEnum):
    HEAVY = 3


class Mode(enum.StrEnum):
    FAST = "fast"


def coerced(value: object) -> object:
    """What becomes of one extra; that it can be sent and written is checked on the way."""
    extra = coerce_extra({"value": value})
    framed(extra)
    return extra["value"]


def framed(extra: dict[str, object], message: str = "m") -> bytes:
    """Send and write `extra` as the GUI and the sidecar do; return its frame."""
    frame = encode(Event(RUN, 7, 0, "info", "nav", "", message, extra))
    assert len(frame) <= MAX_FRAME
    received = decode_upstream(frame)
    assert isinstance(received, Event)
    assert received.extra == extra
    assert msgspec.json.decode(msgspec.json.encode(extra)) == extra
    body = event_body(0, "info", "nav", "", message, received.extra, 7)
    line = body + b',"prev":"%b"}' % (b"0" * 64)
    assert json.loads(line)["seq"] == 7
    found = parse(line)
    assert found is not None, f"recovery could not read {line[:200]!r}"
    assert found.accounted == 7
    return frame


@pytest.mark.parametrize("value", [None, True, False, 0, -1, 2**63, -(2**63), 2**64 - 1, 1.5, -0.0, "", "Zürich ✓ 🎈"])
def test_what_json_can_say_stays_as_it_is(value: object) -> None:
    assert coerced(value) == value
    assert type(coerced(value)) is type(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (dt.datetime(2026, 11, 23, 15, 30, tzinfo=dt.UTC), "2026-11-23T15:30:00+00:00"),
        (dt.date(2026, 11, 23), "2026-11-23"),
        (dt.time(15, 30), "15:30:00"),
        (dt.timedelta(hours=1), "1:00:00"),
        (pd.Timestamp("2026-11-23T15:30:00"), "2026-11-23T15:30:00"),
        (np.datetime64("2026-11-23T15:30:00", "s"), "2026-11-23T15:30:00"),
        (PurePosixPath("/tmp/a b.csv"), "/tmp/a b.csv"),  # noqa: S108 - a name, never opened
        (Path("x\udcff"), "x\\udcff"),
        (Decimal("1.10"), "1.10"),
        (Decimal("NaN"), "NaN"),
        (Fraction(1, 3), "1/3"),
        (uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (float("-inf"), "-inf"),
        (b"caf\xc3\xa9 \xff", "café \\xff"),
        (bytearray(b"abc"), "abc"),
        (memoryview(b"abc"), "abc"),
        (2**64, "18446744073709551616"),
        (-(2**63) - 1, "-9223372036854775809"),
        pytest.param(10**6000, "<integer of 19932 bits>", id="6001 digits"),
        pytest.param(-(10**6000), "<integer of 19932 bits>", id="minus 6001 digits"),
        (1 + 2j, "(1+2j)"),
        ("a\ud800b", "a\\ud800b"),
        ({3, 1, 2}, "{1, 2, 3}"),
        (frozenset(), "{}"),
        (Colour.RED, "Colour.RED"),
        (range(3), "range(0, 3)"),
        (int, "<class 'int'>"),
        (ValueError("no such column"), "no such column"),
    ],
)  # fmt: skip
def test_what_json_cannot_say_becomes_readable_text(value: object, text: str) -> None:
    assert coerced(value) == text


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ((1, (2, 3)), [1, [2, 3]]),
        (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (Weight.HEAVY, 3),
        (Mode.FAST, "fast"),
        (np.int64(5), 5),
        (np.uint64(2**64 - 1), 2**64 - 1),
        (np.float32(0.5), 0.5),
        (np.float64("nan"), "nan"),
        (np.array([True])[0], True),
        (np.str_("text"), "text"),
        (np.bytes_(b"text"), "text"),
        (np.array(3), 3),
        (pd.NaT, "NaT"),
        (pd.NA, "<NA>"),
    ],
)
def test_subclasses_and_numpy_scalars_become_their_plain_kind(value: object, plain: object) -> None:
    assert coerced(value) == plain
    assert type(coerced(value)) is type(plain)


def test_a_numpy_time_in_nanoseconds_as_pandas_stores_it_reads_as_a_date() -> None:
    assert str(coerced(np.datetime64("2026-11-23T15:30:00", "ns"))).startswith("2026-11-23")


def test_a_numpy_scalar_that_python_has_no_kind_for_costs_the_other_extras_nothing() -> None:
    extra = coerce_extra({"rows": 3, "value": np.longdouble("0.5")})
    assert extra["rows"] == 3
    assert extra["value"] in (0.5, "0.5")


def test_a_generator_is_described_and_not_consumed() -> None:
    generator = (number for number in range(3))
    assert "generator" in str(coerced(generator))
    assert list(generator) == [0, 1, 2]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (UnprintableFrame({"a": [1, 2], "b": [3, 4], "c": [5, 6]}), "<UnprintableFrame 2×3>"),
        (UnprintableSeries([1, 2, 3]), "<UnprintableSeries 3>"),
        (np.zeros((4, 5, 6)), "<ndarray 4×5×6>"),
        (np.array([Saying(refuse), Saying(refuse)], dtype=object), "<ndarray 2>"),
        (pd.Index([1, 2]), "<Index 2>"),
    ],
)
def test_a_table_or_an_array_is_told_by_type_and_shape_without_formatting_it(value: object, text: str) -> None:
    assert coerced(value) == text


def test_the_table_would_have_told_had_it_been_formatted() -> None:
    with pytest.raises(FormattedError):
        str(UnprintableFrame({"a": [1]}))


def test_subclasses_whose_methods_raise_are_read_by_their_base_type() -> None:
    assert coerced(HostileText("abc")) == "abc"
    assert coerced(HostileDict(a=1)) == {"a": 1}
    assert coerced(HostileList([1, HostileText("x")])) == [1, "x"]
    assert coerced({HostileText("key"): 1}) == {"key": 1}
    assert coerce_text(HostileText("abc"), MAX_WORD) == "abc"


@pytest.mark.parametrize(
    "error", [Exception("x"), KeyboardInterrupt(), SystemExit(3), GeneratorExit(), RecursionError(), MemoryError()]
)  # fmt: skip
def test_a_text_that_raises_is_unprintable_and_costs_the_other_extras_nothing(error: BaseException) -> None:
    value = Saying(raiser(error))
    assert coerce_extra({"rows": 3, "value": value, "file": "a.csv"}) == {
        "rows": 3, "value": "<unprintable Saying>", "file": "a.csv",
    }  # fmt: skip
    assert coerce_extra({"list": [1, value]}) == {"list": [1, "<unprintable Saying>"]}
    assert coerce_extra({"nested": {value: 1}}) == {"nested": {"<unprintable Saying>": 1}}
    assert coerce_extra({"set": {value}}) == {"set": "{<unprintable Saying>}"}
    assert coerce_text(value, MAX_MESSAGE) == "<unprintable Saying>"


def test_a_text_that_formats_itself_costs_neither_the_event_nor_the_other_extras() -> None:
    assert coerce_extra({"rows": 3, "value": Saying(bottomless)}) == {"rows": 3, "value": "<unprintable Saying>"}
    assert coerce_text(Saying(bottomless), MAX_MESSAGE) == "<unprintable Saying>"


@pytest.mark.parametrize("text", [None, 5, b"bytes"])
def test_a_text_that_is_none_is_unprintable(text: object) -> None:
    assert coerced(Saying(lambda: text)) == "<unprintable Saying>"


def test_a_text_that_is_a_hostile_string_is_harmless() -> None:
    assert coerced(Saying(lambda: HostileText("abc"))) in ("abc", "<unprintable Saying>")


def test_a_value_that_lies_about_its_class_is_described() -> None:
    assert isinstance(coerced(Pretender()), str)


def test_a_class_whose_name_is_no_text_is_described() -> None:
    numbered = HostileName("Numbered", (), {"__str__": refuse})
    assert isinstance(coerced(numbered()), str)
    assert isinstance(coerce_text(numbered(), MAX_MESSAGE), str)


def test_keys_become_text() -> None:
    keys: dict[object, object] = {1: "a", None: "b", (1, 2): "c", 2.5: "d", dt.date(2026, 1, 2): "e", b"f": "f"}
    assert coerced(keys) == {"1": "a", "None": "b", "(1, 2)": "c", "2.5": "d", "2026-01-02": "e", "f": "f"}
    assert coerced({"\ud800": 1}) == {"\\ud800": 1}
    assert coerced({10**6000: 1}) == {"<integer of 19932 bits>": 1}


def test_keys_that_become_the_same_text_lose_nothing() -> None:
    values = coerced({1: "number", "1": "text", "1_": "more"})
    assert isinstance(values, dict)
    assert sorted(values.values()) == ["more", "number", "text"]


def test_a_mapping_that_is_no_dict_is_text() -> None:
    assert coerced(UserDict(a=1)) == "{'a': 1}"


def test_cycles_end_and_are_marked() -> None:
    ring: list[object] = [1]
    ring.append(ring)
    loop: dict[str, object] = {"a": 1}
    loop["self"] = loop
    for value in (ring, loop):
        extra = coerce_extra({"value": value})
        framed(extra)
        assert extra["truncated"] is True


def test_depth_1000_is_cut_at_16_and_marked() -> None:
    deep: object = "bottom"
    for _ in range(1000):
        deep = [deep]
    extra = coerce_extra({"value": deep, "after": 1})
    framed(extra)
    assert extra["truncated"] is True
    assert extra["after"] == 1
    assert str(extra["value"]).count("[") == 16


def test_depth_16_is_whole() -> None:
    deep: object = "bottom"
    for _ in range(16):
        deep = [deep]
    assert coerce_extra({"value": deep}) == {"value": deep}


def nodes(value: object) -> int:
    if isinstance(value, dict):
        return sum(1 + nodes(item) for item in value.values())
    return sum(1 + nodes(item) for item in value) if isinstance(value, list) else 0


@pytest.mark.parametrize("shape", ["flat", "nested", "dict"])
def test_a_million_nodes_are_cut_at_1000_and_marked(shape: str) -> None:
    value: object = {
        "flat": [0] * 10**6, "nested": [[0] * 1000] * 1000, "dict": dict.fromkeys(range(10**6)),
    }[shape]  # fmt: skip
    extra = coerce_extra({"value": value})
    framed(extra)
    assert extra.pop("truncated") is True
    assert MAX_NODES // 2 < nodes(extra) <= MAX_NODES


@pytest.mark.parametrize("unit", ["x", "ü", "🎈", "\ud800", "\0"])
def test_a_string_of_100_megabytes_is_cut_to_16_kib_and_marked(unit: str) -> None:
    extra = coerce_extra({"value": unit * (100 * 1024 * 1024 // len(unit.encode("utf-8", "surrogatepass")))})
    assert len(framed(extra)) < 2 * MAX_BYTES
    assert extra["truncated"] is True
    assert MAX_BYTES // 2 < len(str(extra["value"]).encode()) <= MAX_BYTES


@pytest.mark.parametrize(
    "value",
    [
        b"x" * 10**7,
        bytearray(10**7),
        set(range(10**6)),
        Saying(lambda: "x" * 10**7),
        ["x" * 10**5] * 100,
        {f"{number}" * 50: number for number in range(10**4)},
        {"k" * 10**7: 1},
        Decimal("1" * 10**5),
    ],
    ids=["bytes", "bytearray", "set", "str()", "strings", "keys", "key", "decimal"],
)
def test_what_is_cut_is_marked_and_bounded(value: object) -> None:
    extra = coerce_extra({"value": value})
    assert len(framed(extra)) < 2 * MAX_BYTES
    assert extra["truncated"] is True


def test_what_fits_is_not_marked() -> None:
    extra = coerce_extra({"text": "x" * 16_000, "list": list(range(20)), "bytes": b"x" * 50})
    assert "truncated" not in extra


LONG_NAME = "ü" * 90


@pytest.mark.parametrize(
    "value",
    [
        [2**4000] * 1000,
        {Saying(lambda: "same"): number for number in range(1000)},
        {float("nan"): number for number in range(1000)},
        [type(LONG_NAME, (Pretender,), {})() for _ in range(1000)],
        [type(LONG_NAME, (), {"__str__": refuse})() for _ in range(1000)],
        [float("-inf")] * 1000,
        ["🎈" * 4] * 1000,
        {"🎈" * 99 + str(number): 2**64 - 1 for number in range(1000)},
    ],
    ids=["big integers", "same keys", "nan keys", "pretenders", "unprintable", "infinities", "emoji", "emoji keys"],
)
def test_a_thousand_nodes_at_their_worst_still_fit_a_frame(value: object) -> None:
    extra = coerce_extra({"value": value})
    # A larger frame makes ZeroMQ drop the connection, again and again: the run would never get past it.
    assert len(encode(Event(RUN, 7, 0, "🎈" * 64, "🎈" * 64, "", "🎈" * MAX_MESSAGE, extra))) <= MAX_FRAME
    framed(extra)


@pytest.mark.parametrize("make", [deque, UserList, lambda items: array("q", items)])
def test_a_large_container_is_described_without_formatting_what_is_in_it(make: Callable[[range], object]) -> None:
    value = make(range(200_000))
    assert coerce_extra({"v": value}) == {"v": f"<{type(value).__name__} of 200000>", "truncated": True}


def test_the_word_truncated_as_an_extra_of_ones_own_survives_a_cut() -> None:
    assert coerce_extra({"truncated": "by the user"}) == {"truncated": "by the user"}
    extra = coerce_extra({"truncated": "by the user", "long": "x" * 20_000})
    assert "by the user" in extra.values()


def test_a_dict_that_another_thread_changes_is_copied_or_described() -> None:
    shared: dict[object, object] = dict.fromkeys(range(100))
    done = threading.Event()

    def churn() -> None:
        number = 100
        while not done.is_set():
            shared[number] = number
            shared.pop(number - 100, None)
            number += 1

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        for _ in range(300):
            extra = coerce_extra({"value": shared, "after": 1})
            assert extra["after"] == 1
            assert isinstance(extra["value"], dict | str)
    finally:
        done.set()
        thread.join()


def test_a_dict_that_changes_while_its_own_keys_are_read_is_described() -> None:
    shared: dict[object, object] = {}

    def grow() -> str:
        shared.update(dict.fromkeys(range(len(shared), len(shared) + 1000)))
        return "key"

    shared[Saying(grow)] = 1
    assert isinstance(coerce_extra({"value": shared})["value"], dict | str)


def test_a_message_is_cut_and_says_so() -> None:
    for unit in ("x", "ü", "\ud800"):
        text = coerce_text(unit * 10**6, MAX_MESSAGE)
        assert len(text) == MAX_MESSAGE
        assert text.endswith("…")
    assert coerce_text("x" * MAX_MESSAGE, MAX_MESSAGE) == "x" * MAX_MESSAGE
    assert coerce_text("\udcff", MAX_MESSAGE) == "\\udcff"
    assert coerce_text(Path("a"), MAX_WORD) == "a"


@pytest.mark.parametrize("name", ["ts", "level", "category", "session", "message", "seq", "prev", "last", "outcome",
                                  "run", "lost_from", "lost_to", "repaired_bytes", "continues"])  # fmt: skip
@pytest.mark.parametrize("value", [5, "text", None, ["x"], {"y": 1}])
def test_an_extra_of_any_name_and_kind_makes_a_line_that_recovery_reads(name: str, value: object) -> None:
    framed(coerce_extra({name: value}))


TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.integers(2**60, 2**70) | st.floats() | TEXT | st.binary(max_size=20)
    | st.datetimes() | st.dates() | st.times() | st.timedeltas() | st.decimals() | st.fractions() | st.uuids()
    | st.complex_numbers() | st.sets(st.integers(), max_size=3) | st.just(Saying(raiser(ValueError())))
    | st.just(2**10_000) | st.just(np.float32(1.5)) | st.sampled_from([Colour.RED, Weight.HEAVY, Mode.FAST])
)  # fmt: skip
KEYS = TEXT | st.integers() | st.none() | st.floats() | st.binary(max_size=5) | st.tuples(st.integers(), TEXT)


def nested(children: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    lists = st.lists(children, max_size=6)
    return lists | lists.map(tuple) | st.dictionaries(KEYS, children, max_size=6)


@settings(max_examples=80)
@given(st.dictionaries(TEXT, st.recursive(LEAVES, nested, max_leaves=25), max_size=8), TEXT)
def test_any_nested_value_is_sent_and_written_and_read_back_the_same(extra: dict[str, object], message: str) -> None:
    before = repr(extra.keys())
    framed(coerce_extra(extra), coerce_text(message, MAX_MESSAGE))
    assert repr(extra.keys()) == before


def many() -> Iterator[object]:
    yield from (Saying(lambda: "x" * 200), "ü" * 300, 2**200, b"\xff" * 100, Decimal("1e400"), [1.5] * 20, {"k": None})


@settings(max_examples=30)
@given(st.lists(st.sampled_from(list(many())), min_size=100, max_size=1200))
def test_any_long_list_of_odd_values_fits_a_frame(values: list[object]) -> None:
    framed(coerce_extra({"values": values}))
