"""Which names stand for secrets, and what a secret looks like in the text of an error.

- By name, at any depth: the value is replaced before anything is encoded, so it never leaves the process.
- A name is looked at word by word: `DB_PASSWORD`, `accessToken` and `x-api-key` are the same to it as `password`.
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

# Within the name, its words joined.
_PARTS = ("password", "passwd", "passphrase", "credential", "authorization", "apikey", "privatekey", "accesskey")
# At the end of a word: a tokenizer and a secretary are none.
_ENDINGS = ("secret", "secrets", "token", "tokens", "cookie", "cookies", "pwd")
_WORDS = {"pass", "pw", "otp", "cvv"}

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATORS = re.compile(r"[\W_]+")
_WRONG_SEPARATOR = re.compile(r"[^\w .,-]+")

_IN_TEXT = re.compile(
    r"(?P<url>://)[^\s/@:]{0,200}(?::[^\s/@]{0,500})?@"
    r"|(?P<bearer>\b(?:Bearer|Basic)\s{1,3})[\w.~+/=-]{6,}"
    r"|(?P<pair>(?:passw(?:or)?d|pwd|secret|token|api[_-]?key)(?:\s?=\s?|['\"]\s?:\s?)['\"]?)[^\s'\"&,;]+",
    re.IGNORECASE,
)


def mask_text(text: str) -> str:
    """`text` without what stands in it as `https://user:password@host`, `Bearer …`, `password=…` or `"token": "…"`."""
    return _IN_TEXT.sub(_replace, text)


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


@functools.lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether what has this name must not be recorded."""
    normal = _normalise(name)
    words = normal.strip("_").split("_")
    joined = "".join(words)
    return (
        any(part in joined for part in _PARTS)
        or any(word in _WORDS or word.endswith(_ENDINGS) for word in words)
        or any(own in normal for own in _own_names)
    )


def _normalise(name: str) -> str:
    """`_customer_no_` for `customerNo`, `Customer-No` and the like; nothing when there is no word in it."""
    plain = _CAMEL.sub("_", unicodedata.normalize("NFKC", name)).casefold()
    words = "_".join(filter(None, _SEPARATORS.split(plain)))
    return f"_{words}_" if words else ""


def _replace(match: re.Match[str]) -> str:
    if match["url"]:
        return f"://{MASKED}@"
    return f"{match['bearer'] or match['pair']}{MASKED}"


def _read_setting() -> frozenset[str]:
    names, complaint = parse_names(os.environ.get(SETTING, ""))
    if complaint:
        # A program without a terminal, or with a closed one, has nobody to tell.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            sys.stderr.write(f"datatools-audit: {complaint}\n")
    return names


_own_names = _read_setting()
