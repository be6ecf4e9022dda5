"""How many files and connections this process may have open at once."""

import sys


def allow_many() -> None:
    """Raise the limit as far as a user may: over TCP anybody on the machine can make us accept connections."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - Windows has neither the module nor the limit

        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        except (ValueError, OSError):
            # macOS names no limit and then takes less: what there was must do.
            return
