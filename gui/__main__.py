"""The launcher: `python -m gui [--port N]`. Serves the pages, and begins and ends the audit trail with the server."""

from shared.interrupts import end_quietly

if __name__ == "__main__":
    # `main` does better, after a few imports.
    end_quietly()

import argparse
import signal
import socket
import sys
import threading
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gui.stopping import stop_in_order
from shared.streams import STDOUT
from shared.unread import when_unread

# What .streamlit/config.toml says, for a start from a directory that has none: safe and silent.
_DEFAULTS: Mapping[str, Any] = {
    "server.address": "127.0.0.1",
    "server.port": 8501,
    "server.headless": True,
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "logger.enableRich": False,
    "runner.magicEnabled": False,
}


def main() -> int:
    """Serve until a signal or the Shut down button; returns the exit code."""
    arguments = _parse()
    begun = threading.Event()
    stop_in_order(begun)
    when_unread(STDOUT, lambda: signal.raise_signal(signal.SIGTERM))
    return _serve(arguments.port, begun)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m gui", description="Clean tables in the browser, with an audit trail."
    )
    parser.add_argument(
        "--port", type=int, help="port to serve on (default: server.port of .streamlit/config.toml, 8501)"
    )
    return parser.parse_args()


def _serve(wanted_port: int | None, begun: threading.Event) -> int:
    # Imported here: it takes a second, and the handlers come first.
    from starlette.middleware import Middleware  # noqa: PLC0415

    from gui.auditing import audited_app  # noqa: PLC0415
    from gui.uncompressed import Uncompressed  # noqa: PLC0415

    given = _given_settings(Path(".streamlit", "config.toml"))
    settings = {**_DEFAULTS, **given}
    address = str(settings["server.address"])
    port = int(settings["server.port"] if wanted_port is None else wanted_port)
    if not _is_free(address, port):
        sys.stderr.write(
            f"Port {port} is taken, or not yours to use. Choose another: python -m gui --port {port + 1}\n"
        )
        return 1
    app = audited_app(Path(__file__).with_name("app.py"), "python -m gui", begun.set, [Middleware(Uncompressed)])
    # What the file says, Streamlit reads for itself, and follows when it is edited.
    app.run(config={**{key: value for key, value in _DEFAULTS.items() if key not in given}, "server.port": port})
    return 0


def _given_settings(file: Path) -> dict[str, Any]:
    """`{"server.port": 8501, …}`. Not by Streamlit's own reader, which takes what `run` adds for an edit of the file."""
    try:
        sections = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        sys.exit(f"{file} cannot be read: {error}. Mend it and start again.")
    tables = {name: section for name, section in sections.items() if isinstance(section, dict)}
    return {f"{name}.{key}": value for name, section in tables.items() for key, value in section.items()}


def _is_free(address: str, port: int) -> bool:
    """Streamlit's own message for a taken port is a log line without advice."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        if sys.platform != "win32":
            # As the server does: a port in TIME_WAIT is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except (OSError, OverflowError):
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
