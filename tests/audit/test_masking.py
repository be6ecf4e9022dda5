"""What has a secret's name never gets into an event, however deep it lies."""

import subprocess
import sys
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.audit import masking
from gui.audit.coerce import coerce_extra
from gui.audit.masking import MASKED, is_secret, mask_text, parse_names
from shared.wire import Event, encode

NEEDLE = "hunter2QX"
SECRETS = [
    "password", "DB_PASSWORD", "userPassword", "password_hash", "db.passwd", "pwd", "client_secret", "clientSecret",
    "token", "accessToken", "access_token", "csrftoken", "Authorization", "x-api-key", "apiKey", "APIKey", "api key",
    "Set-Cookie", "privateKey", "private key", "credentials", "aws_secret_access_key", "\uff50assword",
]  # fmt: skip
HARMLESS = ["rows", "tokenizer", "secretary", "author", "primary_key", "passed", "filename", "compassion", "", "__"]


def framed(extra: Mapping[str, object]) -> bytes:
    return encode(Event("r", 1, 0, "info", "c", "", "m", coerce_extra(extra)))


@pytest.mark.parametrize("name", SECRETS)
def test_a_secrets_name_is_known_in_each_spelling(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", HARMLESS)
def test_a_name_that_only_looks_like_one_is_left_alone(name: str) -> None:
    assert not is_secret(name)


def nested(children: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    pairs = st.tuples(st.sampled_from(SECRETS), st.just(NEEDLE))
    return st.one_of(
        st.lists(st.one_of(children, pairs), max_size=4),
        st.dictionaries(st.text(max_size=8), children, max_size=4),
        st.dictionaries(st.sampled_from(SECRETS), SECRET, max_size=3),
    )


SECRET = st.one_of(st.just(NEEDLE), st.just([NEEDLE]), st.just({"a": NEEDLE}), st.just(NEEDLE.encode()))
PLAIN = st.one_of(st.none(), st.integers(), st.text(max_size=8))


@given(
    st.dictionaries(st.text(max_size=8), st.recursive(PLAIN, nested), max_size=4),
    st.dictionaries(st.sampled_from(SECRETS), SECRET, max_size=4),
)
def test_what_has_a_secrets_name_is_in_no_event(beside: dict[str, object], secret: dict[str, object]) -> None:
    frame = framed({**beside, **secret})
    assert NEEDLE.encode() not in frame
    assert MASKED.encode() in frame or not secret


def test_what_has_a_secrets_name_is_masked_again_behind_events_with_the_same_other_names() -> None:
    for _ in range(2):
        assert coerce_extra({"rows": 1, "password": NEEDLE}) == {"rows": 1, "password": MASKED}
        assert coerce_extra({"rows": 1}) == {"rows": 1}


def test_a_name_that_is_cut_masks_all_the_same() -> None:
    assert NEEDLE.encode() not in framed({"x" * 150 + "_password": NEEDLE})


def test_headers_as_a_server_has_them_are_masked() -> None:
    headers = [(b"authorization", b"Bearer " + NEEDLE.encode()), (b"host", b"here")]
    assert coerce_extra({"headers": headers}) == {"headers": [["authorization", MASKED], ["host", "here"]]}


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"cannot reach https://ada:{NEEDLE}@db.example/x", "cannot reach https://<masked>@db.example/x"),
        (f"postgres://{NEEDLE}@h/db", "postgres://<masked>@h/db"),
        (f"Authorization: Bearer {NEEDLE}.x-y", "Authorization: Bearer <masked>"),
        (f"host=h password={NEEDLE} port=1", "host=h password=<masked> port=1"),
        (f"GET /?api_key={NEEDLE}&b=1", "GET /?api_key=<masked>&b=1"),
        (f'{{"token": "{NEEDLE}"}}', '{"token": "<masked>"}'),
        ("Unexpected token: name, see https://example.org/a@b", "Unexpected token: name, see https://example.org/a@b"),
    ],
)
def test_a_secret_in_the_text_of_an_error_is_masked(text: str, masked: str) -> None:
    assert mask_text(text) == masked
    assert coerce_extra({"error": ValueError(text)}) == {"error": masked}


def test_the_users_own_names_are_masked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    names, complaint = parse_names("iban, customer_no,,")
    assert names == {"_iban_", "_customer_no_"}
    assert not complaint
    monkeypatch.setattr(masking, "_own_names", names)
    judge = is_secret.__wrapped__
    assert [judge(name) for name in ("IBAN", "customerNo", "old-customer-no", "customer")] == [True, True, True, False]


def test_a_list_with_wrong_commas_is_said_once_and_masks_what_it_can() -> None:
    program = (
        "from gui.audit.coerce import coerce_extra\n"
        "print([coerce_extra({'iban': 1, 'customer_no': 2, 'rows': 3}) for _ in range(2)][-1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={masking.SETTING: "iban;customer_no"}, capture_output=True, check=True,
        text=True,
    )  # fmt: skip
    assert done.stdout == "{'iban': '<masked>', 'customer_no': '<masked>', 'rows': 3}\n"
    assert done.stderr.count(masking.SETTING) == 1
    assert "names with commas between them, as in iban,customer_no" in done.stderr
