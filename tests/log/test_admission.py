"""Which numbers are accepted, which are asked for, which become a gap."""

from hypothesis import given
from hypothesis import strategies as st

from sidecar.admission import Admission, Gap


def test_numbers_are_accepted_once_and_in_order() -> None:
    admission = Admission(0)
    assert [admission.admit(seq) for seq in (1, 2, 2, 1, 3)] == [True, True, False, False, True]
    assert (admission.next, admission.known, admission.take_wanted()) == (4, 3, 0)


def test_it_goes_on_behind_what_is_on_disk() -> None:
    admission = Admission(7)
    assert not admission.admit(7)
    assert admission.admit(8)
    assert admission.take_wanted() == 0


def test_a_number_above_the_next_is_not_accepted_and_the_next_is_asked_for_once() -> None:
    admission = Admission(3)
    assert not admission.admit(6)
    assert admission.take_wanted() == 4
    assert not admission.admit(7)
    assert admission.take_wanted() == 0
    assert admission.admit(4)
    assert not admission.admit(7)
    assert admission.take_wanted() == 5, "progress was made, so the next hole is another one"


def test_what_was_asked_for_and_came_in_the_same_batch_is_not_asked_for_any_more() -> None:
    admission = Admission(3)
    assert not admission.admit(5)
    assert admission.admit(4)
    assert admission.admit(5)
    assert admission.take_wanted() in (0, 6)


def test_a_hello_allows_to_ask_again() -> None:
    admission = Admission(3)
    admission.admit(6)
    assert admission.take_wanted() == 4
    admission.greet(9)
    assert (admission.take_wanted(), admission.known) == (0, 9)
    admission.admit(6)
    assert admission.take_wanted() == 4


def test_a_sign_of_life_above_the_next_asks_and_one_below_does_not() -> None:
    admission = Admission(3)
    admission.announce(3)
    assert admission.take_wanted() == 0
    admission.announce(4)
    assert (admission.take_wanted(), admission.known) == (4, 4)
    admission.announce(4)
    assert admission.take_wanted() == 0


def test_a_skip_from_the_next_number_is_a_gap() -> None:
    admission = Admission(3)
    assert admission.skip(4, 9) == Gap(4, 9)
    assert (admission.next, admission.known) == (10, 9)
    assert admission.skip(4, 9) is None


def test_a_skip_that_begins_below_is_a_gap_from_the_next_number_on() -> None:
    admission = Admission(3)
    assert admission.skip(1, 6) == Gap(4, 6)
    assert Gap(4, 6).events == 3
    assert admission.skip(1, 7) == Gap(7, 7)


def test_a_skip_wholly_below_is_nothing() -> None:
    admission = Admission(3)
    assert admission.skip(1, 3) is None
    assert (admission.next, admission.take_wanted()) == (4, 0)


def test_a_skip_above_the_next_number_asks_for_it() -> None:
    admission = Admission(3)
    assert admission.skip(5, 9) is None
    assert (admission.next, admission.take_wanted()) == (4, 4)


@given(st.integers(0, 5), st.lists(st.tuples(st.integers(1, 12), st.integers(0, 4)), max_size=40))
def test_whatever_comes_each_number_is_accounted_for_once_and_in_order(
    last: int, messages: list[tuple[int, int]]
) -> None:
    admission = Admission(last)
    following = last + 1
    for first, more in messages:
        if not more:
            taken = Gap(first, first) if admission.admit(first) else None
        else:
            taken = admission.skip(first, first + more)
        if taken is not None:
            assert taken.first == following
            assert taken.last >= taken.first
            following = taken.last + 1
        assert admission.next == following
        assert admission.known >= following - 1
        assert admission.take_wanted() in (0, following)
