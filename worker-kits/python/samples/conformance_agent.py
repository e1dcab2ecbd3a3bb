"""A worker and a client to be told what to do: this kit's end of the conformance scenarios.

    python3 conformance_agent.py worker --connect tcp://127.0.0.1:5555 --service conformance --credit 4
    python3 conformance_agent.py client --connect tcp://127.0.0.1:5555

Speaks lines on stdin and stdout, words parted by a space; DIGEST is ``LENGTH:CRC32`` of a body, the CRC in hexadecimal.

A worker does what the header ``x-do`` of a request says, and tells what happens::

    x-do  echo | size N | partials N | fail NUMBER | crash | early-exit | hold | die | tell
    out   ready | begun | cancelled | let-go
    in    release: every `hold` ends and answers with its body
          status: status BROKERS IN-FLIGHT
          drain: finish and end with code 0 (as does SIGTERM)

``tell`` answers ``ATTEMPT TIME-LEFT-MS IDEMPOTENCY-KEY``, with ``-`` for what there is not. A client::

    in    call ID SERVICE TIMEOUT-MS FLAGS SIZE WHAT   asks with SIZE bytes, all zero, and `x-do: WHAT`
          stream ID SERVICE TIMEOUT-MS FLAGS SIZE WHAT  the same, and tells the partial replies
          cancel ID
          close: cancel what is outstanding, end with code 0
          FLAGS: i (idempotent), k (with an idempotency key), ik, or -
    out   reply ID DIGEST EARLY-EXIT | partial ID DIGEST | failed ID NUMBER | cancelled ID
"""

import argparse
import asyncio
import os
import signal
import sys
import zlib
from collections.abc import AsyncIterator

from jackfield import AsyncClient, Failure, JackfieldError, Reply, Request, RequestFailed, Worker

BODY_BYTES_MAX = 64 << 20
FAILURE_UNKNOWN = 0


def say(*words: object) -> None:
    print(*words, flush=True)


def digest(body: bytes) -> str:
    return f"{len(body)}:{zlib.crc32(body):08x}"


async def lines() -> AsyncIterator[list[str]]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield line.decode().split()


class WorkerAgent:
    """Does what requests say."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.worker = Worker(options.connect.split(","), credit=options.credit, body_bytes_max=BODY_BYTES_MAX)
        self.worker.add(options.service, self.handle, idempotent=options.idempotent)
        self.release = asyncio.Event()

    async def handle(self, request: Request) -> AsyncIterator[Reply]:
        what, *numbers = request.headers.get("x-do", "echo").split()
        if what == "hold":
            await self.hold()
        elif what == "fail":
            raise Failure(int(numbers[0]), "as it was told", hint="tell it otherwise", retry_after_ms=7)
        elif what == "crash":
            raise RuntimeError("as it was told")
        elif what == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        elif what == "partials":
            for number in range(int(numbers[0])):
                yield Reply(str(number))
        yield Reply(self.answer(what, numbers, request), early_exit=what == "early-exit", final=True)

    def answer(self, what: str, numbers: list[str], request: Request) -> bytes:
        if what == "size":
            return bytes(int(numbers[0]))
        if what == "tell":
            left = request.time_left
            left_ms = "-" if left is None else str(round(left * 1000))
            return f"{request.attempt} {left_ms} {request.headers.get('idempotency-key', '-')}".encode()
        return request.body

    async def hold(self) -> None:
        say("begun")
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            say("cancelled")
            raise
        finally:
            say("let-go")

    async def obey(self) -> None:
        async for words in lines():
            if words == ["release"]:
                self.release.set()
                self.release = asyncio.Event()
            elif words == ["status"]:
                status = self.worker.status()
                say("status", status.brokers, status.in_flight)
            elif words == ["drain"]:
                break
        self.worker.stop()  # also when whoever told it what to do has gone

    async def run(self) -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.worker.stop)
        obeying = asyncio.create_task(self.obey())
        await self.worker.serve(on_ready=lambda: say("ready"))
        obeying.cancel()


class ClientAgent:
    """Asks what it is told to."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.client = AsyncClient(options.connect.split(","), body_bytes_max=BODY_BYTES_MAX)
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def ask(self, kind: str, name: str, words: list[str]) -> None:
        service, timeout_ms, flags, size, *what = words
        replies = self.client.stream(
            service,
            bytes(int(size)),
            timeout=int(timeout_ms) / 1000,
            headers={"x-do": " ".join(what)},
            idempotent="i" in flags,
            idempotency_key=f"key-{name}" if "k" in flags else None,
        )
        try:
            async for reply in replies:
                if reply.final:
                    say("reply", name, digest(reply.body), int(reply.early_exit))
                elif kind == "stream":
                    say("partial", name, digest(reply.body))
        except RequestFailed as e:
            say("failed", name, e.code)
        except asyncio.CancelledError:
            say("cancelled", name)
        except JackfieldError:
            say("failed", name, FAILURE_UNKNOWN)
        finally:
            await replies.aclose()

    async def run(self) -> None:
        async with self.client:
            async for kind, *words in lines():
                if kind == "close":
                    break
                if kind == "cancel":
                    self.tasks[words[0]].cancel()
                else:
                    self.tasks[words[0]] = asyncio.create_task(self.ask(kind, words[0], words[1:]))
            for task in self.tasks.values():
                task.cancel()
            await asyncio.gather(*self.tasks.values())


def main() -> None:
    parser = argparse.ArgumentParser(description="A worker or a client that does what it is told.")
    parser.add_argument("role", choices=["worker", "client"])
    parser.add_argument("--connect", default="tcp://127.0.0.1:5555", help="endpoints, parted by commas (%(default)s)")
    parser.add_argument("--service", default="conformance", help="what the worker serves (%(default)s)")
    parser.add_argument("--credit", type=int, default=4, help="requests at a time (%(default)s)")
    parser.add_argument("--idempotent", action="store_true", help="declare the service so")
    options = parser.parse_args()
    asyncio.run(WorkerAgent(options).run() if options.role == "worker" else ClientAgent(options).run())


if __name__ == "__main__":
    main()
