"""A bar that shows how far long work has come. In a callback it stands above the page until the page is drawn anew."""

import contextlib
from collections.abc import Iterator
from time import perf_counter

import streamlit as st

from gui.telling import Tell


@contextlib.contextmanager
def progress(text: str) -> Iterator[Tell]:
    """Show `text` with a bar while the work is done, which tells how far it is."""
    bar = st.progress(0.0, text)
    try:
        yield lambda share: bar.progress(share, text)
    finally:
        bar.empty()


def milliseconds(start: float) -> float:
    """How long ago `start` was, which `perf_counter` gave."""
    return round((perf_counter() - start) * 1000, 1)
