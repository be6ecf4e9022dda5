import re
from dataclasses import replace
from pathlib import Path

import pytest

from gui.audit import AuditStatus, ForwardingStatus
from gui.status_words import count, describe, forwarding_words, lost_words, notice_words


def status(state: str, *, pending: int = 0, lost: int = 0, dropped: int = 0, reason: str = "", file: str = "",
           since: float | None = None) -> AuditStatus:  # fmt: skip
    return AuditStatus("r", Path("/l"), state, since, reason, file, 7, pending, lost, dropped, "")


@pytest.mark.parametrize(
    ("given", "label", "color", "says"),
    [
        (status("recording"), "Recording", "green", "Everything is on disk."),
        (status("recording", pending=3), "Recording", "green", "3 events on the way to disk."),
        (status("starting", pending=1), "Starting", "gray", "1 event kept."),
        (status("recording", lost=5), "5 events lost", "red", "Everything is on disk."),
        (status("absent", pending=120), "Sidecar not running: 120 events kept, start it with `python -m shared.keeper`", "orange", ""),
        (status("absent", reason="The path is too long."), "Sidecar not reached: 0 events kept", "orange", "The path is too long."),
        (status("stopping", pending=2), "Sidecar stopping", "gray", "2 events kept"),
        (status("novel", reason="Because."), "Novel", "gray", "Because."),
    ],
)  # fmt: skip
def test_each_state_is_said_in_words(given: AuditStatus, label: str, color: str, says: str) -> None:
    words = describe(given, 100.0)
    assert (words.label, words.color) == (label, color)
    assert says in words.sentence


def test_a_sidecar_that_does_not_answer_is_told_since_when() -> None:
    words = describe(status("absent", since=1_000_000.0), 1_000_012.4)
    assert re.fullmatch(r"No answer since \d\d:\d\d:40\.", words.sentence)
    assert words.short == "Sidecar not running"


@pytest.mark.parametrize(
    ("state", "how", "advice"),
    [
        ("unresponsive", "runs but says nothing", "end it with `kill -9 4711`"),
        ("suspended", "is suspended", "Let it go on with `kill -CONT 4711`"),
        ("dying", "was killed and cannot end", "Another one starts behind it"),
    ],
)
def test_a_silent_sidecar_that_is_still_there_is_named_and_nobody_is_told_to_start_another(
    state: str, how: str, advice: str
) -> None:
    words = describe(replace(status(state, pending=37, since=1_000_000.0), pid=4711), 0.0)
    assert (words.label, words.color) == (f"Sidecar does not answer: 37 events kept, pid 4711 {how}", "orange")
    assert advice in words.sentence
    assert re.match(r"No answer since \d\d:\d\d:40\. ", words.sentence)
    assert "shared.keeper" not in words.label + words.sentence


def test_a_stalled_disk_is_named_with_its_file_and_since_when() -> None:
    words = describe(status("stalled", pending=1_200, file="/mnt/x.jsonl", since=1_000_000.0), 1_000_012.4)
    assert words.label == "Recording late: 1,200 events wait, the disk has not answered for 12 s"
    assert " at `/mnt/x.jsonl`. Check the disk" in words.sentence


def test_another_programs_log_is_called_so() -> None:
    mine, other = "20261123T153000Z-a1b2c3d4", "20261123T153000Z-00000000"
    for run, says in ((mine, ""), (other, " (another program's log)")):
        given = replace(status("stalled", file=f"/l/datatools-{run}.jsonl"), run=mine)
        assert f".jsonl`{says}. Check" in describe(given, 0.0).sentence


def test_a_failing_disk_is_named_with_its_reason_and_what_to_do() -> None:
    reason = "No space left on device; free some space on that disk"
    words = describe(status("failing", reason=reason, file="/mnt/x.jsonl", pending=3), 0.0)
    assert (words.label, words.color) == ("Disk failing", "red")
    assert (
        words.sentence == f"`/mnt/x.jsonl`: {reason}. Recording goes on by itself when that is mended. 3 events kept."
    )


def test_loss_is_said_and_only_when_there_is_any() -> None:
    assert lost_words(status("recording")) == ""
    assert lost_words(status("recording", lost=5)) == "The log says which ones and why."
    assert lost_words(status("stalled", lost=5)) == "5 events lost. The log says which ones and why."
    # Lost before, and dropped just now.
    assert lost_words(status("absent", lost=5, dropped=1)) == (
        "5 events lost. The log says which ones and why. "
        "1 more event had to be dropped: more were waiting than memory holds."
    )
    assert lost_words(status("absent", dropped=9)).startswith("9 events had to be dropped")
    assert count(1, "event") == "1 event"


def test_what_was_done_to_the_log_is_shown_with_what_to_do() -> None:
    assert notice_words(status("recording")) == ""
    done = "Log a.jsonl was cut; it is left as it is, and the log goes on in a.2.jsonl"
    words = notice_words(replace(status("recording"), notice=done))
    assert words == f"{done}. Keep these files; `python -m sidecar verify` says what is wrong with them."


def test_forwarding_is_one_line_that_says_what_waits_where_and_why() -> None:
    assert forwarding_words(status("recording")) == ("", False)
    going = ForwardingStatus("nats://logs:4222", "forwarding", 0.0, "", 1, 0, "")
    given = replace(status("recording"), forwarding=going)
    assert forwarding_words(given) == ("Forwarding: 1 line waits, `nats://logs:4222`.", False)
    for trouble in (replace(going, reason="refused"), replace(going, notice="Gone")):
        assert forwarding_words(replace(given, forwarding=trouble))[1]
    stopped = replace(
        going, state="stopped", reason="refused [it](x)", waiting=1_204, uncounted=2_000_000, notice="Gone"
    )
    words, in_trouble = forwarding_words(replace(given, forwarding=stopped))
    assert in_trouble
    assert words.startswith(
        r"Forwarding: 1,204 lines wait, and 2.0 MB more, `nats://logs:4222`: refused \[it\](x) since "
    )
    assert words.endswith(" Gone.")
