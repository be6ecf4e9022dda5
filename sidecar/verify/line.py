"""Reads one line of a log: what it says about its place in the chain and in the sequence. Pure.

- Nothing here judges a line by its neighbours; that is `explain`'s business.
- The format is shared/FORMAT.md; reader and writer share only the chain's constants.
"""

from msgspec import DecodeError, Struct
from msgspec.json import Decoder

from shared.chain import head_of
from shared.wire import LastSeq, Seq

# 64 KiB on the wire grow at most sixfold by JSON's escapes; whatever is longer was not written by a sidecar.
MAX_LINE = 1 << 20

PREV_KEY = slice(-75, -66)
_PREV = slice(-66, -2)


class Record(Struct, frozen=True, omit_defaults=True):
    """What the sidecar's own lines can say; which keys are there tells which record it is."""

    run: str | None = None
    part: int = 1
    continues: str | None = None
    lost_from: Seq | None = None
    lost_to: Seq | None = None
    reason: str = ""
    outcome: str | None = None
    known: LastSeq | None = None
    repaired_bytes: int | None = None
    deleted_run: str | None = None

    @property
    def lost(self) -> int:
        """How many numbers this record declares lost; 0 unless it is a gap record."""
        return 0 if self.lost_from is None or self.lost_to is None else self.lost_to - self.lost_from + 1


class Line(Struct, frozen=True, gc=False):
    """A line's place. It accounts for the numbers `first` to `last`; for none when `first` is `last + 1`.

    `number` counts from 1 within `file`; 0 stands for the place before a first line. `bad` says why the bytes are no
    line of a log, and is empty when they are one.
    """

    file: str
    number: int
    hash: str
    prev: str
    first: int
    last: int
    record: Record | None = None
    bad: str = ""

    @property
    def is_event(self) -> bool:
        """Whether the line is an event, not a record by the sidecar."""
        return self.record is None and not self.bad and self.number > 0


class Fields(Struct, gc=False):
    """The keys that every line has, and the one of the last two that it has."""

    ts: str
    level: str
    category: str
    session: str
    message: str
    prev: str
    seq: Seq | None = None
    last: LastSeq | None = None


_fields = Decoder(Fields).decode
_record = Decoder(Record).decode


def read_fields(raw: bytes) -> Fields:
    """The fields of a line. Raises UnicodeDecodeError, RecursionError or msgspec.DecodeError, as which it is no line."""
    # The decoder passes over what is not UTF-8 in keys that it does not know.
    return _fields(raw if raw.isascii() else str(raw, "utf-8"))


def read_line(raw: bytes, file: str, number: int) -> Line:
    """Read a line, given without its newline. Never raises: what is no line of a log says so in `bad`."""
    digest = head_of(raw)
    try:
        return _read(raw, digest, file, number)
    except UnicodeDecodeError:
        bad = "it is not UTF-8"
    except RecursionError:
        bad = "it is nested too deeply"
    except DecodeError as error:
        bad = str(error)
    except ValueError as error:
        bad = error.args[0]
    return Line(file, number, digest, "", 1, 0, None, bad)


def _read(raw: bytes, digest: str, file: str, number: int) -> Line:
    if len(raw) > MAX_LINE:
        raise ValueError(f"it is longer than {MAX_LINE} bytes")
    fields = read_fields(raw)
    if raw[PREV_KEY] != b',"prev":"' or raw[-2:] != b'"}':
        raise ValueError("`prev` with 64 hex digits is not its last key")
    prev = str(raw[_PREV], "utf-8", "replace")
    if fields.seq is not None and fields.last is None:
        return Line(file, number, digest, prev, fields.seq, fields.seq)
    if fields.last is None or fields.seq is not None:
        raise ValueError("it has not exactly one of `seq` and `last`")
    record = _record(raw)
    if record.lost_from is not None and (record.lost < 1 or record.lost_to != fields.last):
        raise ValueError("its `lost_from`, `lost_to` and `last` contradict each other")
    return Line(file, number, digest, prev, fields.last - record.lost + 1, fields.last, record)
