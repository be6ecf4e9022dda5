"""What Streamlit does not tell by its public names: which keys belong to widgets, and which of these are buttons.

`st.session_state` names them all alike, with what the script itself keeps there; nothing public tells them apart (1.67).
Where another version keeps it elsewhere, no widget is known, and their changes go unrecorded; nothing else depends on it.
tests/gui/test_inside.py fails then.
"""

import contextlib

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.session_state import SessionState

# Buttons, a menu's button, a chat input, and a component's own.
_SPRING_BACK = {"trigger_value", "string_trigger_value", "chat_input_value", "json_trigger_value"}


def keyed_values() -> dict[str, object]:
    """Key and value of each of the running session's widgets. Not a point at which Streamlit ends a run."""
    values: dict[str, object] = {}
    try:
        state = _state()
        keys = list(state._key_id_mapper.id_key_mapping.values()) if state else []  # noqa: SLF001 - as above
    except AttributeError:
        return values
    for key in keys:
        # One that is gone from the page has no value.
        with contextlib.suppress(KeyError):
            values[key] = state[key] if state else None
    return values


def is_button(key: str) -> bool:
    """Whether the widget springs back by itself."""
    try:
        state = _state()
        if state is None:
            return False
        widget = state._key_id_mapper.get_id_from_key(key)  # noqa: SLF001 - as above
        if widget is None:
            return False
        return state._new_widget_state.widget_metadata[widget].value_type in _SPRING_BACK  # noqa: SLF001 - as above
    except (AttributeError, KeyError):
        return False


def _state() -> SessionState | None:
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_state._state if context else None  # noqa: SLF001 - as above
