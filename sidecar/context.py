"""ZeroMQ's context for a command that Ctrl-C may end anywhere."""

import contextlib
from collections.abc import Iterator

import zmq


@contextlib.contextmanager
def interruptible_context() -> Iterator["zmq.Context[zmq.Socket[bytes]]"]:
    """A context that is destroyed at the end of the block, and behind Ctrl-C when nobody holds it or its sockets any more.

    A socket that was just being made when Ctrl-C struck is closed by whoever lets go of the exception; to destroy the context
    before that is to wait for it for ever.
    """
    context = zmq.Context()
    try:
        yield context
    except Exception:
        context.destroy()
        raise
    context.destroy()
