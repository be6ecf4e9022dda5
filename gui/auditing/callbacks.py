"""A decorator for callbacks: one event with its name, how long it took, and how it ended."""

import functools
from collections.abc import Callable
from time import perf_counter
from typing import ParamSpec

from gui.audit import log_event, log_exception
from gui.errors import CALM, say_trouble

Parameters = ParamSpec("Parameters")


def audited(name: str, category: str = "action") -> Callable[[Callable[Parameters, None]], Callable[Parameters, None]]:
    """Record each call of an `on_click` or `on_change` callback as `name`; its arguments are not recorded.

    An error in it is recorded and said calmly by the page, which otherwise would be gone.
    """

    def decorate(callback: Callable[Parameters, None]) -> Callable[Parameters, None]:
        @functools.wraps(callback)
        def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
            say_trouble("")
            start = perf_counter()
            try:
                callback(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - a callback that raises would take the whole page away
                log_exception(name, error, outcome="error", duration_ms=_milliseconds(start))
                say_trouble(CALM)
            except BaseException:
                # st.rerun and st.stop, or the end of the program.
                log_event(category, name, outcome="stopped", duration_ms=_milliseconds(start))
                raise
            else:
                log_event(category, name, outcome="ok", duration_ms=_milliseconds(start))

        return run

    return decorate


def _milliseconds(start: float) -> float:
    return round((perf_counter() - start) * 1000, 1)
