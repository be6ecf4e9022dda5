"""Text from elsewhere, made safe to show. Pure."""


def printable(text: str) -> str:
    """`text` without what a terminal would act on: control and other unprintable characters are escaped."""
    return text if text.isprintable() else "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
