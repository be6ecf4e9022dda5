"""The audit trail: `log_event` and its companions. Works with Streamlit and without.

- `log_event` does no file I/O, waits for no process, lock or thread, and never raises.
- One client per process: it lives outside these modules, so Streamlit may execute them again when they are edited.
- A forked child gets a run of its own; what its parent had not sent stays the parent's.
"""

import atexit
import os
import sys
import types
from pathlib import Path
from typing import cast

from gui.audit.client import AuditStatus, Client, FlushResult, ForwardingStatus
from gui.audit.coerce import MAX_WORD, coerce_text
from gui.audit.history import Sample
from gui.audit.link import finish_imports
from gui.audit.sessions import current_session, short_session
from shared.settings import directories

__all__ = [
    "AuditStatus",
    "FlushResult",
    "ForwardingStatus",
    "Sample",
    "audit_history",
    "audit_log_dir",
    "audit_log_path",
    "audit_status",
    "close",
    "current_session",
    "flush_audit_log",
    "log_event",
    "log_exception",
    "log_for_session",
    "log_page_open",
    "log_session_start",
    "short_session",
]

MAX_STACK = 12


def log_event(category: str, message: str, /, *, level: str = "info", **extra: object) -> None:
    """Record that something happened.

    `category` is one of session, nav, upload, analyze, tool_run, download, error, or your own; `level` one of debug,
    info, warning, error. `extra` is anything: what JSON cannot say is described, what is too long is cut and marked.
    """
    _the_holder.client.log(category, message, level, extra)


def log_for_session(session: str, category: str, message: str, /, **extra: object) -> None:
    """Record what happened to `session`, from outside of its script."""
    _client().log(category, message, "info", extra, coerce_text(session, MAX_WORD))


def log_session_start(**extra: object) -> None:
    """Record the start of a browser session: once, however often the page is rerun."""
    if _client().is_first_of_session(current_session()):
        _client().log("session", "Session started", "info", extra)


def log_page_open(slug: str) -> None:
    """Record that the user came to the page `slug`: once a visit, not once a rerun."""
    if _client().is_new_page(current_session(), slug):
        log_event("nav", f"Opened {slug}", page=slug)


def log_exception(where: str, exc: BaseException, **extra: object) -> None:
    """Record an error: its type, its message, and its stack as file, line and function, without any values."""
    name = type(exc).__name__
    details: dict[str, object] = {"where": where, "type": name, "error": exc, "stack": _stack(exc), **extra}
    _client().log("error", f"{where}: {name}", "error", details)


def audit_log_dir() -> Path:
    """Directory of the logs. Pure path arithmetic: the GUI never looks there."""
    return _client().directories.audit


def audit_log_path() -> Path:
    """Path of this run's log. Pure path arithmetic: the GUI never looks there."""
    return _client().log_path()


def flush_audit_log(timeout_s: float = 0.5) -> FlushResult:
    """Wait until everything logged so far is on disk, at most `timeout_s` seconds. True when nothing is pending."""
    return _client().flush(timeout_s)


def audit_status() -> AuditStatus:
    """State of the audit trail, from memory."""
    return _client().status()


def audit_history() -> list[Sample]:
    """The last five minutes of the audit trail, a sample a second, from memory."""
    return _client().history()


def close(timeout_s: float = 0.5) -> FlushResult:
    """End the run: flush at most `timeout_s` seconds, then say goodbye to the sidecar (at most a second more)."""
    return _client().close(timeout_s)


def _stack(exc: BaseException) -> list[str]:
    # Not the traceback module: it reads source files.
    frames: list[str] = []
    step = exc.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        frames.append(f"{Path(code.co_filename).name}:{step.tb_lineno} {code.co_name}")
        step = step.tb_next
    return frames[-MAX_STACK:]


class _Holder(types.ModuleType):
    """Keeps the client where no file watcher looks: a module without a file."""

    client: Client
    forked_from: list[Client]


def _holder() -> _Holder:
    name = "datatools_audit_client"
    if name not in sys.modules:
        holder = _Holder(name)
        holder.client, holder.forked_from = Client(directories()), []
        sys.modules[name] = holder
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=finish_imports, after_in_child=_start_over)
        atexit.register(_close_at_exit)
    return cast("_Holder", sys.modules[name])


def _client() -> Client:
    return _the_holder.client


def _start_over() -> None:
    holder = _holder()
    # Kept alive: its sockets belong to the parent's threads and must not be closed from here.
    holder.forked_from.append(holder.client)
    holder.client = Client(directories())
    # A child of multiprocessing ends without atexit, and forgets what was registered before its own start.
    if (util := sys.modules.get("multiprocessing.util")) is not None:
        util.register_after_fork(holder, lambda _: util.Finalize(None, _close_at_exit, exitpriority=-100))


def _close_at_exit() -> None:
    result = close()
    if not result:
        sys.stderr.write(
            f"datatools-audit: this process ended before {result.pending} events were confirmed to be on disk. "
            "Is the sidecar running? Start it with: python -m shared.keeper\n"
        )


_the_holder = _holder()
