from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from fakebroker import FakeBroker, RunningWorker
from jackfield import Worker


@pytest.fixture
def broker() -> Iterator[FakeBroker]:
    with FakeBroker() as broker:
        yield broker


@pytest.fixture
def start() -> Iterator[Callable[[Worker], RunningWorker]]:
    """Start workers; whichever the test has not brought to its end is stopped, so that a failed test ends too."""
    running: list[RunningWorker] = []

    def run(worker: Worker) -> RunningWorker:
        running.append(RunningWorker(worker))
        return running[-1]

    yield run
    for worker in running:
        worker.worker.stop()
        worker.join()
