"""The kit in programs in which gevent has made greenlets of threads; each is a process, since that cannot be undone."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from fakebroker import DEADLINE_S, REPLY, REQUEST, FakeBroker, header
from processes import Launch, first_line, see_it_drain
from workers import reply

pytestmark = pytest.mark.skipif(
    find_spec("gevent") is None, reason=f"{sys.executable} has no gevent (Debian: python3-gevent)"
)

CALLS = 20

WORKER = f"""
from gevent import monkey; monkey.patch_all()
import sys
from gevent.event import Event
from jackfield import Worker

worker, here, all_here = Worker(sys.argv[1], credit={CALLS}), [], Event()

@worker.service("test")
def together(request):
    here.append(request.body)
    if len(here) == {CALLS}:
        all_here.set()
    assert all_here.wait({DEADLINE_S})
    return request.body

@worker.service("count")
def count(request):
    yield b"1"
    yield b"2"

worker.run(on_ready=lambda: print("ready", flush=True))
"""

CLIENT = f"""
from gevent import monkey; monkey.patch_all()
import sys
import gevent
import zmq.green as zmq
from jackfield import Client, NoSuchService

with zmq.Context() as context, Client(sys.argv[1]) as client:
    calls = [gevent.spawn(client.call, "test", str(number)) for number in range({CALLS})]
    with context.socket(zmq.PAIR) as one, context.socket(zmq.PAIR) as other:  # sockets of its own go on meanwhile
        one.bind("inproc://pair")
        other.connect("inproc://pair")
        receiving = gevent.spawn(one.recv)
        gevent.sleep(0)
        other.send(b"pair")
        print(receiving.get(timeout={DEADLINE_S}).decode(), flush=True)
    print(*[call.get(timeout={DEADLINE_S}).text for call in calls], flush=True)
    future = client.submit("test", b"later")
    print(future.result({DEADLINE_S}).text, *[reply.text for reply in client.stream("count", b"")], flush=True)
    try:
        client.call("none", b"")
    except NoSuchService as e:
        print(e.name, flush=True)
"""


def write(folder: Path, program: str) -> str:
    path = folder / "program.py"
    path.write_text(program, encoding="utf-8")
    return str(path)


def test_a_workers_handlers_are_greenlets(broker: FakeBroker, launch: Launch, tmp_path: Path) -> None:
    process = launch(write(tmp_path, WORKER), broker.endpoint)
    peer = broker.welcome(services=2)
    assert first_line(process) == "ready\n"

    for number in range(1, CALLS + 1):
        broker.request(peer, number, b"%d" % number)

    answers = sorted((broker.receive() for _ in range(CALLS)), key=lambda answer: answer.id)
    assert answers == [reply(peer, number, b"%d" % number) for number in range(1, CALLS + 1)]
    broker.request(peer, 100, b"", service=b"count")
    assert [broker.receive().rest[2] for _ in range(3)] == [b"1", b"2", b""]
    see_it_drain(broker, process)


def test_greenlets_share_a_client(broker: FakeBroker, launch: Launch, tmp_path: Path) -> None:
    process = launch(write(tmp_path, CLIENT), broker.endpoint)

    requests = [broker.receive() for _ in range(CALLS)]  # all are outstanding at a time
    assert first_line(process) == "pair\n"
    for request in reversed(requests):
        broker.send(request.peer, header(REPLY, request_id=request.id), b"", b"", request.rest[2])
    assert first_line(process).split() == [str(number) for number in range(CALLS)]
    later = broker.receive()
    broker.send(later.peer, header(REPLY, request_id=later.id), b"", b"", b"here")
    stream = broker.receive()
    for flags, body in ((1, b"1"), (0, b"2")):
        broker.send(stream.peer, header(REPLY, flags=flags, request_id=stream.id), b"", b"", body)
    assert first_line(process) == "here 1 2\n"
    failing = broker.receive()
    assert failing.command == REQUEST
    broker.send(failing.peer, header(5, code=6, request_id=failing.id), b"", b"", b"none of that name")
    assert first_line(process) == "NO_SUCH_SERVICE\n"
    assert process.wait(DEADLINE_S) == 0
