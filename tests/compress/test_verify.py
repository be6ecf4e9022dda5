"""`verify` reads compressed parts as they are."""

from pathlib import Path

import pytest

from sidecar.complaints import Complaints
from sidecar.parts import collect
from sidecar.verify import check_files
from sidecar.verify.report import Report
from tests.compress.logs import closed, compress_by_hand, in_parts, sidecar
from tests.verify.logs import RUN


def check(*paths: Path) -> Report:
    complain = Complaints("verify")
    [log] = collect(paths, complain)
    assert complain.count == 0
    return check_files(log)


def found(report: Report) -> list[tuple[str, str, int]]:
    return [(each.kind, each.first.file, each.first.number) for each in report.findings]


def flip(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("compressed", range(8))
def test_any_mix_of_forms_is_one_chain(tmp_path: Path, compressed: int) -> None:
    paths = in_parts(tmp_path)
    whole = check(tmp_path)
    for index, path in enumerate(paths):
        if compressed >> index & 1:
            compress_by_hand(path)
    report = check(tmp_path)
    assert (report.findings, report.notes) == ([], [])
    assert (report.events, report.parts, report.head, report.state) == (60, 3, whole.head, "closed")


def test_the_command_names_the_file_and_the_line_inside_it(tmp_path: Path) -> None:
    path = closed(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"file 4.csv", b"file 5.csv"))
    packed = compress_by_hand(path)
    done = sidecar("verify", packed)
    assert (done.returncode, done.stderr) == (1, "")
    assert f"{packed.name}:5: edited: Changed after it was written" in done.stdout


def test_the_command_reads_a_single_compressed_file(tmp_path: Path) -> None:
    packed = compress_by_hand(closed(tmp_path))
    renamed = packed.rename(tmp_path / "from a customer.zst")
    done = sidecar("verify", renamed)
    assert (done.returncode, done.stderr) == (0, "")
    assert "from a customer.zst: intact, closed, 1 part, 30 events (1 to 30)" in done.stdout


def test_any_flipped_byte_is_found_unless_it_changes_nothing(tmp_path: Path) -> None:
    plain = closed(tmp_path)
    data = plain.read_bytes()
    packed = compress_by_hand(plain)
    whole = packed.read_bytes()
    unseen = 0
    for offset in range(0, len(whole), 5):
        packed.write_bytes(whole)
        flip(packed, offset)
        report = check(packed)
        if report.findings:
            assert report.findings[-1].kind in {"broken compression", "not a line"}
        else:
            unseen += 1
            assert report.lines == data.count(b"\n")
    assert unseen < len(whole) / 100


def test_a_cut_file_says_where_it_ends(tmp_path: Path) -> None:
    packed = compress_by_hand(closed(tmp_path, last=3000))
    packed.write_bytes(packed.read_bytes()[:-4])
    [finding] = check(packed).findings
    assert (finding.kind, finding.first.number) == ("broken compression", 3003)
    packed.write_bytes(packed.read_bytes()[:20])
    assert found(check(packed)) == [("broken compression", packed.name, 1)]
    done = sidecar("verify", packed)
    text = "From here on its compressed bytes cannot be read: the end is missing."
    assert (done.returncode, done.stderr) == (1, "")
    assert f"{packed.name}:1: broken compression: {text}\n" in done.stdout


@pytest.mark.parametrize("size", [0, 100, -4])
def test_a_broken_part_is_one_damage_and_the_others_are_still_checked(tmp_path: Path, size: int) -> None:
    one, two, three = in_parts(tmp_path)
    packed = compress_by_hand(two)
    packed.write_bytes(packed.read_bytes()[:size])
    report = check(tmp_path)
    assert [kind for kind, _, _ in found(report)] == ["broken compression"]
    assert report.findings[0].first.file == packed.name
    assert report.state == "closed"
    three.write_bytes(three.read_bytes().replace(b"file 50.csv", b"file 51.csv"))
    one.write_bytes(one.read_bytes().replace(b"file 5.csv", b"file 6.csv"))
    assert [kind for kind, _, _ in found(check(tmp_path))] == ["edited", "broken compression", "edited"]


def test_bytes_behind_the_compressed_ones_are_found(tmp_path: Path) -> None:
    packed = compress_by_hand(closed(tmp_path))
    with packed.open("ab") as file:
        file.write(b"junk")
    assert found(check(packed)) == [("broken compression", packed.name, 33)]


def test_a_part_in_both_forms_is_one_part_and_a_note(tmp_path: Path) -> None:
    packed = compress_by_hand(closed(tmp_path), keep=True)
    report = check(tmp_path)
    assert (report.findings, report.events, report.parts) == ([], 30, 1)
    assert [(note.file, note.text) for note in report.notes] == [
        (packed.name, "the part is there plain, too, with the same bytes: `compress` was interrupted")
    ]


@pytest.mark.parametrize("cut", [0, 1])
def test_two_forms_that_differ_are_a_damage(tmp_path: Path, cut: int) -> None:
    packed = compress_by_hand(closed(tmp_path, last=29 + cut))
    packed.write_bytes(packed.read_bytes()[: len(packed.read_bytes()) - cut])
    closed(tmp_path, last=30)
    report = check(tmp_path)
    assert found(report) == [("two forms", packed.name, 0)]
    assert ("hold different bytes" in report.findings[0].text) == (not cut)


def test_a_log_name_over_something_else_is_damage_and_another_name_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / f"datatools-{RUN}.jsonl.zst"
    path.write_bytes(b"not compressed at all\n" * 10)
    assert sidecar("verify", path).returncode == 1
    done = sidecar("verify", path.rename(tmp_path / "photo.zst"))
    assert (done.returncode, "it is not a log" in done.stderr) == (2, True)
