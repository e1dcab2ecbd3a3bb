"""Running a handler of any kind: function, coroutine, generator, asynchronous generator."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator
from concurrent.futures import CancelledError as FutureCancelledError
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from ._errors import ErrorCode, Failure
from ._messages import Body, Reply, Request
from ._protocol import ServiceDeclaration
from ._threads import HandlerThreads

T = TypeVar("T")

Answer = Body | Reply
HandlerFunction = Callable[
    [Request],
    Answer | Awaitable[Answer] | Generator[Answer, Any, Answer | None] | Iterator[Answer] | AsyncIterator[Answer],
]
"""Takes a request; returns a body or a Reply, or yields them as partial replies. May be ``async``."""

Emit = Callable[[Reply], Awaitable[None]]
"""Sends one partial reply; returns when the next may be produced."""


@dataclass(frozen=True, slots=True)
class Handler:
    """A service and the function that serves it."""

    declaration: ServiceDeclaration
    function: HandlerFunction

    @property
    def is_async(self) -> bool:
        """Whether the function runs on the event loop; the others need a thread."""
        return _is(inspect.isasyncgenfunction, self.function) or _is(inspect.iscoroutinefunction, self.function)

    async def run(self, request: Request, emit: Emit) -> Reply:
        """Run an asynchronous function; partial replies go to ``emit``, the final one is returned."""
        _refuse_late(request)
        function: Any = self.function
        if _is(inspect.isasyncgenfunction, function):
            return await _until_deadline(request, _run_stream(function(request), emit))
        return _as_final(await _until_deadline(request, function(request)))

    def submit(self, request: Request, threads: HandlerThreads, emit: Emit) -> Future[Reply]:
        """Have any other function run on a thread; to be called on the event loop.

        No end at the deadline here: a thread cannot be stopped, and an answer before it is free would bring the next
        request to a worker that cannot take it.
        """
        # The thread waits until the loop has taken each partial reply: no more than one is ever in between.
        emit_here = partial(_emit_from_thread, asyncio.get_running_loop(), emit)
        return threads.submit(partial(_run_on_thread, self.function, request, emit_here))


def _is(kind: Callable[[Any], bool], function: Any) -> bool:
    while isinstance(function, partial):
        function = function.func
    # An object with a __call__ of its own may be asynchronous too.
    return kind(function) or kind(getattr(function, "__call__", None))  # noqa: B004


def _refuse_late(request: Request) -> None:
    if request.cancelled:
        raise Failure(ErrorCode.DEADLINE_EXCEEDED, "the request waited in the worker until its deadline")


async def _until_deadline(request: Request, work: Awaitable[T]) -> T:
    scope = asyncio.timeout(request.time_left)
    try:
        async with scope:
            return await work
    except TimeoutError:
        if not scope.expired():
            raise  # the handler's own
        raise Failure(ErrorCode.DEADLINE_EXCEEDED, "the handler had no reply before the deadline") from None


async def _run_stream(stream: AsyncGenerator[Answer, None], emit: Emit) -> Reply:
    try:
        async for answer in stream:
            reply = _as_reply(answer)
            if reply.final:
                return reply
            await emit(reply)
    finally:
        await stream.aclose()
    return Reply(final=True)


def _run_on_thread(function: Callable[[Request], Any], request: Request, emit: Callable[[Reply], None]) -> Reply:
    _refuse_late(request)
    answer = function(request)
    if not isinstance(answer, Iterator):
        return _as_final(answer)
    try:
        return _drain_iterator(answer, emit)
    finally:
        if isinstance(answer, Generator):
            answer.close()


def _drain_iterator(stream: Iterator[Any], emit: Callable[[Reply], None]) -> Reply:
    while True:
        try:
            reply = _as_reply(next(stream))
        except StopIteration as end:
            return Reply(final=True) if end.value is None else _as_final(end.value)
        if reply.final:
            return reply
        emit(reply)


def _emit_from_thread(loop: asyncio.AbstractEventLoop, emit: Emit, reply: Reply) -> None:
    async def send() -> None:
        await emit(reply)

    sending = send()
    try:
        asyncio.run_coroutine_threadsafe(sending, loop).result()
    except FutureCancelledError:
        raise Failure(ErrorCode.CANCELLED, "nobody waits for the rest of the stream") from None
    except RuntimeError as e:
        sending.close()
        if loop.is_closed():  # the worker has left without this handler
            raise Failure(ErrorCode.CANCELLED, "the worker has left") from e
        raise


def _as_reply(answer: Any) -> Reply:
    return answer if isinstance(answer, Reply) else Reply(answer)


def _as_final(answer: Any) -> Reply:
    reply = _as_reply(answer)
    return Reply(reply.parts, headers=reply.headers, early_exit=reply.early_exit, final=True)
