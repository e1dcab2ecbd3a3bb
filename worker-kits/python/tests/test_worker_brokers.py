"""Several brokers, Unix sockets, large bodies, and what a worker tells of itself."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clients import answer
from fakebroker import DEADLINE_S, DISCONNECT, DRAIN, READY, REPLY, FakeBroker, HandClock, header
from jackfield import Client, RegistrationRefused, Request, Worker, WorkerStatus
from workers import Serve, Start, echo, reply

MIB = 1 << 20


@pytest.fixture
def second() -> Iterator[FakeBroker]:
    with FakeBroker() as second:
        yield second


def worker_of_both(
    broker: FakeBroker, second: FakeBroker, function: Callable[[Request], object] = echo, credit: int = 2
) -> Worker:
    worker = Worker([broker.endpoint, second.endpoint], credit=credit, heartbeat_interval_s=0.1, heartbeat_liveness=50)
    worker.add("test", function)  # type: ignore[arg-type]
    return worker


def leave(worker: Worker, *brokers: FakeBroker) -> None:
    worker.stop()
    for broker in brokers:
        drain = broker.receive()
        assert drain.command == DRAIN
        broker.send(drain.peer, header(DRAIN))
        assert broker.receive().command == DISCONNECT


def test_serves_several_brokers_at_a_time(broker: FakeBroker, second: FakeBroker, start: Start) -> None:
    running = start(worker_of_both(broker, second))
    peers = broker.welcome(), second.welcome()

    broker.request(peers[0], 1, b"of the first")
    second.request(peers[1], 1, b"of the second")

    assert broker.receive() == reply(peers[0], 1, b"of the first")
    assert second.receive() == reply(peers[1], 1, b"of the second")
    leave(running.worker, broker, second)
    running.join()
    assert running.error is None


def test_one_broker_is_enough_and_the_other_may_come_later(broker: FakeBroker, start: Start) -> None:
    with FakeBroker() as late:
        endpoint = late.endpoint
        worker = worker_of_both(broker, late)
    running = start(worker)
    broker.welcome()
    assert running.ready.wait(DEADLINE_S)

    with FakeBroker(endpoint) as late:
        peer = late.welcome()
        broker.close()
        late.request(peer, 1, b"x")
        assert late.receive() == reply(peer, 1, b"x")
        leave(running.worker, late)
        running.join()
    assert running.error is None


def test_goes_on_where_it_is_wanted_and_ends_when_nobody_wants_it(
    broker: FakeBroker, second: FakeBroker, start: Start
) -> None:
    running = start(worker_of_both(broker, second))
    ready = broker.receive()
    broker.send(ready.peer, header(5, code=17), b"", b"", b"too many services")
    peer = second.welcome()
    second.request(peer, 1, b"x")
    assert second.receive() == reply(peer, 1, b"x")
    leave(running.worker, second)
    running.join()
    assert running.error is None

    unwanted = start(worker_of_both(broker, second))
    for each in (broker, second):
        ready = each.receive()
        assert ready.command == READY
        each.send(ready.peer, header(5, code=17), b"", b"", b"too many services")
    unwanted.join()
    assert isinstance(unwanted.error, RegistrationRefused)


@pytest.mark.parametrize("kind", ["thread", "coroutine"])
def test_all_brokers_together_get_no_more_done_at_a_time_than_the_credit(
    broker: FakeBroker, second: FakeBroker, start: Start, kind: str
) -> None:
    begun, go_on, bodies = threading.Event(), threading.Event(), list[bytes]()

    def on_a_thread(request: Request) -> bytes:
        bodies.append(request.body)
        begun.set()
        assert go_on.wait(DEADLINE_S)
        return request.body

    async def on_the_loop(request: Request) -> bytes:
        return await asyncio.to_thread(on_a_thread, request)

    handler = on_a_thread if kind == "thread" else on_the_loop
    running = start(worker_of_both(broker, second, handler, credit=1))
    peers = broker.welcome(), second.welcome()
    broker.request(peers[0], 1, b"first")
    assert begun.wait(DEADLINE_S)
    second.request(peers[1], 1, b"second")
    second.request(peers[1], 2, b"refused")  # beyond its credit: the refusal says that the one before was read
    assert second.receive().id == 2
    assert bodies == [b"first"]
    assert running.worker.status().in_flight == 2

    go_on.set()

    assert broker.receive() == reply(peers[0], 1, b"first")
    assert second.receive() == reply(peers[1], 1, b"second")
    leave(running.worker, broker, second)


def test_tells_what_it_has_and_for_how_long(
    broker: FakeBroker, serve: Serve, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "jackfield.worker")
    begun, go_on = threading.Event(), threading.Event()

    def handler(request: Request) -> bytes:
        begun.set()
        assert go_on.wait(DEADLINE_S)
        return b""

    running, peer = serve(handler, heartbeat_interval_s=60)
    assert running.ready.wait(DEADLINE_S)
    assert running.worker.status() == WorkerStatus(brokers=1, in_flight=0, oldest_s=0.0, draining=False)
    broker.request(peer, 1, b"")
    assert begun.wait(DEADLINE_S)
    clock.advance(1.25)
    assert running.worker.status() == WorkerStatus(brokers=1, in_flight=1, oldest_s=1.25, draining=False)

    running.worker.stop()

    assert broker.receive().command == DRAIN
    assert running.worker.status().draining
    assert f"{broker.endpoint}: draining: 1 requests in flight, oldest 1.2 s" in caplog.messages
    go_on.set()
    assert broker.receive().command == REPLY
    assert broker.receive().command == DISCONNECT  # its heartbeat was answered meanwhile


def test_bodies_may_be_as_large_as_one_says(broker: FakeBroker, start: Start) -> None:
    body = bytes(17 * MIB)
    worker = Worker(broker.endpoint, body_bytes_max=len(body), heartbeat_interval_s=10)
    worker.add("test", echo)
    running = start(worker)
    peer = broker.welcome(headers=b"body-bytes-max:%d\n" % len(body))

    broker.request(peer, 1, body)

    assert broker.receive() == reply(peer, 1, body)
    running.leave(broker)
    with Client(broker.endpoint, body_bytes_max=len(body), heartbeat_interval_s=10) as client:
        future = client.submit("test", body)
        request = broker.receive()
        assert len(request.rest[2]) == len(body)
        answer(broker, request, body)
        assert future.result(DEADLINE_S).body == body


def test_worker_and_client_come_over_unix_sockets(start: Start, tmp_path: Path) -> None:
    with FakeBroker(f"ipc://{tmp_path}/broker") as broker:
        worker = Worker(broker.endpoint)
        worker.add("test", echo)
        running = start(worker)
        peer = broker.welcome()
        broker.request(peer, 1, b"x")
        assert broker.receive() == reply(peer, 1, b"x")
        with Client(broker.endpoint) as client:
            future = client.submit("test", b"y")
            answer(broker, broker.receive(), b"z")
            assert future.result(DEADLINE_S).body == b"z"
        running.leave(broker)
