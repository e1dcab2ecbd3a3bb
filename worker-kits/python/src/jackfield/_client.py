"""The client for asyncio, which the blocking one is built on."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncGenerator, Mapping
from types import TracebackType
from typing import Self

import zmq

from . import _clock, _native
from . import _protocol as jf1
from ._errors import (
    Closed,
    DeadlineExceeded,
    ErrorCode,
    JackfieldError,
    Overloaded,
    ProtocolError,
    request_failed,
)
from ._link import Link
from ._liveness import Liveness
from ._messages import Body, Reply, body_parts, with_content_type
from ._protocol import Command, Flag, Message

log = logging.getLogger("jackfield.client")

# The broker ends a request at its deadline; only when it does not say so in time does the client do it.
_GRACE_S = 0.25
_PARTIALS_MAX = 1000
_GOODBYE_MS = 1000


class _Call:
    """One request in flight: what came for it and was not yet taken."""

    __slots__ = ("id", "replies", "streaming")

    def __init__(self, request_id: int, streaming: bool) -> None:
        self.id = request_id
        self.streaming = streaming
        self.replies: asyncio.Queue[Reply | JackfieldError] = asyncio.Queue()

    async def next(self) -> Reply:
        answer = await self.replies.get()
        if isinstance(answer, JackfieldError):
            raise answer
        return answer


class AsyncClient:
    """Calls services from one asyncio loop; any number of calls at a time.

    ``endpoint``: for example ``tcp://127.0.0.1:5555``. ``heartbeat_interval_s`` and ``heartbeat_liveness``: while calls
    are outstanding, a heartbeat goes out after so many seconds without sending, and after so many intervals of silence
    every call ends with :class:`ConnectionLost`; the next call connects anew. ``outstanding_max``: calls at a time; one
    more raises :class:`Overloaded` at once. ``body_bytes_max``: bytes of the greatest body to send or receive.

    Belongs to one loop and its thread. Use it with ``async with``, or call :meth:`close`.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        heartbeat_interval_s: float = 1.0,
        heartbeat_liveness: int = 3,
        outstanding_max: int = 10_000,
        body_bytes_max: int = jf1.BODY_BYTES_MAX,
    ) -> None:
        self._endpoint = endpoint
        self._heartbeat_interval_s = heartbeat_interval_s
        self._heartbeat_liveness = heartbeat_liveness
        self._outstanding_max = outstanding_max
        self._body_bytes_max = body_bytes_max
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._link: Link | None = None
        self._liveness = Liveness(heartbeat_interval_s, heartbeat_liveness, _clock.now())
        self._timer: asyncio.TimerHandle | None = None
        self._calls: dict[int, _Call] = {}
        self._last_id = 0
        self._closed = False

    async def call(
        self,
        service: str,
        body: Body,
        *,
        timeout: float | None = 30.0,  # noqa: ASYNC109 - it travels to the broker as the request's deadline
        headers: Mapping[str, str] | None = None,
        content_type: str | None = None,
        idempotent: bool = False,
    ) -> Reply:
        """Ask a service and wait for its final reply.

        ``timeout``: seconds, at most 2**32 milliseconds; None leaves it to the service's own. ``idempotent``: the
        broker may give the request to another worker when one is lost with it. Partial replies are passed over: use
        :meth:`stream` for a service that sends them. Raises :class:`RequestFailed` or one of its subclasses when the
        request fails; :class:`ConnectionLost` is the one for a broker that is not heard. Cancelling the task cancels
        the request.
        """
        request = self._request(service, body, timeout, headers, content_type, idempotent)
        call = self._begin(request, streaming=False)
        try:
            return await self._next(call, timeout, _end(timeout))
        finally:
            self._end(call)

    async def stream(
        self,
        service: str,
        body: Body,
        *,
        timeout: float | None = 30.0,  # noqa: ASYNC109 - as in call
        headers: Mapping[str, str] | None = None,
        content_type: str | None = None,
        idempotent: bool = False,
    ) -> AsyncGenerator[Reply, None]:
        """Ask a service and get every reply as it comes: the partial ones, then the one that is ``final``.

        The parameters and exceptions are those of :meth:`call`; ``timeout`` is for the whole stream. Closing the
        generator early cancels the request. A reader that lets more than 1000 replies pile up gets SLOW_READER.
        """
        request = self._request(service, body, timeout, headers, content_type, idempotent)
        call, end_s = self._begin(request, streaming=True), _end(timeout)
        try:
            reply = await self._next(call, timeout, end_s)
            while not reply.final:
                yield reply
                reply = await self._next(call, timeout, end_s)
            yield reply
        finally:
            self._end(call)

    async def close(self) -> None:
        """Cancel what is outstanding and disconnect. May be called again."""
        if self._closed:
            return
        self._closed = True
        for call in list(self._calls.values()):
            self._end(call)
            call.replies.put_nowait(Closed("the client was closed"))
        self._disconnect(_GOODBYE_MS)
        await _native.run(self._context.term, "jackfield-goodbye")

    async def __aenter__(self) -> Self:
        """Return the client; it connects with its first call."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        await self.close()

    # Calls

    def _request(
        self,
        service: str,
        body: Body,
        timeout: float | None,
        headers: Mapping[str, str] | None,
        content_type: str | None,
        idempotent: bool,
    ) -> Message:
        if timeout is not None and not 0 < timeout <= jf1.TIME_MS_MAX / 1000:
            raise ValueError(f"timeout: {timeout} (expected: more than 0, at most {jf1.TIME_MS_MAX / 1000})")
        parts = body_parts(body)
        size = sum(map(len, parts))
        if size > self._body_bytes_max:
            raise request_failed(ErrorCode.TOO_LARGE, f"body: {size} bytes (expected: at most {self._body_bytes_max})")
        self._last_id += 1
        return Message(
            Command.REQUEST,
            Flag.IDEMPOTENT if idempotent else Flag.NONE,
            id=self._last_id,
            time_ms=0 if timeout is None else math.ceil(timeout * 1000),
            service=service,
            headers=with_content_type(headers, content_type),
            parts=parts,
        )

    def _begin(self, request: Message, *, streaming: bool) -> _Call:
        if self._closed:
            raise Closed("the client is closed")
        if len(self._calls) >= self._outstanding_max:
            cause = f"calls outstanding in this client: {len(self._calls)} (expected: fewer than the maximum)"
            raise Overloaded(ErrorCode.OVERLOADED, cause)
        frames = jf1.encode(request)
        if not self._calls:
            # Silence was allowed while nothing was asked.
            self._liveness.restart(_clock.now())
        if self._link is None:
            self._connect()
        call = _Call(request.id, streaming)
        self._calls[request.id] = call
        self._send(frames)
        return call

    async def _next(self, call: _Call, timeout: float | None, end_s: float | None) -> Reply:  # noqa: ASYNC109
        scope = asyncio.timeout_at(end_s)
        try:
            async with scope:
                return await call.next()
        except TimeoutError:
            cause = f"no final reply within {timeout:g} s, and no word of it from the broker"
            raise DeadlineExceeded(ErrorCode.DEADLINE_EXCEEDED, cause) from None

    def _end(self, call: _Call) -> None:
        """Forget the call; the broker is told when it does not know that it has ended."""
        if self._calls.pop(call.id, None) is not None:
            self._send(jf1.encode(Message(Command.CANCEL, id=call.id)))

    # Connection

    def _connect(self) -> None:
        self._link = Link(
            self._context,
            self._endpoint,
            frame_bytes_max=self._body_bytes_max + jf1.ENVELOPE_BYTES_MAX,
            on_frames=self._on_frames,
            on_lost=self._lose,
        )
        self._tick()

    def _disconnect(self, linger_ms: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._link is not None:
            self._link.close(linger_ms)
            self._link = None

    def _lose(self, reason: str) -> None:
        calls, self._calls = self._calls, {}
        log.warning("%s: %s; %d calls lost", self._endpoint, reason, len(calls))
        self._disconnect(0)
        for call in calls.values():
            cause = f"{self._endpoint}: {reason}"
            lost = request_failed(ErrorCode.CONNECTION_LOST, cause, hint="see whether a broker is running there")
            call.replies.put_nowait(lost)

    def _tick(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._heartbeat_interval_s / 4, self._tick)
        if not self._calls:
            return
        now = _clock.now()
        if self._liveness.lost(now):
            self._lose(f"nothing heard from a broker for {self._liveness.silence_max_s:g} s")
        elif self._liveness.heartbeat_due(now):
            self._send(jf1.encode(Message(Command.HEARTBEAT, count=1)))

    def _send(self, frames: list[bytes]) -> None:
        if self._link is not None:
            self._liveness.sent(_clock.now())
            self._link.send(frames)

    # Messages

    def _on_frames(self, frames: list[bytes]) -> None:
        self._liveness.heard(_clock.now())
        try:
            message = jf1.decode(frames)
        except ProtocolError as e:
            # Not answered: to the broker a FAILURE from a client is a worker that forgot its READY.
            log.warning("%s sent a message that breaks the protocol: %s", self._endpoint, e)
            self._settle(e.request_id, e)
            return
        if message.command is Command.REPLY:
            self._on_reply(message)
        elif message.command is Command.FAILURE:
            self._on_failure(message)
        elif message.command is Command.HEARTBEAT:
            if message.count:
                self._send(jf1.encode(Message(Command.HEARTBEAT)))
        elif message.command is Command.DISCONNECT:
            self._lose("the broker said DISCONNECT")
        elif message.command is Command.DRAIN:
            log.info("%s: the broker is draining", self._endpoint)
        else:
            log.warning("%s sent %s, which no client gets", self._endpoint, message.command.name)

    def _on_reply(self, message: Message) -> None:
        call = self._calls.get(message.id)
        if call is None:
            return  # of a call that was cancelled meanwhile
        reply = Reply.of(message)
        if reply.final:
            self._settle(message.id, reply)
        elif call.streaming and call.replies.qsize() < _PARTIALS_MAX:
            call.replies.put_nowait(reply)
        elif call.streaming:
            self._end(call)
            cause = f"more than {_PARTIALS_MAX} partial replies wait to be taken"
            call.replies.put_nowait(request_failed(ErrorCode.SLOW_READER, cause))

    def _on_failure(self, message: Message) -> None:
        cause, hint = message.parts[0].decode(), message.headers.get("hint", "")
        if message.id:
            failed = request_failed(message.code, cause, hint=hint, retry_after_ms=message.time_ms)
            self._settle(message.id, failed)
        elif message.code == ErrorCode.NOT_READY:
            # The answer to a heartbeat of a client that the broker does not know (any more).
            self._lose(f"the broker has forgotten this client: {cause}")
        else:
            log.warning("%s says: code %d: %s", self._endpoint, message.code, cause)

    def _settle(self, request_id: int, answer: Reply | JackfieldError) -> None:
        call = self._calls.pop(request_id, None)
        if call is not None:
            call.replies.put_nowait(answer)


def _end(timeout: float | None) -> float | None:
    return None if timeout is None else asyncio.get_running_loop().time() + timeout + _GRACE_S
