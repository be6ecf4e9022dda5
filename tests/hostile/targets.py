"""What must hold for any bytes: a target takes them, and raises AssertionError, or what nobody may raise, when it does not.

`test_targets.py` gives them to Hypothesis, `fuzz.py` to a fuzzer that follows the coverage.
"""

import contextlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from shared.chain import GENESIS, RESERVED, event_body, head_of, seal
from shared.naming import is_run_id, log_name, parse_log_name, parse_part_name
from shared.wire import Event, Hello, decode_downstream, decode_status, decode_upstream
from sidecar import log_tail
from sidecar.compression import BLOCK, BrokenError, decompressed
from sidecar.log_chain import BEGINNING
from sidecar.log_line import parse
from sidecar.parts import Log
from sidecar.query import lines as query_lines
from sidecar.query.lines import Filter
from sidecar.query.scan import Lines, Unread, matches
from sidecar.query.shown import as_text
from sidecar.screen import event_line
from sidecar.verify import _printable, _summary, damage_line, note_line
from sidecar.verify.check import Part, check_log
from sidecar.verify.line import MAX_LINE, read_line
from tests.fault.whole_log import whole_log
from tests.hostile.coercing import coerce_anything
from tests.hostile.oracle import must_refuse
from tests.log.bench import OWNER, RUN
from tests.verify.logs import chunks

Target = Callable[[bytes], None]

GOOD = whole_log(OWNER, 12)
_JOINED = b"".join(line + b"\n" for line in GOOD)


def decoder(data: bytes) -> None:
    """A frame is refused as the protocol says, with DecodeError; an event that is not can be written and read, or is said not to."""
    for decode in (decode_downstream, decode_status):
        # The only way in which they may refuse it.
        with contextlib.suppress(msgspec.DecodeError):
            decode(data)
    try:
        message = decode_upstream(data)
    except msgspec.DecodeError:
        assert must_refuse(data)
        return
    assert must_refuse(data) == (not is_run_id(message.run) or (isinstance(message, Hello) and message.version != 1))
    if isinstance(message, Event):
        _write(message)


def extras(data: bytes) -> None:
    """The same, with any bytes for the extras of an event."""
    decoder(msgspec.msgpack.encode(["event", RUN, 7, 0, "info", "nav", "", "m", {}])[:-1] + data)


def _write(event: Event) -> None:
    try:
        body = event_body(event.ts, event.level, event.category, event.session, event.message, event.extra, event.seq)
    except (TypeError, ValueError, RecursionError):
        # What JSON cannot say becomes a gap; `Run` catches whatever it is.
        return
    check_line(seal(GENESIS, [body])[0], event.seq)
    assert event_line("2026-11-23T15:30:00Z", event.level, event.category, event.message).isprintable()


def check_line(written: bytes, seq: int) -> None:
    """`written` is one line of the log's format, and every reader says so."""
    line = written[:-1]
    assert written.endswith(b"\n")
    assert b"\n" not in line
    assert len(line) <= log_tail.LONGEST_LINE
    keys = [key for key, _ in json.loads(line.decode(), object_pairs_hook=list)]
    assert keys[:5] == ["ts", "level", "category", "session", "message"]
    assert keys[-2:] == ["seq", "prev"]
    assert RESERVED.isdisjoint(keys[5:-2])
    assert len(set(keys)) == len(keys)
    found = parse(line)
    assert found is not None
    assert (found.accounted, found.prev, found.closes, found.continues) == (seq, GENESIS, False, False)
    judged = read_line(line, "log", 1)
    assert (judged.bad, judged.first, judged.last, judged.prev) == ("", seq, seq, GENESIS)
    shown = query_lines.read(line)
    assert shown is not None
    assert len(query_lines.extras(line)) == len(keys) - 7


def log_reader(data: bytes) -> None:
    """A part of any bytes has an end: what is good of it is lines of a chain, and nothing is raised."""
    for part in (data, _JOINED + data, data + _JOINED):
        _read_tail(part)


