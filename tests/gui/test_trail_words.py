"""What the Audit trail page says: of a check's result, of a line's place in the chain, and of what keeps it from answering."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from gui.audit import AuditStatus
from gui.trail.checking import progress_words
from gui.trail.lines import chain_words, shown_words, table_of
from gui.trail.trouble import Trouble, Why, known_trouble, lasting, sentence, trouble_of
from gui.trail.verdict_words import damage_words, result_of
from shared.questions import Damage, Job, Note, NotNow, Place, Row, Verdict, WholeLine
from tests.support.waiting import ROOT

FILE = "datatools-20261123T153000Z-a1b2c3d4.jsonl"
INTACT = Verdict("closed", 1, 1206, 1204, 0, "a" * 64, [], 0, [], 0)
EDITED = Damage("edited", FILE, 17, 17, "Changed after it was written, or …")


def test_an_intact_log_is_said_to_be_so() -> None:
    result = result_of(INTACT)
    assert (result.kind, result.details) == ("intact", ())
    assert result.headline == "Intact: nobody changed this log. 1,204 events, none lost."


def test_declared_loss_is_no_damage() -> None:
    gap = Note("gap", FILE, 9, "gap: 3 to 7 lost: outbox full")
    result = result_of(replace(INTACT, lost=5, notes=[gap]))
    assert result.kind == "lossy"
    assert (
        result.headline
        == "Intact: nobody changed this log. 1,204 events, but 5 events were lost; the log itself says so."
    )
    assert result.details == ("Lost: the events numbered 3 to 7. Why: outbox full.",)


def test_damage_is_said_first_with_its_place_and_what_else_there_is() -> None:
    torn = Note("torn", FILE, 40, "torn tail: 12 bytes of an unfinished line, as a crash leaves them")
    inserted = Damage("inserted", FILE, 3, 5, "")
    result = result_of(replace(INTACT, lost=5, damages=[EDITED, inserted], more_damages=2, notes=[torn]))
    assert result.kind == "damaged"
    assert result.headline == f"Damaged: line 17 of `{FILE}` was changed after the log was written."
    assert result.details[0] == f"Lines 3 to 5 of `{FILE}` were put in later."
    assert result.details[1] == "And 2 more damages."
    assert "as a crash leaves it" in result.details[2]


def test_a_torn_tail_alone_is_no_damage() -> None:
    torn = Note("torn", FILE, 40, "torn tail: 12 bytes")
    assert result_of(replace(INTACT, notes=[torn])).kind == "intact"


@pytest.mark.parametrize(("sought", "kind"), [(True, "intact"), (False, "damaged"), (None, "intact")])
def test_a_head_that_is_nowhere_is_damage(sought: bool | None, kind: str) -> None:  # noqa: FBT001
    result = result_of(replace(INTACT, sought=sought, since=3))
    assert result.kind == kind
    assert ("3 lines were added since" in "".join(result.details)) == bool(sought)


def test_each_kind_of_damage_of_the_format_has_words_of_its_own() -> None:
    page = (ROOT / "shared" / "FORMAT.md").read_text().partition("calls a damage")[2]
    kinds = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert len(kinds) == 13
    # That one is about the head, which has words of its own.
    for kind in set(kinds) - {"head not found"}:
        words = damage_words(Damage(kind, FILE, 3, 3, "said by the sidecar"))
        assert words.endswith(".") or kind in {"first line", "missing part"}, words
        assert "{" not in words


def test_what_stands_in_a_file_does_not_become_markdown() -> None:
    words = damage_words(Damage("first line", "a`b[c](http://x)", 1, 1, "[click](http://x) **loud** $x$ :red[x]"))
    assert "](" not in words.replace("\\", "").partition("`:")[2] or "\\[click\\]" in words
    assert "\\*\\*loud" in words


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("absent", "not running (for 1 min 5 s)"),
        ("silent", "has not answered for 1 min 5 s"),
        ("hung", "The disk has not answered for 1 min 5 s."),
        ("slow", "slow just now"),
        ("busy", "tries again"),
        ("gone", "no log of this run any more"),
        ("unknown", "another version"),
        ("failed", "cannot be read: Permission denied."),
    ],
)
def test_each_trouble_is_one_calm_sentence_with_how_long(why: Why, words: str) -> None:
    assert words in sentence(Trouble(why, 1000.0, "Permission denied"), 1065.0, is_own_run=False)


def test_nobody_is_asked_who_is_known_not_to_answer() -> None:
    def known(state: str, reason: str = "") -> Trouble | None:
        return known_trouble(AuditStatus("r", Path("/l"), state, 90.0, reason, "", 7, 0, 0, 0, ""), 100.0)

    assert known("absent") == Trouble("absent", 90.0)
    for state, reason in (("absent", "Permission denied."), ("unresponsive", ""), ("suspended", ""), ("dying", "")):
        assert known(state, reason) == Trouble("silent", 90.0)
    for state in ("recording", "starting", "stalled", "failing", "stopping"):
        assert known(state) is None


def test_a_trouble_lasts_since_it_began_until_it_is_another() -> None:
    hung = trouble_of(NotNow("hung", 3.0), 100.0)
    assert hung.since == 97.0
    assert lasting(hung, trouble_of(NotNow("hung", 1.0), 105.0)).since == 97.0
    assert lasting(hung, Trouble("absent", 105.0)).since == 105.0


def test_progress_is_told_in_bytes_and_a_hang_with_it() -> None:
    assert progress_words(Job("x", 0, 0)) == "Beginning …"
    assert progress_words(Job("x", 1_200_000_000, 9_800_000_000)) == "1.2 of 9.8 GB read"
    assert (
        progress_words(Job("x", 100_000, 9_800_000, 12.2)) == "0.1 of 9.8 MB read; the disk has not answered for 12 s"
    )


def test_gaps_stand_among_the_lines_as_what_they_are() -> None:
    row = Row(Place(1, 0), "2026-11-23T15:30:00.123456Z", "warning", "audit", "", "5 events lost: outbox full", 0, 5)
    table = table_of([row, replace(row, number=7, lost=0, level="info")])
    assert list(table["Level"]) == ["lost", "info"]
    assert next(iter(table["Time (UTC)"])) == "2026-11-23 15:30:00.123"
    assert table["No."].isna().tolist() == [True, False]
    assert shown_words([row], more=False) == "All 1 line"
    assert shown_words([row, row], more=True) == "The newest 2 lines"


def test_a_lines_place_in_the_chain_is_said_on_both_sides() -> None:
    line = WholeLine(b"", 0, FILE, 1, "a" * 64, "0" * 64, follows=True, followed=None)
    assert ["first line" in words for words in chain_words(line)] == [True, False]
    broken = replace(line, number=5, prev="b" * 64, follows=False, followed=True)
    assert ["red" in words for words in chain_words(broken)] == [True, False]
