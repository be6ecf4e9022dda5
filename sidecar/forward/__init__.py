"""Forwards durable log lines to a NATS JetStream stream, each once and in the order of its run.

- The local log is the truth. This is a process of its own, which reads what the sidecar says is durable; whatever the
  network does, nobody who writes a log waits for it.
- The stream is the memory of what was forwarded: before the first line of a run on a connection it is asked for the last
  one that it holds. The cursor file only spares questions and counting.
- Order, and each line once, are kept by the stream itself: each message says which one must stand before it (`lane`).
- Pure: target, subject, extent, lane, resume, cursor, rate, progress. At the edge: lines, cursor_file, client, link. The process:
  forwarder, __main__. In the sidecar: keeping, which starts it, tells it what is durable and hears how far it is.
"""
