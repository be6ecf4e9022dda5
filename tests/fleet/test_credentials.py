"""A server with TLS that knows its users by credentials files, as `nsc` makes them: operator, account, user."""

import base64
import json
import os
import shutil
import subprocess
from contextlib import ExitStack
from hashlib import sha512
from pathlib import Path

import nkeys
import pytest

from tests.fleet.collector import SERVER, Server
from tests.support.processes import Pair

OPERATOR, ACCOUNT, USER = nkeys.PREFIX_BYTE_OPERATOR, nkeys.PREFIX_BYTE_ACCOUNT, nkeys.PREFIX_BYTE_USER

pytestmark = [
    pytest.mark.skipif(SERVER is None, reason="nats-server is not installed: it comes with the group dev"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates"),
]


def key(kind: int) -> tuple[bytes, nkeys.KeyPair]:
    seed = nkeys.encode_seed(os.urandom(32), kind)
    return seed, nkeys.from_seed(bytearray(seed))


def coded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(issuer: nkeys.KeyPair, subject: nkeys.KeyPair, name: str, claims: dict[str, object]) -> str:
    """A JWT as the NATS server reads them."""
    body = {
        "jti": coded(sha512(name.encode()).digest()), "iat": 1_795_447_800, "iss": issuer.public_key.decode(),
        "sub": subject.public_key.decode(), "name": name, "nats": {"version": 2, **claims},
    }  # fmt: skip
    text = f"{coded(json.dumps({'typ': 'JWT', 'alg': 'ed25519-nkey'}).encode())}.{coded(json.dumps(body).encode())}"
    return f"{text}.{coded(issuer.sign(text.encode()))}"


def credentials(path: Path, jwt: str, seed: bytes) -> Path:
    path.write_text(
        f"-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{seed.decode()}\n------END USER NKEY SEED------\n"
    )
    return path


def certificates(directory: Path) -> None:
    """`ca.pem`, and `server.pem` with `server.key` for 127.0.0.1."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True, timeout=60)

    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl(
        "req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Audit CA", "-days", "2",
        "-addext", "keyUsage=critical,keyCertSign",
    )  # fmt: skip
    openssl("req", *curve, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=collector")
    (directory / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl(
        "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "server.pem",
        "-days", "2", "-extfile", "names",
    )  # fmt: skip


@pytest.mark.long
def test_a_credentials_file_and_a_certificate_authority_lead_to_the_stream_and_others_are_refused(
    pair: Pair, tmp_path: Path
) -> None:
    certificates(tmp_path)
    _, operator = key(OPERATOR)
    _, account = key(ACCOUNT)
    _, system = key(ACCOUNT)
    seed, user = key(USER)
    limits = {"mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1, "subs": -1, "data": -1, "payload": -1,
              "imports": -1, "exports": -1, "conn": -1, "leaf": -1}  # fmt: skip
    operator_jwt = token(operator, operator, "operator", {"type": "operator"})
    account_jwt = token(operator, account, "collector", {"type": "account", "limits": limits})
    system_jwt = token(operator, system, "system", {"type": "account"})
    user_jwt = token(account, user, "reader", {"type": "user", "subs": -1, "data": -1, "payload": -1})
    config = f"""
        listen: "127.0.0.1:-1"
        ports_file_dir: "{tmp_path / "nats"}"
        jetstream {{ store_dir: "{tmp_path / "store"}" }}
        tls {{ cert_file: "{tmp_path / "server.pem"}", key_file: "{tmp_path / "server.key"}" }}
        operator: {operator_jwt}
        resolver: MEMORY
        system_account: {system.public_key.decode()}
        resolver_preload: {{
          {account.public_key.decode()}: {account_jwt}
          {system.public_key.decode()}: {system_jwt}
        }}
    """
    good = credentials(tmp_path / "good.creds", user_jwt, seed)
    stranger_seed, stranger = key(USER)
    _, other = key(ACCOUNT)
    bad = credentials(tmp_path / "bad.creds", token(other, stranger, "x", {"type": "user"}), stranger_seed)
    with ExitStack() as stack:
        server = Server(tmp_path / "nats", stack, config)

        def fleet(command: str, creds: Path, ca: str) -> tuple[int, str]:
            pair.settings |= {
                "DATATOOLS_AUDIT_FORWARD": f"tls://127.0.0.1:{server.port}",
                "DATATOOLS_AUDIT_FORWARD_CREDENTIALS": str(creds),
                "DATATOOLS_AUDIT_FORWARD_CA": ca,
            }
            code, out, err = pair.run("-m", "sidecar", "fleet", command)
            return code, "\n".join([*out, *err])

        ca = str(tmp_path / "ca.pem")
        assert fleet("init", good, ca)[0] == 0
        assert fleet("verify", good, ca)[0] == 0
        code, text = fleet("verify", bad, ca)
        assert (code, f"refused the credentials in {bad}" in text) == (2, True), text
        junk = tmp_path / "junk.creds"
        # Nothing of it, and something with a seed that is none.
        for content in ("hello\n", good.read_text().replace(seed.decode(), "SUAHELLO")):
            junk.write_text(content)
            code, text = fleet("verify", junk, ca)
            assert (code, "Traceback" in text, "redentials" in text) == (2, False, True), text
        code, text = fleet("verify", good, "")
        assert (code, "does not prove who it is" in text) == (2, True), text
