"""Certificates for a server on the loopback interface and for a client of it, and credentials files, as `nsc` makes them."""

import base64
import json
import os
import shutil
import subprocess
from hashlib import sha512
from pathlib import Path

import pytest

pytest.importorskip("nkeys", reason="needs nkeys, which the group dev installs with nats-py")

import nkeys

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates")

OPERATOR, ACCOUNT, USER = nkeys.PREFIX_BYTE_OPERATOR, nkeys.PREFIX_BYTE_ACCOUNT, nkeys.PREFIX_BYTE_USER
_NO_LIMITS = dict.fromkeys(
    ("mem_storage", "disk_storage", "streams", "consumer", "subs", "data", "payload", "imports", "exports", "conn", "leaf"), -1
)  # fmt: skip


def certificates(directory: Path) -> None:
    """`ca.pem`, `server.pem` and `server.key` for 127.0.0.1, `client.pem` and `client.key`."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True, timeout=60)

    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl(
        "req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Audit CA", "-days", "2",
        "-addext", "keyUsage=critical,keyCertSign",
    )  # fmt: skip
    for name, extension in (("server", "subjectAltName=IP:127.0.0.1"), ("client", "extendedKeyUsage=clientAuth")):
        openssl("req", *curve, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (directory / "extension").write_text(f"{extension}\n")
        openssl(
            "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-out", f"{name}.pem", "-extfile", "extension",
        )  # fmt: skip


class Operator:
    """An operator, one account with JetStream and its system account; `settings` has a server know all three."""

    def __init__(self) -> None:
        (_, operator), (_, self._account), (_, system) = _key(OPERATOR), _key(ACCOUNT), _key(ACCOUNT)
        accounts = {
            self._account: _token(operator, self._account, "collector", {"type": "account", "limits": _NO_LIMITS}),
            system: _token(operator, system, "system", {"type": "account"}),
        }
        preloaded = "\n".join(f"{_name(account)}: {jwt}" for account, jwt in accounts.items())
        self.settings = f"""
            operator: {_token(operator, operator, "operator", {"type": "operator"})}
            resolver: MEMORY
            system_account: {_name(system)}
            resolver_preload: {{ {preloaded} }}
        """

    def credentials(self, path: Path, *, of_a_stranger: bool = False) -> Path:
        """The file of a user of the account, or of one that the operator never signed."""
        seed, user = _key(USER)
        issuer = _key(ACCOUNT)[1] if of_a_stranger else self._account
        jwt = _token(issuer, user, "user", {"type": "user", "subs": -1, "data": -1, "payload": -1})
        path.write_text(
            f"-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n"
            f"-----BEGIN USER NKEY SEED-----\n{seed.decode()}\n------END USER NKEY SEED------\n"
        )
        return path


def without_its_seed(credentials: Path, path: Path) -> Path:
    """The same file with something in the place of the seed that is none."""
    before, begin, _ = credentials.read_text().partition("-----BEGIN USER NKEY SEED-----\n")
    path.write_text(f"{before}{begin}SUAHELLO\n------END USER NKEY SEED------\n")
    return path


def _key(kind: int) -> tuple[bytes, nkeys.KeyPair]:
    seed = nkeys.encode_seed(os.urandom(32), kind)
    return seed, nkeys.from_seed(bytearray(seed))


def _name(key: nkeys.KeyPair) -> str:
    return str(key.public_key.decode())


def _coded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _token(issuer: nkeys.KeyPair, subject: nkeys.KeyPair, name: str, claims: dict[str, object]) -> str:
    """A JWT as the NATS server reads them."""
    body = {
        "jti": _coded(sha512(name.encode()).digest()), "iat": 1_795_447_800, "iss": _name(issuer), "sub": _name(subject),
        "name": name, "nats": {"version": 2, **claims},
    }  # fmt: skip
    header = {"typ": "JWT", "alg": "ed25519-nkey"}
    text = f"{_coded(json.dumps(header).encode())}.{_coded(json.dumps(body).encode())}"
    return f"{text}.{_coded(issuer.sign(text.encode()))}"
