import itertools

from gui.audit.history import SAMPLES, History, Sample


def test_one_sample_a_second_is_kept_for_five_minutes() -> None:
    history = History()
    for tick in range(20 * 400):
        history.note(1000 + tick / 20, tick, 2 * tick)
    samples = history.samples()
    assert len(samples) == SAMPLES
    assert samples[-1] == Sample(1399.0, 7980, 15960)
    assert {after.at - before.at for before, after in itertools.pairwise(samples)} == {1.0}


def test_a_clock_that_is_set_back_begins_anew() -> None:
    history = History()
    history.note(1000, 1, 1)
    history.note(10, 2, 2)
    assert history.samples() == [Sample(10, 2, 2)]
