"""Error codes and exceptions.

The exceptions::

    JackfieldError
    ├── RequestFailed             a request ended with a code of the registry
    │   ├── BadRequest            BAD_REQUEST
    │   ├── NoSuchService         NO_SUCH_SERVICE
    │   ├── Overloaded            OVERLOADED
    │   ├── DeadlineExceeded      DEADLINE_EXCEEDED
    │   ├── WorkerLost            WORKER_LOST
    │   ├── Cancelled             CANCELLED
    │   ├── Draining              DRAINING
    │   ├── HandlerFailed         HANDLER_FAILED
    │   └── ConnectionLost        CONNECTION_LOST: the broker is not heard; the request may have been done or not
    ├── Failure                   raised by a handler: how its request is to fail
    ├── RegistrationRefused       the broker does not take the worker
    ├── DrainTimeout              a worker left with requests unfinished, or answers perhaps lost
    ├── Closed                    used after close
    └── ProtocolError             a message breaks the rules of JF1
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

__all__ = [
    "BadRequest",
    "Cancelled",
    "Closed",
    "ConnectionLost",
    "DeadlineExceeded",
    "DrainTimeout",
    "Draining",
    "ErrorCode",
    "Failure",
    "HandlerFailed",
    "JackfieldError",
    "NoSuchService",
    "Overloaded",
    "ProtocolError",
    "RegistrationRefused",
    "RequestFailed",
    "WorkerLost",
    "request_failed",
]


class ErrorCode(IntEnum):
    """The registry of error codes, append-only: a number and a name never change their meaning."""

    BAD_MESSAGE = 1
    UNKNOWN_COMMAND = 2
    UNSUPPORTED_VERSION = 3
    TOO_LARGE = 4
    BAD_REQUEST = 5
    NO_SUCH_SERVICE = 6
    OVERLOADED = 7
    DEADLINE_EXCEEDED = 8
    WORKER_LOST = 9
    CANCELLED = 10
    DRAINING = 11
    HANDLER_FAILED = 12
    UNSUPPORTED_BODY = 13
    NOT_READY = 14
    BAD_SERVICE_NAME = 15
    DUPLICATE_REQUEST_ID = 16
    TOO_MANY_SERVICES = 17
    UNSUPPORTED_PEER = 18
    PEER_LIMIT = 19
    SLOW_READER = 20
    SLOW_SENDER = 21
    METHOD_NOT_ALLOWED = 22
    NO_SUCH_ROUTE = 23
    INTERNAL_ERROR = 24
    PLUGIN_UNREADABLE = 25
    PLUGIN_BAD_MANIFEST = 26
    PLUGIN_NO_HANDLER = 27
    PLUGIN_BUNDLES_API = 28
    PLUGIN_SERVICE_TAKEN = 29
    PLUGIN_INCOMPATIBLE = 30
    PLUGIN_START_FAILED = 31
    CONFIG_INVALID = 32
    BIND_FAILED = 33
    HEADERS_TOO_LARGE = 34
    CONNECTION_LOST = 35
    FORBIDDEN_ORIGIN = 36
    NOT_PERMITTED = 37
    NO_SUCH_PLUGIN = 38
    PLUGIN_NOT_TRUSTED = 39
    PLUGIN_ROLLED_BACK = 40
    PLUGIN_DEPENDENCY = 41

    @property
    def category(self) -> str:
        """Who can mend it: request, capacity, worker, plugin, config or internal."""
        return _REGISTRY[self].category

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed later."""
        return _REGISTRY[self].retryable

    @property
    def http_status(self) -> int:
        """The status with which HTTP says it."""
        return _REGISTRY[self].http_status

    @property
    def text(self) -> str:
        """What it means, in one sentence."""
        return _REGISTRY[self].text


class _Entry(NamedTuple):
    category: str
    retryable: bool
    http_status: int
    text: str


