from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor

import pytest

from clients import answer, assert_serves, cancel_of, fail
from fakebroker import (
    BEAT_S,
    DEADLINE_S,
    DISCONNECT,
    DRAIN,
    EARLY_EXIT,
    FAILURE,
    HEARTBEAT,
    IDEMPOTENT,
    PARTIAL,
    PING,
    REPLY,
    REQUEST,
    FakeBroker,
    HandClock,
    Received,
    header,
)
from jackfield import (
    AsyncClient,
    Client,
    Closed,
    ConnectionLost,
    DeadlineExceeded,
    NoSuchService,
    Overloaded,
    ProtocolError,
    Reply,
    RequestFailed,
)


def test_calls_a_service(broker: FakeBroker, client: Client) -> None:
    future = client.submit(
        "echo", b"hello", timeout=2.5, headers={"x-a": "1"}, content_type="text/plain", idempotent=True
    )
    request = broker.receive()

    expected = [b"echo", b"x-a:1\ncontent-type:text/plain\n", b"hello"]
    assert request == Received(request.peer, REQUEST, IDEMPOTENT, 0, 1, 2500, 0, expected)
    first = header(REPLY, flags=EARLY_EXIT, request_id=1)
    broker.send(request.peer, first, b"", b"content-type:a/b\n", b"hel", b"lo")

    reply = future.result(DEADLINE_S)
    assert (reply.body, reply.text, reply.parts) == (b"hello", "hello", (b"hel", b"lo"))
    assert (reply.content_type, dict(reply.headers)) == ("a/b", {"content-type": "a/b"})
    assert (reply.early_exit, reply.final) == (True, True)


def test_call_blocks_until_the_reply(broker: FakeBroker, client: Client) -> None:
    with ThreadPoolExecutor(1) as caller:
        future = caller.submit(client.call, "echo", "a", timeout=None)
        request = broker.receive()
        assert (request.time_ms, request.rest) == (0, [b"echo", b"", b"a"])
        answer(broker, request, b"a")
        assert future.result(DEADLINE_S).body == b"a"


def test_several_calls_are_outstanding_and_end_in_any_order(broker: FakeBroker, client: Client) -> None:
    futures = [client.submit("echo", str(number)) for number in range(3)]
    requests = [broker.receive() for _ in futures]
    assert len({request.id for request in requests}) == 3

    for request in reversed(requests):
        answer(broker, request, b"re:" + request.rest[2])

    assert [future.result(DEADLINE_S).text for future in futures] == ["re:0", "re:1", "re:2"]


def test_a_failure_is_raised_with_all_that_was_said(broker: FakeBroker, client: Client) -> None:
    future = client.submit("echo", b"")
    fail(broker, broker.receive(), 7, b"the queue is full", hint=b"retry after 100 ms", wait_ms=100)

    with pytest.raises(Overloaded) as failed:
        future.result(DEADLINE_S)

    error = failed.value
    assert (error.code, error.name, error.cause) == (7, "OVERLOADED", "the queue is full")
    assert (error.hint, error.retry_after_ms, error.retryable) == ("retry after 100 ms", 100, True)


def test_each_call_gets_its_own_failure(broker: FakeBroker, client: Client) -> None:
    futures = [client.submit("a", b""), client.submit("b", b"")]
    first, second = broker.receive(), broker.receive()
    fail(broker, second, 6, b"service: b")
    answer(broker, first, b"fine")

    assert futures[0].result(DEADLINE_S).body == b"fine"
    with pytest.raises(NoSuchService, match="service: b"):
        futures[1].result(DEADLINE_S)


def test_streams_partial_replies_and_the_final_one(broker: FakeBroker, client: Client) -> None:
    with ThreadPoolExecutor(1) as caller:
        future = caller.submit(lambda: list(client.stream("count", b"3")))
        request = broker.receive()
        for body in (b"1", b"2"):
            answer(broker, request, body, PARTIAL)
        answer(broker, request, b"end")

        replies = future.result(DEADLINE_S)

    assert [(reply.body, reply.final) for reply in replies] == [(b"1", False), (b"2", False), (b"end", True)]


