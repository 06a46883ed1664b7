"""Durable work: jobs enqueued in the transaction that needs them, and periods run once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from sqlalchemy import CursorResult, text
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Moment, Work

if TYPE_CHECKING:
    from datetime import datetime

DELIVER = "deliver"
IMPORT = "import_upload"
TELL = "tell_returned"


class JobRun(Base):
    """One period of one clock job, claimed by the first process that gets there."""

    __tablename__ = "job_run"

    job: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[Moment]


# Source: the schema of procrastinate 3.10, whose own `defer` opens a connection of its own.
ENQUEUE = text(
    "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW("
    "'default', :task, 0, CAST(:lock AS text), NULL, CAST(:args AS jsonb),"
    " now() + make_interval(secs => :seconds))::procrastinate_job_to_defer_v1])"
)


async def enqueue(
    work: Work,
    task: str,
    args: dict[str, list[int]],
    *,
    after: timedelta = timedelta(0),
    lock: str | None = None,
) -> None:
    """Enqueue one job; a worker sees it when, and only if, this transaction commits.

    It starts `after` that, by the clock of the database, whatever time a demo plays at. Jobs of
    one `lock` run one after the other, in the order they were enqueued.
    """
    values = {
        "task": task,
        "args": json.dumps(args),
        "seconds": after.total_seconds(),
        "lock": lock,
    }
    await work.execute(ENQUEUE, values)


async def first_to_run(work: Work, job: str, period: str, now: datetime) -> bool:
    """Claim one period of one job; False when it was already claimed."""
    claim = text(
        "INSERT INTO job_run (job, period, at) VALUES (:job, :period, :at) ON CONFLICT DO NOTHING"
    )
    result = await work.execute(claim, {"job": job, "period": period, "at": now})
    return cast("CursorResult[object]", result).rowcount == 1


async def forget_old_runs(work: Work, now: datetime, keep: timedelta) -> None:
    """Delete the record of periods so long past that nothing can ask for them again."""
    await work.execute(text("DELETE FROM job_run WHERE at < :before"), {"before": now - keep})
