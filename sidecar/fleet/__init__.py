"""`python -m sidecar fleet [verify | query | init]`: the trails of all machines, as a NATS JetStream stream holds them.

Only `stream.py` imports nats-py, which is there after `pip install datatools-audit[nats]`.
"""

import argparse
import importlib.util
import os
import sys

from shared.errors import AuditError
from sidecar.fleet import creation, query, verify
from sidecar.fleet.errors import CollectorError
from sidecar.fleet.settings import add_arguments as add_collector
from sidecar.fleet.settings import read_collector

UNREADABLE = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.description = "The trails of all machines, as the collector's stream holds them."
    commands = parser.add_subparsers(dest="fleet", metavar="COMMAND", required=True)
    for name, module, text in (
        ("verify", verify, "check every machine's chain, and say who is missing or silent"),
        ("query", query, "print what the machines' lines say"),
        ("init", creation, "make the stream on its server, once"),
    ):
        command = commands.add_parser(name, help=text)
        module.add_arguments(command)
        add_collector(command)


def run(arguments: argparse.Namespace) -> int:
    """Run one of them and return the exit status."""
    commands = {"verify": verify.run, "query": query.run, "init": creation.run}
    try:
        if importlib.util.find_spec("nats") is None:
            raise CollectorError("nats-py is not installed here. Run: pip install 'datatools-audit[nats]'")
        return commands[arguments.fleet](arguments, read_collector(arguments, os.environ))
    except AuditError as error:
        sys.stderr.write(f"{error}\n")
        return UNREADABLE
