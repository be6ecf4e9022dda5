"""What the user changed: widgets that have a key, by that key.

- Seen when the entry script begins to run next; what happens within a fragment is seen with the next whole run.
- A widget that appears, or comes back with its page, was not changed by anybody.
- Of a value only as much is looked at as tells whether it changed.
"""

import datetime as dt
from collections.abc import Collection

import streamlit as st

from gui.audit import log_event
from gui.auditing.inside import is_button, keyed_values

_SEEN = "_audited_widgets"
MAX_TEXT = 200
MAX_ITEMS = 100

_SIMPLE = (bool, int, float, str, dt.date, dt.time, dt.timedelta)


class WidgetWatch:
    """The widgets of the running session, as they were when last looked at."""

    def __init__(self, values_of: Collection[str]) -> None:
        self._values_of = frozenset(values_of)
        # Fetched once: each access may end this run, and between a look and its record none must.
        self._seen: dict[str, object] = st.session_state.setdefault(_SEEN, {})

    def note_changes(self) -> None:
        """Record what was changed since. For the beginning of a run."""
        seen, values = self._seen, keyed_values()
        for key in [each for each in seen if each not in values]:
            seen.pop(key, None)
        for key, value in values.items():
            mark = _mark(value)
            before = seen.get(key, mark)
            seen[key] = mark
            if before != mark:
                _record(key, value, before, with_value=key in self._values_of)

    def note_new(self) -> None:
        """Remember what has appeared. For the end of a run."""
        for key, value in keyed_values().items():
            self._seen.setdefault(key, _mark(value))


def _record(key: str, value: object, before: object, *, with_value: bool) -> None:
    if is_button(key):
        # It springs back by itself.
        if value:
            log_event("widget", f"Pressed {key}", widget=key, change="pressed")
        return
    change = "emptied" if _is_empty(value) else "filled" if _is_empty(before) else "changed"
    if with_value:
        # Under the widget's own name, so that a password is masked even when it is asked for.
        log_event("widget", f"Changed {key}", widget=key, change=change, values={key: value})
    else:
        log_event("widget", f"Changed {key}", widget=key, change=change)


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [], ())


def _mark(value: object) -> object:
    """What differs when `value` does, and takes little memory and time."""
    if isinstance(value, str) and len(value) > MAX_TEXT:
        return len(value), hash(value)
    if value is None or isinstance(value, _SIMPLE):
        return value
    if isinstance(value, list | tuple):
        return len(value), tuple(_mark(each) for each in value[:MAX_ITEMS])
    # An uploaded file and the like: the next one is another object.
    return type(value).__name__, str(getattr(value, "file_id", ""))
