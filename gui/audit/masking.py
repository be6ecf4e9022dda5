"""Which names stand for secrets, and what a secret looks like in a text.

- By name, at any depth: the value is replaced before anything is encoded, so it never leaves the process.
- A name is looked at word by word: `DB_PASSWORD`, `accessToken` and `x-api-key` are the same to it as `password`.
- A number of tokens is no token: yes, no and None are never masked, nor numbers where the name is a plural or a count.
- A text is looked through for names with values, which are judged by the same rule, for logins in URLs and `Bearer …`.
- The user's own names come from `DATATOOLS_AUDIT_MASK`, read once. What is wrong with it is said once, and masks anyway.
"""

import contextlib
import functools
import os
import re
import sys
import unicodedata

MASKED = "<masked>"
SETTING = "DATATOOLS_AUDIT_MASK"
# How much of a name is looked at for a secret's.
MAX_JUDGED = 400
# Digits; a number of so many is rather a key than a count.
_LONG = 12

# In `_customer_no_` and the like. Some are written as one word as often as two; a compass word is no password.
_CLEAR = re.compile(
    "password|passwd|passphrase|passcode|passkey|_pass_(?:word|phrase|code|key)"
    "|credential|authori[sz]ation|(?:api|private|secret|access|account|signing|encryption|master)_?keys?_"
)
# At the end of a word: a tokenizer and a secretary are none.
_ENDINGS = ("secret", "secrets", "token", "tokens", "cookie", "cookies", "pwd")
_WORDS = {"pass", "pw", "otp", "totp", "cvv", "cvc", "pin", "jwt", "bearer"}
# `auth=("ada", "…")`, and no `auth_method`.
_LAST_WORDS = {"auth"}
_COUNTS = {
    "count", "counts", "total", "length", "len", "size", "limit", "budget", "usage", "used", "left", "rate", "age", "ttl",
    "expiry", "expires",
}  # fmt: skip
_COUNTED = ("tokens", "secrets", "cookies", "passwords", "credentials", "keys")

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATORS = re.compile(r"[\W_]+")
_WRONG_SEPARATOR = re.compile(r"[^\w .,-]+")

# A login may have @ and, behind a colon that no port follows, / in it. A path has one / where a URL has two.
_LOGIN = re.compile(r"(?<=\w\w)(:/{1,2})(?:[^\s/?#'\"]{0,700}@|[^\s/@:]{1,200}:(?!\d{1,5}/)[^\s@'\"]{1,500}@)")
# Basic settings are no login; one is longer than a word, and has what no word has.
_BEARER = re.compile(
    r"(\b(?:[Bb]earer|BEARER)\s{1,3})[\w.~+/=-]{6,}|(\b[Bb]asic\s{1,3})(?=[a-z]*[A-Z0-9+/=])(?![A-Z]?[a-z]+\b)[\w+/-]{6,}={0,2}"
)
# `name=`, `"name": ` and `name: `, and what may stand in front of its value.
_NAME = re.compile(r"(?<![\w.-])([\w.-]{2,}+)(?:\s?=|(\\?['\"])\s?[:=]|\s?:)\s{0,2}(?:[Bb]earer |[Bb]asic |[Tt]oken )?")
_VALUE = re.compile(r"(?P<before>[bBrRuU]?(?P<quote>\\?['\"]))(?:(?!(?P=quote))(?:\\.|[^\\\n]))+|[^\s'\"&,;]+")
_WORDS_OF_YES_AND_NO = {"yes", "no", "true", "false", "none", "null"}


def may_hold_secret(text: str) -> bool:
    """Whether `mask_text` need look at `text`: without one of these signs it has no secret that would be recognised."""
    # Written out: any() would take three times as long, of each text of each event.
    return ":" in text or "=" in text or "earer" in text or "EARER" in text or "asic " in text


def mask_text(text: str) -> str:
    """`text` without what stands in it as `https://user:password@host`, `Bearer …`, `password=…` or `"token": "…"`."""
    if not may_hold_secret(text):
        return text
    text = _LOGIN.sub(rf"\1{MASKED}@", text)
    text = _BEARER.sub(lambda found: f"{found[1] or found[2]}{MASKED}", text)
    return _mask_values(text)


def _mask_values(text: str) -> str:
    pieces, done = [], 0
    for name in _NAME.finditer(text):
        value = _VALUE.match(text, name.end())
        if value is None or name.start() < done or not _hides_in_text(name, value[0]):
            continue
        pieces += [text[done : name.end()], value["before"] or "", MASKED]
        done = value.end()
    return "".join([*pieces, text[done:]])


def _hides_in_text(name: re.Match[str], value: str) -> bool:
    # `Unexpected token: name` is a sentence.
    is_sentence = ":" in name[0][len(name[1]) :] and not name[2]
    word = name[1][-MAX_JUDGED:]
    if is_sentence and not (_CLEAR.search(_normalise(word)) or _is_own(word)):
        return False
    return hides(word, _understand(value))


def _understand(value: str) -> object:
    if value.casefold() in _WORDS_OF_YES_AND_NO:
        return None
    return int(value) if value.isascii() and value.isdecimal() and len(value) < _LONG else value


def parse_names(setting: str) -> tuple[frozenset[str], str]:
    """The names in a comma-separated `setting`, normalised, and what is wrong with it, or nothing."""
    names = frozenset(filter(None, (_normalise(name) for name in _WRONG_SEPARATOR.sub(",", setting).split(","))))
    if not _WRONG_SEPARATOR.search(setting):
        return names, ""
    understood = ", ".join(sorted(name.strip("_") for name in names)) or "nothing"
    return names, (
        f"{SETTING} should be names with commas between them, as in iban,customer_no. Masked besides the usual: "
        f"{understood}."
    )


def hides(name: str, value: object) -> bool:
    """Whether `value`, which has this name, must not be recorded."""
    if not is_secret(name):
        return False
    # Of the user's own names nothing is told, not even whether there is a value.
    return _is_own(name) or not (value is None or isinstance(value, bool) or (_is_number(value) and _is_count(name)))


@functools.lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether this is a secret's name: all of its values but numbers, yes, no and None must not be recorded."""
    normal = _normalise(name)
    words = normal.strip("_").split("_")
    return (
        _CLEAR.search(normal) is not None
        or words[-1] in _LAST_WORDS
        or any(word in _WORDS or word.endswith(_ENDINGS) for word in words)
        or _is_own(name)
    )


def _is_own(name: str) -> bool:
    normal = _normalise(name)
    return any(own in normal for own in _own_names)


def _is_count(name: str) -> bool:
    """`tokens`, `token_count`, `prompt_tokens`, `max_tokens_per_call`, `password_length`."""
    words = _normalise(name).strip("_").split("_")
    return any(word in _COUNTS or word.endswith(_COUNTED) for word in words)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _normalise(name: str) -> str:
    """`_customer_no_` for `customerNo`, `Customer-No` and the like; nothing when there is no word in it."""
    plain = _CAMEL.sub("_", unicodedata.normalize("NFKC", name)).casefold()
    words = "_".join(filter(None, _SEPARATORS.split(plain)))
    return f"_{words}_" if words else ""


def _read_setting() -> frozenset[str]:
    names, complaint = parse_names(os.environ.get(SETTING, ""))
    if complaint:
        # A program without a terminal, or with a closed one, has nobody to tell.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            sys.stderr.write(f"datatools-audit: {complaint}\n")
    return names


_own_names = _read_setting()
