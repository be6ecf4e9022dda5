"""What follows the log: the state in a sentence, counts, timeline, lines."""

import time
from datetime import UTC, datetime

import streamlit as st

from gui.status_words import count
from gui.trail.following import Following
from gui.trail.lines import draw_line, draw_rows, shown_words
from gui.trail.timeline import bars, chart, gap_words, span_words
from gui.trail.trouble import plain, sentence
from gui.trail.view import View

_SHOWN = "trail_shown"
_GAPS_SHOWN = 3


def draw_live(following: Following, own_run: str, *, paused: bool) -> None:
    """Draw all of it; unless `paused`, with what is new."""
    if not paused:
        following.refresh()
    _draw_state(following, own_run, paused=paused)
    view = following.view
    if not view.rows and not view.cells:
        _draw_nothing(following, own_run)
        return
    _draw_counts(view, goes_on=not paused and following.trouble is None)
    if view.cells:
        _draw_timeline(view)
    _draw_lines(following)


def _draw_state(following: Following, own_run: str, *, paused: bool) -> None:
    now = time.time()
    choice = following.choice
    if following.trouble is not None:
        is_own = choice is not None and choice.run == own_run
        words = sentence(following.trouble, now, is_own_run=is_own)
        if following.read_at:
            words += f" Below is what was read at {_clock(following.read_at)} UTC."
        st.warning(words, icon=":material/hourglass_disabled:")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if paused:
            st.badge("Paused", icon=":material/pause:", color="gray")
        elif choice is not None and choice.is_live and choice.run == own_run:
            st.badge("Following this run", icon=":material/sensors:", color="green")
        if following.read_at:
            st.caption(f"Read at {_clock(following.read_at)} UTC", width="content")


def _draw_nothing(following: Following, own_run: str) -> None:
    if following.trouble is not None and not following.read_at:
        return
    choice = following.choice
    is_filtered = choice is not None and choice.is_filtered
    is_own = choice is not None and choice.run == own_run
    with st.container(border=True, horizontal_alignment="center", gap="small", key="trail_empty"):
        if not following.view.complete:
            st.markdown("### :material/search: Looking further back", text_alignment="center")
            st.caption(f"No such line so far, back to {_moment(following.view.reached)}.", text_alignment="center")
        elif is_filtered:
            st.markdown("### :material/filter_alt_off: No such line", text_alignment="center")
            st.caption("No line of this run fits all of these filters.", text_alignment="center")
        elif is_own:
            st.markdown("### :material/receipt_long: No line yet", text_alignment="center")
            st.caption("What happens in this program appears here.", text_alignment="center")
        else:
            st.markdown("### :material/receipt_long: No line", text_alignment="center")
            st.caption("The log of this run holds none that can be shown.", text_alignment="center")
    _draw_unread(following.view)


def _draw_counts(view: View, *, goes_on: bool) -> None:
    with st.grid(4, min_column_width=120):
        st.metric("Lines", f"{view.lines:,}", border=True)
        st.metric("Warnings", f"{view.warnings:,}", border=True)
        st.metric("Errors", f"{view.errors:,}", border=True)
        st.metric(
            "Events lost", f"{view.lost:,}", border=True, help="Losses that the log itself declares, with the reason."
        )
    if not view.complete:
        goes = "; it goes on by itself" if goes_on else ""
        st.caption(f":material/hourglass_top: Counted back to {_moment(view.reached)} so far{goes}.")
    _draw_unread(view)


def _draw_unread(view: View) -> None:
    if view.unread:
        st.caption(
            f":orange[:material/report: {count(view.unread, 'line')} could not be read.] Verify, below, says what is wrong."
        )


def _draw_timeline(view: View) -> None:
    width, _ = bars(view)
    marks = [":red[▼] errors"] * bool(view.errors) + [":orange[┆] lost events"] * bool(view.gaps)
    st.altair_chart(chart(view), alt="How many lines there were when, by category", key="trail_timeline")
    st.caption(f"Lines per {span_words(width)}, UTC. {'  '.join(marks)}")
    for gap in view.gaps[:_GAPS_SHOWN]:
        st.caption(
            f":orange[:material/warning:] {_moment(gap.ts)}: {plain(gap_words(gap))} (numbers {gap.first:,} to {gap.last:,})"
        )
    if len(view.gaps) > _GAPS_SHOWN:
        st.caption(f"And {count(len(view.gaps) - _GAPS_SHOWN, 'more gap')}; filter by the category audit to see them.")


def _draw_lines(following: Following) -> None:
    view = following.view
    key = f"trail_rows_{abs(hash(following.choice))}"
    # While a line is open, the table stands still: the row that is chosen is chosen by its place.
    rows = view.rows
    if _has_chosen(key) and st.session_state.get(_SHOWN, ("", []))[0] == key:
        rows = st.session_state[_SHOWN][1]
    st.session_state[_SHOWN] = (key, rows)
    chosen = draw_rows(rows, key)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{shown_words(rows, more=view.more)}. Choose one to see all of it.", width="stretch")
        if view.more and chosen is None:
            st.button(
                "Show older lines", icon=":material/expand_more:", key="trail_older", on_click=following.show_older
            )
    if chosen is not None and chosen < len(rows):
        if rows is not view.rows and rows != view.rows:
            st.caption(":material/pause: The table stands still while a line is open.")
        draw_line(following, rows[chosen].place)


def _has_chosen(key: str) -> bool:
    state = st.session_state.get(key)
    return bool(state and state.selection.rows)


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S")


def _moment(ts: str) -> str:
    return plain(f"{ts[:10]} {ts[11:19]}") if ts else "the start"
