from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import zmq
from zmq.utils.monitor import parse_monitor_message

from clients import answer, assert_serves, fail
from fakebroker import (
    BEAT_S,
    DEADLINE_S,
    DRAIN,
    HEARTBEAT,
    IDEMPOTENT,
    PARTIAL,
    PING,
    FakeBroker,
    HandClock,
    header,
)
from jackfield import AsyncClient, Client, ConnectionLost, Draining, Overloaded
from jackfield._errors import ErrorCode, request_failed
from jackfield._retry import Attempts

DRAINING, OVERLOADED = 11, 7


@pytest.fixture
def second() -> Iterator[FakeBroker]:
    with FakeBroker() as second:
        yield second


@pytest.fixture
def client(broker: FakeBroker, second: FakeBroker) -> Iterator[Client]:
    with Client([broker.endpoint, second.endpoint], heartbeat_interval_s=0.1, heartbeat_liveness=50) as client:
        yield client


@pytest.fixture
def gone() -> str:
    with FakeBroker() as gone:
        return gone.endpoint


def test_a_call_goes_to_the_broker_that_is_there(gone: str, broker: FakeBroker) -> None:
    with Client([gone, broker.endpoint]) as client:
        assert_serves(broker, client)
        assert_serves(broker, client)


def test_a_broker_that_comes_while_the_client_gives_it_up_gets_nothing(second: FakeBroker, gone: str) -> None:
    async def main(first: zmq.Socket[bytes]) -> str:
        async with AsyncClient([gone, second.endpoint]) as client:
            call = asyncio.create_task(client.call("pay", b""))
            await asyncio.sleep(0)  # let it begin
            # From here on the client's loop stands still: it finds "nobody is listening" and the connection together.
            assert client._current is not None
            assert client._current._link._monitor.poll(int(DEADLINE_S * 1000)), "it has not tried to connect"
            events = first.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
            first.bind(gone)
            assert events.poll(int(DEADLINE_S * 1000)), "it has not connected"
            assert parse_monitor_message(events.recv_multipart())["event"] == zmq.EVENT_HANDSHAKE_SUCCEEDED
            answering = asyncio.to_thread(lambda: answer(second, second.receive(), b"paid"))
            reply, _ = await asyncio.gather(call, answering)
            assert events.poll(int(DEADLINE_S * 1000)), "it has not given the first broker up"
            first.disable_monitor()
            events.close(0)
            return reply.text

    with zmq.Context() as context, context.socket(zmq.ROUTER) as first:
        assert asyncio.run(asyncio.wait_for(main(first), DEADLINE_S)) == "paid"
        assert not first.poll(0), "the first broker has the request, too"


def test_where_no_broker_is_at_all_it_says_that_nothing_was_sent(gone: str) -> None:
    with FakeBroker() as other:
        pass
    with (
        Client([gone, other.endpoint], heartbeat_interval_s=0.05, heartbeat_liveness=2) as client,
        pytest.raises(ConnectionLost, match="nobody is listening there") as lost,
    ):
        client.call("a", b"")
    assert not lost.value.sent


def test_a_call_that_may_have_been_carried_out_is_not_asked_again(
    broker: FakeBroker, second: FakeBroker, client: Client
) -> None:
    future = client.submit("a", b"")
    broker.receive()

    broker.close()

    with pytest.raises(ConnectionLost) as lost:
        future.result(DEADLINE_S)
    assert lost.value.sent
    assert_serves(second, client)


def test_an_idempotent_call_is_asked_again_at_the_next_broker(
    broker: FakeBroker, second: FakeBroker, client: Client
) -> None:
    future = client.submit("a", b"x", timeout=60, idempotent=True, idempotency_key="order-7")
    first = broker.receive()
    assert (first.flags, first.rest) == (IDEMPOTENT, [b"a", b"idempotency-key:order-7\n", b"x"])

    broker.close()

    again = second.receive()
    assert (again.flags, again.rest) == (IDEMPOTENT, first.rest)
    assert 0 < again.time_ms <= first.time_ms
    answer(second, again, b"y")
    assert future.result(DEADLINE_S).body == b"y"


def test_an_idempotent_call_waits_for_its_only_broker_to_come_back(broker: FakeBroker) -> None:
    with Client(broker.endpoint) as client:
        future = client.submit("a", b"x", idempotent=True)
        broker.receive()
        broker.close()

        with FakeBroker(broker.endpoint) as again:
            answer(again, again.receive(), b"y")
            assert future.result(DEADLINE_S).body == b"y"


