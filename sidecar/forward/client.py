"""The network library's client, which tells nothing of us over a connection that should be encrypted and is not.

Nor does it break on a server that is none.
"""

import logging
import ssl

from nats import errors
from nats.aio.client import Client

from sidecar.forward.target import CERTIFICATE, KEY, Target

# Its warning that a TLS connection ended goes to the terminal where nobody has set up a log, and tells nobody anything.
logging.getLogger("asyncio").setLevel(logging.ERROR)


class CertificateWantedError(errors.Error):
    """The server takes only who has a certificate."""

    def __str__(self) -> str:
        return f"the server wants a certificate; see {CERTIFICATE} and {KEY}"


class SafeClient(Client):
    """An address `tls://`, or a CA or certificate of one's own, means TLS or nothing.

    nats-py by itself would go on in clear text where a server, or somebody in between, says that it has none: `connect` raises
    SecureConnWantedError then.
    """

    must_be_encrypted = has_certificate = False

    async def _process_connect_init(self) -> None:
        try:
            await super()._process_connect_init()
            # With any other the first message would break.
            int.__index__(self._max_payload)
        except BaseException as error:
            # It would leave the socket open.
            if self._transport:
                self._transport.close()  # type: ignore[no-untyped-call]
            if isinstance(error, AttributeError | KeyError | TypeError):
                # It believes whatever a server says of itself.
                raise errors.Error("what answers there is no NATS server") from error
            raise

    def _connect_command(self) -> bytes:
        if self.must_be_encrypted and not self._server_info.get("tls_required"):
            raise errors.SecureConnWantedError
        if self._server_info.get("tls_verify") and not self.has_certificate:
            # It hangs up, and says nothing.
            raise CertificateWantedError
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
