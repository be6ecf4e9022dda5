"""What a JetStream server takes for many desks, measured on this machine: `python -m tests.benchmarks.forward_scale`.

The constants that sidecar/forward/SCALE.md reckons with. `--only NAME…` measures some of them: bytes, subjects, window, connections,
publish, replicas, collisions, reading, verify. `--small`: whether it works, not what it takes.
"""

import argparse
import asyncio
import json
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psutil

from shared.chain import GENESIS, event_body, head_of
from sidecar.forward.lane import EXPECTED_SEQUENCE, MESSAGE_ID, Lane, Message, Next, Position, Stored
from sidecar.forward.link import Link
from sidecar.forward.subject import message_id, subject_of
from sidecar.forward.target import Target
from sidecar.verify.check import Part, check_log
from tests.benchmarks import machine
from tests.benchmarks.long_log import RUN, START, STEP, write_log
from tests.forward.nats_server import BINARY, STREAM, Server, free_port

HOST = "desk"
WIDTH = 256
MINUTE_NS, NO_WINDOW_NS = 60_000_000_000, 100_000_000


class Size(NamedTuple):
    """How many lines, subjects and concurrent desks are tried."""

    lines: int = 100_000
    subjects: tuple[int, ...] = (10_000, 100_000)
    desks: tuple[int, ...] = (1, 4, 16, 64)
    each_desk: int = 8_000
    connections: int = 500
    log_bytes: int = 64 * 1024 * 1024


SMALL = Size(2_000, (100, 1_000), (1, 4), 200, 50, 1024 * 1024)


class Wire:
    """A client that speaks the protocol itself, so that the server is measured and not the client's library."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._file = self._socket.makefile("rb")
        self._file.readline()
        options = {"verbose": False, "headers": True, "no_responders": True}
        self._socket.sendall(b"CONNECT %b\r\nSUB inbox.* 1\r\n" % json.dumps(options).encode())

    def publish_acknowledged(self, messages: Sequence[tuple[str, Message]]) -> list[int]:
        """Send these, and wait for the sequence number of each. Raises KeyError for one that is refused."""
        self._socket.sendall(b"".join(_encoded(subject, message, "inbox.1") for subject, message in messages))
        return [json.loads(self._answer())["seq"] for _ in messages]

    def ping(self) -> None:
        """Wait until the server has read all that was sent."""
        self._socket.sendall(b"PING\r\n")
        while not self._file.readline().startswith(b"PONG"):
            pass

    def _answer(self) -> bytes:
        while not (line := self._file.readline()).startswith((b"MSG", b"HMSG")):
            if line.startswith(b"PING"):
                self._socket.sendall(b"PONG\r\n")
        return self._file.read(int(line.split()[-1]) + 2)

    def close(self) -> None:
        self._file.close()
        self._socket.close()


def _encoded(subject: str, message: Message, reply: str) -> bytes:
    headers = "".join(f"{key}: {value}\r\n" for key, value in message.headers.items())
    head = f"NATS/1.0\r\n{headers}\r\n".encode()
    size = len(head) + len(message.body)
    return b"HPUB %b %b %d %d\r\n%b%b\r\n" % (subject.encode(), reply.encode(), len(head), size, head, message.body)


def lines_of(size: int) -> Iterator[bytes]:
    """The lines of a run, about `size` bytes each, with their chain."""
    head, seq = GENESIS, 0
    while True:
        seq += 1
        extra: dict[str, object] = {"filename": f"customers {seq % 4099}.csv", "rows": seq * 7919 % 1_000_003}
        body = event_body(START + seq * STEP, "info", "tool_run", "a1b2c3d4", f"Did thing number {seq}", extra, seq)
        missing = size - len(body) - len(head) - len(',"prev":""}') - len(',"detail":""')
        if missing > 0:
            # Words, as texts of people are.
            words = " ".join(f"column{seq * at % 1009}" for at in range(1, missing // 4))
            extra["detail"] = words[:missing]
            body = event_body(START + seq * STEP, "info", "tool_run", "a1b2c3d4", f"Did thing number {seq}", extra, seq)
        line = b'%b,"prev":"%b"}' % (body, head.encode())
        head = head_of(line)
        yield line


def bursts(size: int, count: int) -> Iterator[list[Message]]:
    """What a lane sends of such lines, as long as all is stored."""
    lane, source = Lane(HOST, RUN, STREAM), lines_of(size)
    sent = 0
    while sent < count:
        lines = [next(source) for _ in range(min(lane.width, count - sent))]
        yield lane.burst(lines)
        sent += len(lines)
        lane.settle([Stored(sent - len(lines) + at) for at in range(1, len(lines) + 1)])


def server_with(stack: ExitStack, **config: object) -> Server:
    server = Server(stack, Path(stack.enter_context(TemporaryDirectory(dir="/var/tmp"))) / "nats").start()
    server.wait_listening().make_stream(**config)
    return server


def memory_of(server: Server) -> int:
    """Resident bytes of the server's process."""
    return next(
        int(each.memory_info().rss)
        for each in psutil.Process().children(recursive=True)
        if str(server._root / "server.conf") in each.cmdline()
    )


