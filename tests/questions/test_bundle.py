"""A bundle that is asked for on the socket: what it would hold, how it is made, fetched, and gone."""

import io
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import closing as ended
from hashlib import sha256
from pathlib import Path

import pytest

from shared.naming import log_name
from shared.questions import (
    MAX_BUNDLED,
    MAX_PIECE,
    MAX_SAMPLE,
    Bundle,
    Job,
    NotNow,
    Piece,
    Preview,
    Previewed,
    Selection,
    Verify,
    ZipPiece,
    decode_answer,
    encode,
)
from shared.wire import MAX_FRAME
from sidecar.asking.asked import Asked
from sidecar.asking.job import FORGOTTEN_S, LEFT_S, PIECE_S, Jobs
from sidecar.asking.killed import Killed
from sidecar.reader.bundling import TooLargeError, bundle
from sidecar.reader.part_bytes import Opener
from sidecar.reader.previewing import preview
from tests.compress.logs import closed, compress_by_hand, in_parts, write
from tests.questions.asker import Asker
from tests.questions.test_asking import ABSENT, is_gone, logged, reader_of
from tests.support.processes import Pair
from tests.support.waiting import until
from tests.verify.logs import RUN, event, events, joined, opening, sealed

OTHER = "20261124T153000Z-b1b2c3d4"
# Their hashes alone fill some pieces.
EVENTS = 3_000


def nothing(_done: int, _total: int) -> None:
    pass


def previewed(directory: Path, *runs: str, fields: list[str] | None = None, file_names: bool = False) -> Previewed:
    return preview(Selection(list(runs), fields or [], file_names), directory, Opener(), lambda: 0.0)


def test_a_bundle_is_fetched_piece_by_piece_and_gone_with_the_last_one(pair: Pair, asker: Asker) -> None:
    sidecar = pair.ready_sidecar()
    producer = logged(pair, EVENTS)
    question = Bundle(Selection([producer.run]))
    assert asker.job(question).job == asker.job(question).job
    result = asker.result(question)
    assert result.zip is not None
    assert result.zip.size > 2 * MAX_PIECE
    process = reader_of(sidecar.pid)
    data = b""
    while len(data) < result.zip.size:
        answer = asker.ask(ZipPiece(result.job, len(data)))
        assert isinstance(answer, Piece)
        data += answer.piece
    assert sha256(data).hexdigest() == result.zip.sha256
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        assert made.read(f"logs/{producer.log.name}") == producer.log.read_bytes()
        assert f"{EVENTS} events (1 to {EVENTS}), 0 lost" in made.read("verify.txt").decode()
        assert "DATATOOLS_AUDIT_DIR" in json.loads(made.read("bundle.json"))["settings"]
    assert asker.refusal(ZipPiece(result.job, 0)).why == "gone"
    until(lambda: is_gone(process), "the end of the process that held the zip")
    assert asker.result(Bundle(Selection([ABSENT]))).trouble == f"There is no log of run {ABSENT}"


def test_a_zip_whose_process_is_killed_is_gone_and_made_anew(pair: Pair, asker: Asker) -> None:
    sidecar = pair.ready_sidecar()
    producer = logged(pair, 10)
    question = Bundle(Selection([producer.run]))
    first = asker.result(question)
    assert first.zip is not None
    reader_of(sidecar.pid).kill()
    until(lambda: asker.ask(ZipPiece(first.job, 0)) == NotNow("gone"), "word that it is gone")
    second = asker.result(question)
    assert second.zip is not None
    assert isinstance(asker.ask(ZipPiece(second.job, 0)), Piece)


class Alone:
    """Jobs without a sidecar, under a clock of the test's own."""

    def __init__(self, directory: Path) -> None:
        self.sent: list[object] = []
        self.jobs = Jobs(
            directory, lambda: None, lambda _who, _id, frame: self.sent.append(decode_answer(frame)), Killed()
        )

    def close(self) -> None:
        self.jobs.close()

    def zip_at(self, now: float, question: Bundle) -> Job:
        found = [self.jobs.begin(encode(question), now)]

        def is_there() -> bool:
            self.jobs.tend(now)
            found.append(self.jobs.begin(encode(question), now))
            return isinstance(found[-1], Job) and found[-1].is_over

        until(is_there, "a zip")
        assert isinstance(found[-1], Job)
        assert found[-1].zip is not None
        return found[-1]

    def ask_for_piece(self, job: Job, now: float) -> NotNow | None:
        question = ZipPiece(job.job, 0)
        return self.jobs.hand_out(question, Asked(b"", b"", encode(question)), now)


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Alone]:
    closed(tmp_path)
    with ended(Alone(tmp_path)) as alone:
        yield alone


def test_a_zip_is_kept_from_others_while_it_is_fetched_and_given_up_when_it_is_not(alone: Alone) -> None:
    mine, others = Bundle(Selection([RUN])), encode(Verify(RUN))
    first = alone.zip_at(0.0, mine)
    assert alone.jobs.begin(others, LEFT_S - 1) == NotNow("busy")
    # Of one that nobody fetched a later log is not there.
    second = alone.zip_at(LEFT_S + 1, mine)
    assert second.job != first.job
    assert alone.ask_for_piece(first, LEFT_S + 1) == NotNow("gone")
    begun = alone.jobs.begin(others, 3 * LEFT_S)
    assert isinstance(begun, Job)
    third = alone.zip_at(5 * LEFT_S, mine)
    alone.jobs.tend(5 * LEFT_S + FORGOTTEN_S + 1)
    assert not alone.jobs.is_any
    assert alone.ask_for_piece(third, 5 * LEFT_S + FORGOTTEN_S + 1) == NotNow("gone")


