"""Jackfield for Python: a worker in ten lines, and clients to ask with.

:class:`Worker` turns functions into services, :class:`Client` and :class:`AsyncClient` call services. Times are in
seconds unless a name says otherwise. What goes wrong is a :class:`JackfieldError`.
"""

from ._blocking import Client
from ._client import AsyncClient
from ._errors import (
    BadRequest,
    Cancelled,
    Closed,
    ConnectionLost,
    DeadlineExceeded,
    Draining,
    DrainTimeout,
    ErrorCode,
    Failure,
    HandlerFailed,
    JackfieldError,
    NoSuchService,
    Overloaded,
    ProtocolError,
    RegistrationRefused,
    RequestFailed,
    WorkerLost,
)
from ._messages import Body, Reply, Request
from ._version import __version__
from ._worker import Worker, WorkerStatus

__all__ = [
    "AsyncClient",
    "BadRequest",
    "Body",
    "Cancelled",
    "Client",
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
    "Reply",
    "Request",
    "RequestFailed",
    "Worker",
    "WorkerLost",
    "WorkerStatus",
    "__version__",
]
