"""What has a secret's name never gets into an event, however deep it lies."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.audit import masking
from gui.audit.coerce import MAX_BYTES, MAX_MESSAGE, coerce_extra, coerce_text
from gui.audit.masking import MASKED, is_secret, mask_text, parse_names
from shared.wire import Event, encode

NEEDLE = "hunter2QX"
# Of a busy machine; it takes some milliseconds.
SLOW_S = 0.5
SECRETS = [
    "password", "DB_PASSWORD", "userPassword", "password_hash", "db.passwd", "pwd", "client_secret", "clientSecret",
    "token", "accessToken", "access_token", "csrftoken", "Authorization", "x-authorization", "x-api-key", "apiKey",
    "APIKey", "api key", "openai_api_key", "Set-Cookie", "privateKey", "private key", "credentials", "bearer", "jwt",
    "aws_secret_access_key", "AccountKey", "secretkey", "auth", "proxy_auth", "pin", "pass_phrase", "tokens",
    "\uff50assword",
]  # fmt: skip
HARMLESS = [
    "rows", "tokenizer", "secretary", "author", "authority", "auth_method", "primary_key", "key_columns", "passed",
    "passport", "filename", "compassion", "compass_words", "bypass", "pinned", "monkey", "cookiecutter", "", "__",
]  # fmt: skip
COUNTS = [
    ("tokens", 1200), ("token_count", 3), ("max_tokens", 4096.0), ("promptTokens", 7), ("password_length", 12),
    ("access_token_expires_in", 3600), ("token_type_used", False), ("has_password", True), ("api_keys", 2),
    ("password", None),
]  # fmt: skip
NO_COUNTS = [
    ("otp", 123456), ("pin", 1234), ("token", 99), ("token_number", 99), ("tokens", "abc"), ("tokens", [1]),
    ("token_count", "abc"), ("password", 1234.5), ("password", ""),
]  # fmt: skip


def framed(extra: Mapping[str, object]) -> bytes:
    return encode(Event("r", 1, 0, "info", "c", "", "m", coerce_extra(extra)))


@pytest.mark.parametrize("name", SECRETS)
def test_a_secrets_name_is_known_in_each_spelling(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", HARMLESS)
def test_a_name_that_only_looks_like_one_is_left_alone(name: str) -> None:
    assert not is_secret(name)


@pytest.mark.parametrize(("name", "value"), COUNTS)
def test_what_counts_or_says_yes_or_no_is_no_secret(name: str, value: object) -> None:
    assert coerce_extra({name: value}) == {name: value}
    assert coerce_extra({"a": [{name: value}]}) == {"a": [{name: value}]}


@pytest.mark.parametrize(("name", "value"), NO_COUNTS)
def test_a_number_that_counts_nothing_and_a_text_that_should_be_one_are_secrets(name: str, value: object) -> None:
    assert coerce_extra({name: value}) == {name: MASKED}


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


TEXTS = [
    (f"cannot reach https://ada:{NEEDLE}@db.example/x", "cannot reach https://<masked>@db.example/x"),
    (f"postgres://{NEEDLE}@h/db", "postgres://<masked>@h/db"),
    (f"postgresql+psycopg://u:p/{NEEDLE}@h/db", "postgresql+psycopg://<masked>@h/db"),
    (f"Authorization: Bearer {NEEDLE}.x-y", "Authorization: Bearer <masked>"),
    (f"sent bearer {NEEDLE}", "sent bearer <masked>"),
    (f"authorization={NEEDLE}", "authorization=<masked>"),
    ("Basic YWRhOmh1bnRlcjI=", "Basic <masked>"),
    (f"host=h password={NEEDLE} port=1", "host=h password=<masked> port=1"),
    (f"Server=h;Uid=ada;Pwd={NEEDLE};AccountKey={NEEDLE}==;", "Server=h;Uid=ada;Pwd=<masked>;AccountKey=<masked>;"),
    (f"GET /?api_key={NEEDLE}&b=1", "GET /?api_key=<masked>&b=1"),
    (f'{{"token": "{NEEDLE}"}}', '{"token": "<masked>"}'),
    (f'{{\\"accessToken\\": \\"{NEEDLE}\\"}}', '{\\"accessToken\\": \\"<masked>\\"}'),
    (f"User(name='ada', password='a b\\'{NEEDLE}', rows=3)", "User(name='ada', password='<masked>', rows=3)"),
    (f"{{b'set-cookie': b'{NEEDLE}'}}", "{b'set-cookie': b'<masked>'}"),
    (f"wrong password: {NEEDLE}", "wrong password: <masked>"),
    (f"client_secret = {NEEDLE}", "client_secret = <masked>"),
    (f"x='token={NEEDLE}'", "x='token=<masked>'"),
    (f"password=token={NEEDLE}", "password=<masked>"),
    # Too long for a count.
    ("tokens=411111111111", "tokens=<masked>"),
]
PLAIN_TEXTS = [
    "Unexpected token: name, see https://example.org/a@b",
    "http://localhost:8501/a@b and ada@example.org",
    "Basic settings, basic options and Basic Authentication",
    "tokens=1200 prompt_tokens: 12 has_token=no",
    "Opened C:/data@home, C:\\data\\tokens.csv at 12:00:01, rows=3",
    "passport=C01X00T47",
]


@pytest.mark.parametrize(("text", "masked"), TEXTS)
def test_a_secret_in_a_text_is_masked_wherever_the_text_is(text: str, masked: str) -> None:
    assert mask_text(text) == masked
    assert mask_text(masked) == masked
    assert coerce_text(text, MAX_MESSAGE) == masked
    assert coerce_extra({"a": text, "error": ValueError(text), "b": [1, text.encode(), {"c": Path(text)}]}) == {
        "a": masked, "error": masked, "b": [1, masked, {"c": str(Path(masked))}],
    }  # fmt: skip


@pytest.mark.parametrize("text", PLAIN_TEXTS)
def test_a_text_that_has_only_the_look_of_one_is_left_alone(text: str) -> None:
    assert mask_text(text) == text


@dataclass
class Login:
    name: str
    password: str


@pytest.mark.parametrize(
    "value",
    [
        Login("ada", NEEDLE), [Login("ada", NEEDLE)], {b"password": NEEDLE}, {("password", 1): NEEDLE},
        {f"password={NEEDLE}": 1}, {f"password={NEEDLE}"}, KeyError({"token": NEEDLE}), f"é password={NEEDLE}",
        ExceptionGroup("token=" + NEEDLE, [ValueError(1)]), {"a": {"b": [[{"apiKey": [NEEDLE]}]]}},
    ],
)  # fmt: skip
def test_no_wrapping_lets_a_secret_out(value: object) -> None:
    assert NEEDLE.encode() not in framed({"value": value})


@pytest.mark.parametrize("beside", range(MAX_BYTES - 60, MAX_BYTES + 2, 3))
def test_a_secret_that_the_end_of_an_event_cuts_is_masked_first(beside: int) -> None:
    for secret in (f" https://ada:{NEEDLE}@h", f" password='{NEEDLE}'", f" Bearer {NEEDLE}"):
        assert b"hunter" not in framed({"text": "x" * (beside - len(secret)) + secret})
        assert "hunter" not in coerce_text("x" * (beside - MAX_BYTES + MAX_MESSAGE - len(secret)) + secret, MAX_MESSAGE)


@pytest.mark.parametrize("piece", ["://a:", "password=", "a" * 50, "'\"=: ", "Bearer a", "://", "a:", '\\"x\\"=\\"'])
def test_looking_through_texts_takes_no_longer_than_they_are_long(piece: str) -> None:
    text = piece * (MAX_BYTES // len(piece))
    begun = thread_time()
    coerce_extra({"texts": [text] * 1_000})
    assert thread_time() - begun < SLOW_S


def test_the_users_own_names_are_masked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    names, complaint = parse_names("iban, customer_no,,")
    assert names == {"_iban_", "_customer_no_"}
    assert not complaint
    monkeypatch.setattr(masking, "_own_names", names)
    assert mask_text("old-customer-no: 17, iban=DE02, rows=3") == "old-customer-no: <masked>, iban=<masked>, rows=3"
    judge = is_secret.__wrapped__
    assert [judge(name) for name in ("IBAN", "customerNo", "old-customer-no", "customer")] == [True, True, True, False]


def test_a_list_with_wrong_commas_is_said_once_and_masks_what_it_can() -> None:
    program = (
        "from gui.audit.coerce import MAX_BYTES, MAX_MESSAGE, coerce_extra, coerce_text\n"
        "print([coerce_extra({'iban': None, 'customer_no': 2, 'rows': 3}) for _ in range(2)][-1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={masking.SETTING: "iban;customer_no"}, capture_output=True, check=True,
        text=True,
    )  # fmt: skip
    assert done.stdout == "{'iban': '<masked>', 'customer_no': '<masked>', 'rows': 3}\n"
    assert done.stderr.count(masking.SETTING) == 1
    assert "names with commas between them, as in iban,customer_no" in done.stderr
