"""Auditing of Streamlit pages without effort: `page = audited_navigation([...])`, then `page.run()`.

- Nothing here records a value of a widget that was not asked for by its key.
- What Streamlit raises to stop or rerun a script passes through, and is no error.
"""

from gui.auditing.callbacks import audited
from gui.auditing.launching import audited_app
from gui.auditing.navigation import AuditedPage, audited_navigation

__all__ = ["AuditedPage", "audited", "audited_app", "audited_navigation"]
