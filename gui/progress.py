"""A bar that shows how far long work has come."""

import contextlib
from collections.abc import Iterator
from time import perf_counter

import streamlit as st

from gui.telling import Tell

# Often enough to be seen moving, and to end soon after a click.
_EVERY_S = 0.1


@contextlib.contextmanager
def progress(text: str) -> Iterator[Tell]:
    """Show `text` with a bar while the work is done, which tells how far it is, as often as it likes."""
    bar = st.progress(0.0, text)
    shown = perf_counter()

    def tell(share: float) -> None:
        nonlocal shown
        if perf_counter() - shown >= _EVERY_S:
            shown = perf_counter()
            bar.progress(min(max(share, 0.0), 1.0), text)

    yield tell
    bar.empty()


def milliseconds(start: float) -> float:
    """How long ago `start` was, which `perf_counter` gave."""
    return round((perf_counter() - start) * 1000, 1)
