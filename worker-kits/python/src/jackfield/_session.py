"""A worker's conversation with the broker: joining, serving, losing the broker and finding it again, leaving."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import TypeVar

import zmq

from . import _clock
from . import _protocol as jf1
from ._errors import DrainTimeout, ErrorCode, Failure, ProtocolError, RegistrationRefused
from ._handlers import Handler
from ._link import Link
from ._liveness import Liveness
from ._messages import Reply, Request
from ._protocol import Command, Flag, Message
from ._threads import HandlerThreads

log = logging.getLogger("jackfield.worker")

T = TypeVar("T")

_BACKOFF_S = 0.1
_BACKOFF_S_MAX = 2.0
# How long libzmq may go on sending DISCONNECT after the worker has closed.
_GOODBYE_MS = 1000
_CAUSE_CHARACTERS_MAX = 1000
# How often a worker that drains says what it still has.
_TELL_DRAIN_S = 1.0


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What a worker was made with; checked by Worker."""

    endpoints: tuple[str, ...]
    credit: int
    heartbeat_interval_s: float
    heartbeat_liveness: int
    drain_timeout_s: float
    body_bytes_max: int
    headers: Mapping[str, str]


class _Phase(Enum):
    JOINING = "READY was sent, no answer yet"
    SERVING = "the broker said WELCOME"
    APART = "no connection; the next attempt has its time"
    ENDED = "drained, refused or stopped"


class _Execution:
    """One request at its handler. An execution that the session no longer lists has nobody to answer."""

    __slots__ = ("began_s", "cancelled", "on_thread", "request", "task")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.began_s = _clock.now()
        self.cancelled = False
        self.on_thread: Future[Reply] | None = None
        self.task: asyncio.Task[list[bytes]] | None = None

    def cancel(self) -> None:
        """Have the handler let go: the broker waits for that, and for the answer that says so."""
        if self.cancelled:
            return
        self.cancelled = True
        self.request.abandon()
        if self.on_thread is not None:
            # Ends one that waits for a thread. One that runs goes on: it is not over before its thread is free.
            self.on_thread.cancel()
        elif self.task is not None:
            self.task.cancel()

    def abandon(self) -> None:
        """Have the handler let go; nobody waits for that."""
        self.request.abandon()
        if self.task is not None:
            self.task.cancel()


@dataclass(frozen=True, slots=True)
class Workshop:
    """What the sessions of one worker share."""

    handlers: Mapping[str, Handler]
    context: zmq.Context[zmq.Socket[bytes]]
    threads: HandlerThreads
    benches: asyncio.Semaphore
    """As many as the credit: of all that the brokers send together, no more coroutines work at a time."""


