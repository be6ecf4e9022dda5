"""Lines of a log without what is nobody else's business. Pure.

- What is taken out of a field is taken out of all of the same line, its message too. What another line says of it in words of its
  own stays: nobody can tell.
- Where a text holds the name of a file that no field tells, all of the text goes: a name may have spaces, and begin anywhere.
- A redacted line is a copy that no longer fits the chain. Its `prev` goes, too: with it, somebody could guess what was taken
  out of the line before, and see whether the guess is right.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

import msgspec

REDACTED = "<redacted>"
UNREADABLE = b'{"message":"<redacted: this line cannot be read>"}'

FILE_FIELDS = frozenset({"filename", "file", "file_name", "path"})
# Not those of logs and programs, which errors and repairs are told by.
_FILE_NAME = re.compile(
    r"\S\.(?:csv|tsv|txt|tab|dat|xlsx?|xlsm|xlsb|ods|odt|json|xml|html?|parquet|feather|arrow|sqlite|db|docx?|pdf|zip|gz|bz2|7z|zst)\b",
    re.IGNORECASE,
)
# What says when and where a line was written, and of no user's making.
_KEPT = frozenset({"ts", "seq", "last", "level"})
# Names that are in every log, or say nothing.
_PLAIN_NAMES = frozenset({*_KEPT, *FILE_FIELDS, "category", "session", "message", "prev"})

_decode = msgspec.json.Decoder(dict[str, object]).decode
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Redaction:
    """What is taken out: the values of `fields`, at any depth, and with `file_names` whatever is a file's name.

    `met` are those names that were in any line so far.
    """

    fields: frozenset[str] = frozenset()
    file_names: bool = False
    met: set[str] = field(default_factory=set, init=False, compare=False)

    def __bool__(self) -> bool:
        return bool(self.fields) or self.file_names

    def __call__(self, line: bytes) -> bytes:
        """Return `line`, which comes without its newline, without what is taken out."""
        try:
            record = _decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            # What is to be taken out may stand anywhere in it.
            return UNREADABLE
        names = {"prev", *self.fields, *(FILE_FIELDS if self.file_names else ())}
        taken: set[str] = set()
        rest = _without_fields(record, names, taken, self.met)
        cure = self._cure(taken)
        return _encode({name: value if name in _KEPT else _cured(value, cure) for name, value in _items(rest, cure)})

    def _cure(self, taken: Collection[str]) -> Callable[[str], str]:
        # Longest first: one may be the beginning of another.
        known = sorted(taken, key=len, reverse=True)

        def cure(text: str) -> str:
            # A pattern of all of them would be another one for each line, and compiled for each.
            held = [each for each in known if each in text]
            left = re.sub("|".join(map(_pattern, held)), REDACTED, text) if held else text
            return REDACTED if self.file_names and _FILE_NAME.search(left) else left

        return cure


def _without_fields(value: object, names: Collection[str], taken: set[str], met: set[str]) -> object:
    """`value` without what has one of `names`, whose texts are added to `taken`, and they themselves to `met`."""
    if isinstance(value, dict):
        found: dict[str, object] = {}
        for name, inner in value.items():
            if name in names:
                taken.update(_texts(inner))
                met.add(name)
                found[name] = REDACTED
            else:
                found[name] = _without_fields(inner, names, taken, met)
        return found
    return [_without_fields(inner, names, taken, met) for inner in value] if isinstance(value, list) else value


def _texts(value: object) -> Iterator[str]:
    """The texts and numbers in `value`, as a message would say them; of a dictionary its keys, too."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(name)
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from {str(value), f"{value:,}"}
    elif isinstance(value, str) and value.strip():
        yield from {value, value.strip()}


def _pattern(text: str) -> str:
    """Finds `text`; a number only where it is one, not within a longer one."""
    return rf"(?<!\d){re.escape(text)}(?!\d)" if text[-1:].isdecimal() and text[:1].isdecimal() else re.escape(text)


def _cured(value: object, cure: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return cure(value)
    if isinstance(value, dict):
        return {name: _cured(inner, cure) for name, inner in _items(value, cure)}
    return [_cured(inner, cure) for inner in value] if isinstance(value, list) else value


def _items(value: object, cure: Callable[[str], str]) -> Iterator[tuple[str, object]]:
    """The items of a dictionary, whose names may tell something, too; no two of them become one."""
    seen: set[str] = set()
    for name, inner in value.items() if isinstance(value, dict) else ():
        shown = name if name in _PLAIN_NAMES else cure(name)
        number = 1
        while shown in seen:
            number += 1
            shown = f"{REDACTED} {number}"
        seen.add(shown)
        yield shown, inner
