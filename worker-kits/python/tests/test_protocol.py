from __future__ import annotations

import random

import pytest

from jackfield import ErrorCode, ProtocolError
from jackfield import _protocol as jf1
from jackfield._protocol import Command, Flag, Message, ServiceDeclaration
from vectors import Vector, read_vectors

VALID = read_vectors("jf1-raw.txt", "raw")
INVALID = read_vectors("jf1-invalid.txt", "raw")
FAILURES = read_vectors("failures.txt")


def message_of(vector: Vector) -> Message:
    return Message(
        Command[vector.fields["command"]],
        Flag(vector.number("flags")),
        vector.number("code"),
        vector.number("id"),
        vector.number("time-ms"),
        vector.number("count"),
        vector.text("service"),
        vector.headers(),
        tuple(vector.bytes_list("body")),
    )


@pytest.mark.parametrize("vector", VALID, ids=lambda v: v.name)
def test_decodes_what_the_vector_says(vector: Vector) -> None:
    decoded = jf1.decode(vector.bytes_list("frame"))

    assert decoded == message_of(vector)
    assert list(decoded.headers) == list(vector.headers())


@pytest.mark.parametrize("vector", [v for v in VALID if "encode" not in v.fields], ids=lambda v: v.name)
def test_encodes_to_the_frames_of_the_vector(vector: Vector) -> None:
    assert jf1.encode(message_of(vector)) == vector.bytes_list("frame")


@pytest.mark.parametrize("vector", INVALID, ids=lambda v: v.name)
def test_refuses_the_vector_with_its_code_and_id(vector: Vector) -> None:
    with pytest.raises(ProtocolError) as refused:
        jf1.decode(vector.bytes_list("frame"))

    assert refused.value.code.name == vector.fields["error"]
    assert refused.value.request_id == vector.number("id")


@pytest.mark.parametrize("vector", FAILURES, ids=lambda v: v.name)
def test_writes_a_failure_as_the_vector_says(vector: Vector) -> None:
    cause, hint = unescape(vector.text("cause")), unescape(vector.text("hint"))

    message = jf1.failure(
        vector.number("id"), vector.number("number"), cause, hint=hint, retry_after_ms=vector.number("retry-after-ms")
    )

    assert jf1.encode(message) == vector.bytes_list("raw-frame")


def unescape(text: str) -> str:
    return text.encode("latin-1", "backslashreplace").decode("unicode_escape")


@pytest.mark.parametrize("seed", range(20))
def test_a_mutated_vector_is_read_or_refused_and_nothing_else(seed: int) -> None:
    # Whatever is read must be writable again and mean the same: decoder and encoder share one set of rules.
    source = random.Random(seed)
    for _ in range(500):
        frames = [bytearray(frame) for frame in source.choice(VALID).bytes_list("frame")]
        mutate(source, frames)
        try:
            message = jf1.decode([bytes(frame) for frame in frames])
        except ProtocolError:
            continue
        assert jf1.decode(jf1.encode(message)) == message, f"seed {seed}"


def mutate(source: random.Random, frames: list[bytearray]) -> None:
    for _ in range(source.randint(1, 3)):
        frame = source.choice(frames)
        kind = source.randrange(5)
        if kind == 0:
            frames.append(bytearray(source.randbytes(source.randrange(30))))
        elif kind == 1 and len(frames) > 1:
            frames.pop(source.randrange(len(frames)))
        elif kind == 2:
            frame[source.randrange(len(frame) + 1) :] = b""
        elif frame:
            frame[source.randrange(len(frame))] = source.randrange(256)


def test_refuses_no_frames_at_all() -> None:
    with pytest.raises(ProtocolError, match="frame count: 0"):
        jf1.decode([])


@pytest.mark.parametrize(
    "message",
    [
        Message(Command.REQUEST, id=1, service="a b", parts=(b"",)),
        Message(Command.REQUEST, id=0, service="echo", parts=(b"",)),
        Message(Command.REQUEST, id=1, service="echo"),
        Message(Command.REQUEST, id=1, service="echo", parts=(b"",) * 65),
        Message(Command.REQUEST, id=1, service="echo", headers={"Upper": "x"}, parts=(b"",)),
        Message(Command.REQUEST, id=1, service="echo", headers={"a": "x\n"}, parts=(b"",)),
        Message(Command.REQUEST, id=1, service="echo", headers={"a": "\ud800"}, parts=(b"",)),
        Message(Command.REQUEST, id=1, service="echo", headers={f"a{i}": "" for i in range(65)}, parts=(b"",)),
        Message(Command.REQUEST, id=1, service="echo", time_ms=-1, parts=(b"",)),
        Message(Command.REPLY, Flag.PARTIAL | Flag.EARLY_EXIT, id=1, parts=(b"",)),
        Message(Command.CANCEL, id=1, service="echo"),
        Message(Command.FAILURE, code=1, parts=(b"\xff",)),
    ],
)
def test_does_not_write_what_it_would_not_read(message: Message) -> None:
    with pytest.raises(ProtocolError):
        jf1.encode(message)


@pytest.mark.parametrize(
    "service",
    [
        ServiceDeclaration("echo"),
        ServiceDeclaration("echo", version="2.1"),
        ServiceDeclaration("echo", idempotent=True, timeout_ms=5000),
    ],
)
def test_a_declaration_comes_back_as_it_went(service: ServiceDeclaration) -> None:
    assert jf1.decode_declaration(jf1.encode_declaration(service)) == service


@pytest.mark.parametrize("name", ["", "jf.stats", "mmi.service", "a" * 256, "é" * 128, "a@b", "a/b", "a\tb"])
def test_refuses_to_declare_a_name_that_is_not_allowed(name: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        jf1.encode_declaration(ServiceDeclaration(name))

    assert refused.value.code is ErrorCode.BAD_SERVICE_NAME


def test_header_text_keeps_whole_characters_and_drops_control_characters() -> None:
    assert jf1.header_text("a\nb\x7fc") == "a b c"
    assert jf1.header_text("é" * 3000) == "é" * 2048
    assert jf1.header_text("x" + "é" * 3000) == "x" + "é" * 2047
