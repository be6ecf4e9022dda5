"""The verdict of a soak tells growth from noise."""

import os
import random

import pytest

from tests.soak.growth import Sample, sample, trend

MINUTES = 30


def memory(per_hour: float, noise: float) -> list[Sample]:
    """A sample each 10 s of a process that fills its pools in the first minutes."""
    chance = random.Random(1)  # noqa: S311 - not a secret
    seconds = [10.0 * number for number in range(MINUTES * 6)]
    return [
        Sample(at, 20 + min(at / 60, 5) + per_hour * at / 3600 + chance.uniform(-noise, noise), 6, 20) for at in seconds
    ]


@pytest.mark.parametrize(("per_hour", "noise", "grows"), [
    (0.0, 0.0, False), (0.0, 5.0, False), (-10.0, 1.0, False), (5.0, 0.5, False), (20.0, 0.5, True), (60.0, 5.0, True),
])  # fmt: skip
def test_growth_is_told_from_noise_and_from_the_warm_up(per_hour: float, noise: float, *, grows: bool) -> None:
    assert trend(memory(per_hour, noise), "memory").grows is grows


def test_one_descriptor_more_every_ten_minutes_is_growth() -> None:
    leaking = [Sample(at, 20, 6, 20 + at // 600) for at in range(0, MINUTES * 60, 10)]
    assert trend(leaking, "descriptors").grows
    assert not trend(leaking, "threads").grows


def test_too_few_samples_are_no_verdict() -> None:
    with pytest.raises(ValueError, match="a trend takes"):
        trend(memory(0, 0)[:5], "memory")


def test_a_sample_sees_a_descriptor_and_memory_of_a_process() -> None:
    before = sample(os.getpid(), 0)
    taken = bytearray(os.urandom(1024) * 32 * 1024)
    descriptor = os.open("/dev/null", os.O_RDONLY)
    behind = sample(os.getpid(), 0)
    os.close(descriptor)
    assert behind.descriptors == before.descriptors + 1
    assert behind.memory - before.memory > len(taken) / 1024 / 1024 / 2
