"""Slow work beside the loop, and waiting for what is loaded in the background."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


async def aside(work: Callable[..., Result], *arguments: object) -> Result:
    """The result of slow work in a thread that does not hold up the end of the process."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def tell(result: Result | None, fault: BaseException | None) -> None:
        if done.done():
            return
        if fault is not None:
            done.set_exception(fault)
        else:
            done.set_result(cast("Result", result))

    def run() -> None:
        result, fault = None, None
        try:
            result = work(*arguments)
        except BaseException as exc:  # noqa: BLE001 - handed over to who waits
            fault = exc
        with suppress(RuntimeError):  # the loop may have been closed meanwhile
            loop.call_soon_threadsafe(tell, result, fault)

    threading.Thread(target=run, daemon=True).start()
    return await done


async def begun(ready: asyncio.Event, task: asyncio.Task[None] | None) -> None:
    """Wait until a background task has loaded what it loads; raises what kept it from that."""
    waiting = asyncio.ensure_future(ready.wait())
    await asyncio.wait(
        {waiting} if task is None else {waiting, task}, return_when=asyncio.FIRST_COMPLETED
    )
    waiting.cancel()
    if task is not None and task.done():
        task.result()
