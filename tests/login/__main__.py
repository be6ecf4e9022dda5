"""The launcher: `python -m tests.login --port 0`, with the provider's address in TEST_ISSUER."""

import os
import socket
import tempfile
from pathlib import Path

from gui.auditing import audited_app
from tests.login.provider import CLIENT, CLIENT_SECRET

SECRETS = """
[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "{cookie_secret}"
client_id = "{client}"
client_secret = "{client_secret}"
server_metadata_url = "{issuer}/.well-known/openid-configuration"
"""


def main() -> None:
    # It must be known before: the provider sends the browser back there.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as scratch:
        secrets = Path(scratch, "secrets.toml")
        secrets.write_text(
            SECRETS.format(
                port=port,
                cookie_secret=os.urandom(32).hex(),
                client=CLIENT,
                client_secret=CLIENT_SECRET,
                issuer=os.environ["TEST_ISSUER"],
            ),
            encoding="utf-8",
        )
        audited_app(Path(__file__).with_name("app.py"), "python -m tests.login").run(
            config={
                "server.port": port,
                "server.address": "127.0.0.1",
                "server.headless": True,
                "secrets.files": [str(secrets)],
            }
        )


if __name__ == "__main__":
    main()