def measure_bytes(size: Size) -> None:
    """What a line takes in a file store, with and without compression."""
    for line_bytes in (300, 400, 600, 1000):
        found, mean = [], 0.0
        for compression in ("none", "s2"):
            with ExitStack() as stack:
                server = server_with(stack, compression=compression)
                wire = Wire(server.port)
                total = 0
                for burst in bursts(line_bytes, size.lines):
                    total += sum(len(each.body) for each in burst)
                    wire.publish_acknowledged([(subject_of("audit", HOST, RUN), each) for each in burst])
                wire.close()
                mean = total / size.lines
                # Compressed is what is full, blocks of 8 MB; and after a restart all.
                server.kill()
                disk = sum(path.stat().st_size for path in server._root.rglob("*.blk"))
                found.append(f"{compression} {disk / size.lines:.0f}")
        print(f"bytes: lines of {mean:.0f}: {', '.join(found)} bytes a message in the file store", flush=True)


def measure_subjects(size: Size) -> None:
    """What a subject takes of the server's memory, and a question for its last message of time."""
    with ExitStack() as stack:
        server = server_with(stack, duplicate_window=NO_WINDOW_NS)
        wire = Wire(server.port)
        line = next(lines_of(400))
        begin, made = memory_of(server), 0
        for many in size.subjects:
            while made < many:
                runs = [f"20261123T153000Z-{number:08x}" for number in range(made, min(made + WIDTH, many))]
                wire.publish_acknowledged(
                    [
                        (subject_of("audit", HOST, run), Message({MESSAGE_ID: message_id(HOST, run, 1, 1)}, line))
                        for run in runs
                    ]
                )
                made += len(runs)
            # What is kept for deduplication goes, and the garbage.
            time.sleep(5)
            held = memory_of(server) - begin

            async def look_up(client: "object", upto: int = made) -> float:
                begun = time.perf_counter()
                for number in range(0, upto, max(upto // 200, 1)):
                    subject = subject_of("audit", HOST, f"20261123T153000Z-{number:08x}")
                    question = json.dumps({"last_by_subj": subject}).encode()
                    await client.request(f"$JS.API.STREAM.MSG.GET.{STREAM}", question)  # type: ignore[attr-defined]
                return (time.perf_counter() - begun) / len(range(0, upto, max(upto // 200, 1)))

            asked = server.use(look_up)
            print(
                f"subjects: {many:,}: {held / many:.0f} bytes of memory each, {asked * 1e3:.2f} ms to ask for a last line",
                flush=True,
            )
        wire.close()
        server.kill()
        begun = time.perf_counter()
        server.start().wait_listening().count()
        print(f"subjects: with {made:,} of them back after a kill in {time.perf_counter() - begun:.1f} s", flush=True)


def measure_window(size: Size) -> None:
    """What an id in the deduplication window takes of memory: the same with a window and without."""
    held = []
    for window in (NO_WINDOW_NS, 60 * MINUTE_NS):
        with ExitStack() as stack:
            server = server_with(stack, duplicate_window=window)
            wire, begin = Wire(server.port), memory_of(server)
            for burst in bursts(400, 4 * size.lines):
                wire.publish_acknowledged([(subject_of("audit", HOST, RUN), each) for each in burst])
            time.sleep(5)
            held.append(memory_of(server) - begin)
            wire.close()
    print(f"window: {(held[1] - held[0]) / (4 * size.lines):.0f} bytes of memory for each id in it", flush=True)


def measure_connections(size: Size) -> None:
    """What a connection takes of the server's memory, and how fast they come."""
    with ExitStack() as stack:
        server = server_with(stack)
        begin, begun = memory_of(server), time.perf_counter()
        wires = [Wire(server.port) for _ in range(size.connections)]
        for wire in wires:
            wire.ping()
        taken = time.perf_counter() - begun
        held = memory_of(server) - begin
        for wire in wires:
            wire.close()
    print(
        f"connections: {held / len(wires):.0f} bytes of memory each, {len(wires) / taken:,.0f} a second, without TLS",
        flush=True,
    )


def measure_publish(size: Size) -> None:
    """How many lines a second a server takes from one lane: in bursts, and one by one."""
    for name, storage in (("file", {}), ("memory", {"storage": "memory"})):
        with ExitStack() as stack:
            server = server_with(stack, **storage)
            report(f"publish: R1, {name} store", server.port, size.lines)


def measure_replicas(size: Size) -> None:
    """The same with three servers, each of which must have a line."""
    with ExitStack() as stack:
        port = cluster(stack)
        report("replicas: R3, file store, three servers here", port, size.lines)


def report(name: str, port: int, lines: int) -> None:
    ready = [[(subject_of("audit", HOST, RUN), each) for each in burst] for burst in bursts(400, lines)]
    wire = Wire(port)
    begun = time.perf_counter()
    for burst in ready:
        wire.publish_acknowledged(burst)
    in_bursts = lines / (time.perf_counter() - begun)
    alone = [
        ("audit.other.run", Message({MESSAGE_ID: f"x{number}", EXPECTED_SEQUENCE: ""}, next(lines_of(400))))
        for number in range(min(lines, 2_000))
    ]
    last = 0
    begun = time.perf_counter()
    for subject, message in alone:
        message.headers[EXPECTED_SEQUENCE] = str(last)
        (last,) = wire.publish_acknowledged([(subject, message)])
    one_by_one = len(alone) / (time.perf_counter() - begun)
    wire.close()
    print(f"{name}: {in_bursts:,.0f} lines/s in bursts of {WIDTH}, {one_by_one:,.0f} one by one", flush=True)


def cluster(stack: ExitStack) -> int:
    """Three servers with a stream of three replicas; the port of the stream's leader."""
    root = Path(stack.enter_context(TemporaryDirectory(dir="/var/tmp")))
    routes = [free_port() for _ in range(3)]
    urls = ", ".join(f'"nats://127.0.0.1:{each}"' for each in routes)
    servers = [
        Server(
            stack,
            root / f"n{number}",
            f'server_name: n{number}\ncluster {{ name: c, listen: "127.0.0.1:{route}", routes: [{urls}] }}',
        )
        for number, route in enumerate(routes)
    ]
    for server in servers:
        server.start()
    for server in servers:
        server.wait_listening()
    servers[0].make_stream(num_replicas=3)
    leader = servers[0].api(f"STREAM.INFO.{STREAM}")["cluster"]["leader"]
    return servers[int(leader[1:])].port


def measure_collisions(size: Size) -> None:
    """How fast desks catch up at once, with the project's own lanes: all into one stream, and a stream for each."""
    for desks in size.desks:
        for streams in sorted({1, desks}):
            with ExitStack() as stack:
                server = server_with(stack, subjects=["audit.d0.>"] if streams > 1 else ["audit.>"])
                for number in range(1, streams):
                    config = {"name": f"S{number}", "subjects": [f"audit.d{number}.>"], "storage": "file"}
                    server.api(f"STREAM.CREATE.S{number}", config)
                taken, sent, stored = asyncio.run(catch_up(server.url, desks, size.each_desk // min(desks, 8)))
            print(
                f"collisions: {desks} desks, {streams} streams: {stored / taken:,.0f} lines/s stored, "
                f"{1 - stored / sent:.0%} of what was sent refused",
                flush=True,
            )


async def catch_up(url: str, desks: int, each: int) -> tuple[float, int, int]:
    """Seconds, messages sent, lines stored."""
    source = lines_of(400)
    lines = [next(source) for _ in range(each)]
    targets = [Target((url,), host=f"d{number}") for number in range(desks)]
    links = [await Link.connect(target, url) for target in targets]

    async def send(number: int, link: Link) -> int:
        # Ids are of the whole stream.
        run = f"20261123T153000Z-{number:08x}"
        lane, sent = Lane(targets[number].host, run, link.stream), 0
        lane.begin(Position())
        while lane.position.line < each:
            burst = lane.burst(lines[lane.position.line :][: lane.width])
            sent += len(burst)
            settled = lane.settle(await link.publish(targets[number].subject(run), burst))
            if settled.next is not Next.GO_ON:
                raise RuntimeError(f"{settled}")
        return sent

    begun = time.perf_counter()
    sent = await asyncio.gather(*(send(number, link) for number, link in enumerate(links)))
    taken = time.perf_counter() - begun
    for link in links:
        await link.close()
    return taken, sum(sent), desks * each


def measure_reading(size: Size) -> None:
    """How fast a stream is read back, by a client in Python."""
    with ExitStack() as stack:
        server = server_with(stack)
        wire = Wire(server.port)
        for burst in bursts(400, size.lines):
            wire.publish_acknowledged([(subject_of("audit", HOST, RUN), each) for each in burst])
        wire.close()
        begun = time.perf_counter()
        read = sum(map(len, server.lines().values()))
        print(
            f"reading: {read / (time.perf_counter() - begun):,.0f} lines/s by an ordered consumer in Python", flush=True
        )


def measure_verify(size: Size) -> None:
    """How many lines a second of one core are checked as `verify` does, and how fast the hash alone is."""
    with TemporaryDirectory(dir="/var/tmp") as directory:
        audit = Path(directory) / "audit"
        write_log(audit, size.log_bytes)
        lines = [line for path in sorted(audit.iterdir())[:1] for line in path.read_bytes().split(b"\n")[:-1]]
    part = Part("stream", RUN, 1, lambda: [(lines, True)])
    begun = time.process_time()
    found = check_log([part])
    checked = time.process_time() - begun
    if found.findings:
        raise RuntimeError(found.findings)
    begun = time.process_time()
    for line in lines:
        head_of(line)
    hashed = time.process_time() - begun
    mean = sum(map(len, lines)) / len(lines)
    print(
        f"verify: lines of {mean:.0f}: {len(lines) / checked:,.0f} lines/s a core, the hash alone {len(lines) / hashed:,.0f}",
        flush=True,
    )


MEASURES: dict[str, Callable[[Size], None]] = {
    "bytes": measure_bytes,
    "subjects": measure_subjects,
    "window": measure_window,
    "connections": measure_connections,
    "publish": measure_publish,
    "replicas": measure_replicas,
    "collisions": measure_collisions,
    "reading": measure_reading,
    "verify": measure_verify,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.forward_scale", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(MEASURES), default=list(MEASURES), metavar="NAME")
    parser.add_argument("--small", action="store_true")
    arguments = parser.parse_args()
    if BINARY is None:
        print("nats-server is not installed (the group dev has it).", file=sys.stderr)
        return 2
    print("\n".join(machine.look().lines()), flush=True)
    for name in arguments.only:
        MEASURES[name](SMALL if arguments.small else Size())
    return 0


if __name__ == "__main__":
    sys.exit(main())
