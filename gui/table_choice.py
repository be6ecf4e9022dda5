"""Which of several tables a page works on."""

from collections.abc import Mapping

import streamlit as st

from gui.bench import Desk
from gui.loading import CHOICE_KEY, choose_table
from gui.session import current_bench
from gui.status_words import count


def draw_table_choice() -> None:
    """Let the user choose where there are several tables; of one there is nothing to choose."""
    bench = current_bench()
    found = bench.desks
    if len(found) < 2:  # noqa: PLR2004 several
        return
    # What is at work may have been changed by something else than this choice.
    st.session_state[CHOICE_KEY] = bench.current
    labels = {number: _label(number, found) for number in found}
    st.selectbox(
        f"Table at work, of {len(found):,}", list(found), format_func=labels.__getitem__, key=CHOICE_KEY,
        on_change=choose_table,
    )  # fmt: skip


def _label(number: int, found: Mapping[int, Desk]) -> str:
    table = found[number].work.table
    twins = [each for each, desk in found.items() if desk.work.table.name == table.name]
    which = f" ({twins.index(number) + 1})" if len(twins) > 1 else ""
    return f"{table.name}{which} · {count(len(table.frame), 'row')}"
