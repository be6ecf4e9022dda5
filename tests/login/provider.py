"""A small OpenID provider: authorization code flow, RS256, and one user, who agrees by a click."""

import base64
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "datatools"
CLIENT_SECRET = "a secret of the test"  # noqa: S105 - as it says
USER = "ada@example.org"
LIFE_S = 600


class Provider:
    """Knows which codes it gave, each good for one token, and with which nonce."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.key = RSAKey.generate_key(2048, {"kid": "test", "use": "sig", "alg": "RS256"})
        self.tokens_given = 0
        self._codes: dict[str, str] = {}

    def metadata(self) -> dict[str, object]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def consent(self, asked: dict[str, str]) -> str:
        """The page on which the user agrees: a link back with a code."""
        assert asked["client_id"] == CLIENT, asked
        code = secrets.token_urlsafe()
        self._codes[code] = asked["nonce"]
        back = f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
        return f"<!doctype html><title>Provider</title><a href='{back.replace('&', '&amp;')}'>I am Ada</a>"

    def token(self, asked: dict[str, str], authorization: str) -> dict[str, object]:
        """What a code is exchanged for. Raises KeyError for one that was not given, or was used."""
        given = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        assert given.split(":")[0] == CLIENT, given
        nonce = self._codes.pop(asked["code"])
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": "4711", "aud": CLIENT, "iat": now, "exp": now + LIFE_S, "nonce": nonce,
            "email": USER, "name": "Ada",
        }  # fmt: skip
        self.tokens_given += 1
        return {
            "access_token": secrets.token_urlsafe(),
            "token_type": "Bearer",
            "expires_in": LIFE_S,
            "id_token": jwt.encode({"alg": "RS256", "kid": "test"}, claims, self.key),
        }


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that serves on a free port of the loopback interface."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.provider = Provider(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.provider  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        provider: Provider = self.server.provider  # type: ignore[attr-defined]
        where = urlsplit(self.path)
        match where.path:
            case "/.well-known/openid-configuration":
                self._answer(provider.metadata())
            case "/jwks":
                self._answer({"keys": [provider.key.as_dict(private=False)]})
            case "/authorize":
                self._send("text/html", provider.consent(_plain(where.query)))
            case _:
                self.send_error(404)

    def do_POST(self) -> None:
        provider: Provider = self.server.provider  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer(provider.token(_plain(body), self.headers["Authorization"]))

    def log_message(self, *_arguments: object) -> None:
        pass

    def _answer(self, document: dict[str, object]) -> None:
        self._send("application/json", json.dumps(document))

    def _send(self, kind: str, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())


def _plain(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