def test_a_stream_that_is_closed_early_is_cancelled(broker: FakeBroker, client: Client) -> None:
    stream = client.stream("count", b"")
    with ThreadPoolExecutor(1) as caller:
        future = caller.submit(next, stream)
        request = broker.receive()
        answer(broker, request, b"1", PARTIAL)
        assert future.result(DEADLINE_S).body == b"1"

    stream.close()

    assert broker.receive() == cancel_of(request)
    answer(broker, request, b"2", PARTIAL)  # on its way already: nobody's
    assert_serves(broker, client)


def test_a_reader_that_does_not_keep_up_is_told_so(broker: FakeBroker, client: Client) -> None:
    stream = client.stream("count", b"")
    with ThreadPoolExecutor(1) as caller:
        future = caller.submit(next, stream)
        request = broker.receive()
        answer(broker, request, b"", PARTIAL)
        future.result(DEADLINE_S)
    for _ in range(1001):
        answer(broker, request, b"", PARTIAL)

    assert broker.receive() == cancel_of(request)
    with pytest.raises(RequestFailed, match="SLOW_READER: more than 1000 partial replies"):
        list(stream)


def test_call_passes_over_partial_replies(broker: FakeBroker, client: Client) -> None:
    future = client.submit("count", b"")
    request = broker.receive()
    answer(broker, request, b"1", PARTIAL)
    answer(broker, request, b"end")

    assert future.result(DEADLINE_S).body == b"end"


def test_a_cancelled_call_is_cancelled_at_the_broker(broker: FakeBroker, client: Client) -> None:
    future = client.submit("slow", b"")
    request = broker.receive()

    assert future.cancel()

    assert broker.receive() == cancel_of(request)
    with pytest.raises(CancelledError):
        future.result(DEADLINE_S)
    fail(broker, request, 10, b"cancelled")  # the broker's answer to it: nobody's
    assert_serves(broker, client)


def test_a_broker_that_says_nothing_of_the_deadline_is_not_waited_for(broker: FakeBroker, client: Client) -> None:
    future = client.submit("slow", b"", timeout=0.05)
    request = broker.receive()
    assert request.time_ms == 50

    with pytest.raises(DeadlineExceeded, match=r"no final reply within 0\.05 s"):
        future.result(DEADLINE_S)

    assert broker.receive() == cancel_of(request)


def test_a_lost_connection_ends_every_call_and_the_next_one_connects_anew(broker: FakeBroker, client: Client) -> None:
    futures = [client.submit("a", b""), client.submit("b", b"", timeout=None)]
    broker.receive()
    broker.receive()

    broker.close()

    for future in futures:
        with pytest.raises(ConnectionLost, match="the connection was closed"):
            future.result(DEADLINE_S)
    with FakeBroker(broker.endpoint) as again:
        assert_serves(again, client)


def test_what_came_before_the_connection_was_lost_counts(broker: FakeBroker) -> None:
    calls = 200  # more than the client reads in one turn of its loop

    async def main() -> None:
        async with AsyncClient(broker.endpoint) as client:
            tasks = [asyncio.create_task(client.call("a", b"")) for _ in range(calls)]
            await asyncio.sleep(0)  # let them begin
            # From here on the client's loop stands still: it finds the replies and the loss at the same time.
            for _ in range(calls):
                answer(broker, broker.receive(), b"last words")
            broker.close(linger_ms=5000)
            replies = await asyncio.gather(*tasks)
            assert {reply.body for reply in replies} == {b"last words"}

    asyncio.run(asyncio.wait_for(main(), DEADLINE_S))


def test_silence_while_nothing_was_asked_is_no_loss(broker: FakeBroker, clock: HandClock) -> None:
    with Client(broker.endpoint, heartbeat_interval_s=BEAT_S, heartbeat_liveness=3) as client:
        assert_serves(broker, client)
        clock.advance(30 * BEAT_S)

        future = client.submit("slow", b"")
        request = broker.receive()
        broker.receive_heartbeats(1, clock)  # the client has judged the silence meanwhile
        answer(broker, request, b"x")
        assert future.result(DEADLINE_S).body == b"x"


