"""What must hold for any bytes holds for some hundred, and for all that once broke something."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile.corpus import FOUND, seeds_of
from tests.hostile.targets import TARGETS, Target

EXAMPLES = 25


@pytest.mark.parametrize(("target", "data"), [(name, data) for name, found in FOUND.items() for data in found])
def test_what_once_broke_something_breaks_nothing(target: str, data: bytes) -> None:
    TARGETS[target](data)


@pytest.mark.parametrize("target", TARGETS)
def test_all_that_a_fuzzer_begins_from_is_taken(target: str) -> None:
    for data in seeds_of(target):
        TARGETS[target](data)


def changed(seeds: list[bytes]) -> st.SearchStrategy[bytes]:
    """Any bytes, and seeds with any bytes put in or taken out somewhere."""
    place = st.integers(0, 4096)
    put = st.builds(
        lambda seed, at, gone, new: seed[: at % (len(seed) + 1)] + new + seed[at % (len(seed) + 1) + gone :],
        st.sampled_from(seeds), place, st.integers(0, 20), st.binary(max_size=20),
    )  # fmt: skip
    return st.one_of(st.binary(max_size=500), put)


@pytest.mark.parametrize("target", TARGETS)
def test_any_bytes_at_all(target: str) -> None:
    # The same each time: another million is the business of `python -m tests.hostile.fuzz`.
    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(changed(seeds_of(target)))
    def holds(data: bytes) -> None:
        check: Target = TARGETS[target]
        check(data)

    holds()
