"""Threads that are threads, also in a program in which gevent has made greenlets of them.

gevent's ``monkey.patch_all()`` turns ``threading.Thread`` into a greenlet of the thread that starts it. Two asyncio
loops cannot share a thread, so the client's loop gets a real one, and with it a real selector. Locks and futures,
however, are gevent's there; not every version of it wakes a greenlet from another thread's ``notify``, so what a
greenlet waits for is brought home to its hub first.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import ModuleType
from typing import Any, TypeVar

T = TypeVar("T")


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Make an event loop for a thread that :func:`start` starts."""
    monkey = _monkey()
    if monkey is None:
        return asyncio.new_event_loop()
    return asyncio.SelectorEventLoop(monkey.get_original("selectors", "DefaultSelector")())


def start(function: Callable[[], object], name: str) -> Future[None]:
    """Run the function on a thread of its own, which does not keep the process alive; the future is done at its end."""
    ended: Future[None] = Future()

    def run() -> None:
        try:
            function()
        finally:
            ended.set_result(None)

    monkey = _monkey()
    if monkey is None:
        threading.Thread(target=run, name=name, daemon=True).start()
    else:
        monkey.get_original("_thread", "start_new_thread")(run, ())
    return at_home(ended)


def at_home(future: Future[T]) -> Future[T]:
    """Return a future that ends as this one, where this thread can wait for it: in most programs, the same."""
    if _monkey() is None:
        return future
    front: Future[T] = Future()
    # A watcher of the hub, which may be told from any thread, and for which the hub waits.
    watcher = importlib.import_module("gevent").get_hub().loop.async_()
    watcher.start(lambda: _bring(future, front, watcher))
    front.add_done_callback(lambda ended: future.cancel() if ended.cancelled() else None)
    future.add_done_callback(lambda _: watcher.send())
    return front


async def run(function: Callable[[], object], name: str) -> None:
    """Run a function that blocks on a thread of its own, and wait for it."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def call() -> None:
        try:
            function()
        finally:
            loop.call_soon_threadsafe(ended.set)

    start(call, name)
    await ended.wait()


def _bring(future: Future[T], front: Future[T], watcher: Any) -> None:
    watcher.stop()
    watcher.close()
    if future.cancelled():
        front.cancel()
    if not front.set_running_or_notify_cancel():
        return
    error = future.exception()
    if error is None:
        front.set_result(future.result())
    else:
        front.set_exception(error)


def _monkey() -> ModuleType | None:
    """Return the module that has put the real threads aside; None where they are still in place."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey if monkey is not None and monkey.is_module_patched("threading") else None
