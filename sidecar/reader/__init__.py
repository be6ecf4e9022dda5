"""Answers questions about logs, in a process of its own that may hang with the disk and be killed. Only reads."""
