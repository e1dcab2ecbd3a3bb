"""A client's conversation with one broker, from connecting to the loss of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

import zmq

from . import _clock
from . import _protocol as jf1
from ._errors import ConnectionLost, ErrorCode, JackfieldError, ProtocolError, request_failed
from ._link import Link
from ._liveness import Liveness
from ._messages import Reply
from ._protocol import Command, Message

log = logging.getLogger("jackfield.client")

_PARTIALS_MAX = 1000


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """What a client was made with."""

    endpoints: tuple[str, ...]
    heartbeat_interval_s: float
    heartbeat_liveness: int
    outstanding_max: int
    body_bytes_max: int
    retries_max: int

    @property
    def silence_max_s(self) -> float:
        """The silence after which a broker is given up."""
        return self.heartbeat_interval_s * self.heartbeat_liveness


class Call:
    """One request in flight: what came for it and was not yet taken."""

    __slots__ = ("id", "replies", "streaming")

    def __init__(self, request_id: int, streaming: bool) -> None:
        self.id = request_id
        self.streaming = streaming
        self.replies: asyncio.Queue[Reply | JackfieldError] = asyncio.Queue()

    async def next(self) -> Reply:
        """Return the next reply; raises what the call has ended with."""
        answer = await self.replies.get()
        if isinstance(answer, JackfieldError):
            raise answer
        return answer


class Connection:
    """The calls that one broker has. Owned by the event loop's thread.

    ``on_leaving`` is called when no more calls should begin here, because the broker drains or is lost.
    """

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        endpoint: str,
        settings: ClientSettings,
        on_leaving: Callable[[Connection], None],
    ) -> None:
        self._endpoint = endpoint
        self._settings = settings
        self._on_leaving = on_leaving
        self._calls: dict[int, Call] = {}
        self._leaving = False
        self._ended = False
        self._liveness = Liveness(settings.heartbeat_interval_s, settings.heartbeat_liveness, _clock.now())
        self._link = Link(
            context,
            endpoint,
            frame_bytes_max=settings.body_bytes_max + jf1.ENVELOPE_BYTES_MAX,
            # Where there is another broker to try, this one is not waited for.
            tries_once=len(settings.endpoints) > 1,
            on_frames=self._on_frames,
            on_lost=self._lose,
        )
        self._timer = self._schedule()

    def begin(self, call: Call, frames: list[bytes]) -> None:
        """Send a call's request."""
        if not self._calls:
            # Silence was allowed while nothing was asked.
            self._liveness.restart(_clock.now())
        self._calls[call.id] = call
        self._send(frames)

    def end(self, call: Call) -> None:
        """Forget the call; the broker is told when it does not know that it has ended."""
        if self._calls.pop(call.id, None) is not None:
            self._send(jf1.encode(Message(Command.CANCEL, id=call.id)))
        self._go_when_done()

    def close(self, linger_ms: int) -> None:
        """Disconnect; what is in flight is left as it is."""
        self._ended = True
        self._timer.cancel()
        self._link.close(linger_ms)

    def leave(self) -> None:
        """Take no more calls; disconnect when those in flight have ended."""
        if not self._leaving:
            self._leaving = True
            self._on_leaving(self)
        self._go_when_done()

    def _go_when_done(self) -> None:
        if self._leaving and not self._calls and not self._ended:
            self.close(0)

    def _lose(self, reason: str) -> None:
        if self._ended:
            return
        calls, self._calls = self._calls, {}
        log.warning("%s: %s; %d calls lost", self._endpoint, reason, len(calls))
        sent = self._link.reached()
        self.leave()
        for call in calls.values():
            cause = f"{self._endpoint}: {reason}"
            hint = "see whether a broker is running there"
            call.replies.put_nowait(ConnectionLost(ErrorCode.CONNECTION_LOST, cause, hint=hint, sent=sent))

    def _schedule(self) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(self._settings.heartbeat_interval_s / 4, self._tick)

    def _tick(self) -> None:
        self._timer = self._schedule()
        if not self._calls:
            return
        now = _clock.now()
        if self._liveness.lost(now):
            self._lose(f"nothing heard from a broker for {self._liveness.silence_max_s:g} s")
        elif self._liveness.heartbeat_due(now):
            self._liveness.asked(now)
            self._send(jf1.encode(Message(Command.HEARTBEAT, count=1)))

    def _send(self, frames: list[bytes]) -> None:
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
            self._on_drain()
        else:
            log.warning("%s sent %s, which no client gets", self._endpoint, message.command.name)

    def _on_drain(self) -> None:
        log.info("%s: the broker is draining", self._endpoint)
        if len(self._settings.endpoints) > 1:
            self.leave()

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
            self.end(call)
            cause = f"more than {_PARTIALS_MAX} partial replies wait to be taken"
            call.replies.put_nowait(request_failed(ErrorCode.SLOW_READER, cause))

    def _on_failure(self, message: Message) -> None:
        cause, hint = message.parts[0].decode(), message.headers.get("hint", "")
        if message.id:
            failed = request_failed(message.code, cause, hint=hint, retry_after_ms=message.time_ms)
            if message.code == ErrorCode.DRAINING:
                self._on_drain()
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
        self._go_when_done()
