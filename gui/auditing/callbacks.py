"""A decorator for callbacks: one event with its name, how long it took, and how it ended."""

import functools
import inspect
from collections.abc import Callable
from time import perf_counter
from typing import ParamSpec, TypeVar

from gui.audit import log_event
from gui.errors import guarded
from gui.progress import milliseconds

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_KINDS = (
    inspect.iscoroutinefunction,
    inspect.isgeneratorfunction,
    inspect.isasyncgenfunction,
)


def audited(
    name: str, category: str = "action"
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result | None]]:
    """Record each call of an `on_click` or `on_change` callback as `name`; its arguments are not recorded.

    `outcome` is ok, error or stopped (by `st.stop` or `st.rerun`). An error is recorded and said calmly by the page, which
    otherwise would be gone; within another audited callback, and where there is no page, it also goes on its way.
    Raises TypeError for async functions and generators: calling one only makes it ready, which would be recorded as done.
    """

    def decorate(callback: Callable[Parameters, Result]) -> Callable[Parameters, Result | None]:
        if any(is_kind(callback) for is_kind in _KINDS):
            raise TypeError(
                f"@audited({name!r}) stands before an async function or a generator, which Streamlit does not run as a "
                "callback. Put it before a plain function that runs this one."
            )

        @guarded(name)
        @functools.wraps(callback)
        def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            start = perf_counter()
            try:
                result = callback(*args, **kwargs)
            except Exception:
                # Recorded by what guards it.
                raise
            except BaseException:
                # st.rerun and st.stop, or the end of the program.
                log_event(category, name, outcome="stopped", duration_ms=milliseconds(start))
                raise
            log_event(category, name, outcome="ok", duration_ms=milliseconds(start))
            return result

        return run

    return decorate
