"""The samples and the README's programs as they stand, each a process of its own."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
import zmq

from fakebroker import DEADLINE_S, DISCONNECT, DRAIN, FAILURE, READY, REPLY, REQUEST, FakeBroker, header
from processes import KIT, Launch, first_line, see_it_drain


def ask(broker: FakeBroker, peer: bytes, service: bytes, body: bytes) -> tuple[int, bytes]:
    broker.request(peer, 1, body, service=service)
    answer = broker.receive()
    return answer.command, answer.rest[-1]


@pytest.mark.parametrize(
    ("sample", "service", "asked", "answered"),
    [
        ("upper_worker.py", "big", ["hé"], ["HÉ"]),
        (
            "is_prime_worker.py",
            "is-prime-py",
            ["2", "3", "4", "9", "43", "1681", "possible_prime=32416190071", "1048577", "9223372036854775783"],
            ["2", "3", "2", "3", "43", "41", "32416190071", "17", "9223372036854775783"],
        ),
    ],
)
@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_a_sample_serves_says_ready_and_drains(
    broker: FakeBroker,
    launch: Launch,
    sample: str,
    service: str,
    asked: list[str],
    answered: list[str],
    signal_number: int,
) -> None:
    process = launch(str(KIT / "samples" / sample), "--connect", broker.endpoint, "--service", service)
    peer = broker.welcome()
    assert first_line(process) == "ready\n"

    answers = [ask(broker, peer, service.encode(), body.encode()) for body in asked]

    assert answers == [(REPLY, body.encode()) for body in answered]
    see_it_drain(broker, process, signal_number)


@pytest.mark.parametrize("number", ["", "1", "-7", "x", "9223372036854775808", "7 7"])
def test_is_prime_refuses_what_is_no_number(broker: FakeBroker, launch: Launch, number: str) -> None:
    process = launch(str(KIT / "samples" / "is_prime_worker.py"), "--connect", broker.endpoint)
    peer = broker.welcome()

    command, cause = ask(broker, peer, b"is-prime-py", number.encode())

    assert (command, cause.partition(b":")[0]) == (FAILURE, b"number")
    assert first_line(process) == "ready\n"
    see_it_drain(broker, process)


def test_a_second_signal_ends_a_worker_that_is_busy(broker: FakeBroker, launch: Launch) -> None:
    program = (
        "import sys, threading; from jackfield import Worker\n"
        "worker = Worker(sys.argv[1])\n"
        "worker.add('hang', lambda request: threading.Event().wait())\n"
        "worker.run()\n"
    )
    process = launch("-c", program, broker.endpoint)
    peer = broker.welcome()
    # The refusal comes after the first request was taken: the worker is busy then, and listens to signals.
    broker.request(peer, 2, b"", service=b"hang")
    assert ask(broker, peer, b"other", b"")[0] == FAILURE

    process.send_signal(signal.SIGTERM)
    assert broker.receive().command == DRAIN
    process.send_signal(signal.SIGTERM)

    assert broker.receive().command == DISCONNECT
    assert process.wait(DEADLINE_S) == 1


def test_the_plain_sample_needs_nothing_but_zeromq(launch: Launch) -> None:
    with zmq.Context() as context, context.socket(zmq.DEALER) as broker:
        broker.setsockopt(zmq.LINGER, 0)
        broker.setsockopt(zmq.RCVTIMEO, int(DEADLINE_S * 1000))
        port = broker.bind_to_random_port("tcp://127.0.0.1")
        process = launch(str(KIT / "samples" / "plain_rep_worker.py"), "--connect", f"tcp://127.0.0.1:{port}")
        assert first_line(process) == "ready\n"

        broker.send_multipart([b"token", b"", b"hello", b"you"])

        assert broker.recv_multipart() == [b"token", b"", b"HELLO", b"YOU"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_S) == 0


def readme_programs() -> list[str]:
    return re.findall(r"```python\n(.*?)```", (KIT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


def test_the_programs_of_the_readme_work_as_written(broker: FakeBroker, launch: Launch, tmp_path: Path) -> None:
    worker, client = readme_programs()
    assert len([line for line in worker.splitlines() if line]) <= 10
    programs = {"worker.py": worker, "client.py": client}
    for name, program in programs.items():
        text = program.replace("tcp://127.0.0.1:5555", broker.endpoint)
        assert text != program
        (tmp_path / name).write_text(text, encoding="utf-8")

    serving = launch(str(tmp_path / "worker.py"))
    ready = broker.receive()
    assert (ready.command, ready.rest[2]) == (READY, b"name:upper\n")
    broker.send(ready.peer, header(2, count=1))
    asking = launch(str(tmp_path / "client.py"))
    request = broker.receive()
    assert (request.command, request.time_ms, request.rest) == (REQUEST, 5000, [b"upper", b"", b"hello"])
    command, body = ask(broker, ready.peer, b"upper", request.rest[2])
    broker.send(request.peer, header(command, request_id=request.id), b"", b"", body)

    assert first_line(asking) == "HELLO\n"
    assert asking.wait(DEADLINE_S) == 0
    see_it_drain(broker, serving)
