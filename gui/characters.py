"""What can be wrong with the characters of one text, how to see it, and how to mend it. Pure.

- Each trouble has a test and a cure here, and the analysis and the cleaning both use them.
- A cure changes nothing but its own trouble; where taking a character away would change a word, it stays.
"""

import re
import unicodedata

from ftfy import TextFixerConfig, fix_encoding
from ftfy.badness import is_bad

SPACE_TROUBLE = re.compile(r"^\s|\s\Z|[^\S\r\n]{2}|[^\S\r\n ]")
SMART_QUOTES = re.compile("[\u2018-\u201f]")

# A joiner belongs between letters of Arabic, Indic and other scripts and inside emoji; behind Latin, Greek and Cyrillic
# it is rubbish from the web. The rest of the set never shows.
ZERO_WIDTH = re.compile("[\u00ad\u200b\u2060\ufeff]|(?<![\u0530-\u1fff\u2070-\U0010ffff])[\u200c\u200d]")

# Bytes above ASCII come in groups of two to four, decoded one by one (the last may have turned into a plain space), or
# one is left as a C1 control. Ten times faster than asking ftfy about each accented letter.
_MAYBE_MOJIBAKE = re.compile(r"[^\x00-\x7f](?:[^\x00-\x7f]| )|[\x80-\x9f]")
# Given by name: to make one for each text takes as long as the mending.
_FTFY = TextFixerConfig(explain=False)
_FTFYS_OWN = re.compile(rb"[\x1a\xc0\xed]")
_SPACES = re.compile(r"[^\S\r\n]+")
_STRAIGHT = str.maketrans("\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f", "''''\"\"\"\"")
_WORD_START = re.compile(r"(?:^|[\s(/-])\w")
# Anything that a reader cannot tell from a plain space or from nothing.
_UNSEEN = re.compile("[^\\S ]|[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]|[\u0300-\u036f]|^ +| +\\Z| {2,}")
_SYMBOLS = {"\t": "⇥", "\n": "⏎", "\r": "⏎", "\u00a0": "⍽"}


def is_mojibake(text: str) -> bool:
    """Whether `text` was decoded as the wrong encoding somewhere and can be decoded back."""
    return fix_mojibake(text) != text


def is_decomposed(text: str) -> bool:
    """Whether `text` is not in Unicode NFC: looks like another text, but does not equal it."""
    return not unicodedata.is_normalized("NFC", text)


def fix_mojibake(text: str) -> str:
    """Undo a wrong decoding, where there was one."""
    if not (_MAYBE_MOJIBAKE.search(text) and is_bad(text)):
        return text
    return _decoded_again(text) or fix_encoding(text, _FTFY)


def _decoded_again(text: str) -> str | None:
    """What `fix_encoding` makes of the usual case, UTF-8 read as Windows-1252 once, at a third of its time."""
    for encoding in ("latin_1", "sloppy-windows-1252"):
        try:
            encoded = text.encode(encoding)
        except UnicodeEncodeError:
            continue
        try:
            decoded = encoded.decode("utf_8")
        except UnicodeDecodeError:
            return None
        # Bytes that ftfy decodes in ways of its own, and what was broken twice.
        return None if _FTFYS_OWN.search(encoded) or is_bad(decoded) else decoded
    return None


def straighten_quotes(text: str) -> str:
    """Turn curly quotes into the two straight ones."""
    return text.translate(_STRAIGHT)


def drop_zero_width(text: str) -> str:
    """Take out characters that have no width and no meaning where they stand."""
    return ZERO_WIDTH.sub("", text)


def compose(text: str) -> str:
    """Bring `text` to Unicode NFC."""
    return unicodedata.normalize("NFC", text)


def collapse_spaces(text: str) -> str:
    """Make each run of spaces, tabs and special spaces one space; line breaks stay."""
    return _SPACES.sub(" ", text)


def title_case(text: str) -> str:
    """Each word with one capital; unlike `str.title`, "it's" stays one word."""
    return _WORD_START.sub(lambda match: match[0].upper(), text.lower())


def visible(text: str, limit: int = 80) -> str:
    """Show `text` with what cannot be seen made visible, in at most about `limit` characters."""
    shown = text[: limit + 1]
    shown = _UNSEEN.sub(lambda match: _show(match[0]), shown)
    return f"{shown[:limit]}…" if len(shown) > limit or len(text) > limit else shown


def _show(run: str) -> str:
    if run[0] == " ":
        return "·" * len(run)
    if run in _SYMBOLS:
        return _SYMBOLS[run]
    return f"[U+{ord(run):04X}]"
