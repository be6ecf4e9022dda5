"""The browser session whose script runs, and the short id by which events know it."""

import sys
from hashlib import sha256


def current_session() -> str:
    """The short id of the browser session whose script runs, as events carry it; empty outside of one."""
    # Looked up, never imported: a plain script stays one, and Streamlit has long loaded it where there are sessions.
    runner = sys.modules.get("streamlit.runtime.scriptrunner")
    if runner is None:
        return ""
    context = runner.get_script_run_ctx(suppress_warning=True)
    return short_session(context.session_id) if context is not None else ""


def short_session(session_id: str) -> str:
    """8 hex of a browser session's id: the first of a UUID, as Streamlit's own messages show it, else of a hash."""
    first = session_id[:8]
    is_hex = len(first) == 8 and all(digit in "0123456789abcdef" for digit in first)  # noqa: PLR2004 - as the name says
    return first if is_hex else sha256(session_id.encode("utf-8", "backslashreplace")).hexdigest()[:8]
