"""The table of lines, and the one that is open below it."""

import json
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from gui.status_words import count
from gui.trail.following import Following
from shared.printable import printable
from shared.questions import Place, Row, WholeLine

_HEIGHT = 420
# Seen on light and dark ground.
_GAP, _ERROR, _WARNING = "rgba(234, 88, 12, 0.22)", "rgba(220, 38, 38, 0.16)", "rgba(202, 138, 4, 0.14)"


def table_of(rows: Sequence[Row]) -> pd.DataFrame:
    """The rows as they are shown. Pure."""
    return pd.DataFrame(
        {
            "Time (UTC)": [row.ts[:23].replace("T", " ") for row in rows],
            "Level": ["lost" if row.lost else row.level for row in rows],
            "Category": [row.category for row in rows],
            "Message": [row.message for row in rows],
            "Session": [row.session for row in rows],
            "No.": pd.array([row.number or None for row in rows], dtype="Int64"),
        }
    )


def draw_rows(rows: Sequence[Row], key: str) -> int | None:
    """Draw the table. Returns the index of the row that is chosen."""
    event = st.dataframe(
        table_of(rows).style.apply(lambda _: _colors(rows), axis=None),
        height=_HEIGHT if len(rows) > _HEIGHT // 40 else "auto",
        hide_index=True,
        key=key,
        placeholder="-",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "Time (UTC)": st.column_config.TextColumn(width=165),
            "Level": st.column_config.TextColumn(width=70),
            "Category": st.column_config.TextColumn(width=80),
            "Message": st.column_config.TextColumn(width=310),
            "Session": st.column_config.TextColumn(width=80),
            "No.": st.column_config.NumberColumn(
                width=60, help="The event's number in its run; the sidecar's own lines have none."
            ),
        },
        alt="Lines of the audit trail, the newest first",
    )
    return event.selection.rows[0] if event.selection.rows else None


def draw_line(following: Following, place: Place) -> None:
    """Draw the whole line at `place`, and its place in the chain."""
    following.open_line(place)
    line = following.line if following.line_at == place else None
    if line is None:
        return
    with st.container(border=True, key="trail_line"):
        st.markdown(f"**Line {line.number:,}** of `{line.file}`")
        st.code(_pretty(following.line_raw), language="json", wrap_lines=True)
        st.markdown("**Its place in the chain**")
        for name, value in (("Hash of the line before (`prev`)", line.prev), ("Hash of this line", line.hash)):
            st.caption(name)
            st.code(printable(value), language=None, wrap_lines=True)
        for text in chain_words(line):
            st.caption(text)


def chain_words(line: WholeLine) -> list[str]:
    """How a line hangs together with its neighbours. Pure."""
    before = {
        True: ":material/check_circle: It carries the hash of the line before it."
        if line.number > 1 or line.prev.strip("0")
        else ":material/check_circle: It is the first line of the log.",
        False: ":red[:material/error: It does not carry the hash of the line before it: one of the two was changed. Verify says more.]",
        None: ":material/help: The line before it is not there.",
    }[line.follows]
    behind = {
        True: ":material/check_circle: The next line carries its hash.",
        False: ":red[:material/error: The next line does not carry its hash: one of the two was changed. Verify says more.]",
        None: ":material/more_horiz: No line stands behind it in this file yet.",
    }[line.followed]
    return [before, behind]


def _pretty(raw: bytes) -> str:
    text = raw.decode("utf-8", "backslashreplace")
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        # Whatever it is, it is shown as it stands there.
        return text


def _colors(rows: Sequence[Row]) -> pd.DataFrame:
    columns = list(table_of(rows).columns)
    return pd.DataFrame([[_color(row)] * len(columns) for row in rows], columns=columns)


def _color(row: Row) -> str:
    color = _GAP if row.lost else {"error": _ERROR, "warning": _WARNING}.get(row.level)
    return f"background-color: {color}" if color else ""


def shown_words(rows: Sequence[Row], *, more: bool) -> str:
    """How many lines the table holds. Pure."""
    return f"The newest {len(rows):,} lines" if more else f"All {count(len(rows), 'line')}" if rows else ""
