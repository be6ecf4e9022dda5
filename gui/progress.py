"""A bar that shows how far long work has come. In a callback it stands above the page until the page is drawn anew."""

import contextlib
from collections.abc import Iterator

import streamlit as st

from gui.telling import Tell


@contextlib.contextmanager
def progress(text: str) -> Iterator[Tell]:
    """Show `text` with a bar while the work is done, which tells how far it is."""
    bar = st.progress(0.0, text)
    yield lambda share: bar.progress(share, text)
    bar.empty()
