"""Runs the cases of a test side by side: most of their time is waiting."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest


def side_by_side(subtests: pytest.Subtests, cases: Mapping[str, Callable[[], None]]) -> None:
    """Run all of `cases`, each a subtest under its name; one that fails hides no other."""
    with ThreadPoolExecutor(len(cases)) as pool:
        started = {name: pool.submit(case) for name, case in cases.items()}
    for name, case in started.items():
        with subtests.test(name):
            case.result()