def test_an_idempotent_call_leaves_a_broker_that_is_silent(
    broker: FakeBroker, second: FakeBroker, clock: HandClock
) -> None:
    broker.answers_heartbeats = False
    with Client([broker.endpoint, second.endpoint], heartbeat_interval_s=BEAT_S, heartbeat_liveness=3) as client:
        future = client.submit("a", b"x", idempotent=True)
        broker.receive()
        broker.receive_heartbeats(1, clock)

        clock.advance(3 * BEAT_S)

        answer(second, second.receive(), b"y")
        assert future.result(DEADLINE_S).body == b"y"


def test_a_broker_that_drains_finishes_and_the_next_one_gets_what_is_new(
    broker: FakeBroker, second: FakeBroker, client: Client
) -> None:
    old = client.submit("a", b"")
    request = broker.receive()
    broker.send(request.peer, header(DRAIN, count=1))
    broker.send(request.peer, PING)
    assert broker.receive().command == HEARTBEAT  # so it has read the DRAIN

    assert_serves(second, client)

    answer(broker, request, b"old")
    assert old.result(DEADLINE_S).body == b"old"
    assert_serves(second, client)


def test_a_call_that_a_draining_broker_refuses_goes_to_the_next(
    broker: FakeBroker, second: FakeBroker, client: Client
) -> None:
    future = client.submit("a", b"")
    fail(broker, broker.receive(), DRAINING, b"no more")

    answer(second, second.receive(), b"y")
    assert future.result(DEADLINE_S).body == b"y"


def test_where_every_broker_drains_the_refusal_is_the_answer(broker: FakeBroker) -> None:
    with Client(broker.endpoint) as client:
        future = client.submit("a", b"")
        fail(broker, broker.receive(), DRAINING, b"no more")
        with pytest.raises(Draining):
            future.result(DEADLINE_S)


def test_an_idempotent_call_that_is_refused_for_now_is_asked_again(broker: FakeBroker) -> None:
    with Client(broker.endpoint, retries_max=1) as client:
        future = client.submit("a", b"", idempotent=True)
        fail(broker, broker.receive(), OVERLOADED, b"full", wait_ms=1)
        fail(broker, broker.receive(), OVERLOADED, b"still full", wait_ms=1)
        with pytest.raises(Overloaded, match="still full"):
            future.result(DEADLINE_S)

        future = client.submit("a", b"", idempotent=True, timeout=10)
        fail(broker, broker.receive(), OVERLOADED, b"too long to wait", wait_ms=20_000)
        with pytest.raises(Overloaded, match="too long"):
            future.result(DEADLINE_S)


def test_a_stream_that_has_begun_is_not_asked_again(broker: FakeBroker, second: FakeBroker, client: Client) -> None:
    stream = client.stream("a", b"", idempotent=True)
    with ThreadPoolExecutor(1) as caller:
        begun = caller.submit(next, stream)
        answer(broker, broker.receive(), b"1", PARTIAL)
        assert begun.result(DEADLINE_S).body == b"1"

    broker.close()

    with pytest.raises(ConnectionLost):
        next(stream)
    assert_serves(second, client)


def lost(*, sent: bool) -> ConnectionLost:
    return ConnectionLost(ErrorCode.CONNECTION_LOST, "lost", sent=sent)


def attempts(*, idempotent: bool = False, brokers: int = 1) -> Attempts:
    return Attempts(idempotent=idempotent, retries_max=3, brokers=brokers, patience_s=10, now_s=100)


def test_a_round_of_brokers_that_are_not_there_is_begun_anew_while_there_is_patience() -> None:
    round_of_two = attempts(brokers=2)

    assert [round_of_two.pause_s(lost(sent=False), 109) for _ in range(4)] == [0, 0.1, 0, 0.1]
    assert round_of_two.pause_s(lost(sent=False), 110) is None
    # A broker that takes all the patience by its silence does not keep the others from being tried.
    assert attempts(brokers=2).pause_s(lost(sent=False), 111) == 0


def test_retries_wait_longer_each_time_and_come_to_an_end() -> None:
    retried = attempts(idempotent=True)

    assert [retried.pause_s(lost(sent=True), 100) for _ in range(4)] == [0.1, 0.2, 0.4, None]
    full = request_failed(OVERLOADED, "full", retry_after_ms=5000)
    assert attempts(idempotent=True).pause_s(full, 100) == 5


@pytest.mark.parametrize("code", [6, 8, 9, 12])  # among them WORKER_LOST: the broker has tried the other workers
def test_what_asking_again_does_not_mend_is_not_asked_again(code: int) -> None:
    assert attempts(idempotent=True, brokers=2).pause_s(request_failed(code, "no"), 100) is None