def test_a_zip_whose_process_ends_is_given_up_at_once(alone: Alone) -> None:
    job = alone.zip_at(0.0, Bundle(Selection([RUN])))
    reader_of(os.getpid()).kill()
    alone.ask_for_piece(job, 1.0)

    def is_given_up() -> bool:
        alone.jobs.tend(1.0)
        return not alone.jobs.is_any

    until(is_given_up, "its end to be noticed")
    assert alone.ask_for_piece(job, 1.0) == NotNow("gone")


def test_who_waits_for_a_piece_of_a_stopped_process_is_told_in_time(alone: Alone) -> None:
    job = alone.zip_at(0.0, Bundle(Selection([RUN])))
    process = reader_of(os.getpid())
    process.suspend()
    assert alone.ask_for_piece(job, 1.0) is None
    alone.jobs.tend(PIECE_S)
    assert alone.sent == []
    alone.jobs.tend(PIECE_S + 2)
    assert alone.sent == [NotNow("gone")]
    until(lambda: is_gone(process), "its end")


def test_a_bundle_of_several_runs_is_redacted_counted_and_bounded(tmp_path: Path) -> None:
    in_parts(tmp_path)
    compress_by_hand(closed(tmp_path, run=OTHER))
    said: list[tuple[int, int]] = []
    selection = Selection([OTHER, RUN], ["rows"], file_names=True)
    data = bundle(selection, tmp_path, lambda done, total: said.append((done, total)))
    assert said == sorted(said)
    assert said[-1][0] <= said[-1][1]
    assert said[0][1] == 2 * sum(path.stat().st_size for path in tmp_path.iterdir())
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        everything = b"".join(map(made.read, made.namelist())).decode()
        assert len(made.namelist()) == 4 + 3
    assert "file 7.csv" not in everything
    assert '"rows":70' not in everything
    with pytest.raises(TooLargeError, match="larger than 0 MiB"):
        bundle(selection, tmp_path, nothing, len(data) - 1)


def test_a_preview_shows_the_lines_that_are_redacted_the_files_and_the_fields(tmp_path: Path) -> None:
    closed(tmp_path)
    compress_by_hand(closed(tmp_path, run=OTHER))
    plain = previewed(tmp_path, RUN)
    assert [(each.name, each.size > 0) for each in plain.files] == [
        ("verify.txt", False), ("bundle.json", False), ("README.txt", False), (f"logs/{log_name(RUN)}", True),
    ]  # fmt: skip
    assert (plain.looked_at, plain.changed) == (32, 0)
    assert [each.after for each in plain.samples] == [""] * 3
    assert "Log closed" in plain.samples[0].before
    assert plain.fields[:4] == ["level", "category", "session", "message"]
    assert {"filename", "rows"} < set(plain.fields)
    assert not {"prev", "seq", "ts"} & set(plain.fields)
    redacted = previewed(tmp_path, RUN, OTHER, fields=["rows"])
    assert (redacted.looked_at, redacted.changed) == (64, 60)
    assert len(redacted.samples) == 2
    for sample in redacted.samples:
        assert '"rows":"<redacted>"' in sample.after
        assert json.loads(sample.before)["message"] == json.loads(sample.after)["message"]
    # Who mistypes a field sees that it is nowhere.
    mistyped = previewed(tmp_path, RUN, fields=["row"])
    assert (mistyped.changed, len(mistyped.samples)) == (0, 3)


def test_whatever_stands_in_the_logs_a_preview_fits_into_a_frame(tmp_path: Path) -> None:
    runs = [f"20261123T153000Z-{number:08x}" for number in range(MAX_BUNDLED)]
    for run in runs:
        extra = {f"\N{GRINNING FACE}{number}" * 20: "\N{GRINNING FACE}" * 900 for number in range(10)}
        for part in range(1, 8):
            write(
                tmp_path,
                opening(part=part, run=run),
                event(1, **extra),
                b'{"\x1b":"' + b"\xff" * 2_000,
                run=run,
                part=part,
            )
    (tmp_path / log_name(runs[0])).write_bytes(b"\n\xff\n" + joined(sealed(events(1, 3))))
    answer = previewed(tmp_path, *runs, fields=["message"])
    assert len(encode(answer)) < MAX_FRAME
    assert len(answer.files) + answer.more_files == 3 + 7 * MAX_BUNDLED
    shown = [text for sample in answer.samples for text in (sample.before, sample.after)]
    assert all(text.isprintable() and len(text.removesuffix("…").encode()) <= MAX_SAMPLE for text in shown)


def test_a_preview_is_answered_on_the_socket(pair: Pair, asker: Asker) -> None:
    pair.ready_sidecar()
    producer = logged(pair, 10)
    answer = asker.ask(Preview(Selection([producer.run], ["message"])))
    assert isinstance(answer, Previewed)
    assert (answer.looked_at, answer.changed) == (11, 11)
    assert asker.refusal(Preview(Selection([ABSENT]))).why == "failed"
    assert asker.refusal(encode(["preview", [[], [], False]])).why == "unknown"
