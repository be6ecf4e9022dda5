"""A ZeroMQ send that keeps the GIL.

pyzmq lets go of the GIL even for a send that cannot wait, and with other Python threads busy the caller then queues to
get it back. `python -m tests.benchmarks.send` measures both side by side.
"""

import ctypes
from collections.abc import Callable
from typing import cast

import zmq

Transmit = Callable[[bytes], bool]


def transmitter(socket: zmq.Socket[bytes]) -> Transmit:
    """Return a function that hands one frame to `socket` without waiting; False when it must be tried again later."""
    zmq_send = _find_zmq_send()
    if zmq_send is None:
        return lambda frame: send_with_pyzmq(socket, frame)
    # Made once: ctypes would make each of these anew at each call.
    handle, dontwait = ctypes.c_void_p.from_param(socket.underlying), ctypes.c_int.from_param(zmq.DONTWAIT)

    def transmit(frame: bytes) -> bool:
        # Whatever the reason of a -1, the frame stays in the outbox and is sent again.
        return zmq_send(handle, frame, len(frame), dontwait) >= 0

    return transmit


_Send = Callable[[object, bytes, int, object], int]


def _find_zmq_send() -> _Send | None:
    try:
        from zmq.backend.cython import _zmq  # noqa: PLC0415 - absent in pyzmq's other back end

        # PyDLL is what keeps the GIL; the extension module leads to the libzmq that pyzmq itself uses.
        found = ctypes.PyDLL(_zmq.__file__).zmq_send
    except (ImportError, OSError, AttributeError):
        # Windows' loader does not look behind the module; pyzmq's own send does the same, only slower under load.
        return None
    # No argtypes: they take 0.17 of 0.42 µs. A length goes as an int then, which libffi widens to the register.
    found.restype = ctypes.c_int
    return cast("_Send", found)


def send_with_pyzmq(socket: zmq.Socket[bytes], frame: bytes) -> bool:
    """The same with pyzmq's own send, which lets go of the GIL."""
    try:
        socket.send(frame, zmq.DONTWAIT)
    except zmq.ZMQError:
        # As above: it stays in the outbox.
        return False
    return True
