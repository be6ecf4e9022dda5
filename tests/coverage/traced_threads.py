"""A plugin of coverage: it follows threads that were started below `threading` too, as the link's is."""

import _thread
import sys
import threading
from collections.abc import Callable

from coverage.plugin_support import Plugins

_start = _thread.start_new_thread


def coverage_init(_registry: Plugins, _options: object) -> None:
    """Called by coverage in each process that it measures, before anything is imported there."""
    _thread.start_new_thread = _start_traced


def _start_traced(
    function: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object] | None = None
) -> int:
    def run(*args: object, **kwargs: object) -> None:
        sys.settrace(threading.gettrace())
        function(*args, **kwargs)

    return _start(run, args, kwargs or {})
