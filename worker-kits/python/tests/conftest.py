from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from fakebroker import DEADLINE_S, FakeBroker, HandClock, RunningWorker
from jackfield import Client, Request, Worker, _clock
from processes import KIT, Launch
from workers import Serve, Start, worker_of


@pytest.fixture
def broker() -> Iterator[FakeBroker]:
    with FakeBroker() as broker:
        yield broker


@pytest.fixture
def start() -> Iterator[Start]:
    """Start workers; whichever the test has not brought to its end is stopped, so that a failed test ends too."""
    running: list[RunningWorker] = []

    def run(worker: Worker) -> RunningWorker:
        running.append(RunningWorker(worker))
        return running[-1]

    yield run
    for worker in running:
        worker.worker.stop()
        worker.join()


@pytest.fixture
def serve(broker: FakeBroker, start: Start) -> Serve:
    """Start a worker of one handler and let it join; returns it, and its address."""

    def run(handler: Callable[[Request], object], **options: float) -> tuple[RunningWorker, bytes]:
        running = start(worker_of(broker, handler, **options))
        return running, broker.welcome()

    return run


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> HandClock:
    """Judge silence by a clock in the test's hand."""
    clock = HandClock()
    monkeypatch.setattr(_clock, "now", clock.now)
    return clock


@pytest.fixture
def launch() -> Iterator[Launch]:
    launched: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        environment = os.environ | {"PYTHONPATH": str(KIT / "src")}
        process = subprocess.Popen(
            [sys.executable, "-W", "error", *arguments], stdout=subprocess.PIPE, text=True, env=environment
        )
        launched.append(process)
        return process

    yield start
    for process in launched:
        process.kill()
        process.wait(DEADLINE_S)
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture
def client(broker: FakeBroker) -> Iterator[Client]:
    with Client(broker.endpoint, heartbeat_interval_s=0.1, heartbeat_liveness=50) as client:
        yield client
