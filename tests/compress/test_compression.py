"""Compressed bytes: what was put in comes out, or what is wrong is said."""

import tracemalloc
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.compression import BLOCK, BrokenError, compressed, decompressed
from sidecar.zstd import library as zstd
from tests.verify.logs import everything, joined

DATA = joined(everything())


def pack(*blocks: bytes) -> bytes:
    return b"".join(compressed(blocks, sum(map(len, blocks))))


def unpack(data: bytes, size: int = BLOCK) -> bytes:
    return b"".join(decompressed(data[start : start + size] for start in range(0, len(data), size)))


PACKED = pack(DATA)


@given(st.lists(st.binary(max_size=2000), max_size=20), st.integers(1, 500))
def test_what_was_put_in_comes_out_however_it_is_cut_into_blocks(blocks: list[bytes], size: int) -> None:
    assert unpack(pack(*blocks), size) == b"".join(blocks)


def test_one_byte_at_a_time_is_enough() -> None:
    assert unpack(PACKED, 1) == DATA


def test_what_the_zstd_program_writes_is_read() -> None:
    frames = zstd.compress(DATA[:1000], 19) + b"\x50\x2a\x4d\x18\x03\x00\x00\x00xyz" + zstd.compress(DATA[1000:])
    assert unpack(frames) == DATA
    assert unpack(frames, 7) == DATA


def test_a_cut_end_is_found_wherever_it_was_cut() -> None:
    for size in range(len(PACKED)):
        with pytest.raises(BrokenError, match="the end is missing"):
            unpack(PACKED[:size])


def test_any_flipped_bit_is_found_unless_it_changes_nothing() -> None:
    unseen = 0
    for index in range(len(PACKED)):
        for bit in range(8):
            flipped = PACKED[:index] + bytes([PACKED[index] ^ 1 << bit]) + PACKED[index + 1 :]
            try:
                found = unpack(flipped)
            except BrokenError:
                continue
            # Bits that no decoder looks at.
            assert found == DATA, (index, bit)
            unseen += 1
    assert unseen < len(PACKED) * 8 / 100


@pytest.mark.parametrize("more", [b"\n", b"junk", DATA, PACKED[:-1]])
def test_what_stands_behind_the_end_is_found(more: bytes) -> None:
    with pytest.raises(BrokenError):
        unpack(PACKED + more)


def test_what_is_whole_is_given_before_what_is_wrong_is_said() -> None:
    data = b"".join(b"line %d\n" % number for number in range(100_000))
    packed = pack(data)
    whole: list[bytes] = []
    with pytest.raises(BrokenError):
        whole.extend(decompressed([packed[: len(packed) // 2]]))
    assert data.startswith(b"".join(whole))
    assert sum(map(len, whole)) >= BLOCK


def peak_of(blocks: Iterable[bytes]) -> int:
    """Bytes that going through `blocks` takes at the most, beside zstd's own window."""
    tracemalloc.start()
    for _ in blocks:
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def zeros(count: int) -> Iterator[bytes]:
    return (bytes(BLOCK) for _ in range(count))


def test_a_bomb_is_read_in_bounded_memory() -> None:
    bomb = b"".join(compressed(zeros(1000), 1000 * BLOCK))
    assert len(bomb) < 1000 * BLOCK / 10_000
    assert sum(map(len, decompressed([bomb]))) == 1000 * BLOCK
    assert peak_of(decompressed([bomb])) < 10 * BLOCK
    assert max(map(len, decompressed([bomb]))) <= BLOCK


def test_a_frame_that_asks_for_too_much_memory_is_refused() -> None:
    options: dict[int, int] = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.content_size_flag: 0}
    compressor = zstd.ZstdCompressor(options=options)
    greedy = compressor.compress(DATA) + compressor.flush()
    with pytest.raises(BrokenError, match="too much memory"):
        unpack(greedy)


def test_compressing_takes_bounded_memory() -> None:
    assert peak_of(compressed(zeros(1000), 1000 * BLOCK)) < 10 * BLOCK