def _read_tail(part: bytes) -> None:
    def read_at(size: int, offset: int) -> bytes:
        return part[offset : offset + size]

    for before in (None, BEGINNING):
        tail = log_tail.read_tail(read_at, len(part), before)
        assert 0 <= tail.size <= len(part)
        assert tail.corrupt or tail.size + tail.torn == len(part)
        if tail.last >= 0:
            assert part[: tail.size].endswith(b"\n")
            # The last of the chain, wherever it stands.
            assert tail.head in map(head_of, part[: tail.size].split(b"\n"))
            assert 0 <= tail.start <= tail.size
            assert 0 <= tail.lost <= tail.last
        else:
            assert (tail.size, tail.head, tail.closed) == (0, GENESIS, False)
    log_tail.read_end(read_at, len(part))
    log_tail.ends_closed(read_at, len(part))
    log_tail.read_opening(read_at)
    log_tail.count_lost(read_at, len(part))


def verify(data: bytes) -> None:
    """Any bytes are judged, and what is said of them steers no terminal; a whole log with something put in is damaged."""
    for parts in ([data], [_JOINED, data], [data, _JOINED], [_JOINED + data]):
        report = check_log(
            [Part(log_name(RUN, n), RUN, n, partial(chunks, each)) for n, each in enumerate(parts, 1)],
            head=GENESIS[:63] + "1",
        )
        log = Log(RUN, {(1, False): Path(log_name(RUN))}, whole=True)
        said = [*map(damage_line, report.findings), *map(note_line, report.notes), _summary(log, report)]
        assert all(_printable(each).isprintable() for each in said)
        assert report.lines + len(report.findings) + len(report.notes) > 0 or not any(parts)
    line = read_line(data, "log", 1)
    assert line.bad or (len(data) <= MAX_LINE and line.prev.encode() == data[-66:-2])


def query(data: bytes) -> None:
    """Lines of any bytes are shown in printable characters or counted as unread."""
    unread = Unread()
    found = list(matches([partial(_complete, data), partial(_complete, _JOINED)], RUN, Filter(text=""), unread, {}))
    assert len(found) + unread.lines == data.count(b"\n") + len(GOOD)
    assert all(as_text(each).isprintable() for each in found)
    assert {each.raw for each in matches([partial(_complete, data)], RUN, Filter(text="é"), Unread(), {})} <= {
        each.raw for each in found
    }
    query_lines.read_opening(data)


def _complete(data: bytes) -> Lines:
    return iter([(line, complete) for lines, complete in chunks(data) if complete for line in lines])


def names(data: bytes) -> None:
    """A name is that of a part, or not; what it says makes that name, and no path."""
    for text in (data.decode("utf-8", "replace"), data.decode("utf-8", "surrogateescape"), data.decode("latin-1")):
        parsed = parse_log_name(text)
        assert parsed is None or log_name(*parsed) == text
        part = parse_part_name(text)
        assert part is None or log_name(*part[:2]) + ".zst" * part[2] == text
        if is_run_id(text):
            assert Path("/logs", log_name(text)).parent == Path("/logs")
            assert parse_log_name(log_name(text)) == (text, 1)


def compression(data: bytes) -> None:
    """Any bytes are decompressed in blocks that are not too large, or said to be broken."""
    for blocks in ([data], [data[:1], data[1:]]):
        try:
            size = 0
            for block in decompressed(blocks):
                assert len(block) <= BLOCK
                size += len(block)
                if size > 64 * BLOCK:
                    return
        except BrokenError:
            continue


def coercion(data: bytes) -> None:
    """Any value, built as these bytes say, becomes extras that can be sent, written and read."""
    frame, event = coerce_anything(data)
    assert not must_refuse(frame)
    body = event_body(event.ts, event.level, event.category, event.session, event.message, event.extra, event.seq)
    check_line(seal(GENESIS, [body])[0], event.seq)


TARGETS: dict[str, Target] = {
    each.__name__: each for each in (decoder, extras, log_reader, verify, query, names, compression, coercion)
}
