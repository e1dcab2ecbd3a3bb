"""Threads for handlers that are not coroutines."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any


class HandlerThreads:
    """At most ``threads_max`` threads that run what they are given, in its order.

    Unlike those of ThreadPoolExecutor they are daemons: a handler that does not end must not keep the process alive
    after its drain timeout. ``submit`` and ``stop`` belong to the event loop's thread.
    """

    def __init__(self, threads_max: int) -> None:
        self._threads_max = threads_max
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._idle = threading.Semaphore(0)
        self._ended: Future[None] = Future()
        self._leaving = threading.Lock()  # guards _left, which each thread counts up as it ends
        self._left = 0

    def submit(self, function: Callable[[], Any]) -> Future[Any]:
        """Run the function on a thread; cancelling the future before it began keeps it from running."""
        future: Future[Any] = Future()
        self._work.put(lambda: _run(function, future))
        if not self._idle.acquire(blocking=False) and len(self._threads) < self._threads_max:
            thread = threading.Thread(target=self._loop, name=f"jackfield-handler-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return future

    def stop(self) -> Future[None]:
        """Let every thread end after what it has been given; the future is done when the last one has."""
        for _ in self._threads:
            self._work.put(None)
        if not self._threads:
            self._ended.set_result(None)
        return self._ended

    def _loop(self) -> None:
        while True:
            try:
                work = self._work.get_nowait()
            except queue.Empty:
                self._idle.release()
                work = self._work.get()
            if work is None:
                break
            work()
            # Do not hold on to a request and its body while waiting for the next one.
            del work
        with self._leaving:
            self._left += 1
            last = self._left == len(self._threads)
        if last:
            self._ended.set_result(None)


def _run(function: Callable[[], Any], future: Future[Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = function()
    except StopIteration as e:
        # A future that is awaited cannot hold a StopIteration: it would mean the end of the awaiting generator.
        error = RuntimeError("the handler raised StopIteration")
        error.__cause__ = e
        future.set_exception(error)
    except BaseException as e:  # whoever awaits the future gets it, whatever it is
        future.set_exception(e)
    else:
        future.set_result(result)
