"""What a GUI asks about logs on the `ask` socket, and the answers, as MessagePack arrays with a tag.

- A question is one frame behind a request id, and has one answer, of one frame, with the same id. Both are bounded here.
- What is longer is asked for piece by piece: an answer says where it ends, and the next question goes on from there.
- What takes long is a job: the question begins it, or joins one that is on its way, and `Progress` asks how far it is.
- The rules of the wire hold: fields are only added at the end, with a default.
"""

from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from shared.wire import MAX_FRAME, Head, LastSeq, RunId

T = TypeVar("T")

MAX_QUESTION = 4096
# Leaves room for what surrounds it in a frame.
MAX_ROWS_BYTES, MAX_TALLIES_BYTES, MAX_PIECE = 30 * 1024, 16 * 1024, 48 * 1024
MAX_ROWS = 200
MAX_RUNS = 400
MAX_TALLIES, MAX_GAPS, MAX_FINDINGS, MAX_NOTES = 400, 40, 40, 40
# What a mail takes, and both processes can hold in memory: the zip of about 150 MB of logs.
MAX_ZIP = 32 * 1024 * 1024
MAX_BUNDLED = 20
MAX_FILES, MAX_FIELDS, MAX_SAMPLES, MAX_SAMPLE = 100, 60, 3, 1500
# Of texts; of MAX_TEXT and MAX_SAMPLE bytes, of the others characters.
MAX_MESSAGE, MAX_REASON, MAX_TEXT = 160, 80, 300
# Seconds that a tally may stand for: each divides the next, so tallies can be added up.
WIDTHS = (1, 5, 15, 60, 300, 900, 3600, 21_600, 86_400, 604_800)

Name = Annotated[str, Meta(max_length=200)]
Names = Annotated[list[Name], Meta(max_length=32)]
# As in the log, or empty for no bound.
Moment = Annotated[str, Meta(pattern=r"\A(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)?\Z", max_length=27)]
PartNumber = Annotated[int, Meta(ge=1, le=999_999_999)]
Offset = Annotated[int, Meta(ge=0, le=2**62)]
JobId = Annotated[str, Meta(pattern=r"\A[0-9a-f]{16}\Z")]


class Place(Struct, frozen=True, array_like=True, order=True):
    """Where a line begins: `offset` bytes into the part, as it reads when it is not compressed."""

    part: PartNumber
    offset: Offset


class Wanted(Struct, frozen=True, array_like=True):
    """What is asked for, as `query` means it. Gaps are always asked for, if they are of that time."""

    since: Moment = ""
    until: Moment = ""
    sessions: Names = []
    categories: Names = []
    levels: Names = []
    text: Name = ""


class Selection(Struct, frozen=True, array_like=True):
    """What goes into a support bundle: the logs of `runs`, without the values of `fields` and, with `file_names`, the names of files."""

    runs: Annotated[list[RunId], Meta(min_length=1, max_length=MAX_BUNDLED)]
    fields: Names = []
    file_names: bool = False


class Runs(Struct, frozen=True, array_like=True, tag="runs"):
    """Which runs have logs? The newest ones."""


class Back(Struct, frozen=True, array_like=True, tag="back"):
    """What stands before `before` (None: from the end), newest first? At most `rows` rows.

    With `tally`, the lines are counted as far as a slice of time allows; without, only the rows are looked for.
    """

    run: RunId
    wanted: Wanted
    before: Place | None
    rows: Annotated[int, Meta(ge=0, le=MAX_ROWS)]
    tally: bool


class Forth(Struct, frozen=True, array_like=True, tag="forth"):
    """What was written from `behind` on? The newest `rows` rows of it, and all of it counted."""

    run: RunId
    wanted: Wanted
    behind: Place
    rows: Annotated[int, Meta(ge=0, le=MAX_ROWS)]


class OneLine(Struct, frozen=True, array_like=True, tag="line"):
    """The line at `place`: its bytes from `skip` on, and its place in the chain."""

    run: RunId
    place: Place
    skip: Offset = 0


class Verify(Struct, frozen=True, array_like=True, tag="verify"):
    """Is this log what the sidecar wrote? A job. `head` is a hash that was noted, to be looked for."""

    run: RunId
    head: Head = ""


class Preview(Struct, frozen=True, array_like=True, tag="preview"):
    """What would be in this bundle? As far as a look at the newest lines tells."""

    selection: Selection


class Bundle(Struct, frozen=True, array_like=True, tag="bundle"):
    """Make this bundle. A job, of which a zip comes."""

    selection: Selection


class ZipPiece(Struct, frozen=True, array_like=True, tag="zip"):
    """The bytes of the job's zip from `skip` on. Whoever has the last one has it; then, or when nobody asks, it is gone."""

    job: JobId
    skip: Offset


class Progress(Struct, frozen=True, array_like=True, tag="progress"):
    """How far is the job? One that nobody asks about is given up."""

    job: JobId


class RunFiles(Struct, frozen=True, array_like=True):
    """The log of a run: how many parts and bytes, and when it was last written to, in seconds since 1970."""

    run: str
    parts: int
    size: int
    written: int


class RunList(Struct, frozen=True, array_like=True, tag="run list"):
    """The newest runs first; `more` were left out."""

    runs: list[RunFiles]
    more: int


class Row(Struct, frozen=True, array_like=True):
    """A line for a table. `number` is its `seq`, 0 for a record of the sidecar; `lost` how many numbers it declares lost."""

    place: Place
    ts: str
    level: str
    category: str
    session: str
    message: str
    number: int
    lost: int = 0


