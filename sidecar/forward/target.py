"""Where lines are forwarded to, and how. Read from the environment; neither network nor file is touched."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from shared.errors import SettingsError
from sidecar.forward.subject import host_token, subject_of

VARIABLE = "DATATOOLS_AUDIT_FORWARD"
STREAM, PREFIX, HOST = f"{VARIABLE}_STREAM", f"{VARIABLE}_PREFIX", f"{VARIABLE}_HOST"
RATE, BYTES = f"{VARIABLE}_RATE", f"{VARIABLE}_BYTES"
CREDENTIALS, CA = f"{VARIABLE}_CREDENTIALS", f"{VARIABLE}_CA"
CERTIFICATE, KEY = f"{VARIABLE}_CERTIFICATE", f"{VARIABLE}_KEY"

# Lines a second: a day of hard work in some minutes, and a few percent of what a server takes.
DEFAULT_RATE = 2_000
# Usual lines of 400 bytes take 640 on the wire. Where no bound of bytes is set, long lines take no more than these: 12 Mbit/s.
BYTES_OF_A_LINE = 750

_SCHEMES = ("nats", "tls")
_SUBJECT = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", re.ASCII)
_STREAM_NAME = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


class Target(NamedTuple):
    """`urls` are tried in turn; `stream` is empty where the server is asked which one takes the subject.

    `rate`: lines a second, `bytes_rate`: bytes a second, 0: as many as go. Paths are empty where there is none.
    """

    urls: tuple[str, ...]
    stream: str = ""
    prefix: str = "audit"
    host: str = "host"
    rate: int = DEFAULT_RATE
    bytes_rate: int = DEFAULT_RATE * BYTES_OF_A_LINE
    credentials: str = ""
    ca: str = ""
    certificate: str = ""
    key: str = ""

    def subject(self, run: str) -> str:
        """The subject of a run's lines."""
        return subject_of(self.prefix, self.host, run)

    @property
    def name(self) -> str:
        """The addresses to show: without user and password."""
        return ", ".join(map(shown, self.urls))


def read_target(environ: Mapping[str, str], host: str) -> Target | None:
    """The target of these settings on the machine `host`, None when nothing is to be forwarded. Raises SettingsError."""
    text = environ.get(VARIABLE, "").strip()
    if not text:
        return None
    paths = {name: environ.get(name, "").strip() for name in (CREDENTIALS, CA, CERTIFICATE, KEY)}
    if bool(paths[CERTIFICATE]) != bool(paths[KEY]):
        raise SettingsError(f"Set both {CERTIFICATE} and {KEY}, or neither.")
    prefix = environ.get(PREFIX, "").strip() or "audit"
    if not _SUBJECT.fullmatch(prefix):
        raise SettingsError(f"{PREFIX} is {prefix!r}. Set it to words of letters, digits, _ and -, with dots between.")
    stream = environ.get(STREAM, "").strip()
    if stream and not _STREAM_NAME.fullmatch(stream):
        raise SettingsError(f"{STREAM} is {stream!r}. Set it to a stream's name: letters, digits, _ and -.")
    rate = _bound(environ, RATE, DEFAULT_RATE)
    return Target(
        tuple(_url(each.strip()) for each in text.split(",")),
        stream,
        prefix,
        host_token(environ.get(HOST, "").strip() or host),
        rate,
        _bound(environ, BYTES, rate * BYTES_OF_A_LINE),
        *(str(Path(each).expanduser()) if each else "" for each in paths.values()),
    )


def shown(url: str) -> str:
    """An address without user and password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        fits = parts.scheme in _SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        # Not shown: there may be a password in it.
        raise SettingsError(
            f"{VARIABLE} holds an address that is none. Set it to nats://host:port or tls://host:port, more of them "
            "with commas between."
        )
    return text


def _bound(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not text.isascii():
        what = "lines" if name == RATE else "bytes"
        raise SettingsError(f"{name} is {text!r}. Set it to {what} a second, or to 0 for as many as go.")
    return int(text)
