"""A client whose callers wait on threads of their own: what interrupts them, and what ends while they wait."""

from __future__ import annotations

import signal
import sys
import threading
import time
import traceback
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Queue

import pytest

from clients import answer, assert_serves, cancel_of
from fakebroker import DEADLINE_S, PARTIAL, FakeBroker
from jackfield import Client, Reply


def test_an_interrupted_stream_is_cancelled_and_the_interrupt_goes_on(broker: FakeBroker, client: Client) -> None:
    main = threading.get_ident()

    def waits() -> bool:
        codes = {frame.f_code for frame, _ in traceback.walk_stack(sys._current_frames()[main])}
        return {Client.stream.__code__, threading.Condition.wait.__code__} <= codes

    def interrupt() -> None:
        request = broker.receive()
        end_s = time.monotonic() + DEADLINE_S
        while not waits():
            assert time.monotonic() < end_s
        signal.pthread_kill(main, signal.SIGINT)
        assert broker.receive() == cancel_of(request)

    # A shell that starts the tests in the background has them ignore it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with ThreadPoolExecutor(1) as other:
            told = other.submit(interrupt)
            with pytest.raises(KeyboardInterrupt):
                next(client.stream("count", b""))
            told.result(DEADLINE_S)
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_stream_may_be_closed_after_its_client(broker: FakeBroker) -> None:
    with Client(broker.endpoint) as client, ThreadPoolExecutor(1) as caller:
        stream = client.stream("count", b"")
        begun = caller.submit(next, stream)
        answer(broker, broker.receive(), b"1", PARTIAL)
        assert begun.result(DEADLINE_S).body == b"1"

    stream.close()

    assert list(stream) == []


def test_a_callback_of_the_client_is_told_that_it_cannot_wait_for_it(broker: FakeBroker, client: Client) -> None:
    told: Queue[str] = Queue()

    def wait(_: Future[Reply]) -> None:
        for call in (client.close, lambda: client.call("a", b""), lambda: next(client.stream("a", b""))):
            try:
                call()
            except RuntimeError as e:
                told.put(str(e))

    client.submit("a", b"").add_done_callback(wait)
    answer(broker, broker.receive(), b"x")

    for _ in range(3):
        assert "cannot wait for it: use another thread, or submit" in told.get(timeout=DEADLINE_S)
    assert_serves(broker, client)


def test_a_stream_may_be_closed_by_a_callback_of_its_client(broker: FakeBroker, client: Client) -> None:
    """Where the last reference to a stream goes, there it is closed."""
    with ThreadPoolExecutor(1) as caller:
        stream = client.stream("count", b"")
        begun = caller.submit(next, stream)
        request = broker.receive()
        answer(broker, request, b"1", PARTIAL)
        assert begun.result(DEADLINE_S).body == b"1"

    future = client.submit("a", b"")
    future.add_done_callback(lambda _: stream.close())
    answer(broker, broker.receive(), b"x")

    assert broker.receive() == cancel_of(request)
    assert_serves(broker, client)
