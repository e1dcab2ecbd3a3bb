"""The agent of the Python kit for ``jackfield conformance``: a worker or a client that does what it is told.

docs/CONFORMANCE.md says what it speaks.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import time
import zlib
from collections.abc import Iterator, Sequence

from jackfield import AsyncClient, ErrorCode, Failure, Reply, Request, RequestFailed, Worker

_TEXT_MAX = 64
_STEP_S = 0.01
_FIXED_WORDS = 6


def sent(spec: str) -> list[bytes]:
    """Make the body parts that a line asks for."""
    return [
        bytes((i * 31 + 7) & 0xFF for i in range(256)) * (int(part[2:]) // 256)
        + bytes((i * 31 + 7) & 0xFF for i in range(int(part[2:]) % 256))
        if part.startswith("z:")
        else part[2:].encode()
        for part in spec.split("|")
    ]


def told(parts: Sequence[bytes]) -> str:
    """Write body parts on a line."""
    return "|".join(
        "t:" + part.decode()
        if len(part) <= _TEXT_MAX and all(0x20 < byte <= 0x7E and byte != ord("|") for byte in part)
        else f"z:{len(part)}:{zlib.crc32(part):08x}"
        for part in map(bytes, parts)
    )


def tell(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


def more_headers(headers: dict[str, str]) -> dict[str, str]:
    """Those that are meant for the other side of the test."""
    return {name: value for name, value in headers.items() if name.startswith("x-")}


class Services:
    """What a worker agent serves."""

    def __init__(self) -> None:
        self.cancelled = 0
        self.refusable = itertools.count()

    def echo(self, request: Request) -> Reply:
        return Reply(list(request.parts), headers=more_headers(dict(request.headers)))

    def parts(self, request: Request) -> Iterator[str | Reply]:
        for number in range(1, int(request.text) + 1):
            yield str(number)
        yield Reply("end", final=True)

    def exit(self, request: Request) -> Reply:
        return Reply("early", early_exit=True)

    def fail(self, request: Request) -> None:
        raise Failure(ErrorCode(int(request.text)), "asked to fail", hint="ask less")

    def refuse_once(self, request: Request) -> str:
        if next(self.refusable) % 2 == 0:
            raise Failure(ErrorCode.OVERLOADED, "asked to refuse")
        return "taken"

    def throw(self, request: Request) -> None:
        raise RuntimeError("thrown")

    def sleep(self, request: Request) -> str:
        end = time.monotonic() + int(request.text) / 1000
        while time.monotonic() < end:
            if request.cancelled:
                self.cancelled += 1
                raise Failure(ErrorCode.DEADLINE_EXCEEDED, "cancelled, or too late")
            time.sleep(_STEP_S)
        return "slept"

    def busy(self, request: Request) -> str:
        time.sleep(int(request.text) / 1000)
        return "done"

    def deadline(self, request: Request) -> str:
        return str(int((request.time_left or -1) * 1000))

    def seen(self, request: Request) -> str:
        return str(self.cancelled)


def work(endpoints: list[str], prefix: str, credit: int) -> None:
    """Serve until SIGTERM, then drain."""
    worker = Worker(endpoints, credit=credit)
    services = Services()
    for name in ("echo", "parts", "exit", "fail", "throw", "sleep", "busy", "deadline", "seen"):
        worker.add(f"{prefix}.{name}", getattr(services, name))
    worker.add(f"{prefix}.refuse-once", services.refuse_once)
    for name in ("echo", "sleep"):
        worker.add(f"{prefix}.{name}-again", getattr(services, name), idempotent=True)
    worker.run(on_ready=lambda: tell("ready"))


class ClientAgent:
    """Sends what lines say."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._calls: dict[str, asyncio.Task[None]] = {}

    def obey(self, words: list[str]) -> None:
        tag = words[1]
        if words[0] == "cancel":
            if tag in self._calls:
                self._calls[tag].cancel()
        else:
            self._calls[tag] = asyncio.create_task(self._call(tag, words))

    async def _call(self, tag: str, words: list[str]) -> None:
        try:
            stream = self._client.stream(
                words[2],
                sent(words[5]),
                timeout=int(words[3]) / 1000,
                headers=dict(word.split("=", 1) for word in words[_FIXED_WORDS:]),
                idempotent=words[4] == "i",
            )
            async for reply in stream:
                self._tell(tag, reply)
        except RequestFailed as failure:
            tell(f"fail {tag} {failure.code}")
        except asyncio.CancelledError:
            tell(f"fail {tag} {int(ErrorCode.CANCELLED)}")
        finally:
            self._calls.pop(tag, None)

    def _tell(self, tag: str, reply: Reply) -> None:
        if not reply.final:
            tell(f"part {tag} {told(reply.parts)}")
            return
        headers = "".join(f" {name}={value}" for name, value in more_headers(dict(reply.headers)).items())
        tell(f"done {tag} {'e' if reply.early_exit else '-'} {told(reply.parts)}{headers}")


async def ask(endpoints: list[str]) -> None:
    """Obey the lines of standard input to its end."""
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with AsyncClient(endpoints) as client:
        agent = ClientAgent(client)
        tell("ready")
        while line := await lines.readline():
            agent.obey(line.decode().split())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("role", choices=["worker", "client"])
    parser.add_argument("--connect", action="append", required=True)
    parser.add_argument("--prefix", default="conf")
    parser.add_argument("--credit", type=int, default=1)
    options = parser.parse_args()
    if options.role == "worker":
        work(options.connect, options.prefix, options.credit)
    else:
        asyncio.run(ask(options.connect))


if __name__ == "__main__":
    main()