def test_silence_ends_every_call(broker: FakeBroker, clock: HandClock) -> None:
    broker.answers_heartbeats = False
    with Client(broker.endpoint, heartbeat_interval_s=BEAT_S, heartbeat_liveness=32) as client:
        future = client.submit("a", b"", timeout=None)
        old = broker.receive().peer
        broker.receive_heartbeats(2, clock)

        clock.advance(1)

        with pytest.raises(ConnectionLost, match=r"nothing heard from a broker for 1 s"):
            future.result(DEADLINE_S)
        future = client.submit("a", b"")
        request = broker.receive()
        assert request.peer != old
        answer(broker, request, b"x")
        assert future.result(DEADLINE_S).body == b"x"


def test_no_broker_at_all_is_said_before_the_timeout() -> None:
    with FakeBroker() as gone:
        endpoint = gone.endpoint
    with (
        Client(endpoint, heartbeat_interval_s=0.02, heartbeat_liveness=2) as client,
        pytest.raises(ConnectionLost, match="nothing heard from a broker"),
    ):
        client.call("a", b"")


def test_heartbeats_keep_a_long_call_alive(broker: FakeBroker, clock: HandClock) -> None:
    with Client(broker.endpoint, heartbeat_interval_s=BEAT_S, heartbeat_liveness=50) as client:
        future = client.submit("slow", b"")
        request = broker.receive()
        broker.receive_heartbeats(60, clock)
        broker.send(request.peer, PING)
        assert broker.receive() == Received(request.peer, HEARTBEAT, 0, 0, 0, 0, 0, [])
        answer(broker, request, b"done")
        assert future.result(DEADLINE_S).body == b"done"


def test_a_broker_that_does_not_know_the_client_has_none_of_its_calls(broker: FakeBroker, client: Client) -> None:
    future = client.submit("a", b"")
    request = broker.receive()

    broker.send(request.peer, header(FAILURE, code=14), b"", b"", b"neither client nor worker")

    with pytest.raises(ConnectionLost, match="has forgotten this client: neither client nor worker"):
        future.result(DEADLINE_S)
    assert_serves(broker, client)


def test_a_draining_broker_ends_what_it_has_and_says_disconnect(broker: FakeBroker, client: Client) -> None:
    finished, left = client.submit("a", b""), client.submit("b", b"")
    request = broker.receive()
    broker.receive()

    broker.send(request.peer, header(DRAIN, count=2))
    answer(broker, request, b"x")
    broker.send(request.peer, header(DISCONNECT))

    assert finished.result(DEADLINE_S).body == b"x"
    with pytest.raises(ConnectionLost, match="DISCONNECT"):
        left.result(DEADLINE_S)


def test_a_broken_reply_ends_its_call_and_no_other(broker: FakeBroker, client: Client) -> None:
    broken, fine = client.submit("a", b""), client.submit("b", b"")
    first, second = broker.receive(), broker.receive()

    broker.send(first.peer, b"junk")
    answer(broker, first, b"", headers=b"no colon\n")
    answer(broker, second, b"x")

    with pytest.raises(ProtocolError, match="no colon"):
        broken.result(DEADLINE_S)
    assert fine.result(DEADLINE_S).body == b"x"


def test_the_number_of_outstanding_calls_has_a_limit(broker: FakeBroker) -> None:
    with Client(broker.endpoint, outstanding_max=1) as client:
        first = client.submit("a", b"")
        with pytest.raises(Overloaded):
            client.call("a", b"")
        answer(broker, broker.receive(), b"x")
        assert first.result(DEADLINE_S).body == b"x"
        assert_serves(broker, client)


