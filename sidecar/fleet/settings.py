"""Where the stream is and how to get at it: the forwarder's settings, or options in their place. No network is touched."""

import argparse
from collections.abc import Mapping

from shared.errors import SettingsError
from sidecar.forward.target import CA, CREDENTIALS, PREFIX, STREAM, Target, read_target
from sidecar.forward.target import VARIABLE as URL

DEFAULT_STREAM = "AUDIT"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where the stream is."""
    group = parser.add_argument_group("where the stream is")
    group.add_argument("--server", dest=URL, metavar="URL", help=f"nats://host:port; else {URL}")
    group.add_argument("--stream", dest=STREAM, metavar="NAME", help=f"else {STREAM}, or {DEFAULT_STREAM}")
    group.add_argument(
        "--prefix", dest=PREFIX, metavar="PREFIX", help=f"what subjects begin with; else {PREFIX}, or audit"
    )
    group.add_argument("--credentials", dest=CREDENTIALS, metavar="FILE", help=f"a .creds file; else {CREDENTIALS}")
    group.add_argument("--ca", dest=CA, metavar="FILE", help=f"the certificate authority of the server; else {CA}")


def read_collector(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Target:
    """What the options say, else the environment. Raises SettingsError, which names an option by its setting."""
    given = {name: value for name in (URL, STREAM, PREFIX, CREDENTIALS, CA) if (value := getattr(arguments, name))}
    target = read_target({**environ, **given}, "")
    if target is None:
        raise SettingsError(f"Where is the stream? Give --server nats://host:port, or set {URL}.")
    return target._replace(stream=target.stream or DEFAULT_STREAM)
