"""Pushes to many: made when they are due, once a year, for exactly the audience."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import case, insert, literal, select
from sqlalchemy.dialects.postgresql import distinct_on

from handlers.types import REPLY, say
from models.campaign import Campaign
from models.conversation import Conversation
from models.delivery import BODY, Delivery, Status
from models.job import DELIVER, enqueue, first_to_run
from models.member import Member
from scheduler.season import SHANGHAI, Season

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select

    from models.db import Sessions, Work
    from models.seal import KeyRing

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """How campaigns run: `catch_up` after the due time at the latest, `batch` people a job."""

    seasons: Sequence[Season]
    catch_up: timedelta
    batch: int
    expiry: timedelta
    channels: tuple[str, ...]


async def run_due(sessions: Sessions, ring: KeyRing, plan: Plan, now: datetime) -> list[str]:
    """Start every campaign that is due and was not started; the slugs of those started here.

    Rows and jobs are one commit with the claim of the year, so a crash leaves all or nothing.
    """
    started = []
    for season in plan.seasons:
        due = _latest(season, now)
        if now > due + plan.catch_up:
            continue
        async with sessions.begin() as work:
            if await first_to_run(work, f"season:{season.slug}", str(due.year), now):
                await _start(work, ring, season, plan, now)
                started.append(season.slug)
    return started


def _latest(season: Season, now: datetime) -> datetime:
    """When the campaign was due last, be it in the year before."""
    due = season.due.in_year(now.astimezone(SHANGHAI).year)
    return due if due <= now else season.due.in_year(due.year - 1)


async def _start(work: Work, ring: KeyRing, season: Season, plan: Plan, now: datetime) -> None:
    due = _latest(season, now)
    campaign = Campaign(
        slug=season.slug, period=str(due.year), title=season.title, due_at=due, started_at=now
    )
    work.add(campaign)
    await work.flush()
    body = ring.seal(REPLY.dump_json(say(season.text)), BODY)
    columns = [
        Delivery.campaign_id,
        Delivery.member_id,
        Delivery.conversation_id,
        Delivery.status,
        Delivery.reason,
        Delivery.created_at,
        Delivery.not_before,
        Delivery.expires_at,
        Delivery.body,
    ]
    audience = _audience(season, plan).subquery()
    reached = audience.c.conversation_id.is_not(None)
    rows = select(
        literal(campaign.id),
        audience.c.member_id,
        audience.c.conversation_id,
        case((reached, literal(Status.QUEUED.value)), else_=literal(Status.SKIPPED.value)),
        case((reached, None), else_=literal("not bound")),
        literal(now),
        literal(now),
        literal(now + plan.expiry),
        literal(body),
    )
    made = await work.execute(
        insert(Delivery).from_select(columns, rows).returning(Delivery.id, Delivery.status)
    )
    everybody = made.all()
    ids = [row for row, status in everybody if status == Status.QUEUED]
    for start in range(0, len(ids), plan.batch):
        await enqueue(work, DELIVER, {"ids": ids[start : start + plan.batch]})
    campaign.audience = len(everybody)
    log.info("campaign %s: %s people, %s reachable", season.slug, len(everybody), len(ids))


def _audience(season: Season, plan: Plan) -> Select[int, int]:
    """Every present member that is meant, with the conversation they last wrote in."""
    query = (
        select(Member.id.label("member_id"), Conversation.id.label("conversation_id"))
        .ext(distinct_on(Member.id))
        .outerjoin(
            Conversation,
            (Conversation.member_id == Member.id)
            & Conversation.following
            & Conversation.channel.in_(plan.channels),
        )
        .where(Member.left_at.is_(None))
        .order_by(Member.id, Conversation.last_inbound_at.desc().nulls_last())
    )
    return (
        query if season.audience.sex == "all" else query.where(Member.sex == season.audience.sex)
    )