@pytest.mark.parametrize(
    "options",
    [
        {"heartbeat_interval_s": 0},
        {"heartbeat_interval_s": float("nan")},
        {"heartbeat_liveness": 1},
        {"outstanding_max": 0},
        {"body_bytes_max": 0},
        {"retries_max": -1},
        {"retries_max": 101},
    ],
)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_refuses_options_out_of_range(kind: Callable[..., object], options: dict[str, float]) -> None:
    name, value = next(iter(options.items()))
    with pytest.raises(ValueError, match=rf"^{name}: {value} \(expected: .+ to .+\)$"):
        kind("tcp://127.0.0.1:1", **options)


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (lambda client: client.call("a b", b""), ProtocolError),
        (lambda client: client.call("a", b"", headers={"A": "x"}), ProtocolError),
        (lambda client: client.call("a", b"", timeout=0), ValueError),
        (lambda client: client.call("a", b"", timeout=2**32), ValueError),
        (lambda client: client.call("a", None), TypeError),
        (lambda client: client.call("a", [b""] * 65), ProtocolError),
        (lambda client: client.call("a", bytes(101)), RequestFailed),
        (lambda client: next(client.stream("a b", b"")), ProtocolError),
    ],
)
def test_refuses_what_cannot_be_sent_and_goes_on(
    broker: FakeBroker, ask: Callable[[Client], object], error: type[Exception]
) -> None:
    with Client(broker.endpoint, body_bytes_max=100) as client:
        with pytest.raises(error):
            ask(client)
        assert_serves(broker, client)


def test_refuses_an_endpoint_that_is_none() -> None:
    with Client("nonsense") as client, pytest.raises(ValueError, match="endpoint: 'nonsense'"):
        client.call("a", b"")


def test_close_ends_what_is_outstanding(broker: FakeBroker) -> None:
    client = Client(broker.endpoint)
    future = client.submit("a", b"")
    request = broker.receive()

    client.close()
    client.close()

    with pytest.raises(Closed):
        future.result(DEADLINE_S)
    assert broker.receive() == cancel_of(request)
    with pytest.raises(Closed):
        client.call("a", b"")


def test_what_hangs_on_a_call_may_call_again_while_the_client_closes(broker: FakeBroker) -> None:
    client = Client(broker.endpoint)
    told: list[type[BaseException] | None] = []

    def again(ended: Future[Reply]) -> None:
        try:
            client.submit("a", b"")
        except Closed as e:
            told.append(type(e))

    client.submit("a", b"").add_done_callback(again)
    assert broker.receive().command == REQUEST

    closers = [threading.Thread(target=client.close, daemon=True) for _ in range(2)]
    for closer in closers:
        closer.start()
    for closer in closers:
        closer.join(DEADLINE_S)

    assert not any(closer.is_alive() for closer in closers)
    assert told == [Closed]


def test_many_threads_share_a_client(broker: FakeBroker, client: Client) -> None:
    calls, threads = 200, 8
    with ThreadPoolExecutor(threads) as callers:
        futures: list[Future[Reply]] = [callers.submit(client.call, "echo", str(n)) for n in range(calls)]
        for _ in range(calls):
            request = broker.receive()
            answer(broker, request, request.rest[2])
        assert [future.result(DEADLINE_S).text for future in futures] == [str(n) for n in range(calls)]


def with_async_client(broker: FakeBroker, talk: Callable[[AsyncClient], Awaitable[None]]) -> threading.Thread:
    """Let an asyncio client talk on a thread of its own, so that the test can be the broker."""

    async def main() -> None:
        async with AsyncClient(broker.endpoint) as client:
            await asyncio.wait_for(talk(client), DEADLINE_S)

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    return thread


def test_the_async_client_calls_streams_and_cancels(broker: FakeBroker) -> None:
    heard: list[object] = []

    async def talk(client: AsyncClient) -> None:
        heard.extend(reply.text for reply in await asyncio.gather(client.call("a", "1"), client.call("a", "2")))
        heard.append([reply.text async for reply in client.stream("b", b"")])
        task = asyncio.create_task(client.call("c", b""))
        await asyncio.sleep(0)  # let it begin
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            heard.append("cancelled")
        try:
            await client.call("d", b"")
        except NoSuchService as e:
            heard.append(e.code)

    thread = with_async_client(broker, talk)
    for request in (broker.receive(), broker.receive()):
        answer(broker, request, request.rest[2] * 2)
    stream = broker.receive()
    answer(broker, stream, b"p", PARTIAL)
    answer(broker, stream, b"f")
    cancelled = broker.receive()
    assert broker.receive() == cancel_of(cancelled)
    fail(broker, broker.receive(), 6, b"none")
    thread.join(DEADLINE_S)

    assert heard == ["11", "22", ["p", "f"], "cancelled", 6]
