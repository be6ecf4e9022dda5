"""Reads what libzmq tells of the connections of a socket."""

import struct

import zmq  # noqa: TC002 - imported by everybody who has a socket to read

# In this machine's order: 16 bits of kind, 32 of value.
_EVENT = struct.Struct("=HI")


def read_monitor(monitor: "zmq.Socket[bytes]", flags: int = 0) -> tuple[int, int]:
    """The next event of a monitor socket: one of zmq.EVENT_*, and a number that belongs to it, such as a descriptor.

    `zmq.utils.monitor` does the same and imports asyncio for it: a third of the time that `import gui.audit` took. Raises
    zmq.Again with zmq.DONTWAIT when there is none. Source: the manual of zmq_socket_monitor.
    """
    kind, value = _EVENT.unpack(monitor.recv_multipart(flags)[0])
    return kind, value
