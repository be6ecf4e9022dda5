"""Merges the lines of many logs in the order of time. Pure but for what reading the logs does.

- A log is open from its first line's turn to its last's: there may be more logs than a process may open files.
- So each is read up to its first line beforehand, to know when its turn comes.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

from sidecar.query.scan import Match, Matches, Unread

Scan = Callable[[Unread], Matches]


def merged(scans: Sequence[Scan], unread: Unread) -> Iterator[Match]:
    """The lines that `scans` give, by their keys; with equal keys, and within one log, in the order given."""
    turns = list(_first_turns(scans, unread))
    heapq.heapify(turns)
    opened: dict[int, Matches] = {}
    while turns:
        _, index, match = heapq.heappop(turns)
        if match is None:
            opened[index] = scans[index](unread)
        else:
            yield match
        following = next(opened[index], None)
        if following is None:
            del opened[index]
        else:
            heapq.heappush(turns, (following.key, index, following))


def _first_turns(scans: Sequence[Scan], unread: Unread) -> Iterator[tuple[str, int, Match | None]]:
    for index, scan in enumerate(scans):
        seen = Unread()
        with closing(scan(seen)) as found:
            first = next(found, None)
        if first is None:
            # It will not be read again.
            unread.add(seen)
        else:
            yield first.key, index, None
