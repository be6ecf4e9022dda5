"""`python -m sidecar fleet init`: make the stream that all machines publish to, once, with the administrator's credentials.

Exit status: 0 it is there as asked for, 2 it could not be made.
"""

import argparse
import re
import sys

from sidecar.forward.target import Target

DAYS = 400
_DESCRIPTION = """\
Make the stream on its server. Its messages can be deleted neither one by one nor all at once, by nobody; they go when they
are too old. A stream that is there already, with the same settings, is left as it is.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.description = _DESCRIPTION
    add = parser.add_argument
    add("--days", type=_number, default=DAYS, metavar="N", help=f"keep lines so long; default {DAYS}, 0: for ever")
    add(
        "--gigabytes", type=_number, default=0, metavar="N",
        help="take no new lines when it holds so much (they wait on their machines); default 0: no such limit",
    )  # fmt: skip
    add("--replicas", type=int, choices=(1, 3, 5), default=1, help="on so many servers of a cluster; default 1")


def run(arguments: argparse.Namespace, collector: Target) -> int:
    """Make it, say what is there, and return the exit status. Raises AuditError."""
    # Here, so that the other commands do without nats-py.
    from sidecar.fleet.stream import Stream  # noqa: PLC0415

    with Stream(collector) as stream:
        stream.create(replicas=arguments.replicas, days=arguments.days, gigabytes=arguments.gigabytes)
        state = stream.state()
    kept = f"kept {arguments.days} days" if arguments.days else "kept for ever"
    sys.stdout.write(
        f"Stream {collector.stream} on {collector.name} takes {collector.prefix}.<host>.<run>: {kept}, "
        f"{state.replicas} replica{'s' * (state.replicas > 1)}, no deletion, no purge; {state.messages:,} messages\n"
    )
    return 0


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"a whole number from 0 on; this is {text!r}")
    return int(text)
