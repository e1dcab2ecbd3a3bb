"""One connection to a broker, on an asyncio loop.

Plain non-blocking sockets whose file descriptor the loop watches, rather than zmq.asyncio: reading, writing and the
loss of the connection are then one synchronous step each, so that everything that came before a disconnect is read
before anything is declared lost. (Input is read before silence is judged, too: the loop runs the readers of a turn
before its timers.) There is also no future per frame.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

import zmq
from zmq.utils.monitor import parse_monitor_message

# Messages read per turn of the loop, so that a flood does not keep timers and tasks waiting.
_TURN_MESSAGES_MAX = 64
_RECONNECT_MS = 100
_RECONNECT_MS_MAX = 1000
_ENDS = (
    zmq.EVENT_DISCONNECTED
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
)
_REACHED = zmq.EVENT_HANDSHAKE_SUCCEEDED
_NOT_REACHED = zmq.EVENT_CONNECT_RETRIED
_REASONS: dict[int, str] = {
    zmq.EVENT_DISCONNECTED: "the connection was closed",
    _NOT_REACHED: "nobody is listening there",
}


class Link:
    """A DEALER socket that lives for one connection: when that ends, so does the link.

    libzmq would reconnect by itself and keep quiet about it; then nobody knows which requests the broker still has.
    Until the first connection stands, libzmq does retry, and what was sent waits; with ``tries_once`` it does not. What
    was sent waits here then: libzmq may connect after all, and deliver, before the link learns that it had to retry.

    Owned by the event loop's thread, which runs both callbacks; ``on_lost`` is the last one.
    """

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        endpoint: str,
        *,
        frame_bytes_max: int,
        tries_once: bool = False,
        on_frames: Callable[[list[bytes]], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_frames = on_frames
        self._on_lost = on_lost
        # Bounded by the callers: replies by the credit, requests by `outstanding_max`, partial replies by `flushed`.
        self._outbox: deque[Sequence[bytes]] = deque()
        self._flushed: list[asyncio.Future[None]] = []
        self._closed = False
        self._reached = False
        self._held_back = tries_once
        self._socket = context.socket(zmq.DEALER)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.MAXMSGSIZE, frame_bytes_max)
        self._socket.setsockopt(zmq.RECONNECT_IVL, _RECONNECT_MS)
        self._socket.setsockopt(zmq.RECONNECT_IVL_MAX, _RECONNECT_MS_MAX)
        self._monitor = self._socket.get_monitor_socket(_ENDS | _REACHED | (_NOT_REACHED if tries_once else 0))
        try:
            self._socket.connect(endpoint)
        except zmq.ZMQError as e:
            self._close_sockets(0)
            raise ValueError(f"endpoint: {endpoint!r} ({e}; expected, for example: tcp://127.0.0.1:5555)") from e
        self._socket_fd: int = self._socket.FD
        self._monitor_fd: int = self._monitor.FD
        self._loop.add_reader(self._socket_fd, self._turn)
        self._loop.add_reader(self._monitor_fd, self._watch)
        self._loop.call_soon(self._turn)
        self._loop.call_soon(self._watch)

    def send(self, frames: Sequence[bytes]) -> None:
        """Send a message, or keep it until the socket takes it. Never blocks; on a closed link it does nothing."""
        if self._closed:
            return
        self._outbox.append(frames)
        self._flush()
        self._look_again()

    async def flushed(self) -> None:
        """Wait until the socket has taken everything: the brake of whoever produces without being asked."""
        while self._outbox and not self._closed:
            waiter = self._loop.create_future()
            self._flushed.append(waiter)
            await waiter

    def close(self, linger_ms: int = 0) -> None:
        """Close; libzmq goes on sending what it has taken for ``linger_ms`` milliseconds."""
        if self._closed:
            return
        self._closed = True
        self._loop.remove_reader(self._socket_fd)
        self._loop.remove_reader(self._monitor_fd)
        self._close_sockets(linger_ms)
        self._outbox.clear()
        self._wake()

    def _close_sockets(self, linger_ms: int) -> None:
        self._socket.disable_monitor()
        self._monitor.close(0)
        self._socket.close(linger_ms)

    def _turn(self) -> None:
        for _ in range(_TURN_MESSAGES_MAX):
            if not self._read_one():
                break
        if not self._closed:
            self._flush()
            self._look_again()

    def _look_again(self) -> None:
        """Ask before waiting: the descriptor tells of a change once, and sending may have swallowed that."""
        awaited = zmq.POLLIN | (zmq.POLLOUT if self._outbox and not self._held_back else 0)
        if int(self._socket.EVENTS) & awaited:
            self._loop.call_soon(self._turn)

    def _read_one(self) -> bool:
        if self._closed:
            return False
        try:
            frames = self._socket.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return False
        self._on_frames(frames)
        return True

    def _flush(self) -> None:
        while self._outbox and not self._held_back:
            try:
                self._socket.send_multipart(self._outbox[0], zmq.NOBLOCK)
            except zmq.Again:
                return
            self._outbox.popleft()
        if not self._outbox:
            self._wake()

    def _wake(self) -> None:
        waiters, self._flushed = self._flushed, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def reached(self) -> bool:
        """Tell whether there has been a connection: only then can what was sent have arrived."""
        event = self._next_end()
        if event:
            self._loop.call_soon(self._finish, event)
        return self._reached

    def _next_end(self) -> int:
        """Take in what the monitor says until it is the end of the connection, which is returned; 0 if it is not."""
        while not self._closed:
            try:
                event = int(parse_monitor_message(self._monitor.recv_multipart(zmq.NOBLOCK))["event"])
            except zmq.Again:
                break
            if event != _REACHED:
                return event
            self._reached = True
            if self._held_back:
                self._held_back = False
                self._loop.call_soon(self._turn)
        return 0

    def _watch(self) -> None:
        event = self._next_end()
        if event:
            self._finish(event)

    def _finish(self, event: int) -> None:
        while self._read_one():  # bounded: nothing more comes over this connection
            pass
        self._end(_REASONS.get(event, "the other side does not speak ZMTP with this client"))

    def _end(self, reason: str) -> None:
        if self._closed:  # by what was read just now
            return
        self.close()
        self._on_lost(reason)
