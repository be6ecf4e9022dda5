"""Where the stream is and how to get at it: the forwarder's settings, or options. No network and no file is touched."""

import argparse
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from shared.errors import SettingsError

URL = "DATATOOLS_AUDIT_FORWARD"
STREAM, PREFIX = f"{URL}_STREAM", f"{URL}_PREFIX"
CREDENTIALS, CA = f"{URL}_CREDENTIALS", f"{URL}_CA"

_STREAM_NAME = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_PREFIX = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", re.ASCII)


class Collector(NamedTuple):
    """A server and a stream on it; `credentials` and `ca` are paths, empty for none."""

    urls: tuple[str, ...]
    stream: str = "AUDIT"
    prefix: str = "audit"
    credentials: str = ""
    ca: str = ""

    @property
    def name(self) -> str:
        """The addresses as they may be shown: without user and password."""
        return ", ".join(_shown(url) for url in self.urls)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where the stream is."""
    group = parser.add_argument_group("where the stream is")
    group.add_argument("--server", metavar="URL", help=f"nats://host:port; else {URL}")
    group.add_argument("--stream", metavar="NAME", help=f"else {STREAM}, or AUDIT")
    group.add_argument("--prefix", metavar="PREFIX", help=f"what subjects begin with; else {PREFIX}, or audit")
    group.add_argument("--credentials", metavar="FILE", help=f"a .creds file; else {CREDENTIALS}")
    group.add_argument("--ca", metavar="FILE", help=f"the certificate authority of the server; else {CA}")


def read_collector(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Collector:
    """What the options say, else the environment. Raises SettingsError."""

    def chosen(option: str | None, name: str, default: str = "") -> str:
        return (option or environ.get(name, "")).strip() or default

    urls = tuple(each.strip() for each in chosen(arguments.server, URL).split(",") if each.strip())
    if not urls:
        raise SettingsError(f"Where is the stream? Give --server nats://host:port, or set {URL}.")
    for url in urls:
        _check(url)
    stream = chosen(arguments.stream, STREAM, "AUDIT")
    if not _STREAM_NAME.fullmatch(stream):
        raise SettingsError(
            f"{stream!r} is no stream's name: letters, digits, _ and -. Give --stream, or set {STREAM}."
        )
    prefix = chosen(arguments.prefix, PREFIX, "audit")
    if not _PREFIX.fullmatch(prefix):
        raise SettingsError(
            f"{prefix!r} is no prefix: words of letters, digits, _ and - with dots between. Give --prefix, or set {PREFIX}."
        )
    return Collector(
        urls, stream, prefix, chosen(arguments.credentials, CREDENTIALS), chosen(arguments.ca, CA)
    )  # fmt: skip


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        fits = parts.scheme in {"nats", "tls"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        # Not shown: there may be a password in it.
        raise SettingsError(
            f"The server's address is none. Give --server, or set {URL}, like nats://host:4222 or tls://host:4222."
        )


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
