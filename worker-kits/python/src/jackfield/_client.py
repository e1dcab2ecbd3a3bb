"""The client for asyncio, which the blocking one is built on."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Mapping, Sequence
from types import TracebackType
from typing import Self

import zmq

from . import _clock, _native
from . import _protocol as jf1
from ._connection import Call, ClientSettings, Connection
from ._errors import Closed, DeadlineExceeded, ErrorCode, Overloaded, RequestFailed, request_failed
from ._messages import Body, Reply, body_parts, with_content_type
from ._protocol import Command, Flag, Message
from ._retry import Attempts
from ._settings import check, check_connection

# The broker ends a request at its deadline; only when it does not say so in time does the client do it.
_GRACE_S = 0.25
_GOODBYE_MS = 1000
_OUTSTANDING_MAX = 1_000_000
_RETRIES_MAX = 100


class _Question:
    """What a caller wants to know, however often it is asked. Checked when it is made."""

    def __init__(
        self,
        service: str,
        body: Body,
        timeout: float | None,
        headers: Mapping[str, str] | None,
        content_type: str | None,
        idempotent: bool,
        idempotency_key: str | None,
    ) -> None:
        if timeout is not None and not 0 < timeout <= jf1.TIME_MS_MAX / 1000:
            raise ValueError(f"timeout: {timeout} (expected: more than 0, at most {jf1.TIME_MS_MAX / 1000})")
        if idempotency_key is not None:
            headers = {**(headers or {}), "idempotency-key": idempotency_key}
        self._service = service
        self._headers = with_content_type(headers, content_type)
        self._parts = body_parts(body)
        self.idempotent = idempotent
        self.timeout = timeout
        self._asked = False
        self.end_s = None if timeout is None else asyncio.get_running_loop().time() + timeout

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return sum(map(len, self._parts))

    def leaves(self, pause_s: float) -> bool:
        """Tell whether there is time for another attempt after so many seconds."""
        return self.end_s is None or asyncio.get_running_loop().time() + pause_s < self.end_s

    def request(self, request_id: int) -> Message:
        """Make the next attempt's request: the first has the whole timeout, the others what is left of it."""
        time_left_s = self.timeout or 0.0
        if self._asked and self.end_s is not None:
            time_left_s = max(0.001, self.end_s - asyncio.get_running_loop().time())
        self._asked = True
        return Message(
            Command.REQUEST,
            Flag.IDEMPOTENT if self.idempotent else Flag.NONE,
            id=request_id,
            time_ms=math.ceil(time_left_s * 1000),
            service=self._service,
            headers=self._headers,
            parts=self._parts,
        )


