"""`python -m sidecar [serve | status | tail | query | verify | compress | bundle | fleet | keys]`."""

from shared.interrupts import end_quietly, raise_again

if __name__ == "__main__":
    # What is imported now takes a moment, in which somebody may change their mind.
    end_quietly()

import argparse
import os
import sys
from collections.abc import Sequence

from shared.errors import AuditError
from shared.settings import directories
from sidecar import bundle, compress, fleet, follow, keys, query, status, verify
from sidecar.serve import serve

# What a shell makes of a process that SIGINT ended.
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status."""
    try:
        return _run(_parser().parse_args(arguments))
    except AuditError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except BrokenPipeError:
        # Who read our output, `head` say, has seen enough; Python's own flush at the end must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        # How one stops a long `verify`.
        return INTERRUPTED


def _run(chosen: argparse.Namespace) -> int:
    match chosen.command:
        case "status":
            return status.run(directories())
        case "tail":
            return follow.run(directories(), chosen.run, chosen.category, as_json=chosen.json)
        case "query":
            return query.run(chosen)
        case "verify":
            return verify.run(chosen)
        case "compress":
            return compress.run(chosen)
        case "bundle":
            return bundle.run(chosen)
        case "fleet":
            return fleet.run(chosen)
        case "keys":
            return keys.run(directories(), replace=chosen.replace)
        case _:
            return serve(directories())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sidecar", description="Writes, shows and checks the audit trail.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("serve", help="write the logs until stopped (the default)")
    commands.add_parser("status", help="what a running sidecar says of itself; exits 3 when none answers")
    tail = commands.add_parser("tail", help="print lines as they become durable")
    tail.add_argument("--run", help="only this run")
    tail.add_argument("--category", help="only this category")
    tail.add_argument("--json", action="store_true", help="print the lines as they stand in the log")
    query.add_arguments(commands.add_parser("query", help="print what the logs say; needs no sidecar"))
    verify.add_arguments(commands.add_parser("verify", help="check that nobody edited a log; needs no sidecar"))
    compress.add_arguments(commands.add_parser("compress", help="make closed logs smaller; needs no sidecar"))
    bundle.add_arguments(
        commands.add_parser("bundle", help="put logs and what verify says of them into a zip for support")
    )
    fleet.add_arguments(
        commands.add_parser("fleet", help="check and query the trails of all machines on a NATS server")
    )
    keyed = commands.add_parser("keys", help="show the keys by which GUI and sidecar know each other over TCP")
    keyed.add_argument("--replace", action="store_true", help="make new ones, while no sidecar runs")
    return parser


if __name__ == "__main__":
    raise_again()
    exit_status = main()
    end_quietly()
    sys.exit(exit_status)