class Tally(Struct, frozen=True, array_like=True):
    """So many lines of a category from the second `start` on, for as long as the answer says."""

    start: int
    category: str
    lines: int
    warnings: int
    errors: int


class Gap(Struct, frozen=True, array_like=True):
    """A declared loss, recorded at `ts`."""

    ts: str
    first: LastSeq
    last: LastSeq
    reason: str


class Stretch(Struct, frozen=True, array_like=True, tag="stretch"):
    """The lines asked for between `low` and `high`, newest first.

    `complete`: there are none further on in the direction asked for. `skipped`: some had no room among the rows.
    `reached` is the time of the outermost line looked at. `width` is how many seconds a tally stands for, `lost` sums the
    gaps. `unread` counts lines that are none. `changed`: the log is not what it was; begin anew.
    """

    rows: list[Row]
    low: Place
    high: Place
    complete: bool
    skipped: bool
    reached: str
    width: int
    tallies: list[Tally]
    gaps: list[Gap]
    lost: int
    unread: int
    changed: bool = False


class WholeLine(Struct, frozen=True, array_like=True, tag="whole line"):
    """`piece` of the line's `size` bytes, and its place: the line `number` of `file`.

    `follows`: whether its `prev` is the hash of the line before it, `followed` whether the next line carries its own
    `hash`; None where there is no such line yet, or it stands in another file.
    """

    piece: bytes
    size: int
    file: str
    number: int
    hash: str
    prev: str
    follows: bool | None
    followed: bool | None


class Damage(Struct, frozen=True, array_like=True):
    """`kind` is one of shared/FORMAT.md; it shows in the lines `first` to `last` of `file`; 0 stands for the whole file."""

    kind: str
    file: str
    first: int
    last: int
    text: str


class Note(Struct, frozen=True, array_like=True):
    """What is worth knowing and no damage: `kind` is `gap`, `torn`, `repair`, `vanished` or empty."""

    kind: str
    file: str
    line: int
    text: str


class Verdict(Struct, frozen=True, array_like=True):
    """The result of `Verify`; the `more_…` were left out. `sought`: whether the head asked for is there, None for not asked."""

    state: str
    parts: int
    lines: int
    events: int
    lost: int
    head: str
    damages: list[Damage]
    more_damages: int
    notes: list[Note]
    more_notes: int
    sought: bool | None = None
    since: int = 0


class PlannedFile(Struct, frozen=True, array_like=True):
    """A file of a bundle that would be made of `size` bytes of a log; 0 for those that the bundle adds."""

    name: str
    size: int


class Sample(Struct, frozen=True, array_like=True):
    """A line as it stands and as it would be sent, each at most MAX_SAMPLE bytes of it; `after` is empty for the same."""

    before: str
    after: str


class Previewed(Struct, frozen=True, array_like=True, tag="previewed"):
    """What would be in a bundle; `more_files` were left out.

    Of the newest `looked_at` lines, `changed` would be redacted; `samples` are some of them, or of all where there are none.
    `fields` are the names in them that can be redacted, the most frequent first.
    """

    files: list[PlannedFile]
    more_files: int
    samples: list[Sample]
    looked_at: int
    changed: int
    fields: list[str]


class Zip(Struct, frozen=True, array_like=True):
    """A zip that waits to be asked for piece by piece. `sha256` is of all its bytes, in hex."""

    size: int
    sha256: str


class Piece(Struct, frozen=True, array_like=True, tag="piece"):
    """Some bytes of a zip; none where it ends."""

    piece: bytes


class Job(Struct, frozen=True, array_like=True, tag="job"):
    """`done` of `total` bytes were read, `silent_s` seconds ago. At the end there is `verdict`, `zip` or `trouble`."""

    job: str
    done: int
    total: int
    silent_s: float = 0.0
    verdict: Verdict | None = None
    trouble: str = ""
    zip: Zip | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.verdict is not None or self.zip is not None or bool(self.trouble)


class NotNow(Struct, frozen=True, array_like=True, tag="not now"):
    """There is no answer.

    `hung`: the disk has not answered for `seconds`; `slow`: it took too long; `busy`: too many questions wait; `gone`: there is
    no such log, line or job; `unknown`: not a question; `failed`: `reason` says why.
    """

    why: Literal["hung", "slow", "busy", "gone", "unknown", "failed"]
    seconds: float = 0.0
    reason: str = ""


Question = Runs | Back | Forth | OneLine | Verify | Preview | Bundle | ZipPiece | Progress
Answer = RunList | Stretch | WholeLine | Previewed | Piece | Job | NotNow

encode = msgspec.msgpack.Encoder().encode
_question: msgspec.msgpack.Decoder[Question] = msgspec.msgpack.Decoder(Question)
_answer: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


def decode_question(frame: bytes) -> Question:
    """Decode a question. Raises msgspec.DecodeError for anything else."""
    return _checked(_question, frame, MAX_QUESTION)


def decode_answer(frame: bytes) -> Answer:
    """Decode an answer. Raises msgspec.DecodeError for anything else."""
    return _checked(_answer, frame, MAX_FRAME)


def _checked(decoder: msgspec.msgpack.Decoder[T], frame: bytes, most: int) -> T:
    if len(frame) > most:
        raise msgspec.DecodeError(f"longer than {most} bytes")
    try:
        return decoder.decode(frame)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from error