class AsyncClient:
    """Calls services from one asyncio loop; any number of calls at a time.

    ``endpoint``: for example ``tcp://127.0.0.1:5555`` or ``ipc:///run/jackfield.sock``; several, in a list or tuple,
    are brokers of which any will do: one is asked, and the next one when it is lost or drains.
    ``heartbeat_interval_s`` and ``heartbeat_liveness``: while calls are outstanding, a heartbeat goes out after so many
    seconds (0.01 to 3600) without sending, and after so many intervals (2 to 100) of silence the broker is given up.
    Every call that it had ends with :class:`ConnectionLost`; the next call connects anew. A call that cannot have
    reached a broker goes to the next one instead, and so does an idempotent one, at most ``retries_max`` times, 0 to
    100; an idempotent one is asked again also when it was refused for now (OVERLOADED, DRAINING), within its timeout.
    ``outstanding_max``: calls at a time; one more raises :class:`Overloaded` at once. ``body_bytes_max``: bytes of the
    greatest body to send or receive; not more than the broker's own helps.

    Belongs to one loop and its thread. Use it with ``async with``, or call :meth:`close`.
    """

    def __init__(
        self,
        endpoint: str | Sequence[str],
        *,
        heartbeat_interval_s: float = 1.0,
        heartbeat_liveness: int = 3,
        outstanding_max: int = 10_000,
        body_bytes_max: int = jf1.BODY_BYTES_MAX,
        retries_max: int = 2,
    ) -> None:
        check_connection(heartbeat_interval_s, heartbeat_liveness, body_bytes_max)
        check("outstanding_max", outstanding_max, 1, _OUTSTANDING_MAX)
        check("retries_max", retries_max, 0, _RETRIES_MAX)
        self._settings = ClientSettings(
            jf1.endpoints(endpoint),
            heartbeat_interval_s,
            heartbeat_liveness,
            outstanding_max,
            body_bytes_max,
            retries_max,
        )
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._broker = 0  # which of the endpoints is asked
        self._current: Connection | None = None
        # Those that drain or are lost are here until nothing of theirs is in flight.
        self._calls: dict[Call, Connection] = {}
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
        idempotency_key: str | None = None,
    ) -> Reply:
        """Ask a service and wait for its final reply.

        ``timeout``: seconds, at most 2**32 milliseconds, for all attempts together; None leaves it to the service's
        own. ``idempotent``: the request may be carried out more than once: the broker may give it to another worker
        when one is lost with it, and the client asks again when the broker is. ``idempotency_key``: travels as the
        header of that name, the same with every attempt, for a worker that keeps count. Partial replies are passed
        over: use :meth:`stream` for a service that sends them. Raises :class:`RequestFailed` or one of its subclasses
        when the request fails; :class:`ConnectionLost` is the one for a broker that is not heard. Cancelling the task
        cancels the request.
        """
        question = _Question(service, body, timeout, headers, content_type, idempotent, idempotency_key)
        attempts = self._attempts(question)
        while True:
            call = self._begin(question, streaming=False)
            try:
                return await self._next(call, question)
            except RequestFailed as e:
                pause_s = self._pause_s(attempts, question, e)
            finally:
                self._end(call)
            await asyncio.sleep(pause_s)

    async def stream(
        self,
        service: str,
        body: Body,
        *,
        timeout: float | None = 30.0,  # noqa: ASYNC109 - as in call
        headers: Mapping[str, str] | None = None,
        content_type: str | None = None,
        idempotent: bool = False,
        idempotency_key: str | None = None,
    ) -> AsyncGenerator[Reply, None]:
        """Ask a service and get every reply as it comes: the partial ones, then the one that is ``final``.

        The parameters and exceptions are those of :meth:`call`; ``timeout`` is for the whole stream. Closing the
        generator early cancels the request. A reader that lets more than 1000 replies pile up gets SLOW_READER. Once a
        reply has come, nothing is asked again.
        """
        question = _Question(service, body, timeout, headers, content_type, idempotent, idempotency_key)
        attempts = self._attempts(question)
        begun = False
        while True:
            call = self._begin(question, streaming=True)
            try:
                reply = await self._next(call, question)
                begun = True
                while not reply.final:
                    yield reply
                    reply = await self._next(call, question)
                yield reply
            except RequestFailed as e:
                if begun:
                    raise
                pause_s = self._pause_s(attempts, question, e)
            else:
                return
            finally:
                self._end(call)
            await asyncio.sleep(pause_s)

    async def close(self) -> None:
        """Cancel what is outstanding and disconnect. May be called again."""
        if self._closed:
            return
        self._closed = True
        calls, connections = list(self._calls), {*self._calls.values()}
        for call in calls:
            self._end(call)
            call.replies.put_nowait(Closed("the client was closed"))
        if self._current is not None:
            connections.add(self._current)
        for connection in connections:
            connection.close(_GOODBYE_MS)
        await _native.run(self._context.term, "jackfield-goodbye")

    async def __aenter__(self) -> Self:
        """Return the client; it connects with its first call."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        await self.close()

    def _attempts(self, question: _Question) -> Attempts:
        settings = self._settings
        return Attempts(
            idempotent=question.idempotent,
            retries_max=settings.retries_max,
            brokers=len(settings.endpoints),
            patience_s=settings.silence_max_s,
            now_s=_clock.now(),
        )

    def _pause_s(self, attempts: Attempts, question: _Question, failed: RequestFailed) -> float:
        """Return how long to wait before the next attempt; raises the failure when there is none."""
        pause_s = attempts.pause_s(failed, _clock.now())
        if pause_s is None or self._closed or not question.leaves(pause_s):
            raise failed
        return pause_s

    def _begin(self, question: _Question, *, streaming: bool) -> Call:
        if self._closed:
            raise Closed("the client is closed")
        limit = self._settings.body_bytes_max
        if question.size > limit:
            raise request_failed(ErrorCode.TOO_LARGE, f"body: {question.size} bytes (expected: at most {limit})")
        if len(self._calls) >= self._settings.outstanding_max:
            cause = f"calls outstanding in this client: {len(self._calls)} (expected: fewer than the maximum)"
            raise Overloaded(ErrorCode.OVERLOADED, cause)
        self._last_id += 1
        frames = jf1.encode(question.request(self._last_id))
        if self._current is None:
            endpoint = self._settings.endpoints[self._broker]
            self._current = Connection(self._context, endpoint, self._settings, self._on_leaving)
        call = Call(self._last_id, streaming)
        self._calls[call] = self._current
        self._current.begin(call, frames)
        return call

    async def _next(self, call: Call, question: _Question) -> Reply:
        scope = asyncio.timeout_at(None if question.end_s is None else question.end_s + _GRACE_S)
        try:
            async with scope:
                return await call.next()
        except TimeoutError:
            cause = f"no final reply within {question.timeout:g} s, and no word of it from the broker"
            raise DeadlineExceeded(ErrorCode.DEADLINE_EXCEEDED, cause) from None

    def _end(self, call: Call) -> None:
        connection = self._calls.pop(call, None)
        if connection is not None:
            connection.end(call)

    def _on_leaving(self, connection: Connection) -> None:
        if self._current is connection:
            self._current = None
            self._broker = (self._broker + 1) % len(self._settings.endpoints)