# A copy of protocol/data/error-codes.tsv; a test compares the two field by field.
_REGISTRY: dict[ErrorCode, _Entry] = {
    ErrorCode.BAD_MESSAGE: _Entry("request", False, 400, "The message breaks the protocol."),
    ErrorCode.UNKNOWN_COMMAND: _Entry("request", False, 400, "The command is not known."),
    ErrorCode.UNSUPPORTED_VERSION: _Entry("request", False, 400, "The protocol version is not spoken here."),
    ErrorCode.TOO_LARGE: _Entry("request", False, 413, "The body is larger than the limit."),
    ErrorCode.BAD_REQUEST: _Entry("request", False, 400, "The service cannot read the request."),
    ErrorCode.NO_SUCH_SERVICE: _Entry("request", False, 404, "No service of that name exists."),
    ErrorCode.OVERLOADED: _Entry("capacity", True, 503, "The queue or another limit is full."),
    ErrorCode.DEADLINE_EXCEEDED: _Entry("worker", True, 504, "No reply came before the deadline."),
    ErrorCode.WORKER_LOST: _Entry("worker", False, 502, "The worker went away while it had the request."),
    ErrorCode.CANCELLED: _Entry("request", False, 499, "The client cancelled the request or went away."),
    ErrorCode.DRAINING: _Entry("capacity", True, 503, "The broker is shutting down and takes no new requests."),
    ErrorCode.HANDLER_FAILED: _Entry("worker", False, 500, "The service failed while it handled the request."),
    ErrorCode.UNSUPPORTED_BODY: _Entry("request", False, 415, "The body cannot be carried in the receiver's framing."),
    ErrorCode.NOT_READY: _Entry("request", False, 409, "The worker must send READY first."),
    ErrorCode.BAD_SERVICE_NAME: _Entry("request", False, 400, "The service name is not allowed."),
    ErrorCode.DUPLICATE_REQUEST_ID: _Entry("request", False, 409, "A request with that id is in flight already."),
    ErrorCode.TOO_MANY_SERVICES: _Entry("capacity", False, 503, "The limit of service names is reached."),
    ErrorCode.UNSUPPORTED_PEER: _Entry(
        "request", False, 400, "The socket type or mechanism of the peer cannot be served here."
    ),
    ErrorCode.PEER_LIMIT: _Entry("capacity", True, 503, "Too many connections."),
    ErrorCode.SLOW_READER: _Entry("request", False, 503, "The peer does not read what it is sent."),
    ErrorCode.SLOW_SENDER: _Entry("request", False, 408, "The request did not arrive in time."),
    ErrorCode.METHOD_NOT_ALLOWED: _Entry("request", False, 405, "The HTTP method is not allowed here."),
    ErrorCode.NO_SUCH_ROUTE: _Entry("request", False, 404, "No HTTP route has that path."),
    ErrorCode.INTERNAL_ERROR: _Entry("internal", False, 500, "The broker failed; its log says more."),
    ErrorCode.PLUGIN_UNREADABLE: _Entry("plugin", False, 500, "The plugin jar cannot be read."),
    ErrorCode.PLUGIN_BAD_MANIFEST: _Entry(
        "plugin", False, 500, "The plugin's manifest lacks an entry or has a wrong one."
    ),
    ErrorCode.PLUGIN_NO_HANDLER: _Entry("plugin", False, 500, "The plugin offers no handler."),
    ErrorCode.PLUGIN_BUNDLES_API: _Entry("plugin", False, 500, "The plugin contains classes of the plugin API."),
    ErrorCode.PLUGIN_SERVICE_TAKEN: _Entry("plugin", False, 500, "Another plugin serves a service of that name."),
    ErrorCode.PLUGIN_INCOMPATIBLE: _Entry("plugin", False, 500, "The plugin needs something this host does not have."),
    ErrorCode.PLUGIN_START_FAILED: _Entry("plugin", False, 500, "The plugin or a handler of it failed to start."),
    ErrorCode.CONFIG_INVALID: _Entry("config", False, 500, "The configuration has an error."),
    ErrorCode.BIND_FAILED: _Entry("config", False, 500, "The address cannot be bound."),
    ErrorCode.HEADERS_TOO_LARGE: _Entry(
        "request", False, 431, "The HTTP request line or headers are larger than the limit."
    ),
    ErrorCode.CONNECTION_LOST: _Entry(
        "worker", False, 502, "The connection to the broker was lost while the request was under way."
    ),
    ErrorCode.FORBIDDEN_ORIGIN: _Entry(
        "request", False, 403, "The web page, or the name that it used, may not use the gateway."
    ),
    ErrorCode.NOT_PERMITTED: _Entry("request", False, 403, "What was asked is not permitted here."),
    ErrorCode.NO_SUCH_PLUGIN: _Entry("request", False, 404, "No plugin of that id is here."),
    ErrorCode.PLUGIN_NOT_TRUSTED: _Entry("plugin", False, 500, "The plugin's jar is not on the list of trusted jars."),
    ErrorCode.PLUGIN_ROLLED_BACK: _Entry("plugin", False, 500, "The plugin did worse than the one it replaced."),
    ErrorCode.PLUGIN_DEPENDENCY: _Entry(
        "plugin", False, 500, "A plugin that it depends on, or that depends on it, does not fit."
    ),
}


class JackfieldError(Exception):
    """The root of every exception that this package raises on purpose."""


