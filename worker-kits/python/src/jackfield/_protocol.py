"""JF1 messages in raw framing: bytes in, messages out, and back. No sockets, no clock, no threads.

::

     0               4   5   6       8                       16          20    22    24
     +---------------+---+---+-------+-----------------------+-----------+-----+-----+
     | J F 1 R       |cmd|flg| code  |          id           |  time-ms  |count|  0  |   frame 1
     +---------------+---+---+-------+-----------------------+-----------+-----+-----+
     service                                                                             frame 2
     header block: *( name ":" value LF )                                                frame 3
     body parts                                                                          frame 4..

Chapter 4 of docs/PROTOCOL.md is the contract. Both directions apply the same rules: what this module would not read it
does not write.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum, IntFlag
from types import MappingProxyType

from ._errors import ErrorCode, ProtocolError

SERVICE_NAME_BYTES_MAX = 255
HEADER_BLOCK_BYTES_MAX = 8192
HEADERS_MAX = 64
HEADER_NAME_BYTES_MAX = 64
HEADER_VALUE_BYTES_MAX = 4096
# Of a cause that this kit sends: a longer one is cut.
CAUSE_BYTES_MAX = 4096
PARTS_MAX = 64
FRAMES_MAX = 3 + PARTS_MAX
# Ours to send; the broker's own `body-bytes-max` comes with WELCOME and rules there.
BODY_BYTES_MAX = 16 * 1024 * 1024
# What may stand around a body: the broker's `message-bytes-max` leaves as much.
ENVELOPE_BYTES_MAX = 64 * 1024
# What a length in Kryo framing can say; libzmq's limits are larger.
FRAME_BYTES_MAX = 0x7FFF_FFFF
CREDIT_MAX = 65535
ENDPOINTS_MAX = 16
SERVICES_MAX = PARTS_MAX
TIME_MS_MAX = 0xFFFF_FFFF

NO_HEADERS: Mapping[str, str] = MappingProxyType({})

_HEADER = struct.Struct(">4sBBHQIHH")
_MAGIC = b"JF1R"
_HEADER_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOT_IN_SERVICE_NAME = re.compile(r"[\x00-\x20\x7f@/]")
_RESERVED_PREFIXES = ("jf.", "mmi.")
_UINT16_MAX = 0xFFFF
_UINT64_MAX = 0xFFFF_FFFF_FFFF_FFFF


def endpoints(given: str | Sequence[str]) -> tuple[str, ...]:
    """Take one endpoint or several."""
    several = (given,) if isinstance(given, str) else tuple(given)
    if not 1 <= len(several) <= ENDPOINTS_MAX or len(set(several)) != len(several):
        raise ValueError(f"endpoints: {several} (expected: 1 to {ENDPOINTS_MAX}, each once)")
    return several


class Command(IntEnum):
    """What a message is; the numbers are append-only."""

    READY = 1
    WELCOME = 2
    REQUEST = 3
    REPLY = 4
    FAILURE = 5
    CANCEL = 6
    HEARTBEAT = 7
    DRAIN = 8
    DISCONNECT = 9


class Flag(IntFlag):
    """Bits of the flags byte. OBJECT exists in Kryo framing only, so raw framing refuses it."""

    NONE = 0
    PARTIAL = 0x01
    EARLY_EXIT = 0x02
    IDEMPOTENT = 0x08


@dataclass(frozen=True, slots=True)
class Message:
    """One JF1 message. ``id``, ``time_ms``, ``count`` and ``code`` are 0 where the command has no use for them."""

    command: Command
    flags: Flag = Flag.NONE
    code: int = 0
    id: int = 0
    time_ms: int = 0
    count: int = 0
    service: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS)
    parts: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceDeclaration:
    """What READY says of one service. ``timeout_ms`` in milliseconds; None leaves it to the broker."""

    name: str
    version: str = "0"
    idempotent: bool = False
    timeout_ms: int | None = None


@dataclass(frozen=True, slots=True)
class _Rule:
    """Which fields a command uses; each pair is the least and the greatest value allowed."""

    flags: Flag = Flag.NONE
    code: tuple[int, int] = (0, 0)
    id: tuple[int, int] = (0, 0)
    time_ms: tuple[int, int] = (0, 0)
    count: tuple[int, int] = (0, 0)
    parts: tuple[int, int] = (0, 0)
    service: bool = False
    headers: bool = False


_PARTS = (1, PARTS_MAX)
_ANY_ID = (0, _UINT64_MAX)
_SOME_ID = (1, _UINT64_MAX)
_ANY_TIME = (0, TIME_MS_MAX)
_ANY_16 = (0, _UINT16_MAX)

_RULES: Mapping[Command, _Rule] = {
    Command.READY: _Rule(time_ms=_ANY_TIME, count=(1, CREDIT_MAX), parts=_PARTS, headers=True),
    Command.WELCOME: _Rule(time_ms=_ANY_TIME, count=_ANY_16, headers=True),
    Command.REQUEST: _Rule(
        flags=Flag.IDEMPOTENT,
        id=_SOME_ID,
        time_ms=_ANY_TIME,
        count=_ANY_16,
        parts=_PARTS,
        service=True,
        headers=True,
    ),
    Command.REPLY: _Rule(flags=Flag.PARTIAL | Flag.EARLY_EXIT, id=_SOME_ID, parts=_PARTS, headers=True),
    Command.FAILURE: _Rule(code=(1, _UINT16_MAX), id=_ANY_ID, time_ms=_ANY_TIME, parts=(1, 1), headers=True),
    Command.CANCEL: _Rule(id=_SOME_ID),
    Command.HEARTBEAT: _Rule(count=(0, 1)),
    Command.DRAIN: _Rule(count=_ANY_16),
    Command.DISCONNECT: _Rule(code=_ANY_16),
}


def encode(message: Message) -> list[bytes]:
    """Turn a message into frames; a message that breaks a rule raises ProtocolError and nothing is written."""
    _check(message)
    header = _HEADER.pack(
        _MAGIC, message.command, message.flags, message.code, message.id, message.time_ms, message.count, 0
    )
    if not (message.service or message.headers or message.parts):
        return [header]
    return [header, message.service.encode(), encode_headers(message.headers), *message.parts]


def decode(frames: Sequence[bytes]) -> Message:
    """Turn frames into a message, or raise ProtocolError with the code that its sender is to be told."""
    if not frames:
        raise _bad("frame count: 0 (expected: 1 and more)")
    message = _decode_header(frames[0])
    try:
        if len(frames) > 1:
            message = _decode_rest(message, frames)
        _check(message)
    except ProtocolError as e:
        e.request_id = message.id
        raise
    return message


def _decode_header(frame: bytes) -> Message:
    if len(frame) != _HEADER.size:
        raise _bad(f"length of the fixed header: {len(frame)} bytes (expected: {_HEADER.size})")
    magic, command, flags, code, request_id, time_ms, count, reserved = _HEADER.unpack(frame)
    if magic != _MAGIC:
        if re.match(rb"JF[02-9][RK]", magic):
            raise ProtocolError(ErrorCode.UNSUPPORTED_VERSION, f"version: {magic[2:3].decode()} (expected: 1)")
        raise _bad(f"first bytes: {magic.hex()} (expected: {_MAGIC.hex()})")
    if command not in _COMMANDS:
        cause = f"command: {command} (expected: 1 to {max(Command)})"
        raise ProtocolError(ErrorCode.UNKNOWN_COMMAND, cause, request_id=request_id)
    if reserved:
        raise _bad(f"last two bytes of the fixed header: {reserved} (expected: 0)", request_id)
    # Flag keeps bits that it does not know, so that _check can name them.
    return Message(Command(command), Flag(flags), code, request_id, time_ms, count)


_COMMANDS = frozenset(Command)


def _decode_rest(message: Message, frames: Sequence[bytes]) -> Message:
    if not 3 <= len(frames) <= FRAMES_MAX:  # noqa: PLR2004 - the drawing above
        raise _bad(f"frame count: {len(frames)} (expected: 1, or 3 to {FRAMES_MAX})")
    try:
        service = frames[1].decode()
    except UnicodeDecodeError:
        raise ProtocolError(ErrorCode.BAD_SERVICE_NAME, "service name: not UTF-8") from None
    return replace(message, service=service, headers=decode_headers(frames[2]), parts=tuple(frames[3:]))


def _check(message: Message) -> None:
    rule = _RULES[message.command]
    name = message.command.name
    if int(message.flags) & ~int(rule.flags):  # as numbers: ~ of a Flag leaves out the bits that it does not know
        raise _bad(f"flags of {name}: 0x{message.flags:02x} (allowed: 0x{rule.flags:02x})")
    if message.flags & Flag.PARTIAL and message.flags & Flag.EARLY_EXIT:
        raise _bad(f"flags of {name}: PARTIAL and EARLY_EXIT (EARLY_EXIT is for the final reply)")
    _check_range(name, "code", message.code, rule.code)
    _check_range(name, "id", message.id, rule.id)
    _check_range(name, "time-ms", message.time_ms, rule.time_ms)
    _check_range(name, "count", message.count, rule.count)
    _check_range(name, "body part count", len(message.parts), rule.parts)
    if message.headers and not rule.headers:
        raise _bad(f"headers of {name}: {len(message.headers)} (expected: none)")
    _check_service(message, rule)
    if message.command is Command.READY:
        for part in message.parts:
            decode_declaration(part)
    elif message.command is Command.FAILURE:
        _check_cause(message.parts[0])


def _check_range(command: str, what: str, value: int, allowed: tuple[int, int]) -> None:
    least, greatest = allowed
    if not least <= value <= greatest:
        expected = f"{least}" if least == greatest else f"{least} to {greatest}"
        raise _bad(f"{what} of {command}: {value} (expected: {expected})")


def _check_service(message: Message, rule: _Rule) -> None:
    if rule.service:
        check_service_name(message.service)
    elif message.service:
        raise _bad(f"service of {message.command.name}: {len(message.service)} characters (expected: empty)")


def _check_cause(part: bytes) -> None:
    try:
        part.decode()
    except UnicodeDecodeError:
        raise _bad("cause of FAILURE: not UTF-8") from None


def encode_headers(headers: Mapping[str, str]) -> bytes:
    """Turn headers into a header block."""
    if len(headers) > HEADERS_MAX:
        raise _bad(f"header count: {len(headers)} (expected: at most {HEADERS_MAX})")
    lines = []
    for name, value in headers.items():
        _check_header(name, value)
        lines.append(f"{name}:{value}\n")
    block = "".join(lines).encode()
    _check_block_size(block)
    return block


def decode_headers(block: bytes) -> Mapping[str, str]:
    """Turn a header block into headers, in its order. The result cannot be changed."""
    if not block:
        return NO_HEADERS
    _check_block_size(block)
    try:
        text = block.decode()
    except UnicodeDecodeError:
        raise _bad("header block: not UTF-8") from None
    if not text.endswith("\n"):
        raise _bad("header block: does not end with a line feed")
    lines = text[:-1].split("\n")
    if len(lines) > HEADERS_MAX:
        raise _bad(f"header count: {len(lines)} (expected: at most {HEADERS_MAX})")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise _bad("header line: no colon")
        _check_header(name, value)
        if name in headers:
            raise _bad(f"header {name}: more than once")
        headers[name] = value
    return MappingProxyType(headers)


def _check_block_size(block: bytes) -> None:
    if len(block) > HEADER_BLOCK_BYTES_MAX:
        raise _bad(f"header block: {len(block)} bytes (expected: at most {HEADER_BLOCK_BYTES_MAX})")


def _check_header(name: str, value: str) -> None:
    if len(name) > HEADER_NAME_BYTES_MAX or not _HEADER_NAME.match(name):
        expected = f"[a-z0-9][a-z0-9.-]*, at most {HEADER_NAME_BYTES_MAX} bytes"
        raise _bad(f"header name: {name[:HEADER_NAME_BYTES_MAX]!a} (expected: {expected})")
    size = _utf8_bytes(f"header {name}", value)
    if size > HEADER_VALUE_BYTES_MAX:
        raise _bad(f"header {name}: {size} bytes (expected: at most {HEADER_VALUE_BYTES_MAX})")
    if _CONTROL.search(value):
        raise _bad(f"header {name}: a control character in the value")


def check_service_name(name: str) -> None:
    """Raise ProtocolError BAD_SERVICE_NAME unless the name is one that a request may carry."""
    size = _utf8_bytes("service name", name)
    if not 1 <= size <= SERVICE_NAME_BYTES_MAX:
        cause = f"service name: {size} bytes (expected: 1 to {SERVICE_NAME_BYTES_MAX})"
        raise ProtocolError(ErrorCode.BAD_SERVICE_NAME, cause)
    if _NOT_IN_SERVICE_NAME.search(name):
        cause = f"service name: {name!a} (expected: no control characters, spaces, @ or /)"
        raise ProtocolError(ErrorCode.BAD_SERVICE_NAME, cause)


def encode_declaration(service: ServiceDeclaration) -> bytes:
    """Turn a service declaration into a body part of READY; defaults are left out."""
    check_service_name(service.name)
    if service.name.startswith(_RESERVED_PREFIXES):
        cause = f"service name: {service.name} (jf. and mmi. belong to the broker)"
        raise ProtocolError(ErrorCode.BAD_SERVICE_NAME, cause)
    headers = {"name": service.name}
    if service.version != "0":
        headers["version"] = service.version
    if service.idempotent:
        headers["idempotent"] = "true"
    if service.timeout_ms is not None:
        headers["timeout-ms"] = str(service.timeout_ms)
    block = encode_headers(headers)
    decode_declaration(block)
    return block


def decode_declaration(part: bytes) -> ServiceDeclaration:
    """Read a body part of READY; names other than the four known ones are passed over."""
    headers = decode_headers(part)
    if "name" not in headers:
        raise _bad("service declaration: no name")
    check_service_name(headers["name"])
    idempotent = headers.get("idempotent", "false")
    if idempotent not in ("true", "false"):
        raise _bad(f"idempotent of a service declaration: {idempotent!a} (expected: true or false)")
    timeout = headers.get("timeout-ms")
    if timeout is not None and not (re.match(r"[0-9]{1,10}\Z", timeout) and 1 <= int(timeout) <= TIME_MS_MAX):
        raise _bad(f"timeout-ms of a service declaration: {timeout!a} (expected: 1 to {TIME_MS_MAX})")
    return ServiceDeclaration(
        headers["name"],
        headers.get("version", "0"),
        idempotent == "true",
        int(timeout) if timeout is not None else None,
    )


def failure(request_id: int, code: int, cause: str, *, hint: str = "", retry_after_ms: int = 0) -> Message:
    """Make a FAILURE; cause and hint may be any text, their ends are cut off, an empty hint is left out."""
    headers = {"hint": header_text(hint)} if hint else NO_HEADERS
    body = _cut(cause, CAUSE_BYTES_MAX).encode()
    return Message(Command.FAILURE, code=code, id=request_id, time_ms=retry_after_ms, headers=headers, parts=(body,))


def header_text(text: str) -> str:
    """Make any text fit to be a header value: control characters become spaces, the end is cut off."""
    return _cut(_CONTROL.sub(" ", text), HEADER_VALUE_BYTES_MAX)


def _cut(text: str, bytes_max: int) -> str:
    return text.encode(errors="replace")[:bytes_max].decode(errors="ignore")


def _utf8_bytes(what: str, text: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        raise _bad(f"{what}: a surrogate, which UTF-8 does not have") from None


def _bad(cause: str, request_id: int = 0) -> ProtocolError:
    return ProtocolError(ErrorCode.BAD_MESSAGE, cause, request_id=request_id)
