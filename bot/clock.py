"""What time it is: the real one, or one that a demo or a test has set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

Clock = Callable[[], datetime]


def shifted(real: Clock, start: datetime) -> Clock:
    """A clock that shows `start` now and runs on from there."""
    offset: timedelta = start - real()
    return lambda: real() + offset
