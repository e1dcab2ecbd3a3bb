"""Programs as processes of their own, for tests that run what a user would run."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from fakebroker import DEADLINE_S, DISCONNECT, DRAIN, FakeBroker, header

KIT = Path(__file__).resolve().parents[1]
Launch = Callable[..., "subprocess.Popen[str]"]


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def see_it_drain(broker: FakeBroker, process: subprocess.Popen[str], signal_number: int = signal.SIGTERM) -> None:
    process.send_signal(signal_number)
    drain = broker.receive()
    assert drain.command == DRAIN
    broker.send(drain.peer, header(DRAIN))
    assert broker.receive().command == DISCONNECT
    assert process.wait(DEADLINE_S) == 0
