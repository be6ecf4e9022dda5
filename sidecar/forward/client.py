"""The network library's client, which tells nothing of us over a connection that should be encrypted and is not."""

import ssl

from nats import errors
from nats.aio.client import Client

from sidecar.forward.target import Target


class SafeClient(Client):
    """An address `tls://`, or a CA or certificate of one's own, means TLS or nothing.

    nats-py by itself would go on in clear text where a server, or somebody in between, says that it has none: `connect` raises
    SecureConnWantedError then.
    """

    must_be_encrypted = False

    def _connect_command(self) -> bytes:
        if self.must_be_encrypted and not self._server_info.get("tls_required"):
            raise errors.SecureConnWantedError
        command: bytes = super()._connect_command()
        return command


def encryption(target: Target, url: str) -> ssl.SSLContext | None:
    """How a connection to `url` is to be encrypted, None: not. Raises OSError, of which ssl.SSLError is one, for files that are none."""
    if not (url.startswith("tls:") or target.ca or target.certificate):
        return None
    context = ssl.create_default_context(cafile=target.ca or None)
    if target.certificate:
        context.load_cert_chain(target.certificate, target.key)
    return context
