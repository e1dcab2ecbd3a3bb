"""The client for programs without an event loop."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Coroutine, Generator, Mapping, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self, TypeVar

from . import _native
from . import _protocol as jf1
from ._client import AsyncClient
from ._errors import Closed
from ._messages import Body, Reply

T = TypeVar("T")


class Client:
    """Calls services and blocks until they answer; any thread may call, several calls may be outstanding.

    It is an :class:`AsyncClient` on a thread of its own; the options are the same. Use it with ``with``, or call
    :meth:`close`. Not to be carried over a fork.
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
        self._client = AsyncClient(
            endpoint,
            heartbeat_interval_s=heartbeat_interval_s,
            heartbeat_liveness=heartbeat_liveness,
            outstanding_max=outstanding_max,
            body_bytes_max=body_bytes_max,
            retries_max=retries_max,
        )
        self._loop = _native.new_event_loop()
        self._closing = threading.Lock()  # guards _closed against a second `close` and calls from other threads
        self._closed = False
        self._ended = _native.start(self._loop.run_forever, "jackfield-client")

    def call(
        self,
        service: str,
        body: Body,
        *,
        timeout: float | None = 30.0,
        headers: Mapping[str, str] | None = None,
        content_type: str | None = None,
        idempotent: bool = False,
        idempotency_key: str | None = None,
    ) -> Reply:
        """Ask a service and block until its final reply; see :meth:`AsyncClient.call`."""
        self._check_may_wait()
        future = self.submit(
            service,
            body,
            timeout=timeout,
            headers=headers,
            content_type=content_type,
            idempotent=idempotent,
            idempotency_key=idempotency_key,
        )
        try:
            return future.result()
        except BaseException:
            future.cancel()  # of use when it is this thread that was interrupted
            raise

    def submit(
        self,
        service: str,
        body: Body,
        *,
        timeout: float | None = 30.0,
        headers: Mapping[str, str] | None = None,
        content_type: str | None = None,
        idempotent: bool = False,
        idempotency_key: str | None = None,
    ) -> Future[Reply]:
        """Ask a service and return at once; the future has the final reply, and its ``cancel`` cancels the request."""
        return self._submit(
            self._client.call(
                service,
                body,
                timeout=timeout,
                headers=headers,
                content_type=content_type,
                idempotent=idempotent,
                idempotency_key=idempotency_key,
            )
        )

    def stream(
        self,
        service: str,
        body: Body,
        *,
        timeout: float | None = 30.0,
        headers: Mapping[str, str] | None = None,
        content_type: str | None = None,
        idempotent: bool = False,
        idempotency_key: str | None = None,
    ) -> Generator[Reply, None, None]:
        """Ask a service and get every reply as it comes; see :meth:`AsyncClient.stream`."""
        replies = _Replies(
            self._client.stream(
                service,
                body,
                timeout=timeout,
                headers=headers,
                content_type=content_type,
                idempotent=idempotent,
                idempotency_key=idempotency_key,
            )
        )
        try:
            while True:
                self._check_may_wait()
                reply = self._submit(replies.next()).result()
                if reply is None:
                    break
                yield reply
        finally:
            with contextlib.suppress(Closed):  # then the client has ended it
                closed = self._submit(replies.close())
                if not self._runs_here():
                    closed.result()

    def close(self) -> None:
        """Cancel what is outstanding and disconnect. May be called again; from any thread, but not in a callback."""
        self._check_may_wait()
        with self._closing:
            first, self._closed = not self._closed, True
        # The lock is free from here on: what hangs on the calls that end now may call again, and is told Closed.
        if not first:
            self._ended.result()
            return
        _native.at_home(asyncio.run_coroutine_threadsafe(self._shut(), self._loop)).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._ended.result()
        self._loop.close()

    def __enter__(self) -> Self:
        """Return the client; it connects with its first call."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def _runs_here(self) -> bool:
        """Whether this is the thread of the client's loop: what hangs on a future runs there."""
        try:
            return asyncio.get_running_loop() is self._loop
        except RuntimeError:
            return False

    def _check_may_wait(self) -> None:
        if self._runs_here():
            raise RuntimeError("a callback of the client cannot wait for it: use another thread, or submit")

    def _submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        with self._closing:
            if self._closed:
                work.close()
                raise Closed("the client is closed")
            return _native.at_home(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def _shut(self) -> None:
        await self._client.close()
        # The calls have been answered; let them hand that on before the loop ends.
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others)
        await self._loop.shutdown_default_executor()


class _Replies:
    """The replies of a stream, taken one at a time. Owned by the thread of the client's loop."""

    def __init__(self, replies: AsyncGenerator[Reply, None]) -> None:
        self._replies = replies
        self._taking: asyncio.Task[Any] | None = None

    async def next(self) -> Reply | None:
        self._taking = asyncio.current_task()
        return await anext(self._replies, None)

    async def close(self) -> None:
        if self._taking is not None:
            # Whoever waited for it was interrupted: a generator cannot be closed while it runs.
            self._taking.cancel()
            await asyncio.wait([self._taking])
        await self._replies.aclose()
