"""A machine that has to prove who it is, by a credentials file and by a certificate."""

import ssl
from contextlib import ExitStack

import pytest

from tests.forward.certificates import Operator, certificates, needs_openssl, without_its_seed
from tests.forward.nats_server import Server, needs_server, wait_forwarded
from tests.support.processes import Pair

pytestmark = [needs_server, needs_openssl]

FORWARD = "DATATOOLS_AUDIT_FORWARD"


@pytest.mark.long
def test_only_who_has_the_certificate_and_the_credentials_forwards_and_others_are_told_what_is_wrong(
    pair: Pair,
) -> None:
    certificates(pair.root)
    operator, root = Operator(), pair.root
    good = operator.credentials(root / "good.creds")
    stranger = operator.credentials(root / "bad.creds", of_a_stranger=True)
    settings = f"""
        tls {{ cert_file: "{root}/server.pem", key_file: "{root}/server.key", ca_file: "{root}/ca.pem", verify: true }}
        {operator.settings}
    """
    context = ssl.create_default_context(cafile=root / "ca.pem")
    context.load_cert_chain(root / "client.pem", root / "client.key")
    with ExitStack() as stack:
        server = Server(stack, root / "nats", settings, scheme="tls", tls=context, user_credentials=str(good))
        server.start().wait_listening().make_stream()
        pair.settings |= {FORWARD: server.url, f"{FORWARD}_CA": f"{root}/ca.pem", f"{FORWARD}_CREDENTIALS": str(good)}
        certificate = {f"{FORWARD}_CERTIFICATE": f"{root}/client.pem", f"{FORWARD}_KEY": f"{root}/client.key"}
        swapped = {f"{FORWARD}_CERTIFICATE": f"{root}/client.key", f"{FORWARD}_KEY": f"{root}/client.pem"}
        producer = pair.producer()
        producer.ask("log", 1, 50)
        for changed, said in (
            ({}, "wants a certificate"),
            (swapped, "cannot be used"),
            ({**certificate, f"{FORWARD}_CREDENTIALS": str(stranger)}, "refused the credentials"),
            (
                {**certificate, f"{FORWARD}_CREDENTIALS": str(without_its_seed(good, root / "junk.creds"))},
                "holds no credentials",
            ),
        ):
            before = dict(pair.settings)
            pair.settings |= changed
            sidecar = pair.ready_sidecar()
            line = sidecar.wait_for_line("stopped", err=True)
            assert said in line, sidecar.err
            assert len(sidecar.err) == 1
            code, _, err = pair.run("-m", "sidecar", "fleet", "verify")
            assert (code, len(err)) == (2, 1), err
            sidecar.kill()
            sidecar.wait()
            pair.settings = before
        pair.settings |= certificate
        pair.ready_sidecar()
        producer.wait_for_durable(50)
        producer.end()
        pair.wait_for_closing(producer.log)
        wait_forwarded(server, pair.audit)
