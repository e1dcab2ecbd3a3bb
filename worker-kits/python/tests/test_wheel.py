"""The wheel, built from a copy of the sources and installed where nothing else of the kit is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

import pytest
import zmq

from fakebroker import FakeBroker
from jackfield import __version__
from processes import KIT
from workers import reply

MISSING = [name for name in ("pip", "setuptools", "wheel", "ensurepip") if find_spec(name) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"{sys.executable} has no {', '.join(MISSING)}")

PROGRAM = """
import importlib.resources, jackfield
assert importlib.resources.files("jackfield").joinpath("py.typed").is_file()
print(jackfield.__version__, jackfield.__file__, flush=True)
worker = jackfield.Worker(__import__("sys").argv[1])
worker.add("test", lambda request: request.body.upper())
worker.run()
"""


def build_wheel(folder: Path) -> Path:
    sources = folder / "sources"
    shutil.copytree(KIT, sources, ignore=shutil.ignore_patterns("tests", "samples", "build", ".*", "*.egg-info"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    options = ["--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([*pip, "wheel", *options, str(sources)], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--python", str(python)]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(wheel)], check=True)
    return python


def test_a_worker_runs_from_the_wheel(broker: FakeBroker, tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path)
    assert wheel.name == f"jackfield-{__version__}-py3-none-any.whl"
    environment = tmp_path / "environment"
    python = install(wheel, environment)
    # Of what is installed here it gets pyzmq alone: an index to install it from need not be in reach.
    shared = tmp_path / "shared"
    shared.mkdir()
    for path in Path(zmq.__file__).parents[1].glob("*zmq*"):
        (shared / path.name).symlink_to(path)

    with subprocess.Popen(
        [str(python), "-c", PROGRAM, broker.endpoint],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(shared)},
    ) as process:
        try:
            peer = broker.welcome()
            broker.request(peer, 1, b"hello")
            assert broker.receive() == reply(peer, 1, b"HELLO")
            assert process.stdout is not None
            version, place = process.stdout.readline().split()
        finally:
            process.kill()
    assert version == __version__
    assert Path(place).is_relative_to(environment)
