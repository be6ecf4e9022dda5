"""Where the three sockets of a pair are: `events` (GUI to sidecar), `acks` (back), `ask` (questions)."""

from pathlib import Path
from typing import Literal

import zmq

from shared.errors import SettingsError
from shared.naming import check_socket_path

Channel = Literal["events", "acks", "ask"]

# Events a PUSH socket keeps before it refuses one more, as its outbox does.
HIGH_WATER_MARK = 5000


def endpoint(run_dir: Path, channel: Channel) -> str:
    """ZeroMQ address of a channel. Raises SettingsError for a path too long, or where ZeroMQ has no ipc."""
    if not zmq.has("ipc"):
        raise SettingsError("This build of ZeroMQ has no ipc:// transport, and no other is supported yet.")
    check_socket_path(run_dir)
    return f"ipc://{run_dir / channel}"
