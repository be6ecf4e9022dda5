"""Hostile frames, made from a seed: everything a program could send that is no honest GUI, or no longer one. Pure."""

import math
from collections.abc import Callable, Iterator
from itertools import cycle
from random import Random
from typing import Any, NamedTuple

import msgspec

from tests.hostile.oracle import must_refuse

pack = msgspec.msgpack.Encoder().encode
Ext = msgspec.msgpack.Ext

NOW = 1_795_447_800_123_456
MOST = 2**63 - 1
# Those that say Hello, and some that never do.
GREETED = [f"20261123T153000Z-{number:08x}" for number in range(12)]
UNHEARD = [f"20261123T153000Z-{number:08x}" for number in range(0xBAD0, 0xBAD4)]
RUNS: list[Any] = [
    "", "../../etc/passwd", "/etc/passwd", "20261123T153000Z-A1B2C3D4", "20261123T153000Z-a1b2c3d4\n", "\0", "x" * 300,
    "20261123T153000Z-a1b2c3d4/..", "20261123T153000Z-a1b2c3d4.2", "\uff12\uff10\uff12\uff161123T153000Z-a1b2c3d4", None, 7, b"20261123T153000Z-a1b2c3d4", [],
]  # fmt: skip
NUMBERS = [
    0,
    -1,
    1,
    2**31,
    2**53 + 1,
    MOST,
    2**63,
    2**64 - 1,
    -(2**63),
    1.5,
    math.nan,
    math.inf,
    "1",
    None,
    True,
    [],
    {},
]
CLOCKS = [
    -62_135_596_800_000_001, -62_135_596_800_000_000, -1, 0, 253_402_300_799_999_999, 253_402_300_800_000_000, MOST,
    -(2**63), 2**64 - 1, "now", 1.0,
]  # fmt: skip
TEXTS = [
    "", "\0", "two\nlines\r\n", "\x1b[2J\x1b]0;title\x07", "\x9b31m", "\u202eback\u2028\u2029\ufeff", "\x01" * 60_000, '"\\' * 30_000,
    "🎈" * 10_000, "w" * 201, b"bytes", None, 7, '","seq":1,"prev":"' + "0" * 64 + '"}\n{"ts":"',
]  # fmt: skip
NO_TEXT = [b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\x80"]
EXTRAS: list[Any] = [
    {"n": math.nan}, {"n": [math.inf, -math.inf, -0.0, 5e-324]}, {"b": b"\x00\xff"}, {"e": Ext(5, b"x")}, {"e": Ext(-1, b"\xff" * 4)},
    {"e": Ext(-1, b"\xff" * 12)}, {1: 2}, {None: 1}, {"in": {1: 2, 1.5: 3, None: 4, b"k": 6, (1, 2): 7}},
    {"in": {1: "a", "1": "b"}}, {"i": [2**64 - 1, -(2**63)]}, [], None, "text", {"": ""}, {"k" * 60_000: 0}, {"f": [False] * 60_000},
    dict.fromkeys(("ts", "level", "category", "session", "message", "seq", "prev", "last"), 1),
    {f"{'extra_' * times}seq": times for times in range(100)}, {"lost_from": 1, "lost_to": 9, "outcome": "clean", "continues": "x"},
    {"prev\n": "0" * 64, '","prev":"': "0" * 64}, {"lone": {"deep": {"er": []}}},
]  # fmt: skip
LENGTHS = [b"\xdd", b"\xdf", b"\xdb", b"\xc6", b"\xc9"]


class Frame(NamedTuple):
    """What is sent, of what kind it is, and whether a sidecar must refuse it."""

    kind: str
    data: bytes
    refused: bool


def hello(run: object, pid: object, started: object, *, version: object = 1, seq: object = 0) -> list[Any]:
    return ["hello", run, version, pid, started, seq]


def event(run: object, seq: object, **changed: object) -> list[Any]:
    fields: dict[str, object] = {
        "ts": NOW, "level": "info", "category": "nav", "session": "", "message": "hostile", "extra": {},
    }  # fmt: skip
    return ["event", run, seq, *(fields | changed).values()]


class Generator:
    """`pid` and `started` are those of a living process, which the runs of GREETED say to be."""

    def __init__(self, seed: int, pid: int, started: float) -> None:
        self._chance = Random(seed)  # noqa: S311 - the same again from the same seed
        self._pid = pid
        self._started = started
        self._next = dict.fromkeys(GREETED, 1)

    def frames(self) -> Iterator[Frame]:
        """All kinds in turn, without end, behind the Hellos of GREETED."""
        for run in GREETED:
            yield _framed("greeting", pack(hello(run, self._pid, self._started)))
        for make in cycle(self._kinds()):
            yield _framed(make.__name__.strip("_"), make())

    def _kinds(self) -> list[Callable[[], bytes]]:
        rare = [self._big_text, self._odd_extra, self._deep, self._hello_again]
        often = [
            self._noise, self._truncated, self._flipped, self._declared_length, self._other_version, self._odd_run,
            self._odd_number, self._odd_clock, self._odd_text, self._no_text, self._odd_hello, self._odd_skip, self._unknown,
            self._unheard, self._honest_looking,
        ]  # fmt: skip
        # The large ones are few: they would be most of the bytes.
        return [*often * 10, *rare]

    def _noise(self) -> bytes:
        return self._chance.randbytes(self._chance.randrange(300))

    def _truncated(self) -> bytes:
        good = self._good()
        return good[: self._chance.randrange(len(good))]

    def _flipped(self) -> bytes:
        data = bytearray(self._good())
        for _ in range(self._chance.randrange(1, 4)):
            data[self._chance.randrange(len(data))] ^= 1 << self._chance.randrange(8)
        return bytes(data)

    def _declared_length(self) -> bytes:
        """Says that four thousand million of something follow, at the place of any byte."""
        good = self._good()
        at = self._chance.randrange(len(good))
        return good[:at] + self._chance.choice(LENGTHS) + b"\xff\xff\xff\xff" + good[at:]

    def _other_version(self) -> bytes:
        return pack(
            hello(self._greeted(), self._pid, self._started, version=self._chance.choice([0, 2, 99, -1, "1", None]))
        )

    def _odd_run(self) -> bytes:
        run = self._chance.choice(RUNS)
        messages = [
            hello(run, self._pid, self._started), event(run, 1), ["skipped", run, 1, 1, ""], ["alive", run, 1, True], ["bye", run, 1],
        ]  # fmt: skip
        return pack(self._chance.choice(messages))

    def _odd_number(self) -> bytes:
        run, number = self._greeted(), self._chance.choice(NUMBERS)
        messages = [
            event(run, number),
            ["alive", run, number, False],
            ["bye", UNHEARD[0], number],
            ["alive", run, 0, number],
        ]
        return pack(self._chance.choice(messages))

    def _odd_clock(self) -> bytes:
        return self._next_event(ts=self._chance.choice(CLOCKS))

    def _odd_text(self) -> bytes:
        field = self._chance.choice(["level", "category", "session", "message"])
        return self._next_event(**{field: self._chance.choice([text for text in TEXTS if not _is_big(text)])})

    def _big_text(self) -> bytes:
        return self._next_event(message=self._chance.choice([text for text in TEXTS if _is_big(text)]))

    def _no_text(self) -> bytes:
        bad = self._chance.choice(NO_TEXT)
        place = self._chance.choice(["level", "category", "session", "message"])
        return self._next_event(**{place: "?" * len(bad)}).replace(b"?" * len(bad), bad)

    def _odd_extra(self) -> bytes:
        return self._next_event(extra=self._chance.choice(EXTRAS))

    def _deep(self) -> bytes:
        opened = self._chance.choice([b"\x91", b"\x81\xa1k"])
        depth = self._chance.choice([60, 70, 300, 5_000, 20_000])
        return pack(event(self._greeted(), 1, extra={"deep": 0}))[:-1] + opened * depth + b"\x00"

    def _hello_again(self) -> bytes:
        return pack(hello(self._greeted(), self._pid, self._started, seq=self._chance.choice([0, 1, MOST])))

    def _odd_hello(self) -> bytes:
        run, pid, started = self._chance.choice(RUNS + GREETED), self._pid, self._started
        odd = self._chance.choice(NUMBERS)
        return pack(
            self._chance.choice(
                [hello(run, odd, started), hello(run, pid, odd), hello(GREETED[0], pid, started, seq=odd)]
            )
        )

    def _odd_skip(self) -> bytes:
        first, last = self._chance.choice(NUMBERS), self._chance.choice(NUMBERS)
        # All numbers of one run may go so; the others' are needed.
        return pack(["skipped", GREETED[-1], first, last, self._chance.choice(["", "\x1b[2J", "w" * 201, None])])

    def _unknown(self) -> bytes:
        good = msgspec.msgpack.decode(self._good())
        return pack(
            self._chance.choice(
                [["goodbye", *good[1:]], good[:-1], good[:1], [*good, "more", {}], {"tag": good}, good[0], None, []]
            )
        )

    def _unheard(self) -> bytes:
        return pack(
            self._chance.choice(
                [event(self._chance.choice(UNHEARD), 1), ["alive", UNHEARD[0], 1, True], ["bye", UNHEARD[1], 0]]
            )
        )

    def _honest_looking(self) -> bytes:
        return self._next_event(message=f"event {self._chance.random()}", extra={"rows": self._chance.randrange(10**6)})

    def _next_event(self, **changed: object) -> bytes:
        """An event with the number that its run has next, as far as that is known."""
        run = self._greeted()
        frame = pack(event(run, self._next[run], **changed))
        self._next[run] += not must_refuse(frame)
        return frame

    def _good(self) -> bytes:
        run = self._greeted()
        # Numbers long gone by: what a changed one means must not be that a million others are missing.
        messages = [
            event(run, 1, extra={"a": [1, 2.5, None, True, "x"]}),
            ["alive", run, 0, True],
            ["skipped", GREETED[-1], 1, 1, "full"],
        ]
        return pack(self._chance.choice(messages))

    def _greeted(self) -> str:
        return self._chance.choice(GREETED)


def _framed(kind: str, data: bytes) -> Frame:
    return Frame(kind, data, must_refuse(data))


def _is_big(text: object) -> bool:
    return isinstance(text, str) and len(text) > 1_000
