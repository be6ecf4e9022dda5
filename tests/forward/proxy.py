"""A TCP proxy that lets so many bytes through and then cuts both ways, in the middle of whatever is on its way."""

import asyncio
import contextlib
import threading
from typing import Self, cast

from tests.forward.nats_server import free_port


class Proxy:
    """`cuts` counts the connections that were cut; after `most_cuts` of them all goes through."""

    def __init__(self, port: int, bytes_each: list[int]) -> None:
        self.port = free_port()
        self.cuts = 0
        self._to = port
        self._left = list(bytes_each)
        self._serving: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", self.port), self._loop
        ).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        # Those that pass bytes are ended by those that serve a connection.
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving.add(cast("asyncio.Task[None]", asyncio.current_task()))
        left = self._left.pop(0) if self._left else -1
        writers = [writer]
        ways: list[asyncio.Task[None]] = []
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._to)
            writers.append(there_writer)
            ways.append(asyncio.create_task(self._pass(reader, there_writer, left)))
            ways.append(asyncio.create_task(self._pass(there_reader, writer, -1)))
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            self.cuts += left >= 0
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for each in writers:
                each.transport.abort()
                with contextlib.suppress(OSError):
                    await each.wait_closed()

    @staticmethod
    async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: int) -> None:
        with contextlib.suppress(OSError):
            while left and (data := await reader.read(65536)):
                piece = data if left < 0 else data[:left]
                left -= len(piece) if left > 0 else 0
                writer.write(piece)
                await writer.drain()
