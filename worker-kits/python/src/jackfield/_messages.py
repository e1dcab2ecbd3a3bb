"""What handlers and callers hold in their hands: requests and replies."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from types import MappingProxyType

from ._errors import ErrorCode, Failure
from ._protocol import NO_HEADERS, Flag, Message

Body = bytes | bytearray | memoryview | str | list[bytes] | tuple[bytes, ...]
"""A body: bytes, text (sent as UTF-8), or a list or tuple of parts, each a frame of its own."""


def body_parts(body: Body) -> tuple[bytes, ...]:
    """Turn a body into the parts that go over the wire."""
    if isinstance(body, str):
        return (body.encode(),)
    if isinstance(body, bytes | bytearray | memoryview):
        return (bytes(body),)
    if isinstance(body, list | tuple) and all(isinstance(part, bytes | bytearray | memoryview) for part in body):
        return tuple(bytes(part) for part in body)
    raise TypeError(f"body: {type(body).__name__} (expected: bytes, str, or a list or tuple of bytes)")


def with_content_type(headers: Mapping[str, str] | None, content_type: str | None) -> Mapping[str, str]:
    """Join headers and a content type given on its own."""
    if content_type is None:
        return MappingProxyType(dict(headers)) if headers else NO_HEADERS
    return MappingProxyType({**(headers or {}), "content-type": content_type})


class Reply:
    """A reply: what a handler returns or yields, and what a call gives.

    ``body`` is bytes, str (sent as UTF-8) or a list or tuple of parts. ``early_exit`` (final replies only) ends a
    pipeline after this stage. ``final`` is False for the partial replies of a stream; a handler sets it only in a
    generator, on the last reply that it yields. Not to be changed after it was made; any thread may read it.
    """

    __slots__ = ("early_exit", "final", "headers", "parts")

    def __init__(
        self,
        body: Body = b"",
        *,
        headers: Mapping[str, str] | None = None,
        content_type: str | None = None,
        early_exit: bool = False,
        final: bool = False,
    ) -> None:
        self.parts = body_parts(body)
        self.headers = with_content_type(headers, content_type)
        self.early_exit = early_exit
        self.final = final

    @classmethod
    def of(cls, message: Message) -> Reply:
        """Make the reply that a REPLY message carries."""
        early_exit = bool(message.flags & Flag.EARLY_EXIT)
        final = not message.flags & Flag.PARTIAL
        return cls(message.parts, headers=message.headers, early_exit=early_exit, final=final)

    @property
    def body(self) -> bytes:
        """The whole body: all parts, joined."""
        return self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)

    @property
    def text(self) -> str:
        """The whole body as UTF-8 text; UnicodeDecodeError when it is not."""
        return self.body.decode()

    @property
    def content_type(self) -> str | None:
        """The header ``content-type``, or None."""
        return self.headers.get("content-type")

    def __repr__(self) -> str:
        kind = "final" if self.final else "partial"
        return f"<Reply {kind} {sum(map(len, self.parts))} bytes {dict(self.headers)}>"


class Request:
    """A request, as a handler sees it. Any thread may read it."""

    __slots__ = ("_abandoned", "attempt", "deadline", "headers", "idempotent", "parts", "service")

    def __init__(self, message: Message, deadline: float | None) -> None:
        self.service = message.service
        """The name under which the handler was asked."""
        self.parts = message.parts
        """The body parts, one or more."""
        self.headers = message.headers
        """The headers; names in small letters."""
        self.attempt = message.count
        """Which attempt this is, from 1; more only for idempotent requests whose worker was lost."""
        self.idempotent = bool(message.flags & Flag.IDEMPOTENT)
        """Whether the client allows that it is carried out more than once."""
        self.deadline = deadline
        """When the answer is worthless, in seconds of ``time.monotonic()``; None: not known."""
        self._abandoned = threading.Event()

    @property
    def body(self) -> bytes:
        """The whole body: all parts, joined."""
        return self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)

    @property
    def text(self) -> str:
        """The whole body as UTF-8 text; a body that is not fails the request with BAD_REQUEST."""
        try:
            return self.body.decode()
        except UnicodeDecodeError as e:
            raise Failure(ErrorCode.BAD_REQUEST, f"body: not UTF-8 text ({e.reason} at byte {e.start})") from e

    @property
    def content_type(self) -> str | None:
        """The header ``content-type``, or None."""
        return self.headers.get("content-type")

    @property
    def time_left(self) -> float | None:
        """Seconds left to the deadline, 0 when it has passed; None: not known."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for the answer any more.

        The client cancelled or went away, the deadline has passed, or the connection to the broker was lost. A handler
        on a thread cannot be stopped from outside: one that takes long asks this now and then, and returns.
        """
        return self._abandoned.is_set() or self.time_left == 0.0

    def wait_cancelled(self, timeout: float) -> bool:
        """Block the handler's thread until ``cancelled`` or for ``timeout`` seconds; returns ``cancelled``.

        For handlers on threads only: on the event loop it would stop everything else.
        """
        left = self.time_left
        self._abandoned.wait(timeout if left is None else min(timeout, left))
        return self.cancelled

    def abandon(self) -> None:
        """Tell the handler that nobody waits any more. For the kit, not for handlers."""
        self._abandoned.set()

    def __repr__(self) -> str:
        return f"<Request {self.service} {sum(map(len, self.parts))} bytes {dict(self.headers)}>"
