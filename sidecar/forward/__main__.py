"""`python -m sidecar.forward DIRECTORY`: the process that forwards the logs in it, as the environment says where to.

- The sidecar starts it, tells it on stdin what is durable, hears on stdout how far it is, and starts it again when it dies.
- When stdin ends, the sidecar is gone: what is known to be durable is sent for a moment yet, then it ends.
- Events go first: it is as nice as can be.
"""

import asyncio
import contextlib
import os
import socket
import sys
import threading
from pathlib import Path

from shared.streams import STDIN, STDOUT
from shared.wire import Forwarding
from sidecar.forward.progress import STOPPED
from sidecar.forward.target import read_target
from sidecar.forward.told import encode, told_of
from sidecar.reader.framing import READY, read_frame, write_frame
from sidecar.records import now

_NICE = 19
LAST_S = 2.0


def main() -> int:
    """Forward until stdin ends."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    target = read_target(os.environ, socket.gethostname())
    if target is None:
        return 0
    try:
        # Loaded only where something is forwarded.
        from sidecar.forward.forwarder import Forwarder  # noqa: PLC0415
    except ModuleNotFoundError as error:
        _tell(
            Forwarding(
                target.name, STOPPED, now(), f"{error.name} is not installed: pip install 'datatools-audit[nats]'"
            )
        )
        while read_frame(STDIN) is not None:
            pass
        return 0

    async def run() -> None:
        forwarder = Forwarder(Path(sys.argv[1]), target, _tell)
        loop, ended = asyncio.get_running_loop(), asyncio.Event()

        def listen() -> None:
            while (frame := read_frame(STDIN)) is not None:
                loop.call_soon_threadsafe(forwarder.take, told_of(frame))
            loop.call_soon_threadsafe(ended.set)

        threading.Thread(target=listen, daemon=True).start()
        running, ending = asyncio.create_task(forwarder.run()), asyncio.create_task(ended.wait())
        write_frame(STDOUT, READY)
        await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            # Raises what it died of.
            running.result()
        await forwarder.finish(LAST_S)
        # A thread that hangs in the disk would hold up the interpreter's own end.
        os._exit(0)

    asyncio.run(run())
    return 0


def _tell(state: Forwarding) -> None:
    # The sidecar is gone, which stdin says as well.
    with contextlib.suppress(BrokenPipeError):
        write_frame(STDOUT, encode(state))


if __name__ == "__main__":
    main()
