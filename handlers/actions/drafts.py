"""Open forms: kept for weeks, whatever the channel, sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from handlers.draft import Draft
from models.application import DRAFT, DraftRow, find_draft

if TYPE_CHECKING:
    from datetime import datetime

    from models.db import Work
    from models.seal import KeyRing


def open_draft(row: DraftRow, ring: KeyRing) -> Draft:
    """The form as it was left."""
    return Draft.from_json(ring.open_text(row.body, DRAFT))


async def keep(work: Work, ring: KeyRing, member_id: int, draft: Draft, now: datetime) -> DraftRow:
    """Store the form as it is now, over what was stored before."""
    row = await find_draft(work, member_id, draft.programme)
    body = ring.seal_text(draft.to_json(), DRAFT)
    if row is None:
        row = DraftRow(
            member_id=member_id,
            programme=draft.programme,
            version=draft.version,
            body=body,
            created_at=now,
            updated_at=now,
        )
        work.add(row)
    row.version, row.body, row.updated_at = draft.version, body, now
    await work.flush()
    return row


async def drop(work: Work, member_id: int, programme: str) -> None:
    """Forget an open form."""
    await work.execute(
        delete(DraftRow).where(DraftRow.member_id == member_id, DraftRow.programme == programme)
    )


async def asked_field(work: Work, ring: KeyRing, member_id: int, programme: str) -> str | None:
    """The path of the question that waits for an answer; None when none does."""
    row = await find_draft(work, member_id, programme)
    return None if row is None else open_draft(row, ring).asked or None
