"""An asyncio loop in a thread of its own, so that plain code can keep many answers of a server under way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterable
from concurrent.futures import Future
from typing import Any, TypeVar

from connectors.gathered_writes import GatheringLoop

Result = TypeVar("Result")


class BackgroundLoop:
    """Started at the first use; safe to use from any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, work: Coroutine[Any, Any, Result]) -> Future[Result]:
        """The result to come."""
        return asyncio.run_coroutine_threadsafe(work, self._started())

    def submit_all(self, works: Iterable[Coroutine[Any, Any, Result]]) -> list[Future[Result]]:
        """The results to come of many, for the price of waking the loop once."""
        loop = self._started()
        pairs: list[tuple[Coroutine[Any, Any, Result], Future[Result]]] = [(work, Future()) for work in works]

        def begin() -> None:
            for work, future in pairs:
                task = loop.create_task(_resolved(work, future))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

        loop.call_soon_threadsafe(begin)
        return [future for _, future in pairs]

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """The result, waited for."""
        return self.submit(work).result()

    def stop(self) -> None:
        """Nothing; what was under way is cancelled and the thread has ended. A later use starts another."""
        with self._starting:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is not None and thread is not None:
            asyncio.run_coroutine_threadsafe(_cancelled(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = GatheringLoop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="relais-loop", daemon=True)
                self._thread.start()
            return self._loop


async def _resolved(work: Coroutine[Any, Any, Result], future: Future[Result]) -> None:
    try:
        result = await work
    except BaseException as error:
        future.set_exception(error)
        if not isinstance(error, Exception):
            raise
    else:
        future.set_result(result)


async def _cancelled() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()
