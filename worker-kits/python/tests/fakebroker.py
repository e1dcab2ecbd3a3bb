"""A broker for tests: a ROUTER socket whose every frame the test writes and checks by hand, with struct alone."""

from __future__ import annotations

import asyncio
import contextlib
import struct
import threading
import time
from types import TracebackType
from typing import NamedTuple, Self

import zmq

from jackfield import Worker

READY, WELCOME, REQUEST, REPLY, FAILURE, CANCEL, HEARTBEAT, DRAIN, DISCONNECT = range(1, 10)
PARTIAL, EARLY_EXIT, IDEMPOTENT = 1, 2, 8

# How long anything that must happen may take before the test fails; nothing waits for as long when all is well.
DEADLINE_S = 20.0

# The heartbeat interval of tests that hold the clock in their hand; a power of two, so that sums of it are exact.
BEAT_S = 1 / 32

PING = struct.pack(">4sBBHQIHH", b"JF1R", HEARTBEAT, 0, 0, 0, 0, 1, 0)
PONG = struct.pack(">4sBBHQIHH", b"JF1R", HEARTBEAT, 0, 0, 0, 0, 0, 0)


def header(
    command: int, *, flags: int = 0, code: int = 0, request_id: int = 0, time_ms: int = 0, count: int = 0
) -> bytes:
    return struct.pack(">4sBBHQIHH", b"JF1R", command, flags, code, request_id, time_ms, count, 0)


class Received(NamedTuple):
    """A message as it came: who sent it, its header taken apart (``number`` is its count), and the frames after."""

    peer: bytes
    command: int
    flags: int
    code: int
    id: int
    time_ms: int
    number: int
    rest: list[bytes]


class HandClock:
    """Stands still until the test moves it on; what is judged by it is judged four times a heartbeat interval."""

    def __init__(self) -> None:
        self._now_s = 1000.0

    def now(self) -> float:
        return self._now_s

    def advance(self, seconds: float) -> None:
        self._now_s += seconds


class FakeBroker:
    """Belongs to the test's thread. Answers heartbeats, and counts them; all else is the test's to say."""

    def __init__(self, endpoint: str = "tcp://127.0.0.1:*") -> None:
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.ROUTER)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
        self._socket.bind(endpoint)
        self.endpoint: str = self._socket.getsockopt_string(zmq.LAST_ENDPOINT)
        self.heartbeats = 0
        self.answers_heartbeats = True

    def receive(self) -> Received:
        """The next message that is no heartbeat."""
        end_s = time.monotonic() + DEADLINE_S
        while True:
            message = self.receive_any(end_s)
            if message is not None:
                return message

    def receive_any(self, end_s: float | None = None) -> Received | None:
        """The next message; None when it was a heartbeat, which is answered."""
        left_s = DEADLINE_S if end_s is None else max(0.0, end_s - time.monotonic())
        assert self._socket.poll(int(left_s * 1000)), "nothing came within the deadline"
        peer, first, *rest = self._socket.recv_multipart()
        if first == PING:
            assert rest == []
            self.heartbeats += 1
            if self.answers_heartbeats:
                with contextlib.suppress(zmq.ZMQError):  # it may have gone since
                    self.send(peer, PONG)
            return None
        magic, command, flags, code, request_id, time_ms, count, zero = struct.unpack(">4sBBHQIHH", first)
        assert (magic, zero) == (b"JF1R", 0)
        return Received(peer, command, flags, code, request_id, time_ms, count, rest)

    def receive_heartbeats(self, count: int, clock: HandClock, beat_s: float = BEAT_S) -> None:
        """Let an interval pass, and another, and see a heartbeat come for each; they are answered, or not."""
        for _ in range(count):
            clock.advance(beat_s)
            assert self.receive_any() is None

    def send(self, peer: bytes, *frames: bytes) -> None:
        self._socket.send_multipart([peer, *frames])

    def welcome(self, *, services: int = 1, headers: bytes = b"broker-id:fake\n", interval_ms: int = 0) -> bytes:
        """Take a READY and answer it; returns the worker's address."""
        ready = self.receive()
        assert ready.command == READY
        self.send(ready.peer, header(WELCOME, time_ms=interval_ms, count=services), b"", headers)
        return ready.peer

    def request(self, peer: bytes, request_id: int, body: bytes, *, service: bytes = b"test", time_ms: int = 0) -> None:
        self.send(peer, header(REQUEST, request_id=request_id, count=1, time_ms=time_ms), service, b"", body)

    def close(self, linger_ms: int = 0) -> None:
        self._context.destroy(linger_ms)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class RunningWorker:
    """A worker on a thread of its own."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.ready = threading.Event()
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="worker-under-test")
        self._thread.start()

    def _run(self) -> None:
        try:
            asyncio.run(self.worker.serve(on_ready=self.ready.set))
        except BaseException as e:  # the test asks for it
            self.error = e

    def leave(self, broker: FakeBroker) -> None:
        """Stop an idle worker in the proper way."""
        self.worker.stop()
        drain = broker.receive()
        assert (drain.command, drain.number) == (DRAIN, 0)
        broker.send(drain.peer, header(DRAIN))
        assert broker.receive().command == DISCONNECT
        self.join()
        assert self.error is None

    def join(self) -> None:
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive(), "the worker has not ended"