class RequestFailed(JackfieldError):
    """A request ended with a failure.

    ``code`` is the number from the registry and ``name`` its name (``CODE_n`` for a number newer than this kit),
    ``cause`` says what happened, ``hint`` what may help (may be empty), ``retry_after_ms`` the time in milliseconds
    after which a retry may help (0: not known), ``retryable`` whether the same request may succeed later.
    """

    def __init__(self, code: int, cause: str, *, hint: str = "", retry_after_ms: int = 0) -> None:
        known = _known(code)
        self.code = int(code)
        self.name = known.name if known else f"CODE_{int(code)}"
        self.cause = cause
        self.hint = hint
        self.retry_after_ms = retry_after_ms
        self.retryable = known.retryable if known else False
        super().__init__(f"{self.code} {self.name}: {cause}" + (f" ({hint})" if hint else ""))


class BadRequest(RequestFailed):
    """The service cannot read the request."""


class NoSuchService(RequestFailed):
    """No service of that name exists."""


class Overloaded(RequestFailed):
    """A queue or another limit is full, at the broker or in this client; a later retry may succeed."""


class DeadlineExceeded(RequestFailed):
    """No reply came before the deadline."""


class WorkerLost(RequestFailed):
    """The worker went away while it had the request; the work may have been done or not."""


class Cancelled(RequestFailed):
    """The request was cancelled."""


class Draining(RequestFailed):
    """The broker is shutting down and takes no new requests."""


class HandlerFailed(RequestFailed):
    """The service failed while it handled the request; ``cause`` is its own text."""


class ConnectionLost(RequestFailed):
    """The broker closed the connection or was not heard for too long.

    When ``sent``, the request may have been carried out or not: only the caller knows whether asking again is harmless.
    Otherwise there was no connection that could have carried it.
    """

    def __init__(self, code: int, cause: str, *, hint: str = "", retry_after_ms: int = 0, sent: bool = True) -> None:
        super().__init__(code, cause, hint=hint, retry_after_ms=retry_after_ms)
        self.sent = sent


class Failure(JackfieldError):
    """Raise it in a handler to fail the request with a code of the registry.

    ``cause`` and ``hint`` travel to the client. ``retry_after_ms``: milliseconds after which a retry may help.
    """

    def __init__(self, code: int, cause: str, *, hint: str = "", retry_after_ms: int = 0) -> None:
        self.code = ErrorCode(code)
        self.cause = cause
        self.hint = hint
        self.retry_after_ms = retry_after_ms
        super().__init__(f"{self.code.name}: {cause}" + (f" ({hint})" if hint else ""))


class RegistrationRefused(JackfieldError):
    """The broker refused the worker's READY for a reason that waiting does not mend.

    ``code`` is the number from the registry, ``cause`` and ``hint`` are the broker's.
    """

    def __init__(self, code: int, cause: str, *, hint: str = "") -> None:
        known = _known(code)
        self.code = int(code)
        self.cause = cause
        self.hint = hint
        super().__init__(f"{known.name if known else code}: {cause}" + (f" ({hint})" if hint else ""))


class DrainTimeout(JackfieldError):
    """Handlers had not ended when the worker's drain timeout ran out, or the last answers may not have arrived."""


class Closed(JackfieldError):
    """The client or the worker was used after it was closed."""


class ProtocolError(JackfieldError):
    """A message breaks the rules of JF1.

    ``code`` is what its sender is to be told. ``request_id`` is the id in the message, 0 when it cannot be known.
    """

    def __init__(self, code: ErrorCode, cause: str, *, request_id: int = 0) -> None:
        self.code = code
        self.cause = cause
        self.request_id = request_id
        super().__init__(f"{code.name}: {cause}")


_BY_CODE: dict[int, type[RequestFailed]] = {
    ErrorCode.BAD_REQUEST: BadRequest,
    ErrorCode.NO_SUCH_SERVICE: NoSuchService,
    ErrorCode.OVERLOADED: Overloaded,
    ErrorCode.DEADLINE_EXCEEDED: DeadlineExceeded,
    ErrorCode.WORKER_LOST: WorkerLost,
    ErrorCode.CANCELLED: Cancelled,
    ErrorCode.DRAINING: Draining,
    ErrorCode.HANDLER_FAILED: HandlerFailed,
    ErrorCode.CONNECTION_LOST: ConnectionLost,
}


def request_failed(code: int, cause: str, *, hint: str = "", retry_after_ms: int = 0) -> RequestFailed:
    """Make the exception of the class that stands for the code."""
    return _BY_CODE.get(code, RequestFailed)(code, cause, hint=hint, retry_after_ms=retry_after_ms)


def _known(code: int) -> ErrorCode | None:
    try:
        return ErrorCode(code)
    except ValueError:  # a code newer than this kit: the registry only ever grows
        return None
