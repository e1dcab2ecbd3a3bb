"""The worker: functions become services."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

import zmq

from . import _clock, _native
from . import _protocol as jf1
from ._errors import Closed, DrainTimeout
from ._handlers import Handler, HandlerFunction
from ._protocol import ServiceDeclaration
from ._session import WorkerSession, WorkerSettings, Workshop
from ._settings import check, check_connection
from ._threads import HandlerThreads
from ._version import __version__

log = logging.getLogger("jackfield.worker")

H = TypeVar("H", bound=HandlerFunction)


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """What a worker does at one moment."""

    brokers: int
    """How many brokers have registered it and are connected."""
    in_flight: int
    """Requests that it has."""
    oldest_s: float
    """Seconds since the oldest of them came; 0 when there is none."""
    draining: bool
    """Whether it has been told to leave."""


class Worker:
    """Serves requests that a broker sends.

    A handler takes a :class:`Request` and returns a body (bytes, str or parts) or a :class:`Reply`. Plain functions run
    on at most ``credit`` threads, ``async def`` functions on the event loop. A generator of either kind streams: what
    it yields goes out at once as partial replies, and its end ends the request (with an empty final reply, or with what
    a plain generator returns, or with a ``Reply(..., final=True)`` that it yields last). ``raise Failure(...)`` fails
    the request as it says; any other exception fails it with HANDLER_FAILED and the exception's text.

    Heartbeats come from the event loop, so a busy handler on a thread does not stop them, unless it is C code that
    keeps the interpreter lock; an ``async def`` handler that blocks stops everything. When the broker is lost the
    worker registers again, as long as it takes; requests in flight are abandoned (``request.cancelled``).

    ``endpoint``: for example ``tcp://127.0.0.1:5555`` or ``ipc:///run/jackfield.sock``; several, in a list or tuple,
    are brokers that it serves at the same time.
    ``credit``: requests of one broker in flight at most, and of all of them at work at most, 1 to 65535; default: the
    number of cores this process may use.
    ``heartbeat_interval_s``: seconds without sending after which a heartbeat goes out.
    ``heartbeat_liveness``: intervals of silence after which the broker counts as lost.
    ``drain_timeout_s``: seconds that requests in flight, and the way of their answers, get when the worker leaves.
    ``worker_id``: default: host, process and a random part. ``labels``: sent as ``label.NAME`` headers.
    ``body_bytes_max``: bytes of the greatest body to receive; replies may have what the broker says that it takes.

    Services are added before it starts, and a worker runs once. ``stop`` may be called from any thread; everything else
    belongs to one.
    """

    def __init__(
        self,
        endpoint: str | Sequence[str],
        *,
        credit: int | None = None,
        heartbeat_interval_s: float = 1.0,
        heartbeat_liveness: int = 3,
        drain_timeout_s: float = 30.0,
        worker_id: str | None = None,
        labels: Mapping[str, str] | None = None,
        body_bytes_max: int = jf1.BODY_BYTES_MAX,
    ) -> None:
        credit = _cores() if credit is None else credit
        check("credit", credit, 1, jf1.CREDIT_MAX)
        check_connection(heartbeat_interval_s, heartbeat_liveness, body_bytes_max)
        check("drain_timeout_s", drain_timeout_s, 0, 86400)
        headers = {"worker-id": worker_id or _unique_id(), "kit": f"python/{__version__}"}
        headers |= {f"label.{name}": value for name, value in (labels or {}).items()}
        jf1.encode_headers(headers)  # a label that cannot be sent is refused here, not by the broker
        self._settings = WorkerSettings(
            jf1.endpoints(endpoint),
            credit,
            heartbeat_interval_s,
            heartbeat_liveness,
            drain_timeout_s,
            body_bytes_max,
            headers,
        )
        self._handlers: dict[str, Handler] = {}
        self._threads = HandlerThreads(credit)
        self._context: zmq.Context[zmq.Socket[bytes]] | None = None
        self._sessions: tuple[WorkerSession, ...] = ()
        self._registered = False  # by one broker at least, when it started
        self._loop: asyncio.AbstractEventLoop | None = None
        # `stop` sets this, then reads the sessions; starting sets the sessions, then reads this: one sees the other.
        self._stopped = threading.Event()
        self._hurry = asyncio.Event()

    def service(
        self, name: str, *, version: str = "0", idempotent: bool = False, timeout: float | None = None
    ) -> Callable[[H], H]:
        """Decorate the function that serves ``name``.

        ``idempotent``: a request may be carried out again on another worker when this one is lost. ``timeout``: seconds
        that a request may take when its client does not say; default: the broker's.
        """

        def register(function: H) -> H:
            self.add(name, function, version=version, idempotent=idempotent, timeout=timeout)
            return function

        return register

    def add(
        self,
        name: str,
        function: HandlerFunction,
        *,
        version: str = "0",
        idempotent: bool = False,
        timeout: float | None = None,
    ) -> None:
        """Serve ``name`` with the function; the same as the decorator :meth:`service`."""
        if self._sessions:
            raise Closed("services are added before the worker starts")
        if name in self._handlers:
            raise ValueError(f"service: {name} (it has a handler already)")
        if len(self._handlers) == jf1.SERVICES_MAX:
            raise ValueError(f"services: more than {jf1.SERVICES_MAX} in one worker")
        timeout_ms = None if timeout is None else round(timeout * 1000)
        declaration = ServiceDeclaration(name, version, idempotent, timeout_ms)
        jf1.encode_declaration(declaration)
        self._handlers[name] = Handler(declaration, function)

    def run(self, *, on_ready: Callable[[], object] | None = None) -> None:
        """Serve until SIGTERM or SIGINT, then drain and return; a second signal ends it without waiting.

        ``on_ready`` is called once, on this thread, when a broker has registered the worker; never, if it is told to
        leave before. Raises :class:`RegistrationRefused` when no broker wants it and :class:`DrainTimeout` when
        requests did not end or a broker did not say that it has read the last answers. On a thread that is not the
        main one there are no signals; ``stop`` ends it there.
        """
        asyncio.run(self._run(on_ready))

    async def serve(self, *, on_ready: Callable[[], object] | None = None) -> None:
        """Serve on the running loop until ``stop``; the same as :meth:`run`, without signals."""
        async with self:
            if on_ready is not None and self._registered:
                on_ready()
            await _all_ended(self._sessions)

    def stop(self) -> None:
        """Begin to drain: take no more requests, finish those in flight, leave. Any thread; returns at once."""
        self._stopped.set()
        loop = self._loop
        if loop is None:
            return
        try:
            for session in self._sessions:
                loop.call_soon_threadsafe(session.drain)
        except RuntimeError:
            if not loop.is_closed():  # closed: it has left already
                raise

    def status(self) -> WorkerStatus:
        """Tell what it does now. Any thread."""
        begun_s = [begun for session in self._sessions for begun in session.begun_s()]
        now_s = _clock.now()
        return WorkerStatus(
            brokers=sum(session.serving for session in self._sessions),
            in_flight=len(begun_s),
            oldest_s=now_s - min(begun_s, default=now_s),
            draining=self._stopped.is_set(),
        )

    async def __aenter__(self) -> Self:
        """Start, and wait until a broker has registered the worker, or it has been stopped."""
        sessions = self._prepare()
        try:
            for session in sessions:
                if self._stopped.is_set():
                    session.end()
                else:
                    session.start()
            self._registered = await _one_ready(sessions)
        except BaseException:
            await self._clean_up()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drain and leave."""
        self._stopped.set()
        try:
            for session in self._sessions:
                session.drain()
            await _all_ended(self._sessions)
        finally:
            await self._clean_up()

    def _prepare(self) -> tuple[WorkerSession, ...]:
        if not self._handlers:
            raise ValueError("the worker has no services")
        if self._sessions:
            raise Closed("a worker runs once")
        self._context = zmq.Context()
        self._loop = asyncio.get_running_loop()
        workshop = Workshop(self._handlers, self._context, self._threads, asyncio.Semaphore(self._settings.credit))
        self._sessions = tuple(
            WorkerSession(endpoint, self._settings, workshop) for endpoint in self._settings.endpoints
        )
        return self._sessions

    async def _clean_up(self) -> None:
        for session in self._sessions:
            session.end()
        assert self._context is not None
        leave_by_s = max(session.leave_by_s for session in self._sessions)
        await self._end_threads(max(0.0, leave_by_s - time.monotonic()))
        # It blocks while the last words are on their way.
        await _native.run(self._context.term, "jackfield-goodbye")

    async def _end_threads(self, timeout_s: float) -> None:
        """Let handlers that nobody waits for any more come to their end all the same: they may be writing a file."""
        ended = asyncio.wrap_future(self._threads.stop())
        hurry = asyncio.ensure_future(self._hurry.wait())
        done, _ = await asyncio.wait((ended, hurry), timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        hurry.cancel()
        if ended not in done:
            log.warning("handlers are still running; they end with the process")

    async def _run(self, on_ready: Callable[[], object] | None) -> None:
        loop = asyncio.get_running_loop()
        if threading.current_thread() is not threading.main_thread():
            await self.serve(on_ready=on_ready)
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal)
        try:
            await self.serve(on_ready=on_ready)
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    def _on_signal(self) -> None:
        if not self._stopped.is_set():
            self.stop()
            return
        self._hurry.set()
        for session in self._sessions:
            session.end(DrainTimeout("stopped by a second signal"))


async def _one_ready(sessions: Sequence[WorkerSession]) -> bool:
    """Wait until one broker has registered the worker; False: it was told to leave before. Raises when none will."""
    joining, told_to_leave = {session.ready for session in sessions}, False
    while joining:
        done, joining = await asyncio.wait(joining, return_when=asyncio.FIRST_COMPLETED)
        answers = [ready.result() for ready in done if ready.exception() is None]
        if any(answers):
            return True
        told_to_leave = told_to_leave or bool(answers)
    return False if told_to_leave else sessions[0].ready.result()


async def _all_ended(sessions: Sequence[WorkerSession]) -> None:
    """Wait until the worker has left every broker; raises when it left work undone, or no broker took it."""
    await asyncio.wait([session.ended for session in sessions])
    errors = [error for session in sessions if (error := session.ended.exception()) is not None]
    undone = [error for error in errors if isinstance(error, DrainTimeout)]
    if undone or len(errors) == len(sessions):
        raise (undone or errors)[0]


def _cores() -> int:
    # What this process may use, where the system can tell, rather than what the machine has.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _unique_id() -> str:
    return jf1.header_text(f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}")