class WorkerSession:
    """The state machine of one worker at one broker. Owned by the event loop's thread."""

    def __init__(self, endpoint: str, settings: WorkerSettings, workshop: Workshop) -> None:
        self._loop = asyncio.get_running_loop()
        self._endpoint = endpoint
        self._settings = settings
        self._workshop = workshop
        self._handlers = workshop.handlers
        self._phase = _Phase.APART
        self._link: Link | None = None
        self._liveness = Liveness(settings.heartbeat_interval_s, settings.heartbeat_liveness, _clock.now())
        self._in_flight: dict[int, _Execution] = {}
        self._tasks: set[asyncio.Task[list[bytes]]] = set()
        self._backoff_s = _BACKOFF_S
        self._attempts = 0
        self._draining = False
        self._drain_sent = False
        # Of this connection: the answers sent; of them, those that the broker has read for certain, as it answered a
        # heartbeat behind them; and for each heartbeat that it has not answered, the answers sent before.
        self._answers = 0
        self._answers_read = 0
        self._heartbeats_open: deque[int] = deque()
        self._body_bytes_max = settings.body_bytes_max
        self._timers: list[asyncio.TimerHandle] = []
        self._ticker: asyncio.Handle = self._loop.call_soon(self._tick)
        self.ready: asyncio.Future[bool] = self._loop.create_future()
        """True at the first WELCOME. When there will be none: False if it was told to leave before, else the reason."""
        self.ended: asyncio.Future[None] = self._loop.create_future()
        """Done when the worker has left; has the exception when it could not join or left work unfinished."""
        self.leave_by_s = time.monotonic()
        """Until when handlers may still run, in seconds of ``time.monotonic()``; later once it drains."""
        self._on: Mapping[Command, Callable[[Message], None]] = {
            Command.WELCOME: self._on_welcome,
            Command.REQUEST: self._on_request,
            Command.FAILURE: self._on_failure,
            Command.CANCEL: self._on_cancel,
            Command.HEARTBEAT: self._on_heartbeat,
            Command.DRAIN: self._on_drain,
            Command.DISCONNECT: self._on_disconnect,
        }

    # Joining and leaving

    def start(self) -> None:
        """Connect and send READY; from here on the session goes by itself."""
        self._connect()

    def drain(self) -> None:
        """Take no more requests, finish those in flight, leave. May be called again; then it does nothing."""
        if self._draining or self._phase is _Phase.ENDED:
            return
        self._draining = True
        self.leave_by_s = time.monotonic() + self._settings.drain_timeout_s
        if self._phase is _Phase.SERVING:
            self._send_drain()
        elif self._phase is not _Phase.JOINING or self._link is None or not self._link.reached():
            self.end()
            return
        # Where READY may have arrived, WELCOME may be on its way, with requests behind it: it is waited for first.
        self._later(self._settings.drain_timeout_s, self._on_drain_timeout)

    def _send_drain(self) -> None:
        self._tell_drain()
        self._drain_sent = True
        self._send(Message(Command.DRAIN, count=len(self._in_flight)))
        # A DRAIN that comes may be the broker's own. The answer to this cannot be mistaken, and no request follows it.
        self._ask()

    @property
    def serving(self) -> bool:
        """Whether the broker has registered the worker."""
        return self._phase is _Phase.SERVING

    def begun_s(self) -> list[float]:
        """Return when each request in flight came, in seconds of the clock. Any thread."""
        return [execution.began_s for execution in list(self._in_flight.values())]

    def _tell_drain(self) -> None:
        begun_s = self.begun_s()
        oldest_s = _clock.now() - min(begun_s, default=_clock.now())
        log.info("%s: draining: %d requests in flight, oldest %.1f s", self._endpoint, len(begun_s), oldest_s)
        self._later(_TELL_DRAIN_S, self._tell_drain)

    def end(self, error: Exception | None = None) -> None:
        """Leave at once, with whatever is in flight."""
        if self._phase is _Phase.ENDED:
            return
        serving = self._phase is _Phase.SERVING
        self._phase = _Phase.ENDED
        self._abandon_all()
        for timer in (*self._timers, self._ticker):
            timer.cancel()
        if self._link is not None:
            if serving:
                self._send(Message(Command.DISCONNECT))
            self._link.close(_GOODBYE_MS if serving else 0)
        self._settle(self.ready, False, error)
        self._settle(self.ended, None, error)

    def _settle(self, future: asyncio.Future[T], result: T, error: Exception | None = None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
            future.exception()  # whichever of the two futures nobody awaits must not complain about that

    def _connect(self) -> None:
        self._answers = self._answers_read = 0
        self._heartbeats_open.clear()
        self._body_bytes_max = self._settings.body_bytes_max
        self._link = Link(
            self._workshop.context,
            self._endpoint,
            frame_bytes_max=self._settings.body_bytes_max + jf1.ENVELOPE_BYTES_MAX,
            on_frames=self._on_frames,
            on_lost=self._lose,
        )
        self._join()

    def _join(self) -> None:
        self._phase = _Phase.JOINING
        self._liveness = Liveness(self._settings.heartbeat_interval_s, self._settings.heartbeat_liveness, _clock.now())
        declarations = tuple(jf1.encode_declaration(h.declaration) for h in self._handlers.values())
        interval_ms = max(1, round(self._settings.heartbeat_interval_s * 1000))
        self._send(
            Message(
                Command.READY,
                time_ms=interval_ms,
                count=self._settings.credit,
                headers=self._settings.headers,
                parts=declarations,
            )
        )

    def _lose(self, reason: str) -> None:
        """Give the connection up and come back a little later on a new one."""
        if self._phase is _Phase.ENDED:
            return
        # Said once, not at every attempt of a worker that waits for its broker.
        level = logging.WARNING if self._attempts == 0 else logging.DEBUG
        log.log(level, "%s: %s; %d requests lost", self._endpoint, reason, len(self._in_flight))
        self._attempts += 1
        self._abandon_all()
        if self._link is not None:
            self._link.close()
            self._link = None
        self._phase = _Phase.APART
        if self._draining:
            self.end()
            return
        self._later(self._backoff_s, self._connect)
        self._backoff_s = min(2 * self._backoff_s, _BACKOFF_S_MAX)

    def _abandon_all(self) -> None:
        executions, self._in_flight = self._in_flight, {}
        for execution in executions.values():
            execution.abandon()

    # Messages

    def _on_frames(self, frames: list[bytes]) -> None:
        self._liveness.heard(_clock.now())
        try:
            message = jf1.decode(frames)
        except ProtocolError as e:
            log.warning("%s sent a message that breaks the protocol: %s", self._endpoint, e)
            # Never an answer to a FAILURE: two peers that misread each other would not come to an end.
            if frames[0][4:5] != bytes([Command.FAILURE]):
                self._send(jf1.failure(e.request_id, e.code, e.cause))
            return
        handle = self._on.get(message.command)
        if handle is None:
            log.warning("%s sent %s, which no worker gets", self._endpoint, message.command.name)
            return
        handle(message)

    def _on_welcome(self, message: Message) -> None:
        if self._phase is not _Phase.JOINING:
            return
        self._phase = _Phase.SERVING
        self._backoff_s = _BACKOFF_S
        self._attempts = 0
        if message.time_ms:
            # A broker that expects to hear more often gets its way; one that is content with less loses nothing.
            self._liveness.interval_s = min(self._settings.heartbeat_interval_s, message.time_ms / 1000)
            self._ticker.cancel()
            self._tick()
        declared = message.headers.get("body-bytes-max", "")
        if declared.isascii() and declared.isdecimal():
            self._body_bytes_max = int(declared)
        broker = message.headers.get("broker-id", "")
        log.info("ready: %s at %s %s", ", ".join(self._handlers), self._endpoint, broker)
        if self._draining:
            self._send_drain()
        self._settle(self.ready, True)

    def _on_failure(self, message: Message) -> None:
        cause, hint = message.parts[0].decode(), message.headers.get("hint", "")
        if message.id:
            log.warning("request %d: the broker says: code %d: %s", message.id, message.code, cause)
        elif self._phase is _Phase.SERVING and message.code == ErrorCode.NOT_READY:
            log.warning("the broker has forgotten this worker: %s", cause)
            self._abandon_all()
            if self._draining:
                self._phase = _Phase.APART  # there is nobody to take leave of
                self.end()
            else:
                self._join()
        elif self._phase is _Phase.JOINING and message.code != ErrorCode.NOT_READY:
            self._on_refused(message, cause, hint)
        elif self._phase is not _Phase.JOINING:
            log.warning("the broker says: code %d: %s", message.code, cause)

    def _on_refused(self, message: Message, cause: str, hint: str) -> None:
        refused = RegistrationRefused(message.code, cause, hint=hint)
        if message.code in (ErrorCode.PEER_LIMIT, ErrorCode.OVERLOADED, ErrorCode.DRAINING):
            self._backoff_s = max(self._backoff_s, message.time_ms / 1000)
            self._lose(str(refused))
        else:
            log.error("%s does not take this worker: %s", self._endpoint, refused)
            self.end(refused)

    def _on_cancel(self, message: Message) -> None:
        # It stays in flight: its credit comes back with its answer, which is due when the handler has let go.
        execution = self._in_flight.get(message.id)
        if execution is not None:
            execution.cancel()

    def _on_heartbeat(self, message: Message) -> None:
        if message.count:
            self._send(Message(Command.HEARTBEAT))
            return
        if self._heartbeats_open:
            self._answers_read = self._heartbeats_open.popleft()
        self._leave_when_done()

    def _on_drain(self, message: Message) -> None:
        what = "the broker is draining, or answers DRAIN" if self._draining else "the broker is draining"
        log.info("%s: %s: %d requests in flight here", self._endpoint, what, message.count)

    def _on_disconnect(self, message: Message) -> None:
        self._lose("the broker said DISCONNECT" + (f" with code {message.code}" if message.code else ""))

    # Requests

    def _on_request(self, message: Message) -> None:
        if self._phase is not _Phase.SERVING:
            return
        handler = self._handlers.get(message.service)
        if message.id in self._in_flight:
            # An answer would end the first one.
            log.error("the broker sent request %d while it was in flight; the second one is dropped", message.id)
        elif handler is None:
            cause = f"service: {message.service} (not served by this worker)"
            self._answer(jf1.encode(jf1.failure(message.id, ErrorCode.NO_SUCH_SERVICE, cause)))
        elif len(self._in_flight) >= self._settings.credit:
            cause = f"the worker has {len(self._in_flight)} requests in flight (credit: {self._settings.credit})"
            self._answer(jf1.encode(jf1.failure(message.id, ErrorCode.OVERLOADED, cause)))
        else:
            self._begin(message, handler)

    def _begin(self, message: Message, handler: Handler) -> None:
        deadline_s = time.monotonic() + message.time_ms / 1000 if message.time_ms else None
        execution = _Execution(Request(message, deadline_s))
        self._in_flight[message.id] = execution
        execution.task = self._loop.create_task(self._execute(message.id, handler, execution))
        self._tasks.add(execution.task)  # the loop itself does not keep tasks alive
        execution.task.add_done_callback(partial(self._on_executed, message.id, execution))

    async def _execute(self, request_id: int, handler: Handler, execution: _Execution) -> list[bytes]:
        request, emit = execution.request, partial(self._emit, request_id, execution)
        try:
            if handler.is_async:
                async with self._workshop.benches:
                    reply = await handler.run(request, emit)
            else:
                execution.on_thread = handler.submit(request, self._workshop.threads, emit)
                reply = await asyncio.wrap_future(execution.on_thread)
            return self._encode(request_id, reply, Flag.EARLY_EXIT if reply.early_exit else Flag.NONE)
        except Exception as e:  # one request's failure is that request's end and nothing else's
            return jf1.encode(_failure_of(request_id, request, e))

    def _on_executed(self, request_id: int, execution: _Execution, task: asyncio.Task[list[bytes]]) -> None:
        """Answer; called for a task that was cancelled before it began, too."""
        self._tasks.discard(task)
        if execution is not self._in_flight.get(request_id):
            return
        if execution.cancelled:
            frames = jf1.encode(jf1.failure(request_id, ErrorCode.CANCELLED, "the request was cancelled"))
        elif task.cancelled():
            frames = jf1.encode(jf1.failure(request_id, ErrorCode.HANDLER_FAILED, "the handler was cancelled"))
        elif (error := task.exception()) is None:
            frames = task.result()
        elif isinstance(error, (SystemExit, KeyboardInterrupt)):
            return  # it ends the event loop, and the worker with it
        else:  # of BaseException's own, as gevent.Timeout is
            frames = jf1.encode(_failure_of(request_id, execution.request, error))
        del self._in_flight[request_id]
        self._answer(frames)
        self._leave_when_done()

    def _answer(self, frames: list[bytes]) -> None:
        self._answers += 1
        self._send_frames(frames)

    async def _emit(self, request_id: int, execution: _Execution, reply: Reply) -> None:
        frames = self._encode(request_id, reply, Flag.PARTIAL)
        link = self._link
        if execution is not self._in_flight.get(request_id) or execution.cancelled or link is None:
            raise asyncio.CancelledError
        self._send_frames(frames)
        await link.flushed()

    def _encode(self, request_id: int, reply: Reply, flags: Flag) -> list[bytes]:
        size = sum(map(len, reply.parts))
        if size > self._body_bytes_max:
            cause = f"reply: {size} bytes (expected: at most {self._body_bytes_max})"
            raise Failure(ErrorCode.TOO_LARGE, cause)
        return jf1.encode(Message(Command.REPLY, flags, id=request_id, headers=reply.headers, parts=reply.parts))

    def _leave_when_done(self) -> None:
        if not self._drain_sent or self._in_flight or self._heartbeats_open:
            return
        if self._last_answers_unread():
            # What is on its way when a connection is closed may be lost: the answer to this says that it has arrived.
            self._ask()
        else:
            self.end()

    def _last_answers_unread(self) -> bool:
        return self._drain_sent and not self._in_flight and self._answers_read < self._answers

    def _on_drain_timeout(self) -> None:
        if self._phase is _Phase.JOINING:
            self.end()
            return
        after = f"after {self._settings.drain_timeout_s:g} s"
        if self._last_answers_unread():
            unread = self._answers - self._answers_read
            self.end(DrainTimeout(f"the broker had not said {after} that it has read the last {unread} answers"))
        else:
            self.end(DrainTimeout(f"{len(self._in_flight)} requests had not ended {after}"))

    # Time

    def _tick(self) -> None:
        """Judge silence and keep the heartbeat going, four times an interval."""
        if self._phase is _Phase.ENDED:
            return
        self._ticker = self._loop.call_later(self._liveness.interval_s / 4, self._tick)
        now = _clock.now()
        if self._phase is _Phase.APART:
            return
        # A long last answer on a slow way keeps the heartbeats waiting behind it; the drain timeout ends that.
        if self._liveness.lost(now) and not self._last_answers_unread():
            self._backoff_s = _BACKOFF_S  # the silence was wait enough
            self._lose(f"nothing heard for {self._liveness.silence_max_s:g} s")
        elif self._phase is _Phase.SERVING and self._liveness.heartbeat_due(now):
            self._ask()

    def _ask(self) -> None:
        self._liveness.asked(_clock.now())
        self._heartbeats_open.append(self._answers)
        self._send(Message(Command.HEARTBEAT, count=1))

    def _later(self, delay_s: float, call: Callable[[], None]) -> None:
        self._timers = [timer for timer in self._timers if timer.when() > self._loop.time()]
        self._timers.append(self._loop.call_later(delay_s, call))

    def _send(self, message: Message) -> None:
        self._send_frames(jf1.encode(message))

    def _send_frames(self, frames: list[bytes]) -> None:
        if self._link is not None:
            self._liveness.sent(_clock.now())
            self._link.send(frames)


def _failure_of(request_id: int, request: Request, error: BaseException) -> Message:
    """Say a handler's exception in the words of the protocol."""
    if isinstance(error, Failure):
        return jf1.failure(request_id, error.code, error.cause, hint=error.hint, retry_after_ms=error.retry_after_ms)
    log.error("service %s: the handler failed", request.service, exc_info=error)
    cause = f"{type(error).__name__}: {error}"[:_CAUSE_CHARACTERS_MAX]
    return jf1.failure(request_id, ErrorCode.HANDLER_FAILED, cause)
