"""The bytes of a part and their compressed form, RFC 8878, block by block. Pure: takes blocks, gives blocks.

- Memory is bounded by BLOCK and the window, whatever the compressed bytes say: they may have been made to fill it.
- What was cut or changed is told from what is whole: a frame carries the checksum of what it holds.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from shared.errors import AuditError

if TYPE_CHECKING:
    from sidecar.zstd import library as zstd

BLOCK = 1 << 17

# Measured on logs: a fifth of the size at 290 MB/s. The hashes do not compress; levels 3 to 15 leave more, at 120 to 5 MB/s.
_LEVEL = 1
# 8 MiB, what RFC 8878 asks every reader to accept; `zstd -19` needs no more.
_WINDOW_LOG_MAX = 23


class BrokenError(AuditError):
    """Compressed bytes were cut or changed; says what is wrong with them."""


def compressed(blocks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Compress `blocks`, `size` bytes in all, into one frame that carries their checksum."""
    from sidecar.zstd import library as zstd  # noqa: PLC0415 - see there

    option = zstd.CompressionParameter
    compressor = zstd.ZstdCompressor(options={option.compression_level: _LEVEL, option.checksum_flag: 1})
    compressor.set_pledged_input_size(size)
    for block in blocks:
        yield compressor.compress(block)
    yield compressor.flush()


def content_size(begin: bytes) -> int:
    """How many bytes the frame that begins so says are in it, -1 where it does not say."""
    from sidecar.zstd import library as zstd  # noqa: PLC0415 - see there

    try:
        size: int | None = zstd.get_frame_info(begin).decompressed_size  # the stubs do not know that it may be missing
    except zstd.ZstdError:
        return -1
    return -1 if size is None else size


def decompressed(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Give back what was compressed, in blocks of at most BLOCK bytes. Raises BrokenError behind what is still whole."""
    from sidecar.zstd import library as zstd  # noqa: PLC0415 - see there

    options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _WINDOW_LOG_MAX}
    frame, began = None, False
    try:
        for block in blocks:
            rest = block
            while rest:
                frame = frame or zstd.ZstdDecompressor(options=options)
                began = True
                yield from _drain(frame, rest)
                # Other tools write several frames, one behind the other.
                rest, frame = (frame.unused_data, None) if frame.eof else (b"", frame)
    except zstd.ZstdError as error:
        raise BrokenError(str(error).rpartition(": ")[2]) from error
    if frame is not None or not began:
        raise BrokenError("the end is missing")


def _drain(frame: "zstd.ZstdDecompressor", data: bytes) -> Iterator[bytes]:
    while True:
        if piece := frame.decompress(data, BLOCK):
            yield piece
        if frame.eof or frame.needs_input:
            return
        data = b""
