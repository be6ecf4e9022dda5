"""Zstandard: Python's own from 3.14 on, its backport before. Loaded where it is used: most sidecars only write."""

import sys

if sys.version_info >= (3, 14):
    from compression import zstd as library
else:
    from backports import zstd as library

__all__ = ["library"]
