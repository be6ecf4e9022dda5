"""What a power cut leaves of that which was not fsynced: any of it, in any order; drawn anew for each file.

- The pages of a write reach the disk one by one or not at all, and one of them may be torn at any byte.
- The size of a file may be on the disk ahead of its bytes, which then read as zeros, or behind them.
- A truncation, and each name in a directory, is there or not, whatever came before or after it.
"""

from random import Random

from tests.fault.power_cut.nodes import Directory, File, Truncate, Write, put

PAGES = (16, 64, 512, 4096)


class Worst:
    """Leaves exactly what was fsynced."""

    def cut_file(self, file: File) -> str:
        """Leave what survives of `file`, which is durable then. Returns what became of it, empty if nothing was open."""
        if file.is_settled:
            return ""
        durable, size = len(file.durable), len(file.data)
        file.durable = self.content(file)
        file.data, file.pending = bytearray(file.durable), []
        zeros = file.data.count(0)
        return f"{durable} of its {size} bytes were durable, {len(file.data)} are left, {zeros} of them zeros"

    def cut_directory(self, directory: Directory) -> str:
        """Leave what survives of the names in `directory`."""
        if not directory.pending:
            return ""
        before, left = directory.names, self.names(directory)
        directory.names, directory.durable, directory.pending = left, dict(left), []
        changed = sorted(before.keys() ^ left.keys())
        return f"its last changes are lost: {', '.join(changed)}" if changed else "all its names are left"

    def content(self, file: File) -> bytearray:
        return bytearray(file.durable)

    def names(self, directory: Directory) -> dict[str, File | Directory]:
        return dict(directory.durable)


class Survival(Worst):
    """Draws by `random`."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def give_up(self, file: File) -> None:
        """An fsync of `file` fails: some of it is on the disk, and the rest is not tried again."""
        file.durable = self._scattered(file)
        file.pending = []

    def content(self, file: File) -> bytearray:
        draw = self._random.random()
        if draw < 0.1:
            return bytearray(file.durable)
        if draw < 0.2:
            file.settle()
            return file.durable
        if draw < 0.4:
            return self._in_order(file)
        return self._with_a_hole(file) if draw < 0.6 else self._scattered(file)

    def names(self, directory: Directory) -> dict[str, File | Directory]:
        names, share = dict(directory.durable), self._random.choice((0, 0.5, 1))
        for link in directory.pending:
            if self._random.random() < share:
                link.apply(names)
        return names

    def _in_order(self, file: File) -> bytearray:
        """Everything up to some operation, which is torn at some byte."""
        content, count = bytearray(file.durable), self._random.randrange(len(file.pending) + 1)
        for operation in file.pending[:count]:
            operation.apply(content)
        if count < len(file.pending) and isinstance(last := file.pending[count], Write):
            put(content, last.offset, last.data[: self._below(len(last.data))])
        return content

    def _with_a_hole(self, file: File) -> bytearray:
        """Everything but one page of what was written last."""
        content, before = bytearray(file.durable), bytearray(file.durable)
        for operation in file.pending:
            before = bytearray(content)
            operation.apply(content)
        if file.pending and isinstance(last := file.pending[-1], Write) and last.data:
            missing = self._random.choice(list(last.pages(self._random.choice(PAGES))))
            Truncate(len(content)).apply(before)
            end = missing.offset + len(missing.data)
            content[missing.offset : end] = before[missing.offset : end]
        return content

    def _scattered(self, file: File) -> bytearray:
        random = self._random
        content, sizes = bytearray(file.durable), [len(file.durable)]
        page, share = random.choice(PAGES), random.choice((0.1, 0.5, 0.9))
        for operation in file.pending:
            sizes.append(operation.size_behind(sizes[-1]))
            if isinstance(operation, Write):
                self._put_pages(content, [each for each in operation.pages(page) if random.random() < share])
            elif random.random() < 0.5:
                operation.apply(content)
        if random.random() < 0.6:
            between = min(sizes) + self._below(max(sizes) - min(sizes))
            Truncate(random.choice([*sizes, between])).apply(content)
        return content

    def _put_pages(self, content: bytearray, pages: list[Write]) -> None:
        if pages and self._random.random() < 0.5:
            torn = pages.pop(self._random.randrange(len(pages)))
            pages.append(Write(torn.offset, torn.data[: self._below(len(torn.data))]))
        for each in pages:
            put(content, each.offset, each.data)

    def _below(self, size: int) -> int:
        return self._random.randint(0, size)
