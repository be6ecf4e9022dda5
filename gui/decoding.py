"""Bytes of a text file to text, and the name of the encoding they were in. Pure.

- A byte-order mark decides. Without one UTF-8 is tried strictly, and only then is anything guessed.
- A guess is made from lines that hold more than ASCII: the others say nothing about the encoding.
- Decoding is always strict: what cannot be decoded is refused, never replaced.
"""

import codecs
import re

from charset_normalizer import from_bytes

from gui.table_error import TableError

# The longer mark first: UTF-32's little-endian mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf_8", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf_32_le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf_32_be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf_16_le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf_16_be", "UTF-16"),
)
_NAMES = {
    "cp1252": "Windows-1252", "cp1250": "Windows-1250", "cp1251": "Windows-1251", "cp1253": "Windows-1253",
    "cp1254": "Windows-1254", "cp1255": "Windows-1255", "cp1256": "Windows-1256", "cp1257": "Windows-1257",
    "koi8_r": "KOI8-R", "mac_roman": "Mac Roman", "cp932": "Shift JIS", "euc_jp": "EUC-JP",
    "gb18030": "GB 18030", "big5": "Big5", "cp949": "Korean (CP949)",
}  # fmt: skip
_KINDS = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
)
# C0 controls that no text file holds; tab, line feed, vertical tab, form feed and carriage return may be there.
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f]")
# What many programs write under the name .xls is one of these.
_MARKUP = re.compile(rb"\s*<(!doctype html|html|!--|table|body|\?xml)", re.IGNORECASE)
# No heading begins so.
_JSON = re.compile(rb"\s*(?:\{\s*\"|\[\s*[\[{])")
_SAMPLE_BYTES = 64 * 1024
_SAVE_AS = 'Save it as "CSV UTF-8" and upload it again.'


def decode(data: bytes) -> tuple[str, str]:
    """Text of `data` without its byte-order mark, and the encoding's name for people. Raises TableError."""
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            return _checked(_decode_marked(data[len(mark) :], codec, name)), name
    _refuse_known_kinds(data)
    if b"\0" in data:
        return _checked(_decode_unmarked_utf16(data)), "UTF-16"
    try:
        return _checked(data.decode("utf_8")), "UTF-8"
    except UnicodeDecodeError:
        return _guess(data)


def _decode_marked(data: bytes, codec: str, name: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise TableError(
            f"The file says that it is {name}, but byte {error.start:,} is not. It may be cut off. {_SAVE_AS}"
        ) from error


def _decode_unmarked_utf16(data: bytes) -> str:
    """UTF-16 of mostly Western text shows a NUL in nearly every second byte; any other NUL means a binary file."""
    sample = data[:_SAMPLE_BYTES]
    half = max(len(sample) // 2, 1)
    for codec, nuls in (("utf_16_le", sample[1::2].count(0)), ("utf_16_be", sample[::2].count(0))):
        if nuls > 0.4 * half:
            return _decode_marked(data, codec, "UTF-16")
    raise TableError("This is a binary file, not a table: it holds NUL bytes. Upload a CSV or an XLSX file.")


def _refuse_known_kinds(data: bytes) -> None:
    if match := _MARKUP.match(data):
        kind = "an XML file" if match[1] == b"?xml" else "a web page"
        raise TableError(
            f"This is {kind}, not a table. Open it in Excel or LibreOffice, save it as CSV, and upload that."
        )
    if _JSON.match(data):
        raise TableError("This is a JSON file, not a table. Turn it into a CSV and upload that.")
    for magic, kind in _KINDS:
        if data.startswith(magic) and (len(magic) > 2 or _CONTROLS.search(data[:64].decode("latin_1"))):  # noqa: PLR2004 two letters can begin a CSV
            raise TableError(f"This is {kind}, not a table. Upload a CSV or an XLSX file.")


def _guess(data: bytes) -> tuple[str, str]:
    for codec in _candidates(_telling_lines(data)):
        try:
            return _checked(data.decode(codec)), _NAMES[codec]
        except UnicodeDecodeError:
            continue
    raise TableError(f"The encoding of this file could not be found out. {_SAVE_AS}")


def _candidates(sample: bytes) -> list[str]:
    """Codecs to try, the likeliest first."""
    western = sample.decode("cp1252", "replace")
    best = from_bytes(sample, cp_isolation=list(_NAMES), enable_fallback=False).best()
    # Excel in the West writes Windows-1252. It wins where the guess reads the same text, and where there is no letter to
    # guess by but only a currency sign or a dash.
    if best is None or str(best) == western or not any(c.isalpha() and not c.isascii() for c in western):
        return ["cp1252", *([best.encoding] if best else [])]
    return [best.encoding, "cp1252"]


def _telling_lines(data: bytes) -> bytes:
    lines = bytearray()
    for line in data.splitlines(keepends=True):
        if not line.isascii():
            lines += line[:_SAMPLE_BYTES]
            if len(lines) > _SAMPLE_BYTES:
                break
    return bytes(lines)


def _checked(text: str) -> str:
    match = _CONTROLS.search(text)
    if match is None:
        return text
    line = text.count("\n", 0, match.start()) + 1
    raise TableError(
        f"Line {line:,} holds a control character (U+{ord(match[0]):04X}), so this is a binary file or a damaged "
        f"one. {_SAVE_AS}"
    )
