"""An open run is attested in its chain each hour, and at once by a sidecar that takes it up; without the setting never."""

import errno

import pytest

from shared.errors import SettingsError
from shared.wire import Bye
from sidecar.attestation import ATTEST_MINUTES_VARIABLE, read_minutes
from sidecar.forward.target import VARIABLE
from sidecar.verify.check import Part, check_log
from sidecar.verify.files import read_chunks
from tests.log.bench import RUN, Bench, Sidecar
from tests.log.disks import FaultyDisk
from tests.log.reading import of_sidecar


class Clock:
    def __init__(self) -> None:
        self.minutes = 0.0

    def monotonic(self) -> float:
        return 1_000 + self.minutes * 60


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("sidecar.writer.time", clock)
    return clock


def attest(sidecar: Sidecar, clock: Clock, *minutes: float) -> None:
    for each in minutes:
        clock.minutes = each
        sidecar.writer._attest()


def test_an_open_run_is_attested_each_hour_with_its_sums_and_a_chain_that_holds(bench: Bench, clock: Clock) -> None:
    sidecar = bench.sidecar(attest_minutes=60)
    sidecar.serve(2, 5)
    attest(sidecar, clock, 0, 59.9, 60, 60.1, 119.9, 121)
    assert of_sidecar(bench.records_of(RUN))[-2:] == ["Attested: alive, 3 events"] * 2
    record = bench.records_of(RUN)[-1]
    assert {key: record[key] for key in record if key.startswith("attested")} == {
        "attested_events": 3, "attested_lost": 2, "attested_minutes": 60,
    }  # fmt: skip
    assert (record["last"], record["category"], "seq" in record) == (5, "audit", False)
    report = check_log([Part(bench.path().name, RUN, 1, lambda: read_chunks(bench.path()))])
    assert (report.findings, report.state) == ([], "open")


def test_a_sidecar_that_takes_up_a_run_attests_at_once_and_goes_on_by_the_hour(bench: Bench, clock: Clock) -> None:
    first = bench.sidecar(attest_minutes=60)
    first.serve(0, 1)
    first.stop()
    second = bench.sidecar(attest_minutes=60)
    second.serve(1, 1)
    attest(second, clock, 1, 2, 60, 62)
    assert of_sidecar(bench.records_of(RUN))[1:] == ["Attested: alive, 1 event"] * 2


def test_a_closed_run_is_attested_no_more(bench: Bench, clock: Clock) -> None:
    sidecar = bench.sidecar(attest_minutes=60)
    sidecar.serve(0, 1)
    sidecar.hear(Bye(RUN, 1))
    sidecar.writer._settle()
    sidecar.writer.runs.clear()
    attest(sidecar, clock, 61)
    assert of_sidecar(bench.records_of(RUN)) == ["Log opened", "Run ended"]


def test_without_the_setting_nothing_is_attested(bench: Bench, clock: Clock) -> None:
    sidecar = bench.sidecar()
    sidecar.serve(0, 1)
    attest(sidecar, clock, 61, 1_000)
    assert of_sidecar(bench.records_of(RUN)) == ["Log opened"]


def test_what_the_disk_refuses_is_attested_when_it_works(bench: Bench, clock: Clock) -> None:
    disk = FaultyDisk()
    sidecar = bench.sidecar(disk, attest_minutes=60)
    sidecar.serve(0, 1)
    attest(sidecar, clock, 0)
    disk.fail("fsync", errno.EIO)
    attest(sidecar, clock, 60)
    assert disk.failures == 1
    clock.minutes = 61
    sidecar.hear()
    attest(sidecar, clock, 61, 62)
    assert of_sidecar(bench.records_of(RUN)) == ["Log opened", "Attested: alive, 1 event"]


@pytest.mark.parametrize(
    ("settings", "minutes"),
    [
        ({}, 0),
        ({VARIABLE: "nats://collector:4222"}, 60),
        ({VARIABLE: "nats://collector:4222", ATTEST_MINUTES_VARIABLE: "0"}, 0),
        ({ATTEST_MINUTES_VARIABLE: " 15 "}, 15),
    ],
)
def test_it_is_on_by_the_hour_where_lines_are_forwarded_or_as_the_setting_says(
    settings: dict[str, str], minutes: int
) -> None:
    assert read_minutes(settings) == minutes


@pytest.mark.parametrize("text", ["-1", "often", "1.5", "٣", "10081"])
def test_a_setting_that_makes_no_sense_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(SettingsError, match=r"ATTEST_MINUTES is .* whole number of minutes up to 10,080"):
        read_minutes({ATTEST_MINUTES_VARIABLE: text})
