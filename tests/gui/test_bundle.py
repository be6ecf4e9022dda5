"""A support bundle on the page: its words, and its zip fetched piece by piece, whatever comes between."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from msgspec.structs import replace

from gui.trail.asking import Conversation
from gui.trail.bundle_words import change_words, file_words, packing_share, packing_words, size_words, zip_name
from gui.trail.inquiry import job_sentence
from gui.trail.packing import Packing, Previewing, fits
from gui.trail.trouble import Trouble
from shared.errors import AuditError
from shared.questions import (
    Answer,
    Bundle,
    Job,
    NotNow,
    Piece,
    PlannedFile,
    Preview,
    Previewed,
    Progress,
    Question,
    Selection,
    Zip,
    ZipPiece,
)

SELECTION = Selection(["20261123T153000Z-a1b2c3d4"])
DATA = bytes(range(200)) * 7
MADE = Zip(len(DATA), sha256(DATA).hexdigest())
FILE = PlannedFile("logs/datatools-20261123T153000Z-a1b2c3d4.jsonl", 98_400)
ADDED = [PlannedFile(name, 0) for name in ("verify.txt", "bundle.json")]


class Talk(Conversation):
    """Answers as it was told to, and remembers what it was asked. There is time for `most` questions."""

    def __init__(self, *answers: Answer, most: int = 100) -> None:
        self.answers, self.asked, self.most = list(answers), list[Question](), most

    @property
    def left_s(self) -> float:
        return float(self.most - len(self.asked))

    def ask(self, question: Question) -> Answer:
        self.asked.append(question)
        return self.answers.pop(0)


def packing_with_zip() -> Packing:
    packing = Packing(SELECTION, "a.zip")
    packing._go_on(Talk(Job("a" * 16, 0, 0, zip=MADE)), 0.0)
    return packing


def pieces(size: int = 500) -> list[Piece]:
    return [Piece(DATA[skip : skip + size]) for skip in range(0, len(DATA), size)]


def test_a_zip_is_fetched_in_as_many_drawings_as_it_takes() -> None:
    packing = Packing(SELECTION, "a.zip")
    begun = Talk(Job("a" * 16, 0, 0))
    packing._go_on(begun, 0.0)
    assert begun.asked == [Bundle(SELECTION)]
    packing._go_on(made := Talk(Job("a" * 16, 0, 0, zip=MADE)), 0.0)
    assert made.asked == [Progress("a" * 16)]
    first, second, third = pieces()
    packing._go_on(talk := Talk(first, second, most=2), 0.0)
    assert talk.asked == [ZipPiece("a" * 16, 0), ZipPiece("a" * 16, 500)]
    assert (packing.fetched, packing.is_over) == (1000, False)
    packing._go_on(Talk(third), 0.0)
    assert (packing.data, packing.is_over, packing.trouble) == (DATA, True, None)


@pytest.mark.parametrize(
    ("answer", "why"), [(NotNow("busy"), "busy"), (NotNow("hung", 3.0), "hung"), (NotNow("unknown"), "unknown")]
)
def test_what_comes_between_is_told_and_gone_on_from(answer: NotNow, why: str) -> None:
    packing = packing_with_zip()
    first, *others = pieces()
    packing._go_on(Talk(first, answer), 9.0)
    assert packing.trouble is not None
    assert packing.trouble.why == why
    packing._go_on(Talk(*others), 10.0)
    assert packing.data == DATA
    assert packing.trouble is None


def test_a_zip_that_is_gone_or_not_what_was_made_is_asked_for_anew() -> None:
    packing = packing_with_zip()
    packing._go_on(Talk(pieces()[0], NotNow("gone")), 0.0)
    packing._go_on(talk := Talk(Job("b" * 16, 0, 0, zip=MADE)), 0.0)
    assert talk.asked == [Bundle(SELECTION)]
    packing._go_on(talk := Talk(*pieces()), 0.0)
    assert talk.asked[0] == ZipPiece("b" * 16, 0)
    assert packing.data == DATA
    packing = packing_with_zip()
    with pytest.raises(AuditError, match="not what the sidecar made"):
        packing._go_on(Talk(Piece(bytes(len(DATA)))), 0.0)
    packing._go_on(talk := Talk(Job("c" * 16, 0, 0, zip=MADE)), 0.0)
    assert talk.asked == [Bundle(SELECTION)]
    packing._go_on(Talk(*pieces()), 0.0)
    assert packing.data == DATA


def test_a_preview_is_asked_for_until_it_is_there() -> None:
    previewing = Previewing(SELECTION)
    previewing._go_on(Talk(NotNow("slow")), 0.0)
    assert previewing.trouble == Trouble("slow", 0.0)
    previewing._go_on(talk := Talk(Previewed([], 0, [], 0, 0, [])), 0.0)
    assert talk.asked == [Preview(SELECTION)]
    assert previewing.is_over
    assert previewing.trouble is None


def test_how_far_it_is_only_grows_from_the_first_byte_read_to_the_last_one_fetched() -> None:
    job = Job("a" * 16, 0, 0)
    reading = [job, replace(job, total=100), replace(job, done=50, total=100), replace(job, done=100, total=100)]
    fetching = [(replace(job, zip=MADE), fetched) for fetched in (0, 700, MADE.size)]
    shares = [packing_share(*each) for each in [*((each, 0) for each in reading), *fetching]]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert packing_words(reading[2], 0) == "Checking and packing: 50%"
    assert packing_words(fetching[1][0], 700) == "Fetched 700 bytes of 1.4 kB"


def test_files_sizes_and_the_name_of_the_zip_are_told() -> None:
    assert file_words([*ADDED, FILE], 2) == [
        "`logs/datatools-20261123T153000Z-a1b2c3d4.jsonl`, 98.4 kB before it is packed",
        "And 2 more files of the logs",
        "`verify.txt`, `bundle.json`: what Verify says, versions and settings, and how to check it all",
    ]
    assert [size_words(size) for size in (1, 999, 1_000, 12_345_678)] == ["1 byte", "999 bytes", "1.0 kB", "12.3 MB"]
    assert zip_name(datetime(2026, 11, 23, 15, 30, tzinfo=UTC)) == "datatools-support-20261123T153000Z.zip"


def test_what_is_taken_out_is_told_and_what_is_nowhere() -> None:
    preview = Previewed([], 0, [], 500, 0, [])
    assert change_words(preview, SELECTION).startswith("Nothing is taken out")
    redacted = replace(SELECTION, fields=["file*name"])
    assert change_words(preview, redacted) == (
        "Nothing in the newest 500 lines is to be taken out. Are the fields called so: file\\*name? "
        "They go in without their hashes alone:"
    )
    assert "Are the fields" not in change_words(preview, replace(SELECTION, file_names=True))
    assert change_words(replace(preview, changed=312), redacted).startswith(
        "Something is taken out of 312 of the newest 500 lines."
    )


def test_what_has_no_room_in_a_question_is_no_selection() -> None:
    assert fits(replace(SELECTION, fields=["field"] * 32))
    for fields in (["field"] * 33, ["f" * 201], ["\N{GRINNING FACE}" * 100] * 16):
        assert not fits(replace(SELECTION, fields=fields))
    assert not fits(Selection([]))


def test_a_job_that_waits_for_another_says_so() -> None:
    assert job_sentence(Trouble("busy", 0.0), 1.0, is_own_run=True).endswith("This one begins by itself.")
    assert "disk has not answered for 7 s" in job_sentence(Trouble("hung", 1.0), 8.0, is_own_run=True)
