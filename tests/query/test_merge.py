"""What is found is what a plain reading of all lines finds, in the order of time."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import accumulate
from typing import Any, NamedTuple

from hypothesis import example, given
from hypothesis import strategies as st

from shared.chain import event_body, format_time, sidecar_body
from sidecar.query.lines import Filter
from sidecar.query.merge import merged
from sidecar.query.scan import Match, Matches, Unread, matches
from tests.verify.logs import START, sealed

JUNK = [b"", b"junk", b'{"ts":"2026"}', b"\xff\xfe"]
TEXTS = ["Opened home", "Uploaded CUSTOMERS.csv", "Straße"]


class Made(NamedTuple):
    """A log as a list of parts, each a list of lines; `torn` is what stands behind the last newline of each part."""

    parts: list[list[bytes]]
    torn: bytes


def body(moment: int, level: str, category: str, session: str, text: str) -> bytes:
    ts = START + moment * 1_000_000
    if category == "audit":
        return sidecar_body(ts, level, text, {"run": "x"}, 0)
    return event_body(ts, level, category, session, text, {"file": text.upper()}, 1)


BODIES = st.builds(
    body,
    # Few moments, so that times are often equal, and the clock goes back half of the time.
    st.integers(0, 20),
    st.sampled_from(["info", "error"]),
    st.sampled_from(["nav", "upload", "audit"]),
    st.sampled_from(["", "a1b2c3d4"]),
    st.sampled_from(TEXTS),
)
LINES = st.one_of(BODIES.map(lambda made: sealed([made])[0]), st.sampled_from(JUNK))
PARTS = st.lists(st.lists(LINES, max_size=8), max_size=3)
LOGS = st.lists(st.builds(Made, PARTS, st.sampled_from([b"", b'{"ts":'])), max_size=6)
MOMENTS = st.one_of(st.just(""), st.integers(0, 20).map(lambda moment: format_time(START + moment * 1_000_000)))
FILTERS = st.builds(
    Filter,
    categories=st.sets(st.sampled_from(["nav", "upload", "audit"]), max_size=2).map(frozenset),
    levels=st.sets(st.sampled_from(["info", "error"]), max_size=1).map(frozenset),
    sessions=st.sets(st.sampled_from(["a1b2c3d4"])).map(frozenset),
    since=MOMENTS,
    until=MOMENTS,
    text=st.sampled_from(["", "customers", "STRASSE", "file=OPENED"]),
)


def chunks(lines: list[bytes], torn: bytes) -> Iterator[tuple[bytes, bool]]:
    yield from ((line, True) for line in lines)
    if torn:
        yield torn, False


def scan(made: Made, run: str, wanted: Filter, unread: Unread) -> Matches:
    return matches([partial(chunks, lines, made.torn) for lines in made.parts], run, wanted, unread, {})


def ask(logs: list[Made], wanted: Filter, unread: Unread) -> Iterator[Match]:
    return merged([partial(scan, made, str(number), wanted) for number, made in enumerate(logs)], unread)


def understood(line: bytes) -> dict[str, Any] | None:
    with suppress(ValueError):
        found = json.loads(line)
        return found if "prev" in found else None
    return None


def is_wanted(record: dict[str, Any], wanted: Filter) -> bool:
    """By other means than the filter's own: times as times, texts in everything that a user can search."""
    moment = datetime.fromisoformat(record["ts"])
    fixed = {"ts", "level", "category", "session", "message", "seq", "last", "prev"}
    texts = [record["message"], *(f"{key}={value}" for key, value in record.items() if key not in fixed)]
    return (
        (not wanted.since or moment >= datetime.fromisoformat(wanted.since))
        and (not wanted.until or moment <= datetime.fromisoformat(wanted.until))
        and record["category"] in (wanted.categories or {record["category"]})
        and record["level"] in (wanted.levels or {record["level"]})
        and record["session"] in (wanted.sessions or {record["session"]})
        and any(wanted.text.casefold() in text.casefold() for text in texts)
    )


def is_too_old(line: bytes, wanted: Filter) -> bool:
    """Whether even a line that is none is passed over, for it says an old time."""
    found = re.match(rb'\{"ts":"(.{27})",', line)
    return found is not None and found[1] < wanted.since.encode()


def naive(logs: list[Made], wanted: Filter) -> tuple[list[tuple[str, bytes]], int]:
    """The lines with their runs, and how many are none."""
    found: list[tuple[datetime, str, bytes]] = []
    junk = 0
    for number, made in enumerate(logs):
        lines = [line for part in made.parts for line in part]
        junk += sum(understood(line) is None and not is_too_old(line, wanted) for line in lines)
        taken = [(record, line) for line in lines if (record := understood(line)) and is_wanted(record, wanted)]
        times = accumulate((datetime.fromisoformat(record["ts"]) for record, _ in taken), max)
        found += [(time, str(number), line) for time, (_, line) in zip(times, taken, strict=True)]
    return [(run, line) for _, run, line in sorted(found, key=lambda entry: entry[0])], junk


@given(LOGS, FILTERS)
@example([Made([[*sealed([body(moment, "info", "nav", "", "x") for moment in (1, 9, 2)])]], b"")] * 2, Filter())
def test_the_result_is_that_of_a_plain_reading(logs: list[Made], wanted: Filter) -> None:
    unread = Unread()
    found = [(match.run, match.raw) for match in ask(logs, wanted, unread)]
    assert (found, unread.lines) == naive(logs, wanted)
    assert unread.problems == []


@given(LOGS)
def test_each_log_keeps_its_own_order_and_times_go_back_only_within_it(logs: list[Made]) -> None:
    found = list(ask(logs, Filter(), Unread()))
    for number, made in enumerate(logs):
        own = [match.raw for match in found if match.run == str(number)]
        assert own == [line for part in made.parts for line in part if understood(line)]
    keys = [match.key for match in found]
    assert keys == sorted(keys)
    assert all(match.key >= match.line.ts for match in found)


def test_a_log_is_open_only_from_its_first_line_to_its_last() -> None:
    lines = [sealed([body(moment, "info", "nav", "", "x")])[0] for moment in range(300)]
    opened, most = set[int](), 0

    def scan_one(number: int, unread: Unread) -> Matches:
        nonlocal most
        opened.add(number)
        most = max(most, len(opened))
        try:
            yield from matches([partial(chunks, lines[number : number + 2], b"")], str(number), Filter(), unread, {})
        finally:
            opened.remove(number)

    found = merged([partial(scan_one, number) for number in range(299)], Unread())
    assert len(list(found)) == 2 * 299
    assert opened == set()
    assert most <= 3
