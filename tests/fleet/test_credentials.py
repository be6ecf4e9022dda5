"""A server with TLS that knows its users by credentials files, as `nsc` makes them: operator, account, user."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.fleet.collector import SERVER, Server
from tests.forward.certificates import Operator, certificates, needs_openssl, without_its_seed
from tests.support.processes import Pair

pytestmark = [
    pytest.mark.skipif(SERVER is None, reason="nats-server is not installed: it comes with the group dev"),
    needs_openssl,
]


@pytest.mark.long
def test_a_credentials_file_and_a_certificate_authority_lead_to_the_stream_and_others_are_refused(
    pair: Pair, tmp_path: Path
) -> None:
    certificates(tmp_path)
    operator = Operator()
    config = f"""
        listen: "127.0.0.1:-1"
        ports_file_dir: "{tmp_path / "nats"}"
        jetstream {{ store_dir: "{tmp_path / "store"}" }}
        tls {{ cert_file: "{tmp_path / "server.pem"}", key_file: "{tmp_path / "server.key"}" }}
        {operator.settings}
    """
    good = operator.credentials(tmp_path / "good.creds")
    bad = operator.credentials(tmp_path / "bad.creds", of_a_stranger=True)
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
        hello = tmp_path / "hello.creds"
        hello.write_text("hello\n")
        for junk in (hello, without_its_seed(good, tmp_path / "junk.creds")):
            code, text = fleet("verify", junk, ca)
            assert (code, "Traceback" in text, "redentials" in text) == (2, False, True), text
        code, text = fleet("verify", good, "")
        assert (code, "does not prove who it is" in text) == (2, True), text
